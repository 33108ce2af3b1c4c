internal import Market

/// How a file writes its times.
package enum TimeNotation: String, Hashable, Sendable, CaseIterable {
    case seconds = "s"
    case milliseconds = "ms"
    case microseconds = "us"
    case nanoseconds = "ns"
    /// ISO 8601, UTC where no offset is named.
    case iso8601 = "ISO 8601"

    /// How many units there are in a second; nil for text.
    fileprivate var perSecond: Int64? {
        switch self {
        case .seconds: 1
        case .milliseconds: 1000
        case .microseconds: 1_000_000
        case .nanoseconds: 1_000_000_000
        case .iso8601: nil
        }
    }
}

/// Reads the times of one file. The first one tells the notation by its size, the others must have the same.
///
/// Markets have candles from 2009 to 2100 (`CandleCheck.plausible`), and in these years a number of seconds is never also a
/// plausible number of milliseconds, and so on.
struct CandleClock {
    /// The notation of the first time; nil before.
    private(set) var notation: TimeNotation?

    /// The time in `range` in milliseconds.
    mutating func milliseconds(_ bytes: [UInt8], _ range: Range<Int>) throws(ImportFault) -> Int64 {
        guard let number = DecimalText.integer(bytes, range) else { return try iso(bytes, range) }
        guard let found = Self.notation(of: number), let perSecond = found.perSecond else {
            throw .content(
                "the time \(number) is of no year from 2009 to 2100 in seconds, milliseconds, microseconds or nanoseconds")
        }
        try expect(found, bytes, range)
        if perSecond == 1 { return number * 1000 }
        let perMillisecond = perSecond / 1000
        guard number % perMillisecond == 0 else { throw .content("the time \(number) \(found.rawValue) is within a millisecond") }
        return number / perMillisecond
    }

    /// Whether the text is a time at all, of whatever notation.
    static func isTime(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        if let number = DecimalText.integer(bytes, range) { return notation(of: number) != nil }
        return range.count <= 40 && Timestamp(iso8601: String(decoding: bytes[range], as: UTF8.self)) != nil
    }

    private mutating func iso(_ bytes: [UInt8], _ range: Range<Int>) throws(ImportFault) -> Int64 {
        guard range.count <= 40, let time = Timestamp(iso8601: String(decoding: bytes[range], as: UTF8.self)) else {
            throw .content("'\(ImportText.shown(bytes[range]))' is no time")
        }
        try expect(.iso8601, bytes, range)
        return time.milliseconds
    }

    private mutating func expect(_ found: TimeNotation, _ bytes: [UInt8], _ range: Range<Int>) throws(ImportFault) {
        guard let notation else {
            notation = found
            return
        }
        guard notation == found else {
            throw .content(
                "the time \(ImportText.shown(bytes[range])) is \(found.rawValue), those before are \(notation.rawValue)",
                remedy: "Split the file, so that each part has one unit")
        }
    }

    private static func notation(of number: Int64) -> TimeNotation? {
        let seconds = CandleCheck.plausible.lowerBound / 1000..<CandleCheck.plausible.upperBound / 1000
        return [TimeNotation.seconds, .milliseconds, .microseconds, .nanoseconds].first { unit in
            unit.perSecond.map { seconds.contains(number / $0) } ?? false
        }
    }
}
