import Coordination
import GRDB
import GRDBSQLite

/// The durable store: one SQLite file in WAL mode that a single process holds open.
///
/// A commit is one transaction; with `Durability.full` it has reached the disk when `commit` returns. After a crash of the
/// process or the machine the file holds exactly the batches that were committed; nothing has to be repaired.
package final class SQLiteJobStore: JobStore {
    /// What survives what.
    package enum Durability: String, CaseIterable, Hashable, Sendable {
        /// Every commit survives the loss of power.
        case full
        /// Every commit survives the death of the process; the last ones may be lost with the machine's power.
        case processOnly
        /// As `processOnly`, but the loss of power may also damage the file: for benchmarks.
        case volatile
    }

    let path: String
    let settleCount: Int
    private var queue: DatabaseQueue?
    /// The connection of `queue`, which nothing but this object uses.
    private var connection: OpaquePointer?
    private(set) var statements: Statements?
    /// Rows of `session` that were used in this life of the process.
    var sessions: [SessionKey: Int64] = [:]
    /// Numbers the rows of `log`: above all of earlier openings.
    var logSequence: Int64 = 0
    /// The number of the next result.
    var nextResult: Int64 = 1
    /// Open jobs of one unit whose state stands in the journal.
    var recent: [JobID: RecentJob] = [:]
    /// The unit of a recent job that has got its result, until the next change.
    var finished: FinishedUnit?
    /// The journal row of the batch that is being written.
    var journal = JournalWriter()
    /// Jobs that ended and successes since the journal was emptied: the former by stored state, the latter by key.
    var endedDeltas: [Int64] = Array(repeating: 0, count: 10)
    var freshSuccesses: [Int64: [JobID]] = [:]
    /// What of `endedDeltas` the journal says.
    var journaledDeltas: [Int64] = Array(repeating: 0, count: 10)
    /// New jobs and successes since the journal was emptied.
    var unsettledCount = 0
    /// Jobs up to this one have a row in `open_job` or `ended_job`.
    var settledJob = JobID(0)
    var lastJob = JobID(0)
    /// Open jobs of more than one unit, so that a list need not count the rows of a sweep.
    var sweeps: [JobID: UnitCounts] = [:]
    /// A batch failed: what is in memory is read again before it is used.
    var mustReload = false
    /// A lookup failed: the next commit throws this.
    var lookupFailure: JobStoreError?

    struct UnitCounts {
        var completed: UInt64 = 0
        var failed: UInt64 = 0
    }

    struct SessionKey: Hashable {
        var session: SessionID
        var worker: WorkerID
    }

    /// Opens or creates the file at an absolute path. Its folder must be there.
    ///
    /// `settleCount`: after so many new jobs and successes what stands in the journal is moved to the tables. More of them
    /// make fewer and larger moves and take about 100 bytes of memory each.
    package init(
        path: String, durability: Durability = .full, cacheBytes: Int = 4 << 20, settleCount: Int = 8_192
    ) throws(JobStoreError) {
        self.path = path
        self.settleCount = settleCount
        do {
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration(durability, cacheBytes))
            self.queue = queue
            try Self.prepare(queue, path)
            let connection = queue.inDatabase { $0.sqliteConnection }
            guard let connection else { throw JobStoreError(.failed, store: path, detail: "it has no connection") }
            self.connection = connection
            // GRDB's hooks are for observers of its own transactions, of which there are none, and trap outside its queue.
            _ = sqlite3_commit_hook(connection, nil, nil)
            _ = sqlite3_rollback_hook(connection, nil, nil)
            statements = try Statements(connection)
        } catch {
            throw Self.typed(error, path)
        }
    }

    deinit {
        // Statements go before their connection.
        statements = nil
    }

    package func close() throws(JobStoreError) {
        statements = nil
        connection = nil
        do { try queue?.close() } catch { throw Self.typed(error, path) }
        queue = nil
    }

    private static func configuration(_ durability: Durability, _ cacheBytes: Int) -> Configuration {
        var configuration = Configuration()
        configuration.label = "jobs"
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { database in
            // Exclusive: a second coordinator gets an error instead of a share, and no commit spends time on file locks.
            // The WAL is folded into the file every 4,000 pages (16 MB): more seldom costs disk and start-up time, more often
            // writes the same pages again and again.
            try database.execute(
                sql: """
                    PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = \(durability == .full ? "FULL" : durability == .processOnly ? "NORMAL" : "OFF");
                    PRAGMA wal_autocheckpoint = 4000;
                    PRAGMA journal_size_limit = 67108864;
                    PRAGMA cache_size = -\(max(1, cacheBytes / 1024));
                    PRAGMA temp_store = MEMORY;
                    PRAGMA secure_delete = OFF;
                    """)
        }
        return configuration
    }

    /// Checks whose file it is before anything is written to it, then brings its layout up to date.
    private static func prepare(_ queue: DatabaseQueue, _ path: String) throws {
        let (owner, version, tables) = try queue.writeWithoutTransaction { database in
            (
                try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
                try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0,
                try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            )
        }
        if owner != Layout.applicationID, tables > 0 || owner != 0 {
            throw JobStoreError(.notAJobStore, store: path, detail: "its application id is \(owner)")
        }
        guard version <= Layout.version else {
            throw JobStoreError(.newerVersion(found: version, supported: Layout.version), store: path, detail: "")
        }
        try Layout.migrator.migrate(queue)
    }

    /// Runs `body` with the statements.
    func withStatements<Value>(_ body: (Statements) throws -> Value) throws(JobStoreError) -> Value {
        guard let statements else { throw JobStoreError(.failed, store: path, detail: "it is closed") }
        do { return try body(statements) } catch { throw Self.typed(error, path) }
    }

    /// The same with the connection, for statements that are made for one question.
    func withConnection<Value>(_ body: (OpaquePointer, Statements) throws -> Value) throws(JobStoreError) -> Value {
        guard let connection else { throw JobStoreError(.failed, store: path, detail: "it is closed") }
        return try withStatements { try body(connection, $0) }
    }

    /// Finds a damaged file: reads all of it, which takes seconds per gigabyte. Empty: everything is sound.
    package func integrityProblems() throws(JobStoreError) -> [String] {
        guard let queue else { throw JobStoreError(.failed, store: path, detail: "it is closed") }
        do {
            let lines = try queue.writeWithoutTransaction { try String.fetchAll($0, sql: "PRAGMA integrity_check(20)") }
            return lines == ["ok"] ? [] : lines
        } catch { throw Self.typed(error, path) }
    }

    /// Lets the file grow to that many pages of 4 KiB: how a test makes a full disk.
    package func limitPages(to pages: Int) throws(JobStoreError) {
        try withConnection { connection, _ in
            try SQLStatement(connection, "PRAGMA max_page_count = \(pages)").forEachRow { _ in true }
        }
    }

    static func typed(_ error: any Error, _ path: String) -> JobStoreError {
        switch error {
        case let error as JobStoreError: error
        case let fault as SQLFault: typed(fault, path)
        case let error as DatabaseError:
            typed(
                SQLFault(
                    code: error.resultCode.rawValue, extendedCode: error.extendedResultCode.rawValue,
                    message: error.message ?? ""), path)
        default: JobStoreError(.failed, store: path, detail: "\(error)")
        }
    }

    private static func typed(_ fault: SQLFault, _ path: String) -> JobStoreError {
        let code: JobStoreError.Code =
            switch fault.code {
            case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .notWritable
            case SQLITE_NOTADB, SQLITE_CORRUPT: .damaged
            case SQLITE_BUSY, SQLITE_LOCKED: .inUse
            case SQLITE_FULL: .diskFull
            case SQLITE_IOERR where fault.extendedCode == Self.shortRead: .damaged
            default: .failed
            }
        return JobStoreError(code, store: path, detail: "\(fault.message), code \(fault.extendedCode)")
    }

    /// `SQLITE_IOERR_SHORT_READ`, which is a macro that Swift does not import.
    private static let shortRead = SQLITE_IOERR | (2 << 8)
}
