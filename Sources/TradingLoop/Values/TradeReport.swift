package import Market
package import Money
package import Orders

/// A trade as people see it. Money comes from fills, exactly; rates and ratios are for display.
package struct TradeReport: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// The entry order is not over.
        case opening
        case open
        /// An exit order is under way.
        case closing
        case closed
        /// Nothing was ever bought.
        case dropped
    }

    package var number: TradeNumber
    package var pair: Pair
    package var state: State
    package var enterTag: String
    /// Empty until an exit filled.
    package var exitReason: String
    package var openTime: Timestamp
    package var closeTime: Timestamp?
    /// Bought less sold less fees in base currency.
    package var held: Amount
    /// What is left of a closed trade because the venue takes no order so small.
    package var dust: Amount
    /// Average price of what was bought and of what was sold; 0 where there was nothing.
    package var openRate: Double
    package var closeRate: Double
    /// In stake currency.
    package var stake: Double
    package var stop: Double
    package var initialStop: Double
    package var isStopTrailing: Bool
    /// freqtrade's figures: with fees as ratios, dust not counted.
    package var profitRatio: Double
    package var profit: Double
    /// Received less paid less fees in quote currency, over all fills so far.
    package var cashFlow: Amount
    /// All fees, a currency each.
    package var fees: [FeeTotal]
    package var orderCount: Int
}
