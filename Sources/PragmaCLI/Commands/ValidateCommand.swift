internal import ArgumentParser
internal import Configuration
internal import Fleet
internal import Market
internal import Strategies

/// `pragma validate -c FILE`.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Names every problem of a configuration at once, each with key, value and remedy.",
        discussion: """
            Example: pragma validate -c configs/backtest.json

            JSON keys: ok, errors, warnings, problems (severity, code, place, key, value, problem, remedy), configuration \
            (strategy, mode, pairs, timeframe, timerange; null where there are errors). Exit code 0 where it can be used, with \
            or without warnings, 2 where it cannot.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(
        name: .long,
        help: ArgumentHelp("What it is to be used for: backtest, dry-run or live; else what it says itself.", valueName: "mode"))
    var mode: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let purpose = try mode.map(Self.purpose)
        let (configuration, problems) = EffectiveConfiguration.check(
            files: options.config, environment: ConfigurationOptions.environment, overrides: options.overrides,
            registry: try PragmaCLI.registry, purpose: purpose)
        let report = ProblemReport(configuration: configuration, problems: problems, files: options.config)
        if output.json { Terminal.json(report.value) } else { Terminal.line(report.text) }
        if report.hasErrors { throw ExitCode(FleetError.Code.input.rawValue) }
    }

    private static func purpose(_ text: String) throws(FleetError) -> ExecutionMode {
        guard let mode = ExecutionMode(text: text) else {
            let known = ExecutionMode.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw FleetError(.input, "--mode is '\(text)', it must be one of \(known)")
        }
        return mode
    }
}

/// What a check of a configuration found.
struct ProblemReport {
    let configuration: EffectiveConfiguration?
    let problems: [ConfigurationProblem]
    let files: [String]

    var hasErrors: Bool { configuration == nil || count(.error) > 0 }

    private func count(_ severity: ConfigurationProblem.Severity) -> Int { problems.count { $0.severity == severity } }

    /// Two lines a problem: what it is about, then what is wrong and what to do; the sum at the end.
    var text: String {
        var lines: [String] = []
        for problem in problems {
            let subject = [problem.location.description, problem.key, problem.value ?? ""].filter { !$0.isEmpty }
            lines.append("\(problem.severity.rawValue.padded(to: 8)) \(subject.joined(separator: "  "))")
            lines.append("         \(problem.problem); \(problem.remedy)  [\(problem.code)]")
        }
        if !lines.isEmpty { lines.append("") }
        let counts = [Format.count(count(.error), "error"), Format.count(count(.warning), "warning")].joined(separator: ", ")
        lines.append("\(files.joined(separator: ", ")): \(hasErrors ? "cannot be used: " : "fine: ")\(counts)")
        if !hasErrors, let configuration { lines.append(Self.summary(configuration)) }
        return lines.joined(separator: "\n")
    }

    private static func summary(_ configuration: EffectiveConfiguration) -> String {
        let range = configuration.timerange == .all ? "all candles" : configuration.timerange.text
        return "\(configuration.mode.rawValue) of \(configuration.strategy) on "
            + "\(Format.count(configuration.exchange.pairs.count, "pair")) of \(configuration.exchange.name), "
            + "\(configuration.rules.timeframe), \(range)"
    }

    var value: ConfigValue {
        let list = problems.map { problem in
            JSON.object([
                "severity": JSON.text(problem.severity.rawValue), "code": JSON.text(problem.code.rawValue),
                "place": JSON.text(problem.location.description), "key": JSON.text(problem.key),
                "value": JSON.text(problem.value), "problem": JSON.text(problem.problem), "remedy": JSON.text(problem.remedy),
            ])
        }
        return JSON.object([
            "ok": JSON.flag(!hasErrors), "errors": JSON.integer(count(.error)), "warnings": JSON.integer(count(.warning)),
            "problems": JSON.list(list), "configuration": hasErrors ? JSON.null : configuration.map(Self.value) ?? JSON.null,
        ])
    }

    private static func value(_ configuration: EffectiveConfiguration) -> ConfigValue {
        JSON.object([
            "strategy": JSON.text(configuration.strategy), "mode": JSON.text(configuration.mode.rawValue),
            "exchange": JSON.text(configuration.exchange.name),
            "pairs": JSON.list(configuration.exchange.pairs.map { $0.description }),
            "timeframe": JSON.text(configuration.rules.timeframe.description),
            "timerange": JSON.text(configuration.timerange.text),
        ])
    }
}

extension String {
    /// This text with blanks at its end up to `width` characters.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
