package import Market
package import Money

/// An order that worked already when the state was made.
package struct RebuiltOrder: Hashable, Sendable {
    package var order: OrderProposal
    /// What is not filled of it.
    package var remaining: Amount

    package init(order: OrderProposal, remaining: Amount) {
        self.order = order
        self.remaining = remaining
    }
}

// A restart has positions and orders from the job's own records, which are newer and exact; the rest only the snapshot knows.
extension RiskState {
    /// Only what cannot be had from elsewhere: breaker, equity, rate of orders, trial. For snapshots.
    package var essence: RiskState {
        var result = self
        (result.positions, result.marks, result.orders, result.returns) = ([:], [:], [:], ReturnHistory())
        return result
    }

    /// Replaces positions and working orders by what the records of a job add up to.
    package mutating func rebuild(positions: [Pair: Amount], orders: [RebuiltOrder], policy: RiskPolicy) {
        self.positions = positions.filter { !$0.value.isZero }
        self.orders = [:]
        isUnreliable = self.positions.count > RiskBounds.pairs || orders.count > RiskBounds.orders
        for item in orders where item.remaining.isPositive {
            // A market order whose reference nobody knows any more is counted at nothing rather than left out: it fills within moments.
            let price = worstPrice(item.order, policy) ?? .zero
            let side = item.order.side
            self.orders[item.order.id] = WorkingOrder(pair: item.order.pair, side: side, remaining: item.remaining, price: price)
        }
        releaseTrial()
    }
}
