import Coordination
import GRDBSQLite

/// A prepared statement that binds and steps through SQLite's own functions.
///
/// GRDB opens, configures and migrates the database. Its argument arrays and rows allocate several times per execution and
/// its queue is a lock and a call of the dispatch library; the statements that run per job go without them. That is sound
/// because a store belongs to one thread and nothing else has its connection.
///
/// Parameters count from 1, columns from 0. Text and blobs are copied by SQLite unless they are bound for one execution by
/// `run(binding:at:)`.
final class SQLStatement {
    private let pointer: OpaquePointer

    /// The connection must outlive the statement.
    init(_ connection: OpaquePointer, _ sql: String) throws(SQLFault) {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw SQLFault(code, of: connection) }
        pointer = prepared
    }

    deinit { sqlite3_finalize(pointer) }

    func bind(_ value: Int64, at index: Int32) { sqlite3_bind_int64(pointer, index, value) }

    func bind(_ value: Int, at index: Int32) { sqlite3_bind_int64(pointer, index, Int64(value)) }

    /// Keeps all 64 bits; the number in the file is negative where the highest one is set.
    func bind(_ value: UInt64, at index: Int32) { sqlite3_bind_int64(pointer, index, Int64(bitPattern: value)) }

    func bind(_ value: Int64?, at index: Int32) {
        if let value { sqlite3_bind_int64(pointer, index, value) } else { sqlite3_bind_null(pointer, index) }
    }

    func bind(_ value: String, at index: Int32) {
        var value = value
        value.withUTF8 { text in
            // A null pointer would bind NULL instead of the empty text.
            let start = text.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }
            if let start, !text.isEmpty {
                sqlite3_bind_text(pointer, index, start, Int32(text.count), Self.copied)
            } else {
                sqlite3_bind_text(pointer, index, "", 0, Self.copied)
            }
        }
    }

    /// Binds 16 bytes, most significant first, without an allocation.
    func bind(_ value: UInt128, at index: Int32) {
        _ = withUnsafeBytes(of: value.bigEndian) { raw in
            sqlite3_bind_blob64(pointer, index, raw.baseAddress, 16, Self.copied)
        }
    }

    /// Binds 32 bytes, most significant first, without an allocation.
    func bind(_ digest: Digest256, at index: Int32) {
        let words = digest.words
        let bigEndian = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        _ = withUnsafeBytes(of: bigEndian) { raw in
            sqlite3_bind_blob64(pointer, index, raw.baseAddress, 32, Self.copied)
        }
    }

    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    /// Runs a statement that gives no rows.
    func run() throws(SQLFault) {
        let code = sqlite3_step(pointer)
        sqlite3_reset(pointer)
        guard code == SQLITE_DONE else { throw fault(code) }
    }

    /// Runs an insertion; false: a row with the same unique value is there.
    func runUnlessThere() throws(SQLFault) -> Bool {
        let code = sqlite3_step(pointer)
        sqlite3_reset(pointer)
        return try isNew(code)
    }

    private func isNew(_ code: Int32) throws(SQLFault) -> Bool {
        if code & 0xff == SQLITE_CONSTRAINT { return false }
        guard code == SQLITE_DONE else { throw fault(code) }
        return true
    }

    /// Runs a statement that gives no rows with a blob that is not copied.
    func run(binding bytes: [UInt8], at index: Int32) throws(SQLFault) {
        let code = step(binding: bytes, at: index)
        guard code == SQLITE_DONE else { throw fault(code) }
    }

    /// The same as `runUnlessThere()` with a blob that is not copied.
    func runUnlessThere(binding bytes: [UInt8], at index: Int32) throws(SQLFault) -> Bool {
        try isNew(step(binding: bytes, at: index))
    }

    private func step(binding bytes: [UInt8], at index: Int32) -> Int32 {
        bytes.withUnsafeBytes { raw in
            if raw.isEmpty {
                sqlite3_bind_zeroblob(pointer, index, 0)
            } else {
                sqlite3_bind_blob64(pointer, index, raw.baseAddress, UInt64(raw.count), nil)
            }
            let code = sqlite3_step(pointer)
            sqlite3_reset(pointer)
            sqlite3_bind_null(pointer, index)
            return code
        }
    }

    /// Binds a blob that SQLite copies.
    func bind(_ bytes: [UInt8], at index: Int32) {
        bytes.withUnsafeBytes { raw in
            if raw.isEmpty {
                _ = sqlite3_bind_zeroblob(pointer, index, 0)
            } else {
                _ = sqlite3_bind_blob64(pointer, index, raw.baseAddress, UInt64(raw.count), Self.copied)
            }
        }
    }

    /// How many rows the last run of any statement of the connection changed.
    var changedRows: Int { Int(sqlite3_changes(sqlite3_db_handle(pointer))) }

    /// Calls `body` for each row until it says false. Parameters must be bound.
    func forEachRow(_ body: (SQLRow) throws(SQLFault) -> Bool) throws(SQLFault) {
        defer { sqlite3_reset(pointer) }
        while true {
            let code = sqlite3_step(pointer)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw fault(code) }
            guard try body(SQLRow(pointer: pointer)) else { return }
        }
    }

    /// The first row, turned into a value; nil: there is none.
    func first<Value>(_ body: (SQLRow) throws(SQLFault) -> Value) throws(SQLFault) -> Value? {
        var result: Value?
        try forEachRow { (row) throws(SQLFault) in
            result = try body(row)
            return false
        }
        return result
    }

    private func fault(_ code: Int32) -> SQLFault { SQLFault(code, of: sqlite3_db_handle(pointer)) }
}

