package import Configuration
package import LiveGates
package import Logging
internal import Strategies

/// The seed's executor for orders at a venue. It is there only where every gate of the list is passed, and looks again, at what can change, before
/// every order that adds risk. It sends nothing itself: whoever runs the job asks it, and tells it what comes of it.
package struct LiveExecutor: Sendable {
    package let mode = ExecutionMode.live
    private let configuration: EffectiveConfiguration
    private let log: Logger
    private let wallClock: @Sendable () -> Int64
    private let newest: @Sendable () -> LiveFacts
    private var startTimeMilliseconds: Int64?
    private var trades = 0
    private var errors = 0
    private var hasFailed = false
    private var stopReason: String?
    /// Whether the venue's market and the account's stream come in.
    private var isConnected = false

    /// Why there is no executor.
    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// The first gate that is missing.
        case gate(LiveRefusal)
        case execution(ExecutionError)

        package var description: String {
            switch self {
            case .gate(let refusal): refusal.description
            case .execution(let error): error.description
            }
        }
    }

    /// An executor of a configuration, if everything is there.
    ///
    /// - Parameters:
    ///   - facts: those of this instant, whenever it is asked; of any thread, and returns at once.
    ///   - goesOn: the job was begun before: what can change may be missing, and then nothing that adds risk goes.
    package init(
        _ configuration: EffectiveConfiguration, facts newest: @escaping @Sendable () -> LiveFacts, goesOn: Bool = false,
        log: Logger,
        wallClock: @escaping @Sendable () -> Int64
    ) throws(Refusal) {
        let facts = newest()
        let missing = goesOn ? LiveCheck.firstMissingToGoOn(facts) : LiveCheck.firstMissing(facts, at: .worker)
        if let missing { throw .gate(missing) }
        do throws(ExecutionError) { try ExecutorChecks.validate(configuration, mode: .live) } catch { throw .execution(error) }
        self.configuration = configuration
        self.newest = newest
        self.log = log
        self.wallClock = wallClock
    }

    package var canExecuteLiveTrades: Bool { true }

    /// Who this is.
    package var context: ExecutionContext {
        ExecutionContext(
            executorType: "live", mode: mode, dryRun: false, strategy: configuration.strategy,
            stakeCurrency: configuration.sizing.stakeCurrency, timeframe: configuration.rules.timeframe,
            maxOpenTrades: configuration.sizing.maxOpenTrades, exchange: configuration.exchange.name, canExecuteLive: true,
            safeForTesting: false)
    }

    // MARK: - Whether it may

    /// The first gate, of those that can change, that is missing now; nil: an order that adds risk may be asked for.
    package var missingGate: LiveRefusal? { LiveCheck.perOrderMissing(newest()) }

    /// Whether orders that add risk may go, by the facts of this instant and by `emergencyStop`.
    package var validateExecutionAllowed: Bool { stopReason == nil && missingGate == nil }
    package var safetyChecksPassed: Bool { validateExecutionAllowed }
    /// It has begun, and has neither failed nor been stopped.
    package var isRunning: Bool { startTimeMilliseconds != nil && !hasFailed && stopReason == nil }

    /// Nothing that adds risk goes any more in this executor's life, whatever the facts are later. The fleet's stop, which cancels and closes, is
    /// `pragma stop`.
    package mutating func emergencyStop(_ reason: String) {
        guard stopReason == nil else { return }
        stopReason = reason
        log.critical("emergency stop of the executor", metadata: ["reason": "\(reason)"])
    }

    // MARK: - Its figures

    package var metrics: ExecutorMetrics {
        ExecutorMetrics(
            executionMode: mode, startTimeMilliseconds: startTimeMilliseconds,
            uptimeMilliseconds: startTimeMilliseconds.map { max(0, wallClock() - $0) } ?? 0, tradesExecuted: trades,
            errors: errors,
            safetyChecksPassed: safetyChecksPassed)
    }

    /// Its health; memory and processor time come from the process.
    package func health(memoryUsage: UInt64, cpuUsage: UInt64) -> ExecutorHealth {
        ExecutorHealth(
            executorRunning: !hasFailed && stopReason == nil, freqtradeConnected: nil, exchangeConnected: isConnected,
            safetyChecks: safetyChecksPassed, memoryUsage: memoryUsage, cpuUsage: cpuUsage)
    }

    // MARK: - What it is told

    /// The job begins.
    package mutating func begin() {
        log.critical(
            "live execution starts",
            metadata: [
                "mode": "\(mode.rawValue)", "strategy": "\(configuration.strategy)", "exchange": "\(configuration.exchange.name)",
                "account": "\(configuration.account?.name ?? "")", "stake_currency": "\(configuration.sizing.stakeCurrency)",
                "max_open_trades": "\(configuration.sizing.maxOpenTrades.map(String.init) ?? "any")",
                "pairs": "\(configuration.exchange.pairs.count)",
            ])
        startTimeMilliseconds = wallClock()
        hasFailed = false
    }

    package mutating func note(isConnected: Bool) { self.isConnected = isConnected }

    /// Trades that came to their end since the last call.
    package mutating func note(closedTrades: Int) { trades += closedTrades }

    /// Something went wrong: the venue is away (it goes on), or it is the end (`isFinal`).
    package mutating func noteError(isFinal: Bool) {
        errors += 1
        if isFinal { hasFailed = true }
    }
}
