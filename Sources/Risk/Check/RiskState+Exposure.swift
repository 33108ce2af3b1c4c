package import Market
package import Money

/// What positions and working orders could be worth.
extension RiskState {
    /// Whether an order can only make a position smaller: it goes against the position, and with all other working orders of its side it does
    /// not go beyond zero.
    package func reduces(_ order: OrderProposal) -> Bool {
        guard let position = positions[order.pair] else { return false }
        guard position.isPositive == (order.side == .sell), let held = position.magnitude else { return false }
        guard let sum = working(order.pair, order.side)?.adding(Amount(order.quantity)) else { return false }
        return sum <= held
    }

    /// What is not filled of the working orders of one side; nil where it does not fit.
    func working(_ pair: Pair, _ side: RiskSide) -> Amount? {
        var sum = Amount.zero
        for order in orders.values where order.pair == pair && order.side == side {
            guard let next = sum.adding(order.remaining) else { return nil }
            sum = next
        }
        return sum
    }

    /// What a unit of an order costs at worst; nil where that cannot be told.
    func worstPrice(_ order: OrderProposal, _ policy: RiskPolicy) -> Amount? {
        if let limit = order.limit { return limit.isPositive ? Amount(limit) : nil }
        // An order that reduces may go where nobody knows the price: it is counted at the last one known.
        guard let reference = order.reference ?? marks[order.pair], reference.isPositive else {
            return reduces(order) ? .zero : nil
        }
        let whole = Amount(reference)
        guard let collar = whole.part(policy.priceCollar, rounding: .up) else { return nil }
        return whole.adding(collar)
    }

    /// The value of a pair's position with every order that could add to it, in the account's currency; nil where it cannot be told.
    package func exposure(of pair: Pair) -> Amount? {
        let position = positions[pair] ?? .zero
        guard let opposite = position.negated, let long = value(pair, position, .buy), let short = value(pair, opposite, .sell)
        else { return nil }
        return max(long, short)
    }

    /// The value in one direction: what is held in it and what orders of that side could add. `held` below zero is used up first.
    private func value(_ pair: Pair, _ held: Amount, _ side: RiskSide) -> Amount? {
        let mark = marks[pair].map { Amount($0) }
        let working = orders.values.filter { $0.pair == pair && $0.side == side }
        if held.isZero, working.isEmpty { return .zero }
        guard held.isNegative else { return value(held, working, mark) }
        guard let net = self.working(pair, side)?.adding(held) else { return nil }
        guard net.isPositive, let dearest = working.map(\.price).max() else { return .zero }
        return net.multiplied(by: max(dearest, mark ?? dearest))
    }

    private func value(_ held: Amount, _ working: [WorkingOrder], _ mark: Amount?) -> Amount? {
        var sum = Amount.zero
        if held.isPositive {
            guard let worth = mark.flatMap({ held.multiplied(by: $0) }) else { return nil }
            sum = worth
        }
        for order in working {
            // Filled below the mark it is worth the mark at once.
            guard let worth = order.remaining.multiplied(by: max(order.price, mark ?? order.price)), let next = sum.adding(worth)
            else { return nil }
            sum = next
        }
        return sum
    }

    /// Pairs with a position or a working order.
    package var activePairs: Set<Pair> { Set(positions.keys).union(orders.values.lazy.map(\.pair)) }

    /// The value of everything; nil where it cannot be told.
    package var exposure: Amount? { exposure(of: activePairs) }

    func exposure(of pairs: some Sequence<Pair>) -> Amount? {
        var sum = Amount.zero
        for pair in pairs {
            guard let part = exposure(of: pair), let next = sum.adding(part) else { return nil }
            sum = next
        }
        return sum
    }

    /// This state with the order working, for "what if".
    func with(_ order: OrderProposal, _ policy: RiskPolicy) -> RiskState? {
        guard let price = worstPrice(order, policy) else { return nil }
        var result = self
        if let reference = order.reference { result.marks[order.pair] = reference }
        result.orders[order.id] = WorkingOrder(
            pair: order.pair, side: order.side, remaining: Amount(order.quantity), price: price)
        return result
    }
}
