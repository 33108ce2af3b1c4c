import Research
import Strategies

/// Strategies and the axes of their parameters.
extension FarmReader {
    func readStrategies(_ types: inout [String: any Strategy.Type]) -> [SweepStrategy] {
        guard let list = root.member("strategies") else {
            root.addMissing("strategies", remedy: "write a list: strategies: [{name: \(registry.names.first ?? "EmaCross")}]")
            return []
        }
        guard let elements = list.array, !elements.isEmpty else {
            root.add(.wrongType, "strategies", "is no list with elements", remedy: "write strategies: [{name: NAME}]")
            return []
        }
        return elements.enumerated().compactMap { index, element in
            strategy(element, key: ConfigPath.joined(root.key("strategies"), index), &types)
        }
    }

    private func strategy(
        _ value: ConfigValue, key: String, _ types: inout [String: any Strategy.Type]
    ) -> SweepStrategy? {
        // A bare name is a strategy with its defaults.
        let isName = value.string != nil
        let tree = isName ? ConfigValue(.object(["name": value]), at: value.location) : value
        guard tree.object != nil else {
            collector.add(.error, .wrongType, value, key: key, "is no strategy", remedy: "write {name: NAME, parameters: {...}}")
            return nil
        }
        let section = SectionReader(tree, path: key, collector: collector)
        section.reportUnknown(.error, known: ["name", "parameters"], remedy: "a strategy has name and parameters")
        if section.member("name") == nil { section.addMissing("name", remedy: "write the name of a strategy") }
        guard let name = section.nonEmpty("name") else { return nil }
        guard let type = try? registry.strategy(named: name) else {
            let nearest = NearestName.find(name, among: registry.names).map { "did you mean \"\($0)\"? " } ?? ""
            section.add(
                .unknownStrategy, "name", "there is no such strategy",
                remedy: nearest + "known are \(registry.names.joined(separator: ", "))")
            return nil
        }
        if type.rules.canShort {
            section.add(
                .unsupported, "name", ConfigurationResolver.shortProblem, remedy: "choose a strategy without short trades")
        }
        if types.updateValue(type, forKey: name) != nil {
            section.add(.conflict, "name", "is in the farm twice", remedy: "put all its values into one entry")
        }
        return sweepStrategy(type, name: name, section.section("parameters"))
    }

    private func sweepStrategy(_ type: any Strategy.Type, name: String, _ section: SectionReader?) -> SweepStrategy? {
        var fixed = ParameterValues(defaultsOf: type.parameters)
        var axes: [SweepAxis] = []
        for parameterName in section?.names ?? [] {
            guard let section, let value = section.member(parameterName) else { continue }
            guard let parameter = type.parameters.first(where: { $0.name == parameterName }) else {
                let known = type.parameters.map(\.name)
                let nearest = NearestName.find(parameterName, among: known).map { "did you mean \"\($0)\"? " } ?? ""
                section.add(
                    .unknownParameter, parameterName, "strategy \(name) has no such parameter",
                    remedy: nearest + "it has \(known.joined(separator: ", "))")
                continue
            }
            read(parameter, value, section, &fixed, of: type).map { axes.append($0) }
        }
        do throws(SweepError) {
            return try SweepStrategy(name: name, parameters: type.parameters, fixed: fixed, axes: axes)
        } catch {
            let location = section?.value.location ?? root.value.location
            collector.add(
                .error, error == .tooManyCombinations ? .sweepTooLarge : .invalidParameter, at: location,
                key: section?.path ?? "strategies", error.description, remedy: "take fewer values")
            return nil
        }
    }

    /// One parameter: a value, a list, `all`, or from/to/step. A single value goes to `fixed`.
    private func read(
        _ parameter: Parameter, _ value: ConfigValue, _ section: SectionReader, _ fixed: inout ParameterValues,
        of type: any Strategy.Type
    ) -> SweepAxis? {
        let key = section.key(parameter.name)
        switch value.kind {
        case .array(let elements): return axis(parameter, elements, value, key: key)
        case .object: return range(parameter, SectionReader(value, path: key, collector: collector))
        case .string("all"): return SweepAxis(grid: parameter)
        default:
            if let single = validated(value, parameter, key: key) {
                try? fixed.set(parameter.name, to: single, of: type.parameters)
            }
            return nil
        }
    }

