internal import Backtesting
internal import Configuration
internal import Execution
internal import Fleet
internal import Glibc
internal import Logging
internal import MarketData
internal import Strategies

/// A backtest in this process, without a fleet.
enum LocalBacktest {
    /// Runs `configuration` on the candles of `dataFolder` and gives the report.
    ///
    /// - Parameter onProgress: is told (candle times done, candle times in all) every few thousand candle times.
    static func run(
        _ configuration: EffectiveConfiguration, dataFolder: String, registry: StrategyRegistry,
        onProgress: (Int, Int) -> Void = { _, _ in }
    ) throws(FleetError) -> ConfigValue {
        try FleetError.mapping {
            let store = try CandleStore(folder: dataFolder, exchange: configuration.exchange.name)
            let runner = BacktestRunner(source: store, instruments: try store.instruments(), registry: registry)
            var log = Logger(label: "pragma.backtest") { StreamLogHandler.standardError(label: $0) }
            log.logLevel = .critical
            var executor = try SimulatedExecutor(configuration, log: log, wallClock: wallClock)
            let result = try executor.execute(on: runner) { progress in
                onProgress(progress.done, progress.total)
                return false
            }
            return ResultJSON.report(result, of: configuration)
        }
    }

    /// Milliseconds since 1970.
    private static func wallClock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
