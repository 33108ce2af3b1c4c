internal import Backtesting
package import Configuration
internal import Coordination
package import Fleet
package import Market
package import Strategies
package import TradingLoop

/// What dry-runs and live jobs have in common, made of the configuration: nothing of it comes from the machine that they run on.
package struct JobPlan: Sendable {
    package var settings: TradingSettings
    package var strategy: any Strategy
    /// The name of the strategy, as in configurations.
    package var strategyName: String
    /// The pairs to trade, in the order in which they get slots.
    package var pairs: [Pair]
    /// The venue's name, which is that of its file.
    package var exchange: String
    /// What holds where neither the configuration nor the venue's list of instruments names a fee.
    package var usualFees: VenueFees?

    package var timeframe: Timeframe { settings.rules.timeframe }

    package init(_ configuration: EffectiveConfiguration, registry: StrategyRegistry) throws(JobFault) {
        settings = TradingSettings(configuration)
        let problems = settings.problems
        guard problems.isEmpty else {
            throw JobFault(.badConfiguration, "these settings cannot be traded with: " + problems.joined(separator: "; "))
        }
        do throws(StrategyRegistryError) {
            strategy = try registry.strategy(named: configuration.strategy).init(values: configuration.parameters)
        } catch { throw JobFault(.unknownStrategy, error.description) }
        strategyName = configuration.strategy
        pairs = configuration.exchange.pairs
        exchange = configuration.exchange.name
    }

    /// Levels of each side of the book that are looked at: 20 by a simulated venue, and those that prices are taken from. Both 25 and 100
    /// are depths that Kraken offers; Binance has any.
    var bookDepth: Int {
        let wanted = [settings.entryPricing, settings.exitPricing].filter(\.usesOrderBook).map(\.orderBookTop).max() ?? 1
        return wanted > 25 ? 100 : 25
    }

    /// Candles of a pair before the first decision: what warms the strategy's indicators up, and as many as one answer brings.
    func historyCount(candleLimit: Int) -> Int {
        let wanted = max(settings.rules.startupCandleCount + 50, min(candleLimit, 1000))
        return min(wanted, settings.candleLimit)
    }
}
