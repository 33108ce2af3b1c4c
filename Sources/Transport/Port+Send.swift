import ZeroMQ

extension Port {
    /// Sends a message, or keeps or refuses it by the endpoint's policy.
    func send(_ frames: Frames, to peer: PeerID) -> SendResult {
        if frames.first.count > options.maxMessageSize || frames.rest.contains(where: { $0.count > options.maxMessageSize }) {
            return .tooLarge
        }
        // What waits goes first.
        if !outboxes.isEmpty, outboxes[peer] != nil { return keep(frames, for: peer, otherwise: .full) }
        switch write(frames, to: peer) {
        case .sent: return .sent
        case .full: return keep(frames, for: peer, otherwise: .full)
        case .unreachable where options.role == .client: return keep(frames, for: peer, otherwise: .unreachable)
        case .unreachable:
            counters.unreachable += 1
            return .unreachable
        case .closed: return .closed
        }
    }

    /// Sends what waits, as far as there is room.
    func flush() {
        for peer in outboxes.keys {
            while let frames = outboxes[peer]?.first {
                let outcome = write(frames, to: peer)
                if outcome == .full || (outcome == .unreachable && options.role == .client) { break }
                if outcome != .sent {
                    counters.unreachable += outcome == .unreachable ? 1 : 0
                    counters.dropped += UInt64(outboxes[peer]?.count ?? 0)
                    outboxes[peer] = nil
                    break
                }
                _ = outboxes[peer]?.pop()
            }
            if outboxes[peer]?.isEmpty == true { outboxes[peer] = nil }
        }
    }

    private func keep(_ frames: Frames, for peer: PeerID, otherwise refusal: SendResult) -> SendResult {
        if options.whenFull == .refuse {
            counters.refused += 1
            return refusal
        }
        let empty = BoundedQueue<Frames>(capacity: options.outboxCapacity, policy: options.whenFull)
        switch outboxes[peer, default: empty].push(frames) {
        case .accepted: return .queued
        case .droppedOldest:
            counters.dropped += 1
            return .queued
        case .droppedNewest:
            counters.dropped += 1
            return .dropped
        case .refused:
            counters.refused += 1
            return refusal
        }
    }

    private enum Outcome { case sent, full, unreachable, closed }

    /// Hands a message to libzmq. Once it took the first frame, the others go the same way: see `Socket.send(message:)`.
    ///
    /// A client whose handshake is not complete sends nothing: libzmq would take the message as soon as the connection is there and
    /// lose it if the handshake failed.
    private func write(_ frames: Frames, to peer: PeerID) -> Outcome {
        if options.role == .client && !isConnected { return .unreachable }
        wasUsed = true
        let outcome: SendOutcome
        do throws(ZeroMQError) {
            if options.role == .server {
                let first = try writeRoutingID(peer)
                if first != .sent { return first == .full ? .full : .unreachable }
            }
            outcome = try writeFrames(frames)
        } catch {
            return .closed
        }
        switch outcome {
        case .sent:
            counters.sent += 1
            counters.sentBytes += UInt64(frames.byteCount)
            return .sent
        case .full: return .full
        case .unreachable: return .unreachable
        }
    }

    private func writeFrames(_ frames: Frames) throws(ZeroMQError) -> SendOutcome {
        var outcome = try socket.send(frames.first, more: !frames.rest.isEmpty)
        if outcome != .sent && options.role != .server { return outcome }
        for (index, frame) in frames.rest.enumerated() {
            let next = try socket.send(frame, more: index + 1 < frames.rest.count)
            if next != .sent { outcome = next }
        }
        return outcome
    }

    private func writeRoutingID(_ peer: PeerID) throws(ZeroMQError) -> SendOutcome {
        // A generated routing id: a zero byte and 32 bits, most significant first.
        guard let number = UInt32(exactly: peer.raw) else { return .unreachable }
        let bits = number.bigEndian
        var id: (UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0)
        return try withUnsafeMutableBytes(of: &id) { buffer throws(ZeroMQError) in
            buffer.storeBytes(of: bits, toByteOffset: 1, as: UInt32.self)
            return try socket.send(frame: UnsafeRawBufferPointer(buffer), more: true)
        }
    }
}
