import Exchange
import Market
import Money
import Orders

/// One simulated execution, always of the whole order.
struct DryRunExecution {
    let request: OrderRequest
    let symbol: String
    let price: Price
    let feeRatio: Amount
    let isMaker: Bool
    let time: Timestamp

    init(_ request: OrderRequest, symbol: String, price: Price, feeRatio: Amount, isMaker: Bool, time: Timestamp) {
        self.request = request
        self.symbol = symbol
        self.price = price
        self.feeRatio = feeRatio
        self.isMaker = isMaker
        self.time = time
    }

    /// The order's last update.
    func update(cost: Amount, fee: Amount) -> OrderUpdate {
        let name = "dry-run-\(request.ticket)"
        // A restored order has its numbers in their shortest form; so has every execution, so that it tells the same after a restart.
        let (price, quantity) = (price.trimmed, request.quantity.trimmed)
        let fill = Fill(
            tradeID: name, venueOrderID: VenueOrderID(name), clientOrderID: nil, symbol: symbol, side: request.side, price: price,
            quantity: quantity, fee: fee, feeAsset: request.pair.quote, isMaker: isMaker, time: time)
        return OrderUpdate(
            ticket: request.ticket, status: .filled, filled: quantity, cost: cost,
            fees: [FeeTotal(asset: request.pair.quote, amount: fee)], fill: fill, time: time)
    }
}

extension DryRunVenue {
    /// Moves the money of an execution: cost, and the fee in quote currency as freqtrade books it.
    mutating func settle(_ execution: DryRunExecution) throws(DryRunWallet.Problem) -> OrderUpdate {
        let request = execution.request
        let cost = Amount(execution.price, times: request.quantity).trimmed
        guard let fee = DryRunPricing.fee(cost, ratio: execution.feeRatio) else { throw .beyondRange }
        let quantity = Amount(request.quantity).trimmed
        switch request.side {
        case .buy:
            guard let paid = cost.adding(fee) else { throw .beyondRange }
            try wallet.exchange(paid: paid, of: request.pair.quote, received: quantity, of: request.pair.base)
        case .sell:
            guard let received = cost.subtracting(fee) else { throw .beyondRange }
            try wallet.exchange(paid: quantity, of: request.pair.base, received: received, of: request.pair.quote)
        }
        return execution.update(cost: cost, fee: fee)
    }

    /// Fills an order that has waited. freqtrade counts it as a maker's, a stop's fill too.
    mutating func fill(waiting order: DryRunOrder, at price: Price, _ now: Timestamp) -> OrderUpdate {
        release(order)
        let execution = DryRunExecution(
            order.request, symbol: order.symbol, price: price, feeRatio: order.fees.maker, isMaker: true, time: now)
        do throws(DryRunWallet.Problem) {
            return try settle(execution)
        } catch {
            // What was set aside suffices, so only a balance that leaves the range of amounts leads here.
            return .unfilled(order.request.ticket, .expired, reason: error.reason, at: now)
        }
    }

    /// Forgets a waiting order and gives back what it had set aside.
    mutating func release(_ order: DryRunOrder) {
        let (ticket, pair) = (order.request.ticket, order.request.pair)
        orders[ticket] = nil
        waiting[pair]?.removeAll { $0 == ticket }
        if waiting[pair]?.isEmpty == true { waiting[pair] = nil }
        guard let reserve = order.reserve else { return }
        do throws(DryRunWallet.Problem) {
            try wallet.unlock(reserve, order.paysWith)
        } catch {
            preconditionFailure("the wallet does not hold what order \(ticket) had set aside: \(error.reason)")
        }
    }
}

extension OrderUpdate {
    /// The state of an order of which nothing was filled.
    static func unfilled(_ ticket: OrderTicket, _ status: OrderStatus, reason: String? = nil, at time: Timestamp) -> OrderUpdate {
        OrderUpdate(ticket: ticket, status: status, filled: .zero, cost: .zero, fees: [], reason: reason, time: time)
    }
}