    private func axis(_ parameter: Parameter, _ elements: [ConfigValue], _ value: ConfigValue, key: String) -> SweepAxis? {
        let values = elements.enumerated().compactMap { validated($1, parameter, key: ConfigPath.joined(key, $0)) }
        if elements.isEmpty {
            collector.add(.error, .sweepEmpty, value, key: key, "is an empty list", remedy: "write values, or remove the key")
        } else if values.count == elements.count, Set(values).count < values.count {
            collector.add(.error, .sweepRange, value, key: key, "has a value twice", remedy: "remove one of them")
        }
        return SweepAxis(name: parameter.name, list: values)
    }

    private func validated(_ value: ConfigValue, _ parameter: Parameter, key: String) -> ParameterValue? {
        guard let plain = ConfigurationResolver.parameterValue(value) else {
            collector.add(
                .error, .invalidParameter, value, key: key, "is no single value", remedy: "write \(parameter.allowed)")
            return nil
        }
        do throws(ParameterError) {
            return try parameter.validated(plain)
        } catch {
            collector.add(.error, .invalidParameter, value, key: key, error.description, remedy: "write \(parameter.allowed)")
            return nil
        }
    }

    // MARK: - from, to, step

    private func range(_ parameter: Parameter, _ section: SectionReader) -> SweepAxis? {
        section.reportUnknown(.error, known: ["from", "to", "step"], remedy: "a range has from, to and step")
        for name in ["from", "to"] where section.member(name) == nil {
            section.addMissing(name, remedy: "write {from: 8, to: 20, step: 4}")
        }
        switch parameter.kind {
        case .integer(let allowed, let step): return integers(parameter, section, allowed, step)
        case .decimal(let allowed, let step): return decimals(parameter, section, allowed, step)
        default:
            collector.add(
                .error, .sweepRange, section.value, key: section.path, "is a range, and the parameter is no number",
                remedy: "write a list of values, or all")
            return nil
        }
    }

    private func integers(
        _ parameter: Parameter, _ section: SectionReader, _ allowed: ClosedRange<Int>, _ declaredStep: Int
    ) -> SweepAxis? {
        let step = section.member("step") == nil ? declaredStep : section.integer("step", in: 1...Int.max)
        guard let lower = section.integer("from", in: allowed), let upper = section.integer("to", in: allowed), let step else {
            return nil
        }
        guard checkOrder(lower <= upper, section) else { return nil }
        return SweepAxis(grid: .integer(parameter.name, default: lower, in: lower...upper, step: step, space: parameter.space))
    }

    private func decimals(
        _ parameter: Parameter, _ section: SectionReader, _ allowed: ClosedRange<Double>, _ declaredStep: Double
    ) -> SweepAxis? {
        let positive = Double.leastNonzeroMagnitude...Double.greatestFiniteMagnitude
        let step = section.member("step") == nil ? declaredStep : section.number("step", in: positive)
        guard let lower = section.number("from", in: allowed), let upper = section.number("to", in: allowed), let step else {
            return nil
        }
        guard checkOrder(lower <= upper, section) else { return nil }
        guard (upper - lower) / step < 1e8 else {
            section.add(.sweepRange, "step", "is too small for the range", remedy: "write a larger step")
            return nil
        }
        return SweepAxis(grid: .decimal(parameter.name, default: lower, in: lower...upper, step: step, space: parameter.space))
    }

    private func checkOrder(_ isRight: Bool, _ section: SectionReader) -> Bool {
        if !isRight { section.add(.sweepRange, "to", "is less than from", remedy: "swap the two") }
        return isRight
    }
}
