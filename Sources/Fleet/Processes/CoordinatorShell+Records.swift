internal import Coordination
internal import JobStore

/// Records on their way back to a worker whose journal lacks them.
extension CoordinatorShell {
    /// The answer to a worker that asks for records; nil: they cannot be read, and the worker asks again.
    func storedRecords(of grant: Grant, from first: UInt64) -> CoordinatorToWorker? {
        do throws(JobStoreError) {
            let records = try store.records(
                of: grant.unit.job, from: first, limit: RecordBatch.recordLimit, byteLimit: RecordBatch.batchBytes)
            return .storedRecords(StoredRecords(token: grant.token, first: first, records: records))
        } catch {
            output.note("the records of job \(grant.unit.job) cannot be read, they are tried again: \(error)")
            return nil
        }
    }
}
