/// Why an order is denied. The texts stand in journals.
package enum RiskCode: String, Hashable, Sendable, CaseIterable {
    /// A number of the order cannot be: no quantity, no price, a stop on the wrong side, an id twice.
    case malformed = "risk.malformed"
    /// The pair is not quoted in the account's currency.
    case currency = "risk.currency"
    /// The state itself cannot be relied on.
    case stateUnreliable = "risk.state_unreliable"
    /// More would be sold than is held.
    case notCovered = "risk.not_covered"
    case breakerOpen = "risk.breaker_open"
    /// The half-open breaker lets one trade through at a time.
    case trialBusy = "risk.trial_busy"
    case equityUnknown = "risk.equity_unknown"
    case equityStale = "risk.equity_stale"
    case drawdown = "risk.drawdown"
    case dailyLoss = "risk.daily_loss"
    case budgetMissing = "risk.budget_missing"
    case budgetExpired = "risk.budget_expired"
    case openOrders = "risk.open_orders"
    case orderRate = "risk.order_rate"
    case referenceUnknown = "risk.reference_unknown"
    case priceCollar = "risk.price_collar"
    case orderValue = "risk.order_value"
    case positionValue = "risk.position_value"
    case positionRisk = "risk.position_risk"
    case exposure = "risk.exposure"
    case budgetExposure = "risk.budget_exposure"
    case budgetOrders = "risk.budget_orders"
    case budgetDailyLoss = "risk.budget_daily_loss"
    case correlation = "risk.correlation"
    case tooManyPairs = "risk.too_many_pairs"
}

/// A denied order: a value, not an error that is thrown. The sentence names the limit, the value, and what to change.
package struct RiskRefusal: Hashable, Sendable, CustomStringConvertible {
    package var code: RiskCode
    package var message: String

    init(_ code: RiskCode, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { code.rawValue + ": " + message }
}
