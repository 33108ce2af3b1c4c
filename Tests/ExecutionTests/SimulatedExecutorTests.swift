import Backtesting
import Configuration
import Market
import Synchronization
import Testing

@testable import Execution

@Suite("The simulated executor")
struct SimulatedExecutorTests {
    private let market: SmallMarket
    private let log = RecordingLog()

    init() throws { market = try SmallMarket() }

    private func executor(
        _ configuration: EffectiveConfiguration, mode: String = "backtest", clock: @escaping @Sendable () -> Int64 = { 1000 }
    ) throws(ExecutionError) -> SimulatedExecutor {
        try SimulatedExecutor(configuration, mode: mode, log: log.logger, wallClock: clock)
    }

    private func error(_ configuration: EffectiveConfiguration, mode: String) -> ExecutionError? {
        do throws(ExecutionError) {
            _ = try executor(configuration, mode: mode)
            return nil
        } catch { return error }
    }

    @Test(arguments: ["live", "Backtest", "paper", ""])
    func `another mode than backtest and dry-run is refused by name`(mode: String) throws {
        let error = error(try market.configuration(), mode: mode)
        guard case .wrongMode(_, let allowed)? = error else {
            Issue.record("\(mode): \(String(describing: error))")
            return
        }
        #expect(allowed == ["backtest", "dry-run"])
    }

    @Test(arguments: ["dry-run", "simulated"]) func `a backtest's configuration does not pass as a dry-run`(mode: String) throws {
        #expect(error(try market.configuration(), mode: mode) == .wrongMode("backtest", allowed: ["dry-run"]))
    }

