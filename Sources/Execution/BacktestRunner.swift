package import Backtesting
package import Configuration
package import Market
package import MarketData
package import Strategies

/// Runs backtests on one market: loads what they need once, whatever their number. Belongs to one thread.
package final class BacktestRunner {
    private let market: MarketCache
    private let registry: StrategyRegistry

    /// A runner over the candles of `source`.
    ///
    /// - Parameter load: reads the candles of a key, verified against the job's manifest where there is one.
    package init(
        source: any CandleSource, instruments: InstrumentFile, registry: StrategyRegistry,
        load: ((CandleKey) throws(ExecutionError) -> Candles)? = nil
    ) {
        self.registry = registry
        let plain = { (key: CandleKey) throws(ExecutionError) -> Candles in
            do throws(MarketDataError) { return try source.candles(key) } catch { throw .data("\(error)") }
        }
        market = MarketCache(source: source, instruments: instruments, load: load ?? plain)
    }

    /// One backtest. `shouldStop` is asked every few thousand candle times.
    package func run(
        _ configuration: EffectiveConfiguration, shouldStop: (BacktestProgress) -> Bool = { _ in false }
    ) throws(ExecutionError) -> BacktestResult {
        let pairs = try pairs(of: configuration)
        do throws(BacktestError) {
            return try Backtester.run(settings: BacktestSettings(configuration), pairs: pairs, shouldStop: shouldStop)
        } catch {
            switch error {
            case .stopped: throw .stopped
            case .noCandles: throw .noCandles("\(configuration.timerange.text): \(error)")
            default: throw .engine("\(error)")
            }
        }
    }

    /// The pairs of a configuration with their signals. A pair without a candle in the time range is left out, as freqtrade does;
    /// where that leaves none, the range is at fault.
    private func pairs(of configuration: EffectiveConfiguration) throws(ExecutionError) -> [BacktestPair] {
        let strategy = try makeStrategy(configuration)
        let rules = configuration.rules
        var result: [BacktestPair] = []
        for pair in configuration.exchange.pairs {
            let entry = try market.entry(pair, rules.timeframe, configuration.timerange, startup: rules.startupCandleCount)
            guard entry.frame.candles.count > 0 else { continue }
            result.append(BacktestPair(frame: entry.frame, signals: strategy.signals(on: entry.indicators)))
        }
        guard !result.isEmpty else {
            throw .noCandles(
                "there are no candles of \(configuration.exchange.pairs.map(\.description).joined(separator: ", ")) in the time range \(configuration.timerange.text): choose another range, or get the candles"
            )
        }
        return result
    }

    private func makeStrategy(_ configuration: EffectiveConfiguration) throws(ExecutionError) -> any Strategy {
        do throws(StrategyRegistryError) {
            return try registry.strategy(named: configuration.strategy).init(values: configuration.parameters)
        } catch { throw .unknownStrategy(error.description) }
    }
}
