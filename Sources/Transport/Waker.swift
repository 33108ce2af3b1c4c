import COperatingSystem
import Glibc

/// Ends another thread's wait. An eventfd: waking twice before the other looks costs one wake-up.
package final class Waker: Sendable {
    /// The descriptor that becomes readable.
    let descriptor: Int32

    /// Throws `system` where the process is out of descriptors.
    package init() throws(TransportError) {
        descriptor = csystem_eventfd()
        guard descriptor >= 0 else {
            throw TransportError(.system, "no eventfd could be made: " + String(cString: strerror(errno)))
        }
    }

    deinit {
        close(descriptor)
    }

    /// Makes the descriptor readable. A full counter (never seen in practice) is readable, too.
    package func wake() {
        var one: UInt64 = 1
        while write(descriptor, &one, 8) < 0 && errno == EINTR {}
    }

    /// Makes it unreadable until the next `wake`.
    func clear() {
        var count: UInt64 = 0
        while read(descriptor, &count, 8) < 0 && errno == EINTR {}
    }
}
