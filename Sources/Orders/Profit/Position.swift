package import Exchange
package import Money

/// What fills of one instrument add up to: what is held, what it cost, and the profit that was made, exact to the last digit.
///
/// Average cost, as freqtrade counts a trade with several entries: an exit takes its share of the cost of what is held, and the
/// difference to what it brings is realised. At every moment `cash == realised - cost` exactly, whatever was rounded on the way: a share of
/// the cost that does not come out even is cut at `shareDecimals` digits, and the rest stays with what is held. Spot and linear contracts.
package struct Position: Hashable, Sendable {
    /// Base currency held; negative: short.
    package private(set) var held = Amount.zero
    /// What `held` cost in quote currency with its fees; of a short position what it brought, negative.
    package private(set) var cost = Amount.zero
    /// Profit of everything that was closed, in quote currency, fees in base and quote currency included.
    package private(set) var realised = Amount.zero
    /// All quote currency that came in less what went out.
    package private(set) var cash = Amount.zero
    /// Fees in other currencies than base and quote; they are in none of the sums above.
    package private(set) var otherFees: [FeeTotal] = []
    package private(set) var fillCount = 0

    /// Digits to which a share of the cost is cut.
    static let shareDecimals = 18

    /// A sum that does not fit into 128 bits, or a fill without quantity. The position is as it was.
    package struct ArithmeticError: Error, Hashable, Sendable, CustomStringConvertible {
        package var tradeID: String
        package var description: String { "the fill \(tradeID) cannot be added to its position: a number does not fit" }
    }

    package init() {}

    package var isFlat: Bool { held.isZero }

    /// `base` and `quote`: in what currencies fees count into the position.
    package mutating func apply(_ fill: Fill, base: String, quote: String) throws(ArithmeticError) {
        var next = self
        guard fill.quantity.isPositive, next.add(fill, base, quote) else { throw ArithmeticError(tradeID: fill.tradeID) }
        next.fillCount += 1
        self = next
    }

    private mutating func add(_ fill: Fill, _ base: String, _ quote: String) -> Bool {
        let value = Amount(fill.price, times: fill.quantity)
        let quantity = Amount(fill.quantity)
        guard var received = fill.side == .sell ? value : Amount.zero.subtracting(value),
            var gained = fill.side == .buy ? quantity : Amount.zero.subtracting(quantity)
        else { return false }
        switch fill.feeAsset {
        case quote:
            guard let rest = received.subtracting(fill.fee) else { return false }
            received = rest
        case base:
            guard let rest = gained.subtracting(fill.fee) else { return false }
            gained = rest
        default:
            guard let fees = otherFees.adding(fill.fee, of: fill.feeAsset) else { return false }
            otherFees = fees
        }
        guard let total = cash.adding(received) else { return false }
        cash = total
        return move(gained, for: received)
    }

    /// `gained` of base currency came for `received` of quote currency; either may be negative.
    private mutating func move(_ gained: Amount, for received: Amount) -> Bool {
        if gained.isZero { return realise(received) }
        if held.isZero || held.isNegative == gained.isNegative {
            guard let more = held.adding(gained), let rest = cost.subtracting(received) else { return false }
            (held, cost) = (more, rest)
            return true
        }
        guard let after = held.adding(gained) else { return false }
        if after.isZero || after.isNegative == held.isNegative {
            // Closes a part, or all: takes its share of the cost.
            guard let share = after.isZero ? cost : Self.share(cost, gained, held), let rest = cost.subtracting(share),
                let profit = received.subtracting(share)
            else { return false }
            (held, cost) = (after, rest)
            return realise(profit)
        }
        // Closes all and opens the other side: the money is divided by quantity.
        guard let closing = Self.share(received, held, gained), let opening = received.subtracting(closing),
            let profit = closing.subtracting(cost), let other = Amount.zero.subtracting(opening)
        else { return false }
        (held, cost) = (after, other)
        return realise(profit)
    }

    private mutating func realise(_ profit: Amount) -> Bool {
        guard let sum = realised.adding(profit) else { return false }
        realised = sum
        return true
    }

    /// `sum` x |`part`| / |`whole`|, cut toward zero.
    private static func share(_ sum: Amount, _ part: Amount, _ whole: Amount) -> Amount? {
        let short = sum.trimmed
        let fine = short.rescaled(decimals: max(Int(short.decimals), shareDecimals)) ?? short
        let digits = Int(max(part.trimmed.decimals, whole.trimmed.decimals))
        guard let part = part.rescaled(decimals: digits), let whole = whole.rescaled(decimals: digits) else { return nil }
        let product = fine.units.magnitude.multipliedFullWidth(by: part.units.magnitude)
        let divisor = whole.units.magnitude
        guard divisor > product.high else { return nil }
        guard let units = Int128(exactly: divisor.dividingFullWidth(product).quotient) else { return nil }
        return Amount(units: fine.units < 0 ? -units : units, decimals: Int(fine.decimals))
    }
}

extension Position {
    /// What closing everything at this price would bring or cost now, without fees, less what was paid; nil where it does not fit.
    package func unrealised(at price: Price) -> Amount? {
        let short = held.trimmed
        let (units, overflow) = short.units.multipliedReportingOverflow(by: Int128(price.units))
        let decimals = Int(short.decimals) + Int(price.decimals)
        guard !overflow, decimals <= 36 else { return nil }
        return Amount(units: units, decimals: decimals).subtracting(cost)
    }

    /// What one unit of what is held cost with its fees, for display; nil where nothing is held.
    package var averageCost: Double? { isFlat ? nil : cost.approximation / held.approximation }
}
