package import Market
package import Money

/// The value of a position in the account's currency, by several rules. All round down; whatever cannot be computed is 0.
package enum PositionSizing {
    /// By Kelly's fraction.
    package static func kelly(equity: Amount, _ estimate: KellyEstimate) -> Amount {
        part(equity, estimate.fraction)
    }

    /// So large that its usual movement moves the equity by `target`. `volatility`: of a candle, as a part of the price; the standard
    /// deviation of returns (`LogReturns.deviation`), or the average true range over the price.
    package static func volatility(equity: Amount, target: RiskRatio, volatility: Double) -> Amount {
        guard volatility.isFinite, volatility > 0 else { return .zero }
        return part(equity, RiskRatio(notAbove: target.approximation / volatility))
    }

    /// The average true range as a part of the price; nil where it is none.
    package static func volatility(averageTrueRange: Double, price: Double) -> Double? {
        guard averageTrueRange.isFinite, averageTrueRange >= 0, price.isFinite, price > 0 else { return nil }
        return averageTrueRange / price
    }

    /// So large that it loses `risk` of the equity when it is closed at the stop: equity x risk x price / |price - stop|.
    package static func stopDistance(equity: Amount, risk: RiskRatio, side: RiskSide, price: Price, stop: Price) -> Amount {
        guard price.isPositive, stop.isPositive, side == .buy ? stop < price : stop > price,
            let money = equity.part(risk, rounding: .down), money.isPositive,
            let distance = Amount(price).subtracting(Amount(stop))?.magnitude
        else { return .zero }
        return money.moved(from: distance, to: Amount(price), rounding: .down) ?? .zero
    }

    static func part(_ equity: Amount, _ ratio: RiskRatio) -> Amount {
        guard equity.isPositive, let result = equity.part(ratio, rounding: .down) else { return .zero }
        return result
    }
}

extension RiskState {
    /// What the limits leave for an order of a pair, as value: the least of order value, position value, exposure, and budget. Risk until a stop
    /// and correlation depend on the order itself, and are left to `check`.
    package func room(for pair: Pair, policy: RiskPolicy, budget: BudgetRule) -> Amount {
        guard let equity = breaker.ledger.equity, equity.isPositive, let all = exposure, let own = exposure(of: pair) else {
            return .zero
        }
        var scale = RiskRatio.one
        switch breaker.phase {
        case .closed: break
        case .open: return .zero
        case .halfOpen: scale = min(policy.trialSize, .one)
        }
        var rooms = [equity.part(policy.exposureLimit.times(scale), rounding: .down)?.subtracting(all)]
        if let limit = policy.maxOrderValue { rooms.append(limit.part(scale, rounding: .down)) }
        if let limit = policy.maxPositionValue { rooms.append(limit.part(scale, rounding: .down)?.subtracting(own)) }
        switch budget {
        case .policyOnly: break
        case .allotted(nil): return .zero
        case .allotted(let budget?): rooms.append(budget.exposure.subtracting(all))
        }
        return max(.zero, rooms.map { $0 ?? .zero }.min() ?? .zero)
    }

    /// A wanted size cut to what the limits leave; market orders also leave room for the collar that their price is taken with.
    package func capped(_ wanted: Amount, pair: Pair, isMarket: Bool, policy: RiskPolicy, budget: BudgetRule) -> Amount {
        var room = room(for: pair, policy: policy, budget: budget)
        if isMarket {
            let whole = Int128(1_000_000)
            room = room.part(of: (whole, whole + Int128(policy.priceCollar.millionths)), rounding: .down) ?? .zero
        }
        return max(.zero, min(wanted, room))
    }
}
