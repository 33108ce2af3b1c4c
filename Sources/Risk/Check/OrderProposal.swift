package import Market
package import Money

/// Which way an order goes.
package enum RiskSide: UInt8, Hashable, Sendable, CaseIterable {
    case buy = 1
    case sell = 2
}

/// An order before it is sent, as the checks see it.
package struct OrderProposal: Hashable, Sendable {
    /// The order's number, unique among the working ones of the account.
    package var id: UInt64
    package var pair: Pair
    package var side: RiskSide
    /// In base currency.
    package var quantity: Quantity
    /// The limit price; nil: a market order.
    package var limit: Price?
    /// What the pair trades at now; nil: nobody knows, and nothing may be added.
    package var reference: Price?
    /// The protective stop that the position has or will have; nil: none, so that all of it is at risk.
    package var stop: Price?

    package init(
        id: UInt64, pair: Pair, side: RiskSide, quantity: Quantity, limit: Price? = nil, reference: Price?, stop: Price? = nil
    ) {
        self.id = id
        self.pair = pair
        self.side = side
        self.quantity = quantity
        self.limit = limit
        self.reference = reference
        self.stop = stop
    }
}

/// An order that may still be filled, as the checks count it.
package struct WorkingOrder: Hashable, Sendable {
    package var pair: Pair
    package var side: RiskSide
    /// What is not filled, above zero.
    package var remaining: Amount
    /// The worst price for a unit: the limit, or for a market order the reference and the collar.
    package var price: Amount
}
