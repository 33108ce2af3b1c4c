import Market
import Research
import Strategies

/// The rules that each strategy of a sweep comes to with what the configuration says.
extension FarmReader {
    /// How many combinations of a strategy's parameters are looked at. A larger sweep is looked at in steps; what lies between
    /// is found when it runs.
    private static let limit: UInt64 = 1000

    /// Adds a problem for every strategy whose rules freqtrade would refuse: one for the strategy, with the first combination
    /// of parameters that has it where rules depend on parameters.
    func checkRules(of sweep: SweepDefinition, base: EffectiveConfiguration, types: [String: any Strategy.Type]) {
        for (place, strategy) in sweep.strategies.enumerated() {
            guard let type = types[strategy.name] else { continue }
            let count = sweep.parameterCount(ofStrategy: place)
            let step = max(1, count / Self.limit)
            var known: StrategyRules?
            // Numbers of probes, not of combinations: these may end near the largest number there is.
            for probe in 0...(count - 1) / step {
                let values = sweep.parameters(at: probe * step, ofStrategy: place)
                let rules = base.ruleOverrides.applied(to: type.init(values: values).rules)
                // Most strategies have the same rules whatever their parameters.
                if rules == known { continue }
                known = rules
                let faults = problems(of: rules)
                guard !faults.isEmpty else { continue }
                for fault in faults { add(fault, place, count > 1 ? "\(strategy.name) with \(values)" : strategy.name) }
                break
            }
        }
    }

    private func problems(of rules: StrategyRules) -> [TrailingFault] {
        var result = TrailingFault.all(in: rules)
        if !rules.timeframe.isTradable {
            result.append(
                TrailingFault(
                    key: "timeframe", problem: "(\(rules.timeframe)) \(ConfigurationResolver.timeframeProblem)",
                    remedy: "\(ConfigurationResolver.timeframeRemedy) into the configuration"))
        }
        return result
    }

    private func add(_ fault: TrailingFault, _ place: Int, _ subject: String) {
        let key = ConfigPath.joined(root.key("strategies"), place)
        let element = root.member("strategies")?.array.flatMap { place < $0.count ? $0[place] : nil }
        collector.add(
            .error, fault.key == "timeframe" ? .timeframe : .trailing, at: element?.location ?? root.value.location, key: key,
            "\(subject): \(fault.key) \(fault.problem)", remedy: fault.remedy)
    }
}
