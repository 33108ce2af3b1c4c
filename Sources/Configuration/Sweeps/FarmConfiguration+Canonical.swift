import Market
import Research
package import Strategies

/// The form of a farm that is stored, hashed and sent with every slice.
extension FarmConfiguration {
    /// The base configuration without secrets and the sweep with everything filled in. What is only for display is left out.
    package var canonical: ConfigValue {
        var sweepValue: ConfigValue.Object = [
            "strategies": list(sweep.strategies.map(value)),
            "pairs": list(sweep.pairSets.map { list($0.map { text($0.description) }) }),
            "timeranges": list(sweep.timeranges.map { text($0 == .all ? "" : $0.text) }),
            "rank": text(metric.rawValue),
            "slice": ConfigValue(.number(ConfigNumber(Int64(sliceSize)))),
        ]
        if let sample = sweep.sample {
            sweepValue["sample"] = ConfigValue(
                .object([
                    "count": ConfigValue(.number(ConfigNumber(Int64(sample.count)))),
                    "seed": ConfigValue(.number(ConfigNumber(Int64(sample.seed)))),
                ]))
        }
        return ConfigValue(.object(["configuration": base.canonical, "sweep": ConfigValue(.object(sweepValue))]))
    }

    /// Sorted, compact JSON of `canonical`: what is hashed and sent.
    package var canonicalBytes: [UInt8] { canonical.canonicalBytes }

    /// Reads the canonical form. The result has the same combinations.
    ///
    /// - Throws: `ConfigurationError` where the bytes are no such form: any bytes give one or the other.
    package static func decode(
        canonical bytes: [UInt8], registry: StrategyRegistry
    ) throws(ConfigurationError) -> FarmConfiguration {
        let collector = ProblemCollector()
        do throws(JSONReader.SyntaxError) {
            let value = try JSONReader.read(bytes, origin: .none, options: .strict).value
            let root = SectionReader(value, collector: collector)
            for name in ["configuration", "sweep"] where root.member(name) == nil {
                root.addMissing(name, remedy: "submit the sweep again")
            }
            if let configuration = root.section("configuration"), let sweep = root.section("sweep") {
                let resolver = ConfigurationResolver(
                    root: configuration, registry: registry, purpose: .backtest, isSweepBase: true, parameterTexts: [])
                let base = resolver.resolve()
                let reader = FarmReader(
                    root: SectionReader(sweep.value, collector: collector), registry: registry, base: base,
                    hasOwnTimerange: false)
                if let farm = reader.read() { return farm }
            }
        } catch {
            collector.add(.error, .syntax, at: error.location, key: "", error.problem, remedy: "submit the sweep again")
        }
        throw ConfigurationError(problems: collector.sorted)
    }

    private func value(_ strategy: SweepStrategy) -> ConfigValue {
        var parameters = ConfigValue.parameters(strategy.fixed).object ?? [:]
        for axis in strategy.axes { parameters[axis.name] = value(axis) }
        return ConfigValue(.object(["name": text(strategy.name), "parameters": ConfigValue(.object(parameters))]))
    }

    private func value(_ axis: SweepAxis) -> ConfigValue {
        if case .grid(let parameter) = axis.values {
            switch parameter.kind {
            case .integer(let range, let step):
                let numbers = [range.lowerBound, range.upperBound, step].map { ConfigNumber(Int64($0)) }
                return self.range(numbers[0], numbers[1], numbers[2])
            case .decimal(let range, let step):
                return self.range(ConfigNumber(range.lowerBound), ConfigNumber(range.upperBound), ConfigNumber(step))
            default: break
            }
        }
        return list((0..<axis.count).map { ConfigValue.parameter(axis.value(at: $0)) })
    }

    private func range(_ lower: ConfigNumber, _ upper: ConfigNumber, _ step: ConfigNumber) -> ConfigValue {
        let members = ["from": lower, "to": upper, "step": step]
        return ConfigValue(.object(members.mapValues { ConfigValue(.number($0)) }))
    }

    private func list(_ elements: [ConfigValue]) -> ConfigValue { ConfigValue(.array(elements)) }
    private func text(_ text: String) -> ConfigValue { ConfigValue(.string(text)) }
}
