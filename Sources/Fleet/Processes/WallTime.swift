internal import Glibc
internal import Market

/// Wall time as text.
package enum WallTime {
    /// Milliseconds since 1970; the one place where the processes and commands of a fleet read the wall clock.
    package static let now: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// `2026-01-02T03:04:05.678Z`.
    package static func text(milliseconds: Int64) -> String {
        let whole = Timestamp(milliseconds: milliseconds).description
        let rest = String(((milliseconds % 1000) + 1000) % 1000)
        // A Timestamp prints `2026-01-02T03:04:05+00:00`, with or without a fraction.
        let seconds = whole.prefix(19)
        return seconds + "." + String(repeating: "0", count: 3 - rest.count) + rest + "Z"
    }
}
