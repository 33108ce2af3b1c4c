import CZeroMQ
import Glibc

/// The I/O threads and queues that a set of sockets shares.
///
/// Every `Socket` keeps its context alive, so the context ends after its last socket, however they are released:
/// `zmq_ctx_term` waits for all sockets and would otherwise wait for ever. It also waits for their linger time.
/// Do not fork with a live context; start child processes before there is one (or with `posix_spawn`).
package final class Context: Sendable {
    // A libzmq context may be used from any thread at any time (zmq_ctx_new(3)), and the pointer never changes.
    nonisolated(unsafe) let handle: UnsafeMutableRawPointer

    /// A new context with its own I/O threads (one carries about a gigabyte a second) and room for `maxSockets` sockets.
    package init(ioThreads: Int = 1, maxSockets: Int = 1023, threadNamePrefix: Int? = nil) throws(ZeroMQError) {
        guard let handle = zmq_ctx_new() else { throw .last("create a context") }
        self.handle = handle
        try set(ZMQ_IO_THREADS, ioThreads, "set ZMQ_IO_THREADS")
        try set(ZMQ_MAX_SOCKETS, maxSockets, "set ZMQ_MAX_SOCKETS")
        if let threadNamePrefix { try set(ZMQ_THREAD_NAME_PREFIX, threadNamePrefix, "set ZMQ_THREAD_NAME_PREFIX") }
    }

    deinit {
        while zmq_ctx_term(handle) != 0 && zmq_errno() == EINTR {}
    }

    /// Makes every waiting and every further call on the sockets of this context fail with `contextTerminated`. They remain
    /// to be closed.
    package func shutdown() {
        zmq_ctx_shutdown(handle)
    }

    private func set(_ option: Int32, _ value: Int, _ operation: String) throws(ZeroMQError) {
        if zmq_ctx_set(handle, option, Int32(clamping: value)) != 0 { throw .last(operation) }
    }
}

/// What this build of libzmq is and can do.
package enum Library {
    /// Such as 4.3.4.
    package static var version: String {
        var major: Int32 = 0
        var minor: Int32 = 0
        var patch: Int32 = 0
        zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Whether it was built with a capability: `curve`, `ipc`, `draft`, ...
    package static func has(_ capability: String) -> Bool { zmq_has(capability) == 1 }
}
