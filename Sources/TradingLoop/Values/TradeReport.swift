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

        /// Whether nothing will come any more.
        package var isOver: Bool { self == .closed || self == .dropped }
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

    package init(
        number: TradeNumber, pair: Pair, state: State, enterTag: String, exitReason: String, openTime: Timestamp,
        closeTime: Timestamp?, held: Amount, dust: Amount, openRate: Double, closeRate: Double, stake: Double, stop: Double,
        initialStop: Double, isStopTrailing: Bool, profitRatio: Double, profit: Double, cashFlow: Amount, fees: [FeeTotal],
        orderCount: Int
    ) {
        self.number = number
        self.pair = pair
        self.state = state
        self.enterTag = enterTag
        self.exitReason = exitReason
        self.openTime = openTime
        self.closeTime = closeTime
        self.held = held
        self.dust = dust
        self.openRate = openRate
        self.closeRate = closeRate
        self.stake = stake
        self.stop = stop
        self.initialStop = initialStop
        self.isStopTrailing = isStopTrailing
        self.profitRatio = profitRatio
        self.profit = profit
        self.cashFlow = cashFlow
        self.fees = fees
        self.orderCount = orderCount
    }
}
