internal import Foundation
internal import Market

/// Numbers and times as people read them.
enum Format {
    /// `seconds` as `M:SS` or `H:MM:SS`.
    static func clock(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 360_000 else { return "--:--" }
        let whole = Int(seconds.rounded(.up))
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        let tail = (rest < 10 ? "0" : "") + String(rest)
        if hours == 0 { return "\(minutes):\(tail)" }
        return "\(hours):" + (minutes < 10 ? "0" : "") + "\(minutes):\(tail)"
    }

    /// A rate with two or three digits that count.
    static func rate(_ value: Double) -> String { value < 10 ? fixed(value, 1) : String(Int(value.rounded())) }

    /// `value` with `digits` after the point.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        value.isFinite ? String(format: "%.\(digits)f", value) : "-"
    }

    /// A ratio as a percentage with two digits.
    static func percent(_ ratio: Double) -> String { value(ratio * 100, 2) + " %" }

    /// `value` with at most `digits` after the point, a dash where it is no number.
    static func value(_ value: Double, _ digits: Int) -> String { fixed(value, digits) }

    /// A price or an amount of money with six digits that count, two to eight of them after the point: `45000.12`, `0.00001234`.
    static func figure(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0.00" : "-" }
        let magnitude = Int(log10(abs(value)).rounded(.down))
        return fixed(value, min(8, max(2, 5 - magnitude)))
    }

    /// `2024-01-01 10:05:30` of an ISO time.
    static func shortTime(_ iso: String) -> String { String(iso.prefix(19)).replacing("T", with: " ") }

    /// A number of things: `1 error`, `2 errors`.
    static func count(_ number: Int, _ name: String) -> String { "\(number) \(name)\(number == 1 ? "" : "s")" }

    /// A time without seconds where it has none: `2024-01-01 10:05`, `2024-01-01 10:05:30`. UTC.
    static func time(_ time: Timestamp) -> String {
        let text = String(time.iso8601.prefix(19)).replacing("T", with: " ")
        return text.hasSuffix(":00") ? String(text.dropLast(3)) : text
    }

    /// Minutes as `4:22:00`, or `1 day, 4:22:00`.
    static func duration(minutes: Int) -> String {
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60)
        let clock = "\(hours):\(rest < 10 ? "0" : "")\(rest):00"
        return days == 0 ? clock : count(days, "day") + ", " + clock
    }

    /// An integer, padded with blanks on the left.
    static func padded(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// A number of bytes in MiB.
    static func mebibytes(_ bytes: UInt64) -> String { "\(fixed(Double(bytes) / 1_048_576, 1)) MiB" }

    /// A duration in milliseconds, seconds, minutes, hours or days: one unit, as short as it goes.
    static func duration(milliseconds: Int64) -> String {
        switch milliseconds {
        case ..<1000: "\(milliseconds) ms"
        case ..<120_000: "\(fixed(Double(milliseconds) / 1000, 1)) s"
        case ..<7_200_000: "\(milliseconds / 60_000) min"
        case ..<172_800_000: "\(milliseconds / 3_600_000) h"
        default: "\(milliseconds / 86_400_000) d"
        }
    }
}
