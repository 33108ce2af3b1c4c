internal import Coordination
internal import Transport

/// Ends of waits.
enum Deadline {
    /// The boot time `timeout` from `now`, in nanoseconds; for a wait that is longer than time can be counted, the last there is.
    static func after(_ timeout: Duration, now: Int64 = MonotonicClock.now()) -> Int64 {
        Instant(nanoseconds: now).advanced(by: timeout).nanoseconds
    }
}
