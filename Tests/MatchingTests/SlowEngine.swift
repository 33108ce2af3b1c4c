@testable import Matching

/// The venue as one would write it to be sure of it: open orders in one array, the best of them found by looking at all, money as what
/// each account owns; what is locked is added up from the open orders whenever it is asked for. It shares the engine's vocabulary
/// (requests, reasons) and none of its structures.
final class SlowEngine {
    /// Mistakes that can be planted, to see that a comparison with the engine finds them.
    enum Fault: CaseIterable {
        case youngestFirst, takerPrice, feeRoundedOff, ignoresSelfTrade, otherLegStays, stopsTooLate, takesBeyondLimit,
            amendedKeepsPlace
        case postOnlyTakes, deadlineForgotten
    }

    struct SlowOrder {
        var request: OrderRequest
        var id: Int64
        var list: Int64 = 0
        var price: Int64
        var quantity: Int64
        var filled: Int64 = 0
        var quoteFilled: Int128 = 0
        var fees: Int128 = 0
        var isTriggered = false
        var isResting = false
        /// Time priority: the larger the later.
        var turn = 0

        var remaining: Int64 { quantity - filled }
        var side: Side { request.side }
        var isWaiting: Bool { request.triggerPrice != nil && !isTriggered }
    }

    /// What happened to an order, in the order in which it happened.
    struct Note: Equatable {
        var order: Int64
        var what: String
        var filled: Int64
        var quoteFilled: Int128
        var fees: Int128
        var reason: EndReason = .none
    }

    struct SlowTrade: Equatable {
        var price, quantity, buyer, seller: Int64
        var instrument: Int32
    }

    let rules: [InstrumentRules]
    let openLimit: Int
    let fault: Fault?
    var open: [SlowOrder] = []
    /// Account, then asset. Account 0 has the fees, the last account is the house.
    var owned: [[Int128]]
    var last: [Int64?]
    var now: Int64 = 0
    var notes: [Note] = []
    var trades: [SlowTrade] = []
    var lastID: Int64 = 0
    var lastList: Int64 = 0
    private var turn = 0
    /// Prices of trades at which stops were not looked at yet.
    private var recent: [Int64] = []
    let house: Int

    init(rules: [InstrumentRules], accounts: Int, assets: Int, openLimit: Int, fault: Fault? = nil) {
        self.rules = rules
        self.openLimit = openLimit
        self.fault = fault
        owned = Array(repeating: Array(repeating: 0, count: assets), count: accounts)
        last = Array(repeating: nil, count: rules.count)
        house = accounts - 1
    }

    // MARK: - Money

    func rules(_ order: SlowOrder) -> InstrumentRules { rules[Int(order.request.instrument.rawValue)] }

    func pays(_ request: OrderRequest) -> Int {
        let rules = rules[Int(request.instrument.rawValue)]
        return Int((request.side == .buy ? rules.quote : rules.base).rawValue)
    }

    func fee(_ amount: Int128, _ rate: Int64, _ schedule: FeeSchedule) -> Int128 {
        let product = amount * Int128(rate)
        let isUp = (schedule.rounding == .up) != (fault == .feeRoundedOff)
        return isUp ? (product + 99_999_999) / 100_000_000 : product / 100_000_000
    }

    /// What a buyer sets aside for a lot.
    func cost(_ price: Int64, _ rules: InstrumentRules) -> Int128 {
        let plain = Int128(price * rules.tickValue)
        if rules.fees.paidIn == .received { return plain }
        return plain + (plain * Int128(max(rules.fees.maker, rules.fees.taker)) + 99_999_999) / 100_000_000
    }

    func need(_ order: SlowOrder) -> Int128 {
        let request = order.request
        if Int(request.account.rawValue) == house || request.quoteQuantity != nil { return 0 }
        if order.side == .sell { return Int128(order.remaining) * Int128(rules(order).lotValue) }
        if request.kind.hasLimit { return Int128(order.remaining) * cost(order.price, rules(order)) }
        guard let trigger = request.triggerPrice, !order.isTriggered else { return 0 }
        return Int128(order.remaining) * cost(trigger, rules(order))
    }

    func locked(_ account: Int, _ asset: Int) -> Int128 {
        var sum: Int128 = 0
        for order in open where Int(order.request.account.rawValue) == account && pays(order.request) == asset {
            let other = order.list == 0 ? nil : open.first { $0.list == order.list && $0.id != order.id }
            guard let other else {
                sum += need(order)
                continue
            }
            if order.id < other.id { sum += max(need(order), need(other)) }
        }
        return sum
    }

