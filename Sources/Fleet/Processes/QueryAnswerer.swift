internal import Coordination
internal import FleetProtocol
internal import Glibc
internal import JobStore

/// Answers clients' questions from the store and the instance's snapshot. Changes nothing.
struct QueryAnswerer {
    /// Who the coordinator is, for `status`.
    struct Facts: Sendable {
        var fleet: String
        var version: String
        /// When it was started, by `MonotonicClock`.
        var startedAt: Int64
    }

    let store: any JobStore
    let instance: CoordinatorInstance
    let facts: Facts
    let live: LiveDesk
    /// By `MonotonicClock`.
    let now: Int64

    private static let attemptLimit = 200
    /// The newest lines of a job's log: a long sweep on one worker has several a unit.
    private static let logLines = 1000
    private static let resultBytes = 4 << 20
    private static let resultLimit = 10_000
    private static let watchLimit = 1000
    private static let tooManyToWatch = QueryAnswer.refused(
        Refusal(.invalidRequest, "more than \(watchLimit) jobs would be watched: name those that matter"))

    func answer(_ query: ClientQuery) -> QueryAnswer {
        do {
            switch query {
            case .list(let filter): return .jobs(try lines(filter))
            case .show(let job): return try show(job)
            case .status: return .status(try status())
            case .watch(let jobs):
                let snapshot = instance.snapshot()
                let lines = jobs.count > Self.watchLimit ? [] : try watched(jobs)
                guard jobs.count <= Self.watchLimit, lines.count <= Self.watchLimit else { return Self.tooManyToWatch }
                return .watching(incarnation: snapshot.incarnation, sequence: snapshot.eventSequence, jobs: lines)
            case .results(let job, let unit): return try results(of: job, from: unit)
            case .records(let job, let first): return try records(of: job, from: first)
            case .portfolio: return .portfolio(live.portfolioAnswer(now: now))
            // Takes more than one turn, and more than the right to look: the shell does it.
            case .backup: return .refused(Refusal(.invalidRequest, "a copy of the store is no question"))
            }
        } catch {
            return .refused(Refusal(.wrongState, "the job store cannot answer: \(error)"))
        }
    }

    private func lines(_ filter: JobFilter) throws(JobStoreError) -> [JobLine] {
        var bounded = filter
        bounded.limit = min(max(1, filter.limit), 10_000)
        return try store.jobs(matching: bounded).map(line)
    }

    /// An empty list stands for every job that has not ended. Jobs that are not there are left out.
    private func watched(_ jobs: [JobID]) throws(JobStoreError) -> [JobLine] {
        if jobs.isEmpty {
            return try lines(JobFilter(states: JobState.allCases.filter { !$0.isTerminal }, limit: Self.watchLimit + 1))
        }
        var result: [JobLine] = []
        for job in jobs {
            if let detail = try store.detail(of: job, attemptLimit: 0) { result.append(line(detail.summary)) }
        }
        return result
    }

    private func line(_ summary: JobSummary) -> JobLine {
        let record = summary.record
        let live = instance.progress(of: record.id)
        return JobLine(
            id: record.id, address: record.job.address, kind: record.job.kind, group: record.job.group,
            priority: record.job.priority,
            state: live?.state ?? record.state, combinationCount: record.job.combinationCount, unitCount: record.job.unitCount,
            completedUnits: live?.completedUnits ?? summary.completedUnits, failedUnits: live?.failedUnits ?? summary.failedUnits,
            unitsOut: UInt64(live?.unitsOut ?? 0), submittedAtMilliseconds: record.submittedAtMilliseconds,
            changedAtMilliseconds: summary.changedAtMilliseconds)
    }