    @Test func `a dry-run is healthy while its market comes in, and counts what it is told`() throws {
        let time = Mutex<Int64>(1000)
        var executor = try executor(try market.configuration(purpose: .dryRun), mode: "dry-run") { time.withLock { $0 } }
        #expect(
            executor.context.mode == .dryRun && executor.context.executorType == "simulated" && !executor.context.canExecuteLive)
        executor.begin()
        #expect(executor.health(memoryUsage: 0, cpuUsage: 0).exchangeConnected == false)
        #expect(!executor.health(memoryUsage: 0, cpuUsage: 0).isHealthy)
        executor.note(isConnected: true)
        executor.note(closedTrades: 2)
        executor.noteError(isFinal: false)
        time.withLock { $0 = 1250 }
        #expect(executor.health(memoryUsage: 0, cpuUsage: 0).isHealthy)
        let metrics = executor.metrics
        #expect(metrics.executionMode == .dryRun && metrics.tradesExecuted == 2 && metrics.errors == 1)
        #expect(metrics.startTimeMilliseconds == 1000 && metrics.uptimeMilliseconds == 250)
        executor.noteError(isFinal: true)
        #expect(!executor.health(memoryUsage: 0, cpuUsage: 0).executorRunning)
        #expect(throws: ExecutionError.wrongMode("dry-run", allowed: ["backtest"])) { try executor.execute(on: market.runner) }
    }

    @Test func `a configuration that is no dry run is refused and stays as it is`() throws {
        var configuration = try market.configuration()
        configuration.canonical.set(ConfigValue(.boolean(false)), at: ["dry_run"])
        let before = configuration.canonicalBytes
        #expect(error(configuration, mode: "backtest") == .notDryRun)
        #expect(configuration.canonicalBytes == before)
        #expect(configuration.canonical["dry_run"]?.boolean == false)
    }

    @Test func `a live configuration is refused though it calls itself a dry run`() throws {
        var configuration = try market.configuration()
        configuration.mode = .live
        #expect(error(configuration, mode: "backtest") == .notDryRun)
    }

    @Test func `a dry-run configuration does not pass as a backtest`() throws {
        var configuration = try market.configuration()
        configuration.mode = .dryRun
        #expect(error(configuration, mode: "backtest") == .wrongMode("dry-run", allowed: ["backtest"]))
    }

    @Test func `missing values are named all at once`() throws {
        var configuration = try market.configuration()
        configuration.sizing.stakeCurrency = ""
        configuration.exchange.name = ""
        configuration.strategy = ""
        configuration.exchange.pairs = []
        #expect(
            error(configuration, mode: "backtest")
                == .missing(["stake_currency", "exchange.name", "strategy", "exchange.pair_whitelist"]))
    }

    @Test func `the context says who it is and that it cannot reach real money`() throws {
        let context = try executor(try market.configuration()).context
        #expect(context.executorType == "simulated")
        #expect(context.mode == .backtest)
        #expect(context.dryRun)
        #expect(context.strategy == "EmaCross")
        #expect(context.stakeCurrency == "USDT")
        #expect(context.timeframe == .fiveMinutes)
        #expect(context.maxOpenTrades == 2)
        #expect(context.exchange == "binance")
        #expect(!context.canExecuteLive)
        #expect(context.safeForTesting)
        #expect(try !executor(try market.configuration()).canExecuteLiveTrades)
    }

    @Test func `figures follow a run, and the start is logged with what runs`() throws {
        let time = Mutex<Int64>(5000)
        var executor = try executor(try market.configuration()) { time.withLock { $0 } }
        #expect(executor.metrics.startTimeMilliseconds == nil)
        #expect(executor.metrics.uptimeMilliseconds == 0)
        let result = try executor.execute(on: market.runner)
        time.withLock { $0 = 5250 }
        let metrics = executor.metrics
        #expect(metrics.executionMode == .backtest)
        #expect(metrics.startTimeMilliseconds == 5000)
        #expect(metrics.uptimeMilliseconds == 250)
        #expect(metrics.tradesExecuted == result.trades.count)
        #expect(!result.trades.isEmpty)
        #expect(metrics.errors == 0)
        #expect(metrics.safetyChecksPassed)
        let start = try #require(log.all.first)
        for part in ["mode=backtest", "strategy=EmaCross", "stake_currency=USDT", "dry_run=true", "exchange=binance", "pairs=2"] {
            #expect(start.contains(part), "\(start)")
        }
    }

    @Test func `a failed run counts as an error and makes it ill, the next good one heals it`() throws {
        var executor = try executor(try market.configuration(timerange: "20300101-20300201"))
        #expect(throws: ExecutionError.self) { try executor.execute(on: market.runner) }
        #expect(executor.metrics.errors == 1)
        #expect(!executor.health(memoryUsage: 1, cpuUsage: 2).executorRunning)
        #expect(!executor.health(memoryUsage: 1, cpuUsage: 2).isHealthy)
        #expect(log.all.contains { $0.hasPrefix("error execution failed") })
        var healthy = try self.executor(try market.configuration())
        _ = try healthy.execute(on: market.runner)
        let health = healthy.health(memoryUsage: 1, cpuUsage: 2)
        #expect(health.isHealthy)
        #expect(health.freqtradeConnected == nil && health.exchangeConnected == nil)
        #expect(health.memoryUsage == 1 && health.cpuUsage == 2)
    }

    @Test func `a run that is asked to stop is no error`() throws {
        var executor = try executor(try market.configuration())
        #expect(throws: ExecutionError.stopped) { try executor.execute(on: market.runner) { _ in true } }
        #expect(executor.metrics.errors == 0)
        #expect(executor.health(memoryUsage: 0, cpuUsage: 0).isHealthy)
    }

    @Test func `what is missing is told apart`() throws {
        func failure(_ configuration: EffectiveConfiguration) -> ExecutionError? {
            do throws(ExecutionError) {
                _ = try market.runner.run(configuration)
                return nil
            } catch { return error }
        }
        let late = failure(try market.configuration(timerange: "20300101-20300201"))
        guard case .noCandles? = late else {
            Issue.record("\(String(describing: late))")
            return
        }
        var unknownPair = try market.configuration()
        unknownPair.exchange.pairs = [try #require(Pair("DOGE/USDT"))]
        guard case .data(let text)? = failure(unknownPair) else {
            Issue.record("a pair without candles")
            return
        }
        #expect(text.contains("DOGE/USDT"))
        var unknownStrategy = try market.configuration()
        unknownStrategy.strategy = "Nothing"
        guard case .unknownStrategy? = failure(unknownStrategy) else {
            Issue.record("an unknown strategy")
            return
        }
    }
}
