/// A sum of money in one currency: `units` x 10^-`decimals` with 128 bits, so that totals of products of a price and a quantity stay
/// exact. The currency stands beside it, not in it.
package struct Amount: Sendable {
    /// The number without its point.
    package let units: Int128
    /// Digits behind the point, 0...36.
    package let decimals: UInt8

    /// Traps where `decimals` is not in 0...36.
    package init(units: Int128, decimals: Int) {
        precondition((0...36).contains(decimals), "an amount has 0 to 36 decimals")
        self.units = units
        self.decimals = UInt8(decimals)
    }

    package static let zero = Amount(units: 0, decimals: 0)

    /// Price times quantity, exact: two Int64 always fit.
    package init(_ price: Price, times quantity: Quantity) {
        self.init(units: Int128(price.units) * Int128(quantity.units), decimals: Int(price.decimals) + Int(quantity.decimals))
    }

    /// The same value as a quantity of base currency, price or the like.
    package init<Kind>(_ value: FixedPoint<Kind>) { self.init(units: Int128(value.units), decimals: Int(value.decimals)) }

    /// Reads decimal text as `FixedPoint` does.
    package init?(_ text: some StringProtocol) { self.init(ascii: Array(text.utf8)) }

    /// Reads decimal bytes.
    package init?(ascii bytes: some RandomAccessCollection<UInt8>) {
        guard let value = DecimalText.parse(bytes) else { return nil }
        self.init(units: value.units, decimals: value.decimals)
    }

    package var isZero: Bool { units == 0 }
    package var isNegative: Bool { units < 0 }

    /// The same value with as few decimals as it needs.
    package var trimmed: Amount {
        var units = units
        var decimals = Int(decimals)
        while decimals > 0, units % 10 == 0 {
            units /= 10
            decimals -= 1
        }
        return Amount(units: units, decimals: decimals)
    }

    /// The same value with `wanted` decimals, rounded as told; nil where it does not fit.
    package func rescaled(decimals wanted: Int, rounding: FixedPointRounding = .down) -> Amount? {
        guard (0...36).contains(wanted) else { return nil }
        if wanted >= decimals {
            let (wide, overflow) = units.multipliedReportingOverflow(by: PowersOfTen.wide[wanted - Int(decimals)])
            return overflow ? nil : Amount(units: wide, decimals: wanted)
        }
        return Amount(units: rounding.quotient(units, PowersOfTen.wide[Int(decimals) - wanted]), decimals: wanted)
    }

    /// Exact sum; nil where it does not fit in 128 bits.
    package func adding(_ other: Amount) -> Amount? {
        let finer = Int(max(trimmed.decimals, other.trimmed.decimals))
        guard let a = rescaled(decimals: finer), let b = other.rescaled(decimals: finer) else { return nil }
        let (sum, overflow) = a.units.addingReportingOverflow(b.units)
        return overflow ? nil : Amount(units: sum, decimals: finer)
    }

    /// Exact difference; nil where it does not fit.
    package func subtracting(_ other: Amount) -> Amount? {
        guard other.units != .min else { return nil }
        return adding(Amount(units: -other.units, decimals: Int(other.decimals)))
    }

    /// As a fixed-point number of some kind; nil where it has more than 18 decimals or does not fit.
    package func fixedPoint<Kind>(_: Kind.Type = Kind.self) -> FixedPoint<Kind>? {
        let short = trimmed
        guard short.decimals <= 18, let units = Int64(exactly: short.units) else { return nil }
        return FixedPoint(units: units, decimals: Int(short.decimals))
    }

    /// The nearest double, for display.
    package var approximation: Double { Double(units) / Double(PowersOfTen.wide[Int(decimals)]) }
}

extension Amount: Hashable, Comparable, CustomStringConvertible {
    package static func == (a: Amount, b: Amount) -> Bool {
        let (x, y) = (a.trimmed, b.trimmed)
        return x.units == y.units && x.decimals == y.decimals
    }

    package static func < (a: Amount, b: Amount) -> Bool {
        // Whole parts first, so that nothing can overflow; then the fractions, both below 10^36.
        let (x, restX) = a.units.quotientAndRemainder(dividingBy: PowersOfTen.wide[Int(a.decimals)])
        let (y, restY) = b.units.quotientAndRemainder(dividingBy: PowersOfTen.wide[Int(b.decimals)])
        guard x == y else { return x < y }
        return restX * PowersOfTen.wide[36 - Int(a.decimals)] < restY * PowersOfTen.wide[36 - Int(b.decimals)]
    }

    package func hash(into hasher: inout Hasher) {
        let short = trimmed
        hasher.combine(short.units)
        hasher.combine(short.decimals)
    }

    /// Plain digits without an exponent and without zeros at the end.
    package var description: String { let short = trimmed; return DecimalText.text(short.units, decimals: Int(short.decimals)) }
}
