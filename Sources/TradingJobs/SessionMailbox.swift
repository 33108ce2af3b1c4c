internal import Fleet
internal import Synchronization

/// What is told to a session that is not there yet is kept for it.
final class SessionMailbox: Sendable {
    private enum Item: Sendable {
        case signal(UnitSignal)
        case order(TradingGuard.Order)
    }

    private struct State {
        var waiting: [Item] = []
        var session: (any LiveJobSession)?
    }

    private let state = Mutex(State())

    func signal(_ signal: UnitSignal) { take(.signal(signal)) }
    func order(_ order: TradingGuard.Order) { take(.order(order)) }

    func connect(_ session: any LiveJobSession) {
        // Under the lock, so that nothing newer overtakes what waits; a session returns at once.
        state.withLock { state in
            for item in state.waiting { Self.hand(item, to: session) }
            state = State(session: session)
        }
    }

    private func take(_ item: Item) {
        state.withLock { state in
            guard let session = state.session else { return Self.keep(item, &state.waiting) }
            Self.hand(item, to: session)
        }
    }

    /// That the gate changed is told several times a second, and once is enough.
    private static func keep(_ item: Item, _ waiting: inout [Item]) {
        if case .order(.gate) = item, case .order(.gate)? = waiting.last { return }
        waiting.append(item)
    }

    private static func hand(_ item: Item, to session: any LiveJobSession) {
        switch item {
        case .signal(let signal): session.signal(signal)
        case .order(let order): session.order(order)
        }
    }
}
