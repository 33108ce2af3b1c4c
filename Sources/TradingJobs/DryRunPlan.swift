package import Configuration
internal import Coordination
package import DryRun
package import Fleet
package import Market
internal import Money
package import Strategies
package import TradingLoop

/// What a dry-run does, made of its configuration.
package struct DryRunPlan: Sendable {
    package var job: JobPlan
    package var wallet: DryRunWallet
    package var rules: DryRunRules

    package var settings: TradingSettings { job.settings }
    package var strategy: any Strategy { job.strategy }
    package var strategyName: String { job.strategyName }
    package var pairs: [Pair] { job.pairs }
    package var exchange: String { job.exchange }
    package var timeframe: Timeframe { job.timeframe }
    package var usualFees: VenueFees? {
        get { job.usualFees }
        set { job.usualFees = newValue }
    }

    package init(_ configuration: EffectiveConfiguration, registry: StrategyRegistry) throws(JobFault) {
        job = try JobPlan(configuration, registry: registry)
        let sizing = configuration.sizing
        guard let start = Amount(decimal: sizing.wallet) else {
            throw JobFault(.badConfiguration, "dry_run_wallet: \(sizing.wallet) has too many digits: write fewer decimals")
        }
        do throws(DryRunWalletError) { wallet = try DryRunWallet([sizing.stakeCurrency: start]) } catch {
            throw JobFault(.badConfiguration, error.description)
        }
        rules = DryRunRules()
        if let fee = sizing.fee {
            guard let ratio = Amount(decimal: fee) else {
                throw JobFault(.badConfiguration, "fee: \(fee) has too many digits: write fewer decimals")
            }
            rules.fee = ratio
        }
    }
}

extension Amount {
    /// The shortest decimal text of a double, exactly; nil where that has more digits than an amount takes.
    init?(decimal value: Double) { self.init(value.description) }
}
