internal import Configuration
internal import Connectors
internal import Exchange
internal import Market
internal import Strategies
internal import Trading
internal import Venues

/// What a live job would put at risk, shown before anybody is asked.
struct LiveRisk {
    private let configuration: EffectiveConfiguration
    /// Where orders would go by the venue file of this machine; nil: there is none here, the worker's own decides.
    private let venue: VenueFile?
    let account: String

    init(_ configuration: EffectiveConfiguration, venue: VenueFile?) {
        self.configuration = configuration
        self.venue = venue
        account = configuration.account?.name ?? ""
    }

    private var host: String { venue.map { "\($0.address.rest)" } ?? "of the live worker's venue file (there is none here)" }

    private var stakes: String {
        let sizing = configuration.sizing
        let count = sizing.maxOpenTrades.map { "at most \(Format.count($0, "trade"))" } ?? "any number of trades"
        switch sizing.stakeAmount {
        case .unlimited:
            return
                "\(count) at once, which together may take \(Format.percent(sizing.tradableBalanceRatio)) of the balance in \(sizing.stakeCurrency)"
        case .fixed(let amount):
            let sum =
                sizing.maxOpenTrades.map { ", \(Format.value(amount * Double($0), 2)) \(sizing.stakeCurrency) together" } ?? ""
            return "\(count) at once of \(Format.value(amount, 2)) \(sizing.stakeCurrency) each\(sum)"
        }
    }

    private var limits: [(String, String)] {
        let risk = configuration.risk ?? RiskLimits()
        let currency = configuration.sizing.stakeCurrency
        var result = [
            ("a day", "trading stops after a loss of \(Format.percent(risk.maxDailyLoss)) of the account within a UTC day"),
            ("in all", "trading stops at \(Format.percent(risk.maxDrawdown)) below the account's highest equity"),
            ("a position", "may lose \(Format.percent(risk.maxPositionRisk)) of the account until its stop"),
            (
                "positions",
                "may be worth \(Format.percent(risk.maxTotalExposure)) of the account together, leverage \(Format.value(risk.maxLeverage, 2))"
            ), ("losses", "trading stops after \(risk.maxConsecutiveLosses) in a row"),
        ]
        let values = [("an order", risk.maxOrderValue), ("a pair", risk.maxPositionValue)]
        result += values.compactMap { name, value in value.map { (name, "at most \(Format.value($0, 2)) \(currency)") } }
        switch risk.sizing {
        case .fixed: break
        case .kelly: result.append(("an entry", "no more than Kelly's formula says of this job's closed trades"))
        case .volatility(let target):
            result.append(("an entry", "no more than moves the account by \(Format.percent(target)) in a usual candle"))
        }
        return result
    }

    /// One line each.
    var text: String {
        let pairs = configuration.exchange.pairs.map(\.description)
        let shown = pairs.prefix(8).joined(separator: ", ") + (pairs.count > 8 ? " and \(pairs.count - 8) more" : "")
        let head = [
            (
                "venue",
                "\(configuration.exchange.name)\(configuration.exchange.name.hasPrefix("paper-") ? " (a paper venue: no real money)" : "")"
            ),
            ("host", host), ("account", account + (configuration.account?.exclusive == true ? ", nobody else trades on it" : "")),
            ("strategy", "\(configuration.strategy), \(configuration.rules.timeframe)"), ("pairs", shown), ("at risk", stakes),
        ]
        return (head + limits).map { "\($0.0.padded(to: 12))\($0.1)" }.joined(separator: "\n")
    }

    /// The same with documented keys.
    struct Event: Encodable, Equatable {
        var event = "risk"
        var venue: String
        var host: String?
        var account: String
        var strategy: String
        var pairs: [String]
        var stake_currency: String
        /// Null: the whole balance.
        var stake_amount: Double?
        var max_open_trades: Int?
        var max_daily_loss: Double
        var max_drawdown: Double
        var max_position_risk: Double
        var max_total_exposure: Double
    }

    var event: Event {
        var amount: Double?
        if case .fixed(let value) = configuration.sizing.stakeAmount { amount = value }
        let risk = configuration.risk ?? RiskLimits()
        return Event(
            venue: configuration.exchange.name, host: venue?.address.rest.host, account: account,
            strategy: configuration.strategy,
            pairs: configuration.exchange.pairs.map(\.description), stake_currency: configuration.sizing.stakeCurrency,
            stake_amount: amount, max_open_trades: configuration.sizing.maxOpenTrades, max_daily_loss: risk.maxDailyLoss,
            max_drawdown: risk.maxDrawdown, max_position_risk: risk.maxPositionRisk, max_total_exposure: risk.maxTotalExposure)
    }
}
