/// Something that clients may watch. Events of one incarnation are numbered without a gap from 1: who sees a gap, or another
/// incarnation, asks for a snapshot.
package struct JobEvent: Hashable, Sendable {
    package enum Body: Hashable, Sendable {
        case job(JobID, JobState, StateReason)
        /// Finished and failed units of all units of a job.
        case progress(JobID, completed: UInt64, failed: UInt64, total: UInt64)
        /// How far one unit is.
        case unitProgress(UnitID, UnitProgress)
        case worker(WorkerID, WorkerChange)
        case hold(Bool, reason: String)
    }
    /// What happened to a worker.
    package enum WorkerChange: String, CaseIterable, Hashable, Sendable {
        case joined, returned, lost, died, left, superseded, executableMismatch
    }
    package var incarnation: UInt64
    package var sequence: UInt64
    package var wallMilliseconds: Int64
    package var body: Body
    package init(incarnation: UInt64, sequence: UInt64, wallMilliseconds: Int64, body: Body) {
        self.incarnation = incarnation
        self.sequence = sequence
        self.wallMilliseconds = wallMilliseconds
        self.body = body
    }
}
