import Market
import Money

/// The single limits, in the order in which they are checked.
extension RiskState {
    // MARK: - Budget and rate

    func checkBudget(_ rule: BudgetRule, _ question: Question) -> RiskRefusal? {
        guard case .allotted(let allotted) = rule else { return nil }
        guard let budget = allotted, budget.account == account else {
            return RiskRefusal(
                .budgetMissing,
                "the coordinator has allotted \(account) no part of the fleet's limits: nothing may be added without")
        }
        guard question.now.clock < budget.deadline else {
            return RiskRefusal(
                .budgetExpired,
                "the part of the fleet's limits that \(account) had has run out and no new one has come: is the coordinator up?")
        }
        guard orders.count < budget.openOrders else {
            return RiskRefusal(
                .budgetOrders, "\(orders.count) orders are working, and \(account) has \(budget.openOrders) of the fleet's")
        }
        // The day may have turned since the last event; the ledger then still has the day before, which is the stricter one.
        guard let lost = breaker.ledger.lossOfDay, lost < budget.dailyLoss else {
            return RiskRefusal(
                .budgetDailyLoss,
                "\(account) has lost \(breaker.ledger.lossOfDay?.short ?? "an unknown amount") \(currency) today, and has "
                    + "\(budget.dailyLoss.short) of the fleet's")
        }
        return nil
    }

    func checkRate(_ question: Question) -> RiskRefusal? {
        let policy = question.policy
        guard orders.count < policy.maxOpenOrders else {
            return RiskRefusal(
                .openOrders, "\(orders.count) orders are working; the limit \(RiskKey.maxOpenOrders) is \(policy.maxOpenOrders)")
        }
        let recent = sendings.count { !Self.isOver($0, at: question.now.time) }
        guard recent < min(policy.maxOrdersPerMinute, RiskBounds.sendings) else {
            return RiskRefusal(
                .orderRate,
                "\(recent) orders went out within a minute; the limit \(RiskKey.maxOrdersPerMinute) is \(policy.maxOrdersPerMinute)"
            )
        }
        return nil
    }

    // MARK: - Price and size

    func checkPrice(_ question: Question) -> RiskRefusal? {
        let order = question.order
        guard let reference = order.reference else {
            return RiskRefusal(
                .referenceUnknown, "there is no price of \(order.pair) to judge the order by: nothing may be added")
        }
        guard let limit = order.limit else { return nil }
        let whole = Amount(reference)
        guard let distance = Amount(limit).subtracting(whole)?.magnitude,
            let allowed = whole.part(question.policy.priceCollar, rounding: .down), distance <= allowed
        else {
            let distance = Amount(limit).subtracting(whole)?.magnitude ?? Amount(limit)
            return RiskRefusal(
                .priceCollar,
                "the limit price \(limit) of \(order.pair) is \(distance.share(of: whole)) away from \(reference); the limit "
                    + "\(RiskKey.priceCollar) is \(question.policy.priceCollar)")
        }
        return nil
    }

    func checkSize(_ question: Question) -> RiskRefusal? {
        let (order, policy) = (question.order, question.policy)
        guard let unit = worstPrice(order, policy), let value = Amount(order.quantity).multiplied(by: unit) else {
            return Self.immeasurable(order)
        }
        if let limit = policy.maxOrderValue, value > question.money(limit) {
            return over(
                .orderValue, "the order of \(order.pair) is worth", value, question.money(limit), RiskKey.maxOrderValue, question)
        }
        guard let position = question.after.exposure(of: order.pair) else { return Self.immeasurable(order) }
        if let limit = policy.maxPositionValue, position > question.money(limit) {
            return over(
                .positionValue, "the position of \(order.pair) would be worth", position, question.money(limit),
                RiskKey.maxPositionValue,
                question)
        }
        return checkRisk(position, question)
    }

    /// What the position with all orders that could add to it loses when it is stopped.
    private func checkRisk(_ position: Amount, _ question: Question) -> RiskRefusal? {
        let (order, policy) = (question.order, question.policy)
        let limit = question.money(policy.maxPositionRisk)
        guard let stop = order.stop else {
            guard position > limit else { return nil }
            var refusal = over(
                .positionRisk, "without a stop all of the position of \(order.pair) is at risk,", position, limit,
                RiskKey.maxPositionRisk, question)
            refusal.message += "; give the strategy a stop loss, or trade less"
            return refusal
        }
        guard let unit = order.limit ?? order.reference, order.side == .buy ? stop < unit : stop > unit else {
            return RiskRefusal(
                .malformed, "the stop of \(order.pair) at \(stop) is on the wrong side of the price: it would trigger at once")
        }
        guard let risk = question.after.risk(of: order, stop: stop) else { return Self.immeasurable(order) }
        guard risk > limit else { return nil }
        return over(
            .positionRisk, "until its stop at \(stop) the position of \(order.pair) loses", risk, limit, RiskKey.maxPositionRisk,
            question)
    }

