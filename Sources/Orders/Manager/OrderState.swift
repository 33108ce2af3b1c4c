package import Exchange
package import Market
package import Money

/// Everything that is known of one order: what the journal says, no more.
package struct OrderState: Hashable, Sendable {
    package let request: OrderRequest
    package let clientOrderID: ClientOrderID
    package let deadline: Timestamp
    package let intendedAt: Timestamp
    /// It was found at the venue; the journal did not know it.
    package let isAdopted: Bool
    package internal(set) var status = OrderStatus.intended
    package internal(set) var venueOrderID: VenueOrderID?
    /// The most that the venue ever said to be filled.
    package internal(set) var reportedFilled: Quantity?
    /// The venue says that the order has ended, but some of its fills are not here yet: until then it counts as working.
    package internal(set) var heldEnd: OrderEvent?
    /// Oldest first, as they came in.
    package internal(set) var fills: [Fill] = []
    package internal(set) var filled = Quantity.zero
    package internal(set) var cost = Amount.zero
    package internal(set) var fees: [FeeTotal] = []
    package internal(set) var wantsCancel = false
    package internal(set) var reason: String?
    package internal(set) var updatedAt: Timestamp

    init(_ intended: IntendedOrder, isAdopted: Bool) {
        request = intended.request
        clientOrderID = intended.clientOrderID
        deadline = intended.deadline
        intendedAt = intended.time
        updatedAt = intended.time
        self.isAdopted = isAdopted
    }

    package var ticket: OrderTicket { request.ticket }

    /// Whether the venue said to have filled more than the fills that are here.
    package var lacksFills: Bool { reportedFilled ?? .zero > filled }

    /// By the venue's name of it where we know it, otherwise by ours.
    package var reference: OrderReference { venueOrderID.map { .venue($0) } ?? .client(clientOrderID) }

    /// The quantity that ends the order when it is filled; nil where the order is for an amount of quote currency.
    var endQuantity: Quantity? {
        if case .marketByCost = request.kind { return nil }
        return request.quantity.isPositive ? request.quantity : nil
    }

    package func update(fill: Fill? = nil, time: Timestamp) -> OrderUpdate {
        OrderUpdate(
            ticket: ticket, status: status, filled: filled, cost: cost, fees: fees, fill: fill, reason: reason, time: time)
    }
}

extension OrderState {
    mutating func take(_ outcome: OrderOutcome) throws(OrderLedger.Fault) {
        // Some venues give an order another id when its trigger is reached.
        venueOrderID = outcome.venueOrderID ?? venueOrderID
        if let told = outcome.filled, told > reportedFilled ?? .zero { reportedFilled = told }
        var event = outcome.event
        if event == .filled || event == .canceled || event == .expired, lacksFills {
            if heldEnd != .filled { heldEnd = event == .filled ? .filled : heldEnd ?? event }
            event = .partlyFilled
        }
        // What counts are the fills themselves.
        if event == .partlyFilled, filled.isZero { event = .opened }
        try move(event)
        reason = outcome.reason ?? reason
        updatedAt = outcome.time
    }

    mutating func take(_ fill: Fill) throws(OrderLedger.Fault) {
        let cost = Amount(fill.price, times: fill.quantity)
        guard fill.quantity.isPositive, let filled = filled.adding(fill.quantity), let total = self.cost.adding(cost),
            let fees = fees.adding(fill.fee, of: fill.feeAsset)
        else { throw .arithmetic(ticket) }
        (self.filled, self.cost, self.fees) = (filled, total, fees)
        fills.append(fill)
        updatedAt = fill.time
        if let end = heldEnd {
            guard !lacksFills else { return try move(.partlyFilled) }
            heldEnd = nil
            return try move(end)
        }
        try move(endQuantity.map { filled >= $0 } ?? false ? .filled : .partlyFilled)
    }

    mutating func move(_ event: OrderEvent) throws(OrderLedger.Fault) {
        switch status.transition(on: event) {
        case .success(let next): status = next
        case .failure(let error): throw .refused(ticket, error)
        }
    }
}

extension [FeeTotal] {
    /// With this fee added to its currency; sorted by name. Nil where the sum does not fit.
    package func adding(_ fee: Amount, of asset: String) -> [FeeTotal]? {
        guard !fee.isZero else { return self }
        var result = self
        if let place = firstIndex(where: { $0.asset == asset }) {
            guard let sum = self[place].amount.adding(fee) else { return nil }
            result[place].amount = sum
        } else {
            result.insert(FeeTotal(asset: asset, amount: fee), at: firstIndex { $0.asset > asset } ?? count)
        }
        return result
    }
}
