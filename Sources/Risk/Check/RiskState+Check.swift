package import Market
import Money

/// Where an order's share of the fleet's limits comes from.
package enum BudgetRule: Hashable, Sendable {
    /// A dry-run, or an account that belongs to no fleet: the policy alone counts.
    case policyOnly
    /// Live: the coordinator's allotment; nil: there is none, and nothing may be added.
    case allotted(AccountBudget?)
}

/// When an order is checked, on the two clocks that limits know.
package struct RiskInstant: Hashable, Sendable {
    /// The wall clock: days, ages and rates.
    package var time: Timestamp
    /// Nanoseconds on the clock of the budget's end, which no setting of the wall clock moves.
    package var clock: Int64
    package init(time: Timestamp, clock: Int64) {
        self.time = time
        self.clock = clock
    }
}

extension RiskState {
    /// Whether an order may go; nil: it may. An order that reduces always may, unless it is malformed: nothing may keep a position from
    /// getting smaller.
    package func check(
        _ order: OrderProposal, policy: RiskPolicy, budget: BudgetRule, at now: RiskInstant
    ) -> RiskRefusal? {
        if let refusal = malformed(order) { return refusal }
        if reduces(order) { return nil }
        if let refusal = checkState(order, policy) ?? checkLoss(policy, now) { return refusal }
        guard let equity = breaker.ledger.equity, let after = with(order, policy) else {
            return RiskRefusal(
                .referenceUnknown, "there is no price of \(order.pair) to judge the order by: nothing may be added")
        }
        let scale = phaseScale(policy)
        let question = Question(order: order, policy: policy, equity: equity, scale: scale, now: now, after: after)
        return checkBudget(budget, question) ?? checkRate(question) ?? checkPrice(question) ?? checkSize(question)
            ?? checkExposure(budget, question) ?? checkCorrelation(question)
    }

    /// One check's arguments.
    struct Question {
        var order: OrderProposal
        var policy: RiskPolicy
        var equity: Amount
        /// What is left of the size limits.
        var scale: RiskRatio
        var now: RiskInstant
        /// The state with the order working.
        var after: RiskState

        /// The money that a ratio of the equity is now, rounded down.
        func money(_ ratio: RiskRatio) -> Amount { equity.part(ratio.times(scale), rounding: .down) ?? .zero }
        func money(_ limit: Amount) -> Amount { limit.part(scale, rounding: .down) ?? .zero }
        var note: String { scale == .one ? "" : " (the breaker is half-open: \(scale) of the usual limit)" }
    }

    private func malformed(_ order: OrderProposal) -> RiskRefusal? {
        func refused(_ text: String) -> RiskRefusal { RiskRefusal(.malformed, "the order of \(order.pair) \(text)") }
        guard order.quantity.isPositive else { return refused("has the quantity \(order.quantity); it must be above 0") }
        if let limit = order.limit, !limit.isPositive { return refused("has the limit price \(limit); it must be above 0") }
        if let reference = order.reference, !reference.isPositive {
            return refused("has the reference price \(reference); it must be above 0")
        }
        if orders[order.id] != nil { return refused("has the number \(order.id), which another working order has") }
        if let stop = order.stop, !stop.isPositive { return refused("has a stop at \(stop); it must be above 0") }
        return nil
    }

    private func checkState(_ order: OrderProposal, _ policy: RiskPolicy) -> RiskRefusal? {
        if isUnreliable {
            return RiskRefusal(
                .stateUnreliable,
                "the risk state of \(account) is not reliable (a number left its range): reconcile, and start the job anew")
        }
        guard order.pair.quote == currency else {
            return RiskRefusal(
                .currency, "\(order.pair) is quoted in \(order.pair.quote), and the account's limits are counted in \(currency)")
        }
        guard orders.count < RiskBounds.orders, activePairs.contains(order.pair) || activePairs.count < RiskBounds.pairs else {
            return RiskRefusal(
                .tooManyPairs, "at most \(RiskBounds.pairs) pairs and \(RiskBounds.orders) orders are kept an account")
        }
        if !policy.allowsShort, order.side == .sell {
            let held = positions[order.pair] ?? .zero
            return RiskRefusal(
                .notCovered,
                "selling \(order.quantity) \(order.pair.base) with \(working(order.pair, .sell)?.short ?? "more") in working orders is more "
                    + "than the \(held.short) held, and the account does not sell short")
        }
        return checkBreaker(order)
    }

    private func checkBreaker(_ order: OrderProposal) -> RiskRefusal? {
        switch breaker.phase {
        case .closed: return nil
        case .open(let trip):
            let end = trip.needsReset ? "a person has to reset it by name" : "half-open at \(trip.until) at the earliest"
            return RiskRefusal(.breakerOpen, "the circuit breaker is open (\(trip.reasons)) since \(trip.since): \(end)")
        case .halfOpen:
            guard let trial, trial != order.pair else { return nil }
            return RiskRefusal(
                .trialBusy, "the circuit breaker is half-open and lets one trade through at a time, now that of \(trial)")
        }
    }

    /// Size limits while half-open.
    private func phaseScale(_ policy: RiskPolicy) -> RiskRatio {
        if case .halfOpen = breaker.phase { min(policy.trialSize, .one) } else { .one }
    }

    // MARK: - Loss

    private func checkLoss(_ policy: RiskPolicy, _ now: RiskInstant) -> RiskRefusal? {
        let ledger = breaker.ledger
        guard let equity = ledger.equity, let reported = ledger.reported, equity.isPositive else {
            return RiskRefusal(.equityUnknown, "the equity of \(account) is not known or not above 0: nothing may be added")
        }
        let age = now.time.milliseconds.subtractingReportingOverflow(reported.milliseconds)
        // An equity of far ahead is one from before the clock was set back: how old it is nobody knows.
        if age.overflow || age.partialValue.magnitude > policy.maxEquityAge.magnitude {
            return RiskRefusal(
                .equityStale, "the equity of \(account) was last seen at \(reported), longer ago than \(RiskKey.maxEquityAge)")
        }
        if ledger.hasDrawdown(policy) {
            return loss(.drawdown, "peak", ledger.peak, equity, policy.maxDrawdown, RiskKey.maxDrawdown)
        }
        if ledger.hasDailyLoss(policy) {
            return loss(.dailyLoss, "start of the UTC day", ledger.dayStart, equity, policy.maxDailyLoss, RiskKey.maxDailyLoss)
        }
        return nil
    }

    private func loss(
        _ code: RiskCode, _ base: String, _ from: Amount?, _ equity: Amount, _ limit: RiskRatio, _ key: String
    ) -> RiskRefusal {
        let start = from ?? .zero
        let lost = start.subtracting(equity) ?? .zero
        return RiskRefusal(
            code,
            "equity is \(equity.short) \(currency), \(lost.share(of: start)) below its \(base) of \(start.short); the limit \(key) is \(limit)"
        )
    }
}
