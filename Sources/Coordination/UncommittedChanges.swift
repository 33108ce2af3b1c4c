/// What lookups in the store cannot show yet: the end of jobs and the submissions of batches that are not committed.
struct UncommittedChanges: Sendable {
    private enum Key: Sendable {
        case job(JobID)
        case submission(SubmissionID)
    }

    private var batch: UInt64 = 1
    /// The batch of the last note.
    private var lastNoted: UInt64 = 0
    private var keys = RingQueue<(batch: UInt64, key: Key)>()
    private var oldest: (batch: UInt64, key: Key)?
    private var finished: [JobID: (batch: UInt64, entry: JobEntry)] = [:]
    private var succeeded: [JobAddress: JobID] = [:]
    private var submissions: [SubmissionID: [AcceptedJob]] = [:]

    mutating func closeBatch() -> UInt64 {
        defer { batch += 1 }
        return batch
    }

    mutating func noteFinished(_ entry: JobEntry) {
        lastNoted = batch
        keys.append((batch, .job(entry.id)))
        finished[entry.id] = (batch, entry)
        if entry.state == .succeeded { succeeded[entry.address] = entry.id }
    }

    mutating func noteSubmission(_ id: SubmissionID, _ accepted: [AcceptedJob]) {
        lastNoted = batch
        keys.append((batch, .submission(id)))
        submissions[id] = accepted
    }

    func finishedJob(_ id: JobID) -> JobEntry? { finished[id]?.entry }
    /// The job is in memory again.
    mutating func forgetFinished(_ id: JobID) { finished[id] = nil }
    func succeededJob(at address: JobAddress) -> JobID? { succeeded[address] }
    func acceptedJobs(of submission: SubmissionID) -> [AcceptedJob]? { submissions[submission] }

    mutating func forget(through committed: UInt64) {
        if lastNoted <= committed { return forgetAll() }
        while let next = oldest ?? keys.popFirst() {
            guard next.batch <= committed else {
                oldest = next
                return
            }
            oldest = nil
            switch next.key {
            case .submission(let id): submissions[id] = nil
            case .job(let id):
                guard let (batch, entry) = finished[id], batch <= committed else { continue }
                finished[id] = nil
                if succeeded[entry.address] == id { succeeded[entry.address] = nil }
            }
        }
    }

    private mutating func forgetAll() {
        guard oldest != nil || !keys.isEmpty else { return }
        oldest = nil
        keys.removeAll()
        finished.removeAll(keepingCapacity: true)
        succeeded.removeAll(keepingCapacity: true)
        submissions.removeAll(keepingCapacity: true)
    }
}
