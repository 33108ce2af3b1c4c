@testable import Matching

extension SlowEngine {
    func place(_ request: OrderRequest) throws(Rejection) {
        do throws(Rejection) {
            try check(request)
            try checkRoom(request, 1)
            let order = SlowOrder(request: request, id: 0, price: request.price ?? 0, quantity: request.quantity ?? 0)
            if request.isPostOnly, fault != .postOnlyTakes, takes(order) { throw .wouldTake }
            if let price = request.triggerPrice, let last = last[Int(request.instrument.rawValue)] {
                if rises(order) ? last >= price : last <= price { throw .wouldTrigger }
            }
            try checkMoney(request)
        } catch {
            refuse(request)
            throw error
        }
        let id = accept(request)
        if request.kind.hasTrigger {
            wait(id)
        } else {
            execute(id)
        }
        runTriggers(request.instrument)
    }

    func place(_ request: OCORequest) throws(Rejection) {
        let (a, b) = (request.limitLeg, request.stopLeg)
        do throws(Rejection) {
            try check(a)
            try check(b)
            try checkRoom(a, 2)
            if !a.clientID.isNone, a.clientID == b.clientID { throw .duplicateClientID }
            let last = last[Int(request.instrument.rawValue)]
            let (low, high) = a.side == .sell ? (request.triggerPrice, request.price) : (request.price, request.triggerPrice)
            if let last {
                guard low < last, last < high else { throw .pricesOutOfOrder }
            } else {
                guard low < high else { throw .pricesOutOfOrder }
            }
            let (first, second) = (unplaced(a), unplaced(b))
            if takes(first) { throw .wouldTake }
            let money = max(need(first), need(second))
            let account = Int(a.account.rawValue)
            guard account == house || money <= free(account, pays(a)) else { throw .insufficientBalance }
        } catch {
            refuse(a)
            refuse(b)
            throw error
        }
        lastList += 1
        let (first, second) = (accept(a, list: lastList), accept(b, list: lastList))
        execute(first)
        wait(second)
    }

    private func unplaced(_ request: OrderRequest) -> SlowOrder {
        SlowOrder(request: request, id: 0, price: request.price ?? 0, quantity: request.quantity ?? 0)
    }

    private func refuse(_ request: OrderRequest) {
        guard Int(request.account.rawValue) != house else { return }
        notes.append(Note(order: 0, what: "rejected", filled: 0, quoteFilled: 0, fees: 0, reason: .rejected))
    }

    private func takes(_ order: SlowOrder) -> Bool {
        guard let best = bestMaker(order) else { return false }
        return order.side == .buy ? open[best].price <= order.price : open[best].price >= order.price
    }

    private func accept(_ request: OrderRequest, list: Int64 = 0) -> Int64 {
        lastID += 1
        let most = rules[Int(request.instrument.rawValue)].quantity.upperBound
        var order = SlowOrder(request: request, id: lastID, price: request.price ?? 0, quantity: request.quantity ?? most)
        order.list = list
        open.append(order)
        note(order, "new")
        return lastID
    }

    private func wait(_ id: Int64) {
        if let place = place(of: id) { open[place].turn = nextTurn() }
    }

    private func check(_ request: OrderRequest) throws(Rejection) {
        let rules = rules[Int(request.instrument.rawValue)]
        if let price = request.price, !rules.price.contains(price) { throw .priceOutOfRange }
        if let price = request.triggerPrice, !rules.price.contains(price) { throw .triggerPriceOutOfRange }
        if let quantity = request.quantity {
            if !rules.quantity.contains(quantity) { throw .quantityOutOfRange }
            if let price = request.price, !rules.notional.contains(Int128(price * quantity * rules.tickValue)) {
                throw .notionalOutOfRange
            }
        }
        if let amount = request.quoteQuantity {
            if amount <= 0 { throw .quoteQuantityOutOfRange }
            if !rules.notional.contains(amount) { throw .notionalOutOfRange }
        }
        if let deadline = request.deadline, deadline <= now { throw .deadlinePassed }
        let isUsed = open.contains { $0.request.account == request.account && $0.request.clientID == request.clientID }
        if !request.clientID.isNone, isUsed { throw .duplicateClientID }
    }

