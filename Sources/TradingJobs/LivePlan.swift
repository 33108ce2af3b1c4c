package import Configuration
internal import Coordination
internal import Exchange
package import Fleet
package import LiveJob
internal import Money
package import Orders
package import Risk
package import Strategies

/// What a live job does, made of its configuration, and as whom.
package struct LivePlan: Sendable {
    package var job: JobPlan
    /// What the client order ids of this holder begin with: fleet and account, job, fencing token.
    package var identity: OrderIdentity
    /// The account's name, as in the configuration.
    package var account: String
    package var policy: RiskPolicy
    package var live = LiveInstance.Settings()

    /// - Throws: `badConfiguration` where the configuration has no `risk` section: live has limits.
    package init(
        _ configuration: EffectiveConfiguration, registry: StrategyRegistry, identity: OrderIdentity, account: String
    ) throws(JobFault) {
        job = try JobPlan(configuration, registry: registry)
        guard let limits = configuration.risk else {
            throw JobFault(.badConfiguration, "the configuration has no limits: write a risk section (docs/risk.md)")
        }
        policy = try RiskPolicy(limits)
        live.deadMan = configuration.account.flatMap(DeadManSettings.init)
        self.identity = identity
        self.account = account
    }

    /// As the limits and their records know it.
    var accountName: String { job.exchange + "/" + account }
}

extension RiskPolicy {
    /// The limits of a configuration; what its section cannot say has the default.
    package init(_ limits: RiskLimits) throws(JobFault) {
        func ratio(_ value: Double, _ key: String) throws(JobFault) -> RiskRatio { try Self.ratio(value, key) }
        self.init()
        maxDrawdown = try ratio(limits.maxDrawdown, "max_drawdown")
        maxDailyLoss = try ratio(limits.maxDailyLoss, "max_daily_loss")
        maxPositionRisk = try ratio(limits.maxPositionRisk, "max_position_risk")
        maxTotalExposure = try ratio(limits.maxTotalExposure, "max_total_exposure")
        maxLeverage = try ratio(limits.maxLeverage, "max_leverage")
        maxConsecutiveLosses = limits.maxConsecutiveLosses
        maxVolatilityRatio = try ratio(limits.maxVolatilityRatio, "max_volatility_ratio")
        kellyFraction = try ratio(limits.kellyFraction, "kelly_fraction")
        maxKellyPosition = try ratio(limits.maxKellyPosition, "max_kelly_position")
        try takeOptional(limits)
    }

    /// What the section may leave out, where it does not.
    private mutating func takeOptional(_ limits: RiskLimits) throws(JobFault) {
        func take(_ value: Double?, _ key: String, _ field: inout RiskRatio) throws(JobFault) {
            if let value { field = try Self.ratio(value, key) }
        }
        maxOpenOrders = limits.maxOpenOrders ?? maxOpenOrders
        maxOrdersPerMinute = limits.maxOrdersPerMinute ?? maxOrdersPerMinute
        try take(limits.priceCollar, "price_collar", &priceCollar)
        maxOrderValue = try Self.money(limits.maxOrderValue, "max_order_value")
        maxPositionValue = try Self.money(limits.maxPositionValue, "max_position_value")
        maxEquityAge = limits.maxEquityAge?.wholeMilliseconds ?? maxEquityAge
        try take(limits.maxCorrelation, "max_correlation", &maxCorrelation)
        try take(limits.maxCorrelatedExposure, "max_correlated_exposure", &maxCorrelatedExposure)
        switch limits.sizing {
        case .fixed: sizing = .fixed
        case .kelly: sizing = .kelly
        case .volatility(let target): sizing = .volatility(target: try Self.ratio(target, "target_volatility"))
        }
    }

    private static func ratio(_ value: Double, _ key: String) throws(JobFault) -> RiskRatio {
        guard let ratio = RiskRatio(value) else { throw JobFault(.badConfiguration, "risk.\(key): \(value) is no ratio") }
        return ratio
    }

    /// The amount that is written, to the last digit.
    private static func money(_ value: Double?, _ key: String) throws(JobFault) -> Amount? {
        guard let value else { return nil }
        guard value.isFinite, let amount = ExactDecimal(value).amount(decimals: 18) else {
            throw JobFault(.badConfiguration, "risk.\(key): \(value) is no amount")
        }
        return amount
    }
}

extension DeadManSettings {
    /// Nil where it is not wanted, or others trade on the account: the timer would cancel their orders, too.
    init?(_ account: AccountSettings) {
        guard account.exclusive else { return nil }
        switch account.deadMan {
        case .entries: self.init(.entries)
        case .all: self.init(.all)
        case .off: return nil
        }
    }
}
