import Coordination

/// The short way of ordinary jobs through the store: see `RecentJob`.
extension SQLiteJobStore {
    /// A unit that has its result while its job's end, the next change, is not written yet.
    struct FinishedUnit {
        var grant: Grant
        var time: Int64
        var result: [UInt8]
    }

    /// Takes a change of a recent job; false: the change belongs to the tables, and its job is in them by now.
    func applyToRecent(_ change: StoreChange, _ bytes: some JobBytes, _ statements: Statements) throws -> Bool {
        if finished != nil {
            if case .jobStateChanged(let id, .succeeded, let reason, let time) = change, finished?.grant.unit.job == id {
                try endRecent(id, reason, time, statements)
                return true
            }
            try expandFinished(bytes, statements)
        }
        switch change {
        case .unitDispatched(let dispatch): return try dispatchRecent(dispatch, statements)
        case .jobStateChanged(let id, let state, let reason, let time):
            return try setRecentState(id, state, reason, time, statements)
        case .unitFinished(let grant, .succeeded, let time): return try finishRecent(grant, time, bytes)
        case .unitFinished(let grant, _, _), .unitRequeued(let grant, _, _, _): try expand(grant.unit.job, statements)
        case .jobRetried(let id, _): try expand(id, statements)
        case .jobInserted, .submissionRecorded, .recordsAdded, .lateReport, .incarnationRaised, .workerJoined, .workerLeft,
            .workerDied:
            break
        }
        return false
    }

    private func dispatchRecent(_ dispatch: UnitDispatch, _ statements: Statements) throws -> Bool {
        let unit = dispatch.grant.unit
        if recent.index(forKey: unit.job) == nil { try loadRecent(unit.job, statements) }
        guard let place = recent.index(forKey: unit.job) else { return false }
        guard unit.index == 0 else {
            try expand(unit.job, statements)
            return false
        }
        guard recent.values[place].attempt == 0 else { throw contradiction(Contradiction.notWaiting(unit)) }
        let session = try sessionRow(dispatch.worker, dispatch.session, statements)
        recent.values[place].note(
            attempt: dispatch.attempt, dispatch.grant.token, session: session, at: dispatch.dispatchedAtMilliseconds)
        journal.dispatched(unit.job, recent.values[place])
        return true
    }

    private func setRecentState(
        _ id: JobID, _ state: JobState, _ reason: StateReason, _ time: Int64, _ statements: Statements
    ) throws -> Bool {
        guard !state.isTerminal else {
            try expand(id, statements)
            return false
        }
        guard let place = recent.index(forKey: id) else { return false }
        recent.values[place].note(state, reason, time)
        journal.state(id, state, reason, time)
        return true
    }

    private func finishRecent(_ grant: Grant, _ time: Int64, _ bytes: some JobBytes) throws -> Bool {
        guard let job = recent[grant.unit.job] else { return false }
        guard job.attempt > 0, job.token == grant.token, grant.unit.index == 0 else {
            throw contradiction(Contradiction.notOut(grant))
        }
        guard let result = bytes.result(of: grant) else { throw contradiction(Contradiction.noResult(grant)) }
        finished = FinishedUnit(grant: grant, time: time, result: result)
        return true
    }

    /// Writes the end of the job whose unit has just got its result.
    private func endRecent(_ id: JobID, _ reason: StateReason, _ time: Int64, _ statements: Statements) throws {
        guard let unit = finished, let job = recent.removeValue(forKey: id) else { return }
        finished = nil
        if job.listedState != nil {
            statements.removeOpen.bind(id.rawValue, at: 1)
            try statements.removeOpen.run()
        }
        let statement = statements.endRecentJob
        statement.bind(id.rawValue, at: 1)
        statement.bind(time, at: 2)
        statement.bind(reason.code.storedCode, at: 3)
        statement.bind(reason.message, at: 4)
        statement.bind(job.log, at: 5)
        statement.bind(job.attempt, at: 6)
        statement.bind(job.token.incarnation, at: 7)
        statement.bind(job.token.counter, at: 8)
        statement.bind(job.session, at: 9)
        statement.bind(job.dispatchedAtMilliseconds, at: 10)
        statement.bind(unit.time, at: 11)
        try statement.run(binding: unit.result, at: 12)
        endedDeltas[Int(JobState.succeeded.storedCode)] += 1
        noteSuccess(id, key: job.key)
    }

    // MARK: - From the journal to the tables

    /// A unit got its result and its job goes on: the tables take both.
    func expandFinished(_ bytes: some JobBytes, _ statements: Statements) throws {
        guard let unit = finished else { return }
        finished = nil
        try expand(unit.grant.unit.job, statements)
        try finish(unit.grant, .succeeded, unit.time, bytes, statements)
    }

    /// Moves a job to the tables, where it stays until its end; nothing happens where it is there already.
    func expand(_ id: JobID, _ statements: Statements) throws {
        guard let job = recent.removeValue(forKey: id) else { return }
        try write(id, job, statements)
        journal.expanded(id)
    }

    /// Writes everything that is known of a recent job into the tables. What is in memory stays as it is.
    func write(_ id: JobID, _ job: RecentJob, _ statements: Statements) throws {
        guard !job.isListedAsItIs else { return }
        try insertOpen(id, job.state, job.changedAtMilliseconds, statements)
        for line in try LogCoding.decode(job.log) { try log(id, line.state, line.reason, line.wallMilliseconds, statements) }
        guard job.attempt > 0 else { return }
        let grant = Grant(unit: UnitID(job: id, index: 0), token: job.token)
        try insertUnit(grant, job.attempt, job.session, job.dispatchedAtMilliseconds, statements)
    }

    /// Takes an ended job apart, so that the tables say of its unit and its log what its end said.
    func expandEnd(_ id: JobID, _ statements: Statements) throws {
        statements.endedLog.bind(id.rawValue, at: 1)
        guard let lines = try statements.endedLog.first({ $0.blob(0) }) else { return }
        for line in try LogCoding.decode(lines) { try log(id, line.state, line.reason, line.wallMilliseconds, statements) }
        for statement in [statements.keepUnit, statements.keepResult] {
            statement.bind(id.rawValue, at: 1)
            statement.bind(nextResult, at: 2)
            try statement.run()
        }
        nextResult += 1
    }

    // MARK: - Questions

    /// Runs `body` while the tables say everything about a job, or all jobs, and takes back what was written for that: nothing
    /// of it reaches the disk.
    func withExpanded<Value>(_ job: JobID?, _ statements: Statements, _ body: () throws -> Value) throws -> Value {
        let jobs = job.map { id in recent[id].map { [(id, $0)] } ?? [] } ?? recent.map { ($0.key, $0.value) }
        let changed = jobs.filter { !$0.1.isListedAsItIs }
        guard !changed.isEmpty else { return try body() }
        try statements.begin.run()
        defer { try? statements.rollback.run() }
        for (id, job) in changed { try write(id, job, statements) }
        return try body()
    }
}

extension RecentJob {
    mutating func note(attempt: Int, _ token: FencingToken, session: Int64, at time: Int64) {
        self.attempt = attempt
        self.token = token
        self.session = session
        dispatchedAtMilliseconds = time
    }

    mutating func note(_ state: JobState, _ reason: StateReason, _ time: Int64) {
        self.state = state
        changedAtMilliseconds = time
        LogCoding.append(state, reason, time, to: &log)
    }
}
