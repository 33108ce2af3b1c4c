/// An endpoint on a memory network.
struct MemoryEndpoint {
    let options: EndpointOptions
    let authenticator: Authenticator?
    let waker: Waker
    var address: Address
    /// Of an endpoint that connects: its connection, while there is one.
    var connection: PeerID?
    /// Of an endpoint that binds: its connections, in the order they were made.
    var connections: [PeerID] = []
    var inbox: [MemoryDelivery] = []
    /// What of the inbox was taken already.
    var taken = 0
    var changes: [LinkChange.Kind] = []
    var lastChange: LinkChange.Kind?
    var outboxes: [PeerID: BoundedQueue<Frames>] = [:]
    var counters = EndpointCounters()

    init(options: EndpointOptions, authenticator: Authenticator?, waker: Waker) {
        self.options = options
        self.authenticator = authenticator
        self.waker = waker
        address = options.address
    }

    var isBinder: Bool { options.attachment == .bind }

    /// Reports a change, once if it repeats itself.
    mutating func note(_ change: LinkChange.Kind, of id: EndpointID) {
        if isBinder || change != lastChange { changes.append(change) }
        lastChange = change
        waker.wake()
    }
}

/// A message in an inbox: which connection brought it, and the key of who sent it.
struct MemoryDelivery {
    let connection: PeerID
    let senderKey: PublicKey?
    let frames: Frames
}

/// A connection between the endpoint that bound an address and one that connected to it.
struct MemoryConnection {
    let binder: EndpointID
    let connector: EndpointID
    /// The key of the connector.
    let key: PublicKey?
    /// Messages on their way to each side.
    var waitingAtBinder = 0
    var waitingAtConnector = 0
}

/// Everything on a memory network.
struct MemoryState {
    var endpoints: [EndpointID: MemoryEndpoint] = [:]
    var connections: [PeerID: MemoryConnection] = [:]
    private var listeners: [Address: EndpointID] = [:]
    private var connectors: [EndpointID] = []
    private var cuts: Set<Address> = []
    private var nextEndpoint = 0
    private var nextConnection: UInt64 = 1
    private var nextPort: UInt16 = 49152

    mutating func newID() -> EndpointID {
        defer { nextEndpoint += 1 }
        return EndpointID(index: nextEndpoint)
    }

    // MARK: - Opening and closing

    mutating func open(_ endpoint: MemoryEndpoint) throws(TransportError) -> EndpointID {
        var endpoint = endpoint
        let id = newID()
        if endpoint.isBinder {
            endpoint.address = freePort(endpoint.address)
            guard listeners[endpoint.address] == nil else {
                throw TransportError(
                    .addressInUse,
                    "\(endpoint.address) is in use by another process (or another socket of this one): stop it or choose another "
                        + "endpoint")
            }
            listeners[endpoint.address] = id
            endpoints[id] = endpoint
            for connector in connectors where endpoints[connector]?.address == endpoint.address { connect(connector) }
        } else {
            endpoints[id] = endpoint
            connectors.append(id)
            connect(id)
        }
        return id
    }

    private mutating func freePort(_ address: Address) -> Address {
        guard case .tcp(let host, 0) = address.kind else { return address }
        while true {
            let candidate = Address(.tcp(host: host, port: nextPort))
            nextPort = nextPort == .max ? 49152 : nextPort + 1
            if listeners[candidate] == nil { return candidate }
        }
    }

    mutating func close(_ id: EndpointID) {
        guard let endpoint = endpoints[id] else { return }
        for connection in endpoint.connections { disconnect(connection) }
        if let connection = endpoint.connection { disconnect(connection) }
        if listeners[endpoint.address] == id { listeners[endpoint.address] = nil }
        connectors.removeAll { $0 == id }
        endpoints[id] = nil
    }

