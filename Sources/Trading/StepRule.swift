package import Market
import Money

/// How prices or amounts of one instrument are rounded: a precision in one of the venue's three modes.
package struct StepRule: Hashable, Sendable {
    /// Where a stop price goes when it lies between two ticks.
    package enum Direction: Sendable { case up, down }

    /// How `value` is to be read.
    package var mode: Instrument.PrecisionMode
    /// A step, or a count of digits; nil: nothing is rounded.
    package var value: Double?

    /// A rule; a step must be above zero.
    package init(mode: Instrument.PrecisionMode, value: Double?) {
        precondition(value.map { $0.isFinite && (mode != .tickSize || $0 > 0) } ?? true, "a step must be above zero")
        self.mode = mode
        self.value = value
    }

    /// No rounding at all.
    package static let none = StepRule(mode: .tickSize, value: nil)

    /// `amount` cut toward zero to the step.
    package func truncated(_ amount: Double) -> Double {
        guard let value, amount.isFinite else { return amount }
        let exact = ExactDecimal(amount)
        switch mode {
        case .tickSize:
            let missing = exact.magnitude % ExactDecimal(value)
            if missing.isZero { return amount }
            return Double(amount < 0 ? exact + missing : exact - missing)
        case .decimalPlaces: return Double(exact.truncated(decimals: Int(value)))
        case .significantDigits: return Double(exact.truncated(decimals: Int(value) - exact.exponent - 1))
        }
    }

    /// `price` moved to the nearest tick, half away from zero.
    package func nearest(_ price: Double) -> Double {
        guard let value, price.isFinite else { return price }
        let exact = ExactDecimal(price)
        switch mode {
        case .tickSize: return nearestTick(price, exact, ExactDecimal(value))
        case .decimalPlaces: return Double(exact.rounded(decimals: Int(value)))
        case .significantDigits:
            let decimals = Int(value) - exact.exponent - 1
            return Double(decimals < 0 ? Self.halfDown(exact, decimals: decimals) : exact.rounded(decimals: decimals))
        }
    }

    private func nearestTick(_ price: Double, _ exact: ExactDecimal, _ step: ExactDecimal) -> Double {
        let missing = exact.magnitude % step
        if missing.isZero { return price }
        let below = exact.magnitude - missing
        let nearest = missing + missing < step ? below : below + step
        return Double(price < 0 ? -nearest : nearest)
    }

    /// Rounding of whole digits: a number exactly between two goes to the one nearer zero (ccxt's rule for this case only).
    private static func halfDown(_ exact: ExactDecimal, decimals: Int) -> ExactDecimal {
        let below = exact.truncated(decimals: decimals)
        let rest = (exact - below).magnitude
        let unit = ExactDecimal(1, scale: decimals)
        return rest + rest <= unit ? below : (exact.signum < 0 ? below - unit : below + unit)
    }

    /// A stop `price` moved to a tick in one direction: up for longs, down for shorts.
    package func stop(_ price: Double, _ direction: Direction) -> Double {
        guard let value, price.isFinite else { return price }
        switch mode {
        case .tickSize:
            let exact = ExactDecimal(price)
            let step = ExactDecimal(value)
            let missing = exact % step
            if missing.isZero { return price }
            let below = exact - missing
            return Double(direction == .up ? below + step : below).rounded(decimals: 14)
        case .decimalPlaces:
            let power = Double.powerOfTen(min(max(Int(value.rounded(.toNearestOrEven)), 0), 22))
            return (price * power).rounded(direction == .up ? .up : .down) / power
        case .significantDigits:
            let exact = ExactDecimal(price)
            let decimals = Int(value.rounded(.toNearestOrEven)) - exact.exponent - 1
            let below = exact.truncated(decimals: decimals)
            let unit = ExactDecimal(1, scale: decimals)
            // Whole digits go up even from a full one; the rest only where something was cut off (freqtrade's two cases).
            if direction == .down || (decimals >= 0 && below == exact) { return Double(below) }
            return Double(below + unit)
        }
    }
}

extension Instrument {
    /// How amounts of this instrument are cut.
    package var amountRule: StepRule { StepRule(mode: precisionMode, value: amountPrecision) }
    /// How prices of this instrument are rounded where no candle says otherwise.
    package var priceRule: StepRule { StepRule(mode: precisionMode, value: pricePrecision) }
}
