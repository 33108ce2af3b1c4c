import CZeroMQ
import Glibc

/// What happened to a connection of a monitored socket.
package enum ConnectionEvent: Hashable, Sendable {
    /// The handshake is complete: the peer is there.
    case connected
    /// An established connection ended.
    case disconnected
    /// The peer's ZAP handler refused our key; the status it gave, such as 400.
    case refused(status: Int)
    /// The handshake failed otherwise: other security than the peer's, a wrong server key, not ZeroMQ at all.
    case handshakeFailed
}

/// The connection events of one socket. Owned by the same thread; closed before the socket it watches.
package struct SocketMonitor: ~Copyable {
    /// The socket to poll for events.
    package let socket: Socket
    private let watched: UnsafeMutableRawPointer

    /// Watches a socket from now on; `name` must be unique in its context. Begin before bind or connect to miss nothing.
    package init(of watched: borrowing Socket, name: String) throws(ZeroMQError) {
        let endpoint = "inproc://monitor.\(name)"
        let events =
            ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
            | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
        var options = SocketOptions()
        options.receiveHighWaterMark = 10_000
        if zmq_socket_monitor(watched.handle, endpoint, events) != 0 { throw .last("monitor a socket") }
        let receiver: Socket
        do throws(ZeroMQError) {
            receiver = try Self.connected(watched.context, options, endpoint)
        } catch {
            zmq_socket_monitor(watched.handle, nil, 0)
            throw error
        }
        socket = receiver
        self.watched = watched.handle
    }

    private static func connected(
        _ context: Context, _ options: SocketOptions, _ endpoint: String
    ) throws(ZeroMQError) -> Socket {
        let socket = try Socket(context, .pair, options: options)
        try socket.connect(endpoint)
        return socket
    }

    /// Stops watching. The watched socket must still be open.
    package borrowing func stop() {
        zmq_socket_monitor(watched, nil, 0)
    }

    /// The next event, or nil where there is none yet.
    package borrowing func next() throws(ZeroMQError) -> ConnectionEvent? {
        while let message = try socket.receiveMessage() {
            if let event = Self.event(message[0]) { return event }
        }
        return nil
    }

    /// Reads an event frame: number (16 bits) and value (32 bits), both in the machine's byte order.
    private static func event(_ frame: [UInt8]) -> ConnectionEvent? {
        guard frame.count >= 6 else { return nil }
        let number = Int32(frame[0]) | Int32(frame[1]) << 8
        let value = frame[2..<6].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        switch number {
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return .connected
        case ZMQ_EVENT_DISCONNECTED: return .disconnected
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return .refused(status: Int(value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: return .handshakeFailed
        default: return nil
        }
    }
}
