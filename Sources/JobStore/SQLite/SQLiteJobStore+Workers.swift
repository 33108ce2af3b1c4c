package import Coordination

/// The sessions of workers that the coordinator knows, and the dead ones.
extension SQLiteJobStore {
    func joined(_ worker: WorkerSession, _ statements: Statements) throws {
        let statement = statements.insertWorker
        statement.bind(worker.session.rawValue, at: 1)
        statement.bind(worker.worker.name, at: 2)
        statement.bind(worker.workerClass.storedCode, at: 3)
        statement.bind(worker.start, at: 4)
        try statement.run()
    }

    func died(_ session: SessionID, _ statements: Statements) throws {
        try run(statements.insertDead, session)
        statements.forgetDead.bind(StoreSnapshot.deadSessionLimit, at: 1)
        try statements.forgetDead.run()
    }

    func run(_ statement: SQLStatement, _ session: SessionID) throws {
        statement.bind(session.rawValue, at: 1)
        try statement.run()
    }

    func knownWorkers(_ statements: Statements) throws -> [WorkerSession] {
        var found: [WorkerSession] = []
        try statements.workers.forEachRow { (row) throws(SQLFault) in
            found.append(
                WorkerSession(
                    worker: WorkerID(row.text(0)), session: SessionID(try row.uint128(1)),
                    workerClass: try JobKind(storedCode: row.int(2), column: "worker.class"), start: row.uint(3)))
            return true
        }
        return found
    }

    func deadSessions(_ statements: Statements) throws -> [SessionID] {
        var found: [SessionID] = []
        try statements.deadSessions.forEachRow { (row) throws(SQLFault) in
            found.append(SessionID(try row.uint128(0)))
            return true
        }
        return found
    }

    package func isRecorded(_ grant: Grant, succeeded: Bool) -> Bool {
        let found: Bool? = lookup { statements in
            let statement = succeeded ? statements.recordedSuccess : statements.recordedFailure
            bind(grant, to: statement)
            return try statement.first { _ in true }
        }
        return found ?? false
    }
}