    func free(_ account: Int, _ asset: Int) -> Int128 { owned[account][asset] - locked(account, asset) }

    // MARK: - Reports

    func note(_ order: SlowOrder, _ what: String, _ reason: EndReason = .none) {
        guard Int(order.request.account.rawValue) != house else { return }
        notes.append(
            Note(
                order: order.id, what: what, filled: order.filled, quoteFilled: order.quoteFilled, fees: order.fees,
                reason: reason))
    }

    func place(of id: Int64) -> Int? { open.firstIndex { $0.id == id } }

    func nextTurn() -> Int {
        turn += 1
        return turn
    }

    /// Ends an open order and, with it, the other one of its list.
    func end(_ id: Int64, _ what: String, _ reason: EndReason) {
        guard let place = place(of: id) else { return }
        let order = open.remove(at: place)
        note(order, what, reason)
        if order.list != 0, let other = open.first(where: { $0.list == order.list }) { end(other.id, what, reason) }
    }

    func expireOtherLeg(of id: Int64) {
        guard fault != .otherLegStays, let place = place(of: id), open[place].list != 0 else { return }
        let list = open[place].list
        guard let other = open.firstIndex(where: { $0.list == list && $0.id != id }) else { return }
        note(open.remove(at: other), "expired", .otherLeg)
    }

    // MARK: - Taking

    /// The oldest order at the best price on the other side.
    func bestMaker(_ taker: SlowOrder) -> Int? {
        var best: Int?
        for (index, order) in open.enumerated()
        where order.isResting && order.side != taker.side && order.request.instrument == taker.request.instrument {
            guard let current = best else {
                best = index
                continue
            }
            let rival = open[current]
            let isCheaper = taker.side == .buy ? order.price < rival.price : order.price > rival.price
            let isFirst = fault == .youngestFirst ? order.turn > rival.turn : order.turn < rival.turn
            if isCheaper || (order.price == rival.price && isFirst) { best = index }
        }
        return best
    }

    func crosses(_ taker: SlowOrder, _ price: Int64) -> Bool {
        guard taker.request.kind.hasLimit else { return true }
        let slack: Int64 = fault == .takesBeyondLimit ? 1 : 0
        return taker.side == .buy ? price <= taker.price + slack : price >= taker.price - slack
    }

    /// What the order would be filled, and what a buyer would set aside for it.
    func sweep(_ taker: SlowOrder) -> (quantity: Int64, cost: Int128, isTooSmall: Bool) {
        let makers = open.filter {
            $0.isResting && $0.side != taker.side && $0.request.instrument == taker.request.instrument && crosses(taker, $0.price)
        }.sorted {
            if $0.price != $1.price { return taker.side == .buy ? $0.price < $1.price : $0.price > $1.price }
            return $0.turn < $1.turn
        }
        var (quantity, cost, left): (Int64, Int128, Int128) = (0, 0, taker.request.quoteQuantity ?? 0)
        for maker in makers where quantity < taker.remaining {
            if maker.request.account == taker.request.account, taker.request.selfTrade != .none {
                if taker.request.selfTrade == .expireMaker { continue }
                break
            }
            let each = Int128(maker.price * rules(taker).tickValue)
            var lots = min(maker.remaining, taker.remaining - quantity)
            if taker.request.quoteQuantity != nil { lots = Int64(min(Int128(lots), left / each)) }
            if lots == 0 { return (quantity, cost, quantity == 0) }
            quantity += lots
            left -= Int128(lots) * each
            cost += Int128(lots) * self.cost(maker.price, rules(taker))
            if taker.request.quoteQuantity != nil, left < each { break }
        }
        return (quantity, cost, false)
    }

    /// Takes what there is; the rest of the order rests or ends.
    func execute(_ id: Int64) {
        guard let place = place(of: id) else { return }
        let request = open[place].request
        if request.kind.hasLimit, request.timeInForce == .fillOrKill, sweep(open[place]).quantity < open[place].remaining {
            return end(id, "expired", .notFillable)
        }
        if let reason = take(id) { return end(id, "expired", reason) }
        guard let place = self.place(of: id) else { return }
        if request.kind.hasLimit, request.timeInForce == .goodTillCanceled {
            open[place].isResting = true
            open[place].turn = nextTurn()
        } else if request.quoteQuantity != nil, open[place].filled > 0, bestMaker(open[place]) != nil {
            end(id, "completed", .none)
        } else {
            end(id, "expired", .nothingLeft)
        }
    }

