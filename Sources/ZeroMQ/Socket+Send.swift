import CZeroMQ
import Glibc

/// What became of a frame or a message.
package enum SendOutcome: Hashable, Sendable {
    /// It is in the queue of a peer (of every subscriber that has room, for a publisher).
    case sent
    /// No room, or no peer that is connected.
    case full
    /// A router does not know the peer.
    case unreachable
}

extension Socket {
    /// Sends one frame of a message; `more` says that others follow. Waits for room only if `wait` is true. A signal does not end
    /// it (libzmq has taken nothing then); the send timeout begins anew with it.
    package borrowing func send(
        frame bytes: UnsafeRawBufferPointer, more: Bool, wait: Bool = false
    ) throws(ZeroMQError) -> SendOutcome {
        try send(bytes.baseAddress, bytes.count, more: more, wait: wait)
    }

    /// Sends a frame of bytes.
    package borrowing func send(_ bytes: [UInt8], more: Bool, wait: Bool = false) throws(ZeroMQError) -> SendOutcome {
        try send(bytes, bytes.count, more: more, wait: wait)
    }

    private borrowing func send(
        _ bytes: UnsafeRawPointer?, _ count: Int, more: Bool, wait: Bool
    ) throws(ZeroMQError) -> SendOutcome {
        let flags = (more ? ZMQ_SNDMORE : 0) | (wait ? 0 : ZMQ_DONTWAIT)
        while zmq_send(handle, bytes, count, flags) < 0 {
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN: return .full
            case EHOSTUNREACH: return .unreachable
            default: throw .last("send")
            }
        }
        return .sent
    }

    /// Sends a whole message. Waiting (`wait`) ends with `contextTerminated`; without it the call never waits.
    ///
    /// The first frame decides: once libzmq took it, the others go the same way. If the peer goes away in between, libzmq
    /// still expects the rest of the message and drops it, so it is handed over all the same and the outcome says `full`.
    package borrowing func send(message frames: [[UInt8]], wait: Bool = false) throws(ZeroMQError) -> SendOutcome {
        var outcome = SendOutcome.sent
        for (index, bytes) in frames.enumerated() {
            let frameOutcome = try send(bytes, more: index + 1 < frames.count, wait: wait)
            if index == 0 && frameOutcome != .sent { return frameOutcome }
            if frameOutcome != .sent { outcome = frameOutcome }
        }
        return outcome
    }
}
