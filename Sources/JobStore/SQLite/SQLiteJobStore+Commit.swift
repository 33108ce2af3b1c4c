package import Coordination

extension SQLiteJobStore {
    package func commit(_ changes: [StoreChange], bytes: some JobBytes) throws(JobStoreError) {
        if let failure = lookupFailure {
            lookupFailure = nil
            throw failure
        }
        guard !changes.isEmpty else { return }
        do {
            try withStatements { statements in
                try reloadIfNeeded(statements)
                try statements.begin.run()
                do {
                    for change in changes where try !applyToRecent(change, bytes, statements) {
                        try apply(change, bytes, statements)
                    }
                    try expandFinished(bytes, statements)
                    try writeJournal(statements)
                    try statements.commit.run()
                } catch {
                    // Some errors end the transaction by themselves; then there is nothing to roll back.
                    try? statements.rollback.run()
                    throw error
                }
            }
        } catch {
            mustReload = true
            throw error
        }
    }

    private func apply(_ change: StoreChange, _ bytes: some JobBytes, _ statements: Statements) throws {
        switch change {
        case .jobInserted(let record): try insert(record, bytes, statements)
        case .submissionRecorded(let id, let jobs, let time):
            let statement = statements.insertSubmission
            statement.bind(id.rawValue, at: 1)
            statement.bind(time, at: 3)
            try statement.run(binding: AcceptedJobsCoding.encode(jobs), at: 2)
        case .jobStateChanged(let id, let state, let reason, let time): try setState(id, state, reason, time, statements)
        case .jobRetried(let id, let time): try retry(id, time, statements)
        case .unitDispatched(let dispatch): try dispatched(dispatch, statements)
        case .unitFinished(let grant, let outcome, let time): try finish(grant, outcome, time, bytes, statements)
        case .unitRequeued(let grant, let unit, let reason, let time): try requeued(grant, unit, reason, time, statements)
        case .recordsAdded(let job, let first, let records): try add(records, first, of: job, statements)
        case .lateReport(let report, let time): try note(report, time, statements)
        case .incarnationRaised(let value): try raiseIncarnation(to: value, statements)
        case .workerJoined(let worker): try joined(worker, statements)
        case .workerLeft(let session): try run(statements.removeWorker, session)
        case .workerDied(let session): try died(session, statements)
        }
    }

    func contradiction(_ detail: String) -> JobStoreError { JobStoreError(.contradiction, store: path, detail: detail) }

    private func insert(_ record: JobRecord, _ bytes: some JobBytes, _ statements: Statements) throws {
        let job = record.job
        guard let payload = bytes.payload(of: record) else { throw contradiction(Contradiction.noPayload(record.id)) }
        guard job.combinationCount <= UInt64(Int64.max) else { throw contradiction(Contradiction.tooMany(record.id)) }
        let statement = statements.insertJob
        statement.bind(record.id.rawValue, at: 1)
        statement.bind(job.address.digest, at: 2)
        statement.bind(job.kind.storedCode, at: 3)
        statement.bind(job.group, at: 4)
        statement.bind(job.priority, at: 5)
        statement.bind(job.combinationCount, at: 6)
        statement.bind(job.sliceSize, at: 7)
        statement.bind(job.maxAttempts, at: 8)
        statement.bind(job.fresh ? 1 : 0, at: 9)
        statement.bind(job.memoryEstimate.map { Int64(bitPattern: $0) }, at: 10)
        statement.bind(job.expiresAtMilliseconds, at: 11)
        statement.bind(record.submission.rawValue, at: 12)
        statement.bind(record.submissionIndex, at: 13)
        statement.bind(record.state.storedCode, at: 14)
        statement.bind(record.submittedAtMilliseconds, at: 15)
        guard try statement.runUnlessThere(binding: payload, at: 16) else {
            throw contradiction(Contradiction.sameID(record.id))
        }
        lastJob = max(lastJob, record.id)
        if record.state.isTerminal {
            try end(record.id, record.state, StateReason(.accepted), record.submittedAtMilliseconds, statements)
        } else if job.isRecent, record.id > settledJob {
            // Its row alone says that it waits.
            recent[record.id] = RecentJob(
                key: Self.key(job.address), state: record.state, changedAtMilliseconds: record.submittedAtMilliseconds)
            unsettledCount += 1
        } else {
            if job.unitCount > 1 { sweeps[record.id] = UnitCounts() }
            try insertOpen(record.id, record.state, record.submittedAtMilliseconds, statements)
        }
    }

