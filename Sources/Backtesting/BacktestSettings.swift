package import Market
package import Strategies
package import Trading

/// Everything a backtest depends on beside candles and signals. Names and defaults are freqtrade's.
package struct BacktestSettings: Hashable, Sendable {
    /// What is traded; futures (funding, liquidation) are refused for now.
    package enum TradingMode: String, Hashable, Sendable { case spot, margin, futures }

    /// How an order is priced: a limit order may carry a price of the strategy's own.
    package enum OrderType: String, Hashable, Sendable { case limit, market }

    /// How long an order may wait before it is canceled.
    package struct UnfilledTimeout: Hashable, Sendable {
        /// For orders that open, in milliseconds.
        package var entry: Int64 = 600_000
        /// For orders that close, in milliseconds.
        package var exit: Int64 = 600_000
        package init() {}
    }

    /// The timeframe of the candles.
    package var timeframe: Timeframe
    /// ROI table: minutes since entry -> profit ratio above which the trade is closed.
    package var minimalROI: [Int: Double]
    /// Stop-loss as a negative profit ratio.
    package var stoploss: Double
    /// Whether the stop follows the best price.
    package var trailingStop: Bool
    /// Distance of the trailing stop beyond the offset; nil: always `stoploss`.
    package var trailingStopPositive: Double?
    /// Profit ratio from which `trailingStopPositive` applies.
    package var trailingStopPositiveOffset: Double
    /// Whether the stop stays where it is below the offset.
    package var trailingOnlyOffsetIsReached: Bool
    /// Whether exit signals close trades.
    package var useExitSignal: Bool
    /// Whether an exit signal counts only at a profit greater than `exitProfitOffset`.
    package var exitProfitOnly: Bool
    /// See `exitProfitOnly`.
    package var exitProfitOffset: Double
    /// Whether ROI waits while the entry signal stands.
    package var ignoreROIIfEntrySignal: Bool
    /// Whether short trades are allowed; needs a trading mode other than spot.
    package var canShort: Bool
    /// Rows of each pair that warm up indicators and are not traded.
    package var startupCandleCount: Int

    /// How many trades may be open; nil: no limit (freqtrade's -1, 0 and infinity).
    package var maxOpenTrades: Int? = 3
    /// The currency that stakes are made in.
    package var stakeCurrency = "USDT"
    /// The stake of a trade.
    package var stakeAmount: StakeAmount = .unlimited
    /// The balance at the start, in stake currency.
    package var dryRunWallet: Double = 1000
    /// The part of the balance that may be traded.
    package var tradableBalanceRatio: Double = 0.99
    /// Capital to trade with in place of the ratio.
    package var availableCapital: Double?
    /// Whether the last stake shrinks to what is left.
    package var amendLastStakeAmount = false
    /// How much of a stake must be left for that.
    package var lastStakeAmountMinRatio: Double = 0.5
    /// What a minimum stake is raised by.
    package var amountReservePercent: Double = 0.05
    /// Fee of both sides as a ratio; nil: the larger of taker and maker of the first pair.
    package var fee: Double?
    /// When waiting orders are given up.
    package var unfilledTimeout = UnfilledTimeout()
    /// How entry orders are made.
    package var entryOrderType = OrderType.limit
    /// How exit orders are made.
    package var exitOrderType = OrderType.limit
    /// What is traded.
    package var tradingMode = TradingMode.spot

    /// The rules of a strategy, with freqtrade's defaults for everything else.
    package init(rules: StrategyRules) {
        timeframe = rules.timeframe
        minimalROI = rules.minimalROI
        stoploss = rules.stoploss
        trailingStop = rules.trailingStop
        trailingStopPositive = rules.trailingStopPositive
        trailingStopPositiveOffset = rules.trailingStopPositiveOffset
        trailingOnlyOffsetIsReached = rules.trailingOnlyOffsetIsReached
        useExitSignal = rules.useExitSignal
        exitProfitOnly = rules.exitProfitOnly
        exitProfitOffset = rules.exitProfitOffset
        ignoreROIIfEntrySignal = rules.ignoreROIIfEntrySignal
        canShort = rules.canShort
        startupCandleCount = rules.startupCandleCount
    }

    /// The sizing rules among these settings.
    package var walletRules: WalletRules<Double> {
        WalletRules(
            stake: stakeAmount, maxOpenTrades: maxOpenTrades, tradableBalanceRatio: tradableBalanceRatio,
            availableCapital: availableCapital, amendLastStakeAmount: amendLastStakeAmount,
            lastStakeAmountMinRatio: lastStakeAmountMinRatio)
    }
}
