/// The role file of a worker (`configs/worker.yaml`).
package struct WorkerConfiguration: Hashable, Sendable {
    /// What kind of jobs a worker takes; the texts are the modes'.
    package var workerClass = ExecutionMode.backtest
    /// What all roles have.
    package var settings: RoleSettings
    /// The worker's name; nil: from the command line.
    package var name: String?
    /// Where the coordinator is; nil: in the home.
    package var jobs: EndpointAddress?
    /// The monitors there are. A live worker needs a trading lease from each of them.
    package var monitors: [MonitorPeer]
    /// How many pieces of work it asks for at once, those that wait included. A worker of another class than backtest takes one.
    package var capacity = 2
    /// The folder with the candles; nil: what a job or the fleet names.
    package var dataFolder: String?
    /// The folder with the venue files, for workers that trade; nil: the home's.
    package var venueFolder: String?
    /// How long the worker waits for an answer at shutdown.
    package var shutdownGrace: Duration = .seconds(5)
    /// How long without a trading lease until `reducing` becomes `halted`.
    package var haltAfter: Duration = .seconds(30)
    /// Who hears of failures.
    package var alerts = AlertConfiguration()
    /// What the user should know.
    package var warnings: [ConfigurationProblem] = []

    private static let keys =
        RoleSettings.keys + [
            "class", "name", "endpoints", "monitors", "capacity", "data", "venues", "shutdown_grace", "halt_after", "alerts",
        ]

    /// Reads a role file; nil: defaults and environment only.
    ///
    /// - Throws: `ConfigurationError` with every problem.
    package static func load(
        path: String?, environment: [String: String] = [:], source: FileSource = .disk
    ) throws(ConfigurationError) -> WorkerConfiguration {
        let file = RoleFile(path: path, environment: environment, source: source, collector: ProblemCollector())
        var result = WorkerConfiguration(file.root)
        result.warnings = try file.finish()
        return result
    }

    private init(_ root: SectionReader) {
        root.reportUnknown(.error, known: Self.keys, remedy: "remove it")
        settings = RoleSettings(root)
        monitors = MonitorPeer.list(root, settings: settings)
        let classes = ExecutionMode.allCases.map(\.rawValue)
        workerClass = root.choice("class", of: classes).flatMap(ExecutionMode.init(rawValue:)) ?? .backtest
        name = root.nonEmpty("name")
        if let section = root.section("endpoints") {
            section.reportUnknown(.error, known: ["jobs"], remedy: "monitors have a list of their own")
            jobs = section.endpoint("jobs")
            settings.checkEncryption(section, endpoints: [(section, "jobs", jobs)])
        }
        settings.checkEncryption(root, endpoints: [])
        capacity = root.integer("capacity", in: 1...10_000) ?? capacity
        dataFolder = root.path("data")
        venueFolder = root.path("venues")
        shutdownGrace = root.duration("shutdown_grace", in: .zero...(.seconds(3600))) ?? shutdownGrace
        haltAfter = root.duration("halt_after", in: .zero...(.seconds(86_400))) ?? haltAfter
        if let section = root.section("alerts") { alerts = AlertConfiguration(section) }
        checkClass(root)
    }

    private func checkClass(_ root: SectionReader) {
        if workerClass == .live, !settings.liveEnabled {
            root.add(
                .conflict, "class", "is live, and live.enabled is not true",
                remedy: "write live: {enabled: true} where that is meant")
        }
    }
}
