package import Money

/// Exact arithmetic on money for limits. Every function returns nil where the result does not fit, and whoever gets nil refuses.
extension Amount {
    /// Decimals that parts of an amount get at least: a part of a whole number is rarely whole.
    private static var partDecimals: Int { 12 }

    /// A part of this amount.
    package func part(_ ratio: RiskRatio, rounding: FixedPointRounding) -> Amount? {
        part(of: (Int128(ratio.millionths), 1_000_000), rounding: rounding)
    }

    /// This amount x `fraction`, whose divisor is above zero.
    func part(of fraction: (Int128, Int128), rounding: FixedPointRounding) -> Amount? {
        let fine = rescaled(decimals: max(Int(trimmed.decimals), Self.partDecimals)) ?? trimmed
        guard let units = WideProduct.divided(fine.units, fraction.0, by: fraction.1, rounding: rounding) else { return nil }
        return Amount(units: units, decimals: Int(fine.decimals))
    }

    /// Exact product.
    package func multiplied(by other: Amount) -> Amount? {
        let (a, b) = (trimmed, other.trimmed)
        let (units, overflow) = a.units.multipliedReportingOverflow(by: b.units)
        guard !overflow, Int(a.decimals) + Int(b.decimals) <= 36 else { return nil }
        return Amount(units: units, decimals: Int(a.decimals) + Int(b.decimals))
    }

    /// This amount x `new` / `old`, both above zero.
    func moved(from old: Amount, to new: Amount, rounding: FixedPointRounding) -> Amount? {
        let decimals = Int(max(old.trimmed.decimals, new.trimmed.decimals))
        guard let from = old.rescaled(decimals: decimals), let to = new.rescaled(decimals: decimals), from.units > 0, to.units > 0
        else { return nil }
        return part(of: (to.units, from.units), rounding: rounding)
    }

    /// How much of `whole` this is, for messages.
    func share(of whole: Amount) -> String {
        guard whole.approximation > 0 else { return "all" }
        let percent = approximation / whole.approximation * 100
        guard percent.isFinite, percent.magnitude < 1e9 else { return "more than all" }
        return Amount(units: Int128((percent * 100).rounded()), decimals: 2).description + " %"
    }

    /// Rounded to at most 8 decimals, for messages.
    var short: String { trimmed.decimals > 8 ? (rescaled(decimals: 8, rounding: .nearest) ?? self).description : description }

    var magnitude: Amount? { units == .min ? nil : Amount(units: units < 0 ? -units : units, decimals: Int(decimals)) }
    var negated: Amount? { units == .min ? nil : Amount(units: -units, decimals: Int(decimals)) }
    var isPositive: Bool { units > 0 }
}

/// Products of 128-bit numbers that are divided before they are cut to 128 bits again.
enum WideProduct {
    /// a x b / divisor; nil where the divisor is not above zero or the result does not fit.
    static func divided(_ a: Int128, _ b: Int128, by divisor: Int128, rounding: FixedPointRounding) -> Int128? {
        guard divisor > 0 else { return nil }
        let product = a.magnitude.multipliedFullWidth(by: b.magnitude)
        guard product.high < divisor.magnitude else { return nil }
        var (quotient, rest) = divisor.magnitude.dividingFullWidth(product)
        let roundsUp =
            switch rounding {
            case .down: false
            case .up: rest > 0
            case .nearest: rest >= divisor.magnitude - rest
            }
        if roundsUp, rest > 0 { quotient += 1 }
        guard let result = Int128(exactly: quotient) else { return nil }
        return (a < 0) != (b < 0) ? -result : result
    }
}