    func insertOpen(_ id: JobID, _ state: JobState, _ time: Int64, _ statements: Statements) throws {
        statements.insertOpen.bind(id.rawValue, at: 1)
        statements.insertOpen.bind(state.storedCode, at: 2)
        statements.insertOpen.bind(time, at: 3)
        try statements.insertOpen.run()
    }

    private func setState(
        _ id: JobID, _ state: JobState, _ reason: StateReason, _ time: Int64, _ statements: Statements
    ) throws {
        let statement = state.isTerminal ? statements.removeOpen : statements.changeOpen
        statement.bind(id.rawValue, at: 1)
        if !state.isTerminal {
            statement.bind(state.storedCode, at: 2)
            statement.bind(time, at: 3)
        }
        try statement.run()
        let wasOpen = statement.changedRows == 1
        if !wasOpen { try leaveEnd(id, statements) }
        if state.isTerminal {
            return try end(id, state, reason, time, statements)
        }
        if !wasOpen { try insertOpen(id, state, time, statements) }
        try log(id, state, reason, time, statements)
    }

    /// A job without a row among the open ones has ended: its end is taken back.
    private func leaveEnd(_ id: JobID, _ statements: Statements) throws {
        statements.endState.bind(id.rawValue, at: 1)
        guard let code = try statements.endState.first({ $0.int(0) }) else { throw contradiction(Contradiction.noJob(id)) }
        let old = try JobState(storedCode: code, column: "ended_job.state")
        endedDeltas[Int(old.storedCode)] -= 1
        if old == .succeeded { try forgetSuccess(id, statements) }
        try expandEnd(id, statements)
        logSequence += 1
        statements.keepEnd.bind(id.rawValue, at: 1)
        statements.keepEnd.bind(logSequence, at: 2)
        try statements.keepEnd.run()
        statements.removeEnd.bind(id.rawValue, at: 1)
        try statements.removeEnd.run()
        sweeps[id] = try endedUnits(id, statements)
    }

    private func end(
        _ id: JobID, _ state: JobState, _ reason: StateReason, _ time: Int64, _ statements: Statements
    ) throws {
        let counts = try endedUnits(id, statements)
        sweeps[id] = nil
        let statement = statements.endJob
        statement.bind(id.rawValue, at: 1)
        statement.bind(state.storedCode, at: 2)
        statement.bind(time, at: 3)
        statement.bind(reason.code.storedCode, at: 4)
        statement.bind(reason.message, at: 5)
        statement.bind(counts.completed, at: 6)
        statement.bind(counts.failed, at: 7)
        try statement.run()
        endedDeltas[Int(state.storedCode)] += 1
        if state == .succeeded { try noteSuccess(id, statements) }
    }

    func log(
        _ id: JobID, _ state: JobState, _ reason: StateReason, _ time: Int64, _ statements: Statements
    ) throws {
        logSequence += 1
        let statement = statements.insertLog
        statement.bind(id.rawValue, at: 1)
        statement.bind(logSequence, at: 2)
        statement.bind(state.storedCode, at: 3)
        statement.bind(reason.code.storedCode, at: 4)
        statement.bind(time, at: 5)
        statement.bind(reason.message, at: 6)
        try statement.run()
    }

    private func retry(_ id: JobID, _ time: Int64, _ statements: Statements) throws {
        try setState(id, .queued, StateReason(.retried), time, statements)
        for statement in [statements.closeFailedAttempts, statements.forgetUnits] {
            statement.bind(id.rawValue, at: 1)
            try statement.run()
        }
        sweeps[id] = nil
        sweeps[id] = try endedUnits(id, statements)
    }
}

extension NewJob {
    /// One unit: the same condition as in `Statements.waitingJobs`.
    fileprivate var isRecent: Bool { Int64(bitPattern: combinationCount) <= Int64(bitPattern: sliceSize) }
}
