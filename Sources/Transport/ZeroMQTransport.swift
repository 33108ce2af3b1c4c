import ZeroMQ

/// Endpoints over libzmq: ipc and tcp, with CURVE where they have keys.
///
/// Each has a context of its own, so that a loop that must never wait for another's sockets does not. Make it after child
/// processes were started, or start them with `csystem_spawn`, which inherits nothing.
package final class ZeroMQTransport: Transport {
    private let context: Context
    private let authenticator: Authenticator?
    private let zap: ZAPHandler?
    package let waker: Waker
    private let timer: BootTimer
    private var ports: [Port] = []
    private var watched: [(id: EndpointID, descriptor: Int32, index: Int)] = []
    private var poller = Poller(isTold: true)
    /// The poller's items are the endpoints that are open.
    private var isArranged = false
    /// The poller's findings have not been used yet.
    private var isPolled = false
    private var nextIndex = 0
    /// Addresses of endpoints that were closed here.
    private var closed: Set<Address> = []

    /// A transport without endpoints. With an authenticator its thread runs from now on, before anything can bind.
    package init(authenticator: Authenticator? = nil, maxSockets: Int = 1023, ioThreads: Int = 1) throws(TransportError) {
        waker = try Waker()
        timer = try BootTimer()
        self.authenticator = authenticator
        do throws(ZeroMQError) {
            context = try Context(ioThreads: ioThreads, maxSockets: maxSockets)
        } catch {
            throw TransportError(error)
        }
        if let authenticator {
            zap = try ZAPHandler(context: context, authenticator: authenticator)
        } else {
            zap = nil
        }
    }

    deinit {
        ports.removeAll()
        zap?.end()
    }

    /// Makes every further use fail with `closed`. For tests of that.
    package func shutdown() { context.shutdown() }

    // MARK: - Endpoints

    package func open(_ options: EndpointOptions) throws(TransportError) -> EndpointID {
        try options.validate(hasAuthenticator: authenticator != nil)
        let port = try Port(
            id: newID(), options: options, context: context, authenticator: authenticator)
        if case .ipc(let path) = options.address.kind, options.attachment == .bind {
            try attach(port) { () throws(TransportError) in try SocketFile.prepare(path) }
            try SocketFile.protect(path)
        } else {
            try attach(port) {}
        }
        ports.append(port)
        isArranged = false
        return port.id
    }

    /// Binds or connects. libzmq closes listeners in the background, so that an address that was closed here may be in use for a
    /// moment longer: this waits for it, two seconds at most.
    private func attach(_ port: Port, after prepare: () throws(TransportError) -> Void) throws(TransportError) {
        let isReopened = port.options.attachment == .bind && closed.remove(port.options.address) != nil
        for attempt in 0... {
            do throws(TransportError) {
                try prepare()
                return try port.attach()
            } catch {
                guard error.code == .addressInUse, isReopened, attempt < 2000 else { throw error }
                DescriptorPoll.pause(milliseconds: 1)
            }
        }
    }

    package func close(_ endpoint: EndpointID) {
        if let port = port(endpoint), port.options.attachment == .bind { closed.insert(port.address) }
        ports.removeAll { $0.id == endpoint }
        watched.removeAll { $0.id == endpoint }
        isArranged = false
    }

    package func closeAll() {
        for port in ports { close(port.id) }
        watched.removeAll()
    }

    package func watch(descriptor: Int32) -> EndpointID {
        let id = newID()
        watched.append((id, descriptor, 0))
        isArranged = false
        return id
    }

    package func address(of endpoint: EndpointID) -> Address? { port(endpoint)?.address }

    package func isConnected(_ endpoint: EndpointID) -> Bool { port(endpoint)?.isConnected ?? false }

    package func counters(of endpoint: EndpointID) -> EndpointCounters { port(endpoint)?.counters ?? EndpointCounters() }

    private func newID() -> EndpointID {
        defer { nextIndex += 1 }
        return EndpointID(index: nextIndex)
    }

    private func port(_ endpoint: EndpointID) -> Port? { ports.first { $0.id == endpoint } }

    // MARK: - Messages

    package func send(_ frames: Frames, on endpoint: EndpointID, to peer: PeerID) -> SendResult {
        guard let port = port(endpoint) else { return .closed }
        return port.send(frames, to: peer)
    }

    package func receive(into batch: inout Batch, limit: Int) throws(TransportError) -> Bool {
        do throws(ZeroMQError) {
            if !isArranged || !isPolled { try poll(timeout: .zero) }
            return try receiveReady(into: &batch, limit: limit)
        } catch {
            throw TransportError(error)
        }
    }

    private func receiveReady(into batch: inout Batch, limit: Int) throws(ZeroMQError) -> Bool {
        var hasMore = false
        for port in ports {
            try port.retryIfDue()
            port.flush()
            if let index = port.monitorIndex, poller.events(at: index).contains(.readable) {
                try port.receiveChanges(into: &batch)
                poller.settle(at: index)
            }
            if poller.events(at: port.socketIndex).contains(.readable) {
                if try port.receiveMessages(into: &batch, limit: limit) {
                    hasMore = true
                } else {
                    poller.settle(at: port.socketIndex)
                }
            }
        }
        for item in watched where !poller.events(at: item.index).isEmpty {
            batch.changes.append(LinkChange(endpoint: item.id, kind: .readable))
        }
        isPolled = false
        return hasMore
    }

    // MARK: - Waiting

    package func wait(until deadline: Int64?) throws(TransportError) {
        do throws(ZeroMQError) {
            if let deadline, deadline <= MonotonicClock.now() { return try poll(timeout: .zero) }
            timer.set(ports.reduce(deadline) { earlier($0, $1.retry) })
            // A router cannot tell when one of its peers has room again.
            let isPending = ports.contains { !$0.outboxes.isEmpty }
            try poll(timeout: isPending ? .milliseconds(1) : nil)
        } catch {
            throw TransportError(error)
        }
    }

    private func earlier(_ a: Int64?, _ b: Int64?) -> Int64? {
        guard let a else { return b }
        return b.map { min(a, $0) } ?? a
    }

    private func poll(timeout: Duration?) throws(ZeroMQError) {
        if !isArranged { arrangePoller() }
        for port in ports where port.wasUsed {
            port.wasUsed = false
            poller.touch(at: port.socketIndex)
        }
        while true {
            do throws(ZeroMQError) {
                _ = try poller.wait(timeout: timeout)
                break
            } catch {
                guard error.code == .interrupted else { throw error }
            }
        }
        if poller.events(at: 0).contains(.readable) { waker.clear() }
        if poller.events(at: 1).contains(.readable) { timer.clear() }
        isPolled = true
    }

    private func arrangePoller() {
        poller.removeAll()
        poller.add(descriptor: waker.descriptor)
        poller.add(descriptor: timer.descriptor)
        for port in ports {
            port.socketIndex = poller.add(port.socket)
            port.monitorIndex = port.monitor?.add(to: &poller)
        }
        for index in watched.indices { watched[index].index = poller.add(descriptor: watched[index].descriptor) }
        isArranged = true
    }
}
