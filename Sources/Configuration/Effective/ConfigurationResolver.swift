package import Strategies

/// Turns a merged tree into an `EffectiveConfiguration` and finds every problem on the way.
struct ConfigurationResolver {
    let root: SectionReader
    let registry: StrategyRegistry
    /// What asks: the command that is run; nil: the configuration decides.
    let purpose: ExecutionMode?
    /// Whether this is the base of a sweep, which names strategies, pairs and time ranges itself.
    let isSweepBase: Bool
    /// `--set name=value` of the command line.
    let parameterTexts: [String]

    var collector: ProblemCollector { root.collector }

    func resolve() -> EffectiveConfiguration? {
        reportNonFinite()
        root.reportUnknown(.warning, known: Self.knownKeys, remedy: "it is kept but nothing reads it")
        let execution = root.section("execution")
        let mode = resolveMode(execution)
        let strategy = resolveStrategy()
        let overrides = resolveRuleOverrides()
        let rules = resolveRules(strategy, overrides)
        let exchange = resolveExchange(mode: mode)
        let sizing = resolveSizing(mode: mode)
        checkPairQuotes(exchange, stakeCurrency: sizing.stakeCurrency)
        let timerange = resolveTimerange(execution)
        let orders = resolveOrders(mode: mode)
        let settings = resolveExecution(execution, mode: mode)
        checkFeatures(mode: mode)
        checkCredentials(mode: mode)
        let risk = root.section("risk").map(RiskLimits.init)
        let account = resolveAccount()
        if mode == .live { checkLive(settings, execution: execution, sizing: sizing, exchange: exchange, account: account) }
        guard !collector.hasErrors, let rules else { return nil }
        var result = EffectiveConfiguration(
            mode: mode, strategy: strategy?.name ?? "", parameters: strategy?.values ?? ParameterValues(defaultsOf: []),
            ruleOverrides: overrides, rules: rules, timerange: timerange, exchange: exchange, sizing: sizing, orders: orders,
            execution: settings, account: account, risk: risk, dataFolder: resolveDataFolder(execution),
            canonical: ConfigValue(.object([:])), warnings: collector.sorted)
        result.canonical = canonical(of: result)
        return result
    }

    /// Numbers that are none have no place in a configuration, but for `max_open_trades`.
    private func reportNonFinite() {
        for found in root.value.nonFiniteNumbers() where found.path != "max_open_trades" {
            collector.add(
                .error, .notFinite, found.value, key: found.path, "is not a finite number", remedy: "write a plain number")
        }
    }
}

extension EffectiveConfiguration {
    /// Reads, merges and checks a job configuration.
    ///
    /// - Parameters:
    ///   - files: paths in the order of `-c`; later ones win.
    ///   - environment: the process environment; only `FREQTRADE__` variables are read.
    ///   - overrides: what the command line says.
    ///   - registry: the strategies there are.
    ///   - purpose: the kind of job that is asked for; nil: the configuration decides.
    /// - Throws: `ConfigurationError` with every problem.
    package static func load(
        files: [String], environment: [String: String] = [:], overrides: CommandLineOverrides = CommandLineOverrides(),
        registry: StrategyRegistry, purpose: ExecutionMode? = nil, isSweepBase: Bool = false, source: FileSource = .disk
    ) throws(ConfigurationError) -> EffectiveConfiguration {
        let (result, problems) = check(
            files: files, environment: environment, overrides: overrides, registry: registry, purpose: purpose,
            isSweepBase: isSweepBase, source: source)
        guard let result else { throw ConfigurationError(problems: problems) }
        return result
    }

    /// As `load`, but gives all problems, warnings included, whether or not there is a result.
    package static func check(
        files: [String], environment: [String: String] = [:], overrides: CommandLineOverrides = CommandLineOverrides(),
        registry: StrategyRegistry, purpose: ExecutionMode? = nil, isSweepBase: Bool = false, source: FileSource = .disk
    ) -> (configuration: EffectiveConfiguration?, problems: [ConfigurationProblem]) {
        let collector = ProblemCollector()
        var loader = ConfigurationLoader(source: source, collector: collector)
        var tree = loader.load(files: files, environment: environment, overrides: overrides)
        let unreadable = collector.problems.contains { [.unreadable, .syntax, .notAnObject].contains($0.code) }
        guard !unreadable else { return (nil, collector.sorted) }
        tree = loader.withParameterFile(tree)
        let resolver = ConfigurationResolver(
            root: SectionReader(tree, collector: collector), registry: registry, purpose: purpose, isSweepBase: isSweepBase,
            parameterTexts: overrides.parameters)
        let result = resolver.resolve()
        return (result, collector.sorted)
    }

    /// Reads the canonical form that came with a job. The result equals what it was made from.
    ///
    /// - Throws: `ConfigurationError` where the bytes are no such form: any bytes give one or the other.
    package static func decode(
        canonical bytes: [UInt8], registry: StrategyRegistry, isSweepBase: Bool = false
    ) throws(ConfigurationError) -> EffectiveConfiguration {
        let collector = ProblemCollector()
        do throws(JSONReader.SyntaxError) {
            let value = try JSONReader.read(bytes, origin: .none, options: .strict).value
            let resolver = ConfigurationResolver(
                root: SectionReader(value, collector: collector), registry: registry, purpose: nil, isSweepBase: isSweepBase,
                parameterTexts: [])
            if value.object != nil, let result = resolver.resolve() { return result }
            if value.object == nil {
                collector.add(.error, .notAnObject, value, key: "", "is no configuration", remedy: "submit the job again")
            }
        } catch {
            collector.add(.error, .syntax, at: error.location, key: "", error.problem, remedy: "submit the job again")
        }
        throw ConfigurationError(problems: collector.sorted)
    }
}
