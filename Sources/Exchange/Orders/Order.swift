package import Market
package import Money

package enum OrderSide: String, Sendable, CaseIterable {
    case buy, sell
    package var opposite: OrderSide { self == .buy ? .sell : .buy }
}

/// Our name of an order, sent to the venue: 32 lowercase hexadecimal digits in production, any text that the venue takes in general.
package struct ClientOrderID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }
}

/// The venue's name of an order.
package struct VenueOrderID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }
}

/// An order by either of its names.
package enum OrderReference: Hashable, Sendable {
    case client(ClientOrderID)
    case venue(VenueOrderID)
}

package enum TimeInForce: String, Sendable, CaseIterable {
    case goodTilCanceled = "GTC", immediateOrCancel = "IOC", fillOrKill = "FOK"
}

/// What kind of order, with the prices that the kind needs.
package enum OrderKind: Hashable, Sendable {
    case limit(Price)
    /// A limit order that is refused where it would take.
    case postOnly(Price)
    case market
    /// A market order for so much quote currency; the quantity is not used.
    case marketByCost(Amount)
    /// Becomes a market order when the market reaches the trigger against the position.
    case stopLoss(trigger: Price)
    case stopLossLimit(trigger: Price, price: Price)
    /// Becomes a market order when the market reaches the trigger in the position's favour.
    case takeProfit(trigger: Price)
    case takeProfitLimit(trigger: Price, price: Price)
}

/// An order as we want it. What the venue makes of it is an `OrderReport`.
package struct OrderIntent: Hashable, Sendable {
    package var side: OrderSide
    package var kind: OrderKind
    package var quantity: Quantity
    package var timeInForce: TimeInForce
    package var clientOrderID: ClientOrderID
    /// Futures: may only reduce the position.
    package var reduceOnly: Bool
    /// The venue drops the order where it arrives later, or where it has such an end.
    package var deadline: Timestamp?

    package init(
        _ side: OrderSide, _ kind: OrderKind, quantity: Quantity, timeInForce: TimeInForce = .goodTilCanceled,
        clientOrderID: ClientOrderID,
        reduceOnly: Bool = false, deadline: Timestamp? = nil
    ) {
        self.side = side
        self.kind = kind
        self.quantity = quantity
        self.timeInForce = timeInForce
        self.clientOrderID = clientOrderID
        self.reduceOnly = reduceOnly
        self.deadline = deadline
    }
}

/// One cancels the other: a limit above (or below) the market and a stop on the other side, both for the same quantity.
package struct OCOIntent: Hashable, Sendable {
    package var side: OrderSide
    package var quantity: Quantity
    package var limitPrice: Price
    package var stopTrigger: Price
    /// Nil: the stop is a market order.
    package var stopPrice: Price?
    package var listID: ClientOrderID
    package var limitID: ClientOrderID
    package var stopID: ClientOrderID

    package init(
        side: OrderSide, quantity: Quantity, limitPrice: Price, stopTrigger: Price, stopPrice: Price?, listID: ClientOrderID,
        limitID: ClientOrderID, stopID: ClientOrderID
    ) {
        self.side = side
        self.quantity = quantity
        self.limitPrice = limitPrice
        self.stopTrigger = stopTrigger
        self.stopPrice = stopPrice
        self.listID = listID
        self.limitID = limitID
        self.stopID = stopID
    }
}