    private func show(_ job: JobID) throws(JobStoreError) -> QueryAnswer {
        guard let detail = try store.detail(of: job, attemptLimit: Self.attemptLimit) else {
            return .refused(Refusal(.unknownJob, "there is no job \(job)"))
        }
        let log = detail.log.suffix(Self.logLines).map {
            JobAnswer.LogLine(state: $0.state, reason: $0.reason, wallMilliseconds: $0.wallMilliseconds)
        }
        let late = try store.lateReports(of: job, limit: 10_000).count
        return .job(
            JobAnswer(
                line: line(detail.summary), log: log, attempts: detail.attempts.map(attempt),
                payload: try store.payload(of: job) ?? [],
                lateReports: UInt64(late)))
    }

    private func attempt(_ record: AttemptRecord) -> JobAnswer.AttemptLine {
        let (ending, message): (String, String) =
            switch record.ending {
            case .out: ("out", "")
            case .finished(.succeeded): ("succeeded", "")
            case .finished(.canceled): ("canceled", "")
            case .finished(.failed(let failure)): (failure.code.rawValue, failure.message)
            case .requeued(let reason): ("requeued", reason.message.isEmpty ? reason.code.rawValue : reason.message)
            }
        return JobAnswer.AttemptLine(
            unit: record.dispatch.grant.unit.index, token: record.dispatch.grant.token, attempt: record.dispatch.attempt,
            worker: record.dispatch.worker, dispatchedAtMilliseconds: record.dispatch.dispatchedAtMilliseconds,
            endedAtMilliseconds: record.endedAtMilliseconds, ending: ending, message: message)
    }

    private func status() throws(JobStoreError) -> StatusAnswer {
        let snapshot = instance.snapshot()
        let usage = ProcessUsage.read()
        // The store has what is finished; what is not, the instance knows better.
        var counts = try store.counts().filter { $0.key.isTerminal }.mapValues { UInt64($0) }
        for (state, count) in snapshot.jobCounts { counts[state] = UInt64(count) }
        return StatusAnswer(
            fleet: facts.fleet, version: facts.version, processID: getpid(), incarnation: snapshot.incarnation,
            uptimeMilliseconds: (now - facts.startedAt) / 1_000_000, residentBytes: usage.residentBytes,
            cpuNanoseconds: usage.cpuNanoseconds, holdReason: snapshot.holdReason ?? "", isDraining: snapshot.isDraining,
            jobCounts: counts, unitsOut: UInt64(snapshot.unitsOut), workers: snapshot.workers.map(worker))
    }

    private func worker(_ entry: CoordinatorSnapshot.Worker) -> StatusAnswer.WorkerLine {
        StatusAnswer.WorkerLine(
            id: entry.id, session: entry.session, workerClass: entry.workerClass, capacity: entry.capacity,
            unitsHeld: entry.unitsHeld,
            isConnected: entry.isConnected, isHalted: entry.isHalted, isDraining: entry.isDraining, isSilent: entry.isSilent,
            executableMatches: entry.executableMatches,
            sinceLastHeardMilliseconds: entry.sinceLastHeard.wholeNanoseconds / 1_000_000,
            health: entry.health)
    }

    private func records(of job: JobID, from first: UInt64) throws(JobStoreError) -> QueryAnswer {
        let found = try store.records(of: job, from: first, limit: Self.resultLimit, byteLimit: Self.resultBytes)
        let next = first + UInt64(found.count)
        let hasMore = try !store.records(of: job, from: next, limit: 1, byteLimit: 1).isEmpty
        return .records(RecordsPage(job: job, first: first, records: found, hasMore: hasMore))
    }

    private func results(of job: JobID, from unit: UInt64) throws(JobStoreError) -> QueryAnswer {
        let found = try store.results(of: job, from: unit, limit: Self.resultLimit, byteLimit: Self.resultBytes)
        let all = found.map { ResultsPage.Result(unit: $0.unit, bytes: $0.bytes) }
        let next = try found.last.flatMap { last throws(JobStoreError) -> UInt64? in
            try store.results(of: job, from: last.unit + 1, limit: 1, byteLimit: 1).first?.unit
        }
        return .results(ResultsPage(job: job, results: all, next: next))
    }
}