    /// The loss until the stop: what is held at the mark, and each order of that side at its worst price.
    private func risk(of order: OrderProposal, stop: Price) -> Amount? {
        let stop = Amount(stop)
        func loss(_ quantity: Amount, _ price: Amount) -> Amount? {
            guard let distance = order.side == .buy ? price.subtracting(stop) : stop.subtracting(price) else { return nil }
            return distance.isPositive ? quantity.multiplied(by: distance) : .zero
        }
        let position = positions[order.pair] ?? .zero
        var sum = Amount.zero
        if position.isPositive == (order.side == .buy), !position.isZero {
            guard let held = position.magnitude, let mark = marks[order.pair], let part = loss(held, Amount(mark)) else {
                return nil
            }
            sum = part
        }
        for other in orders.values where other.pair == order.pair && other.side == order.side {
            // A short order is worst where it sells lowest, and at its limit it never sells lower.
            let price = order.side == .buy ? max(other.price, marks[order.pair].map { Amount($0) } ?? other.price) : other.price
            guard let part = loss(other.remaining, price), let next = sum.adding(part) else { return nil }
            sum = next
        }
        return sum
    }

    // MARK: - Exposure

    func checkExposure(_ rule: BudgetRule, _ question: Question) -> RiskRefusal? {
        guard let exposure = question.after.exposure else {
            return RiskRefusal(
                .stateUnreliable,
                "the exposure of \(account) cannot be told: a position has no price. Wait for market data of every pair held")
        }
        let policy = question.policy
        if exposure > question.money(policy.exposureLimit) {
            let key = policy.maxLeverage < policy.maxTotalExposure ? RiskKey.maxLeverage : RiskKey.maxTotalExposure
            return over(
                .exposure, "all positions and orders would be worth", exposure, question.money(policy.exposureLimit), key,
                question)
        }
        if case .allotted(let budget?) = rule, exposure > budget.exposure {
            return RiskRefusal(
                .budgetExposure,
                "all positions and orders would be worth \(exposure.short) \(currency), and \(account) has \(budget.exposure.short) of the "
                    + "fleet's limit")
        }
        return nil
    }

    /// The group of positions that move as this one does; what cannot be measured counts as moving along.
    func checkCorrelation(_ question: Question) -> RiskRefusal? {
        let (pair, policy) = (question.order.pair, question.policy)
        let others = question.after.activePairs.filter { $0 != pair && moves(with: pair, $0, question) }
        guard !others.isEmpty else { return nil }
        guard let value = question.after.exposure(of: others.union([pair])) else { return Self.immeasurable(question.order) }
        let limit = question.money(policy.maxCorrelatedExposure)
        guard value > limit else { return nil }
        let names = others.sorted().prefix(5).map(\.description).joined(separator: ", ")
        return over(
            .correlation,
            "\(pair) moves with \(names) (\(RiskKey.maxCorrelation) \(policy.maxCorrelation), or too few returns to tell): together",
            value,
            limit, RiskKey.maxCorrelatedExposure, question)
    }

    private func moves(with pair: Pair, _ other: Pair, _ question: Question) -> Bool {
        let policy = question.policy
        let samples = max(policy.minCorrelationSamples, 2)
        guard let measured = returns.correlation(pair, other, minSamples: samples) else { return true }
        let isShort = question.after.isShort(other) != question.after.isShort(pair)
        return (isShort ? -measured : measured) > policy.maxCorrelation.approximation
    }

    private func isShort(_ pair: Pair) -> Bool {
        if let position = positions[pair] { return position.isNegative }
        return orders.values.contains { $0.pair == pair && $0.side == .sell }
    }

    // MARK: - Sentences

    private static func immeasurable(_ order: OrderProposal) -> RiskRefusal {
        RiskRefusal(
            .malformed, "the value of the order of \(order.pair) cannot be computed: its numbers are too large or too fine")
    }

    private func over(
        _ code: RiskCode, _ what: String, _ value: Amount, _ limit: Amount, _ key: String, _ question: Question
    ) -> RiskRefusal {
        RiskRefusal(
            code,
            "\(what) \(value.short) \(currency), \(value.share(of: question.equity)) of the equity; the limit \(key) is \(limit.short) "
                + "\(currency)\(question.note)")
    }
}
