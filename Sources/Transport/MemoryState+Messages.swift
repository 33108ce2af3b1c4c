extension MemoryState {
    // MARK: - Sending

    mutating func send(_ frames: Frames, on id: EndpointID, to peer: PeerID) -> SendResult {
        guard let endpoint = endpoints[id] else { return .closed }
        let limit = endpoint.options.maxMessageSize
        if frames.first.count > limit || frames.rest.contains(where: { $0.count > limit }) { return .tooLarge }
        switch endpoint.options.role {
        case .publisher: return publish(frames, from: id)
        case .subscriber: return .unreachable
        case .client, .server: return sendToPeer(frames, from: id, peer)
        }
    }

    private mutating func publish(_ frames: Frames, from id: EndpointID) -> SendResult {
        guard let endpoint = endpoints[id] else { return .closed }
        let targets = endpoint.isBinder ? endpoint.connections : endpoint.connection.map { [$0] } ?? []
        for connection in targets {
            guard let ends = connections[connection],
                case .subscriber(let topics)? = endpoints[other(of: ends, than: id)]?.options.role,
                topics.contains(where: { frames.first.starts(with: $0) })
            else { continue }
            // A subscriber without room loses the message, and nobody hears of it.
            _ = deliver(frames, over: connection, from: id)
        }
        count(frames, sentBy: id)
        return .sent
    }

    private mutating func sendToPeer(_ frames: Frames, from id: EndpointID, _ peer: PeerID) -> SendResult {
        guard let endpoint = endpoints[id] else { return .closed }
        if endpoint.outboxes[peer] != nil { return keep(frames, on: id, for: peer, otherwise: .full) }
        let connection = endpoint.isBinder ? peer : endpoint.connection
        guard let connection, connections[connection]?.binder == id || !endpoint.isBinder else {
            if endpoint.options.role == .client { return keep(frames, on: id, for: peer, otherwise: .unreachable) }
            endpoints[id]?.counters.unreachable += 1
            return .unreachable
        }
        guard deliver(frames, over: connection, from: id) else { return keep(frames, on: id, for: peer, otherwise: .full) }
        count(frames, sentBy: id)
        return .sent
    }

    /// Puts a message into the other end's inbox; false where there is no room.
    private mutating func deliver(_ frames: Frames, over connection: PeerID, from id: EndpointID) -> Bool {
        guard let ends = connections[connection] else { return false }
        let target = other(of: ends, than: id)
        guard let sender = endpoints[id]?.options, let receiver = endpoints[target]?.options else { return false }
        let waiting = target == ends.binder ? ends.waitingAtBinder : ends.waitingAtConnector
        if waiting >= sender.sendHighWaterMark + receiver.receiveHighWaterMark { return false }
        if (0..<frames.count).contains(where: { frames[$0].count > receiver.maxMessageSize }) {
            reconnect(connection)
            return true
        }
        if target == ends.binder {
            connections[connection]?.waitingAtBinder += 1
        } else {
            connections[connection]?.waitingAtConnector += 1
        }
        endpoints[target]?.inbox.append(
            MemoryDelivery(connection: connection, senderKey: ends.key, frames: frames))
        endpoints[target]?.waker.wake()
        return true
    }

    private mutating func keep(
        _ frames: Frames, on id: EndpointID, for peer: PeerID, otherwise refusal: SendResult
    ) -> SendResult {
        guard let options = endpoints[id]?.options else { return .closed }
        if options.whenFull == .refuse {
            endpoints[id]?.counters.refused += 1
            return refusal
        }
        let empty = BoundedQueue<Frames>(capacity: options.outboxCapacity, policy: options.whenFull)
        switch endpoints[id]?.outboxes[peer, default: empty].push(frames) {
        case .accepted: return .queued
        case .droppedOldest:
            endpoints[id]?.counters.dropped += 1
            return .queued
        case .droppedNewest:
            endpoints[id]?.counters.dropped += 1
            return .dropped
        case .refused, nil:
            endpoints[id]?.counters.refused += 1
            return refusal
        }
    }

    private mutating func flush(_ id: EndpointID) {
        guard let endpoint = endpoints[id] else { return }
        for peer in endpoint.outboxes.keys.sorted(by: { $0.raw < $1.raw }) {
            guard let connection = endpoint.isBinder ? peer : endpoint.connection else { continue }
            while let frames = endpoints[id]?.outboxes[peer]?.first, deliver(frames, over: connection, from: id) {
                count(frames, sentBy: id)
                _ = endpoints[id]?.outboxes[peer]?.pop()
            }
            if endpoints[id]?.outboxes[peer]?.isEmpty == true { endpoints[id]?.outboxes[peer] = nil }
        }
    }

    private mutating func count(_ frames: Frames, sentBy id: EndpointID) {
        endpoints[id]?.counters.sent += 1
        endpoints[id]?.counters.sentBytes += UInt64(frames.byteCount)
    }

    private func other(of ends: MemoryConnection, than id: EndpointID) -> EndpointID {
        ends.binder == id ? ends.connector : ends.binder
    }

    // MARK: - Receiving

    func hasInput(_ id: EndpointID) -> Bool {
        guard let endpoint = endpoints[id] else { return false }
        return endpoint.taken < endpoint.inbox.count || !endpoint.changes.isEmpty
    }

    /// Appends changes and at most `limit` messages; true: there is more.
    mutating func receive(_ id: EndpointID, into batch: inout Batch, limit: Int) -> Bool {
        retry(id)
        flush(id)
        guard let endpoint = endpoints[id] else { return false }
        for change in endpoint.changes { batch.changes.append(LinkChange(endpoint: id, kind: change)) }
        endpoints[id]?.changes.removeAll()
        let end = min(endpoint.inbox.count, endpoint.taken + limit)
        for delivery in endpoint.inbox[endpoint.taken..<end] { take(delivery, at: id, into: &batch) }
        endpoints[id]?.taken = end
        if end < endpoint.inbox.count { return true }
        endpoints[id]?.inbox.removeAll(keepingCapacity: true)
        endpoints[id]?.taken = 0
        return false
    }

    private mutating func take(_ delivery: MemoryDelivery, at id: EndpointID, into batch: inout Batch) {
        guard let endpoint = endpoints[id] else { return }
        let frames = delivery.frames
        release(delivery.connection, at: id)
        if frames.count > endpoint.options.maxFrames {
            endpoints[id]?.counters.malformed += 1
            return
        }
        var user: Identity?
        if case .server(_, let domain) = endpoint.options.security {
            user = delivery.senderKey.flatMap {
                endpoint.authenticator?.identity(publicKey: $0.text, domain: domain)
            }
            if user == nil {
                endpoints[id]?.counters.revoked += 1
                return
            }
        }
        endpoints[id]?.counters.received += 1
        endpoints[id]?.counters.receivedBytes += UInt64(frames.byteCount)
        let peer = endpoint.options.role == .server ? delivery.connection : .only
        batch.messages.append(Message(endpoint: id, peer: peer, user: user, frames: frames))
    }

    /// One message fewer on the way; the other side may have waited for the room.
    private mutating func release(_ connection: PeerID, at id: EndpointID) {
        guard let ends = connections[connection] else { return }
        if ends.binder == id {
            connections[connection]?.waitingAtBinder -= 1
        } else {
            connections[connection]?.waitingAtConnector -= 1
        }
        let sender = other(of: ends, than: id)
        if endpoints[sender]?.outboxes.isEmpty == false { endpoints[sender]?.waker.wake() }
    }
}
