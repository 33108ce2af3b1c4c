@testable import Matching

/// What must hold of an engine at any time, seen from its inside.
enum Invariants {
    /// Every violation, in words.
    static func violations(_ engine: MatchingEngine) -> [String] {
        money(engine) + locks(engine) + engine.markets.indices.flatMap { book(engine, $0) } + links(engine)
    }

    /// What was deposited is there to the last unit; nobody but the house has less than nothing.
    static func money(_ engine: MatchingEngine) -> [String] {
        var result: [String] = []
        for number in 0..<engine.settings.assetCount {
            let asset = AssetID(Int32(number))
            var sum: Int128 = 0
            for account in engine.accounts.indices {
                let balance = engine.balance(AccountID(Int32(account)), asset)
                sum += balance.free + balance.locked
                if balance.locked < 0 { result.append("account \(account) has \(balance.locked) of asset \(number) locked") }
                if engine.accounts[account].kind != .house, balance.free < 0 {
                    result.append("account \(account) has \(balance.free) of asset \(number) free")
                }
            }
            if sum != engine.deposited(asset) {
                result.append("conservation: \(engine.deposited(asset)) of asset \(number) were deposited, \(sum) are there")
            }
        }
        return result
    }

    /// What is locked is what the open orders need, counted from their own numbers.
    static func locks(_ engine: MatchingEngine) -> [String] {
        var result: [String] = []
        for account in engine.accounts.indices where engine.accounts[account].kind != .house {
            let id = AccountID(Int32(account))
            var needed = Array(repeating: Int128(0), count: engine.settings.assetCount)
            for order in engine.openOrders(of: id) {
                let rules = engine.markets[Int(order.instrument.rawValue)].rules
                let asset = Int((order.side == .buy ? rules.quote : rules.base).rawValue)
                let list = engine.openLists[order.list]
                let other = list.flatMap { engine.openSlot(order.id == $0.limitOrder ? $0.stopOrder : $0.limitOrder) }
                if other != nil, order.id == list?.stopOrder { continue }
                needed[asset] += max(need(order, rules), other.map { need(engine.records[$0].order, rules) } ?? 0)
            }
            for (number, amount) in needed.enumerated() where engine.balance(id, AssetID(Int32(number))).locked != amount {
                result.append(
                    "locked: account \(account) has \(engine.balance(id, AssetID(Int32(number))).locked) of asset \(number) locked, "
                        + "its orders need \(amount)")
            }
        }
        return result
    }

    private static func need(_ order: Order, _ rules: InstrumentRules) -> Int128 {
        let lots = Int128(order.quantity - order.filled)
        if order.side == .sell { return lots * Int128(rules.lotValue) }
        return lots * rules.costPerLot(price: order.kind.hasLimit ? order.price : order.triggerPrice)
    }

    /// Levels in order, no bid at or above an ask, no empty level, totals right.
    static func book(_ engine: MatchingEngine, _ index: Int) -> [String] {
        let market = engine.markets[index]
        var result: [String] = []
        if let bid = market.bids.best, let ask = market.asks.best, bid.price >= ask.price {
            result.append("crossed: bid \(bid.price), ask \(ask.price)")
        }
        for (name, side, isRising) in [
            ("bids", market.bids, false), ("asks", market.asks, true), ("rising", market.rising, true),
            ("falling", market.falling, false),
        ] {
            var last: Int64?
            for place in 0..<side.count {
                let level = side[fromBest: place]
                if let last, isRising ? level.price <= last : level.price >= last {
                    result.append("\(name): levels out of order")
                }
                last = level.price
                var total: Int128 = 0
                var slot = level.head
                while slot >= 0 {
                    let order = engine.records[Int(slot)].order
                    total += Int128(order.remaining)
                    if order.isWorking != (name == "bids" || name == "asks") || order.remaining < 1 || !order.status.isOpen {
                        result.append("\(name): order \(order.id) does not belong there")
                    }
                    slot = engine.records[Int(slot)].next
                }
                if total != level.total || total == 0 {
                    result.append("\(name): level \(level.price) says \(level.total), has \(total)")
                }
            }
        }
        return result
    }

    /// The chains of the accounts have exactly the orders that the pool holds.
    static func links(_ engine: MatchingEngine) -> [String] {
        var result: [String] = []
        var free = 0
        var slot = engine.firstFree
        while slot >= 0, free <= engine.records.count {
            free += 1
            slot = engine.records[Int(slot)].next
        }
        var kept = 0
        for account in engine.accounts.indices {
            let id = AccountID(Int32(account))
            let (open, ended) = (engine.openOrders(of: id), engine.endedOrders(of: id))
            kept += open.count + ended.count
            if ended.count > engine.accounts[account].historyLimit {
                result.append("history: account \(account) has \(ended.count)")
            }
            if open.contains(where: { !$0.status.isOpen }) || ended.contains(where: \.status.isOpen) {
                result.append("account \(account) has orders in the wrong chain")
            }
        }
        if free + kept != engine.records.count { result.append("pool: \(free) free + \(kept) kept, not \(engine.records.count)") }
        if engine.orderTable.count != kept { result.append("table: \(engine.orderTable.count) ids of \(kept) orders") }
        return result
    }
}

/// Price-time priority, seen from outside only: every maker of a trade must be the oldest at the best price of its side, as far as the
/// reports of orders told. Time of an order is when it came to its price.
struct PriorityWatch {
    private struct Resting {
        var price, quantity, turn: Int64
        var side: Side
        var instrument: InstrumentID
    }

    private var resting: [OrderID: Resting] = [:]
    private var turn: Int64 = 0

    /// Trades in the updates whose maker was not next in turn.
    mutating func violations(_ updates: [OrderUpdate]) -> [String] {
        var result: [String] = []
        for update in updates {
            turn += 1
            let order = update.order
            if case .trade(let fill) = update.kind, fill.isMaker, let maker = resting[order.id] {
                let isPassedOver = resting.contains { id, other in
                    id != order.id && other.side == maker.side && other.instrument == maker.instrument
                        && (other.price == maker.price
                            ? other.turn < maker.turn : (other.price < maker.price) == (maker.side == .sell))
                }
                if isPassedOver { result.append("priority: order \(order.id) at \(maker.price) traded out of turn") }
            }
            note(update)
        }
        return result
    }

    private mutating func note(_ update: OrderUpdate) {
        let order = update.order
        guard order.isWorking, order.timeInForce == .goodTillCanceled, order.kind.hasLimit else {
            resting[order.id] = nil
            return
        }
        // An order that takes first is noted when it is accepted: nobody of its side trades before it rests.
        if let known = resting[order.id], known.price == order.price, order.quantity <= known.quantity {
            resting[order.id]?.quantity = order.quantity
            return
        }
        resting[order.id] = Resting(
            price: order.price, quantity: order.quantity, turn: turn, side: order.side, instrument: order.instrument)
    }
}
