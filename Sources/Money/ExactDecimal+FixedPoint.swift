/// Between fixed point, in which live money is counted, and exact decimals, in which rules are computed.
extension ExactDecimal {
    package init(_ amount: Amount) { self.init(small: amount.units, scale: Int(amount.decimals)) }
    package init<Kind>(_ value: FixedPoint<Kind>) { self.init(small: Int128(value.units), scale: Int(value.decimals)) }

    /// The multiple of `step` next to this number; nil for a step that is not positive, or beyond the range.
    package func fixedPoint<Kind>(inStepsOf step: FixedPoint<Kind>, _ rounding: FixedPointRounding) -> FixedPoint<Kind>? {
        guard step.isPositive else { return nil }
        // One digit more than the step has, and a last digit for all that follows, decide any rounding.
        let decimals = Int(step.decimals) + 1
        guard decimals < FixedPoint<Kind>.maximumDecimals else { return nil }
        let cut = truncated(decimals: decimals)
        let text = cut.description + (cut == self ? "" : "1")
        return FixedPoint<Kind>(text)?.rounded(toMultipleOf: step, rounding)
    }
}

extension ExactDecimal {
    /// Cut to so many decimals (0...36); nil where it does not fit 128 bits.
    package func amount(decimals: Int) -> Amount? {
        let cut = truncated(decimals: decimals)
        guard case .small(let units) = cut.coefficient else { return nil }
        return cut.scale >= 0
            ? Amount(units: units, decimals: cut.scale)
            : Self.powerOfTen(-cut.scale).flatMap { power in
                let (wide, overflow) = units.multipliedReportingOverflow(by: power)
                return overflow ? nil : Amount(units: wide, decimals: 0)
            }
    }
}
