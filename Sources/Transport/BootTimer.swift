import COperatingSystem
import Glibc

/// A descriptor that becomes readable at a boot time. Unlike the timeout of a poll it is right to the nanosecond and not late by
/// the time that the machine was suspended. Belongs to one thread.
final class BootTimer {
    let descriptor: Int32
    private var armed: Int64?

    init() throws(TransportError) {
        descriptor = csystem_timerfd()
        guard descriptor >= 0 else {
            throw TransportError(.system, "no timer could be made: " + String(cString: strerror(errno)))
        }
    }

    deinit {
        close(descriptor)
    }

    /// Arms it for a boot time in nanoseconds, or disarms it.
    func set(_ deadline: Int64?) {
        if armed == deadline { return }
        csystem_timerfd_set(descriptor, deadline.map { max($0, 0) } ?? -1)
        armed = deadline
    }

    /// Makes it unreadable after it went off.
    func clear() {
        var expirations: UInt64 = 0
        _ = read(descriptor, &expirations, 8)
        armed = nil
    }
}
