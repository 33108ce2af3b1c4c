package import Backtesting
package import Configuration
package import Logging
internal import Strategies

/// The seed's executor for simulations: it has no way to a signed order endpoint, refuses `live`, and refuses a configuration that
/// is not a dry run without touching it. A backtest it runs itself (`execute`); of a dry-run, which goes on for as long as its job, it keeps
/// the state, told by whoever runs it.
package struct SimulatedExecutor: Sendable {
    /// The modes that this executor does.
    package static let modes: [ExecutionMode] = [.backtest, .dryRun]

    private let configuration: EffectiveConfiguration
    package let mode: ExecutionMode
    private let log: Logger
    private let wallClock: @Sendable () -> Int64
    private var startTime: Int64?
    private var tradeCount = 0
    private var errorCount = 0
    private var hasFailed = false
    /// Whether the venue's market comes in; only a dry-run needs one.
    private var isConnected = false

    /// An executor of `configuration`. Throws for another mode, for `live`, and for a configuration with `dry_run: false`.
    package init(
        _ configuration: EffectiveConfiguration, mode: String = ExecutionMode.backtest.rawValue, log: Logger,
        wallClock: @escaping @Sendable () -> Int64
    ) throws(ExecutionError) {
        guard let mode = ExecutionMode(text: mode), Self.modes.contains(mode) else {
            throw .wrongMode(mode, allowed: Self.modes.map(\.rawValue))
        }
        guard configuration.isDryRun else { throw .notDryRun }
        try ExecutorChecks.validate(configuration, mode: mode)
        self.configuration = configuration
        self.mode = mode
        self.log = log
        self.wallClock = wallClock
    }

    /// Never: a simulation has no code path to an order.
    package var canExecuteLiveTrades: Bool { false }

    /// Who this is.
    package var context: ExecutionContext {
        ExecutionContext(
            executorType: "simulated", mode: mode, dryRun: true, strategy: configuration.strategy,
            stakeCurrency: configuration.sizing.stakeCurrency, timeframe: configuration.rules.timeframe,
            maxOpenTrades: configuration.sizing.maxOpenTrades, exchange: configuration.exchange.name, canExecuteLive: false,
            safeForTesting: true)
    }

    /// Whether it may run; true since `init` refused everything else.
    package var validateExecutionAllowed: Bool { configuration.isDryRun }

    /// Its figures.
    package var metrics: ExecutorMetrics {
        ExecutorMetrics(
            executionMode: mode, startTimeMilliseconds: startTime,
            uptimeMilliseconds: startTime.map { max(0, wallClock() - $0) } ?? 0, tradesExecuted: tradeCount, errors: errorCount,
            safetyChecksPassed: validateExecutionAllowed)
    }

    /// Its health; memory and processor time come from the process.
    package func health(memoryUsage: UInt64, cpuUsage: UInt64) -> ExecutorHealth {
        ExecutorHealth(
            executorRunning: !hasFailed, freqtradeConnected: nil, exchangeConnected: mode == .dryRun ? isConnected : nil,
            safetyChecks: validateExecutionAllowed,
            memoryUsage: memoryUsage, cpuUsage: cpuUsage)
    }

    // MARK: - A dry-run

    /// The dry-run begins.
    package mutating func begin() {
        logStart()
        startTime = wallClock()
        hasFailed = false
    }

    /// Whether the market of all pairs comes in.
    package mutating func note(isConnected: Bool) { self.isConnected = isConnected }

    /// Trades that came to their end since the last call.
    package mutating func note(closedTrades: Int) { tradeCount += closedTrades }

    /// Something went wrong: the venue is away (it goes on), or it is the end (`isFinal`).
    package mutating func noteError(isFinal: Bool) {
        errorCount += 1
        if isFinal { hasFailed = true }
    }

    // MARK: - A backtest

    /// Runs the backtest. Throws `wrongMode` for an executor of another mode.
    package mutating func execute(
        on runner: BacktestRunner, shouldStop: (BacktestProgress) -> Bool = { _ in false }
    ) throws(ExecutionError) -> BacktestResult {
        guard mode == .backtest else { throw .wrongMode(mode.rawValue, allowed: [ExecutionMode.backtest.rawValue]) }
        logStart()
        startTime = wallClock()
        do throws(ExecutionError) {
            let result = try runner.run(configuration, shouldStop: shouldStop)
            tradeCount += result.trades.count
            hasFailed = false
            return result
        } catch {
            if error != .stopped {
                errorCount += 1
                hasFailed = true
                log.error("execution failed", metadata: ["mode": "\(mode.rawValue)", "cause": "\(error)"])
            }
            throw error
        }
    }

    private func logStart() {
        log.info(
            "execution starts",
            metadata: [
                "mode": "\(mode.rawValue)", "strategy": "\(configuration.strategy)",
                "stake_currency": "\(configuration.sizing.stakeCurrency)", "dry_run": "true",
                "exchange": "\(configuration.exchange.name)",
                "pairs": "\(configuration.exchange.pairs.count)",
            ])
    }
}
