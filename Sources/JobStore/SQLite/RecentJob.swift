import Coordination

/// An open job of one unit whose state stands in the journal and in memory, not in `open_job`, `unit` and `log`.
///
/// Nearly every job of a farm comes, goes out once and succeeds. Such a job is written twice: its row when it comes and the
/// row of its end. What happens between goes into the one journal row of the batch. A job of which anything else becomes
/// known (a failure, a second attempt, a cancel) moves to the tables for good: see `SQLiteJobStore.expand`.
struct RecentJob {
    /// The first 64 bits of the job's address.
    var key: Int64
    var state: JobState
    var changedAtMilliseconds: Int64
    /// The state that its row in `open_job` shows; nil: it has no row there.
    var listedState: JobState?
    /// 0: it was not dispatched; what follows counts only then.
    var attempt: Int = 0
    var token = FencingToken(incarnation: 0, counter: 0)
    /// A row of `session`.
    var session: Int64 = 0
    var dispatchedAtMilliseconds: Int64 = 0
    /// Lines of its log that are not in the table, as `LogCoding` writes them.
    var log: [UInt8] = []

    /// Its row in `open_job` says everything.
    var isListedAsItIs: Bool { listedState == state && attempt == 0 && log.isEmpty }
}

/// Lines of a job's log as bytes.
enum LogCoding {
    static func append(_ state: JobState, _ reason: StateReason, _ time: Int64, to bytes: inout [UInt8]) {
        Varint.append(state.storedCode, to: &bytes)
        Varint.append(reason.code.storedCode, to: &bytes)
        Varint.append(time, to: &bytes)
        Varint.append(Int64(reason.message.utf8.count), to: &bytes)
        if !reason.message.isEmpty { bytes.append(contentsOf: reason.message.utf8) }
    }

    static func decode(_ bytes: [UInt8]) throws(SQLFault) -> [StateLogEntry] {
        var rest = bytes[...]
        var entries: [StateLogEntry] = []
        while !rest.isEmpty { entries.append(try take(&rest)) }
        return entries
    }

    /// The line at the front, which is taken away.
    static func take(_ bytes: inout ArraySlice<UInt8>) throws(SQLFault) -> StateLogEntry {
        guard let state = Varint.take(&bytes), let code = Varint.take(&bytes), let time = Varint.take(&bytes),
            let count = Varint.take(&bytes), count <= UInt64(bytes.count)
        else { throw SQLFault(damaged: "the log of a job cannot be read") }
        let message = String(decoding: bytes.prefix(Int(count)), as: UTF8.self)
        bytes = bytes.dropFirst(Int(count))
        let reason = try StateReason.Code(storedCode: Int64(bitPattern: code), column: "log.reason")
        return StateLogEntry(
            state: try JobState(storedCode: Int64(bitPattern: state), column: "log.state"),
            reason: StateReason(reason, message), wallMilliseconds: Int64(bitPattern: time))
    }
}
