package import Backtesting
package import Configuration
package import Market
package import MarketData
package import Strategies

/// Runs backtests on one market: loads what they need once, whatever their number. Belongs to one thread.
package final class BacktestRunner {
    private let market: MarketCache
    private let registry: StrategyRegistry
    private let instruments: InstrumentFile

    /// A runner over the candles of `source`.
    ///
    /// - Parameter load: reads the candles of a key, verified against the job's manifest where there is one.
    package init(
        source: any CandleSource, instruments: InstrumentFile, registry: StrategyRegistry,
        load: ((CandleKey) throws(ExecutionError) -> Candles)? = nil
    ) {
        self.registry = registry
        self.instruments = instruments
        let plain = { (key: CandleKey) throws(ExecutionError) -> Candles in
            do throws(MarketDataError) { return try source.candles(key) } catch { throw ExecutionError(error) }
        }
        market = MarketCache(source: source, instruments: instruments, load: load ?? plain)
    }

    /// One backtest. `shouldStop` is asked every few thousand candle times; `tracksEquity` as in `Backtester.run`.
    package func run(
        _ configuration: EffectiveConfiguration, tracksEquity: Bool = true,
        shouldStop: (BacktestProgress) -> Bool = { _ in false }
    ) throws(ExecutionError) -> BacktestResult {
        try checkVenue(of: configuration)
        let pairs = try pairs(of: configuration)
        do throws(BacktestError) {
            return try Backtester.run(
                settings: try settings(configuration), pairs: pairs, tracksEquity: tracksEquity, shouldStop: shouldStop)
        } catch {
            switch error {
            case .stopped: throw .stopped
            case .noCandles: throw .noCandles(noCandles(configuration))
            default: throw .engine("\(error)")
            }
        }
    }

    /// Steps, limits and fees are a venue's own: those of another one would give plausible, wrong results.
    private func checkVenue(of configuration: EffectiveConfiguration) throws(ExecutionError) {
        let (wanted, found) = (configuration.exchange.name, instruments.exchange)
        guard !wanted.isEmpty, !found.isEmpty, !ExchangeName.isSame(wanted, found) else { return }
        throw .engine(
            "\(instruments.path) has the instruments of \(found), and exchange.name is \(wanted): name that exchange's data folder, or import its instruments with `\(InstrumentFile.command)`"
        )
    }

    /// The fee comes from the first pair of the whitelist also where that pair has no candles in the time range.
    private func settings(_ configuration: EffectiveConfiguration) throws(BacktestError) -> BacktestSettings {
        var settings = BacktestSettings(configuration)
        if settings.fee == nil, let first = configuration.exchange.pairs.first, let instrument = instruments.instruments[first] {
            settings.fee = try Backtester.fee(of: instrument)
        }
        return settings
    }

    private func noCandles(_ configuration: EffectiveConfiguration) -> String {
        let range = configuration.timerange == .all ? "" : " in the time range \(configuration.timerange.text)"
        return
            "no pair has candles left\(range) after the \(configuration.rules.startupCandleCount) that warm up its indicators (startup_candle_count): choose a longer time range, or get more candles"
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
