extension Timestamp: CustomStringConvertible {
    /// ISO 8601 in UTC as freqtrade and Python print it: `2018-01-10T10:10:00+00:00`; a fraction of a second is printed
    /// with six digits and only where there is one.
    public var iso8601: String { text(separator: "T") }

    /// The ISO form, see `iso8601`.
    public var description: String { iso8601 }

    /// The date alone: `2018-01-10`.
    public var isoDate: String {
        let (year, month, day, _) = calendar
        return Self.digits(year, 4) + "-" + Self.digits(month, 2) + "-" + Self.digits(day, 2)
    }

    /// As `iso8601` but with `separator` between date and time, as some of freqtrade's files have a blank there.
    package func text(separator: String) -> String {
        let inDay = calendar.milliseconds
        let seconds = inDay / 1000
        let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { Self.digits($0, 2) }.joined(separator: ":")
        let fraction = inDay % 1000
        return isoDate + separator + clock + (fraction == 0 ? "" : "." + Self.digits(fraction, 3) + "000") + "+00:00"
    }

    private static func digits(_ value: Int64, _ width: Int) -> String {
        let text = String(value.magnitude)
        return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// Reads ISO 8601: `2018-01-10`, `2018-01-10T10:10`, `2018-01-10 10:10:00.25Z`, `2018-01-10T10:10:00+01:00`. Without an
    /// offset the time is UTC. Nil for anything else, for dates that do not exist and for a part of a millisecond.
    public init?(iso8601 text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), let midnight = Timestamp(year: year, month: month, day: day)
        else { return nil }
        var milliseconds = midnight.milliseconds
        if !reader.isAtEnd {
            guard reader.skip("T") || reader.skip(" "), let clock = reader.clock(), let offset = reader.offset(), reader.isAtEnd
            else { return nil }
            milliseconds += clock - offset
        }
        self.init(milliseconds: milliseconds)
    }
}

/// Reads fixed-width decimal numbers from the front of a text.
struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: some StringProtocol) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Character) -> Bool {
        guard let byte = rest.first, byte == character.asciiValue else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// The number in the next `width` digits, at most 18.
    mutating func number(_ width: Int) -> Int64? {
        let field = rest.prefix(width)
        guard field.count == width, width <= 18 else { return nil }
        var value: Int64 = 0
        for byte in field {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        rest = rest.dropFirst(width)
        return value
    }

    /// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fff` as milliseconds.
    mutating func clock() -> Int64? {
        guard let hour = number(2), hour < 24, skip(":"), let minute = number(2), minute < 60 else { return nil }
        var result = (hour * 60 + minute) * 60_000
        guard skip(":") else { return result }
        guard let second = number(2), second < 60 else { return nil }
        result += second * 1000
        guard skip(".") else { return result }
        let width = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }.count
        guard width >= 1, width <= 9, let fraction = number(width) else { return nil }
        let nanoseconds = (width..<9).reduce(fraction) { value, _ in value * 10 }
        guard nanoseconds % 1_000_000 == 0 else { return nil }
        return result + nanoseconds / 1_000_000
    }

    /// Nothing, `Z`, `+HH:MM` or `+HHMM` as milliseconds east of UTC.
    mutating func offset() -> Int64? {
        if isAtEnd || skip("Z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hour = number(2), hour < 24 else { return nil }
        _ = skip(":")
        guard let minute = number(2), minute < 60 else { return nil }
        return sign * (hour * 60 + minute) * 60_000
    }
}
