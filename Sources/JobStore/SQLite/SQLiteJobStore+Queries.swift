package import Coordination

extension SQLiteJobStore {
    package func acceptedJobs(of submission: SubmissionID) -> [AcceptedJob]? {
        lookup { statements in
            statements.acceptedJobs.bind(submission.rawValue, at: 1)
            return try statements.acceptedJobs.first { (row) throws(SQLFault) in try AcceptedJobsCoding.decode(row.blob(0)) }
        }
    }

    package func storedJob(_ id: JobID) -> StoredJob? {
        lookup { statements in
            try withExpanded(id, statements) {
                statements.anyJob.bind(id.rawValue, at: 1)
                let found = try statements.anyJob.first { (row) throws(SQLFault) in (try row.jobRecord(), row.hasUnit) }
                guard let (record, hasUnit) = found else { return nil }
                var job = StoredJob(record: record)
                try loadUnits(of: &job, statements)
                try loadRecordCount(of: &job, statements)
                if hasUnit { job.completedUnits.insert(contentsOf: 0..<1) }
                return job
            }
        }
    }

    /// Keeps the error of a question that cannot throw for the next commit.
    func lookup<Value>(_ body: (Statements) throws -> Value?) -> Value? {
        do {
            return try withStatements { statements in
                try reloadIfNeeded(statements)
                return try body(statements)
            }
        } catch {
            lookupFailure = lookupFailure ?? error
            return nil
        }
    }

    package func payload(of job: JobID) throws(JobStoreError) -> [UInt8]? {
        try withStatements { statements in
            statements.payload.bind(job.rawValue, at: 1)
            return try statements.payload.first { $0.blob(0) }
        }
    }

    package func detail(of job: JobID, attemptLimit: Int) throws(JobStoreError) -> JobDetail? {
        try withStatements { statements in
            try reloadIfNeeded(statements)
            return try withExpanded(job, statements) { try expandedDetail(job, attemptLimit, statements) }
        }
    }

    private func expandedDetail(_ job: JobID, _ attemptLimit: Int, _ statements: Statements) throws -> JobDetail? {
        statements.anyJob.bind(job.rawValue, at: 1)
        let row = try statements.anyJob.first { (row) throws(SQLFault) in try row.jobSummary() }
        guard var summary = row else { return nil }
        let counts = try countUnits(job, statements)
        summary.completedUnits = counts[StoredUnitState.completed, default: 0]
        summary.failedUnits = counts[StoredUnitState.failed, default: 0]
        return JobDetail(
            summary: summary, dispatchedUnits: counts[StoredUnitState.out, default: 0],
            pendingUnits: counts[StoredUnitState.pending, default: 0], log: try readLog(job, statements),
            attempts: try readAttempts(job, attemptLimit, statements))
    }

    package func results(
        of job: JobID, from unit: UInt64, limit: Int, byteLimit: Int
    ) throws(JobStoreError) -> [UnitResult] {
        guard limit > 0, unit <= UInt64(Int64.max) else { return [] }
        return try withStatements { statements in
            var found: [UnitResult] = []
            var total = 0
            statements.results.bind(job.rawValue, at: 1)
            statements.results.bind(unit, at: 2)
            statements.results.bind(limit, at: 3)
            try statements.results.forEachRow { row in
                found.append(UnitResult(unit: row.uint(0), bytes: row.blob(1)))
                total += found[found.count - 1].bytes.count
                return total < byteLimit
            }
            return found
        }
    }

    package func stateLog(of job: JobID) throws(JobStoreError) -> [StateLogEntry] {
        try withStatements { statements in
            try reloadIfNeeded(statements)
            return try withExpanded(job, statements) { try readLog(job, statements) }
        }
    }

    /// Rows of each stored unit state.
    func countUnits(_ job: JobID, _ statements: Statements) throws -> [Int64: UInt64] {
        var counts: [Int64: UInt64] = [:]
        statements.unitCount.bind(job.rawValue, at: 1)
        try statements.unitCount.forEachRow { row in
            counts[row.int(0)] = row.uint(1)
            return true
        }
        return counts
    }

    /// The units of a job that have ended; a sweep's without going over its rows.
    func endedUnits(_ job: JobID, _ statements: Statements) throws -> UnitCounts {
        if let counts = sweeps[job] { return counts }
        let counts = try countUnits(job, statements)
        return UnitCounts(
            completed: counts[StoredUnitState.completed, default: 0], failed: counts[StoredUnitState.failed, default: 0])
    }

