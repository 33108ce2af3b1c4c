package import Money

/// The limits of one account. Ratios are parts of the account's equity. A limit is reached when the value is at it, not beyond it.
package struct RiskPolicy: Hashable, Sendable {
    // MARK: Loss

    /// The fall of equity from its peak at which trading stops until somebody resets it.
    package var maxDrawdown = RiskRatio.percent(10)
    /// The fall of equity within a UTC day at which trading stops for the rest of it.
    package var maxDailyLoss = RiskRatio.percent(5)
    /// Losing trades in a row at which trading stops.
    package var maxConsecutiveLosses = 5
    /// Volatility over its normal level above which trading stops.
    package var maxVolatilityRatio = RiskRatio(millionths: 3_000_000)
    /// How many values before the current one make the normal level; fewer: there is none yet.
    package var volatilityWindow = 20

    // MARK: Size

    /// What one position may lose until its stop.
    package var maxPositionRisk = RiskRatio.percent(2)
    /// The value of all positions and of orders that could add to them.
    package var maxTotalExposure = RiskRatio.percent(80)
    /// The same as a leverage: the lower of the two counts.
    package var maxLeverage = RiskRatio.one
    /// Whether a position may be below zero.
    package var allowsShort = false
    /// The largest value of one order in the account's currency; nil: the other limits alone.
    package var maxOrderValue: Amount?
    /// The largest value of one position with the orders that could add to it; nil: the other limits alone.
    package var maxPositionValue: Amount?
    /// What an entry may be worth beside all that.
    package var sizing = SizingRule.fixed
    /// The part of the full Kelly size that is used.
    package var kellyFraction = RiskRatio.percent(25)
    /// The largest position that Kelly sizing asks for.
    package var maxKellyPosition = RiskRatio.percent(20)
    /// Closed trades below which Kelly sizing knows nothing.
    package var minKellyTrades = 30

    // MARK: Orders

    package var maxOpenOrders = 50
    /// Orders within any 60 seconds.
    package var maxOrdersPerMinute = 60
    /// How far a limit price may lie from the reference, in either direction; market orders are taken to fill that far away.
    package var priceCollar = RiskRatio.percent(5)
    /// How old the account's equity may be for a risk-adding order, in milliseconds.
    package var maxEquityAge: Int64 = 300_000

    // MARK: Correlation

    /// Correlation of returns above which two positions count as one.
    package var maxCorrelation = RiskRatio.percent(70)
    /// The value of a group of correlated positions together.
    package var maxCorrelatedExposure = RiskRatio.percent(30)
    /// Returns that are looked at, at most.
    package var correlationWindow = 120
    /// Returns below which two pairs count as correlated.
    package var minCorrelationSamples = 30

    // MARK: Circuit breaker

    /// How long the breaker stays open at least, in milliseconds; doubled with every trial that fails, up to `maxCooldown`.
    package var cooldown: Int64 = 3_600_000
    package var maxCooldown: Int64 = 86_400_000
    /// What is left of every size limit while the breaker is half-open.
    package var trialSize = RiskRatio.percent(25)
    /// Winning trades, none of them lost in between, after which the breaker closes.
    package var trialWins = 3
    /// The fall of equity since the breaker became half-open at which it opens again.
    package var maxTrialLoss = RiskRatio.percent(1)

    /// Pragma's defaults.
    package init() {}

    /// The part of the equity that all exposure together may be.
    var exposureLimit: RiskRatio { min(maxTotalExposure, maxLeverage) }
}

/// Where each limit is written in a configuration; refusals name these.
package enum RiskKey {
    package static let maxDrawdown = "risk.max_drawdown"
    package static let maxDailyLoss = "risk.max_daily_loss"
    package static let maxPositionRisk = "risk.max_position_risk"
    package static let maxTotalExposure = "risk.max_total_exposure"
    package static let maxLeverage = "risk.max_leverage"
    package static let maxOrderValue = "risk.max_order_value"
    package static let maxPositionValue = "risk.max_position_value"
    package static let maxOpenOrders = "risk.max_open_orders"
    package static let maxOrdersPerMinute = "risk.max_orders_per_minute"
    package static let priceCollar = "risk.price_collar"
    package static let maxEquityAge = "risk.max_equity_age"
    package static let maxCorrelation = "risk.max_correlation"
    package static let maxCorrelatedExposure = "risk.max_correlated_exposure"
}
