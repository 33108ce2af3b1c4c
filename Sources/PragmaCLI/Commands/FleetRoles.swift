internal import AlertChannels
internal import ArgumentParser
internal import Configuration
internal import Fleet
internal import Foundation
internal import Logging
internal import TradingJobs
internal import Venues
internal import Web

/// `pragma coordinator`, `monitor`, `worker`: one role alone, for systemd, containers and several hosts.
struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator", abstract: "Runs the coordinator: keeps jobs and hands them to workers.",
        discussion: """
            Example: pragma coordinator --config configs/coordinator.yaml

            Every key of the file can be overridden by PRAGMA__SECTION__KEY, as in PRAGMA__LEASES__WORKER=5s.
            """)

    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: "The role file (YAML).") var config: String?

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let configuration = try FleetSetup.checked { try CoordinatorConfiguration.load(path: config, environment: environment) }
        let home = try FleetSetup.home(global, configured: configuration.settings.home)
        let log = FleetSetup.logger("coordinator", configuration.settings, configuration.warnings)
        try await FleetSetup.alerting(configuration.alerts, "coordinator", log) { alerts in
            try await CoordinatorProcess.run(
                home: home, configuration: configuration, environment: environment, log: log, version: PragmaVersion.text,
                published: { alerts.take($0) })
        }
    }
}

struct MonitorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "monitor", abstract: "Runs a monitor: watches the others and can stop them all.",
        discussion: "Example: pragma monitor --config configs/monitor.yaml")

    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: "The role file (YAML).") var config: String?

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let configuration = try FleetSetup.checked { try MonitorConfiguration.load(path: config, environment: environment) }
        let home = try FleetSetup.home(global, configured: configuration.settings.home)
        let log = FleetSetup.logger("monitor", configuration.settings, configuration.warnings)
        try await MonitorProcess.run(home: home, configuration: configuration, environment: environment, log: log)
    }
}

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Runs a worker: takes jobs from the coordinator and does them.",
        discussion: """
            Example: pragma worker --config configs/worker.yaml --name worker-1
            Example: pragma worker --class dry-run --name dry-worker-1
            Example: pragma worker --class live --name live-worker-1 --config configs/live-paper/live-worker.yaml
            """)

    @OptionGroup var global: GlobalOptions
    @Option(name: .long, help: "The role file (YAML).") var config: String?
    @Option(name: .long, help: "The worker's name, different from every other worker's.") var name: String?
    @Option(name: .customLong("class"), help: "What it runs: backtest, dry-run or live; else what the role file says.")
    var workerClass: String?

    func validate() throws {
        guard let workerClass, chosenClass == nil else { return }
        throw ValidationError("--class is backtest, dry-run or live; '\(workerClass)' is none")
    }

    /// Of class live a worker is only where its role file says live: {enabled: true} as well.
    private var chosenClass: ExecutionMode? { workerClass.flatMap(ExecutionMode.init(rawValue:)) }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        var overridden = environment
        // As a variable would say it, since other defaults follow from the class.
        if let chosenClass { overridden["PRAGMA__CLASS"] = chosenClass.rawValue }
        let configuration = try FleetSetup.checked { try WorkerConfiguration.load(path: config, environment: overridden) }
        let home = try FleetSetup.home(global, configured: configuration.settings.home)
        guard let worker = name ?? configuration.name else {
            throw FleetError(.input, "the worker has no name: give it one with --name, or with the key name of its role file")
        }
        let log = FleetSetup.logger(worker, configuration.settings, configuration.warnings)
        let trading = TradingGuard()
        try await FleetSetup.alerting(configuration.alerts, worker, log) { alerts in
            try await WorkerProcess.run(
                home: home, name: worker, configuration: configuration, environment: environment, log: log,
                runner: try runner(worker, configuration, home, trading, alerts, log), trading: trading)
        }
    }

    private func runner(
        _ worker: String, _ configuration: WorkerConfiguration, _ home: Home, _ trading: TradingGuard,
        _ alerts: AlertSender, _ log: Logger
    ) throws -> any UnitRunner {
        let environment = ProcessInfo.processInfo.environment
        let venues = VenueFolders(flag: configuration.venueFolder, environment: environment, home: home.path)
        switch configuration.workerClass {
        case .backtest:
            return try JobRunner(
                worker: worker, home: home, registry: try PragmaCLI.registry, dataFolder: configuration.dataFolder, log: log,
                wallClock: FleetSetup.wallClock)
        case .dryRun:
            return try TradingJobRunner(
                worker: worker, home: home, registry: try PragmaCLI.registry, venues: venues, version: PragmaVersion.text,
                trading: trading, alerts: alerts, log: log, wallClock: FleetSetup.wallClock)
        case .live:
            var parts = LiveJobRunner.Worker(
                name: worker, home: home, registry: try PragmaCLI.registry, venues: venues, environment: environment,
                isLiveEnabled: configuration.settings.liveEnabled, version: PragmaVersion.text, trading: trading,
                wallClock: FleetSetup.wallClock)
            parts.alerts = alerts
            return try LiveJobRunner(parts, log: log)
        }
    }
}

