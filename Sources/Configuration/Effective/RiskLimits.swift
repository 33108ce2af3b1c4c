/// The limits that the `risk` section sets. Ratios are parts of the account's equity.
package struct RiskLimits: Hashable, Sendable {
    // MARK: What live needs to be written

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

    // MARK: What may be left out; nil: the default of `RiskPolicy`

    package var maxOpenOrders: Int?
    /// Orders within any 60 seconds.
    package var maxOrdersPerMinute: Int?
    /// The distance of a limit price from the reference, as a part of it.
    package var priceCollar: Double?
    /// Of one order, in stake currency; nil: the other limits alone.
    package var maxOrderValue: Double?
    /// Of one position with the orders that could add to it, in stake currency; nil: the other limits alone.
    package var maxPositionValue: Double?
    /// How old the equity may be that losses are measured on.
    package var maxEquityAge: Duration?
    /// The correlation of returns above which positions count as one.
    package var maxCorrelation: Double?
    /// The value of such a group together.
    package var maxCorrelatedExposure: Double?
    /// How much of the stake an entry of a live job asks for.
    package var sizing = Sizing.fixed

    /// What is bought at most, beside the stake and what the limits leave.
    package enum Sizing: Hashable, Sendable {
        /// Nothing else.
        case fixed
        /// What Kelly's formula says of the job's own closed trades.
        case kelly
        /// So much that a usual candle moves the equity by `target`, a part of it.
        case volatility(target: Double)

        /// As it is written.
        package var name: String {
            switch self {
            case .fixed: "fixed"
            case .kelly: "kelly"
            case .volatility: "volatility"
            }
        }

        static let names = ["fixed", "kelly", "volatility"]
    }

    /// The limits Pragma has where nothing is said.
    package init() {}

    /// The keys without which live refuses.
    package static let keys = [
        "max_drawdown", "max_daily_loss", "max_position_risk", "max_total_exposure", "max_leverage", "max_consecutive_losses",
        "max_volatility_ratio", "kelly_fraction", "max_kelly_position",
    ]
    /// The keys that may be left out.
    package static let optionalKeys = [
        "max_open_orders", "max_orders_per_minute", "price_collar", "max_order_value", "max_position_value", "max_equity_age",
        "max_correlation", "max_correlated_exposure", "sizing", "target_volatility",
    ]
}

// MARK: - Reading

extension RiskLimits {
    /// As many as `Risk` keeps of orders and of the instants at which they were sent.
    private static let orderCounts = 1...10_000
    /// The account is read once a minute: a younger equity than this cannot be had all the time.
    private static let equityAges: ClosedRange<Duration> = .seconds(90)...(.seconds(3600))

    /// A number greater than 0 and at most `upper`.
    private static func positive(_ upper: Double) -> ClosedRange<Double> { Double.leastNonzeroMagnitude...upper }

    /// The limits in `section`; defaults for what is missing.
    init(_ section: SectionReader) {
        section.reportUnknown(
            .error, known: Self.keys + Self.optionalKeys, remedy: "a risk limit that nobody reads protects nobody")
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
        readOptional(section)
    }

    private mutating func readOptional(_ section: SectionReader) {
        maxOpenOrders = section.integer("max_open_orders", in: Self.orderCounts)
        maxOrdersPerMinute = section.integer("max_orders_per_minute", in: Self.orderCounts)
        priceCollar = section.number("price_collar", in: Self.positive(1))
        maxOrderValue = section.number("max_order_value", in: Self.positive(ConfigurationResolver.largestAmount))
        maxPositionValue = section.number("max_position_value", in: Self.positive(ConfigurationResolver.largestAmount))
        maxEquityAge = section.duration("max_equity_age", in: Self.equityAges)
        maxCorrelation = section.number("max_correlation", in: Self.positive(1))
        maxCorrelatedExposure = section.number("max_correlated_exposure", in: Self.positive(125))
        readSizing(section)
    }

    private mutating func readSizing(_ section: SectionReader) {
        let name = section.choice("sizing", of: Sizing.names)
        let target = section.number("target_volatility", in: Self.positive(1))
        switch name {
        case "kelly": sizing = .kelly
        case "volatility":
            if let target { sizing = .volatility(target: target) }
            if section.member("target_volatility") == nil {
                section.addMissing(
                    "target_volatility",
                    remedy: "write which part of the equity a usual candle of one position may move: \"target_volatility\": 0.001"
                )
            }
        default: break
        }
        if name != "volatility", section.member("target_volatility") != nil {
            section.add(
                .conflict, "target_volatility", "is read only where \"sizing\" is \"volatility\"",
                remedy: "write \"sizing\": \"volatility\" or remove the key")
        }
    }
}

// MARK: - Writing

extension RiskLimits {
    /// The section that reads back as these limits. What may be left out and was is left out.
    var value: ConfigValue {
        let numbers: [(String, Double?)] = [
            ("max_drawdown", maxDrawdown), ("max_daily_loss", maxDailyLoss), ("max_position_risk", maxPositionRisk),
            ("max_total_exposure", maxTotalExposure), ("max_leverage", maxLeverage),
            ("max_consecutive_losses", Double(maxConsecutiveLosses)), ("max_volatility_ratio", maxVolatilityRatio),
            ("kelly_fraction", kellyFraction), ("max_kelly_position", maxKellyPosition),
            ("max_open_orders", maxOpenOrders.map(Double.init)), ("max_orders_per_minute", maxOrdersPerMinute.map(Double.init)),
            ("price_collar", priceCollar), ("max_order_value", maxOrderValue), ("max_position_value", maxPositionValue),
            ("max_equity_age", maxEquityAge.map { $0 / .seconds(1) }), ("max_correlation", maxCorrelation),
            ("max_correlated_exposure", maxCorrelatedExposure),
        ]
        var members: ConfigValue.Object = [:]
        for (name, number) in numbers {
            if let number { members[name] = ConfigValue(.number(ConfigNumber(number))) }
        }
        if sizing != .fixed { members["sizing"] = ConfigValue(.string(sizing.name)) }
        if case .volatility(let target) = sizing { members["target_volatility"] = ConfigValue(.number(ConfigNumber(target))) }
        return ConfigValue(.object(members))
    }
}
