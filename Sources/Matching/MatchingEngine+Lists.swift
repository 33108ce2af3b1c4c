// Lists: a limit order and a stop of which one cancels the other. While both are open the limit order locks for both, the larger of
// what each needs, and the stop locks nothing.

extension MatchingEngine {
    /// Places both orders of an OCO, or none.
    package mutating func place(_ request: OCORequest) throws(Rejection) -> OrderList {
        let pair: (limit: Checked, stop: Checked)
        do throws(Rejection) { pair = try checked(request) } catch {
            reportRejection(request.limitLeg, error)
            reportRejection(request.stopLeg, error)
            throw error
        }
        lastList += 1
        let id = OrderListID(lastList)
        let limit = accept(pair.limit.order, lockPerLot: max(pair.limit.lockPerLot, pair.stop.lockPerLot), list: id)
        let stop = accept(pair.stop.order, lockPerLot: 0, list: id)
        rest(limit)
        wait(stop)
        let list = OrderList(
            id: id, clientID: request.clientID, account: request.account, instrument: request.instrument,
            limitOrder: records[limit].order.id, stopOrder: records[stop].order.id, placedAt: now, updatedAt: now, isOpen: true)
        openLists[id] = list
        reportList(list)
        return list
    }

    private func checked(_ request: OCORequest) throws(Rejection) -> (limit: Checked, stop: Checked) {
        let limit = try checked(request.limitLeg)
        let stop = try checked(request.stopLeg)
        try checkRoom(request.account, request.instrument, orders: 2)
        let (a, b) = (request.limitClientID, request.stopClientID)
        if !a.isNone, a == b { throw .duplicateClientID }
        if !request.clientID.isNone, openList(request.account, request.clientID) != nil { throw .duplicateClientID }
        let isSell = request.side == .sell
        let last = markets[Int(request.instrument.rawValue)].lastTrade?.price
        // Without a last price the two prices are compared with each other.
        let (low, high) = isSell ? (request.triggerPrice, request.price) : (request.price, request.triggerPrice)
        guard low < last ?? high, last ?? low < high else { throw .pricesOutOfOrder }
        if wouldTake(request.instrument, request.side, price: request.price) { throw .wouldTake }
        var both = limit
        both.lockPerLot = max(limit.lockPerLot, stop.lockPerLot)
        try checkMoney(both)
        return (limit, stop)
    }

    /// An order of a list was filled in part or triggered: the other expires, and this one locks for itself alone.
    mutating func loneLeg(_ slot: Int) {
        guard records[slot].order.list != .none, let list = openLists[records[slot].order.list] else { return }
        let order = records[slot].order
        let otherID = order.id == list.limitOrder ? list.stopOrder : list.limitOrder
        guard let other = openSlot(otherID) else { return }
        leaveQueue(other)
        end(other, .expired, .otherLeg)
        report(.expired, other)
        relock(slot, lockPerLot(order, markets[Int(order.instrument.rawValue)].rules))
    }

    /// After an order of a list ended: ends the other one likewise if it is still open, and the list once both are.
    mutating func settleList(of slot: Int, _ status: OrderStatus, _ reason: EndReason) {
        guard records[slot].order.list != .none, var list = openLists[records[slot].order.list] else { return }
        let order = records[slot].order
        list.updatedAt = now
        let otherID = order.id == list.limitOrder ? list.stopOrder : list.limitOrder
        if let other = openSlot(otherID) {
            leaveQueue(other)
            end(other, status, reason)
            report(status == .canceled ? .canceled : .expired, other)
        }
        list.isOpen = false
        openLists[order.list] = nil
        accounts[Int(order.account.rawValue)].endedLists.append(list)
        reportList(list)
    }

    private mutating func reportList(_ list: OrderList) {
        if accounts[Int(list.account.rawValue)].isReported { listUpdates.append(list) }
    }

    func openList(_ account: AccountID, _ client: ClientID) -> OrderList? {
        openLists.values.first { $0.account == account && $0.clientID == client }
    }

    /// Cancels both orders of an open list.
    package mutating func cancelList(_ id: OrderListID, of account: AccountID) throws(Rejection) -> OrderList {
        guard var list = openLists[id], list.account == account else { throw .unknownList }
        if let slot = openSlot(list.limitOrder) ?? openSlot(list.stopOrder) { remove(slot, .canceled, .request) }
        list.isOpen = false
        list.updatedAt = now
        return list
    }

    /// A list, open or among those kept.
    package func list(_ id: OrderListID, of account: AccountID) -> OrderList? {
        if let list = openLists[id] { return list.account == account ? list : nil }
        return endedList(account) { $0.id == id }
    }

    /// The account's newest list of that name, open or among those kept.
    package func list(_ client: ClientID, of account: AccountID) -> OrderList? {
        guard !client.isNone else { return nil }
        return openList(account, client) ?? endedList(account) { $0.clientID == client }
    }

    /// The open lists of an account, oldest first.
    package func openLists(of account: AccountID) -> [OrderList] {
        openLists.values.filter { $0.account == account }.sorted { $0.id.rawValue < $1.id.rawValue }
    }

    private func endedList(_ account: AccountID, _ matches: (OrderList) -> Bool) -> OrderList? {
        guard accounts.indices ~= Int(account.rawValue) else { return nil }
        let lists = accounts[Int(account.rawValue)].endedLists
        for index in stride(from: lists.count - 1, through: 0, by: -1) where matches(lists[index]) { return lists[index] }
        return nil
    }
}
