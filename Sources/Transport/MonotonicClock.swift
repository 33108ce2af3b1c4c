import COperatingSystem

/// The clock of leases, heartbeats and timers: nanoseconds of CLOCK_BOOTTIME, which never jumps and runs on through suspend
/// and SIGSTOP. This is the one place that reads it. Times of two machines cannot be compared.
package enum MonotonicClock {
    /// Nanoseconds since boot.
    package static func now() -> Int64 { csystem_boot_time() }
}

extension Duration {
    /// Whole nanoseconds, clamped to what an `Int64` holds.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowed) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || overflowed ? (seconds < 0 ? .min : .max) : sum
    }
}