/// The row at which a statement stands; valid until its next step.
struct SQLRow {
    let pointer: OpaquePointer

    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

    func uint(_ column: Int32) -> UInt64 { UInt64(bitPattern: sqlite3_column_int64(pointer, column)) }

    func optionalInt(_ column: Int32) -> Int64? {
        sqlite3_column_type(pointer, column) == SQLITE_NULL ? nil : sqlite3_column_int64(pointer, column)
    }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(pointer, column) else { return "" }
        let count = Int(sqlite3_column_bytes(pointer, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// A blob of exactly 32 bytes.
    func digest(_ column: Int32) throws(SQLFault) -> Digest256 {
        guard let start = sqlite3_column_blob(pointer, column), sqlite3_column_bytes(pointer, column) == 32 else {
            throw SQLFault(damaged: "a digest has the wrong length")
        }
        func word(_ place: Int) -> UInt64 { UInt64(bigEndian: start.loadUnaligned(fromByteOffset: place * 8, as: UInt64.self)) }
        return Digest256(words: (word(0), word(1), word(2), word(3)))
    }

    /// A blob of exactly 16 bytes.
    func uint128(_ column: Int32) throws(SQLFault) -> UInt128 {
        guard let start = sqlite3_column_blob(pointer, column), sqlite3_column_bytes(pointer, column) == 16 else {
            throw SQLFault(damaged: "an id has the wrong length")
        }
        func word(_ place: Int) -> UInt64 { UInt64(bigEndian: start.loadUnaligned(fromByteOffset: place * 8, as: UInt64.self)) }
        return UInt128(word(0)) << 64 | UInt128(word(1))
    }

    func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(pointer, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
    }
}

/// An error code of SQLite with its text, or a stored value that this program does not know.
struct SQLFault: Error {
    var code: Int32
    var extendedCode: Int32
    var message: String

    init(code: Int32, extendedCode: Int32, message: String) {
        self.code = code
        self.extendedCode = extendedCode
        self.message = message
    }

    /// The error that a function of SQLite just gave.
    init(_ code: Int32, of connection: OpaquePointer?) {
        let text = sqlite3_errmsg(connection).map { String(cString: $0) } ?? ""
        self.init(code: code & 0xff, extendedCode: sqlite3_extended_errcode(connection), message: text)
    }

    /// A value in a row that no program of this layout version writes.
    init(unknown value: Int64, in column: String) {
        self.init(code: SQLITE_CORRUPT, extendedCode: SQLITE_CORRUPT, message: "value \(value) of '\(column)' is unknown")
    }

    init(damaged detail: String) {
        self.init(code: SQLITE_CORRUPT, extendedCode: SQLITE_CORRUPT, message: detail)
    }
}
