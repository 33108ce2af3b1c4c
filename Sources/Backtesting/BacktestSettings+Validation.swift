import Trading

extension BacktestSettings {
    /// Refuses settings that no backtest can run with, naming the key and what would do.
    package func validate() throws(BacktestError) {
        try require(tradingMode != .futures, "trading_mode", "futures", "use spot; funding and liquidation are not simulated")
        try require(!canShort || tradingMode != .spot, "can_short", "true", "spot trading has no short trades")
        try require(
            stoploss.isFinite && stoploss < 0 && stoploss >= -1, "stoploss", "\(stoploss)", "use a ratio from -1 to below 0")
        try requireAmount(dryRunWallet, "dry_run_wallet", "use an amount above 0 and up to 1e15")
        switch stakeAmount {
        case .fixed(let amount):
            try requireAmount(amount, "stake_amount", "use an amount above 0 and up to 1e15, or \"unlimited\"")
        case .unlimited:
            try require(maxOpenTrades != nil, "stake_amount", "unlimited", "it needs a limit of open trades (max_open_trades)")
        }
        try require(
            maxOpenTrades ?? 1 > 0, "max_open_trades", "\(maxOpenTrades ?? 0)", "use a number above 0, or none for no limit")
        try requireRatio(tradableBalanceRatio, "tradable_balance_ratio")
        try requireRatio(lastStakeAmountMinRatio, "last_stake_amount_min_ratio")
        try requireRatio(amountReservePercent, "amount_reserve_percent")
        try require(Self.isFee(fee ?? 0), "fee", "\(fee ?? 0)", "use a ratio above -0.1 (a rebate) and below 1")
        try require(
            abs(availableCapital ?? 0) <= Self.largestAmount, "available_capital", "\(availableCapital ?? 0)",
            "use a number up to 1e15")
        try require(startupCandleCount >= 0, "startup_candle_count", "\(startupCandleCount)", "use 0 or more")
        try require(
            unfilledTimeout.entry >= 0 && unfilledTimeout.exit >= 0, "unfilledtimeout", "below 0", "use 0 or more")
        try validateExits()
    }

    private func validateExits() throws(BacktestError) {
        for (minutes, ratio) in minimalROI.sorted(by: { $0.key < $1.key }) {
            try require(
                minutes >= 0 && ratio.isFinite, "minimal_roi", "\(minutes): \(ratio)", "use minutes from 0 and a profit ratio")
        }
        let positive = trailingStopPositive ?? 0
        try require(
            positive.isFinite && (0...1).contains(positive), "trailing_stop_positive", "\(positive)", "use a ratio from 0 to 1")
        try require(
            trailingStopPositiveOffset.isFinite, "trailing_stop_positive_offset", "\(trailingStopPositiveOffset)", "use a ratio")
        try require(exitProfitOffset.isFinite, "exit_profit_offset", "\(exitProfitOffset)", "use a ratio")
    }

    /// Whether it can be a fee, as a part of what is traded. Venues pay rebates, so that one may be below zero.
    static func isFee(_ ratio: Double) -> Bool { ratio > -0.1 && ratio < 1 }

    /// Balances and stakes beyond it lose their small digits, and beside small prices they overflow.
    private static let largestAmount = 1e15

    private func requireAmount(_ value: Double, _ key: String, _ remedy: String) throws(BacktestError) {
        try require(value > 0 && value <= Self.largestAmount, key, "\(value)", remedy)
    }

    private func requireRatio(_ value: Double, _ key: String) throws(BacktestError) {
        try require(value.isFinite && (0...1).contains(value), key, "\(value)", "use a ratio from 0 to 1")
    }

    private func require(_ holds: Bool, _ key: String, _ value: String, _ remedy: String) throws(BacktestError) {
        if !holds { throw .setting(key: key, value: value, remedy: remedy) }
    }
}
