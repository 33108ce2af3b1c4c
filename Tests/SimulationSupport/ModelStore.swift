package import Coordination

/// A store that keeps what was committed and nothing else, and that checks every change against the rules.
package struct ModelStore: AddressLookup {
    package struct Job {
        package var record: JobRecord
        package var reason = StateReason(.accepted)
        package var results: [UInt64: UInt64] = [:]
        package var failed: Set<UInt64> = []
        package var pending: [UInt64: PendingUnit] = [:]
        package var out: [UInt64: UnitDispatch] = [:]
        /// Attempts that ended in a counted failure, counted by the store itself since the last retry.
        package var failures: [UInt64: Int] = [:]
        package var wasDispatched = false
        package var records: [[UInt8]] = []
    }

    package private(set) var jobs: [JobID: Job] = [:]
    package private(set) var submissions: [SubmissionID: [AcceptedJob]] = [:]
    private var succeeded: [JobAddress: JobID] = [:]
    package private(set) var lateReports = 0
    private var successes: Set<Grant> = []
    private var failures: Set<Grant> = []
    package private(set) var workers: [WorkerSession] = []
    package private(set) var deadSessions: [SessionID] = []
    private var incarnation: UInt64 = 0
    private var nextJobID: Int64 = 1
    private var highestToken = FencingToken(incarnation: 0, counter: 0)
    package private(set) var violations: [String] = []
    /// Units of results that a store with a fault forgets when it is opened.
    package var forgetsResults = false
    package var forgetsAttempts = false

    package init() {}

    // MARK: - Transactions

    /// Applies a batch. Results are those of the units which it completes.
    package mutating func commit(_ changes: [StoreChange], results: [FencingToken: UInt64]) {
        for change in changes { apply(change, results) }
    }

    private mutating func apply(_ change: StoreChange, _ results: [FencingToken: UInt64]) {
        switch change {
        case .jobInserted(let record): insert(record)
        case .submissionRecorded(let id, let accepted, _):
            check(submissions[id] == nil, "submission is recorded twice")
            submissions[id] = accepted
        case .jobStateChanged(let id, let state, let reason, _): enter(state, job: id, reason)
        case .jobRetried(let id, _): retry(id)
        case .unitDispatched(let dispatch): self.dispatch(dispatch)
        case .unitFinished(let grant, let outcome, _): finish(grant, outcome, results[grant.token])
        case .unitRequeued(let grant, let pending, let reason, _): requeue(grant, pending, reason)
        case .recordsAdded(let id, let first, let records):
            let count = jobs[id]?.records.count ?? 0
            check(first == UInt64(count) + 1, "records of job \(id) begin at \(first) after \(count)")
            check(!records.isEmpty, "no records of job \(id) are added")
            jobs[id]?.records += records
        case .lateReport(let report, _):
            let known = isRecorded(report.grant, succeeded: report.outcome == .succeeded)
            check(!known, "the report of \(report.grant.unit) under \(report.grant.token) is recorded and is called late")
            lateReports += 1
        case .workerJoined(let worker):
            check(!workers.contains { $0.session == worker.session }, "worker \(worker.worker) joins twice in one session")
            check(!deadSessions.contains(worker.session), "a dead session of \(worker.worker) joins")
            workers.append(worker)
        case .workerLeft(let session): workers.removeAll { $0.session == session }
        case .workerDied(let session): deadSessions.append(session)
        case .incarnationRaised(let raised):
            check(raised > incarnation, "the incarnation goes down")
            incarnation = raised
        }
    }

    mutating func check(_ condition: Bool, _ message: @autoclosure () -> String) {
        if !condition { violations.append(message()) }
    }

    private mutating func insert(_ record: JobRecord) {
        check(jobs[record.id] == nil, "job \(record.id) is inserted twice")
        let expected = nextJobID
        check(record.id.rawValue == expected, "job \(record.id) is inserted instead of job \(expected)")
        nextJobID = record.id.rawValue + 1
        jobs[record.id] = Job(record: record)
    }

    private mutating func enter(_ state: JobState, job id: JobID, _ reason: StateReason) {
        guard let old = jobs[id]?.record.state else { return check(false, "unknown job \(id) becomes \(state)") }
        check(!old.isTerminal, "job \(id) is \(old.rawValue) and becomes \(state.rawValue)")
        let isLegal = JobState.Event.allCases.contains { (try? old.transition(on: $0).get()) == state }
        check(isLegal, "job \(id) goes from \(old.rawValue) to \(state.rawValue)")
        jobs[id]?.record.state = state
        jobs[id]?.reason = reason
        if state.isTerminal { checkEnd(of: id, state, reason) }
    }

    private mutating func checkEnd(of id: JobID, _ state: JobState, _ reason: StateReason) {
        guard let job = jobs[id] else { return }
        check(job.out.isEmpty, "job \(id) becomes \(state.rawValue) with units out")
        if state == .succeeded {
            check(job.results.count == Int(job.record.job.unitCount), "job \(id) succeeds without all of its results")
            succeeded[job.record.job.address] = id
        }
        if state == .failed, reason.code == .attemptsUsedUp {
            let most = job.failures.values.max() ?? 0
            check(most == job.record.job.maxAttempts, "job \(id) has used up its attempts after \(most)")
        }
    }

    private mutating func retry(_ id: JobID) {
        guard let job = jobs[id] else { return check(false, "unknown job \(id) is retried") }
        check(job.record.state.isTerminal && job.record.state != .succeeded, "job \(id) is retried as \(job.record.state)")
        jobs[id]?.record.state = .queued
        jobs[id]?.failed = []
        jobs[id]?.pending = [:]
        jobs[id]?.failures = [:]
    }

    // MARK: - Units

    private mutating func dispatch(_ dispatch: UnitDispatch) {
        let unit = dispatch.grant.unit
        guard let job = jobs[unit.job] else { return check(false, "a unit of unknown job \(unit.job) goes out") }
        check(!job.record.state.isTerminal, "unit \(unit) of a \(job.record.state.rawValue) job goes out")
        check(job.out[unit.index] == nil, "unit \(unit) goes out twice")
        check(job.results[unit.index] == nil, "unit \(unit) goes out although its result is recorded")
        check(!job.failed.contains(unit.index), "unit \(unit) goes out although it failed for good")
        let highest = highestToken
        check(dispatch.grant.token > highest, "token \(dispatch.grant.token) is not above \(highest)")
        highestToken = max(highestToken, dispatch.grant.token)
        let failures = job.failures[unit.index] ?? 0
        check(dispatch.attempt == failures + 1, "unit \(unit) has attempt \(dispatch.attempt) after \(failures) failures")
        check(failures < job.record.job.maxAttempts, "unit \(unit) goes out after \(failures) failed attempts")
        jobs[unit.job]?.out[unit.index] = dispatch
        jobs[unit.job]?.pending[unit.index] = nil
        jobs[unit.job]?.wasDispatched = true
    }

    private mutating func close(_ grant: Grant) -> UnitDispatch? {
        let dispatch = jobs[grant.unit.job]?.out[grant.unit.index]
        check(dispatch?.grant == grant, "unit \(grant.unit) comes back with \(grant.token), which is not out")
        jobs[grant.unit.job]?.out[grant.unit.index] = nil
        return dispatch
    }

    private mutating func finish(_ grant: Grant, _ outcome: UnitOutcome, _ result: UInt64?) {
        let unit = grant.unit
        _ = close(grant)
        guard let job = jobs[unit.job] else { return }
        switch outcome {
        case .canceled: break
        case .failed(let failure):
            failures.insert(grant)
            check(!job.failed.contains(unit.index), "unit \(unit) fails for good twice")
            if failure.code.remedy == .tryAgain { jobs[unit.job]?.failures[unit.index, default: 0] += 1 }
            jobs[unit.job]?.failed.insert(unit.index)
        case .succeeded:
            successes.insert(grant)
            check(job.results[unit.index] == nil, "unit \(unit) has its result recorded twice")
            check(result == expectedResult(of: unit, in: job), "unit \(unit) has a wrong result")
            jobs[unit.job]?.results[unit.index] = result
        }
    }

    private func expectedResult(of unit: UnitID, in job: Job) -> UInt64 {
        resultOfWork(at: job.record.job.address, job.record.job.combinations(ofUnit: unit.index))
    }

    private mutating func requeue(_ grant: Grant, _ pending: PendingUnit, _ reason: StateReason) {
        guard let dispatch = close(grant) else { return }
        let counts = pending.attempts == dispatch.attempt
        check(counts || pending.attempts == dispatch.attempt - 1, "unit \(grant.unit) comes back with strange attempts")
        check(
            !counts || [.attemptFailed, .workerDied, .workerLost].contains(reason.code),
            "unit \(grant.unit) comes back as \(reason.code.rawValue) and counts")
        if reason.code == .attemptFailed { failures.insert(grant) }
        if counts { jobs[grant.unit.job]?.failures[grant.unit.index, default: 0] += 1 }
        jobs[grant.unit.job]?.pending[grant.unit.index] = pending
    }

    // MARK: - Reading

    /// Opens the store: what a starting coordinator gets.
    package mutating func open() -> StoreSnapshot {
        incarnation += 1
        let open = jobs.values.filter { !$0.record.state.isTerminal }.sorted { $0.record.id < $1.record.id }
        return StoreSnapshot(
            incarnation: incarnation, nextJobID: JobID(nextJobID), jobs: open.map(stored),
            workers: workers, deadSessions: deadSessions)
    }

    private func stored(_ job: Job) -> StoredJob {
        var completed = RangeSet<UInt64>()
        if !forgetsResults { for unit in job.results.keys { completed.insert(contentsOf: unit..<unit + 1) } }
        var failed = RangeSet<UInt64>()
        for unit in job.failed { failed.insert(contentsOf: unit..<unit + 1) }
        var pending = job.pending.values.sorted { $0.unit < $1.unit }
        if forgetsAttempts { for index in pending.indices { pending[index].attempts = 0 } }
        return StoredJob(
            record: job.record, completedUnits: completed, failedUnits: failed, pendingUnits: pending,
            dispatches: job.out.values.sorted { $0.grant.token < $1.grant.token }, recordCount: UInt64(job.records.count))
    }

    package func succeededJob(at address: JobAddress) -> JobID? { succeeded[address] }
    package func acceptedJobs(of submission: SubmissionID) -> [AcceptedJob]? { submissions[submission] }
    package func isRecorded(_ grant: Grant, succeeded: Bool) -> Bool { (succeeded ? successes : failures).contains(grant) }
    package func storedJob(_ id: JobID) -> StoredJob? { jobs[id].map(stored) }
}

/// What any worker computes for these combinations: a pure function of the job, so that a wrong result is noticed.
package func resultOfWork(at address: JobAddress, _ combinations: Range<UInt64>) -> UInt64 {
    var random = SplitMix64(seed: address.bytes.reduce(combinations.lowerBound) { $0 &* 31 &+ UInt64($1) })
    return random.next() &+ combinations.upperBound
}