/// What the commands around a fleet share.
enum FleetSetup {
    /// The home that the options, the role file or the surroundings name, opened.
    static func home(_ global: GlobalOptions, configured: String? = nil) throws(FleetError) -> Home {
        try Home.open(location(global, configured: configured))
    }

    /// Where the home is, whether or not there is one.
    static func location(_ global: GlobalOptions, configured: String? = nil) -> String {
        Home.location(
            flag: global.home ?? configured, environment: ProcessInfo.processInfo.environment,
            workingFolder: FileManager.default.currentDirectoryPath)
    }

    /// Runs a configuration's loading and turns its problems into an error for people.
    static func checked<Value>(_ load: () throws -> Value) throws(FleetError) -> Value {
        do { return try load() } catch { throw FleetError(.input, "\(error)") }
    }

    /// A logger to standard error: one line per message.
    static func logger(_ name: String, _ settings: RoleSettings, _ warnings: [ConfigurationProblem]) -> Logger {
        var log = Logger(label: name) { StreamLogHandler.standardError(label: $0) }
        log.logLevel = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
        for warning in warnings { log.warning("\(warning)") }
        return log
    }

    /// Runs a process with somebody to tell its alerts: the log, and the webhook of its role file.
    static func alerting(
        _ configuration: AlertConfiguration, _ source: String, _ log: Logger, _ body: (AlertSender) async throws -> Void
    ) async throws {
        var client: HTTPWebClient?
        if let webhook = configuration.webhook {
            do throws(WebSetupError) {
                client = try HTTPWebClient(HTTPWebClient.Configuration(version: PragmaVersion.text))
            } catch {
                throw FleetError(.system, "alerts.webhook (\(webhook)) cannot be used: \(error)")
            }
        }
        let alerts = AlertSender(configuration, source: source, client: client, log: log, wallClock: wallClock)
        do { try await alerts.running { try await body(alerts) } } catch {
            await client?.shutdown()
            throw error
        }
        await client?.shutdown()
    }

    /// Wall time in milliseconds.
    static let wallClock = WallTime.now

    /// A path as the user gave it, absolute.
    static func absolute(_ path: String) -> String {
        Files.absolute(
            path, in: FileManager.default.currentDirectoryPath, userHome: ProcessInfo.processInfo.environment["HOME"])
    }

    /// A client of the home's fleet.
    static func client(_ global: GlobalOptions) throws(FleetError) -> ClientNode {
        ClientNode(home: try home(global), environment: ProcessInfo.processInfo.environment)
    }

    /// Who gives an order, for the audit log.
    static var person: String {
        let environment = ProcessInfo.processInfo.environment
        return environment["PRAGMA_OPERATOR"] ?? environment["SUDO_USER"] ?? environment["USER"] ?? "unknown"
    }
}
