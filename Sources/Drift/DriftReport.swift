package import Market

/// What a trade differs in. Raw values are what programs read.
package enum DriftCause: String, Hashable, Sendable, CaseIterable {
    /// One side lacks the trade.
    case onlyInJob = "only_in_job"
    case onlyInBacktest = "only_in_backtest"
    /// Another candle, so another price for more than slippage.
    case entryCandle = "entry_candle"
    case exitCandle = "exit_candle"
    case exitReason = "exit_reason"
    /// The same candle at another price: slippage against the backtest's fill.
    case entryPrice = "entry_price"
    case exitPrice = "exit_price"
    case stake
    case fees
    /// What is left of the profits: steps of amounts, rounding, dust, fees in other currencies. Never a difference of its own.
    case rounding
}

/// One thing that a trade differs in.
package struct DriftDifference: Hashable, Sendable {
    package var cause: DriftCause
    package var pair: Pair
    /// When the trade was opened: the job's time where it has the trade.
    package var time: Timestamp
    /// The trade's numbers; nil: that side lacks it.
    package var jobTrade: UInt64?
    package var backtestTrade: UInt64?
    /// The two values as text; empty where a side has none.
    package var job: String
    package var backtest: String
    /// Why, as far as records and candles tell.
    package var reason: String
    /// The job's profit less the backtest's, as far as it comes from this, in stake currency.
    package var profit: Double
}

/// How a job's trades differ from those of a backtest over the same candles.
package struct DriftReport: Hashable, Sendable {
    /// What differs in one way.
    package struct Sum: Hashable, Sendable {
        package var cause: DriftCause
        /// Differences of this kind.
        package var count: Int
        /// The job's profit less the backtest's that comes from them.
        package var profit: Double
    }

    package struct Counts: Hashable, Sendable {
        package var job = 0
        package var backtest = 0
        /// Trades that both have.
        package var matched = 0
        /// Those of them without a difference.
        package var same = 0
    }

    /// From the first candle that was decided on to the end of the last one.
    package var from: Timestamp
    package var to: Timestamp
    package var trades = Counts()
    /// By time.
    package var differences: [DriftDifference] = []
    /// In the order of `DriftCause`, without those that do not occur. They add up to `profitDifference`.
    package var sums: [Sum] = []
    /// In stake currency; trades that are open at the end count with the last close.
    package var jobProfit = 0.0
    package var backtestProfit = 0.0
    package var notices: [String] = []

    package var profitDifference: Double { jobProfit - backtestProfit }
    /// Whether both did the same.
    package var isSame: Bool { differences.isEmpty }
}
