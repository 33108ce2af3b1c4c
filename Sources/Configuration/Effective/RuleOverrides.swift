package import Market
package import Strategies

/// What a configuration says about things that a strategy's rules say too: the configuration wins, key by key.
package struct RuleOverrides: Hashable, Sendable {
    package var timeframe: Timeframe?
    /// Minutes since entry -> profit ratio; replaces the strategy's table as a whole.
    package var minimalROI: [Int: Double]?
    package var stoploss: Double?
    package var trailingStop: Bool?
    package var trailingStopPositive: Double?
    package var trailingStopPositiveOffset: Double?
    package var trailingOnlyOffsetIsReached: Bool?
    package var useExitSignal: Bool?
    package var exitProfitOnly: Bool?
    package var exitProfitOffset: Double?
    package var ignoreROIIfEntrySignal: Bool?
    package var startupCandleCount: Int?

    /// No overrides.
    package init() {}

    /// `rules` with these overrides.
    package func applied(to rules: StrategyRules) -> StrategyRules {
        var result = rules
        if let timeframe { result.timeframe = timeframe }
        if let minimalROI { result.minimalROI = minimalROI }
        if let stoploss { result.stoploss = stoploss }
        if let trailingStop { result.trailingStop = trailingStop }
        if let trailingStopPositive { result.trailingStopPositive = trailingStopPositive }
        if let trailingStopPositiveOffset { result.trailingStopPositiveOffset = trailingStopPositiveOffset }
        if let trailingOnlyOffsetIsReached { result.trailingOnlyOffsetIsReached = trailingOnlyOffsetIsReached }
        if let useExitSignal { result.useExitSignal = useExitSignal }
        if let exitProfitOnly { result.exitProfitOnly = exitProfitOnly }
        if let exitProfitOffset { result.exitProfitOffset = exitProfitOffset }
        if let ignoreROIIfEntrySignal { result.ignoreROIIfEntrySignal = ignoreROIIfEntrySignal }
        if let startupCandleCount { result.startupCandleCount = startupCandleCount }
        return result
    }

    /// The keys and values that read back as these overrides.
    var members: ConfigValue.Object {
        var result: ConfigValue.Object = [:]
        func set(_ name: String, _ number: Double?) { result[name] = number.map { ConfigValue(.number(ConfigNumber($0))) } }
        func set(_ name: String, _ flag: Bool?) { result[name] = flag.map { ConfigValue(.boolean($0)) } }
        result["timeframe"] = timeframe.map { ConfigValue(.string($0.description)) }
        result["minimal_roi"] = minimalROI.map { table in
            let rows = table.map { (String($0.key), ConfigValue(.number(ConfigNumber($0.value)))) }
            return ConfigValue(.object(Dictionary(uniqueKeysWithValues: rows)))
        }
        set("stoploss", stoploss)
        set("trailing_stop", trailingStop)
        set("trailing_stop_positive", trailingStopPositive)
        set("trailing_stop_positive_offset", trailingStopPositiveOffset)
        set("trailing_only_offset_is_reached", trailingOnlyOffsetIsReached)
        set("use_exit_signal", useExitSignal)
        set("exit_profit_only", exitProfitOnly)
        set("exit_profit_offset", exitProfitOffset)
        set("ignore_roi_if_entry_signal", ignoreROIIfEntrySignal)
        set("startup_candle_count", startupCandleCount.map(Double.init))
        return result
    }
}
