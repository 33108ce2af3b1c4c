import Coordination

/// The changes of units: each of them checks, in the statement itself, that the unit is out under exactly the grant.
extension SQLiteJobStore {
    func bind(_ grant: Grant, to statement: SQLStatement) {
        statement.bind(grant.unit.job.rawValue, at: 1)
        statement.bind(grant.unit.index, at: 2)
        statement.bind(grant.token.incarnation, at: 3)
        statement.bind(grant.token.counter, at: 4)
    }

    /// Runs a statement that must change exactly the row of the grant.
    private func runOnce(_ statement: SQLStatement, _ grant: Grant) throws {
        try statement.run()
        guard statement.changedRows == 1 else { throw contradiction(Contradiction.notOut(grant)) }
    }

    func dispatched(_ dispatch: UnitDispatch, _ statements: Statements) throws {
        let grant = dispatch.grant
        let session = try sessionRow(dispatch.worker, dispatch.session, statements)
        guard try isOpen(grant.unit.job, statements) else { throw contradiction(Contradiction.notWaiting(grant.unit)) }
        let time = dispatch.dispatchedAtMilliseconds
        if try insertUnit(grant, dispatch.attempt, session, time, statements) { return }
        bind(grant, dispatch.attempt, session, time, to: statements.dispatchAgain)
        try statements.dispatchAgain.run()
        guard statements.dispatchAgain.changedRows == 1 else { throw contradiction(Contradiction.notWaiting(grant.unit)) }
    }

    /// Stores a unit as out; false: it has a row.
    @discardableResult
    func insertUnit(
        _ grant: Grant, _ attempt: Int, _ session: Int64, _ time: Int64, _ statements: Statements
    ) throws -> Bool {
        bind(grant, attempt, session, time, to: statements.dispatchUnit)
        return try statements.dispatchUnit.runUnlessThere()
    }

    private func bind(_ grant: Grant, _ attempt: Int, _ session: Int64, _ time: Int64, to statement: SQLStatement) {
        statement.bind(grant.unit.job.rawValue, at: 1)
        statement.bind(grant.unit.index, at: 2)
        statement.bind(attempt, at: 3)
        statement.bind(grant.token.incarnation, at: 4)
        statement.bind(grant.token.counter, at: 5)
        statement.bind(session, at: 6)
        statement.bind(time, at: 7)
    }

    /// For jobs that are not recent.
    private func isOpen(_ job: JobID, _ statements: Statements) throws -> Bool {
        if sweeps[job] != nil { return true }
        statements.isOpen.bind(job.rawValue, at: 1)
        return try statements.isOpen.first { _ in true } ?? false
    }

    func finish(
        _ grant: Grant, _ outcome: UnitOutcome, _ time: Int64, _ bytes: some JobBytes, _ statements: Statements
    ) throws {
        switch outcome {
        case .succeeded:
            guard let result = bytes.result(of: grant) else { throw contradiction(Contradiction.noResult(grant)) }
            bind(grant, to: statements.completeUnit)
            statements.completeUnit.bind(time, at: 5)
            statements.completeUnit.bind(nextResult, at: 6)
            try runOnce(statements.completeUnit, grant)
            statements.insertResult.bind(nextResult, at: 1)
            try statements.insertResult.run(binding: result, at: 2)
            nextResult += 1
            sweeps[grant.unit.job]?.completed += 1
        case .failed(let failure):
            bind(grant, to: statements.failUnit)
            statements.failUnit.bind(time, at: 5)
            statements.failUnit.bind(failure.code.storedCode, at: 6)
            statements.failUnit.bind(failure.message, at: 7)
            try runOnce(statements.failUnit, grant)
            sweeps[grant.unit.job]?.failed += 1
        case .canceled:
            try close(grant, time, ending: StoredEnding.canceled, code: 0, message: "", statements)
            bind(grant, to: statements.removeUnit)
            try runOnce(statements.removeUnit, grant)
        }
    }

    func requeued(
        _ grant: Grant, _ unit: PendingUnit, _ reason: StateReason, _ time: Int64, _ statements: Statements
    ) throws {
        try close(
            grant, time, ending: StoredEnding.requeued, code: reason.code.storedCode, message: reason.message, statements)
        bind(grant, to: statements.requeueUnit)
        statements.requeueUnit.bind(unit.attempts, at: 5)
        statements.requeueUnit.bind(unit.notBeforeMilliseconds, at: 6)
        try runOnce(statements.requeueUnit, grant)
    }

    private func close(
        _ grant: Grant, _ time: Int64, ending: Int64, code: Int64, message: String, _ statements: Statements
    ) throws {
        let statement = statements.closeAttempt
        bind(grant, to: statement)
        statement.bind(time, at: 5)
        statement.bind(ending, at: 6)
        statement.bind(code, at: 7)
        statement.bind(message, at: 8)
        try runOnce(statement, grant)
    }

    func note(_ report: LateReport, _ time: Int64, _ statements: Statements) throws {
        let statement = statements.insertLateReport
        bind(report.grant, to: statement)
        statement.bind(try sessionRow(report.worker, report.session, statements), at: 5)
        var ending = StoredEnding.succeeded
        var code: Int64 = 0
        var message = ""
        switch report.outcome {
        case .succeeded: break
        case .canceled: ending = StoredEnding.canceled
        case .failed(let failure):
            ending = StoredEnding.failed
            code = failure.code.storedCode
            message = failure.message
        }
        statement.bind(ending, at: 6)
        statement.bind(code, at: 7)
        statement.bind(message, at: 8)
        statement.bind(time, at: 9)
        try statement.run()
    }

    /// The number that stands for a worker's session in other rows.
    func sessionRow(_ worker: WorkerID, _ session: SessionID, _ statements: Statements) throws -> Int64 {
        let key = SessionKey(session: session, worker: worker)
        if let row = sessions[key] { return row }
        // Forgotten ones are found again in the table; the limit only bounds the memory.
        if sessions.count >= 20_000 { sessions.removeAll() }
        for statement in [statements.findSession, statements.insertSession] {
            statement.bind(session.rawValue, at: 1)
            statement.bind(worker.name, at: 2)
            if let row = try statement.first({ $0.int(0) }) {
                sessions[key] = row
                return row
            }
        }
        throw SQLFault(damaged: "a session could not be stored")
    }
}
