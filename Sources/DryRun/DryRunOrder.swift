import Exchange
import Market
import Money
import Orders

/// An order that waits for its price, with all that its fill needs, so that a restored one needs no market list.
struct DryRunOrder: Hashable, Sendable {
    /// What the fill rules know of kinds of orders that can wait.
    enum Waiting: Hashable, Sendable {
        case limit(Price)
        /// `worst` is the price that the average cannot be worse than: the limit, or the trigger itself.
        case stop(trigger: Price, worst: Price)

        /// The price that its money is counted with.
        var price: Price {
            switch self {
            case .limit(let price): price
            case .stop(_, let worst): worst
            }
        }
    }

    let request: OrderRequest
    let waiting: Waiting
    /// The venue's name of the instrument in streams.
    let symbol: String
    let tick: Price
    let fees: DryRunFees
    let placedAt: Timestamp

    /// Nil for kinds that cannot wait.
    init?(_ request: OrderRequest, symbol: String, tick: Price, fees: DryRunFees, placedAt: Timestamp) {
        switch request.kind {
        case .limit(let price), .postOnly(let price): waiting = .limit(price)
        case .stopLoss(let trigger): waiting = .stop(trigger: trigger, worst: trigger)
        case .stopLossLimit(let trigger, let price): waiting = .stop(trigger: trigger, worst: price)
        case .market, .marketByCost, .takeProfit, .takeProfitLimit: return nil
        }
        self.request = request
        self.symbol = symbol
        self.tick = tick
        self.fees = fees
        self.placedAt = placedAt
    }

    /// The currency that it pays with.
    var paysWith: String { request.side == .buy ? request.pair.quote : request.pair.base }

    /// What is set aside while it waits: a buy's cost and the highest fee, a sell's quantity. Nil beyond the range.
    var reserve: Amount? {
        guard request.side == .buy else { return Amount(request.quantity).trimmed }
        let cost = Amount(waiting.price, times: request.quantity).trimmed
        return DryRunPricing.fee(cost, ratio: fees.highest).flatMap { cost.adding($0) }
    }
}
