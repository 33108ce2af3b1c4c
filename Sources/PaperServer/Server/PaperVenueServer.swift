package import Exchange
import PaperExchange
import Synchronization
import Web

/// Carries one paper venue over a `WebServer`: requests and stream messages go into its core under a lock, what the core has to send
/// is handed to the sockets before the lock is let go, so that no two messages of a stream change places.
package final class PaperVenueServer: WebHandler {
    private struct Stream {
        let socket: any QueuedWebSocket
        /// Takes the code with which the stream shall be closed.
        let closing: AsyncStream<UInt16>.Continuation
    }

    private struct State {
        var core: PaperCore
        var streams: [SessionID: Stream] = [:]
        /// Streams that were cut because their client did not read.
        var slow = 0
    }

    private let state: Mutex<State>
    private let clock: ServerClock
    let time: VenueTime
    /// How often streams are pinged; one that was silent for three times as long is cut.
    private let pingInterval: Duration

    init(_ core: PaperCore, clock: ServerClock, time: VenueTime, pingInterval: Duration = .seconds(20)) {
        state = Mutex(State(core: core))
        reach = max(1, Self.stepsPerHold / Int64(max(1, core.venue.instruments.count))) * core.venue.settings.stepMilliseconds
        self.clock = clock
        self.time = time
        self.pingInterval = pingInterval
    }

    /// The venue's time now, in milliseconds.
    var now: Int64 { time.milliseconds(at: clock.now()) }

    /// How far a venue may go on under one hold of the lock, in its own milliseconds.
    ///
    /// A step of a market takes some 20 µs, so that a hold takes about 40 ms. At speeds that the machine cannot keep up with the
    /// venue's time falls behind, instead of requests waiting for it without end.
    private let reach: Int64

    /// Steps of all markets under one hold of the lock.
    private static let stepsPerHold: Int64 = 2000

    /// The time to which the venue may go on now.
    private func reachable(_ core: PaperCore) -> Int64 { min(now, core.venue.now + reach) }

    /// Does something with the core, which is also given the time, and sends what comes of it.
    private func withCore<Value: Sendable>(_ body: (inout PaperCore, Int64) -> Value) -> Value {
        let (value, cut) = state.withLock { state in
            let time = reachable(state.core)
            let value = body(&state.core, time)
            return (value, Self.deliver(&state))
        }
        for socket in cut { socket.abort() }
        return value
    }

    /// Hands out what the core has to send; returns the sockets to be cut.
    private static func deliver(_ state: inout State) -> [any QueuedWebSocket] {
        var cut: [any QueuedWebSocket] = []
        for action in state.core.drainActions() {
            switch action {
            case .send(let session, let text):
                guard let stream = state.streams[session], (try? stream.socket.trySend(.text(text))) == false else { continue }
                // The client does not read: nobody waits for it.
                state.streams[session] = nil
                state.core.close(session)
                state.slow += 1
                cut.append(stream.socket)
            case .close(let session, let code):
                guard let stream = state.streams.removeValue(forKey: session) else { continue }
                if let code { stream.closing.yield(code) } else { cut.append(stream.socket) }
            }
        }
        return cut
    }

    // MARK: - Requests

    package func respond(to request: WebRequest, peer: String) async -> WebReply {
        let answer = withCore { $0.respond(to: request, peer: peer, now: $1) }
        if answer.delay > 0 { try? await clock.sleep(.milliseconds(answer.delay)) }
        switch answer.reply {
        case .response(let response): return .response(response)
        case .cut: return .cut
        case .silence: return .silence
        }
    }

    // MARK: - Streams

    package func refuseWebSocket(_ request: WebRequest, peer: String) -> WebResponse? {
        withCore { $0.refusal(toOpen: request, now: $1) }
    }

    package func serve(_ socket: any WebSocketConnection, request: WebRequest, peer: String) async {
        guard let socket = socket as? any QueuedWebSocket else { return await socket.close(code: 1011, reason: "") }
        let (codes, closing) = AsyncStream<UInt16>.makeStream()
        guard let session = open(Stream(socket: socket, closing: closing), request, peer) else {
            return await socket.close(code: 1008, reason: "there is no stream at this path")
        }
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await code in codes { return await socket.close(code: code, reason: "") }
            }
            group.addTask { await self.ping(socket) }
            await receive(socket, session)
            group.cancelAll()
        }
        state.withLock { state in
            state.core.close(session)
            state.streams[session] = nil
        }
    }

    private func open(_ stream: Stream, _ request: WebRequest, _ peer: String) -> SessionID? {
        let (session, cut) = state.withLock { state -> (SessionID?, [any QueuedWebSocket]) in
            let time = reachable(state.core)
            guard let session = state.core.open(request, peer: peer, now: time) else { return (nil, []) }
            state.streams[session] = stream
            return (session, Self.deliver(&state))
        }
        for socket in cut { socket.abort() }
        return session
    }

    private func receive(_ socket: any QueuedWebSocket, _ session: SessionID) async {
        while let message = try? await socket.receive() {
            guard case .text(let text) = message else {
                return await socket.close(code: 1003, reason: "text messages only")
            }
            withCore { $0.receive(text, from: session, now: $1) }
        }
    }

    /// Asks for signs of life until the stream ends.
    private func ping(_ socket: any QueuedWebSocket) async {
        do {
            while true {
                try await clock.sleep(pingInterval)
                if clock.now() - socket.lastHeard > pingInterval * 3 { return socket.abort() }
                try await socket.ping()
            }
        } catch {}
    }

    // MARK: - The operator

    /// To be called every 100 ms of real time.
    func tick() {
        withCore { $0.tick(now: $1) }
    }

    /// Puts a fault in force, `delay` of real time from now; false: there are too many.
    func add(_ order: FaultOrder, after delay: Duration = .zero) -> Bool {
        state.withLock { state in
            let from = reachable(state.core).addingClamped(delay, speed: time.speed)
            return state.core.venue.faults.add(order.fault(from: from, speed: time.speed))
        }
    }

    /// Ends all faults; returns how many there were.
    func removeFaults() -> Int {
        state.withLock { state in
            defer { state.core.venue.faults.removeAll() }
            return state.core.venue.faults.faults.count
        }
    }

    /// Reads the venue as it stands; no time passes for it.
    func inspect<Value: Sendable>(_ body: (PaperVenue) -> Value) -> Value { state.withLock { body($0.core.venue) } }

    /// The books as they stand now.
    func books() -> JSONValue {
        state.withLock { state in
            // What the market does meanwhile is published with the next tick.
            let time = reachable(state.core)
            state.core.venue.advance(to: time)
            return PaperBooks.json(state.core, slowStreams: state.slow)
        }
    }
}
