package import Research
package import Strategies

/// A farm file: a sweep over strategies, parameters, pairs and time ranges on top of one job configuration.
///
/// ```yaml
/// config: backtest.json
/// strategies:
///   - name: EmaCross
///     parameters:
///       fast: [8, 12, 16]
///       slow: {from: 20, to: 60, step: 4}
/// sample: {count: 500, seed: 1}
/// pairs: each
/// timeranges: [20240101-20240201, 20240201-20240301]
/// rank: profit_total
/// ```
package struct FarmConfiguration: Sendable {
    /// What all backtests have in common; its strategy is empty.
    package var base: EffectiveConfiguration
    /// The combinations.
    package var sweep: SweepDefinition
    /// What the leaderboard is ranked by.
    package var metric: SweepMetric
    /// How many combinations make one job.
    package var sliceSize: UInt64
    /// How many rows the leaderboard shows.
    package var top: Int
    /// The strategies of the sweep by name.
    private var types: [String: any Strategy.Type]
    /// What the user should know.
    package var warnings: [ConfigurationProblem]

    init(
        base: EffectiveConfiguration, sweep: SweepDefinition, metric: SweepMetric, sliceSize: UInt64, top: Int,
        types: [String: any Strategy.Type], warnings: [ConfigurationProblem]
    ) {
        self.base = base
        self.sweep = sweep
        self.metric = metric
        self.sliceSize = sliceSize
        self.top = top
        self.types = types
        self.warnings = warnings
    }

    /// Reads a farm file and the configuration it names.
    ///
    /// - Parameters:
    ///   - overrides: the command line; `--timerange` replaces those of the file.
    /// - Throws: `ConfigurationError` with every problem of both.
    package static func load(
        path: String, environment: [String: String] = [:], overrides: CommandLineOverrides = CommandLineOverrides(),
        registry: StrategyRegistry, source: FileSource = .disk
    ) throws(ConfigurationError) -> FarmConfiguration {
        let collector = ProblemCollector()
        guard let tree = RoleFile.readFile(path, source: source, collector: collector) else {
            throw ConfigurationError(problems: collector.sorted)
        }
        let root = SectionReader(tree, collector: collector)
        var loader = ConfigurationLoader(source: source, collector: collector)
        let files = configFiles(root)
        let unread = collector.problems.count
        var base = loader.load(files: files, environment: environment, overrides: overrides)
        let isUnreadable = collector.problems.dropFirst(unread).contains {
            [.unreadable, .syntax, .notAnObject].contains($0.code)
        }
        // A strategy in the base is for single runs.
        for name in ["strategy", "strategy_parameters", "strategy_parameters_file"] { base.remove(at: [name]) }
        let resolver = ConfigurationResolver(
            root: SectionReader(isUnreadable || files.isEmpty ? .init(.object([:])) : base, collector: collector),
            registry: registry, purpose: .backtest, isSweepBase: true, parameterTexts: [])
        let effective = isUnreadable || files.isEmpty ? nil : resolver.resolve()
        let reader = FarmReader(root: root, registry: registry, base: effective, hasOwnTimerange: overrides.timerange != nil)
        if let farm = reader.read() { return farm }
        throw ConfigurationError(problems: collector.sorted)
    }

    private static func configFiles(_ root: SectionReader) -> [String] {
        guard let member = root.member("config") else {
            root.addMissing("config", remedy: "name the job configuration: config: backtest.json")
            return []
        }
        let folder = member.location.file.map(FilePaths.folder) ?? ""
        if member.array != nil { return (root.strings("config") ?? []).map { FilePaths.join(folder, $0.text) } }
        return root.nonEmpty("config").map { [FilePaths.join(folder, $0)] } ?? []
    }

    /// The configuration of one combination: `base` with its strategy, values, pairs and time range.
    ///
    /// Its `canonical` stays that of the base: a combination is addressed by the farm and its number. Traps for a combination
    /// of another sweep.
    package func configuration(of combination: SweepDefinition.Combination) -> EffectiveConfiguration {
        guard let type = types[combination.strategy] else { preconditionFailure("a combination of another sweep") }
        var result = base
        result.strategy = combination.strategy
        result.parameters = combination.values
        result.rules = base.ruleOverrides.applied(to: type.init(values: combination.values).rules)
        result.exchange.pairs = combination.pairs
        result.timerange = combination.timerange
        return result
    }

    /// The strategy of that name. Traps where the sweep has none of it.
    package func strategy(named name: String) -> any Strategy.Type {
        guard let type = types[name] else { preconditionFailure("a strategy of another sweep") }
        return type
    }
}
