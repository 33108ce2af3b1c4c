package import Market

/// A closed trade with freqtrade's fields at full precision.
package struct ClosedTrade: Hashable, Sendable {
    /// A filled order of a trade.
    package struct Order: Hashable, Sendable {
        /// Whether it opened or added to the position.
        package var isEntry: Bool
        /// Whether it bought.
        package var isBuy: Bool
        /// The amount in base currency; all of it filled.
        package var amount: Double
        /// The price.
        package var price: Double
        /// Amount x price x (1 + fee), for both sides.
        package var cost: Double
        /// Limit or market.
        package var type: BacktestSettings.OrderType
        /// The candle that placed it.
        package var placed: Timestamp
        /// The candle that filled it.
        package var filled: Timestamp
        /// The enter tag, or the reason of the exit.
        package var tag: String
        /// Funding since the fill before; nil for the first fill.
        package var fundingFee: Double?
    }

    /// Number in the order of opening, from 1; trades that never filled leave gaps.
    package var id: Int
    package var pair: Pair
    /// When the first entry order was placed.
    package var openDate: Timestamp
    package var closeDate: Timestamp
    package var openRate: Double
    package var closeRate: Double
    package var amount: Double
    package var amountRequested: Double
    /// What the trade tied up, in stake currency.
    package var stakeAmount: Double
    package var maxStakeAmount: Double
    package var leverage: Double
    package var isShort: Bool
    package var feeOpen: Double
    package var feeClose: Double
    /// Cost of opening with fees.
    package var openTradeValue: Double
    package var profitAbs: Double
    package var profitRatio: Double
    package var exitReason: String
    /// Empty: no tag.
    package var enterTag: String
    package var initialStopLossAbs: Double
    package var initialStopLossRatio: Double
    package var stopLossAbs: Double
    package var stopLossRatio: Double
    /// Lowest price seen while the position was open.
    package var minRate: Double
    /// Highest price seen while the position was open.
    package var maxRate: Double
    package var fundingFees: Double
    /// The price tick or digits at opening.
    package var pricePrecision: Double?
    /// The amount step or digits at opening.
    package var amountPrecision: Double?
    package var orders: [Order]

    /// Whole minutes from open to close.
    package var durationMinutes: Int64 { (closeDate.milliseconds - openDate.milliseconds) / 60_000 }
}
