import Foundation
import GRDB
import Glibc
package import Orders

/// The write-ahead journal of one job's orders: one SQLite file that one process holds.
///
/// `append` has brought its records to the disk when it returns; after a crash of the process or the machine the file holds exactly the
/// batches that were appended. For one thread.
package final class OrderJournal {
    package let path: String
    private var lock: JournalLock?
    private var queue: DatabaseQueue?
    /// The number of the last record; 0: none.
    package private(set) var lastSequence: Int64 = 0
    /// The coordinator has every record up to this one.
    package private(set) var acknowledged: Int64 = 0

    /// A record with its number, as the coordinator gets it.
    package struct Entry: Hashable, Sendable {
        package var sequence: Int64
        package var bytes: [UInt8]

        package init(sequence: Int64, bytes: [UInt8]) {
            self.sequence = sequence
            self.bytes = bytes
        }
    }

    /// The newest layout that this program knows.
    static let version = 1
    /// Marks a file as an order journal of this program ("PROJ").
    static let applicationID: Int32 = 0x5052_4F4A

    /// Opens or creates the journal, readable by its owner alone. `holder`: who says to have it when another one wants it.
    package init(path: String, holder: String) throws(OrderJournalError) {
        self.path = path
        do {
            lock = try JournalLock(beside: path, holder: holder)
            try Self.makeFile(path)
            let queue = try DatabaseQueue(path: path, configuration: Self.configuration)
            self.queue = queue
            try queue.writeWithoutTransaction { try Self.prepare($0, path) }
            (lastSequence, acknowledged) = try queue.writeWithoutTransaction { database in
                (
                    try Int64.fetchOne(database, sql: "SELECT coalesce(max(sequence), 0) FROM record") ?? 0,
                    try Int64.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'acknowledged'") ?? 0
                )
            }
        } catch {
            throw Self.typed(error, path)
        }
    }

    package func close() throws(OrderJournalError) {
        do { try queue?.close() } catch { throw Self.typed(error, path) }
        queue = nil
        lock = nil
    }

    /// The file, its log and its index have the rights of the file: they are set before anything is in it.
    private static func makeFile(_ path: String) throws(OrderJournalError) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw OrderJournalError(.notWritable, path: path, detail: JournalLock.reason(errno)) }
        _ = fchmod(file, 0o600)
        Glibc.close(file)
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "orders"
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    PRAGMA journal_size_limit = 16777216;
                    """)
        }
        return configuration
    }

    private static func prepare(_ database: Database, _ path: String) throws {
        let owner = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        if owner != applicationID, tables > 0 || owner != 0 {
            throw OrderJournalError(.notAnOrderJournal, path: path, detail: "its application id is \(owner)")
        }
        guard version <= Self.version else {
            throw OrderJournalError(
                .newerVersion, path: path, detail: "layout \(version), this program knows layouts up to \(Self.version)")
        }
        guard version == 0 else { return }
        try database.inTransaction {
            try database.execute(
                sql: """
                    CREATE TABLE record(sequence INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
                    CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
                    INSERT INTO meta(name, value) VALUES ('acknowledged', 0);
                    PRAGMA application_id = \(applicationID);
                    PRAGMA user_version = \(Self.version);
                    """)
            return .commit
        }
    }

    private func access<Value>(_ body: (Database) throws -> Value) throws(OrderJournalError) -> Value {
        guard let queue else { throw OrderJournalError(.failed, path: path, detail: "it is closed") }
        do { return try queue.writeWithoutTransaction(body) } catch { throw Self.typed(error, path) }
    }

    /// Lets the file grow to that many pages of 4 KiB: how a test makes a full disk.
    package func limitPages(to pages: Int) throws(OrderJournalError) {
        try access { _ = try Int.fetchOne($0, sql: "PRAGMA max_page_count = \(pages)") }
    }
}

extension OrderJournal {
    /// Stores all of these records or none of them. After an error the process has to end: what it decided is not in the journal.
    package func append(_ records: [JournalRecord]) throws(OrderJournalError) {
        guard !records.isEmpty else { return }
        let rows = records.map(\.encoded)
        if let long = rows.first(where: { $0.count > JournalRecord.byteLimit }) {
            throw OrderJournalError(
                .tooLarge, path: path, detail: "\(long.count) bytes, at most \(JournalRecord.byteLimit) are taken")
        }
        let first = lastSequence + 1
        try access { database in
            try database.inTransaction(.immediate) {
                let statement = try database.cachedStatement(sql: "INSERT INTO record(sequence, bytes) VALUES (?, ?)")
                for (index, bytes) in rows.enumerated() {
                    try statement.execute(arguments: [first + Int64(index), bytes.withUnsafeBytes { Data($0) }])
                }
                return .commit
            }
        }
        lastSequence += Int64(rows.count)
    }

    /// All records from the first one on.
    package func records() throws(OrderJournalError) -> [JournalRecord] {
        var records: [JournalRecord] = []
        for entry in try entries(after: 0, limit: .max) {
            guard entry.sequence == Int64(records.count) + 1 else {
                throw OrderJournalError(.damaged, path: path, detail: "record \(records.count + 1) is missing")
            }
            records.append(try decode(entry))
        }
        return records
    }

    private func decode(_ entry: Entry) throws(OrderJournalError) -> JournalRecord {
        do {
            return try JournalRecord(decoding: entry.bytes)
        } catch .damaged(let what) {
            throw OrderJournalError(.damaged, path: path, detail: "record \(entry.sequence): \(what)")
        } catch {
            throw OrderJournalError(.newerVersion, path: path, detail: "record \(entry.sequence): \(error)")
        }
    }

    private func entries(after sequence: Int64, limit: Int) throws(OrderJournalError) -> [Entry] {
        try access { database in
            let sql = "SELECT sequence, bytes FROM record WHERE sequence > ? ORDER BY sequence LIMIT ?"
            return try Row.fetchAll(database, sql: sql, arguments: [sequence, Int64(limit)]).map { row in
                // Damage can put anything into a column.
                let (number, blob): (DatabaseValue, DatabaseValue) = (row[0], row[1])
                guard let sequence = Int64.fromDatabaseValue(number), let bytes = Data.fromDatabaseValue(blob) else {
                    throw OrderJournalError(.damaged, path: path, detail: "a record after \(sequence) is no record")
                }
                return Entry(sequence: sequence, bytes: [UInt8](bytes))
            }
        }
    }

    /// Records from this number on, at most so many.
    package func entries(from sequence: Int64, limit: Int) throws(OrderJournalError) -> [Entry] {
        try entries(after: max(sequence, 1) - 1, limit: max(limit, 0))
    }

    // MARK: - What the coordinator has

    /// The oldest records that the coordinator does not have yet.
    package func unacknowledged(limit: Int) throws(OrderJournalError) -> [Entry] {
        try entries(after: acknowledged, limit: max(limit, 0))
    }

    /// The coordinator has stored every record up to this one; less than before changes nothing.
    ///
    /// It is not forced to the disk: after a loss of power records are sent again, and the coordinator knows them by their numbers.
    package func acknowledge(upTo sequence: Int64) throws(OrderJournalError) {
        let mark = min(sequence, lastSequence)
        guard mark > acknowledged else { return }
        try access { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
            defer { try? database.execute(sql: "PRAGMA synchronous = FULL") }
            try database.execute(sql: "UPDATE meta SET value = ? WHERE name = 'acknowledged'", arguments: [mark])
        }
        acknowledged = mark
    }
}

extension OrderJournal {
    private static func typed(_ error: any Error, _ path: String) -> OrderJournalError {
        if let error = error as? OrderJournalError { return error }
        guard let error = error as? DatabaseError else { return OrderJournalError(.failed, path: path, detail: "\(error)") }
        let detail = "\(error.message ?? "no text"), code \(error.extendedResultCode.rawValue)"
        let code: OrderJournalError.Code =
            switch error.resultCode {
            case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: .notWritable
            case .SQLITE_NOTADB, .SQLITE_CORRUPT: .damaged
            case .SQLITE_BUSY, .SQLITE_LOCKED: .inUse
            case .SQLITE_FULL: .diskFull
            case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHORT_READ: .damaged
            // No table where one should be: the first pages are gone.
            case .SQLITE_ERROR where detail.contains("no such table"): .damaged
            default: .failed
            }
        return OrderJournalError(code, path: path, detail: detail)
    }
}
