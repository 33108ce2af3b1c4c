package import Exchange
import Synchronization

/// Two ends of a WebSocket in memory: bounded, ordered, and with the endings of a real one.
///
/// Closing needs no answer of the other side, and each message counts as a sign of life when it is handed over.
package final class InMemoryWebSocket: QueuedWebSocket {
    private typealias Reader = CheckedContinuation<Result<WebSocketMessage, WebFailure>, Never>
    private typealias Writer = CheckedContinuation<WebFailure?, Never>

    /// One direction: what is on its way to a reader.
    private struct Pipe {
        var messages: [WebSocketMessage] = []
        var end: WebFailure?
        var reader: (ticket: Int, continuation: Reader)?
        var writers: [(ticket: Int, message: WebSocketMessage, continuation: Writer)] = []
        var lastHeard: ContinuousClock.Instant
        /// The writing side said that it closes, or is cut.
        var isShut: WebFailure?
    }

    private struct State {
        /// What end 0 reads and what end 1 reads.
        var pipes: [Pipe]
        var tickets = 0
    }

    private final class Shared: Sendable {
        let state: Mutex<State>
        let capacity: Int
        let now: @Sendable () -> ContinuousClock.Instant

        init(capacity: Int, now: @escaping @Sendable () -> ContinuousClock.Instant) {
            self.capacity = capacity
            self.now = now
            let pipe = Pipe(lastHeard: now())
            state = Mutex(State(pipes: [pipe, pipe]))
        }
    }

    private let shared: Shared
    private let index: Int
    private var other: Int { 1 - index }

    private init(_ shared: Shared, index: Int) {
        self.shared = shared
        self.index = index
    }

    /// Two ends joined; `send` waits while more than `capacity` messages are not read.
    package static func pair(
        capacity: Int = 4096, now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) -> (client: InMemoryWebSocket, server: InMemoryWebSocket) {
        let shared = Shared(capacity: max(1, capacity), now: now)
        return (InMemoryWebSocket(shared, index: 0), InMemoryWebSocket(shared, index: 1))
    }

    package var lastHeard: ContinuousClock.Instant { shared.state.withLock { $0.pipes[index].lastHeard } }
    package var queuedBytes: Int {
        shared.state.withLock { $0.pipes[other].messages.reduce(0) { $0 + $1.bytes.count } }
    }

    // MARK: Receiving

    package func receive() async throws(WebFailure) -> WebSocketMessage {
        let ticket = shared.state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0, ticket: ticket) }
        } onCancel: {
            cancelReader(ticket)
        }
        return try result.get()
    }

    private func wait(_ continuation: Reader, ticket: Int) {
        var freed: Writer?
        let ready: Result<WebSocketMessage, WebFailure>? = shared.state.withLock { state in
            if !state.pipes[index].messages.isEmpty {
                let message = state.pipes[index].messages.removeFirst()
                if !state.pipes[index].writers.isEmpty {
                    let writer = state.pipes[index].writers.removeFirst()
                    state.pipes[index].messages.append(writer.message)
                    freed = writer.continuation
                }
                return .success(message)
            }
            if let end = state.pipes[index].end { return .failure(end) }
            if Task.isCancelled { return .failure(Self.canceled) }
            precondition(state.pipes[index].reader == nil, "a WebSocket has one reader at a time")
            state.pipes[index].reader = (ticket, continuation)
            return nil
        }
        freed?.resume(returning: nil)
        if let ready { continuation.resume(returning: ready) }
    }

    private func cancelReader(_ ticket: Int) {
        let reader = shared.state.withLock { state -> Reader? in
            guard let waiting = state.pipes[index].reader, waiting.ticket == ticket else { return nil }
            state.pipes[index].reader = nil
            return waiting.continuation
        }
        reader?.resume(returning: .failure(Self.canceled))
    }

    private static let canceled = WebFailure.closed(code: 1006, reason: "the receiving task was canceled")

    // MARK: Sending

    package func trySend(_ message: WebSocketMessage) throws(WebFailure) -> Bool {
        let (reader, result) = shared.state.withLock { offer(message, &$0) }
        reader?.resume(returning: .success(message))
        return try result.get()
    }

    /// Hands over to the reader or the queue; the reader to resume, and whether there was room.
    private func offer(_ message: WebSocketMessage, _ state: inout State) -> (Reader?, Result<Bool, WebFailure>) {
        if let shut = state.pipes[other].isShut { return (nil, .failure(shut)) }
        state.pipes[other].lastHeard = shared.now()
        if let reader = state.pipes[other].reader {
            state.pipes[other].reader = nil
            return (reader.continuation, .success(true))
        }
        guard state.pipes[other].writers.isEmpty, state.pipes[other].messages.count < shared.capacity else {
            return (nil, .success(false))
        }
        state.pipes[other].messages.append(message)
        return (nil, .success(true))
    }

    package func send(_ message: WebSocketMessage) async throws(WebFailure) {
        let ticket = shared.state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        let failure = await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0, message, ticket: ticket) }
        } onCancel: {
            cancelWriter(ticket)
        }
        if let failure { throw failure }
    }

    private func wait(_ continuation: Writer, _ message: WebSocketMessage, ticket: Int) {
        let (reader, isDone, failure): (Reader?, Bool, WebFailure?) = shared.state.withLock { state in
            switch offer(message, &state) {
            case (let reader, .success(true)): return (reader, true, nil)
            case (_, .failure(let failure)): return (nil, true, failure)
            case (_, .success(false)): break
            }
            if Task.isCancelled { return (nil, true, .notSent("the sending task was canceled")) }
            state.pipes[other].writers.append((ticket, message, continuation))
            return (nil, false, nil)
        }
        reader?.resume(returning: .success(message))
        if isDone { continuation.resume(returning: failure) }
    }

    private func cancelWriter(_ ticket: Int) {
        let writer = shared.state.withLock { state -> Writer? in
            guard let found = state.pipes[other].writers.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            return state.pipes[other].writers.remove(at: found).continuation
        }
        writer?.resume(returning: .notSent("the sending task was canceled"))
    }

    /// The answer is there at once, as far as the other side is.
    package func ping() async throws(WebFailure) {
        let failure = shared.state.withLock { state -> WebFailure? in
            if let shut = state.pipes[other].isShut { return shut }
            let instant = shared.now()
            state.pipes[0].lastHeard = instant
            state.pipes[1].lastHeard = instant
            return nil
        }
        if let failure { throw failure }
    }

    // MARK: Ending

    package func close(code: UInt16, reason: String) async {
        finish(own: .closed(code: code, reason: ""), peer: .closed(code: code, reason: reason), dropping: false)
    }

    package func abort() {
        finish(
            own: .closed(code: 1006, reason: "cut by this side"),
            peer: .closed(code: 1006, reason: "the connection broke without a goodbye"), dropping: true)
    }

    /// `own` is what this end gets to hear from now on, `peer` the other; the first ending counts.
    private func finish(own: WebFailure, peer: WebFailure, dropping: Bool) {
        let (readers, writers) = shared.state.withLock { state -> ([(Reader, WebFailure)], [(Writer, WebFailure)]) in
            var readers: [(Reader, WebFailure)] = []
            var writers: [(Writer, WebFailure)] = []
            for (side, failure) in [(index, own), (other, peer)] {
                guard state.pipes[side].end == nil else { continue }
                if dropping { state.pipes[side].messages = [] }
                state.pipes[side].end = failure
                // What this side reads is written by the other one.
                state.pipes[1 - side].isShut = failure
                if let reader = state.pipes[side].reader { readers.append((reader.continuation, failure)) }
                state.pipes[side].reader = nil
                writers += state.pipes[1 - side].writers.map { ($0.continuation, failure) }
                state.pipes[1 - side].writers = []
            }
            return (readers, writers)
        }
        for (reader, failure) in readers { reader.resume(returning: .failure(failure)) }
        for (writer, failure) in writers { writer.resume(returning: failure) }
    }
}

extension WebSocketMessage {
    fileprivate var bytes: [UInt8] {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes
        }
    }
}
