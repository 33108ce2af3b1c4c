/// A loop without thread and clock, for tests and simulations: turns happen when the caller says so, at the time it says.
///
///     let network = MemoryNetwork()
///     let loop = try ManualLoop(transport: MemoryTransport(network), mailbox: Mailbox(), handler: shell, now: 0)
///     try loop.runUntilQuiet(now: 5)
package final class ManualLoop<Handler: LoopHandler> {
    private var core: LoopCore<Handler>

    /// Makes the loop and takes the first, empty turn, as a `SocketLoop` does.
    package init(
        transport: any Transport, mailbox: Mailbox<Handler.Event>, batchLimit: Int = 1000, handler: Handler, now: Int64
    ) throws(TransportError) {
        core = LoopCore(transport: transport, mailbox: mailbox, batchLimit: batchLimit, handler: handler)
        _ = try core.step(now: now, always: true)
    }

    /// The handler, to look at its state.
    package var handler: Handler {
        get { core.handler }
        set { core.handler = newValue }
    }

    /// When the handler wants its next turn at the latest.
    package var deadline: Int64? { core.deadline }

    /// Whether the handler has finished; then there are no more turns.
    package var isFinished: Bool { core.isFinished }

    /// Takes one turn if something has come in or the deadline has come by `now` (nanoseconds); returns whether it did.
    @discardableResult
    package func step(now: Int64) throws(TransportError) -> Bool {
        if core.isFinished { return false }
        return try core.step(now: now)
    }

    /// Takes turns until there is nothing left to do at this time, at most `limit`; returns how many.
    @discardableResult
    package func runUntilQuiet(now: Int64, limit: Int = 1000) throws(TransportError) -> Int {
        var turns = 0
        while turns < limit, try step(now: now) { turns += 1 }
        return turns
    }
}
