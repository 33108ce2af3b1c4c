package import Exchange
package import Market
package import Money

/// What orders cost in one currency beside their price.
package struct FeeTotal: Hashable, Sendable {
    package var asset: String
    /// Negative is a rebate.
    package var amount: Amount
    package init(asset: String, amount: Amount) {
        self.asset = asset
        self.amount = amount
    }
}

/// The state of one of our orders after something happened to it: totals, so that the last update alone tells all.
package struct OrderUpdate: Hashable, Sendable {
    package var ticket: OrderTicket
    package var status: OrderStatus
    /// All that was filled so far.
    package var filled: Quantity
    /// Price x quantity of all fills so far, in quote currency, without fees.
    package var cost: Amount
    /// Fees of all fills so far, one entry a currency, sorted by its name.
    package var fees: [FeeTotal]
    /// The execution that this update is about; nil: only the status changed.
    package var fill: Fill?
    /// The venue's or our own reason for an end that nobody asked for.
    package var reason: String?
    package var time: Timestamp

    package init(
        ticket: OrderTicket, status: OrderStatus, filled: Quantity, cost: Amount, fees: [FeeTotal], fill: Fill? = nil,
        reason: String? = nil, time: Timestamp
    ) {
        self.ticket = ticket
        self.status = status
        self.filled = filled
        self.cost = cost
        self.fees = fees
        self.fill = fill
        self.reason = reason
        self.time = time
    }
}
