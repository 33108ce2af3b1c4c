import Synchronization

/// A thread that owns a transport and runs a handler: it waits, takes in what there is, gives it to the handler, again.
///
/// Other threads reach the handler through its mailbox. The loop ends when the handler finishes, when `stop` is called, or with an
/// error when the transport fails; all endpoints are
/// closed before anybody hears of the end.
package final class SocketLoop<Handler: LoopHandler>: Sendable {
    private let thread: NamedThread
    private let mailbox: Mailbox<Handler.Event>
    private let ending: LoopEnding
    private let waker: Waker

    /// Starts the thread.
    /// - Parameters:
    ///   - name: of the thread, up to 15 bytes.
    ///   - mailbox: where others post events for the handler.
    ///   - batchLimit: messages taken per endpoint and turn, so that no endpoint starves another.
    package init(
        name: String, transport: sending any Transport, mailbox: Mailbox<Handler.Event>, batchLimit: Int = 1000,
        handler: sending Handler
    ) throws(TransportError) {
        let ending = LoopEnding()
        waker = transport.waker
        self.mailbox = mailbox
        self.ending = ending
        thread = try NamedThread(name: name) {
            var core = LoopCore(transport: transport, mailbox: mailbox, batchLimit: batchLimit, handler: handler)
            let error = core.run(until: ending)
            // Endpoints are closed before anybody hears of the end.
            transport.closeAll()
            ending.end(with: error)
        }
    }

    /// Adds an event for the handler; see `Mailbox.post`.
    @discardableResult
    package func post(_ event: Handler.Event) -> PushResult { mailbox.post(event) }

    /// Ends the loop after the turn that is under way; the handler is not asked. To end in order, post an event and let the
    /// handler finish.
    package func stop() {
        ending.request()
        waker.wake()
    }

    /// Waits until the loop has ended; throws what ended it, if that was an error. Does not stop it. Canceling the waiting task
    /// has no effect.
    package func finished() async throws(TransportError) {
        if let error = await ending.wait() { throw error }
    }

    /// The same, blocking the calling thread; not from the loop's own thread, nor from an async function.
    package func join() throws(TransportError) {
        thread.join()
        if let error = ending.error { throw error }
    }
}

extension LoopCore {
    /// Turns until somebody wants an end; returns the error if it was one.
    fileprivate mutating func run(until ending: LoopEnding) -> TransportError? {
        do throws(TransportError) {
            _ = try step(now: MonotonicClock.now(), always: true)
            while !isFinished && !ending.isRequested {
                try transport.wait(until: hasMore ? 0 : deadline)
                _ = try step(now: MonotonicClock.now())
            }
            return nil
        } catch {
            return error
        }
    }
}

/// How a loop ends: the wish, the fact, and who waits for it.
private final class LoopEnding: Sendable {
    private struct State {
        var hasEnded = false
        var error: TransportError?
        var waiting: [CheckedContinuation<TransportError?, Never>] = []
    }

    private let requested = Atomic<Bool>(false)
    private let state = Locked(State())

    var isRequested: Bool { requested.load(ordering: .acquiring) }

    var error: TransportError? { state.withLock { $0.error } }

    func request() { requested.store(true, ordering: .releasing) }

    func end(with error: TransportError?) {
        let waiting = state.withLock { state in
            state.hasEnded = true
            state.error = error
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: error) }
    }

    func wait() async -> TransportError? {
        await withCheckedContinuation { continuation in
            let ended = state.withLock { state -> TransportError?? in
                if state.hasEnded { return .some(state.error) }
                state.waiting.append(continuation)
                return .none
            }
            if let ended { continuation.resume(returning: ended) }
        }
    }
}
