package import Coordination

extension SQLiteJobStore {
    package func open() throws(JobStoreError) -> StoreSnapshot {
        try withStatements { statements in
            let incarnation = try storedIncarnation(statements) + 1
            try raiseIncarnation(to: incarnation, statements)
            // Rows of one opening stay below those of the next: 2^40 rows each, for 2^23 openings.
            logSequence = Int64(incarnation & 0x7f_ffff) << 40
            try reload(statements, countingSweeps: false)
            try settleAtOnce(statements)
            var jobs: [StoredJob] = []
            try statements.openJobs.forEachRow { (row) throws(SQLFault) in
                jobs.append(StoredJob(record: try row.jobRecord()))
                return true
            }
            for index in jobs.indices {
                try loadUnits(of: &jobs[index], statements)
                try loadRecordCount(of: &jobs[index], statements)
                guard jobs[index].record.job.unitCount > 1 else { continue }
                sweeps[jobs[index].record.id] = UnitCounts(
                    completed: jobs[index].completedUnits.unitCount, failed: jobs[index].failedUnits.unitCount)
            }
            return StoreSnapshot(
                incarnation: incarnation, nextJobID: JobID(lastJob.rawValue + 1), jobs: jobs,
                workers: try knownWorkers(statements), deadSessions: try deadSessions(statements))
        }
    }

    private func settleAtOnce(_ statements: Statements) throws {
        try statements.begin.run()
        do {
            try settle(statements)
            try statements.commit.run()
        } catch {
            try? statements.rollback.run()
            mustReload = true
            throw error
        }
    }

    private func storedIncarnation(_ statements: Statements) throws -> UInt64 {
        try statements.readIncarnation.first { $0.uint(0) } ?? 0
    }

    func raiseIncarnation(to value: UInt64, _ statements: Statements) throws {
        guard try storedIncarnation(statements) < value else { return }
        statements.raiseIncarnation.bind(value, at: 1)
        try statements.raiseIncarnation.run()
    }

    /// A backtest has none.
    func loadRecordCount(of job: inout StoredJob, _ statements: Statements) throws(SQLFault) {
        guard job.record.job.kind != .backtest else { return }
        job.recordCount = try recordCount(of: job.record.id, statements)
    }

    /// Reads the units of a job. Runs of completed units are collected before they are put into the set: a sweep has
    /// hundreds of thousands of rows in a few runs.
    func loadUnits(of job: inout StoredJob, _ statements: Statements) throws(SQLFault) {
        let id = job.record.id
        var completed = UnitRuns()
        var failed = UnitRuns()
        var pending: [PendingUnit] = []
        var dispatches: [UnitDispatch] = []
        statements.units.bind(id.rawValue, at: 1)
        try statements.units.forEachRow { (row) throws(SQLFault) in
            let index = row.uint(0)
            switch row.int(1) {
            case StoredUnitState.completed: completed.append(index)
            case StoredUnitState.failed: failed.append(index)
            case StoredUnitState.pending:
                let unit = UnitID(job: id, index: index)
                pending.append(
                    PendingUnit(unit: unit, attempts: Int(row.int(2)), notBeforeMilliseconds: row.optionalInt(3)))
            case StoredUnitState.out: dispatches.append(try row.dispatch(job: id))
            case let other: throw SQLFault(unknown: other, in: "unit.state")
            }
            return true
        }
        job.completedUnits = completed.rangeSet()
        job.failedUnits = failed.rangeSet()
        job.pendingUnits = pending
        job.dispatches = dispatches
    }
}

/// Collects ascending numbers as ranges.
struct UnitRuns {
    private var closed: [Range<UInt64>] = []
    private var current: Range<UInt64>?

    /// Each number must be above the one before.
    mutating func append(_ index: UInt64) {
        if let run = current, run.upperBound == index {
            current = run.lowerBound..<index + 1
            return
        }
        if let run = current { closed.append(run) }
        current = index..<index + 1
    }

    func rangeSet() -> RangeSet<UInt64> {
        guard let current else { return RangeSet() }
        return RangeSet(closed + [current])
    }
}

extension RangeSet<UInt64> {
    fileprivate var unitCount: UInt64 { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }
}

extension SQLRow {
    /// A row of `Statements.jobColumns`.
    func jobRecord() throws(SQLFault) -> JobRecord {
        let job = NewJob(
            address: JobAddress(try digest(2)), kind: try JobKind(storedCode: int(3), column: "job.kind"), group: text(4),
            priority: Int(int(5)),
            combinationCount: uint(6), sliceSize: uint(7), maxAttempts: Int(int(8)), fresh: int(9) != 0,
            memoryEstimate: optionalInt(10).map { UInt64(bitPattern: $0) }, expiresAtMilliseconds: optionalInt(11))
        return JobRecord(
            id: JobID(int(0)), submission: SubmissionID(try uint128(12)), submissionIndex: Int(int(13)), job: job,
            state: try JobState(storedCode: int(1), column: "job.state"), submittedAtMilliseconds: int(15))
    }

    /// A row of `Statements.units` whose unit is out.
    func dispatch(job: JobID) throws(SQLFault) -> UnitDispatch {
        UnitDispatch(
            grant: Grant(
                unit: UnitID(job: job, index: uint(0)), token: FencingToken(incarnation: uint(4), counter: uint(5))),
            attempt: Int(int(2)), worker: WorkerID(text(7)), session: SessionID(try uint128(8)),
            dispatchedAtMilliseconds: int(6))
    }
}
