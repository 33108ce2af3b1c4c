/// The role file of a coordinator (`configs/coordinator.yaml`).
package struct CoordinatorConfiguration: Hashable, Sendable {
    /// How safe the store's answers are.
    package enum Durability: String, Sendable, CaseIterable {
        /// Committed to disk before they are given.
        case full
        /// In memory: gone with the process. For measurements.
        case volatile
    }

    /// What all roles have.
    package var settings: RoleSettings
    /// Where workers connect; nil: in the home.
    package var jobs: EndpointAddress?
    /// Where the command line connects; nil: in the home.
    package var control: EndpointAddress?
    /// Where job events are published; nil: in the home.
    package var events: EndpointAddress?
    /// The monitors there are.
    package var monitors: [MonitorPeer]
    /// The job store; nil: that of the home.
    package var storePath: String?
    package var durability = Durability.full
    /// How often workers report.
    package var heartbeatInterval: Duration = .seconds(1)
    /// How long a silent worker keeps its backtests and dry-runs.
    package var workerLease: Duration = .seconds(10)
    /// How long a silent holder keeps the right to a live job.
    package var liveLease: Duration = .seconds(60)
    /// The wait before a second attempt; it doubles up to `maxBackOff`.
    package var backOff: Duration = .seconds(1)
    package var maxBackOff: Duration = .seconds(60)
    /// After how many failed units a job is given up.
    package var maxFailedUnits = 100
    package var maxQueuedJobs = 1_000_000
    package var maxJobsPerSubmission = 100_000
    package var maxWorkers = 10_000
    /// Who hears of failed jobs, lost workers and holds.
    package var alerts = AlertConfiguration()
    /// `promotion.min_dry_run`: how long a strategy must have run as a dry-run before it may trade live.
    package var minDryRun: Duration = .seconds(7 * 86_400)
    /// `promotion.validity`: how long that counts.
    package var promotionValidity: Duration = .seconds(30 * 86_400)
    /// The limits of all accounts together; nil: each live job has its own alone.
    package var portfolio: PortfolioConfiguration?
    /// What the user should know.
    package var warnings: [ConfigurationProblem] = []

    /// Reads a role file; nil: defaults and environment only.
    ///
    /// - Throws: `ConfigurationError` with every problem.
    package static func load(
        path: String?, environment: [String: String] = [:], source: FileSource = .disk
    ) throws(ConfigurationError) -> CoordinatorConfiguration {
        let file = RoleFile(path: path, environment: environment, source: source, collector: ProblemCollector())
        var result = CoordinatorConfiguration(file.root)
        result.warnings = try file.finish()
        return result
    }

    private init(_ root: SectionReader) {
        root.reportUnknown(
            .error,
            known: RoleSettings.keys + [
                "endpoints", "monitors", "store", "leases", "jobs", "workers", "promotion", "portfolio", "alerts",
            ],
            remedy: "remove it")
        settings = RoleSettings(root)
        monitors = MonitorPeer.list(root, settings: settings)
        if let section = root.section("endpoints") {
            section.reportUnknown(.error, known: ["jobs", "control", "events"], remedy: "monitors have a list of their own")
            jobs = section.endpoint("jobs")
            control = section.endpoint("control")
            events = section.endpoint("events")
            settings.checkEncryption(
                section, endpoints: [(section, "jobs", jobs), (section, "control", control), (section, "events", events)])
        }
        settings.checkEncryption(root, endpoints: [])
        if let section = root.section("store") { readStore(section) }
        if let section = root.section("leases") { readLeases(section) }
        if let section = root.section("jobs") { readJobs(section) }
        if let section = root.section("alerts") { alerts = AlertConfiguration(section) }
        if let section = root.section("workers") {
            section.reportUnknown(.error, known: ["max"], remedy: "remove it")
            maxWorkers = section.integer("max", in: 1...1_000_000) ?? maxWorkers
        }
        portfolio = root.section("portfolio").flatMap(PortfolioConfiguration.init)
        if let section = root.section("promotion") {
            section.reportUnknown(.error, known: ["min_dry_run", "validity"], remedy: "remove it")
            minDryRun = section.duration("min_dry_run", in: .zero...(.seconds(366 * 86_400))) ?? minDryRun
            promotionValidity =
                section.duration("validity", in: .seconds(60)...(.seconds(366 * 86_400))) ?? promotionValidity
        }
    }

    private mutating func readStore(_ section: SectionReader) {
        section.reportUnknown(.error, known: ["path", "durability"], remedy: "remove it")
        storePath = section.path("path")
        let levels = Durability.allCases.map(\.rawValue)
        durability = section.choice("durability", of: levels).flatMap(Durability.init) ?? .full
        if durability == .volatile, settings.liveEnabled {
            section.add(
                .conflict, "durability", "is volatile, and live trading is enabled",
                remedy: "write durability: full, or live.enabled: false")
        }
    }

    private mutating func readLeases(_ section: SectionReader) {
        section.reportUnknown(.error, known: ["heartbeat", "worker", "live"], remedy: "remove it")
        heartbeatInterval = section.duration("heartbeat", in: .milliseconds(50)...(.seconds(60))) ?? heartbeatInterval
        workerLease = section.duration("worker", in: .milliseconds(200)...(.seconds(3600))) ?? workerLease
        liveLease = section.duration("live", in: .seconds(5)...(.seconds(3600))) ?? liveLease
        if workerLease < heartbeatInterval * 3 {
            section.add(
                .conflict, "worker", "is shorter than three heartbeats, so that a single late one loses a worker",
                remedy: "lengthen it, or shorten heartbeat")
        }
        if liveLease < heartbeatInterval * 3 {
            section.add(
                .conflict, "live", "is shorter than three heartbeats", remedy: "lengthen it, or shorten heartbeat")
        }
    }

    private mutating func readJobs(_ section: SectionReader) {
        let known = ["back_off", "max_back_off", "max_failed_units", "max_queued", "max_per_submission"]
        section.reportUnknown(.error, known: known, remedy: "remove it")
        backOff = section.duration("back_off", in: .milliseconds(1)...(.seconds(3600))) ?? backOff
        maxBackOff = section.duration("max_back_off", in: .milliseconds(1)...(.seconds(86_400))) ?? maxBackOff
        if maxBackOff < backOff {
            section.add(.conflict, "max_back_off", "is shorter than back_off", remedy: "lengthen it")
        }
        maxFailedUnits = section.integer("max_failed_units", in: 1...1_000_000_000) ?? maxFailedUnits
        maxQueuedJobs = section.integer("max_queued", in: 1...1_000_000_000) ?? maxQueuedJobs
        maxJobsPerSubmission = section.integer("max_per_submission", in: 1...10_000_000) ?? maxJobsPerSubmission
    }
}
