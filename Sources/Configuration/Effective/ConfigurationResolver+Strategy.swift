import Market
import Strategies

/// Strategy, parameters and the rules that a configuration changes.
extension ConfigurationResolver {
    /// A strategy that was found.
    struct ResolvedStrategy {
        var name: String
        var type: any Strategy.Type
        var values: ParameterValues
    }

    static let shortProblem = "trades short, and only spot trading is supported yet"

    static let timeframeProblem = "is longer than 10,000 minutes, which only 1w may be"
    static let timeframeRemedy = "write 1m, 5m, 15m, 1h, 4h, 1d or 1w"

    func resolveStrategy() -> ResolvedStrategy? {
        guard !isSweepBase else { return nil }
        guard root.member("strategy") != nil else {
            root.addMissing(
                "strategy", remedy: "name one with \"strategy\" or --strategy: \(registry.names.joined(separator: ", "))")
            return nil
        }
        guard let name = root.nonEmpty("strategy") else { return nil }
        do throws(StrategyRegistryError) {
            let type = try registry.strategy(named: name)
            return ResolvedStrategy(name: name, type: type, values: resolveParameters(of: type))
        } catch {
            let nearest = NearestName.find(name, among: registry.names).map { "did you mean \"\($0)\"? " } ?? ""
            root.add(
                .unknownStrategy, "strategy", "there is no such strategy",
                remedy: nearest + "known are \(registry.names.joined(separator: ", "))")
            return nil
        }
    }

    private func resolveParameters(of type: any Strategy.Type) -> ParameterValues {
        var values = ParameterValues(defaultsOf: type.parameters)
        if let section = root.section("strategy_parameters") {
            for name in section.names {
                guard let member = section.member(name), let value = Self.parameterValue(member) else {
                    section.add(.wrongType, name, "is no single value", remedy: "write a number, a text, true or false")
                    continue
                }
                set(name, to: value, in: &values, of: type, at: member.location, key: section.key(name))
            }
        }
        for text in parameterTexts {
            let place = SourceLocation(.commandLine("--set"))
            do throws(ParameterError) {
                let (name, value) = try ParameterValues.assignment(text)
                set(name, to: value, in: &values, of: type, at: place, key: name)
            } catch {
                collector.add(.error, .invalidParameter, at: place, key: "", error.description, remedy: "write --set name=value")
            }
        }
        return values
    }

    private func set(
        _ name: String, to value: ParameterValue, in values: inout ParameterValues, of type: any Strategy.Type,
        at location: SourceLocation, key: String
    ) {
        do throws(ParameterError) {
            try values.set(name, to: value, of: type.parameters)
        } catch {
            let known = type.parameters.map(\.name)
            let isUnknown = error.code == .unknownParameter
            collector.add(
                .error, isUnknown ? .unknownParameter : .invalidParameter, at: location, key: SecretKeys.shortened(key),
                error.description,
                remedy: known.isEmpty ? "\(type.name) has no parameters" : "\(type.name) has \(known.joined(separator: ", "))")
        }
    }

    static func parameterValue(_ value: ConfigValue) -> ParameterValue? {
        switch value.kind {
        case .number(let number): number.integer.flatMap(Int.init(exactly:)).map(ParameterValue.integer) ?? .decimal(number.value)
        case .boolean(let flag): .boolean(flag)
        case .string(let text): .text(text)
        default: nil
        }
    }

    func resolveRuleOverrides() -> RuleOverrides {
        var result = RuleOverrides()
        if let text = root.string("timeframe") {
            result.timeframe = resolveTimeframe(text)
        }
        result.minimalROI = resolveROI()
        result.stoploss = resolveStoploss()
        result.trailingStop = root.boolean("trailing_stop")
        result.trailingStopPositive = root.number("trailing_stop_positive", in: 0...1)
        result.trailingStopPositiveOffset = root.number("trailing_stop_positive_offset", in: 0...1)
        result.trailingOnlyOffsetIsReached = root.boolean("trailing_only_offset_is_reached")
        result.useExitSignal = root.boolean("use_exit_signal")
        result.exitProfitOnly = root.boolean("exit_profit_only")
        result.exitProfitOffset = root.number("exit_profit_offset")
        result.ignoreROIIfEntrySignal = root.boolean("ignore_roi_if_entry_signal")
        result.startupCandleCount = root.integer("startup_candle_count", in: 0...100_000)
        return result
    }

    private func resolveTimeframe(_ text: String) -> Timeframe? {
        guard let timeframe = Timeframe(text) else {
            root.add(.timeframe, "timeframe", "is no timeframe", remedy: Self.timeframeRemedy)
            return nil
        }
        guard timeframe.isTradable else {
            root.add(.timeframe, "timeframe", Self.timeframeProblem, remedy: Self.timeframeRemedy)
            return nil
        }
        return timeframe
    }

    private func resolveStoploss() -> Double? {
        guard let stoploss = root.number("stoploss") else { return nil }
        if stoploss >= 0 {
            root.add(.stoplossSign, "stoploss", "is not negative", remedy: "write the loss as a negative ratio: -0.05 is 5 %")
            return nil
        }
        if stoploss < -1 {
            root.add(
                .stoplossSign, "stoploss", "is a loss of more than 100 %, which a trade without leverage cannot make",
                remedy: "write a ratio: -0.05 is 5 %")
            return nil
        }
        return stoploss
    }

    private func resolveROI() -> [Int: Double]? {
        guard let section = root.section("minimal_roi") else { return nil }
        var table: [Int: Double] = [:]
        for name in section.names {
            guard let minutes = Int(name), minutes >= 0, minutes <= 100_000_000 else {
                section.add(.roiTable, name, "is no number of minutes", remedy: "write minutes as text: \"60\": 0.01")
                continue
            }
            guard section.member(name) != nil else {
                section.add(.roiTable, name, "has no profit", remedy: "write a ratio, 0.01 for 1 %, or -1 to close at any profit")
                continue
            }
            guard let profit = section.number(name) else { continue }
            if table.updateValue(profit, forKey: minutes) != nil {
                section.add(.roiTable, name, "stands twice for the same minutes", remedy: "keep one of them")
            }
        }
        return table
    }

    /// The rules of the run; nil where the strategy or the timeframe is not known.
    func resolveRules(_ strategy: ResolvedStrategy?, _ overrides: RuleOverrides) -> StrategyRules? {
        if let strategy {
            let rules = overrides.applied(to: strategy.type.init(values: strategy.values).rules)
            checkTrailing(rules)
            if !rules.timeframe.isTradable {
                root.add(.timeframe, "timeframe", Self.timeframeProblem, remedy: Self.timeframeRemedy)
            }
            if rules.canShort {
                root.add(.unsupported, "strategy", Self.shortProblem, remedy: "choose a strategy without short trades")
            }
            return rules
        }
        if let timeframe = overrides.timeframe {
            let rules = overrides.applied(to: StrategyRules(timeframe: timeframe))
            // The strategies of a sweep bring the rules that these are laid over: they are checked with each of them.
            if !isSweepBase { checkTrailing(rules) }
            return rules
        }
        // The strategies of a sweep bring their own timeframe.
        if isSweepBase { return Timeframe("5m").map { overrides.applied(to: StrategyRules(timeframe: $0)) } }
        if root.member("timeframe") == nil {
            root.addMissing("timeframe", remedy: "write the length of the candles: \"timeframe\": \"5m\"")
        }
        return nil
    }

    private func checkTrailing(_ rules: StrategyRules) {
        for fault in TrailingFault.all(in: rules) { root.add(.trailing, fault.key, fault.problem, remedy: fault.remedy) }
    }
}
