// What an order would find if it took now.

extension MatchingEngine {
    struct Sweep {
        /// Lots that it would be filled.
        var quantity: Int64 = 0
        /// Quote units that a buyer would need at most, fees on top included.
        var cost: Int128 = 0
        /// The quote amount is less than a lot costs at the first price.
        var isAmountTooSmall = false
    }

    /// Walks the other side of the book as `take` would.
    func sweep(_ order: Order) -> Sweep {
        let index = Int(order.instrument.rawValue)
        let rules = markets[index].rules
        let side = order.side == .buy ? markets[index].asks : markets[index].bids
        var result = Sweep()
        var left = order.quoteQuantity > 0 ? rules.quantity.upperBound : order.remaining
        var amount = order.quoteQuantity
        for index in 0..<side.count {
            let level = side[fromBest: index]
            guard left > 0, crosses(order, level.price) else { return result }
            let cost = rules.costPerLot(price: level.price)
            let notional = rules.notional(price: level.price, quantity: 1)
            var slot = level.head
            while slot >= 0, left > 0 {
                let maker = records[Int(slot)]
                slot = maker.next
                if maker.order.account == order.account, order.selfTrade != .none {
                    if order.selfTrade == .expireMaker { continue }
                    return result
                }
                var quantity = min(left, maker.remaining)
                if order.quoteQuantity > 0 { quantity = min(quantity, Self.lots(amount, notional)) }
                guard quantity > 0 else {
                    result.isAmountTooSmall = result.quantity == 0
                    return result
                }
                left -= quantity
                amount -= notional * Int128(quantity)
                result.quantity += quantity
                result.cost += cost * Int128(quantity)
                if order.quoteQuantity > 0, amount < notional { return result }
            }
        }
        return result
    }

    /// Whether an order takes at this price of the other side.
    func crosses(_ order: Order, _ price: Int64) -> Bool {
        guard order.kind.hasLimit else { return true }
        return order.side == .buy ? price <= order.price : price >= order.price
    }

    /// How many lots an amount pays for.
    static func lots(_ amount: Int128, _ each: Int128) -> Int64 {
        guard amount > 0 else { return 0 }
        if let amount = UInt64(exactly: amount), let each = UInt64(exactly: each) { return Int64(clamping: amount / each) }
        return Int64(clamping: amount / each)
    }
}
