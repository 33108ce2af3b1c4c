/// The limits that the `risk` section sets. Ratios are parts of the account's equity.
package struct RiskLimits: Hashable, Sendable {
    /// The fall of equity from its highest point at which trading stops.
    package var maxDrawdown = 0.10
    /// The loss within a day at which trading stops.
    package var maxDailyLoss = 0.05
    /// What one position may lose until its stop.
    package var maxPositionRisk = 0.02
    /// The value of all positions together.
    package var maxTotalExposure = 0.80
    /// The largest leverage.
    package var maxLeverage = 1.0
    /// Losing trades in a row after which trading stops.
    package var maxConsecutiveLosses = 5
    /// Volatility over its usual level at which trading stops.
    package var maxVolatilityRatio = 3.0
    /// The part of the full Kelly size that is used.
    package var kellyFraction = 0.25
    /// The largest position that Kelly sizing may ask for.
    package var maxKellyPosition = 0.20

    /// The limits Pragma has where nothing is said.
    package init() {}

    /// The keys of the section.
    package static let keys = [
        "max_drawdown", "max_daily_loss", "max_position_risk", "max_total_exposure", "max_leverage", "max_consecutive_losses",
        "max_volatility_ratio", "kelly_fraction", "max_kelly_position",
    ]

    /// A number greater than 0 and at most `upper`.
    private static func positive(_ upper: Double) -> ClosedRange<Double> { Double.leastNonzeroMagnitude...upper }

    /// The limits in `section`; defaults for what is missing.
    init(_ section: SectionReader) {
        section.reportUnknown(.error, known: Self.keys, remedy: "a risk limit that nobody reads protects nobody")
        func ratio(_ name: String, _ field: inout Double, upTo upper: Double = 1) {
            if let value = section.number(name, in: Self.positive(upper)) { field = value }
        }
        ratio("max_drawdown", &maxDrawdown)
        ratio("max_daily_loss", &maxDailyLoss)
        ratio("max_position_risk", &maxPositionRisk)
        ratio("max_total_exposure", &maxTotalExposure, upTo: 125)
        ratio("max_leverage", &maxLeverage, upTo: 125)
        if let value = section.integer("max_consecutive_losses", in: 1...1000) { maxConsecutiveLosses = value }
        ratio("max_volatility_ratio", &maxVolatilityRatio, upTo: 1000)
        ratio("kelly_fraction", &kellyFraction)
        ratio("max_kelly_position", &maxKellyPosition)
    }

    /// The section that reads back as these limits.
    var value: ConfigValue {
        let numbers: [(String, Double)] = [
            ("max_drawdown", maxDrawdown), ("max_daily_loss", maxDailyLoss), ("max_position_risk", maxPositionRisk),
            ("max_total_exposure", maxTotalExposure), ("max_leverage", maxLeverage),
            ("max_consecutive_losses", Double(maxConsecutiveLosses)), ("max_volatility_ratio", maxVolatilityRatio),
            ("kelly_fraction", kellyFraction), ("max_kelly_position", maxKellyPosition),
        ]
        var members: ConfigValue.Object = [:]
        for (name, number) in numbers { members[name] = ConfigValue(.number(ConfigNumber(number))) }
        return ConfigValue(.object(members))
    }
}
