package import Backtesting
package import Configuration
internal import Trading

extension BacktestSettings {
    /// The engine's settings for a configuration: the object that was validated, in the engine's own terms.
    package init(_ configuration: EffectiveConfiguration) {
        self.init(rules: configuration.rules)
        let sizing = configuration.sizing
        maxOpenTrades = sizing.maxOpenTrades
        stakeCurrency = sizing.stakeCurrency
        stakeAmount = sizing.stakeAmount
        dryRunWallet = sizing.wallet
        tradableBalanceRatio = sizing.tradableBalanceRatio
        availableCapital = sizing.availableCapital
        amendLastStakeAmount = sizing.amendLastStakeAmount
        lastStakeAmountMinRatio = sizing.lastStakeAmountMinRatio
        amountReservePercent = sizing.amountReservePercent
        fee = sizing.fee
        let orders = configuration.orders
        entryOrderType = orders.entry == .market ? .market : .limit
        exitOrderType = orders.exit == .market ? .market : .limit
        unfilledTimeout.entry = Self.milliseconds(orders.entryTimeout)
        unfilledTimeout.exit = Self.milliseconds(orders.exitTimeout)
    }

    /// Seconds as milliseconds; "never" is longer than any data.
    private static func milliseconds(_ seconds: Int64?) -> Int64 {
        guard let seconds else { return .max / 4 }
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max / 4 : min(product, .max / 4)
    }
}
