internal import Trading

/// Stakes, wallet and orders.
extension ConfigurationResolver {
    /// Balances and stakes beyond it lose their small digits, and beside small prices they overflow: `BacktestSettings` refuses them.
    static let largestAmount = 1e15

    func resolveSizing(mode: ExecutionMode) -> SizingSettings {
        if root.member("stake_currency") == nil {
            root.addMissing("stake_currency", remedy: "write the currency that trades are paid in: \"stake_currency\": \"USDT\"")
        }
        let currency = root.nonEmpty("stake_currency") ?? ""
        var result = SizingSettings(stakeCurrency: currency, stakeAmount: .unlimited, maxOpenTrades: resolveMaxOpenTrades())
        if let stake = resolveStake() {
            result.stakeAmount = stake
            checkOpenTrades(stake, maxOpenTrades: result.maxOpenTrades, mode: mode)
        }
        result.tradableBalanceRatio = root.number("tradable_balance_ratio", in: .leastNonzeroMagnitude...1) ?? 0.99
        result.availableCapital = root.number("available_capital", in: 0...Self.largestAmount)
        result.amendLastStakeAmount = root.boolean("amend_last_stake_amount") ?? false
        result.lastStakeAmountMinRatio = root.number("last_stake_amount_min_ratio", in: 0...1) ?? 0.5
        result.amountReservePercent = root.number("amount_reserve_percent", in: 0...0.5) ?? 0.05
        result.fee = root.number("fee", in: 0...0.1)
        result.wallet = resolveWallet(currency: currency) ?? 1000
        if mode != .live { checkStake(result) }
        return result
    }

    /// Warns of a stake that the first trade already cannot have: freqtrade then opens none.
    private func checkStake(_ sizing: SizingSettings) {
        guard case .fixed(let stake) = sizing.stakeAmount else { return }
        let capital = sizing.availableCapital ?? sizing.wallet * sizing.tradableBalanceRatio
        let available = min(capital, sizing.wallet)
        // A last trade may be smaller, down to a part of the stake.
        let needed = sizing.amendLastStakeAmount ? stake * sizing.lastStakeAmountMinRatio : stake
        guard needed > available else { return }
        let limit =
            available == sizing.wallet
            ? "dry_run_wallet" : sizing.availableCapital == nil ? "dry_run_wallet * tradable_balance_ratio" : "available_capital"
        root.add(
            .stakeOverWallet, "stake_amount",
            "is more than there is to trade with, so that no trade is opened: \(limit) is \(ConfigNumber(available).canonicalText)",
            remedy: "lower it or raise \(limit)", severity: .warning)
    }

    private func resolveStake() -> StakeAmount? {
        guard let member = root.member("stake_amount") else {
            root.addMissing("stake_amount", remedy: "write a number of stake currency or \"unlimited\"")
            return nil
        }
        switch member.kind {
        case .string("unlimited"): return .unlimited
        case .number: return root.number("stake_amount", in: 0.0001...Self.largestAmount).map(StakeAmount.fixed)
        default:
            root.add(
                .wrongType, "stake_amount", "is neither a number nor \"unlimited\"",
                remedy: "write a number of stake currency or \"unlimited\"")
            return nil
        }
    }

    /// Whole and at least -1; -1, 0 and infinity mean no limit.
    private func resolveMaxOpenTrades() -> Int? {
        if let number = root.member("max_open_trades")?.number?.value, number == .infinity { return nil }
        guard let count = root.integer("max_open_trades", in: -1...1_000_000) else { return nil }
        return count > 0 ? count : nil
    }

    private func checkOpenTrades(_ stake: StakeAmount, maxOpenTrades: Int?, mode: ExecutionMode) {
        guard maxOpenTrades == nil else { return }
        let isAbsent = root.member("max_open_trades") == nil
        // A wrong value has been reported already.
        let isUnlimited =
            isAbsent || root.member("max_open_trades")?.number.map { $0.value <= 0 || $0.value == .infinity } == true
        guard isUnlimited, mode != .live else { return }
        if stake == .unlimited {
            root.add(
                .unlimitedTwice, "max_open_trades",
                isAbsent ? "is missing, and stake_amount is \"unlimited\"" : "is unlimited, and so is stake_amount",
                remedy: "write a number of trades: \"max_open_trades\": 3")
        } else if isAbsent {
            root.add(
                .openTradesUnset, "max_open_trades", "is missing, so that any number of trades may be open",
                remedy: "write a number of trades, or -1 to say that this is meant", severity: .warning)
        }
    }

    /// The starting balance in stake currency.
    private func resolveWallet(currency: String) -> Double? {
        guard let member = root.member("dry_run_wallet") else { return nil }
        // A simulation without money has nothing to simulate; the balances of other currencies may be 0.
        let positive = Double.leastNonzeroMagnitude...Self.largestAmount
        guard member.object != nil else { return root.number("dry_run_wallet", in: positive) }
        guard let section = root.section("dry_run_wallet") else { return nil }
        let balances = section.names.compactMap { name in
            section.number(name, in: name == currency ? positive : 0...Self.largestAmount).map { (name, $0) }
        }
        if let balance = balances.first(where: { $0.0 == currency })?.1 { return balance }
        if !currency.isEmpty, section.member(currency) == nil {
            root.add(
                .walletCurrency, "dry_run_wallet", "holds nothing of the stake currency \(SecretKeys.shortened(currency))",
                remedy: "add an amount of it")
        }
        return nil
    }
}
