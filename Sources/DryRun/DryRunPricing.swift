import Exchange
import Money

/// The upper levels of a book as last seen.
struct DryRunBook: Hashable, Sendable {
    private(set) var bids: [BookLevel] = []
    private(set) var asks: [BookLevel] = []

    /// Takes over the upper levels, best first; levels without a price or a quantity are passed over.
    mutating func load(bids newBids: some Sequence<BookLevel>, asks newAsks: some Sequence<BookLevel>) {
        Self.fill(&bids, newBids)
        Self.fill(&asks, newAsks)
    }

    private static func fill(_ levels: inout [BookLevel], _ new: some Sequence<BookLevel>) {
        levels.removeAll(keepingCapacity: true)
        for level in new where level.price.isPositive && level.quantity.isPositive {
            levels.append(level)
            if levels.count == DryRunRules.bookLevels { return }
        }
    }

    /// What an order of this side takes from.
    func opposite(_ side: OrderSide) -> [BookLevel] { side == .buy ? asks : bids }
}

extension DryRunBook {
    /// Whether a limit order of this side meets the best price of the other side.
    func meets(_ side: OrderSide, limit: Price) -> Bool {
        guard let best = opposite(side).first?.price else { return false }
        return side == .buy ? limit >= best : limit <= best
    }

    /// Whether it does so by 1 % of its limit or more.
    func meetsFar(_ side: OrderSide, limit: Price) -> Bool {
        guard let best = opposite(side).first?.price else { return false }
        return side == .buy
            ? Amount(limit, times: DryRunRules.farBuy) >= Amount(best) : Amount(limit, times: DryRunRules.farSell) <= Amount(best)
    }

    /// Whether a stop is due. freqtrade looks at the far side: a sell stop waits for the best *ask* to come down to it, a buy stop for the best
    /// bid to come up.
    func reaches(stop trigger: Price, _ side: OrderSide) -> Bool {
        switch side {
        case .sell: asks.first.map { trigger >= $0.price } ?? false
        case .buy: bids.first.map { trigger <= $0.price } ?? false
        }
    }
}

/// Prices of simulated fills.
enum DryRunPricing {
    /// What an order costs that takes the levels from the best on, without the tick: their value for exactly `quantity`. What the levels do not
    /// hold is taken at the last one. Nil where there is no level, or the sum leaves the range.
    static func value(taking quantity: Quantity, from levels: [BookLevel]) -> Amount? {
        guard let last = levels.last else { return nil }
        var rest = quantity
        var value = Amount.zero
        for level in levels {
            let taken = min(rest, level.quantity)
            guard let sum = value.adding(Amount(level.price, times: taken)), let left = rest.subtracting(taken) else {
                return nil
            }
            value = sum
            rest = left
            if rest.isZero { return value }
        }
        return value.adding(Amount(last.price, times: rest))
    }

    /// The average price of a market order on the nearest tick, halves up, but not worse than `worst`.
    static func average(_ side: OrderSide, _ quantity: Quantity, from levels: [BookLevel], worst: Price, tick: Price) -> Price? {
        guard let value = value(taking: quantity, from: levels), let price = nearestTick(value, per: quantity, tick: tick) else {
            return nil
        }
        return side == .buy ? min(price, worst) : max(price, worst)
    }

    /// The worst average that a market order may have.
    static func worst(_ side: OrderSide, reference: Price, tick: Price) -> Price? {
        let ratio = side == .buy ? DryRunRules.worstBuy : DryRunRules.worstSell
        return nearestTick(Amount(reference, times: ratio), per: Quantity(units: 1, decimals: 0), tick: tick)
    }

    /// `value` / `quantity` as the nearest multiple of `tick`, halves up; nil beyond the range.
    static func nearestTick(_ value: Amount, per quantity: Quantity, tick: Price) -> Price? {
        let (value, quantity, tick) = (value.trimmed, quantity.trimmed, tick.trimmed)
        guard quantity.isPositive, tick.isPositive else { return nil }
        let shift = Int(quantity.decimals) + Int(tick.decimals) - Int(value.decimals)
        var above = value.units
        var below = Int128(quantity.units) * Int128(tick.units)
        var overflow = false
        if shift >= 0 {
            (above, overflow) = above.multipliedReportingOverflow(by: PowersOfTen.wide[shift])
        } else {
            (below, overflow) = below.multipliedReportingOverflow(by: PowersOfTen.wide[-shift])
        }
        guard !overflow else { return nil }
        let (units, tooLarge) = FixedPointRounding.nearest.quotient(above, below).multipliedReportingOverflow(
            by: Int128(tick.units))
        guard !tooLarge, let short = Int64(exactly: units) else { return nil }
        return Price(units: short, decimals: Int(tick.decimals))
    }

    /// `cost` x `ratio`; digits behind the 24th are rounded up, against us. Nil beyond the range.
    static func fee(_ cost: Amount, ratio: Amount) -> Amount? {
        let (cost, ratio) = (cost.trimmed, ratio.trimmed)
        let (units, overflow) = cost.units.multipliedReportingOverflow(by: ratio.units)
        let decimals = Int(cost.decimals) + Int(ratio.decimals)
        guard !overflow, decimals <= 36 else { return nil }
        let exact = Amount(units: units, decimals: decimals)
        guard decimals > DryRunRules.moneyDecimals else { return exact.trimmed }
        // A rebate is rounded toward zero, which is against us, too.
        return exact.rescaled(decimals: DryRunRules.moneyDecimals, rounding: exact.isNegative ? .down : .up)?.trimmed
    }
}
