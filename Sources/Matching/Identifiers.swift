/// An asset of the engine: a number from 0 to `Settings.assetCount - 1`.
package struct AssetID: Hashable, Sendable {
    package let rawValue: Int32
    package init(_ rawValue: Int32) { self.rawValue = rawValue }
}

/// An account of the engine, numbered as accounts were added.
package struct AccountID: Hashable, Sendable {
    package let rawValue: Int32
    package init(_ rawValue: Int32) { self.rawValue = rawValue }
    /// The venue's own account: it receives every fee and cannot trade.
    package static let fees = AccountID(0)
}

/// An instrument of the engine, numbered as instruments were added.
package struct InstrumentID: Hashable, Sendable {
    package let rawValue: Int32
    package init(_ rawValue: Int32) { self.rawValue = rawValue }
}

/// The venue's number of an order; increases by one with each order accepted.
package struct OrderID: Hashable, Sendable {
    package let rawValue: Int64
    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// In the report of an order that was never accepted.
    package static let none = OrderID(0)
}

/// The venue's number of a list of orders (OCO).
package struct OrderListID: Hashable, Sendable {
    package let rawValue: Int64
    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    /// Of an order that is in no list.
    package static let none = OrderListID(0)
}

/// The number of a trade; increases by one with each trade of the engine, whatever the instrument.
package struct TradeID: Hashable, Sendable {
    package let rawValue: Int64
    package init(_ rawValue: Int64) { self.rawValue = rawValue }
    package static let none = TradeID(0)
}

/// How a client names one of its orders.
package enum OrderReference: Hashable, Sendable {
    case id(OrderID)
    case client(ClientID)
}
