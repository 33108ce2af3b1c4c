/// What one combination of a sweep gave: the figures a leaderboard shows, under freqtrade's names.
package struct SweepRow: Hashable, Sendable {
    /// How a combination ended.
    package enum Outcome: UInt8, Sendable {
        /// With figures.
        case completed = 0
        /// There are no candles in its time range.
        case noCandles = 1
        /// It could not be computed.
        case failed = 2
    }

    /// The number of the combination.
    package var index: UInt64
    /// How it ended; the figures of one that did not complete are 0.
    package var outcome: Outcome = .completed
    /// Closed trades.
    package var totalTrades: UInt32 = 0
    /// Trades with a gain.
    package var wins: UInt32 = 0
    /// Trades with neither.
    package var draws: UInt32 = 0
    /// Trades with a loss.
    package var losses: UInt32 = 0
    /// Signals for which no slot was free.
    package var rejectedSignals: UInt32 = 0
    /// Profit as a part of the starting balance.
    package var profitTotal: Double = 0
    /// Profit in stake currency.
    package var profitTotalAbs: Double = 0
    /// The balance at the end in stake currency.
    package var finalBalance: Double = 0
    /// freqtrade's ratios.
    package var sharpe: Double = 0
    package var sortino: Double = 0
    package var calmar: Double = 0
    package var sqn: Double = 0
    /// Compound annual growth, 0.1 for 10 %.
    package var cagr: Double = 0
    /// Deepest fall of the balance as a part of its highest point.
    package var maxDrawdownAccount: Double = 0
    /// Deepest fall of the balance in stake currency.
    package var maxDrawdownAbs: Double = 0
    /// The part of trades with a gain.
    package var winrate: Double = 0
    /// Gains over losses; 0 without losses.
    package var profitFactor: Double = 0
    /// Mean profit of a trade in stake currency.
    package var expectancy: Double = 0
    /// Mean duration of a trade in seconds.
    package var holdingAverage: Double = 0
    /// Change of the market over the time range, mean over the pairs.
    package var marketChange: Double = 0

    /// A row without trades.
    package init(index: UInt64) { self.index = index }

    /// The doubles in the order of the encoding. New ones go to the end, with a new version.
    static var figures: [WritableKeyPath<SweepRow, Double>] {
        [
            \.profitTotal, \.profitTotalAbs, \.finalBalance, \.sharpe, \.sortino, \.calmar, \.sqn, \.cagr, \.maxDrawdownAccount,
            \.maxDrawdownAbs, \.winrate, \.profitFactor, \.expectancy, \.holdingAverage, \.marketChange,
        ]
    }

    /// The counts in the order of the encoding.
    static var counts: [WritableKeyPath<SweepRow, UInt32>] { [\.totalTrades, \.wins, \.draws, \.losses, \.rejectedSignals] }

    /// Equal bit by bit, so that a figure that is no number equals itself.
    package static func == (a: SweepRow, b: SweepRow) -> Bool {
        a.index == b.index && a.outcome == b.outcome && counts.allSatisfy { a[keyPath: $0] == b[keyPath: $0] }
            && figures.allSatisfy { a[keyPath: $0].bitPattern == b[keyPath: $0].bitPattern }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(index)
        hasher.combine(profitTotal.bitPattern)
    }
}
