/// What a loop runs: the shell around a pure instance.
///
/// All turns of a loop run on its thread, one after the other; the handler needs no locks, must not wait for other threads,
/// and never sees the thread. A turn is given everything that has come in, so that it can be taken in as a whole, made
/// durable with one commit, and answered afterwards:
///
///     mutating func turn(_ turn: inout Turn<Event>) -> Int64? {
///         for message in turn.messages { directives += instance.receive(message, at: turn.now) }
///         for event in turn.events { directives += instance.handle(event, at: turn.now) }
///         store.commit(directives.writes)
///         for (frames, peer) in directives.sends { turn.send(frames, on: jobs, to: peer) }
///         return instance.nextDeadline
///     }
package protocol LoopHandler: SendableMetatype {
    /// What other threads post to it.
    associatedtype Event: Sendable

    /// Takes one turn and returns the boot time (nanoseconds) at which the next one is due if nothing comes in before; nil: not
    /// until something comes in. A time that has passed means at once. The first turn comes as soon as the loop starts and is empty.
    mutating func turn(_ turn: inout Turn<Event>) -> Int64?
}

/// What came in, and the means to answer, during one turn of a loop.
package struct Turn<Event: Sendable> {
    /// The boot time at which this turn began, in nanoseconds.
    package internal(set) var now: Int64 = 0
    /// What came in at the endpoints.
    package internal(set) var batch = Batch()
    /// What other threads posted, in order.
    package internal(set) var events: [Event] = []
    /// The endpoints, for what has no shortcut here.
    package let transport: any Transport
    package private(set) var isFinished = false

    init(transport: any Transport) { self.transport = transport }

    /// Messages in the order of arrival per endpoint, endpoints in the order they were opened.
    package var messages: [Message] { batch.messages }

    /// What happened to connections; see `LinkChange` for how it relates to the messages.
    package var changes: [LinkChange] { batch.changes }

    /// Sends to a peer of a server endpoint, or (without a peer) from a client or publisher. Never waits.
    @discardableResult
    package func send(_ frames: Frames, on endpoint: EndpointID, to peer: PeerID = .only) -> SendResult {
        transport.send(frames, on: endpoint, to: peer)
    }

    /// Ends the loop after this turn. Its endpoints close, each with its linger time.
    package mutating func finish() { isFinished = true }

    mutating func begin(at now: Int64) {
        self.now = now
        batch.removeAll()
        events.removeAll(keepingCapacity: true)
    }
}
