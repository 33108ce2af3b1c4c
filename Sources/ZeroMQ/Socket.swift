import CZeroMQ
import Glibc

/// One ZeroMQ socket, owned by one thread at a time.
///
/// It closes when it goes out of scope and keeps its context alive until then. It may move to another thread only with a
/// full fence between the two (starting or joining a thread is one). No call ends because of a signal, but `Poller.wait` does.
package struct Socket: ~Copyable {
    /// The context it belongs to.
    package let context: Context
    package let type: SocketType
    let handle: UnsafeMutableRawPointer
    /// The frame that was received last; see `receiveFrame`.
    let frame: UnsafeMutablePointer<zmq_msg_t>

    /// Makes a socket and sets its options.
    package init(_ context: Context, _ type: SocketType, options: SocketOptions = SocketOptions()) throws(ZeroMQError) {
        guard let handle = zmq_socket(context.handle, type.number) else { throw .last("create a socket") }
        do throws(ZeroMQError) {
            try OptionSetter(handle: handle).apply(options)
        } catch {
            zmq_close(handle)
            throw error
        }
        self.context = context
        self.type = type
        self.handle = handle
        frame = .allocate(capacity: 1)
        zmq_msg_init(frame)
    }

    deinit {
        zmq_msg_close(frame)
        frame.deallocate()
        zmq_close(handle)
    }

    // MARK: - Endpoints

    /// Listens on an endpoint and returns it with wildcards resolved (`tcp://127.0.0.1:*` becomes a port).
    @discardableResult
    package borrowing func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        if retrying({ zmq_bind(handle, endpoint) }) != 0 { throw .last("bind", endpoint: endpoint) }
        return try lastEndpoint()
    }

    /// Connects in the background, now and again whenever the connection is lost.
    package borrowing func connect(_ endpoint: String) throws(ZeroMQError) {
        if retrying({ zmq_connect(handle, endpoint) }) != 0 { throw .last("connect", endpoint: endpoint) }
    }

    package borrowing func unbind(_ endpoint: String) throws(ZeroMQError) {
        if retrying({ zmq_unbind(handle, endpoint) }) != 0 { throw .last("unbind", endpoint: endpoint) }
    }

    package borrowing func disconnect(_ endpoint: String) throws(ZeroMQError) {
        if retrying({ zmq_disconnect(handle, endpoint) }) != 0 { throw .last("disconnect", endpoint: endpoint) }
    }

    private borrowing func lastEndpoint() throws(ZeroMQError) -> String {
        var size = 512
        var buffer = [CChar](repeating: 0, count: size)
        if zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &buffer, &size) != 0 { throw .last("get ZMQ_LAST_ENDPOINT") }
        return String(decoding: buffer.prefix(max(size - 1, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: - State

    /// What a socket is ready for.
    package struct Events: OptionSet, Sendable {
        package let rawValue: Int32

        package init(rawValue: Int32) { self.rawValue = rawValue }

        package static let readable = Events(rawValue: ZMQ_POLLIN)
        package static let writable = Events(rawValue: ZMQ_POLLOUT)
        /// A plain descriptor is in error or its other end is gone; sockets never report it.
        package static let failed = Events(rawValue: ZMQ_POLLERR)
    }

    /// Whether a message can be received and one sent right now.
    package borrowing func events() throws(ZeroMQError) -> Events { try Self.events(of: handle) }

    static func events(of handle: UnsafeMutableRawPointer) throws(ZeroMQError) -> Events {
        var value: Int32 = 0
        var size = 4
        if retrying({ zmq_getsockopt(handle, ZMQ_EVENTS, &value, &size) }) != 0 { throw .last("get ZMQ_EVENTS") }
        return Events(rawValue: value)
    }

    /// A descriptor that becomes readable when `events` may have changed; nil once the context was shut down.
    var descriptor: Int32? {
        borrowing get {
            var value: Int32 = -1
            var size = 4
            return zmq_getsockopt(handle, ZMQ_FD, &value, &size) == 0 ? value : nil
        }
    }
}

/// Calls libzmq again as long as a signal comes in between: its calls look for commands of the I/O threads first, and a signal ends
/// that, also where nothing is waited for.
private func retrying(_ call: () -> Int32) -> Int32 {
    while true {
        let result = call()
        if result == 0 || zmq_errno() != EINTR { return result }
    }
}
