package import Market

/// The outcome of a backtest.
package struct BacktestResult: Hashable, Sendable {
    /// Closed trades in the order of closing.
    package var trades: [ClosedTrade]
    /// What happened beside them.
    package var counters: BacktestCounters
    /// Stake currency at the end. Positions whose force exit did not fill are missing from it, as in freqtrade.
    package var finalBalance: Double
    /// The first candle time of the range (nothing is traded there yet).
    package var start: Timestamp
    /// The last candle time.
    package var end: Timestamp
    /// The account's worth over time; nil where the run was not asked for it.
    package var equity: EquityCurve?
    /// Mean over the pairs of last close / first close - 1.
    package var marketChange: Double
    /// The pairs in their order.
    package var pairs: [Pair]
    /// Balance at the start.
    package var startingBalance: Double
    /// Rows of candles that the loop covered, over all pairs.
    package var rows: Int
}