    private func take(_ id: Int64) -> EndReason? {
        while let place = place(of: id), let best = bestMaker(open[place]), crosses(open[place], open[best].price) {
            let (taker, maker) = (open[place], open[best])
            let mode = fault == .ignoresSelfTrade ? .none : taker.request.selfTrade
            if mode != .none, maker.request.account == taker.request.account {
                if mode != .expireTaker { end(maker.id, "expired", .selfTrade) }
                if mode != .expireMaker { return .selfTrade }
                continue
            }
            var lots = min(taker.remaining, maker.remaining)
            if let amount = taker.request.quoteQuantity {
                lots = Int64(min(Int128(lots), (amount - taker.quoteFilled) / Int128(maker.price * rules(taker).tickValue)))
                if lots == 0 { return nil }
            }
            if !taker.request.kind.hasLimit, taker.side == .buy, Int(taker.request.account.rawValue) != house {
                let money = max(0, free(Int(taker.request.account.rawValue), pays(taker.request)))
                lots = Int64(min(Int128(lots), money / cost(maker.price, rules(taker))))
                if lots == 0 { return .insufficientBalance }
            }
            trade(taker: place, maker: best, lots)
        }
        return nil
    }

    private func trade(taker: Int, maker: Int, _ lots: Int64) {
        let price = fault == .takerPrice && open[taker].request.kind.hasLimit ? open[taker].price : open[maker].price
        let instrument = open[taker].request.instrument
        let (t, m) = (open[taker].id, open[maker].id)
        let isBuy = open[taker].side == .buy
        trades.append(
            SlowTrade(price: price, quantity: lots, buyer: isBuy ? t : m, seller: isBuy ? m : t, instrument: instrument.rawValue))
        last[Int(instrument.rawValue)] = price
        recent.append(price)
        fill(maker, price, lots, isMaker: true)
        fill(taker, price, lots, isMaker: false)
        if let place = place(of: t), open[place].remaining == 0 { open.remove(at: place) }
        expireOtherLeg(of: m)
        if let place = place(of: m), open[place].remaining == 0 { open.remove(at: place) }
    }

    private func fill(_ place: Int, _ price: Int64, _ lots: Int64, isMaker: Bool) {
        let order = open[place]
        let rules = rules(order)
        let account = Int(order.request.account.rawValue)
        let (base, quote) = (Int(rules.base.rawValue), Int(rules.quote.rawValue))
        let money = Int128(price) * Int128(lots) * Int128(rules.tickValue)
        let goods = Int128(lots) * Int128(rules.lotValue)
        let rate = isMaker ? rules.fees.maker : rules.fees.taker
        let isInQuote = order.side == .sell || rules.fees.paidIn == .quote
        let fee = fee(isInQuote ? money : goods, rate, rules.fees)
        let sign: Int128 = order.side == .buy ? 1 : -1
        owned[account][base] += sign * goods
        owned[account][quote] -= sign * money
        owned[account][isInQuote ? quote : base] -= fee
        owned[0][isInQuote ? quote : base] += fee
        open[place].filled += lots
        open[place].quoteFilled += money
        open[place].fees += fee
        if let amount = order.request.quoteQuantity, amount - open[place].quoteFilled < Int128(price * rules.tickValue) {
            open[place].quantity = open[place].filled
        }
        note(open[place], "trade")
    }

    // MARK: - Stops

    func runTriggers(_ instrument: InstrumentID) {
        while let high = recent.max(), let low = recent.min() {
            let waiting = open.filter { $0.isWaiting && $0.request.instrument == instrument }
            let up = waiting.filter { rises($0) && trigger($0) <= high }
            let down = waiting.filter { !rises($0) && trigger($0) >= low }
            let first =
                up.min { (trigger($0), $0.turn) < (trigger($1), $1.turn) }
                ?? down.min { (-trigger($0), $0.turn) < (-trigger($1), $1.turn) }
            guard let first, let place = place(of: first.id) else { break }
            if fault == .stopsTooLate, trigger(first) == high || trigger(first) == low { break }
            open[place].isTriggered = true
            expireOtherLeg(of: first.id)
            if let place = self.place(of: first.id) { note(open[place], "triggered") }
            execute(first.id)
        }
        recent.removeAll()
    }

    func trigger(_ order: SlowOrder) -> Int64 { order.request.triggerPrice ?? 0 }

    /// Selling to stop a loss, or buying to take a profit, waits for a fall; the other two for a rise.
    func rises(_ order: SlowOrder) -> Bool {
        switch (order.request.kind, order.side) {
        case (.stopLoss, .sell), (.stopLossLimit, .sell), (.takeProfit, .buy), (.takeProfitLimit, .buy): false
        default: true
        }
    }
}