    mutating func setCut(_ address: Address, _ isCut: Bool) {
        if isCut { cuts.insert(address) } else { cuts.remove(address) }
        for connector in connectors where endpoints[connector]?.address == address {
            if !isCut {
                connect(connector)
            } else if let connection = endpoints[connector]?.connection {
                disconnect(connection)
                endpoints[connector]?.inbox.removeAll()
                endpoints[connector]?.taken = 0
            }
        }
    }

    // MARK: - Connections

    /// Whether an endpoint is refused by a listener that may admit it later.
    func isRefused(_ id: EndpointID) -> Bool {
        guard let endpoint = endpoints[id], !endpoint.isBinder, endpoint.connection == nil else { return false }
        return listeners[endpoint.address] != nil && !cuts.contains(endpoint.address)
    }

    /// Tries again.
    mutating func retry(_ id: EndpointID) {
        if isRefused(id) { connect(id) }
    }

    private mutating func connect(_ id: EndpointID) {
        guard let connector = endpoints[id], connector.connection == nil, !cuts.contains(connector.address),
            let binderID = listeners[connector.address], let binder = endpoints[binderID]
        else { return }
        if let failure = Self.handshake(connector, binder) { return endpoints[id]?.note(failure, of: id) ?? () }
        let connection = PeerID(raw: nextConnection)
        nextConnection += 1
        var key: PublicKey?
        if case .client(let keys, _) = connector.options.security { key = keys.publicKey }
        connections[connection] = MemoryConnection(binder: binderID, connector: id, key: key)
        endpoints[id]?.connection = connection
        endpoints[binderID]?.connections.append(connection)
        endpoints[id]?.note(.connected, of: id)
        noteSubscriptions(of: connection, isSubscribed: true)
    }

    private mutating func disconnect(_ connection: PeerID) {
        guard let ends = connections[connection] else { return }
        noteSubscriptions(of: connection, isSubscribed: false)
        connections[connection] = nil
        endpoints[ends.binder]?.connections.removeAll { $0 == connection }
        if let lost = endpoints[ends.binder]?.outboxes.removeValue(forKey: connection) {
            endpoints[ends.binder]?.counters.dropped += UInt64(lost.count)
        }
        endpoints[ends.connector]?.connection = nil
        endpoints[ends.connector]?.note(.disconnected, of: ends.connector)
    }

    /// Breaks a connection for good cause (a message that is too large) and makes a new one, as libzmq's peers do.
    mutating func reconnect(_ connection: PeerID) {
        guard let ends = connections[connection] else { return }
        disconnect(connection)
        connect(ends.connector)
    }

    /// What the connecting side would hear: nil if the two can talk.
    private static func handshake(_ connector: MemoryEndpoint, _ binder: MemoryEndpoint) -> LinkChange.Kind? {
        switch (connector.options.role, binder.options.role) {
        case (.client, .server), (.subscriber, .publisher), (.publisher, .subscriber): break
        default: return .handshakeFailed
        }
        switch (connector.options.security, binder.options.security) {
        case (.none, .none): return nil
        case (.client(let keys, let server), .server(let own, let domain)):
            guard server == own.publicKey else { return .handshakeFailed }
            let identity = binder.authenticator?.admit(publicKey: keys.publicKey, domain: domain, address: "")
            return identity == nil ? .refused(status: 400) : nil
        default: return .handshakeFailed
        }
    }

    /// Tells the publishing side of a connection what the other subscribes to.
    private mutating func noteSubscriptions(of connection: PeerID, isSubscribed: Bool) {
        guard let ends = connections[connection] else { return }
        for (publisher, subscriber) in [(ends.binder, ends.connector), (ends.connector, ends.binder)] {
            guard case .subscriber(let topics)? = endpoints[subscriber]?.options.role else { continue }
            for topic in topics {
                endpoints[publisher]?.note(isSubscribed ? .subscribed(topic) : .unsubscribed(topic), of: publisher)
            }
        }
    }
}
