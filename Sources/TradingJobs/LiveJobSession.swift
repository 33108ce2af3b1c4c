package import Configuration
package import Connectors
package import Execution
package import Fleet
package import Halt
package import Logging
package import Orders
package import Strategies
package import TradingLoop

/// A live job at work, as its runner drives it.
package protocol LiveJobSession: Sendable {
    /// What the worker asks for; returns at once.
    func signal(_ signal: UnitSignal)
    /// What the worker's guard tells; returns at once.
    func order(_ order: TradingGuard.Order)
    /// Runs until it was asked to stop, or cannot go on. Reconciles with the venue before anything new.
    func run() async -> LiveJobEnd
}

/// How a live job's session came to its end.
package enum LiveJobEnd: Sendable {
    /// With a summary for the log, as JSON.
    case stopped(summary: [UInt8])
    case failed(JobFault)
    /// Its task was canceled.
    case canceled
}

/// Everything that a live job is run with. It exists only where every gate was passed.
package struct LiveParts: Sendable {
    package var configuration: EffectiveConfiguration
    package var registry: StrategyRegistry
    /// The account's name.
    package var account: String
    /// What the client order ids begin with.
    package var identity: OrderIdentity
    package var executor: LiveExecutor
    package var market: MarketDataClient
    package var trading: TradingClient
    package var usualFees: VenueFees?
    package var journalPath: String
    /// Who says to have the journal.
    package var holder: String
    package var links: LiveLinks
    package var log: Logger
}

/// What a live job tells, and asks, its surroundings. All of them return at once.
package struct LiveLinks: Sendable {
    /// The gate, the leases and the gates that can change, at this instant: to be asked before every order.
    package var permit: @Sendable () -> LivePermit
    /// The account's part of the limits of all accounts together, at this instant.
    package var budget: @Sendable () -> UnitBudget = { .none }
    /// The journal has so many records now.
    package var written: @Sendable (UInt64) -> Void = { _ in }
    /// The answer to `UnitSignal.sendRecords`.
    package var records: @Sendable (UInt64, [[UInt8]]) -> Void = { _, _ in }
    /// Closed trades, and all trades.
    package var progress: @Sendable (UInt64, UInt64) -> Void = { _, _ in }
    /// The answer to `TradingGuard.Order.cancelOrders`.
    package var exchangeRead: @Sendable (AckStage) -> Void = { _ in }
    /// Somebody has to look.
    package var alarm: @Sendable (String) -> Void = { _ in }

    package init(permit: @escaping @Sendable () -> LivePermit) { self.permit = permit }

    /// What the order gate lets through now, in the loop's words.
    package var mode: GateMode {
        switch permit().mode {
        case .active: .active
        case .reducing: .reducing
        case .halted: .halted
        }
    }
}
