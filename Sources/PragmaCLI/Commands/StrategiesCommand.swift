internal import ArgumentParser
internal import Configuration
internal import Fleet
internal import Market
internal import Strategies

/// `pragma strategies`.
struct StrategiesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "strategies",
        abstract: "Lists the strategies of this executable with their parameters.",
        discussion: """
            Example: pragma strategies

            JSON keys: strategies (name, timeframe, startup_candle_count, stoploss, can_short, parameters (name, kind, \
            default, minimum, maximum, step, options, space)).
            """)

    @OptionGroup var output: OutputOptions

    func run() throws {
        let registry = try PragmaCLI.registry
        let types = try FleetError.mapping { try registry.names.map { try registry.strategy(named: $0) } }
        if output.json { Terminal.json(StrategyList.value(types)) } else { Terminal.line(StrategyList.text(types)) }
    }
}

/// Strategies as a table and as JSON.
enum StrategyList {
    static func text(_ types: [any Strategy.Type]) -> String {
        var table = TextTable([
            .left("strategy"), .left("timeframe"), .left("parameter"), .left("kind"), .right("default"), .left("allowed"),
            .right("step"), .left("space"),
        ])
        for type in types {
            let head = [type.name, type.rules.timeframe.description]
            if type.parameters.isEmpty { table.add(head) }
            for (index, parameter) in type.parameters.enumerated() {
                let figures = Figures(parameter)
                table.add(
                    (index == 0 ? head : ["", ""]) + [
                        parameter.name, figures.kind, parameter.defaultValue.description, figures.allowed, figures.step ?? "",
                        parameter.space.description,
                    ])
            }
        }
        return table.text
    }

    static func value(_ types: [any Strategy.Type]) -> ConfigValue {
        let list = types.map { type in
            JSON.object([
                "name": JSON.text(type.name), "timeframe": JSON.text(type.rules.timeframe.description),
                "startup_candle_count": JSON.integer(type.rules.startupCandleCount),
                "stoploss": JSON.number(type.rules.stoploss), "can_short": JSON.flag(type.rules.canShort),
                "parameters": JSON.list(type.parameters.map { value($0) }),
            ])
        }
        return JSON.object(["strategies": JSON.list(list)])
    }

    private static func value(_ parameter: Parameter) -> ConfigValue {
        var members: ConfigValue.Object = [
            "name": JSON.text(parameter.name), "kind": JSON.text(Figures(parameter).kind),
            "default": value(parameter.defaultValue), "space": JSON.text(parameter.space.description),
        ]
        switch parameter.kind {
        case .integer(let range, let step):
            members["minimum"] = JSON.integer(range.lowerBound)
            members["maximum"] = JSON.integer(range.upperBound)
            members["step"] = JSON.integer(step)
        case .decimal(let range, let step):
            members["minimum"] = JSON.number(range.lowerBound)
            members["maximum"] = JSON.number(range.upperBound)
            members["step"] = JSON.number(step)
        case .categorical(let options): members["options"] = JSON.list(options)
        case .boolean: break
        }
        return JSON.object(members)
    }

    private static func value(_ value: ParameterValue) -> ConfigValue {
        switch value {
        case .integer(let number): JSON.integer(number)
        case .decimal(let number): JSON.number(number)
        case .boolean(let flag): JSON.flag(flag)
        case .text(let text): JSON.text(text)
        }
    }

    /// What a parameter may be, in words.
    private struct Figures {
        let kind: String
        let allowed: String
        let step: String?

        init(_ parameter: Parameter) {
            switch parameter.kind {
            case .integer(let range, let width):
                (kind, allowed, step) = ("integer", "\(range.lowerBound) to \(range.upperBound)", String(width))
            case .decimal(let range, let width):
                (kind, allowed, step) = ("decimal", "\(range.lowerBound) to \(range.upperBound)", String(width))
            case .categorical(let options): (kind, allowed, step) = ("categorical", options.joined(separator: ", "), nil)
            case .boolean: (kind, allowed, step) = ("boolean", "true, false", nil)
            }
        }
    }
}
