import ZeroMQ

extension Port {
    /// Appends what the monitor has seen.
    func receiveChanges(into batch: inout Batch) throws(ZeroMQError) {
        while let event = try monitor?.next() {
            let kind: LinkChange.Kind
            switch event {
            case .connected:
                isConnected = true
                retry = nil
                kind = .connected
            case .disconnected:
                // Also after a failed handshake, which was reported as such.
                guard isConnected else { continue }
                isConnected = false
                kind = .disconnected
            case .refused(let status): kind = .refused(status: status)
            case .handshakeFailed: kind = .handshakeFailed
            }
            if kind != .connected && kind != .disconnected {
                retry = MonotonicClock.now() + options.handshakeRetryInterval.nanoseconds
            }
            if kind == lastChange { continue }
            lastChange = kind
            batch.changes.append(LinkChange(endpoint: id, kind: kind))
        }
    }

    /// Appends at most `limit` messages; true: there may be more.
    func receiveMessages(into batch: inout Batch, limit: Int) throws(ZeroMQError) -> Bool {
        identities?.refresh()
        let end = counters.receivedBytes &+ UInt64(clamping: options.turnBytes)
        for _ in 0..<limit {
            guard counters.receivedBytes < end else { return true }
            guard try socket.receiveFrame() else { return false }
            switch options.role {
            case .server: try receiveFromPeer(into: &batch)
            case .publisher: try receiveSubscription(into: &batch)
            case .client, .subscriber: try receiveBody(from: .only, into: &batch)
            }
        }
        return true
    }

    /// The frame at hand is the routing id.
    private func receiveFromPeer(into batch: inout Batch) throws(ZeroMQError) {
        let peer = socket.withFrame { bytes -> PeerID? in
            guard bytes.count == 5, bytes[0] == 0 else { return nil }
            return PeerID(raw: UInt64(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt32.self))))
        }
        guard let peer, socket.hasMore else { return try dropRest() }
        guard try socket.receiveFrame() else { return }
        try receiveBody(from: peer, into: &batch)
    }

    /// The frame at hand is the first of the message.
    private func receiveBody(from peer: PeerID, into batch: inout Batch) throws(ZeroMQError) {
        var user: Identity?
        if identities != nil {
            user = socket.withProperty("User-Id") { identities?.identity(userID: $0) }
            if user == nil {
                try skipRest()
                counters.revoked += 1
                return
            }
        }
        var frames = Frames(socket.frameBytes())
        while socket.hasMore {
            if frames.count == options.maxFrames { return try dropRest() }
            guard try socket.receiveFrame() else { break }
            frames.rest.append(socket.frameBytes())
        }
        counters.received += 1
        counters.receivedBytes += UInt64(frames.byteCount)
        batch.messages.append(Message(endpoint: id, peer: peer, user: user, frames: frames))
    }

    /// The frame at hand is a subscription: 1 or 0, and the topic. Anything else is what no subscriber sends.
    private func receiveSubscription(into batch: inout Batch) throws(ZeroMQError) {
        guard !socket.hasMore else { return try dropRest() }
        let bytes = socket.frameBytes()
        switch bytes.first {
        case 1: batch.changes.append(LinkChange(endpoint: id, kind: .subscribed(Array(bytes.dropFirst()))))
        case 0: batch.changes.append(LinkChange(endpoint: id, kind: .unsubscribed(Array(bytes.dropFirst()))))
        default: counters.malformed += 1
        }
    }

    private func dropRest() throws(ZeroMQError) {
        try skipRest()
        counters.malformed += 1
    }

    private func skipRest() throws(ZeroMQError) {
        while socket.hasMore {
            guard try socket.receiveFrame() else { return }
        }
    }
}
