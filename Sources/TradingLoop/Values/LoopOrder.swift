import Exchange
import Market
import Money
import Orders

/// One of our orders as the loop knows it.
struct LoopOrder: Hashable, Sendable {
    let ticket: OrderTicket
    let purpose: OrderPurpose
    let quantity: Quantity
    /// The limit, or for market orders the rate that they were decided at.
    let price: Price
    /// The trigger of a protective stop.
    let trigger: Price?
    let isMarket: Bool
    let placed: Timestamp
    let tag: String
    var status = OrderStatus.intended
    var filled = Quantity.zero
    var cost = Amount.zero
    var fees: [FeeTotal] = []
    /// When its end was heard of.
    var ended: Timestamp?
    /// Why it is to be canceled, and when that was last asked for.
    var canceling: CancelReason?
    var cancelAsked: Timestamp?
    /// The input that last changed what it holds of the wallet; not kept over a restart.
    var changedAt: UInt64 = 0

    var isOver: Bool { status.isFinal }
    var isEntry: Bool { purpose == .entry }
    var isStop: Bool { purpose == .stopLoss }
    /// Known to rest at the venue.
    var isOpen: Bool { status == .open || status == .partiallyFilled }

    /// What the fills cost in `asset`.
    func fee(in asset: String) -> Amount { fees.first { $0.asset == asset }?.amount ?? .zero }

    /// Average price of the fills; nil: none.
    var averagePrice: ExactDecimal? {
        filled.isPositive ? ExactDecimal(cost) / ExactDecimal(filled) : nil
    }
}

/// A decision to close a trade that waits until no other order of it can fill.
struct ExitPlan: Hashable, Sendable {
    /// freqtrade's exit reason, or the strategy's exit tag.
    var reason: String
    var purpose: OrderPurpose
    var isMarket: Bool
}
