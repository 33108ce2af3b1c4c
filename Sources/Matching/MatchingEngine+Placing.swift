extension MatchingEngine {
    /// Places an order, lets it take what it crosses, and carries out the stops that its trades trigger. Returns the order as it is
    /// after all that. A refusal changes nothing but is reported to `updates`.
    package mutating func place(_ request: OrderRequest) throws(Rejection) -> Order {
        let checked: Checked
        do throws(Rejection) {
            checked = try self.checked(request)
            try checkRoom(request.account, request.instrument)
            if request.isPostOnly, wouldTake(request.instrument, request.side, price: checked.order.price) { throw .wouldTake }
            if wouldTrigger(checked.order) { throw .wouldTrigger }
            try checkMoney(checked)
        } catch {
            reportRejection(request, error)
            throw error
        }
        let slot = accept(checked.order, lockPerLot: checked.lockPerLot)
        if checked.order.kind.hasTrigger { wait(slot) } else { execute(slot) }
        runTriggers(Int(request.instrument.rawValue))
        return records[slot].order
    }

    /// Takes, and then rests or ends.
    mutating func execute(_ slot: Int) {
        let order = records[slot].order
        if order.kind.hasLimit, order.timeInForce == .fillOrKill, sweep(order).quantity < order.remaining {
            return finishTaking(slot, .notFillable)
        }
        let reason = take(slot)
        guard records[slot].remaining > 0 else { return }
        if reason != .none { return finishTaking(slot, reason) }
        if order.kind.hasLimit, order.timeInForce == .goodTillCanceled { return rest(slot) }
        // An order by quote amount is filled when less than a lot's worth is left.
        let isDone = order.quoteQuantity > 0 && records[slot].order.filled > 0 && !isOtherSideEmpty(order)
        guard isDone else { return finishTaking(slot, .nothingLeft) }
        end(slot, .filled, .none)
        report(.completed, slot)
    }

    private mutating func finishTaking(_ slot: Int, _ reason: EndReason) { remove(slot, .expired, reason) }

    private func isOtherSideEmpty(_ order: Order) -> Bool {
        let index = Int(order.instrument.rawValue)
        return order.side == .buy ? markets[index].asks.isEmpty : markets[index].bids.isEmpty
    }

    mutating func reportRejection(_ request: OrderRequest, _ rejection: Rejection) {
        guard accounts.indices ~= Int(request.account.rawValue), accounts[Int(request.account.rawValue)].isReported else {
            return
        }
        let order = Order(
            id: .none, account: request.account, instrument: request.instrument, clientID: request.clientID, list: .none,
            side: request.side, kind: request.kind, timeInForce: request.timeInForce, isPostOnly: request.isPostOnly,
            selfTrade: request.selfTrade, status: .rejected, reason: .rejected, isTriggered: false, price: request.price ?? 0,
            triggerPrice: request.triggerPrice ?? 0, quantity: request.quantity ?? 0, filled: 0,
            quoteQuantity: request.quoteQuantity ?? 0, quoteFilled: 0, fees: 0, deadline: request.deadline, placedAt: now,
            updatedAt: now)
        updates.append(OrderUpdate(kind: .rejected(rejection), order: order))
    }
}
