package import Market
internal import Trading

/// The one form of a configuration that travels and is hashed.
extension ConfigurationResolver {
    /// Keys that say where something is on the user's machine, or what has been worked into other keys.
    private static let consumed = [
        "$schema", "datadir", "user_data_dir", "strategy_path", "strategy_parameters_file", "recursive_strategy_search",
        "export", "exportfilename", "timerange",
    ]

    /// Everything that was given, without secrets, with every setting that has a type in its one spelling, defaults included.
    func canonical(of configuration: EffectiveConfiguration) -> ConfigValue {
        var result = root.value.strippedOfSecrets()
        for name in Self.consumed { result.remove(at: [name]) }
        result.remove(at: ["execution", "timerange"])
        result.remove(at: ["execution", "data_path"])
        result.remove(at: ["exchange", "pair_blacklist"])
        var typed = configuration.ruleOverrides.members
        typed.merge(members(of: configuration.sizing)) { $1 }
        if !configuration.strategy.isEmpty {
            typed["strategy"] = text(configuration.strategy)
            typed["strategy_parameters"] = parameters(of: configuration)
        }
        if configuration.timerange != .all { typed["timerange"] = text(configuration.timerange.text) }
        typed["dry_run"] = ConfigValue(.boolean(configuration.mode != .live))
        typed["risk"] = configuration.risk?.value
        for (name, value) in typed { result.set(value, at: [name]) }
        for name in ["minimal_roi", "trailing_stop_positive"] where typed[name] == nil { result.remove(at: [name]) }
        result.set(text(configuration.exchange.name), at: ["exchange", "name"])
        if !configuration.exchange.pairs.isEmpty || !isSweepBase {
            let pairs = configuration.exchange.pairs.map { text($0.description) }
            result.set(ConfigValue(.array(pairs)), at: ["exchange", "pair_whitelist"])
        }
        setExecution(configuration, in: &result)
        return result.withoutNulls
    }

    private func setExecution(_ configuration: EffectiveConfiguration, in result: inout ConfigValue) {
        let settings = configuration.execution
        result.set(text(configuration.mode.rawValue), at: ["execution", "mode"])
        let flags = [
            ("safety_checks", settings.safetyChecks), ("monitoring", settings.monitoring), ("alerts", settings.alerts),
            ("confirm_live", settings.confirmLive),
        ]
        for (name, flag) in flags { result.set(ConfigValue(.boolean(flag)), at: ["execution", name]) }
    }

    private func members(of sizing: SizingSettings) -> ConfigValue.Object {
        var result: ConfigValue.Object = [:]
        func set(_ name: String, _ number: Double?) { result[name] = number.map { ConfigValue(.number(ConfigNumber($0))) } }
        result["stake_currency"] = text(sizing.stakeCurrency)
        switch sizing.stakeAmount {
        case .unlimited: result["stake_amount"] = text("unlimited")
        case .fixed(let amount): set("stake_amount", amount)
        }
        set("max_open_trades", sizing.maxOpenTrades.map(Double.init) ?? -1)
        set("tradable_balance_ratio", sizing.tradableBalanceRatio)
        set("available_capital", sizing.availableCapital)
        result["amend_last_stake_amount"] = ConfigValue(.boolean(sizing.amendLastStakeAmount))
        set("last_stake_amount_min_ratio", sizing.lastStakeAmountMinRatio)
        set("amount_reserve_percent", sizing.amountReservePercent)
        set("dry_run_wallet", sizing.wallet)
        set("fee", sizing.fee)
        return result
    }

    private func parameters(of configuration: EffectiveConfiguration) -> ConfigValue {
        ConfigValue.parameters(configuration.parameters)
    }

    private func text(_ text: String) -> ConfigValue { ConfigValue(.string(text)) }
}

extension ConfigValue {
    /// A null is the same as nothing.
    var withoutNulls: ConfigValue {
        switch kind {
        case .object(let members):
            ConfigValue(.object(members.filter { !$0.value.isNull }.mapValues(\.withoutNulls)), at: location)
        case .array(let elements): ConfigValue(.array(elements.map(\.withoutNulls)), at: location)
        default: self
        }
    }
}

extension TimeRange {
    /// The range as freqtrade writes it, in whole seconds: `20240101-20240201T0630`, with open sides left empty.
    package var text: String { (start.map(Self.text) ?? "") + "-" + (stop.map(Self.text) ?? "") }

    private static func text(_ time: Timestamp) -> String {
        let digits = time.iso8601.prefix(19).filter { $0 != "-" && $0 != ":" }
        if digits.hasSuffix("T000000") { return String(digits.dropLast(7)) }
        return digits.hasSuffix("00") ? String(digits.dropLast(2)) : digits
    }
}
