// Cancels and amendments.

extension MatchingEngine {
    /// Cancels an open order, with the other one if it is of a list. Returns it as it ended.
    package mutating func cancel(_ reference: OrderReference, of account: AccountID) throws(Rejection) -> Order {
        let slot = try openSlot(account, reference)
        remove(slot, .canceled, .request)
        return records[slot].order
    }

    /// Cancels all open orders of an account, oldest first, of one instrument or of all. Returns how many there were.
    @discardableResult
    package mutating func cancelAll(of account: AccountID, _ instrument: InstrumentID? = nil) -> Int {
        guard accounts.indices ~= Int(account.rawValue) else { return 0 }
        let open = openOrders(of: account, instrument)
        for order in open {
            guard let slot = openSlot(order.id) else { continue }
            remove(slot, .canceled, .request)
        }
        return open.count
    }

    /// Changes an open limit order. Less quantity at the same price keeps its place in the queue; anything else puts it behind the
    /// others of its price, and it may take. The quantity is the whole one, filled part included. A stop that waits can only get
    /// smaller, an order of a list cannot be changed.
    package mutating func amend(
        _ reference: OrderReference, of account: AccountID, price: Int64? = nil, quantity: Int64? = nil
    ) throws(Rejection) -> Order {
        let slot = try openSlot(account, reference)
        let order = records[slot].order
        let price = price ?? order.price
        let quantity = quantity ?? order.quantity
        try checkAmendment(order, price: price, quantity: quantity)
        if price == order.price, quantity < order.quantity {
            shrink(slot, to: quantity)
        } else {
            try requeue(slot, price: price, quantity: quantity)
        }
        return records[slot].order
    }

    private func checkAmendment(_ order: Order, price: Int64, quantity: Int64) throws(Rejection) {
        guard order.list == .none else { throw .notAmendable }
        guard order.isWorking || (price == order.price && quantity <= order.quantity) else { throw .notAmendable }
        guard price != order.price || quantity != order.quantity else { throw .noChange }
        var request = OrderRequest(
            account: order.account, instrument: order.instrument, side: order.side, kind: order.kind)
        request.price = order.kind.hasLimit ? price : nil
        request.quantity = quantity
        try checkNumbers(request, markets[Int(order.instrument.rawValue)].rules)
        guard quantity > order.filled else { throw .quantityOutOfRange }
    }

    private mutating func shrink(_ slot: Int, to quantity: Int64) {
        let order = records[slot].order
        let less = order.quantity - quantity
        shrinkInQueue(slot, by: less)
        ledger.unlock(records[slot].lockPerLot * Int128(less), order.account, payingAsset(order))
        records[slot].order.quantity = quantity
        records[slot].order.updatedAt = now
        report(.amended, slot)
    }

    private mutating func requeue(_ slot: Int, price: Int64, quantity: Int64) throws(Rejection) {
        let record = records[slot]
        var order = record.order
        order.price = price
        order.quantity = quantity
        order.updatedAt = now
        let lock = lockPerLot(order, markets[Int(order.instrument.rawValue)].rules)
        let more = lock * Int128(order.remaining) - record.lockPerLot * Int128(record.remaining)
        guard isHouse(order.account) || more <= ledger[order.account, payingAsset(order)].free else { throw .insufficientBalance }
        if order.isPostOnly, wouldTake(order.instrument, order.side, price: price) { throw .wouldTake }
        leaveQueue(slot)
        ledger.lock(more, order.account, payingAsset(order))
        records[slot].order = order
        records[slot].remaining = order.remaining
        records[slot].lockPerLot = lock
        report(.amended, slot)
        execute(slot)
        runTriggers(Int(order.instrument.rawValue))
    }
}
