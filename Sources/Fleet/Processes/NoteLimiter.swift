/// Keeps notes that others can cause (refused messages, above all) from flooding a log: a line per cause and minute, with the number
/// of those that were left out.
///
/// A note's cause is its text up to the first colon. Of more causes at a time than are kept, those that come last share one.
struct NoteLimiter: Sendable {
    private struct Cause {
        var writtenAt: Int64
        var leftOut: UInt64 = 0
    }

    private let interval: Int64
    private let limit: Int
    private var causes: [String: Cause] = [:]

    private static let others = "\u{0}"

    /// - Parameters:
    ///   - interval: nanoseconds between two lines of a cause.
    ///   - limit: how many causes are kept apart.
    init(interval: Int64 = 60_000_000_000, limit: Int = 64) {
        self.interval = interval
        self.limit = limit
    }

    /// The line to write about what happened at `now` (nanoseconds of a clock that never goes back); nil: none, it is counted.
    mutating func line(_ note: String, at now: Int64) -> String? {
        let key = key(of: note, at: now)
        if let known = causes[key], now - known.writtenAt < interval {
            causes[key]?.leftOut += 1
            return nil
        }
        let leftOut = causes[key]?.leftOut ?? 0
        causes[key] = Cause(writtenAt: now)
        if leftOut == 0 { return note }
        return "\(note) (and \(leftOut) more \(key == Self.others ? "notes" : "of this kind") since the last line)"
    }

    private mutating func key(of note: String, at now: Int64) -> String {
        let cause = String(note.prefix { $0 != ":" }.prefix(200))
        if causes[cause] != nil || causes.count < limit { return cause }
        forgetQuiet(at: now)
        return causes.count < limit ? cause : Self.others
    }

    /// Makes room; what was left out of a forgotten cause counts with the others.
    private mutating func forgetQuiet(at now: Int64) {
        for (key, cause) in causes where key != Self.others && now - cause.writtenAt >= interval {
            causes[key] = nil
            guard cause.leftOut > 0 else { continue }
            causes[Self.others, default: Cause(writtenAt: cause.writtenAt)].leftOut += cause.leftOut
        }
    }
}
