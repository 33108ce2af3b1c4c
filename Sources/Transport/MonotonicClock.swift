import CSystem

/// The clock of leases, heartbeats and timers: nanoseconds of CLOCK_BOOTTIME, which never jumps and runs on through suspend
/// and SIGSTOP. This is the one place that reads it. Times of two machines cannot be compared.
package enum MonotonicClock {
    /// Nanoseconds since boot.
    package static func now() -> Int64 { csystem_boot_time() }
}
