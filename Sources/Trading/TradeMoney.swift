package import Money

/// The money of a position, in exact decimals: what opening cost and what closing brings, fees included.
package struct TradeMoney: Sendable {
    /// The fee of the opening order as a ratio of its value.
    package let openFee: ExactDecimal
    /// The fee of the closing order as a ratio of its value.
    package let closeFee: ExactDecimal

    /// Fees as ratios, 0.001 for 0.1 %.
    package init(openFee: Double, closeFee: Double) {
        self.openFee = ExactDecimal(openFee)
        self.closeFee = ExactDecimal(closeFee)
    }

    /// What a position costs at `rate` (a short one: brings).
    package func openValue(amount: ExactDecimal, rate: Double, isShort: Bool) -> Double {
        let value = amount * ExactDecimal(rate)
        let fees = value * openFee
        return Double(isShort ? value - fees : value + fees)
    }

    /// What closing at `rate` brings (a short position: costs).
    package func closeValue(amount: ExactDecimal, rate: Double, isShort: Bool) -> Double {
        let value = amount * ExactDecimal(rate)
        let fees = value * closeFee
        return Double(isShort ? value + fees : value - fees)
    }

    /// The profit as a ratio of what was put in, not yet rounded.
    package static func ratio(openValue: Double, closeValue: Double, leverage: Double, isShort: Bool) -> Double {
        if openValue == 0 { return 0 }
        return isShort ? (1 - closeValue / openValue) * leverage : (closeValue / openValue - 1) * leverage
    }

    /// The closing rate at which the profit ratio is `target`: solved from two values of the line that closing is worth.
    package func closeRate(
        target: Double, amount: ExactDecimal, openRate: Double, leverage: Double, isShort: Bool
    ) -> Double {
        let open = openValue(amount: amount, rate: openRate, isShort: isShort)
        let atZero = closeValue(amount: amount, rate: 0, isShort: isShort)
        let slope = closeValue(amount: amount, rate: 1, isShort: isShort) - atZero
        let factor = 1 + target / leverage / (isShort ? -1 : 1)
        return (factor * open - atZero) / slope
    }
}