    private func readLog(_ job: JobID, _ statements: Statements) throws -> [StateLogEntry] {
        statements.anyJob.bind(job.rawValue, at: 1)
        var entries: [StateLogEntry] = []
        var end: StateLogEntry?
        var middle: [UInt8] = []
        try statements.anyJob.forEachRow { (row) throws(SQLFault) in
            let state = try JobState(storedCode: row.int(14), column: "job.first_state")
            entries.append(StateLogEntry(state: state, reason: StateReason(.accepted), wallMilliseconds: row.int(15)))
            end = try row.end()
            middle = row.blob(22)
            return true
        }
        statements.log.bind(job.rawValue, at: 1)
        try statements.log.forEachRow { (row) throws(SQLFault) in
            let reason = StateReason(try StateReason.Code(storedCode: row.int(1), column: "log.reason"), row.text(3))
            let state = try JobState(storedCode: row.int(0), column: "log.state")
            entries.append(StateLogEntry(state: state, reason: reason, wallMilliseconds: row.int(2)))
            return true
        }
        entries += try LogCoding.decode(middle)
        // A job that came as ended has one line.
        if let end, entries.count > 1 || entries.first?.state != end.state { entries.append(end) }
        return entries
    }

    private func readAttempts(_ job: JobID, _ limit: Int, _ statements: Statements) throws -> [AttemptRecord] {
        var attempts: [AttemptRecord] = []
        statements.attempts.bind(job.rawValue, at: 1)
        statements.attempts.bind(max(0, limit), at: 2)
        try statements.attempts.forEachRow { (row) throws(SQLFault) in
            attempts.append(try row.attempt(job: job))
            return true
        }
        return attempts.reversed()
    }
}

extension SQLRow {
    /// A row of `Statements.jobColumns`. The unit counts are those of the job's end; 0 before it.
    func jobSummary() throws(SQLFault) -> JobSummary {
        JobSummary(
            record: try jobRecord(), changedAtMilliseconds: int(16), completedUnits: uint(17), failedUnits: uint(18))
    }

    /// A row of `Statements.jobColumns`: the job's end says everything about its one unit.
    var hasUnit: Bool { optionalInt(23) != nil }

    /// The end of the job in a row of `Statements.jobColumns`; nil: it is open.
    func end() throws(SQLFault) -> StateLogEntry? {
        guard let state = optionalInt(19) else { return nil }
        return StateLogEntry(
            state: try JobState(storedCode: state, column: "ended_job.state"),
            reason: StateReason(try StateReason.Code(storedCode: int(20), column: "ended_job.reason"), text(21)),
            wallMilliseconds: int(16))
    }

    /// A row of `Statements.attempts`.
    func attempt(job: JobID) throws(SQLFault) -> AttemptRecord {
        let grant = Grant(
            unit: UnitID(job: job, index: uint(0)), token: FencingToken(incarnation: uint(2), counter: uint(3)))
        let dispatch = UnitDispatch(
            grant: grant, attempt: Int(int(1)), worker: WorkerID(text(4)), session: SessionID(try uint128(5)),
            dispatchedAtMilliseconds: int(6))
        guard let kind = optionalInt(8) else { return AttemptRecord(dispatch: dispatch, ending: .out) }
        let ending: AttemptRecord.Ending =
            if kind == StoredEnding.requeued {
                .requeued(StateReason(try StateReason.Code(storedCode: int(9), column: "attempt.code"), text(10)))
            } else {
                .finished(try outcome(kind, code: 9, message: 10))
            }
        return AttemptRecord(dispatch: dispatch, ending: ending, endedAtMilliseconds: int(7))
    }

    /// An outcome out of its ending, the failure's code and its message.
    func outcome(_ ending: Int64, code: Int32, message: Int32) throws(SQLFault) -> UnitOutcome {
        switch ending {
        case StoredEnding.succeeded: return .succeeded
        case StoredEnding.canceled: return .canceled
        case StoredEnding.failed:
            return .failed(
                UnitFailure(code: try FailureCode(storedCode: int(code), column: "failure"), message: text(message)))
        default: throw SQLFault(unknown: ending, in: "ending")
        }
    }
}
