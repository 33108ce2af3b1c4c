/// The wires between memory transports: an address space of its own, shared by the transports of a test or simulation.
/// Everything that happens on it is immediate and in a fixed order.
package final class MemoryNetwork: Sendable {
    let state = Locked(MemoryState())

    package init() {}

    /// Cuts every connection between two addresses' sides: all endpoints connected to `address` lose it, and stay without it
    /// until `mend`. What was on its way to them is lost.
    package func cut(_ address: Address) {
        state.withLock { $0.setCut(address, true) }
    }

    /// Lets them connect again.
    package func mend(_ address: Address) {
        state.withLock { $0.setCut(address, false) }
    }
}

/// Endpoints in the memory of the process: the same behaviour as `ZeroMQTransport`, checks and refusals included, without
/// sockets. Usable with threads (`SocketLoop`) and without (`ManualLoop`).
package final class MemoryTransport: Transport {
    private let network: MemoryNetwork
    private let authenticator: Authenticator?
    private let timer: BootTimer
    package let waker: Waker
    private var endpoints: [EndpointID] = []
    private var watched: [(id: EndpointID, descriptor: Int32)] = []

    package init(_ network: MemoryNetwork, authenticator: Authenticator? = nil) throws(TransportError) {
        self.network = network
        self.authenticator = authenticator
        timer = try BootTimer()
        waker = try Waker()
    }

    deinit {
        closeAll()
    }

    package func open(_ options: EndpointOptions) throws(TransportError) -> EndpointID {
        try options.validate(hasAuthenticator: authenticator != nil)
        let endpoint = MemoryEndpoint(options: options, authenticator: authenticator, waker: waker)
        let id = try network.state.withLock { state throws(TransportError) in try state.open(endpoint) }
        endpoints.append(id)
        return id
    }

    package func close(_ endpoint: EndpointID) {
        network.state.withLock { $0.close(endpoint) }
        endpoints.removeAll { $0 == endpoint }
        watched.removeAll { $0.id == endpoint }
    }

    package func closeAll() {
        for endpoint in endpoints { close(endpoint) }
        watched.removeAll()
    }

    package func watch(descriptor: Int32) -> EndpointID {
        let id = network.state.withLock { $0.newID() }
        watched.append((id, descriptor))
        return id
    }

    package func address(of endpoint: EndpointID) -> Address? {
        network.state.withLock { $0.endpoints[endpoint]?.address }
    }

    package func isConnected(_ endpoint: EndpointID) -> Bool {
        network.state.withLock { $0.endpoints[endpoint]?.connection != nil }
    }

    package func counters(of endpoint: EndpointID) -> EndpointCounters {
        network.state.withLock { $0.endpoints[endpoint]?.counters ?? EndpointCounters() }
    }

    package func send(_ frames: Frames, on endpoint: EndpointID, to peer: PeerID) -> SendResult {
        network.state.withLock { $0.send(frames, on: endpoint, to: peer) }
    }

    package func receive(into batch: inout Batch, limit: Int) throws(TransportError) -> Bool {
        let (hasMore, received) = network.state.withLock { [endpoints] state in
            var received = Batch()
            var hasMore = false
            for endpoint in endpoints where state.receive(endpoint, into: &received, limit: limit) { hasMore = true }
            return (hasMore, received)
        }
        batch.messages += received.messages
        batch.changes += received.changes
        for item in watched where DescriptorPoll.isReadable(item.descriptor) {
            batch.changes.append(LinkChange(endpoint: item.id, kind: .readable))
        }
        return hasMore
    }

    package func wait(until deadline: Int64?) throws(TransportError) {
        let (isReady, isRefused) = network.state.withLock { [endpoints] state in
            (endpoints.contains { state.hasInput($0) }, endpoints.contains { state.isRefused($0) })
        }
        if isReady { return waker.clear() }
        timer.set(deadline)
        DescriptorPoll.wait(
            [waker.descriptor, timer.descriptor] + watched.map(\.descriptor), milliseconds: isRefused ? 1 : nil)
        waker.clear()
        timer.clear()
    }
}
