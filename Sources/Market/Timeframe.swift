/// The length of a candle, written as in freqtrade and on exchanges: `1m`, `5m`, `1h`, `4h`, `1d`, `1w`.
public struct Timeframe: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Units of a timeframe; months (`1M`) have no fixed length and are not supported.
    private static let unitMinutes: [Character: Int64] = ["m": 1, "h": 60, "d": 1440, "w": 10080]

    /// Length in minutes, at least 1.
    public let minutes: Int64
    /// The text it was made from, `5m` for example.
    public let description: String

    /// Reads `<count><unit>` with unit m, h, d or w; nil for anything else, a count of 0 included.
    public init?(_ text: String) {
        guard let unit = text.last, let perUnit = Self.unitMinutes[unit], text.count >= 2,
            text.dropLast().allSatisfy({ $0.isASCII && $0.isNumber }),
            let count = Int64(text.dropLast()), count > 0, count <= 100_000
        else { return nil }
        minutes = count * perUnit
        description = text
    }

    private init(minutes: Int64, description: String) {
        self.minutes = minutes
        self.description = description
    }

    /// `1m`
    public static let oneMinute = Timeframe(minutes: 1, description: "1m")
    /// `5m`
    public static let fiveMinutes = Timeframe(minutes: 5, description: "5m")
    /// `1h`
    public static let oneHour = Timeframe(minutes: 60, description: "1h")
    /// `1d`
    public static let oneDay = Timeframe(minutes: 1440, description: "1d")

    /// Whether candles of this length have a grid that they can be filled on: up to 10,000 minutes, and a week. What is longer
    /// pandas, and so freqtrade, resamples to weeks.
    public var isTradable: Bool { minutes <= 10_000 || minutes == 10_080 }

    /// Length in milliseconds.
    public var milliseconds: Int64 { minutes * 60_000 }

    /// Shorter timeframes come first.
    public static func < (a: Timeframe, b: Timeframe) -> Bool { a.minutes < b.minutes }
    /// Timeframes of one length are equal, however they are spelled: `60m` and `1h`.
    public static func == (a: Timeframe, b: Timeframe) -> Bool { a.minutes == b.minutes }
    /// Hashes the length.
    public func hash(into hasher: inout Hasher) { hasher.combine(minutes) }

    /// The start of the candle that contains `time` (candles are aligned to the epoch; weeks start on Monday, as exchanges have them).
    public func floor(_ time: Timestamp) -> Timestamp {
        // 1970-01-01 was a Thursday: weekly candles are shifted by four days to open on a Monday.
        let shift: Int64 = minutes % 10080 == 0 ? 4 * 86_400_000 : 0
        // Wraps instead of trapping at the ends of the range: a damaged file may name any number.
        let x = time.milliseconds &- shift
        let r = ((x % milliseconds) + milliseconds) % milliseconds
        return Timestamp(milliseconds: time.milliseconds &- r)
    }
}
