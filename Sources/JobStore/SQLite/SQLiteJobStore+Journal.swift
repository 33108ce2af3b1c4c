import Coordination

/// The journal: what stands in memory and not in the tables, how it is read again, and how it is moved to the tables.
extension SQLiteJobStore {
    /// Writes the journal row of the batch.
    func writeJournal(_ statements: Statements) throws {
        for state in endedDeltas.indices where endedDeltas[state] != journaledDeltas[state] {
            journal.ended(state: state, count: endedDeltas[state] - journaledDeltas[state])
            journaledDeltas[state] = endedDeltas[state]
        }
        if unsettledCount >= settleCount { return try settle(statements) }
        guard !journal.bytes.isEmpty else { return }
        try statements.insertJournal.run(binding: journal.bytes, at: 1)
        journal.removeAll()
    }

    /// Moves everything to the tables, in the order of their pages, and empties the journal.
    func settle(_ statements: Statements) throws {
        for (id, job) in recent.sorted(by: { $0.key < $1.key }) { try write(id, job, statements) }
        try mergeSuccesses(statements)
        for state in endedDeltas.indices where endedDeltas[state] != 0 {
            statements.countEnded.bind(state, at: 1)
            statements.countEnded.bind(endedDeltas[state], at: 2)
            try statements.countEnded.run()
        }
        settledJob = max(settledJob, lastJob)
        statements.setSettledJob.bind(settledJob.rawValue, at: 1)
        try statements.setSettledJob.run()
        try statements.clearJournal.run()
        journal.removeAll()
        unsettledCount = 0
        clearDeltas()
        keepWaiting()
    }

    /// Jobs that wait remain recent, unless they are many: the tables say of them what memory says, and those that go are
    /// read again when they are dispatched.
    private func keepWaiting() {
        var waiting = recent.filter { $0.value.attempt == 0 }
        if waiting.count > settleCount / 2 { waiting = [:] }
        recent = waiting.mapValues { job in
            var job = job
            job.log = []
            job.listedState = job.state
            return job
        }
    }

    private func clearDeltas() {
        for state in endedDeltas.indices {
            endedDeltas[state] = 0
            journaledDeltas[state] = 0
        }
    }

    /// A job of one unit that the tables list as waiting becomes recent; nothing happens when it is no such job.
    func loadRecent(_ id: JobID, _ statements: Statements) throws {
        statements.recentJob.bind(id.rawValue, at: 1)
        guard var job = try statements.recentJob.first({ (row) throws(SQLFault) in try row.waitingJob() }) else { return }
        job.listedState = job.state
        recent[id] = job
    }

    // MARK: - Reading

    /// Reads again what is kept in memory, after a batch that failed half-way.
    func reloadIfNeeded(_ statements: Statements) throws {
        if mustReload { try reload(statements) }
    }

    /// `countingSweeps` is false where the caller goes over their units anyway.
    func reload(_ statements: Statements, countingSweeps: Bool = true) throws {
        mustReload = true
        sessions.removeAll()
        finished = nil
        nextResult = (try statements.lastResult.first { $0.int(0) } ?? 0) + 1
        var open: [JobID] = []
        try statements.openSweeps.forEachRow { row in
            open.append(JobID(row.int(0)))
            return true
        }
        sweeps.removeAll()
        if countingSweeps { for job in open { sweeps[job] = try endedUnits(job, statements) } }
        try readJournal(statements)
        mustReload = false
    }

    private func readJournal(_ statements: Statements) throws {
        recent.removeAll()
        freshSuccesses.removeAll()
        unsettledCount = 0
        clearDeltas()
        journal.removeAll()
        lastJob = JobID(try statements.lastJob.first { $0.int(0) } ?? 0)
        settledJob = JobID(try statements.settledJob.first { $0.int(0) } ?? 0)
        statements.waitingJobs.bind(settledJob.rawValue, at: 1)
        try statements.waitingJobs.forEachRow { (row) throws(SQLFault) in
            recent[JobID(row.int(0))] = try row.waitingJob()
            unsettledCount += 1
            return true
        }
        var rows: [[UInt8]] = []
        try statements.journal.forEachRow { row in
            rows.append(row.blob(0))
            return true
        }
        for row in rows { try JournalCoding.decode(row) { try apply($0, statements) } }
        journaledDeltas = endedDeltas
    }

    /// A job that has ended since is in no table of open jobs: what the journal says of it before its end finds nothing.
    private func apply(_ entry: JournalEntry, _ statements: Statements) throws {
        switch entry {
        case .dispatched(let id, let attempt, let token, let session, let time):
            if recent[id] == nil { try loadRecent(id, statements) }
            recent[id]?.note(attempt: attempt, token, session: session, at: time)
        case .state(let id, let line):
            if recent[id] == nil { try loadRecent(id, statements) }
            recent[id]?.note(line.state, line.reason, line.wallMilliseconds)
        case .expanded(let id): recent[id] = nil
        case .succeeded(let id, let key):
            recent[id] = nil
            freshSuccesses[key, default: []].append(id)
            unsettledCount += 1
        case .unsucceeded(let id, let key): forgetFreshSuccess(id, key: key)
        case .ended(let state, let count): endedDeltas[state] &+= count
        }
    }
}

extension SQLRow {
    /// A row of `Statements.waitingJobs` or `recentJob`.
    func waitingJob() throws(SQLFault) -> RecentJob {
        RecentJob(
            key: Int64(bitPattern: try digest(1).words.0),
            state: try JobState(storedCode: int(2), column: "open_job.state"), changedAtMilliseconds: int(3))
    }
}
