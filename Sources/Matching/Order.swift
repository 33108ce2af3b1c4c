package enum Side: UInt8, Sendable {
    case buy, sell
    package var opposite: Side { self == .buy ? .sell : .buy }
}

package enum OrderKind: UInt8, Sendable {
    case limit, market
    /// Market orders that wait for the last price to reach their trigger price.
    case stopLoss, takeProfit
    /// Limit orders that wait for the last price to reach their trigger price.
    case stopLossLimit, takeProfitLimit

    package var hasLimit: Bool { self == .limit || self == .stopLossLimit || self == .takeProfitLimit }
    package var hasTrigger: Bool { self != .limit && self != .market }
    var isTakeProfit: Bool { self == .takeProfit || self == .takeProfitLimit }
}

package enum TimeInForce: UInt8, Sendable {
    /// Rests until it is filled, canceled, or past its deadline.
    case goodTillCanceled
    /// What cannot be filled at once expires.
    case immediateOrCancel
    /// Expires unless all of it can be filled at once.
    case fillOrKill
}

/// What happens when an order meets one of the same account. The mode of the order that takes decides.
package enum SelfTradePrevention: UInt8, Sendable { case none, expireTaker, expireMaker, expireBoth }

package enum OrderStatus: UInt8, Sendable {
    case new, partiallyFilled, filled, canceled, expired, rejected
    package var isOpen: Bool { self == .new || self == .partiallyFilled }
}

/// Why an order ended other than by being filled.
package enum EndReason: UInt8, Sendable {
    case none
    /// Canceled on request.
    case request
    /// The other order of its list was filled in part or triggered.
    case otherLeg
    /// Immediate-or-cancel, or a market order: the rest found nothing.
    case nothingLeft
    /// Fill-or-kill that could not be filled whole.
    case notFillable
    /// It met an order of its own account.
    case selfTrade
    case deadline
    /// A triggered order to buy at the market ran out of money.
    case insufficientBalance
    /// It was rejected; the report says why.
    case rejected
}

/// An order as the venue has it: a copy, which does not change when the order does.
package struct Order: Hashable, Sendable {
    package internal(set) var id: OrderID
    package let account: AccountID
    package let instrument: InstrumentID
    package let clientID: ClientID
    package internal(set) var list: OrderListID
    package let side: Side
    package let kind: OrderKind
    package let timeInForce: TimeInForce
    package let isPostOnly: Bool
    package let selfTrade: SelfTradePrevention
    package internal(set) var status: OrderStatus
    package internal(set) var reason: EndReason
    /// A stop whose trigger price was reached; it is a limit or a market order now.
    package internal(set) var isTriggered: Bool
    /// In ticks; 0 where the kind has none.
    package internal(set) var price: Int64
    /// In ticks; 0 where the kind has none.
    package let triggerPrice: Int64
    /// In lots. Of a market order by quote amount: what was filled.
    package internal(set) var quantity: Int64
    /// In lots.
    package internal(set) var filled: Int64
    /// Quote units that a market order by quote amount shall spend or bring; 0: the order is by quantity.
    package let quoteQuantity: Int128
    /// Quote units of all fills, without fees.
    package internal(set) var quoteFilled: Int128
    /// All fees, in units of the asset that `MatchingEngine.feeAsset(of:)` names.
    package internal(set) var fees: Int128
    /// The order expires when the engine's time reaches it; nil: never.
    package let deadline: Int64?
    package let placedAt: Int64
    package internal(set) var updatedAt: Int64

    package var remaining: Int64 { quantity - filled }
    /// It is in the book or takes from it, rather than waiting for its trigger.
    package var isWorking: Bool { status.isOpen && (!kind.hasTrigger || isTriggered) }

    /// The average price of the fills in parts of a tick (`parts` to the tick), rounded down; nil: nothing was filled, or the
    /// result is beyond the range of its type.
    package func averagePrice(_ rules: InstrumentRules, parts: Int64 = 1) -> Int128? {
        guard filled > 0, parts > 0 else { return nil }
        let scaled = quoteFilled.multipliedReportingOverflow(by: Int128(parts))
        guard !scaled.overflow else { return nil }
        return scaled.partialValue / (Int128(filled) * Int128(rules.tickValue))
    }
}
