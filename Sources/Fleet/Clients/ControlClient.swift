package import Coordination
package import FleetProtocol
internal import Transport

/// A connection of the command line to the coordinator. Used by one thread; every call waits for its answer.
package final class ControlClient {
    private let transport: ZeroMQTransport
    private let control: EndpointID
    private var eventsEndpoint: EndpointID?
    private let node: ClientNode
    private var nextRequest = UInt64.random(in: 1...(1 << 62))
    private var pendingEvents: [JobEvent] = []
    private var handshakeFailedAt: Int64?

    /// How long a failed handshake may be followed by no connection, in nanoseconds.
    private static let handshakePatience: Int64 = 3_000_000_000

    /// Connects; throws `noFleet` where the home's coordinator does not run.
    package init(_ node: ClientNode) throws(FleetError) {
        if node.isLocalCoordinatorRunning == false {
            throw FleetError(
                .noFleet, "no fleet is running at \(node.home.path); start one with 'pragma up --home \(node.home.path)'")
        }
        self.node = node
        transport = try ClientNode.transport()
        control = try Node.open(try node.endpoint(node.control, server: "coordinator"), on: transport)
    }

    /// Asks for a change. It is sent again when the coordinator restarts meanwhile; every request may be repeated safely.
    package func request(_ request: ClientRequest, payloads: [[UInt8]] = [], timeout: Duration = .seconds(60)) throws(FleetError)
        -> Reply
    {
        let id = newRequest()
        let answer = try ask(ControlWire.bytes(request, payloads: payloads, request: id), id, timeout)
        guard case .reply(let reply) = answer else {
            throw FleetError(.system, "the coordinator answered something else than was asked")
        }
        return reply
    }

    /// Asks a question.
    package func query(_ query: ClientQuery, timeout: Duration = .seconds(60)) throws(FleetError) -> QueryAnswer {
        let id = newRequest()
        let answer = try ask(ControlWire.bytes(query, request: id), id, timeout)
        guard case .answer(let content) = answer else {
            throw FleetError(.system, "the coordinator answered something else than was asked")
        }
        if case .refused(let refusal) = content { throw FleetError(.refused, refusal.message) }
        return content
    }

    private func newRequest() -> RequestID {
        nextRequest += 1
        return RequestID(nextRequest)
    }

    private func ask(_ bytes: [UInt8], _ id: RequestID, _ timeout: Duration) throws(FleetError) -> ControlWire.Outbound.Content {
        let deadline = Deadline.after(timeout)
        var sendAt: Int64 = 0
        while MonotonicClock.now() < deadline {
            let now = MonotonicClock.now()
            if now >= sendAt, transport.send(Frames(bytes), on: control, to: .only).isTaken { sendAt = now + 5_000_000_000 }
            let batch = try receive(until: min(deadline, max(now + 20_000_000, min(sendAt, now + 1_000_000_000))))
            // A lost connection loses what was on its way: ask again at once when it is back.
            if batch.changes.contains(where: { $0.endpoint == control && $0.kind == .connected }) { sendAt = 0 }
            for message in batch.messages where message.endpoint == control {
                if let content = try take(message, id) { return content }
            }
        }
        let place =
            node.isLocalCoordinatorRunning == false ? "it is not running any more" : "see its log in \(node.home.path)/logs"
        throw FleetError(.timeout, "the coordinator did not answer within \(timeout): \(place)")
    }

    private func take(_ message: Message, _ id: RequestID) throws(FleetError) -> ControlWire.Outbound.Content? {
        do {
            let received = try ControlWire.outbound(message.frames.first)
            if case .error(let text) = received.content {
                throw FleetError(.refused, "the coordinator refused the message: \(text)")
            }
            return received.request == id ? received.content : nil
        } catch let error as FleetError {
            throw error
        } catch {
            throw FleetError(.refused, "the coordinator's answer cannot be read: \(error)")
        }
    }

    private func receive(until deadline: Int64) throws(FleetError) -> Batch {
        var batch = Batch()
        do throws(TransportError) {
            try transport.wait(until: deadline)
            _ = try transport.receive(into: &batch, limit: 1000)
        } catch { throw FleetError(.system, error.description) }
        for change in batch.changes where change.endpoint == control {
            switch change.kind {
            case .refused:
                throw FleetError(
                    .refused,
                    "the coordinator does not accept the key '\(node.keyName)': its public half must be in the fleet's keys/peers folder"
                )
            case .connected: handshakeFailedAt = nil
            // Reported once, however often it is tried again.
            case .handshakeFailed: handshakeFailedAt = handshakeFailedAt ?? MonotonicClock.now()
            default: break
            }
        }
        // A coordinator that dies in the middle of a handshake looks the same at first; its successor is connected to soon.
        if let failedAt = handshakeFailedAt, MonotonicClock.now() - failedAt > Self.handshakePatience {
            throw FleetError(
                .refused,
                "the coordinator's connection is encrypted otherwise: set PRAGMA__ENCRYPTION=on, or use the fleet's own keys")
        }
        for message in batch.messages where message.endpoint == eventsEndpoint && message.frames.count == 2 {
            if let event = try? ControlWire.event(message.frames[1]) { pendingEvents.append(event) }
        }
        return batch
    }

    // MARK: - Events

    /// Listens to the events from now on.
    package func subscribe() throws(FleetError) {
        guard eventsEndpoint == nil else { return }
        eventsEndpoint = try Node.open(
            .subscriber(try Node.address(node.events), security: try node.security(to: "coordinator")), on: transport)
    }

    /// The events that have come, waiting at most `timeout` for the first.
    package func events(timeout: Duration) throws(FleetError) -> [JobEvent] {
        if pendingEvents.isEmpty { _ = try receive(until: Deadline.after(timeout)) }
        defer { pendingEvents = [] }
        return pendingEvents
    }
}
