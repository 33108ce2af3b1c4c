/// A trade as everybody sees it.
package struct Trade: Hashable, Sendable {
    package let id: TradeID
    /// Counts the trades of the instrument from 1, without gaps.
    package let number: Int64
    package let instrument: InstrumentID
    package let price: Int64
    package let quantity: Int64
    /// Quote units, without fees.
    package let notional: Int128
    package let time: Int64
    /// The side that took.
    package let takerSide: Side
    package let buyOrder: OrderID
    package let sellOrder: OrderID
}

/// One account's part in a trade.
package struct Fill: Hashable, Sendable {
    package let trade: TradeID
    /// The trade's number among those of the instrument.
    package let number: Int64
    package let order: OrderID
    package let instrument: InstrumentID
    package let side: Side
    package let isMaker: Bool
    package let price: Int64
    package let quantity: Int64
    /// Quote units, without fees.
    package let notional: Int128
    package let fee: Int128
    package let feeAsset: AssetID
    package let time: Int64
}

/// A report of what happened to an order, for its owner.
package struct OrderUpdate: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Accepted.
        case new
        /// A fill.
        case trade(Fill)
        /// The trigger price was reached.
        case triggered
        case amended
        /// A market order by quote amount is filled: what is left of the amount buys no lot at the next price.
        case completed
        case canceled
        /// `order.reason` says why.
        case expired
        /// Never accepted; the order has no id.
        case rejected(Rejection)
    }

    package let kind: Kind
    /// The order after what happened.
    package let order: Order
}

/// A list of orders of which one cancels the other.
package struct OrderList: Hashable, Sendable {
    package let id: OrderListID
    package let clientID: ClientID
    package let account: AccountID
    package let instrument: InstrumentID
    package let limitOrder: OrderID
    package let stopOrder: OrderID
    package let placedAt: Int64
    package internal(set) var updatedAt: Int64
    /// At least one of the orders is open.
    package internal(set) var isOpen: Bool
}

/// What is offered or wanted at one price, in ticks and lots.
package struct DepthLevel: Hashable, Sendable {
    package let price: Int64
    /// 0: the level is gone. A sum beyond `Int64` is given as its largest value.
    package let quantity: Int64

    package init(price: Int64, quantity: Int64) {
        self.price = price
        self.quantity = quantity
    }
}

/// The best levels of a book, best first.
package struct Depth: Hashable, Sendable {
    /// Grows by one with each change of a level.
    package let version: Int64
    package let bids: [DepthLevel]
    package let asks: [DepthLevel]
}

/// The levels that changed since the last time they were asked for, with their new totals, best first.
package struct DepthChanges: Hashable, Sendable {
    /// The first and the last version among the changes; a book of version `first - 1` becomes one of version `last`.
    package let first: Int64
    package let last: Int64
    package let bids: [DepthLevel]
    package let asks: [DepthLevel]
    package var isEmpty: Bool { last < first }
}

/// What an account has of an asset, in its smallest unit.
package struct Balance: Hashable, Sendable {
    package var free: Int128 = 0
    /// Bound by open orders.
    package var locked: Int128 = 0
    package var total: Int128 { free + locked }

    package init(free: Int128 = 0, locked: Int128 = 0) {
        self.free = free
        self.locked = locked
    }
}