    private func checkRoom(_ request: OrderRequest, _ orders: Int) throws(Rejection) {
        let account = Int(request.account.rawValue)
        guard account != house else { return }
        guard open.count(where: { $0.request.account == request.account }) + orders <= openLimit else { throw .tooManyOpenOrders }
    }

    private func checkMoney(_ request: OrderRequest) throws(Rejection) {
        let order = unplaced(request)
        let account = Int(request.account.rawValue)
        let money = free(account, pays(request))
        guard request.kind == .market else {
            guard account == house || need(order) <= money else { throw .insufficientBalance }
            return
        }
        guard bestMaker(order) != nil else { throw .noLiquidity }
        var probe = order
        if request.quoteQuantity != nil { probe.quantity = rules(order).quantity.upperBound }
        let found = sweep(probe)
        if found.isTooSmall { throw .quantityOutOfRange }
        guard account != house else { return }
        let lots = request.quoteQuantity == nil ? order.quantity : found.quantity
        let needed =
            request.side == .buy ? max(found.cost, request.quoteQuantity ?? 0) : Int128(lots) * Int128(rules(order).lotValue)
        guard needed <= money else { throw .insufficientBalance }
    }

    // MARK: - Changes

    func cancel(_ id: Int64) throws(Rejection) {
        guard place(of: id) != nil else { throw .unknownOrder }
        end(id, "canceled", .request)
    }

    func cancelAll(_ account: AccountID, _ instrument: InstrumentID?) {
        let ids = open.filter { $0.request.account == account && (instrument == nil || $0.request.instrument == instrument) }.map(
            \.id)
        for id in ids.sorted() { end(id, "canceled", .request) }
    }

    func amend(_ id: Int64, price: Int64?, quantity: Int64?) throws(Rejection) {
        guard let place = place(of: id) else { throw .unknownOrder }
        let old = open[place]
        var new = old
        new.price = price ?? old.price
        new.quantity = quantity ?? old.quantity
        if old.list != 0 { throw .notAmendable }
        if old.isWaiting, new.price != old.price || new.quantity > old.quantity { throw .notAmendable }
        if new.price == old.price, new.quantity == old.quantity { throw .noChange }
        let rules = rules(old)
        if old.request.kind.hasLimit, !rules.price.contains(new.price) { throw .priceOutOfRange }
        if !rules.quantity.contains(new.quantity) { throw .quantityOutOfRange }
        if old.request.kind.hasLimit, !rules.notional.contains(Int128(new.price * new.quantity * rules.tickValue)) {
            throw .notionalOutOfRange
        }
        if new.quantity <= old.filled { throw .quantityOutOfRange }
        if new.price == old.price, new.quantity < old.quantity {
            open[place] = new
            return note(new, "amended")
        }
        let account = Int(old.request.account.rawValue)
        guard account == house || need(new) - need(old) <= free(account, pays(old.request)) else { throw .insufficientBalance }
        if old.request.isPostOnly, takes(new) { throw .wouldTake }
        new.isResting = false
        open[place] = new
        note(new, "amended")
        execute(id)
        if fault == .amendedKeepsPlace, let place = self.place(of: id) { open[place].turn = old.turn }
        runTriggers(old.request.instrument)
    }

    func advance(to time: Int64) {
        now = time
        guard fault != .deadlineForgotten else { return }
        func due(_ order: SlowOrder) -> Int64? { order.request.deadline.flatMap { $0 <= now ? $0 : nil } }
        let late = open.filter { due($0) != nil }.sorted { (due($0) ?? 0, $0.id) < (due($1) ?? 0, $1.id) }
        for order in late { end(order.id, "expired", .deadline) }
    }
}
