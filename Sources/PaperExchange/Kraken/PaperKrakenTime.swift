import Market
import Money

/// How Kraken writes times, from the venue's milliseconds.
enum PaperKrakenTime {
    /// `2023-09-25T07:49:37.708000Z`
    static func stream(_ milliseconds: Int64) -> String { text(milliseconds) + "." + padded(inSecond(milliseconds), 3) + "000Z" }

    /// `2023-09-25T07:49:37Z`
    static func seconds(_ milliseconds: Int64) -> String { text(milliseconds) + "Z" }

    /// `Sun, 15 Jun 25 15:06:40 +0000`
    static func rfc1123(_ milliseconds: Int64) -> String {
        let (year, month, day, inDay) = Timestamp(milliseconds: milliseconds).calendar
        let days = (milliseconds - inDay) / 86_400_000
        // 1970-01-01 was a Thursday.
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(((days % 7) + 7) % 7)]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(weekday), \(padded(day, 2)) \(months[Int(month) - 1]) \(padded(year % 100, 2)) \(clock(inDay)) +0000"
    }

    /// Seconds since 1970 with four decimals: `1688669597.8270`.
    static func unix(_ milliseconds: Int64) -> String { DecimalText.text(Int128(milliseconds) * 10, decimals: 4) }

    /// A time of a request: RFC 3339; nil where it is none. A part of a millisecond is cut off.
    static func parse(_ text: String) -> Int64? {
        guard text.utf8.count <= 40 else { return nil }
        guard let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return Timestamp(iso8601: text)?.milliseconds }
        let fraction = text.utf8[text.utf8.index(after: point)...].prefix { $0 >= 0x30 && $0 <= 0x39 }
        let digits = String(decoding: fraction.prefix(3), as: UTF8.self)
        guard !digits.isEmpty else { return nil }
        let end = fraction.endIndex
        return Timestamp(iso8601: String(text[..<point]) + "." + digits + String(text[end...]))?.milliseconds
    }

    private static func inSecond(_ milliseconds: Int64) -> Int64 { ((milliseconds % 1000) + 1000) % 1000 }

    private static func text(_ milliseconds: Int64) -> String {
        let time = Timestamp(milliseconds: milliseconds)
        return time.isoDate + "T" + clock(time.calendar.milliseconds)
    }

    private static func clock(_ inDay: Int64) -> String {
        let second = inDay / 1000
        return padded(second / 3600, 2) + ":" + padded(second / 60 % 60, 2) + ":" + padded(second % 60, 2)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
