import Exchange
import NIOCore
import NIOWebSocket
import Synchronization

// All of this runs on the channel's event loop.
extension NIOSocket {
    func scheduleFlush() { channel.eventLoop.execute { self.flush() } }

    /// Writes all frames handed over; one promise tells when the last of them has left.
    private func flush() {
        let frames = state.withLock { state in
            state.isFlushDue = false
            defer { state.outbox = [] }
            return state.outbox
        }
        guard let last = frames.last else { return }
        let bytes = frames.reduce(0) { $0 + $1.cost }
        for frame in frames.dropLast() { channel.write(encode(frame), promise: nil) }
        let isClose = if case .close = last { true } else { false }
        channel.writeAndFlush(encode(last)).whenComplete { _ in
            self.wrote(bytes)
            if isClose { self.closeWasWritten() }
        }
    }

    private func encode(_ frame: OutgoingFrame) -> WebSocketFrame {
        let (opcode, bytes): (WebSocketOpcode, [UInt8]) =
            switch frame {
            case .message(.text(let bytes)): (.text, bytes)
            case .message(.binary(let bytes)): (.binary, bytes)
            case .ping(let bytes): (.ping, bytes)
            case .pong(let bytes): (.pong, bytes)
            case .close(let bytes): (.connectionClose, bytes)
            }
        let data = channel.allocator.buffer(bytes: bytes)
        return WebSocketFrame(fin: true, opcode: opcode, maskKey: isClient ? .random() : nil, data: data)
    }

    private func wrote(_ bytes: Int) {
        let (resumed, flush) = state.withLock { $0.wrote(bytes) }
        for writer in resumed { writer.continuation.resume(returning: nil) }
        if flush { scheduleFlush() }
    }

    /// Both sides have said goodbye: the server closes first (RFC 6455, 7.1.1), a client gives it a moment.
    private func closeWasWritten() {
        let (isAnswered, wait) = state.withLock { ($0.end != nil, $0.limits.closeTimeout) }
        if isAnswered, !isClient { return channel.close(promise: nil) }
        channel.eventLoop.scheduleTask(in: TimeAmount(wait)) { self.cut(reason: "no close came in time") }
    }

    /// Whether reading may go on; where not, `receive` will ask for it.
    func mayRead() -> Bool {
        state.withLock { state in
            guard state.isInboxFull, !state.isClosing else { return true }
            state.isReadHeld = true
            return false
        }
    }

    func heard() {
        let instant = now()
        state.withLock { $0.lastHeard = instant }
    }

    func handle(_ event: SocketEvent) {
        switch event {
        case .message(let message): deliver(message)
        case .ping(let payload): answer(payload)
        case .pong: break
        case .close(let code, let reason): peerCloses(code: code, reason: reason)
        case .violation(let code, let reason): fail(code: code, reason: reason)
        }
    }

    private func deliver(_ message: WebSocketMessage) {
        let reader = state.withLock { state -> SocketState.Reader? in
            // After a goodbye nobody reads on; what comes then is let go.
            guard state.end == nil, !state.isClosing else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader.continuation
            }
            state.inbox.append(message)
            state.inboxBytes += message.length
            return nil
        }
        reader?.resume(returning: .success(message))
    }

    private func answer(_ payload: [UInt8]) {
        let flush = state.withLock { state in
            guard !state.isClosing else { return false }
            guard state.unwrittenBytes < state.limits.outboxBytes else {
                state.latePong = payload
                return false
            }
            return state.push(.pong(payload))
        }
        if flush { scheduleFlush() }
    }

    private func peerCloses(code: UInt16, reason: String) {
        let (reader, writers, wasClosing) = state.withLock { state in
            let (reader, writers) = state.finish(.closed(code: code, reason: reason))
            return (reader, writers, state.isClosing)
        }
        resume(reader, writers)
        if !wasClosing {
            beginClose(payload: code == 1005 ? [] : CloseFrame.payload(code: code, reason: ""))
        } else if !isClient {
            channel.close(promise: nil)
        }
    }

    /// The peer broke the protocol: it is told so, and nothing more is taken from it.
    func fail(code: UInt16, reason: String) {
        let (reader, writers) = state.withLock { $0.finish(.closed(code: code, reason: reason)) }
        resume(reader, writers)
        beginClose(code: code, reason: reason)
    }

    func connectionIsGone() {
        let (reader, writers, closers) = state.withLock { state in
            state.isGone = true
            state.isClosing = true
            let (reader, writers) = state.finish(.closed(code: 1006, reason: "the connection broke without a goodbye"))
            defer { state.closers = [] }
            return (reader, writers, state.closers)
        }
        resume(reader, writers)
        for closer in closers { closer.resume() }
    }
}
