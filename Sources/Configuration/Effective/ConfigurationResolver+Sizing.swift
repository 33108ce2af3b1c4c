internal import Trading

/// Stakes, wallet and orders.
extension ConfigurationResolver {
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
        result.availableCapital = root.number("available_capital", in: 0...Double.greatestFiniteMagnitude)
        result.amendLastStakeAmount = root.boolean("amend_last_stake_amount") ?? false
        result.lastStakeAmountMinRatio = root.number("last_stake_amount_min_ratio", in: 0...1) ?? 0.5
        result.amountReservePercent = root.number("amount_reserve_percent", in: 0...0.5) ?? 0.05
        result.fee = root.number("fee", in: 0...0.1)
        result.wallet = resolveWallet(currency: currency) ?? 1000
        if mode != .live, case .fixed(let stake) = result.stakeAmount, stake > result.wallet {
            root.add(
                .stakeOverWallet, "stake_amount", "is more than dry_run_wallet holds, so that no trade is opened",
                remedy: "lower it or raise dry_run_wallet", severity: .warning)
        }
        return result
    }

    private func resolveStake() -> StakeAmount? {
        guard let member = root.member("stake_amount") else {
            root.addMissing("stake_amount", remedy: "write a number of stake currency or \"unlimited\"")
            return nil
        }
        switch member.kind {
        case .string("unlimited"): return .unlimited
        case .number: return root.number("stake_amount", in: 0.0001...Double.greatestFiniteMagnitude).map(StakeAmount.fixed)
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
        let positive = Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude
        guard member.object != nil else { return root.number("dry_run_wallet", in: positive) }
        guard let section = root.section("dry_run_wallet") else { return nil }
        let balances = section.names.compactMap { name in
            section.number(name, in: name == currency ? positive : 0...Double.greatestFiniteMagnitude).map { (name, $0) }
        }
        if let balance = balances.first(where: { $0.0 == currency })?.1 { return balance }
        if !currency.isEmpty, section.member(currency) == nil {
            root.add(
                .walletCurrency, "dry_run_wallet", "holds nothing of the stake currency \(SecretKeys.shortened(currency))",
                remedy: "add an amount of it")
        }
        return nil
    }

    func resolveOrders() -> OrderSettings {
        var result = OrderSettings()
        if let section = root.section("unfilledtimeout") {
            section.reportUnknown(
                .warning, known: ["entry", "exit", "exit_timeout_count", "unit"], remedy: "entry and exit are the sides")
            let unit: Double = section.choice("unit", of: ["minutes", "seconds"]) == "seconds" ? 1 : 60
            let range = 1...1e9
            result.entryTimeout = section.number("entry", in: range).map { Int64(($0 * unit).rounded()) }
            result.exitTimeout = section.number("exit", in: range).map { Int64(($0 * unit).rounded()) }
            result.exitTimeoutCount = section.integer("exit_timeout_count", in: 0...1_000_000) ?? 0
        }
        if let section = root.section("order_types") {
            let kinds = OrderSettings.Kind.allCases.map(\.rawValue)
            result.entry = section.choice("entry", of: kinds).flatMap(OrderSettings.Kind.init) ?? .limit
            result.exit = section.choice("exit", of: kinds).flatMap(OrderSettings.Kind.init) ?? .limit
            checkMarketSide(result.entry, "entry_pricing", allowed: ["ask", "other"])
            checkMarketSide(result.exit, "exit_pricing", allowed: ["bid", "other"])
        }
        return result
    }

    /// A market order takes the other side of the book, and freqtrade wants the file to say so.
    private func checkMarketSide(_ kind: OrderSettings.Kind, _ name: String, allowed: [String]) {
        guard kind == .market else { return }
        let section = root.section(name) ?? empty(name)
        let side = section.choice("price_side", of: ["ask", "bid", "same", "other"]) ?? "same"
        guard !allowed.contains(side) else { return }
        section.add(
            .conflict, "price_side", "market orders take the other side of the book", remedy: "write \"price_side\": \"other\"")
    }

    private func empty(_ name: String) -> SectionReader {
        SectionReader(ConfigValue(.object([:]), at: root.value.location), path: root.key(name), collector: collector)
    }
}
