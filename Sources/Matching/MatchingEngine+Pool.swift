// The life of an order in the pool: accepted, open, ended, kept for a while, forgotten.

extension MatchingEngine {
    func orderHash(_ id: OrderID) -> UInt64 { UInt64(bitPattern: id.rawValue) &* 0x9E37_79B9_7F4A_7C15 }

    func clientHash(_ account: AccountID, _ client: ClientID) -> UInt64 {
        client.mixed(settings.hashSeed ^ UInt64(truncatingIfNeeded: account.rawValue) &* 0xFF51_AFD7_ED55_8CCD)
            &* 0x9E37_79B9_7F4A_7C15
    }

    /// The place of an order, open or ended.
    func slot(_ id: OrderID) -> Int? {
        orderTable.find(orderHash(id)) { records[Int($0)].order.id == id }.map { Int($0) }
    }

    func openSlot(_ id: OrderID) -> Int? {
        guard let slot = slot(id), records[slot].order.status.isOpen else { return nil }
        return slot
    }

    /// The place of the account's last order with this client id, open or ended.
    func slot(_ account: AccountID, _ client: ClientID) -> Int? {
        guard !client.isNone else { return nil }
        return orderTableSlot(account, client, clientHash(account, client))
    }

    private func orderTableSlot(_ account: AccountID, _ client: ClientID, _ hash: UInt64) -> Int? {
        clientTable.find(hash) {
            records[Int($0)].order.account == account && records[Int($0)].order.clientID == client
        }.map { Int($0) }
    }

    /// The place of an order that the account owns.
    func slot(_ account: AccountID, _ reference: OrderReference) -> Int? {
        switch reference {
        case .id(let id):
            guard let slot = slot(id), records[slot].order.account == account else { return nil }
            return slot
        case .client(let client): return slot(account, client)
        }
    }

    func openSlot(_ account: AccountID, _ reference: OrderReference) throws(Rejection) -> Int {
        guard let slot = slot(account, reference), records[slot].order.status.isOpen else { throw .unknownOrder }
        return slot
    }

    /// Takes a checked order in: gives it a number, locks its money and reports it as new.
    mutating func accept(_ order: Order, lockPerLot: Int128, list: OrderListID = .none) -> Int {
        lastOrder += 1
        let most = markets[Int(order.instrument.rawValue)].rules.quantity.upperBound
        let remaining = order.quoteQuantity > 0 ? most : order.quantity
        let slot = newSlot(OrderRecord(order: order, remaining: remaining, lockPerLot: lockPerLot))
        records[slot].order.id = OrderID(lastOrder)
        records[slot].order.list = list
        orderTable.insert(orderHash(OrderID(lastOrder)), Int32(slot))
        nameClient(order, slot)
        accounts[Int(order.account.rawValue)].open.append(Int32(slot), &records)
        if let deadline = order.deadline {
            openDeadlines += 1
            deadlines.insert(.init(deadline: deadline, order: OrderID(lastOrder)))
        }
        ledger.lock(lockPerLot * Int128(remaining), order.account, payingAsset(order))
        report(.new, slot)
        return slot
    }

    /// The newest order of a client id is the one that is found by it.
    private mutating func nameClient(_ order: Order, _ slot: Int) {
        guard !order.clientID.isNone else { return }
        let hash = clientHash(order.account, order.clientID)
        if let older = orderTableSlot(order.account, order.clientID, hash), older != slot {
            clientTable.remove(hash, Int32(older))
        }
        clientTable.insert(hash, Int32(slot))
    }

    private mutating func newSlot(_ record: OrderRecord) -> Int {
        guard firstFree >= 0 else {
            records.append(record)
            return records.count - 1
        }
        let slot = Int(firstFree)
        firstFree = records[slot].next
        records[slot] = record
        return slot
    }

    /// Ends an order that is in no queue any more: unlocks what is left and moves it to the history.
    mutating func end(_ slot: Int, _ status: OrderStatus, _ reason: EndReason) {
        let account = Int(records[slot].order.account.rawValue)
        if records[slot].remaining > 0, records[slot].lockPerLot > 0 {
            ledger.unlock(
                records[slot].lockPerLot * Int128(records[slot].remaining), records[slot].order.account,
                payingAsset(records[slot].order))
        }
        records[slot].lockPerLot = 0
        records[slot].order.status = status
        records[slot].order.reason = reason
        records[slot].order.updatedAt = now
        if records[slot].order.quoteQuantity > 0 { records[slot].order.quantity = records[slot].order.filled }
        if records[slot].order.deadline != nil {
            openDeadlines -= 1
            if deadlines.count > 2 * openDeadlines + 64 { sweepDeadlines() }
        }
        accounts[account].open.remove(Int32(slot), &records)
        accounts[account].ended.append(Int32(slot), &records)
        if accounts[account].ended.count > accounts[account].historyLimit { forgetOldest(account) }
    }

    private mutating func sweepDeadlines() {
        var open: Set<OrderID> = []
        for entry in deadlines.entries where openSlot(entry.order) != nil { open.insert(entry.order) }
        deadlines.keep { open.contains($0.order) }
    }

    /// The content of the freed place stays readable until the next order is accepted.
    private mutating func forgetOldest(_ account: Int) {
        let slot = accounts[account].ended.head
        accounts[account].ended.remove(slot, &records)
        orderTable.remove(orderHash(records[Int(slot)].order.id), slot)
        let client = records[Int(slot)].order.clientID
        if !client.isNone { clientTable.remove(clientHash(records[Int(slot)].order.account, client), slot) }
        records[Int(slot)].next = firstFree
        firstFree = slot
    }

    /// Takes an open order out of its queue and ends it, with the other order of its list if the request was for both.
    mutating func remove(_ slot: Int, _ status: OrderStatus, _ reason: EndReason) {
        leaveQueue(slot)
        end(slot, status, reason)
        report(status == .canceled ? .canceled : .expired, slot)
        settleList(of: slot, status, reason)
    }

    func isHouse(_ account: AccountID) -> Bool { accounts[Int(account.rawValue)].kind == .house }

    /// The asset that the order's owner gives away.
    func payingAsset(_ order: Order) -> AssetID {
        let index = Int(order.instrument.rawValue)
        return order.side == .buy ? markets[index].rules.quote : markets[index].rules.base
    }

    mutating func report(_ kind: OrderUpdate.Kind, _ slot: Int) {
        guard accounts[Int(records[slot].order.account.rawValue)].isReported else { return }
        updates.append(OrderUpdate(kind: kind, order: records[slot].order))
    }
}
