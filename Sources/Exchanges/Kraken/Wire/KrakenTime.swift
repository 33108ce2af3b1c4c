import Market
import Money

/// Kraken's three ways to write a time.
enum KrakenTime {
    /// RFC 3339 in UTC as streams have it, with up to nine decimals, cut to milliseconds: `2023-09-25T07:49:37.708706Z`.
    static func rfc3339(_ bytes: ArraySlice<UInt8>) -> Timestamp? {
        let start = bytes.startIndex
        guard bytes.count >= 20, bytes.count <= 30, bytes.last == UInt8(ascii: "Z"),
            bytes[start + 4] == UInt8(ascii: "-"), bytes[start + 7] == UInt8(ascii: "-"), bytes[start + 10] == UInt8(ascii: "T"),
            bytes[start + 13] == UInt8(ascii: ":"), bytes[start + 16] == UInt8(ascii: ":"),
            let year = number(bytes, start, 4), let month = number(bytes, start + 5, 2), let day = number(bytes, start + 8, 2),
            let hour = number(bytes, start + 11, 2), let minute = number(bytes, start + 14, 2),
            let second = number(bytes, start + 17, 2),
            hour < 24, minute < 60, second <= 60, let midnight = Timestamp(year: year, month: month, day: day),
            let fraction = milliseconds(bytes[(start + 19)..<(bytes.endIndex - 1)])
        else { return nil }
        return midnight.advanced(byMilliseconds: ((hour * 60 + minute) * 60 + second) * 1000 + fraction)
    }

    /// Seconds since 1970 with decimals as REST has them, cut to milliseconds: `1688669597.8277369`.
    static func seconds(_ value: FixedPoint<Seconds>) -> Timestamp? {
        value.rescaled(decimals: 3).map { Timestamp(milliseconds: $0.units) }
    }

    enum Seconds {}

    /// The text for a `deadline`: `2025-06-15T15:06:40.123Z`; nil outside of the years 0 to 9999.
    static func text(_ time: Timestamp) -> String? {
        let (year, month, day, inDay) = time.calendar
        guard (0...9999).contains(year) else { return nil }
        let second = inDay / 1000
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T" + padded(second / 3600, 2) + ":"
            + padded(second / 60 % 60, 2) + ":" + padded(second % 60, 2) + "." + padded(inDay % 1000, 3) + "Z"
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func number(_ bytes: ArraySlice<UInt8>, _ start: Int, _ width: Int) -> Int64? {
        var value: Int64 = 0
        for index in start..<(start + width) {
            let digit = bytes[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return value
    }

    /// `.708706` as 708; nothing as 0.
    private static func milliseconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard let first = bytes.first else { return 0 }
        guard first == UInt8(ascii: "."), bytes.count > 1 else { return nil }
        var value: Int64 = 0
        for place in 1...3 {
            let index = bytes.startIndex + place
            let digit = index < bytes.endIndex ? bytes[index] &- 0x30 : 0
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return bytes.dropFirst(4).allSatisfy { $0 &- 0x30 < 10 } ? value : nil
    }
}

/// The `Date` header of HTTP.
enum KrakenHTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Mon, 16 Jun 2025 10:00:00 GMT`; nil for anything else.
    static func parse(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int64(parts[1]), let month = months.firstIndex(of: String(parts[2])),
            let year = Int64(parts[3]), let midnight = Timestamp(year: year, month: Int64(month) + 1, day: day)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int64($0) }
        guard clock.count == 3, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2]) else {
            return nil
        }
        return midnight.advanced(byMilliseconds: ((clock[0] * 60 + clock[1]) * 60 + clock[2]) * 1000)
    }
}
