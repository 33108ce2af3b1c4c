import Exchange
import NIOCore
import NIOWebSocket
import Synchronization

/// One open WebSocket on a channel, either side. What comes from the channel is in `NIOSocket+Channel.swift`.
final class NIOSocket: QueuedWebSocket {
    let state: Mutex<SocketState>
    let channel: any Channel
    let isClient: Bool
    let now: @Sendable () -> ContinuousClock.Instant

    init(channel: any Channel, isClient: Bool, limits: WebSocketLimits, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.channel = channel
        self.isClient = isClient
        self.now = now
        state = Mutex(SocketState(limits: limits, now: now()))
    }

    var lastHeard: ContinuousClock.Instant { state.withLock { $0.lastHeard } }
    var queuedBytes: Int { state.withLock { $0.unwrittenBytes } }

    // MARK: Receiving

    func receive() async throws(WebFailure) -> WebSocketMessage {
        let (ready, ticket, read) = state.withLock { state in
            let ready = state.next()
            return (ready, ready == nil ? state.ticket() : 0, state.releasesRead())
        }
        if read { channel.read() }
        if let ready { return try ready.get() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0, ticket: ticket) }
        } onCancel: {
            cancelReader(ticket)
        }
        return try result.get()
    }

    private func wait(_ continuation: SocketState.Reader, ticket: UInt64) {
        let ready: Result<WebSocketMessage, WebFailure>? = state.withLock { state in
            if let ready = state.next() { return ready }
            // Asked under the lock: whoever cancels after this finds the reader.
            if Task.isCancelled { return .failure(Self.canceled) }
            precondition(state.reader == nil, "a WebSocket has one reader at a time")
            state.reader = (ticket, continuation)
            return nil
        }
        if let ready { continuation.resume(returning: ready) }
    }

    private func cancelReader(_ ticket: UInt64) {
        let reader = state.withLock { state -> SocketState.Reader? in
            guard let waiting = state.reader, waiting.ticket == ticket else { return nil }
            state.reader = nil
            return waiting.continuation
        }
        reader?.resume(returning: .failure(Self.canceled))
    }

    private static let canceled = WebFailure.closed(code: 1006, reason: "the receiving task was canceled")

    // MARK: Sending

    func send(_ message: WebSocketMessage) async throws(WebFailure) { try await send(.message(message)) }

    func ping() async throws(WebFailure) { try await send(.ping([])) }

    func trySend(_ message: WebSocketMessage) throws(WebFailure) -> Bool {
        let frame = OutgoingFrame.message(message)
        switch offer(frame) {
        case .taken: return true
        case .full: return false
        case .ended(let failure): throw failure
        }
    }

    private enum Offer {
        case taken, full
        case ended(WebFailure)
    }

    /// Takes the frame where there is room.
    private func offer(_ frame: OutgoingFrame) -> Offer {
        let (offer, flush): (Offer, Bool) = state.withLock { state in
            if let failure = state.refusal { return (.ended(failure), false) }
            guard state.hasRoom(for: frame) else { return (.full, false) }
            return (.taken, state.push(frame))
        }
        if flush { scheduleFlush() }
        return offer
    }

    private func send(_ frame: OutgoingFrame) async throws(WebFailure) {
        switch offer(frame) {
        case .taken: return
        case .ended(let failure): throw failure
        case .full: break
        }
        let ticket = state.withLock { $0.ticket() }
        let failure = await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0, frame, ticket: ticket) }
        } onCancel: {
            cancelWriter(ticket)
        }
        if let failure { throw failure }
    }

    private func wait(_ continuation: SocketState.Writer, _ frame: OutgoingFrame, ticket: UInt64) {
        let (isDone, failure, flush): (Bool, WebFailure?, Bool) = state.withLock { state in
            if let failure = state.refusal { return (true, failure, false) }
            if Task.isCancelled { return (true, .notSent("the sending task was canceled"), false) }
            if state.hasRoom(for: frame) { return (true, nil, state.push(frame)) }
            state.writers.append(.init(ticket: ticket, frame: frame, continuation: continuation))
            return (false, nil, false)
        }
        if flush { scheduleFlush() }
        if isDone { continuation.resume(returning: failure) }
    }

    private func cancelWriter(_ ticket: UInt64) {
        let writer = state.withLock { state -> SocketState.Writer? in
            guard let index = state.writers.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            return state.writers.remove(at: index).continuation
        }
        writer?.resume(returning: .notSent("the sending task was canceled"))
    }

    // MARK: Ending

    func close(code: UInt16, reason: String) async {
        let wait = state.withLock { $0.limits.closeTimeout }
        beginClose(code: CloseFrame.isAllowed(code) ? code : 1000, reason: reason)
        channel.eventLoop.scheduleTask(in: TimeAmount(wait)) { self.cut(reason: "no close came in time") }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isGone = state.withLock { state in
                    if !state.isGone { state.closers.append(continuation) }
                    return state.isGone
                }
                if isGone { continuation.resume() }
            }
        } onCancel: {
            abort()
        }
    }

    func abort() {
        state.withLock { state in
            if state.end == nil { state.inbox.removeAll() }
        }
        cut(reason: "cut by this side")
    }

    /// Closes the connection under all layers: no close frame, no farewell of TLS.
    func cut(reason: String) {
        let (reader, writers) = state.withLock { state in
            // Whoever is told of the end first may not say goodbye before the connection is cut.
            state.isClosing = true
            return state.finish(.closed(code: 1006, reason: reason))
        }
        resume(reader, writers)
        channel.triggerUserOutboundEvent(CutConnection(), promise: nil)
    }

    /// Sends a close frame behind what is queued, and lets the inbox drain for the peer's.
    func beginClose(code: UInt16, reason: String) {
        beginClose(payload: CloseFrame.payload(code: code, reason: reason))
    }

    func beginClose(payload: [UInt8]) {
        let (flush, read, writers) = state.withLock { state -> (Bool, Bool, [SocketState.WaitingWriter]) in
            if state.isClosing || state.isGone { return (false, false, []) }
            let flush = state.push(.close(payload))
            state.isClosing = true
            state.latePong = nil
            defer { state.writers = [] }
            return (flush, state.releasesRead(), state.writers)
        }
        for writer in writers { writer.continuation.resume(returning: .closed(code: 1006, reason: "closed by this side")) }
        if flush { scheduleFlush() }
        if read { channel.read() }
    }

    func resume(_ reader: SocketState.Reader?, _ writers: [SocketState.WaitingWriter]) {
        guard let end = state.withLock({ $0.end }) else { return }
        reader?.resume(returning: .failure(end))
        for writer in writers { writer.continuation.resume(returning: end) }
    }
}

extension SocketState {
    /// Why nothing more can be sent; nil: it can.
    var refusal: WebFailure? {
        if let end { return end }
        return isClosing ? .closed(code: 1006, reason: "closed by this side") : nil
    }
}
