package import Exchange
package import Market
package import Money

/// The number of an order within its job, from 1, never used twice. A client order id carries it as its sequence.
package struct OrderTicket: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    package var number: UInt64
    package init(_ number: UInt64) { self.number = number }
    package static func < (a: OrderTicket, b: OrderTicket) -> Bool { a.number < b.number }
    package var description: String { "\(number)" }
}

/// The number of a trade (a position from its first entry to its last exit) within its job, from 1.
package struct TradeNumber: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    package var number: UInt64
    package init(_ number: UInt64) { self.number = number }
    package static func < (a: TradeNumber, b: TradeNumber) -> Bool { a.number < b.number }
    package var description: String { "\(number)" }
}

/// What an order is for. The texts are freqtrade's names of order types, and stand in journals.
package enum OrderPurpose: String, Hashable, Sendable, CaseIterable {
    case entry
    case exit
    /// A protective stop that rests at the venue.
    case stopLoss = "stoploss"
    case forceExit = "force_exit"
    case emergencyExit = "emergency_exit"
    /// An order of the halt procedure.
    case flatten

    /// Whether the order may only make a position smaller.
    package var reduces: Bool { self != .entry }
}

/// An order that the trading loop wants. What becomes of it comes back as `OrderUpdate`s with the same ticket.
package struct OrderRequest: Hashable, Sendable {
    package var ticket: OrderTicket
    package var trade: TradeNumber
    package var pair: Pair
    package var side: OrderSide
    package var kind: OrderKind
    package var quantity: Quantity
    package var timeInForce: TimeInForce
    package var purpose: OrderPurpose
    /// The enter tag or the exit reason, at most 255 bytes.
    package var tag: String

    package init(
        ticket: OrderTicket, trade: TradeNumber, pair: Pair, side: OrderSide, kind: OrderKind, quantity: Quantity,
        timeInForce: TimeInForce = .goodTilCanceled, purpose: OrderPurpose, tag: String = ""
    ) {
        self.ticket = ticket
        self.trade = trade
        self.pair = pair
        self.side = side
        self.kind = kind
        self.quantity = quantity
        self.timeInForce = timeInForce
        self.purpose = purpose
        self.tag = tag
    }
}
