extension ExactDecimal {
    /// The decimal number that the shortest text of `value` names: 0.1 is one tenth. Traps on infinities and NaN.
    package init(_ value: Double) {
        precondition(value.isFinite, "an infinite or undefined number has no decimal digits")
        self = Self.short(value) ?? Self.parsed(value)
    }

    /// The decimal of a value with at most 15 significant digits, found without making a text.
    ///
    /// Two different decimals of at most 15 digits never share a double. So a decimal of that size that leads to this very double
    /// is the one that the shortest text names.
    @inline(__always)
    private static func short(_ value: Double) -> ExactDecimal? {
        if value == 0 { return ExactDecimal(small: 0, scale: 0) }
        let size = value.magnitude
        guard size < 1e15, size >= 1e-8 else { return nil }
        if size >= 1, size == size.rounded(.towardZero) { return ExactDecimal(small: Int128(Int64(value)), scale: 0) }
        // Binary exponent times log10(2) gives the count of whole digits, or one less.
        let whole = Int((Double(size.exponent) * 0.301_029_995_663_981_2).rounded(.down)) + 1
        let scale = min(22, 14 - whole)
        guard scale > 0 else { return nil }
        let digits = (size * Double.powerOfTen(scale)).rounded(.toNearestOrEven)
        guard digits < 1e15, digits / Double.powerOfTen(scale) == size else { return nil }
        let (integer, zeros) = strippingZeros(Int64(digits))
        return ExactDecimal(small: Int128(value < 0 ? -integer : integer), scale: scale - zeros)
    }

    private static func strippingZeros(_ digits: Int64) -> (Int64, Int) {
        var integer = digits
        var zeros = 0
        while integer % 10_000 == 0 {
            integer /= 10_000
            zeros += 4
        }
        while integer % 10 == 0 {
            integer /= 10
            zeros += 1
        }
        return (integer, zeros)
    }

    /// The decimal out of the text that Swift prints: the shortest that reads back as the same double, as Python's `repr`.
    private static func parsed(_ value: Double) -> ExactDecimal {
        var integer: Int64 = 0
        var scale = 0
        var exponent = 0
        var exponentSign = 1
        var afterPoint = false
        var inExponent = false
        for byte in value.description.utf8 {
            switch byte {
            case UInt8(ascii: "."): afterPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"): inExponent = true
            case UInt8(ascii: "-"): if inExponent { exponentSign = -1 }
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = Int(byte - UInt8(ascii: "0"))
                if inExponent {
                    exponent = exponent * 10 + digit
                } else {
                    integer = integer * 10 + Int64(digit)
                    if afterPoint { scale += 1 }
                }
            default: break
            }
        }
        return ExactDecimal(small: Int128(value < 0 ? -integer : integer), scale: scale - exponentSign * exponent)
    }
}

extension Double {
    /// The double nearest to `value`, ties to even: what reading its digits as text gives.
    package init(_ value: ExactDecimal) {
        if case .small(let integer) = value.coefficient, value.scale >= 0, value.scale <= 22 {
            if integer.magnitude <= 1 << 53 {
                self = Double(Int64(integer)) / .powerOfTen(value.scale)
                return
            }
        }
        if case .small(let integer) = value.coefficient, value.scale >= 0, value.scale <= 38, integer != 0 {
            self = value.scale <= 21 ? Self.quotient(integer, scale: value.scale) : Self.wideQuotient(integer, scale: value.scale)
            return
        }
        self = Self.general(value)
    }

    /// `integer` / 10^`scale` for scales up to 21, rounded once: with the numerator's top bit at bit 127 and a divisor
    /// below 2^70 the quotient has at least 58 bits, enough for 53 and a sticky bit.
    private static func quotient(_ integer: Int128, scale: Int) -> Double {
        let magnitude = integer.magnitude
        let shift = magnitude.leadingZeroBitCount
        let divisor = UInt128(ExactDecimal.powersOfTen[scale])
        let (quotient, remainder) = (magnitude << UInt128(shift)).quotientAndRemainder(dividingBy: divisor)
        let size = rounded(quotient, sticky: remainder != 0, exponent: -shift)
        return integer < 0 ? -size : size
    }

