import ZeroMQ

/// One open endpoint of a ZeroMQ transport: its socket, monitor, outboxes and counts.
final class Port {
    let id: EndpointID
    let options: EndpointOptions
    var address: Address
    let socket: Socket
    /// Watches the connection of an endpoint that connects.
    let monitor: ConnectionMonitor?
    var isConnected = false
    /// When (boot time) to connect again after a failed handshake, after which libzmq gives up.
    var retry: Int64?
    var counters = EndpointCounters()
    var outboxes: [PeerID: BoundedQueue<Frames>] = [:]
    var identities: IdentityCache?
    /// Where its socket and its monitor are in the poller.
    var socketIndex = 0
    var monitorIndex: Int?
    /// Something was done with the socket other than reading it until it was empty.
    var wasUsed = false
    /// The last change reported, so that repeated refusals are reported once.
    var lastChange: LinkChange.Kind?

    init(id: EndpointID, options: EndpointOptions, context: Context, authenticator: Authenticator?) throws(TransportError) {
        do throws(ZeroMQError) {
            let socket = try Socket(context, options.socketType, options: options.socketOptions)
            monitor =
                options.attachment == .connect ? try ConnectionMonitor(of: socket, name: String(id.index)) : nil
            self.socket = socket
        } catch {
            throw TransportError(error)
        }
        self.id = id
        self.options = options
        address = options.address
        if case .server(_, let domain) = options.security, let authenticator {
            identities = IdentityCache(authenticator: authenticator, domain: domain)
        }
    }

    deinit {
        monitor?.stop()
    }

    /// Binds or connects.
    func attach() throws(TransportError) {
        do throws(ZeroMQError) {
            switch (options.attachment, options.address.kind) {
            case (.connect, _): try socket.connect(options.address.endpoint)
            case (.bind, .tcp): address = try boundAddress(socket.bind(options.address.endpoint))
            case (.bind, .ipc): try socket.bind(options.address.endpoint)
            }
        } catch {
            throw TransportError(error)
        }
    }

    /// Connects again if that is due.
    func retryIfDue() throws(ZeroMQError) {
        guard let retry, retry <= MonotonicClock.now() else { return }
        self.retry = nil
        wasUsed = true
        // Whether libzmq still knows the endpoint depends on how the handshake failed; two sessions would be one too many.
        do throws(ZeroMQError) {
            try socket.disconnect(options.address.endpoint)
        } catch {
            if error.code == .contextTerminated { throw error }
        }
        try socket.connect(options.address.endpoint)
    }

    private func boundAddress(_ endpoint: String) -> Address {
        (try? Address(endpoint)) ?? options.address
    }
}

/// A socket monitor that can be absent: a value that cannot be copied does not fit an optional that is polled and called.
final class ConnectionMonitor {
    private let monitor: SocketMonitor

    init(of socket: borrowing Socket, name: String) throws(ZeroMQError) {
        monitor = try SocketMonitor(of: socket, name: name)
    }

    func next() throws(ZeroMQError) -> ConnectionEvent? { try monitor.next() }

    func add(to poller: inout Poller) -> Int { poller.add(monitor.socket) }

    func stop() { monitor.stop() }
}

extension EndpointOptions {
    var socketType: SocketType {
        switch role {
        case .server: .router
        case .client: .dealer
        case .publisher: .extendedPublisher
        case .subscriber: .subscriber
        }
    }

    var socketOptions: SocketOptions {
        var result = SocketOptions()
        result.linger = linger
        result.sendHighWaterMark = sendHighWaterMark
        result.receiveHighWaterMark = receiveHighWaterMark
        result.maxMessageSize = maxMessageSize
        result.handshakeInterval = handshakeInterval
        result.backlog = backlog
        result.reconnectInterval = reconnectInterval
        result.heartbeat = heartbeat.map { SocketOptions.Heartbeat(interval: $0.interval, timeout: $0.timeout) }
        if case .tcp(let host, _) = address.kind { result.ipv6 = host.contains(":") }
        switch role {
        case .server: result.routerMandatory = true
        case .client: break
        case .publisher: result.verboseSubscriptions = true
        case .subscriber(let topics): result.subscriptions = topics
        }
        switch security {
        case .none: break
        case .server(let keys, let domain):
            result.curve = .server(secretKey: keys.secretText)
            result.zapDomain = domain
        case .client(let keys, let server):
            result.curve = .client(
                publicKey: keys.publicKey.text, secretKey: keys.secretText, serverKey: server.text)
        }
        return result
    }
}

/// The identities of the keys seen lately, so that a message costs a comparison and not a table lookup under a lock. Emptied when
/// the table changes. Only keys of the table enter it, so it is as bounded as that.
struct IdentityCache {
    private let authenticator: Authenticator
    private let domain: String
    private var generation: Int
    private var known: [UInt64: Identity] = [:]

    init(authenticator: Authenticator, domain: String) {
        self.authenticator = authenticator
        self.domain = domain
        generation = authenticator.generation
    }

    /// Forgets everything if the table has changed. Called once per batch: a batch is judged by one table.
    mutating func refresh() {
        let current = authenticator.generation
        if current == generation { return }
        generation = current
        known.removeAll()
    }

    /// The owner of the key that libzmq's `User-Id` shows, 40 characters of Z85, or nil where it is not admitted (any more).
    mutating func identity(userID: UnsafePointer<CChar>?) -> Identity? {
        guard let userID else { return nil }
        let bytes = UnsafeRawBufferPointer(start: userID, count: length(userID))
        guard bytes.count == 40 else { return nil }
        let start = bytes.loadUnaligned(as: UInt64.self)
        if let identity = known[start], identity.publicKey.text.utf8.elementsEqual(bytes) { return identity }
        guard let identity = authenticator.identity(publicKey: String(decoding: bytes, as: UTF8.self), domain: domain) else {
            return nil
        }
        known[start] = identity
        return identity
    }

    private func length(_ text: UnsafePointer<CChar>) -> Int {
        var count = 0
        while count < 64 && text[count] != 0 { count += 1 }
        return count
    }
}
