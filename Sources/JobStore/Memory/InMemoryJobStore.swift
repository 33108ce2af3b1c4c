package import Coordination

/// A store that lives as long as the process: for tests and for fleets that need no memory of their jobs.
///
/// It keeps rows as the durable store does, so that both answer alike; a batch that contradicts them is taken back row by row.
package final class InMemoryJobStore: JobStore {
    /// The row of a unit that was dispatched at least once. Its attempt number stands in `dispatch`.
    struct UnitRow {
        enum State: Hashable {
            case pending(PendingUnit)
            case out
            case completed
            case failed
        }
        var state: State
        /// The last dispatch.
        var dispatch: UnitDispatch
        var finishedAtMilliseconds: Int64?
        var failure: UnitFailure?
        var result: [UInt8]?
    }

    struct JobRow {
        var record: JobRecord
        var changedAtMilliseconds: Int64
        var payload: [UInt8]
        var units: [UInt64: UnitRow] = [:]
        var log: [StateLogEntry]
        /// Attempts whose unit's row says nothing of them any more.
        var attempts: [AttemptRecord] = []
    }

    /// What has to be put back when a batch fails, in the reverse of this order.
    enum Undo {
        case insertion(JobID)
        case state(JobID, JobState, changedAt: Int64)
        case unit(UnitID, UnitRow?)
        case attempts(JobID, count: Int)
        case submission(SubmissionID, [AcceptedJob]?)
        case lateReport
        case incarnation(UInt64)
    }

    let name = "memory"
    var rows: [JobID: JobRow] = [:]
    var lastID = JobID(0)
    /// The newest job per address is the last one.
    var succeeded: [JobAddress: [JobID]] = [:]
    var submissions: [SubmissionID: [AcceptedJob]] = [:]
    var lateReports: [StoredLateReport] = []
    var incarnation: UInt64 = 0
    var undo: [Undo] = []

    package init() {}

    package func open() throws(JobStoreError) -> StoreSnapshot {
        incarnation += 1
        let open = rows.values.filter { !$0.record.state.isTerminal }.sorted { $0.record.id < $1.record.id }
        return StoreSnapshot(
            incarnation: incarnation, nextJobID: JobID(lastID.rawValue + 1), jobs: open.map { $0.storedJob() })
    }

    package func close() throws(JobStoreError) {}
}

extension InMemoryJobStore.JobRow {
    func storedJob() -> StoredJob {
        var job = StoredJob(record: record)
        for (index, row) in units.sorted(by: { $0.key < $1.key }) {
            switch row.state {
            case .completed: job.completedUnits.insert(contentsOf: index..<index + 1)
            case .failed: job.failedUnits.insert(contentsOf: index..<index + 1)
            case .pending(let unit): job.pendingUnits.append(unit)
            case .out: job.dispatches.append(row.dispatch)
            }
        }
        return job
    }
}
