import Coordination

/// One line of a journal row. The rows are applied in their order when the store is opened; `settle` empties the journal.
enum JournalEntry {
    /// A recent job went out.
    case dispatched(JobID, attempt: Int, FencingToken, session: Int64, at: Int64)
    /// A recent job has another state that is not its end.
    case state(JobID, StateLogEntry)
    /// The job was moved to the tables.
    case expanded(JobID)
    /// The job has succeeded. Its end is in `ended_job`, its key not in `success` yet.
    case succeeded(JobID, key: Int64)
    /// A success was taken back.
    case unsucceeded(JobID, key: Int64)
    /// So many more jobs have ended in that state.
    case ended(state: Int, count: Int64)
}

/// The journal row of a batch while it is written, and how it is read again. The tags are part of the layout.
struct JournalWriter {
    private(set) var bytes: [UInt8] = []

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    private mutating func begin(_ tag: UInt8, _ job: JobID) {
        bytes.append(tag)
        Varint.append(job.rawValue, to: &bytes)
    }

    mutating func dispatched(_ job: JobID, _ recent: RecentJob) {
        begin(1, job)
        Varint.append(Int64(recent.attempt), to: &bytes)
        Varint.append(recent.token.incarnation, to: &bytes)
        Varint.append(recent.token.counter, to: &bytes)
        Varint.append(recent.session, to: &bytes)
        Varint.append(recent.dispatchedAtMilliseconds, to: &bytes)
    }

    mutating func state(_ job: JobID, _ state: JobState, _ reason: StateReason, _ time: Int64) {
        begin(2, job)
        LogCoding.append(state, reason, time, to: &bytes)
    }

    mutating func expanded(_ job: JobID) { begin(3, job) }

    mutating func succeeded(_ job: JobID, key: Int64) {
        begin(4, job)
        append(key)
    }

    mutating func unsucceeded(_ job: JobID, key: Int64) {
        begin(5, job)
        append(key)
    }

    mutating func ended(state: Int, count: Int64) {
        bytes.append(6)
        Varint.append(Int64(state), to: &bytes)
        Varint.append(count, to: &bytes)
    }

    /// Keys are random: eight bytes are shorter than seven bits a byte.
    private mutating func append(_ key: Int64) {
        withUnsafeBytes(of: key.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

enum JournalCoding {
    static func decode(_ bytes: [UInt8], _ body: (JournalEntry) throws -> Void) throws {
        var rest = bytes[...]
        while let tag = rest.popFirst() { try body(try entry(tag, &rest)) }
    }

    private static func entry(_ tag: UInt8, _ rest: inout ArraySlice<UInt8>) throws(SQLFault) -> JournalEntry {
        let job = JobID(try number(&rest))
        switch tag {
        case 1:
            let attempt = Int(try number(&rest))
            let incarnation = UInt64(bitPattern: try number(&rest))
            let token = FencingToken(incarnation: incarnation, counter: UInt64(bitPattern: try number(&rest)))
            return .dispatched(job, attempt: attempt, token, session: try number(&rest), at: try number(&rest))
        case 2: return .state(job, try LogCoding.take(&rest))
        case 3: return .expanded(job)
        case 4: return .succeeded(job, key: try key(&rest))
        case 5: return .unsucceeded(job, key: try key(&rest))
        case 6:
            guard let state = Int(exactly: job.rawValue), (0..<JobState.allCases.count).contains(state) else { throw damaged }
            return .ended(state: state, count: try number(&rest))
        default: throw damaged
        }
    }

    private static var damaged: SQLFault { SQLFault(damaged: "the journal cannot be read") }

    private static func number(_ rest: inout ArraySlice<UInt8>) throws(SQLFault) -> Int64 {
        guard let value = Varint.take(&rest) else { throw damaged }
        return Int64(bitPattern: value)
    }

    private static func key(_ rest: inout ArraySlice<UInt8>) throws(SQLFault) -> Int64 {
        guard rest.count >= 8 else { throw damaged }
        var value: UInt64 = 0
        for byte in rest.prefix(8).reversed() { value = value << 8 | UInt64(byte) }
        rest = rest.dropFirst(8)
        return Int64(bitPattern: value)
    }
}
