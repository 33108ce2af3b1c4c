internal import AlertChannels
internal import Alerts
internal import Fleet
internal import Halt
internal import Synchronization

/// Makes alerts of the stops that reach a trading job. Called on the guard's thread; never waits.
final class HaltWatch: Sendable {
    private let alerts: AlertSender?
    private let trading: TradingGuard
    private let job: String
    private let mode: Mutex<MemberRestriction.Mode>

    /// The gate as it is now is no news.
    init(_ alerts: AlertSender?, _ trading: TradingGuard, job: String) {
        self.alerts = alerts
        self.trading = trading
        self.job = job
        mode = Mutex(trading.mode)
    }

    func take(_ order: TradingGuard.Order) {
        switch order {
        case .cancelOrders(let action):
            alerts?.send(
                .error, .haltReceived, job: job, "a stop with action '\(action)' reached the worker",
                action: "every working order is canceled; entries begin again after 'pragma rearm' only")
        case .gate: tellGate()
        }
    }

    private func tellGate() {
        let new = trading.mode
        let isNews = mode.withLock { mode in
            defer { mode = new }
            return mode != new
        }
        guard isNews else { return }
        switch new {
        case .active: alerts?.send(.info, .gateOpened, job: job, "the order gate is open again")
        case .reducing:
            alerts?.send(
                .warning, .gateClosed, job: job, "the order gate lets only exits through",
                action: "waiting entries are canceled, none is made")
        case .halted:
            alerts?.send(.error, .gateClosed, job: job, "the order gate is closed", action: "no order is sent, no exit either")
        }
    }
}
