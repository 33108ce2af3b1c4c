internal import Market

/// Wall time as text.
package enum WallTime {
    /// `2026-01-02T03:04:05.678Z`.
    package static func text(milliseconds: Int64) -> String {
        let whole = Timestamp(milliseconds: milliseconds).description
        let rest = String(((milliseconds % 1000) + 1000) % 1000)
        // A Timestamp prints `2026-01-02T03:04:05+00:00`, with or without a fraction.
        let seconds = whole.prefix(19)
        return seconds + "." + String(repeating: "0", count: 3 - rest.count) + rest + "Z"
    }
}
