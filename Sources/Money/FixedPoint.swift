/// A decimal number in fixed point: `units` x 10^-`decimals`. Live money is counted in these, never in doubles.
///
/// The kind keeps prices and quantities apart. Two numbers of the same value are equal whatever their decimals. Range: an Int64 of
/// units with 0...18 decimals; everything that could leave it returns nil.
package struct FixedPoint<Kind>: Sendable {
    /// The number without its point.
    package let units: Int64
    /// Digits behind the point, 0...18.
    package let decimals: UInt8

    /// Traps where `decimals` is not in 0...18: a constant of ours is wrong.
    package init(units: Int64, decimals: Int) {
        precondition((0...Self.maximumDecimals).contains(decimals), "a fixed-point number has 0 to 18 decimals")
        self.units = units
        self.decimals = UInt8(decimals)
    }

    package static var zero: Self { Self(units: 0, decimals: 0) }
    package static var maximumDecimals: Int { 18 }

    package var isZero: Bool { units == 0 }
    package var isPositive: Bool { units > 0 }
    package var isNegative: Bool { units < 0 }
}

/// The kinds of fixed-point numbers.
package enum FixedPointKind {
    package enum Price {}
    package enum Quantity {}
}

/// What one unit of the base currency costs, in quote currency.
package typealias Price = FixedPoint<FixedPointKind.Price>
/// How much, in base currency (or contracts).
package typealias Quantity = FixedPoint<FixedPointKind.Quantity>

extension FixedPoint: Hashable, Comparable {
    package static func == (a: Self, b: Self) -> Bool {
        a.decimals == b.decimals ? a.units == b.units : wide(a, as: b) == wide(b, as: a)
    }

    package static func < (a: Self, b: Self) -> Bool {
        a.decimals == b.decimals ? a.units < b.units : wide(a, as: b) < wide(b, as: a)
    }

    package func hash(into hasher: inout Hasher) {
        let short = trimmed
        hasher.combine(short.units)
        hasher.combine(short.decimals)
    }

    /// Units of `a` with as many decimals as the finer of the two has; an Int64 x 10^18 always fits.
    private static func wide(_ a: Self, as b: Self) -> Int128 {
        Int128(a.units) * PowersOfTen.wide[max(0, Int(b.decimals) - Int(a.decimals))]
    }
}

extension FixedPoint {
    /// The same value with as few decimals as it needs.
    package var trimmed: Self {
        var units = units
        var decimals = Int(decimals)
        while decimals > 0, units % 10 == 0 {
            units /= 10
            decimals -= 1
        }
        return Self(units: units, decimals: decimals)
    }

    /// The same value with `decimals` digits behind the point; what is cut off is rounded as told. Nil beyond the range.
    package func rescaled(decimals wanted: Int, rounding: FixedPointRounding = .down) -> Self? {
        guard (0...Self.maximumDecimals).contains(wanted) else { return nil }
        if wanted >= decimals {
            return Int64(exactly: Int128(units) * PowersOfTen.wide[wanted - Int(decimals)]).map {
                Self(units: $0, decimals: wanted)
            }
        }
        let divisor = PowersOfTen.wide[Int(decimals) - wanted]
        return Int64(exactly: rounding.quotient(Int128(units), divisor)).map { Self(units: $0, decimals: wanted) }
    }

    /// The multiple of `step` next to this number, in the decimals of the step. Nil for a step of zero or below, or beyond the range.
    package func rounded(toMultipleOf step: Self, _ rounding: FixedPointRounding) -> Self? {
        guard step.isPositive else { return nil }
        let finer = max(decimals, step.decimals)
        let value = Int128(units) * PowersOfTen.wide[Int(finer - decimals)]
        let width = Int128(step.units) * PowersOfTen.wide[Int(finer - step.decimals)]
        let count = rounding.quotient(value, width)
        let (result, overflow) = count.multipliedReportingOverflow(by: Int128(step.units))
        guard !overflow, let units = Int64(exactly: result) else { return nil }
        return Self(units: units, decimals: Int(step.decimals))
    }

    /// Whether this is a multiple of `step`.
    package func isMultiple(of step: Self) -> Bool { rounded(toMultipleOf: step, .down) == self }

    /// Exact sum with the finer of the two scales; nil beyond the range.
    package func adding(_ other: Self) -> Self? {
        let finer = max(decimals, other.decimals)
        guard let a = rescaled(decimals: Int(finer)), let b = other.rescaled(decimals: Int(finer)) else { return nil }
        let (sum, overflow) = a.units.addingReportingOverflow(b.units)
        return overflow ? nil : Self(units: sum, decimals: Int(finer))
    }

    /// Exact difference; nil beyond the range.
    package func subtracting(_ other: Self) -> Self? {
        guard other.units != .min else { return nil }
        return adding(Self(units: -other.units, decimals: Int(other.decimals)))
    }

    /// The nearest double, for display and for indicators.
    package var approximation: Double { Double(units) / Double(PowersOfTen.wide[Int(decimals)]) }
}

/// How digits that do not fit are dropped.
package enum FixedPointRounding: Sendable {
    /// Toward zero.
    case down
    /// Away from zero.
    case up
    /// To the nearest, halves away from zero.
    case nearest

    /// `value` / `divisor` (positive), rounded.
    package func quotient(_ value: Int128, _ divisor: Int128) -> Int128 {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
        guard rest != 0 else { return quotient }
        let away: Int128 = value < 0 ? -1 : 1
        switch self {
        case .down: return quotient
        case .up: return quotient + away
        case .nearest: return rest.magnitude >= divisor.magnitude - rest.magnitude ? quotient + away : quotient
        }
    }
}

/// Powers of ten that fit in 128 bits.
package enum PowersOfTen {
    /// 10^0 ... 10^38.
    package static let wide: [Int128] = {
        var powers: [Int128] = [1]
        for _ in 1...38 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()
}
