package import Coordination

/// A store that lives as long as the process: for tests and for fleets that need no memory of their jobs.
///
/// It keeps rows as the durable store does, so that both answer alike; a batch that contradicts them is taken back row by row.
package final class InMemoryJobStore: JobStore {
    /// What has to be put back when a batch fails, in the reverse of this order.
    enum Undo {
        case insertion(JobID, lastID: JobID)
        case state(JobRow, JobState, changedAt: Int64)
        /// The unit was not there.
        case firstDispatch(JobRow, UInt64)
        /// The unit was out.
        case outcome(JobRow, UInt64)
        indirect case unit(JobRow, UInt64, UnitRow?)
        case attempts(JobRow, count: Int)
        indirect case submission(SubmissionID, [AcceptedJob]?)
        case lateReport
        case records(JobRow, count: Int)
        case incarnation(UInt64)
        case sessions([WorkerSession], dead: [SessionID])
    }

    let name = "memory"
    var rows = JobRows()
    var lastID = JobID(0)
    var succeeded = SuccessIndex()
    var submissions: [SubmissionID: [AcceptedJob]] = [:]
    var lateReports: [StoredLateReport] = []
    var incarnation: UInt64 = 0
    var workers: [WorkerSession] = []
    var deadSessions: [SessionID] = []
    var undo: [Undo] = []

    package init() {}

    package func open() throws(JobStoreError) -> StoreSnapshot {
        incarnation += 1
        let open = rows.all.filter { !$0.record.state.isTerminal }.sorted { $0.record.id < $1.record.id }
        return StoreSnapshot(
            incarnation: incarnation, nextJobID: JobID(lastID.rawValue + 1), jobs: open.map { $0.storedJob() },
            workers: workers, deadSessions: deadSessions)
    }

    package func backUp(to path: String) throws(JobStoreError) -> any StoreBackup {
        throw JobStoreError(.failed, store: name, detail: "it is in memory only and cannot be copied to \(path)")
    }

    package func close() throws(JobStoreError) {}
}
