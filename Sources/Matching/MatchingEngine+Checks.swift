// Whether a request may be carried out. Nothing here changes anything.

extension MatchingEngine {
    /// A checked request: the order without its number, and what it locks for each lot.
    struct Checked {
        var order: Order
        var lockPerLot: Int128
    }

    /// Everything but the balance and what depends on the book.
    func checked(_ request: OrderRequest) throws(Rejection) -> Checked {
        try checkOwner(request)
        let rules = markets[Int(request.instrument.rawValue)].rules
        try checkShape(request)
        try checkNumbers(request, rules)
        if let deadline = request.deadline, deadline <= now { throw .deadlinePassed }
        if let slot = slot(request.account, request.clientID), records[slot].order.status.isOpen { throw .duplicateClientID }
        let order = Order(
            id: .none, account: request.account, instrument: request.instrument, clientID: request.clientID, list: .none,
            side: request.side, kind: request.kind, timeInForce: request.timeInForce, isPostOnly: request.isPostOnly,
            selfTrade: request.selfTrade, status: .new, reason: .none, isTriggered: false, price: request.price ?? 0,
            triggerPrice: request.triggerPrice ?? 0, quantity: request.quantity ?? 0, filled: 0,
            quoteQuantity: request.quoteQuantity ?? 0, quoteFilled: 0, fees: 0, deadline: request.deadline, placedAt: now,
            updatedAt: now)
        return Checked(order: order, lockPerLot: lockPerLot(order, rules))
    }

    /// What an order locks for each lot that it still wants. Orders that buy at the market, or trade a quote amount, pay as they go;
    /// a stop that will buy at the market locks what it costs at its trigger price.
    func lockPerLot(_ order: Order, _ rules: InstrumentRules) -> Int128 {
        if isHouse(order.account) || order.quoteQuantity > 0 { return 0 }
        if order.side == .sell { return Int128(rules.lotValue) }
        if order.kind.hasLimit { return rules.costPerLot(price: order.price) }
        return order.kind == .market || order.isTriggered ? 0 : rules.costPerLot(price: order.triggerPrice)
    }

    private func checkOwner(_ request: OrderRequest) throws(Rejection) {
        guard 1..<accounts.count ~= Int(request.account.rawValue) else { throw .unknownAccount }
        guard markets.indices ~= Int(request.instrument.rawValue) else { throw .unknownInstrument }
    }

    /// Room for orders and for what they bring.
    func checkRoom(_ account: AccountID, _ instrument: InstrumentID, orders: Int = 1) throws(Rejection) {
        let limit = isHouse(account) ? Bounds.openOrders : settings.openOrders
        guard accounts[Int(account.rawValue)].open.count <= limit - orders else { throw .tooManyOpenOrders }
        let base = markets[Int(instrument.rawValue)].rules.base
        let quote = markets[Int(instrument.rawValue)].rules.quote
        guard hasRoom(account, base), hasRoom(account, quote), hasRoom(.fees, base), hasRoom(.fees, quote) else {
            throw .accountTooLarge
        }
    }

    private func hasRoom(_ account: AccountID, _ asset: AssetID) -> Bool {
        let total = ledger.total(account, asset)
        return total <= Bounds.account && total >= -Bounds.account
    }

    private func checkShape(_ request: OrderRequest) throws(Rejection) {
        let kind = request.kind
        let isByQuote = request.quoteQuantity != nil
        guard kind.hasLimit == (request.price != nil), kind.hasTrigger == (request.triggerPrice != nil),
            isByQuote != (request.quantity != nil), !isByQuote || kind == .market,
            kind.hasLimit || request.timeInForce != .fillOrKill,
            !request.isPostOnly || (kind == .limit && request.timeInForce == .goodTillCanceled),
            request.deadline == nil || (kind != .market && request.timeInForce == .goodTillCanceled)
        else { throw .invalidCombination }
    }

    func checkNumbers(_ request: OrderRequest, _ rules: InstrumentRules) throws(Rejection) {
        if let price = request.price, !(rules.price ~= price) { throw .priceOutOfRange }
        if let price = request.triggerPrice, !(rules.price ~= price) { throw .triggerPriceOutOfRange }
        if let quantity = request.quantity {
            guard rules.quantity ~= quantity else { throw .quantityOutOfRange }
            if let price = request.price, !(rules.notional ~= rules.notional(price: price, quantity: quantity)) {
                throw .notionalOutOfRange
            }
        }
        if let amount = request.quoteQuantity {
            guard amount > 0, amount <= Bounds.order else { throw .quoteQuantityOutOfRange }
            guard rules.notional ~= amount else { throw .notionalOutOfRange }
        }
    }

    func wouldTake(_ instrument: InstrumentID, _ side: Side, price: Int64) -> Bool {
        let market = Int(instrument.rawValue)
        if side == .buy { return markets[market].asks.best.map { $0.price <= price } ?? false }
        return markets[market].bids.best.map { $0.price >= price } ?? false
    }

    func wouldTrigger(_ order: Order) -> Bool {
        guard order.kind.hasTrigger, let last = markets[Int(order.instrument.rawValue)].lastTrade?.price else { return false }
        return Market.waitsForRise(order.kind, order.side) ? last >= order.triggerPrice : last <= order.triggerPrice
    }

    /// Whether the owner has what the order needs, and whether a market order finds anything.
    func checkMoney(_ checked: Checked) throws(Rejection) {
        let order = checked.order
        let free = ledger[order.account, payingAsset(order)].free
        guard order.kind == .market else {
            guard isHouse(order.account) || checked.lockPerLot * Int128(order.quantity) <= free else {
                throw .insufficientBalance
            }
            return
        }
        let index = Int(order.instrument.rawValue)
        guard !(order.side == .buy ? markets[index].asks.isEmpty : markets[index].bids.isEmpty) else { throw .noLiquidity }
        let found = sweep(order)
        // The quote amount does not buy a single lot.
        if found.isAmountTooSmall { throw .quantityOutOfRange }
        guard !isHouse(order.account) else { return }
        let needed =
            switch (order.side, order.quoteQuantity > 0) {
            case (.buy, _): max(found.cost, order.quoteQuantity)
            case (.sell, true): Int128(found.quantity) * Int128(markets[index].rules.lotValue)
            case (.sell, false): checked.lockPerLot * Int128(order.quantity)
            }
        guard needed <= free else { throw .insufficientBalance }
    }
}
