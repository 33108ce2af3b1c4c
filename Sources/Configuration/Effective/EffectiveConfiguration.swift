package import Market
package import Strategies
package import Trading

/// What a job runs with: every setting typed, checked and filled in. Made by `EffectiveConfiguration.resolve`, never by hand.
///
/// The object that was validated is the object that runs: `canonical` is its one byte form without secrets, which is hashed,
/// sent and resolved again at the worker to the same value.
package struct EffectiveConfiguration: Sendable {
    /// What kind of job this is.
    package var mode: ExecutionMode
    /// The name of the strategy; empty only for the base of a sweep.
    package var strategy: String
    /// A value for each parameter of the strategy.
    package var parameters: ParameterValues
    /// The strategy's rules that the configuration changes.
    package var ruleOverrides: RuleOverrides
    /// The rules the run uses: those of the strategy with these parameters, with `ruleOverrides` instead where it says so.
    package var rules: StrategyRules
    /// The part of the time axis a backtest covers.
    package var timerange: TimeRange
    /// The exchange and its pairs.
    package var exchange: ExchangeSettings
    /// How much is bought.
    package var sizing: SizingSettings
    /// How orders are placed and given up.
    package var orders: OrderSettings
    /// Mode, monitoring and confirmations.
    package var execution: ExecutionSettings
    /// The account that a live job trades; nil elsewhere.
    package var account: AccountSettings?
    /// Risk limits; always there in live mode.
    package var risk: RiskLimits?
    /// The folder with the candles that the configuration names; nil: that of the fleet. Not part of the canonical form.
    package var dataFolder: String?
    /// Everything that goes with the job, without secrets and without what only concerns the user's machine.
    package var canonical: ConfigValue
    /// What the user should know though the configuration is fine.
    package var warnings: [ConfigurationProblem]

    /// Sorted, compact JSON of `canonical`: what is hashed and sent.
    package var canonicalBytes: [UInt8] { canonical.canonicalBytes }
}

/// The seed's three modes with their wire texts.
package enum ExecutionMode: String, Sendable, CaseIterable {
    /// Past candles.
    case backtest
    /// Candles of today, simulated orders.
    case dryRun = "dry-run"
    /// Orders at a venue.
    case live

    /// Reads a mode; `simulated` is the seed's other word for dry-run.
    package init?(text: String) {
        if text == "simulated" { self = .dryRun } else { self.init(rawValue: text) }
    }
}

/// The exchange and its pairs.
package struct ExchangeSettings: Hashable, Sendable {
    /// freqtrade's name of the exchange: `binance`.
    package var name: String
    /// The pairs to trade in the order of the whitelist, without those of the blacklist.
    package var pairs: [Pair]
    /// What the blacklist keeps out, for pairs that a farm names itself. It has done its work once `pairs` are known: it is no
    /// part of the canonical form, and of what makes two settings the same.
    var blacklist: [PairPattern] = []

    package static func == (a: ExchangeSettings, b: ExchangeSettings) -> Bool { a.name == b.name && a.pairs == b.pairs }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(pairs)
    }
}

/// How much is bought; keys and defaults are freqtrade's.
package struct SizingSettings: Hashable, Sendable {
    /// The currency in which trades are paid.
    package var stakeCurrency: String
    /// The size of a trade.
    package var stakeAmount: StakeAmount
    /// How many trades may be open at once; nil: any number.
    package var maxOpenTrades: Int?
    /// The part of the balance that is traded with, 0...1.
    package var tradableBalanceRatio = 0.99
    /// The capital to start with instead of the balance.
    package var availableCapital: Double?
    /// Whether a last trade may be smaller where the balance does not suffice.
    package var amendLastStakeAmount = false
    /// The smallest part of a stake for such a last trade.
    package var lastStakeAmountMinRatio = 0.5
    /// What is added to the exchange's minimum stake, 0...0.5.
    package var amountReservePercent = 0.05
    /// The balance in stake currency that a simulation starts with.
    package var wallet: Double = 1000
    /// The fee of both sides as a ratio; nil: the exchange's.
    package var fee: Double?
}

/// The seed's `execution` section.
package struct ExecutionSettings: Hashable, Sendable {
    /// The additional checks before the start; always on in live mode.
    package var safetyChecks = true
    /// Whether health and metrics are published.
    package var monitoring = true
    /// Whether alerts are raised.
    package var alerts = false
    /// The file's part of the confirmation for live trading.
    package var confirmLive = false
    /// Whether the safety phrase was given and is right.
    package var phraseIsRight = false
}

/// The account that a live job trades.
package struct AccountSettings: Hashable, Sendable {
    /// The name under which the worker has its credentials.
    package var name: String
    /// Whether nobody else trades this account.
    package var exclusive: Bool
    /// What the venue's dead-man timer cancels of a worker that died, where it has one and the account is exclusive.
    package var deadMan: DeadMan

    package enum DeadMan: String, Hashable, Sendable, CaseIterable {
        /// Entries and exits; protective stops stay.
        case entries
        /// Everything.
        case all
        /// The timer is not used.
        case off
    }
}