    /// The same for scales up to 38, with 256 bits over 128. Both tops are set, so the quotient has 127 bits or more.
    private static func wideQuotient(_ integer: Int128, scale: Int) -> Double {
        let magnitude = integer.magnitude
        let shift = magnitude.leadingZeroBitCount
        let divisor = UInt128(ExactDecimal.powersOfTen[scale])
        let divisorShift = divisor.leadingZeroBitCount
        let top = magnitude << UInt128(shift)
        // Half of the numerator, so that its high part is below the divisor.
        let (quotient, remainder) = (divisor << UInt128(divisorShift)).dividingFullWidth((top >> 1, top << 127))
        // numerator = magnitude * 2^(shift + 127), divisor = 10^scale * 2^divisorShift
        let size = rounded(quotient, sticky: remainder != 0, exponent: divisorShift - shift - 127)
        return integer < 0 ? -size : size
    }

    /// (`digits` and something more if `sticky`) * 2^`exponent`, rounded to nearest, ties to even, subnormal results included.
    static func rounded(_ digits: UInt128, sticky: Bool, exponent: Int) -> Double {
        let width = 128 - digits.leadingZeroBitCount
        // The lowest bit a double of this size keeps.
        let lowest = max(width - 53, -1074 - exponent)
        guard lowest > 0 else { return scaled(Double(UInt64(truncatingIfNeeded: digits)), by: exponent) }
        guard lowest <= 127 else { return 0 }
        let kept = digits >> UInt128(lowest)
        let rest = digits & ((1 << UInt128(lowest)) - 1)
        let half: UInt128 = 1 << UInt128(lowest - 1)
        let up = rest > half || (rest == half && (sticky || kept & 1 == 1))
        return scaled(Double(UInt64(truncatingIfNeeded: up ? kept + 1 : kept)), by: exponent + lowest)
    }

    /// `value` * 2^`exponent`, exact wherever the result is representable; infinite beyond the range.
    private static func scaled(_ value: Double, by exponent: Int) -> Double {
        if exponent >= -1022, exponent <= 1023 { return value * Double(sign: .plus, exponent: exponent, significand: 1) }
        if exponent > 1023 {
            return exponent > 3000 ? (value == 0 ? 0 : .infinity) : scaled(value * 0x1p1000, by: exponent - 1000)
        }
        // The first factor keeps the product normal: values below are under 2^54 with at least the bits that survive.
        return value * 0x1p-1000 * Double(sign: .plus, exponent: Swift.max(exponent + 1000, -1074), significand: 1)
    }

    /// Any decimal: a quotient of wide integers with 64 bits or more and a sticky bit.
    private static func general(_ value: ExactDecimal) -> Double {
        if value.isZero { return 0 }
        let magnitude = value.big.magnitude
        let numerator = value.scale < 0 ? magnitude.times(powerOfTen: -value.scale) : magnitude
        let divisor = value.scale > 0 ? BigInteger(Int128(1)).times(powerOfTen: value.scale) : BigInteger(Int128(1))
        let shift = 100 - (numerator.bitWidth - divisor.bitWidth)
        let (quotient, remainder) =
            shift >= 0
            ? numerator.shiftedLeft(shift).dividedTruncating(by: divisor)
            : numerator.dividedTruncating(by: divisor.shiftedLeft(-shift))
        let size = rounded(quotient.low128, sticky: !remainder.isZero, exponent: -shift)
        return value.signum < 0 ? -size : size
    }

    /// 10 to the powers 0...22: the ones that a double holds exactly.
    private static let exactPowersOfTen: InlineArray<23, Double> = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
        1e21, 1e22,
    ]

    /// 10 to the power of `exponent`, exact. Traps outside of 0...22.
    package static func powerOfTen(_ exponent: Int) -> Double { exactPowersOfTen[exponent] }
}
