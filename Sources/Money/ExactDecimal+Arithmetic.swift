extension ExactDecimal {
    /// The decimals that a quotient keeps (the exchange library that freqtrade builds on fixes 18).
    static let quotientDecimals = 18

    /// The exact sum.
    package static func + (a: ExactDecimal, b: ExactDecimal) -> ExactDecimal {
        let scale = max(a.scale, b.scale)
        if case .small(let x) = a.raised(to: scale), case .small(let y) = b.raised(to: scale) {
            let (sum, overflow) = x.addingReportingOverflow(y)
            if !overflow { return ExactDecimal(small: sum, scale: scale) }
        }
        let sum = a.big.times(powerOfTen: scale - a.scale) + b.big.times(powerOfTen: scale - b.scale)
        return ExactDecimal(large: sum, scale: scale)
    }

    /// The exact difference.
    package static func - (a: ExactDecimal, b: ExactDecimal) -> ExactDecimal { a + -b }

    /// The number with the other sign.
    package static prefix func - (a: ExactDecimal) -> ExactDecimal {
        if case .small(let value) = a.coefficient, value != .min { return ExactDecimal(small: -value, scale: a.scale) }
        return ExactDecimal(large: -a.big, scale: a.scale)
    }

    /// The exact product.
    package static func * (a: ExactDecimal, b: ExactDecimal) -> ExactDecimal {
        if case .small(let x) = a.coefficient, case .small(let y) = b.coefficient {
            let (product, overflow) = x.multipliedReportingOverflow(by: y)
            if !overflow { return ExactDecimal(small: product, scale: a.scale + b.scale) }
        }
        return ExactDecimal(large: a.big * b.big, scale: a.scale + b.scale)
    }

    /// The quotient cut toward zero after 18 decimals. Traps on a divisor of 0.
    package static func / (a: ExactDecimal, b: ExactDecimal) -> ExactDecimal {
        precondition(!b.isZero, "division of a decimal by zero")
        let shift = quotientDecimals - a.scale + b.scale
        if case .small(let x) = a.coefficient, case .small(let y) = b.coefficient, let power = powerOfTen(abs(shift)) {
            if shift >= 0 {
                let (numerator, overflow) = x.multipliedReportingOverflow(by: power)
                if !overflow, !(numerator == .min && y == -1) {
                    return ExactDecimal(small: numerator / y, scale: quotientDecimals)
                }
            } else if !(x == .min && y == -1) {
                return ExactDecimal(small: x / power / y, scale: quotientDecimals)
            }
        }
        let numerator = shift >= 0 ? a.big.times(powerOfTen: shift) : a.big.quotient(powerOfTen: -shift)
        return ExactDecimal(large: numerator.dividedTruncating(by: b.big).quotient, scale: quotientDecimals)
    }

    /// The exact remainder with the sign of the divisor, as Python's `%` has it. Traps on a divisor of 0.
    package static func % (a: ExactDecimal, b: ExactDecimal) -> ExactDecimal {
        precondition(!b.isZero, "remainder of a decimal by zero")
        let scale = max(a.scale, b.scale)
        if case .small(let x) = a.raised(to: scale), case .small(let y) = b.raised(to: scale), y != -1 {
            let remainder = x % y
            return ExactDecimal(small: remainder != 0 && (remainder < 0) != (y < 0) ? remainder + y : remainder, scale: scale)
        }
        let divisor = b.big.times(powerOfTen: scale - b.scale)
        let remainder = a.big.times(powerOfTen: scale - a.scale).dividedTruncating(by: divisor).remainder
        let floored = !remainder.isZero && remainder.isNegative != divisor.isNegative ? remainder + divisor : remainder
        return ExactDecimal(large: floored, scale: scale)
    }

    /// The coefficient at a larger scale; limbs when it does not fit 128 bits.
    @inline(__always)
    func raised(to larger: Int) -> Coefficient {
        if larger == scale { return coefficient }
        if case .small(let value) = coefficient, let power = Self.powerOfTen(larger - scale) {
            let (product, overflow) = value.multipliedReportingOverflow(by: power)
            if !overflow { return .small(product) }
        }
        return .large(big.times(powerOfTen: larger - scale))
    }
}

extension ExactDecimal: Comparable {
    package static func == (a: ExactDecimal, b: ExactDecimal) -> Bool { (a - b).isZero }
    package static func < (a: ExactDecimal, b: ExactDecimal) -> Bool { (a - b).signum < 0 }
}

extension ExactDecimal {
    /// The position of the first digit: the exponent in scientific notation, 0 for a zero.
    package var exponent: Int { isZero ? 0 : big.digitCount - 1 - scale }

    /// Cut toward zero after `decimals` digits behind the point; a negative count cuts whole tens, hundreds, ...
    package func truncated(decimals: Int) -> ExactDecimal {
        guard decimals < scale else { return self }
        return ExactDecimal(large: big.quotient(powerOfTen: scale - decimals), scale: decimals)
    }

    /// Rounded to `decimals` digits behind the point, half away from zero.
    package func rounded(decimals: Int) -> ExactDecimal {
        guard decimals < scale else { return self }
        let cut = truncated(decimals: decimals)
        let rest = (self - cut).magnitude
        let unit = ExactDecimal(small: 1, scale: decimals)
        return rest + rest < unit ? cut : (signum < 0 ? cut - unit : cut + unit)
    }
}
