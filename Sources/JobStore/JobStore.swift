package import Coordination

/// Where the coordinator keeps its jobs.
///
/// A store belongs to one thread: it is synchronous and not `Sendable`. The coordinator's shell calls `open()` once, hands
/// the snapshot to its instance, and from then on commits the changes of every batch of inputs before it sends anything of
/// that batch. Every implementation passes `JobStoreConformance` (in the tests of this module).
///
/// The answers of `AddressLookup` cannot throw: a store that fails to read remembers the error, answers as if nothing were
/// there, and throws it at the next `commit`, so that nothing which was decided on that answer is ever confirmed.
package protocol JobStore: AnyObject, AddressLookup {
    /// Raises the incarnation durably and reads all jobs that are not terminal. Payloads and results are not loaded.
    func open() throws(JobStoreError) -> StoreSnapshot

    /// Stores all of the changes in their order, or none of them. It returns when they are as durable as the store makes
    /// them.
    func commit(_ changes: [StoreChange], bytes: some JobBytes) throws(JobStoreError)

    /// The payload of a job; nil: there is no such job.
    func payload(of job: JobID) throws(JobStoreError) -> [UInt8]?

    /// Jobs, newest first.
    func jobs(matching filter: JobFilter) throws(JobStoreError) -> [JobSummary]

    /// Everything about a job except its payload and results; at most `attemptLimit` attempts, the newest of them.
    func detail(of job: JobID, attemptLimit: Int) throws(JobStoreError) -> JobDetail?

    /// Recorded results in the order of their units, from `unit` on: at most `limit` of them, and no more after the one
    /// with which they reach `byteLimit` bytes, so that at least one comes where there is one.
    func results(of job: JobID, from unit: UInt64, limit: Int, byteLimit: Int) throws(JobStoreError) -> [UnitResult]

    /// Records of a dry-run or live job in their order, from the number `first` on: at most `limit` of them, and no more after the one with
    /// which they reach `byteLimit` bytes.
    func records(of job: JobID, from first: UInt64, limit: Int, byteLimit: Int) throws(JobStoreError) -> [[UInt8]]

    /// Reports that were refused because of their old token, oldest first; nil: of all jobs.
    func lateReports(of job: JobID?, limit: Int) throws(JobStoreError) -> [StoredLateReport]

    /// All states that a job was in, oldest first, beginning with the one in which it was stored.
    func stateLog(of job: JobID) throws(JobStoreError) -> [StateLogEntry]

    /// How many jobs are in each state; states without a job are absent.
    func counts() throws(JobStoreError) -> [JobState: Int]

    /// Begins a copy of the store into a new file at an absolute path; what is committed while it is made is in it, too.
    func backUp(to path: String) throws(JobStoreError) -> any StoreBackup

    /// Gives up the file; the store cannot be used afterwards. Everything committed is there at the next opening with or
    /// without this call.
    func close() throws(JobStoreError)
}

/// A copy of a store that is being made, on the store's own thread, between two batches. Given up when it is forgotten before its end.
package protocol StoreBackup: AnyObject {
    /// Copies a part.
    ///
    /// - Returns: the size of the file in bytes when it is whole and on disk; nil before.
    func step() throws(JobStoreError) -> UInt64?
}

/// The bytes that travel beside messages: the shell has them, instances never see them.
package protocol JobBytes {
    /// The payload of a new job, by its submission and place in it; nil only by a programmer's error.
    func payload(of record: JobRecord) -> [UInt8]?
    /// The result that came with a report; nil only by a programmer's error.
    func result(of grant: Grant) -> [UInt8]?
}

/// No bytes at all: for batches that neither insert jobs nor record results.
package struct NoJobBytes: JobBytes {
    package init() {}
    package func payload(of record: JobRecord) -> [UInt8]? { nil }
    package func result(of grant: Grant) -> [UInt8]? { nil }
}

/// Bytes in dictionaries, as a shell collects them during a batch.
package struct CollectedJobBytes: JobBytes {
    /// By submission and place in it.
    package var payloads: [SubmissionID: [[UInt8]]]
    package var results: [FencingToken: [UInt8]]

    package init(payloads: [SubmissionID: [[UInt8]]] = [:], results: [FencingToken: [UInt8]] = [:]) {
        self.payloads = payloads
        self.results = results
    }

    package func payload(of record: JobRecord) -> [UInt8]? {
        guard let all = payloads[record.submission], all.indices.contains(record.submissionIndex) else { return nil }
        return all[record.submissionIndex]
    }

    package func result(of grant: Grant) -> [UInt8]? { results[grant.token] }
}
