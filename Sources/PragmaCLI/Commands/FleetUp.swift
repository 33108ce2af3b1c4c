internal import ArgumentParser
internal import Configuration
internal import Coordination
internal import Fleet
internal import Foundation

/// `pragma init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Makes a new home for a fleet: folders, keys, the first halt latch.",
        discussion: "Example: pragma init --home ./fleet --name farm")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "The fleet's name, shown by stop and status.") var name = "fleet"
    @Flag(name: .long, help: "Succeed where there is a home already.") var ifMissing = false

    func run() throws {
        let path = FleetSetup.location(global)
        if ifMissing, let home = try? Home.open(path) { return report(home, isNew: false) }
        report(try HomeMaker.make(at: path, fleet: name), isNew: true)
    }

    private func report(_ home: Home, isNew: Bool) {
        struct Answer: Encodable {
            var home: String
            var fleet: String
            var created: Bool
        }
        if output.json { return Terminal.json(Answer(home: home.path, fleet: home.fleet, created: isNew)) }
        Terminal.line(
            isNew ? "made the home of fleet '\(home.fleet)' at \(home.path)" : "\(home.path) is the home of fleet '\(home.fleet)'"
        )
    }
}

/// `pragma up`.
struct UpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Runs a whole local fleet in the foreground: coordinator, monitor and workers.",
        discussion: """
            Each is a process of its own; what dies is started again. Ctrl-C or SIGTERM hands running work back and ends all of them. \
            A home that does not exist yet is made. Logs are in HOME/logs.

            Example: pragma up --workers 4
            Example: pragma up --workers 0 --dry-run-workers 4
            Example: pragma up --workers 1 --live-workers 1 --roles configs/live-paper

            --roles names a folder with role files: coordinator.yaml, monitor.yaml, worker.yaml, dry-worker.yaml, live-worker.yaml, each \
            of them only where its defaults do not do. Live needs those of the coordinator and of the live worker.

            JSON: an object a line and event, its keys event (made, started, died, ready, ended), home, fleet, process, pid, exit, \
            workers, dry_run_workers, live_workers, seconds as far as they apply.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "Backtest workers (default: the number of processors); 0 where there are others.")
    var workers: Int?
    @Option(name: .long, help: "Dry-run workers; each runs one dry-run at a time.") var dryRunWorkers = 0
    @Option(name: .long, help: "Live workers; each runs one live job at a time.") var liveWorkers = 0
    @Option(name: .long, help: ArgumentHelp("The folder with the role files.", valueName: "dir")) var roles: String?
    @Option(name: .long, help: "Where workers find candles; default: where a job was submitted from.") var datadir: String?

    func validate() throws {
        if !(0...1024).contains(dryRunWorkers) { throw ValidationError("--dry-run-workers must be 0 to 1024") }
        if !(0...64).contains(liveWorkers) { throw ValidationError("--live-workers must be 0 to 64") }
        guard let workers, !(1...1024).contains(workers) else { return }
        if workers == 0, dryRunWorkers + liveWorkers > 0 { return }
        throw ValidationError(
            "--workers must be 1 to 1024" + (workers == 0 ? ", or 0 with --dry-run-workers or --live-workers" : ""))
    }

    func run() throws {
        let path = FleetSetup.location(global)
        let roles = try RoleFiles(folder: roles.map(FleetSetup.absolute))
        if liveWorkers > 0 { try roles.checkLive(ProcessInfo.processInfo.environment) }
        let report = FleetReport(asJSON: output.json)
        let home: Home
        if Files.exists(path + "/pragma.json") {
            home = try Home.open(path)
        } else {
            home = try HomeMaker.make(at: path, fleet: "fleet")
            report.made(home)
        }
        let lock = try FileLock(home.supervisorLock, holder: "pragma up")
        let counts = (backtest: workers ?? ProcessInfo.processInfo.activeProcessorCount, dryRun: dryRunWorkers)
        let clock = ContinuousClock()
        let started = clock.now
        let link = DeathReporter(ClientNode(home: home, environment: ProcessInfo.processInfo.environment)) {
            Terminal.note("pragma: \($0)")
        }
        var environment = ProcessInfo.processInfo.environment
        if let datadir { environment["PRAGMA__DATA"] = FleetSetup.absolute(datadir) }
        let plans = Self.plans(
            backtest: counts.backtest, dryRun: counts.dryRun, live: liveWorkers, home: path, roles: roles)
        let places = Dictionary(uniqueKeysWithValues: plans.map { ($0.name, $0.role) })
        let supervisor = try SupervisorShell(
            home: home, plans: plans, executable: try OwnExecutable.path(), environment: environment,
            makeSession: { Hex.text((0..<16).map { _ in UInt8.random(in: 0...255) }) },
            onEvent: { event in
                switch event {
                case .started(let name, let pid, _): report.started(name, pid: pid)
                case .died(let name, let pid, let session, let exit):
                    report.died(name, pid: pid, exit: "\(exit)")
                    if let role = places[name] { link.report(role, session: session, exit) }
                case .ready:
                    report.ready(
                        home, workers: counts.backtest, dryRunWorkers: counts.dryRun, liveWorkers: liveWorkers,
                        seconds: (clock.now - started).seconds)
                case .note(let text): Terminal.note("pragma: \(text)")
                }
            })
        let signals = SignalWatch([SIGINT, SIGTERM]) {
            Terminal.note("\nending: running work is handed back (once more kills at once)")
            supervisor.requestStop()
        }
        let outcome = try supervisor.run()
        withExtendedLifetime((lock, signals)) {}
        if let reason = outcome.reason {
            throw FleetError(
                FleetError.Code(rawValue: outcome.exitCode) ?? .system, "\(reason); the logs are in \(home.path)/logs")
        }
        report.ended(home)
    }

    /// The processes of a fleet. A worker's name begins with the name of its class's key.
    static func plans(
        backtest: Int, dryRun: Int, live: Int = 0, home: String, roles: RoleFiles = RoleFiles()
    ) -> [SupervisorShell.Plan] {
        let home = ["--home", home]
        var plans = [
            SupervisorShell.Plan(
                name: "coordinator", role: .coordinator, arguments: ["coordinator"] + home + roles.arguments("coordinator")),
            SupervisorShell.Plan(name: "monitor", role: .monitor, arguments: ["monitor"] + home + roles.arguments("monitor")),
        ]
        let classes: [(key: String, role: ChildEnvironment.Role, count: Int, arguments: [String])] = [
            ("worker", .backtest, backtest, []), ("dry-worker", .dryRun, dryRun, ["--class", "dry-run"]),
            ("live-worker", .live, live, ["--class", "live"]),
        ]
        for (key, role, count, arguments) in classes {
            for number in 0..<count {
                let name = "\(key)-\(number + 1)"
                plans.append(
                    SupervisorShell.Plan(
                        name: name, role: role,
                        arguments: ["worker", "--name", name] + arguments + home + roles.arguments(key)))
            }
        }
        return plans
    }
}

/// The role files that `pragma up` gives to the processes it starts.
struct RoleFiles {
    private var files: [String: String] = [:]

    /// None.
    init() {}

    /// Those of a folder; nil: none.
    init(folder: String?) throws(FleetError) {
        guard let folder else { return }
        for name in ["coordinator", "monitor", "worker", "dry-worker", "live-worker"] where Files.exists("\(folder)/\(name).yaml")
        {
            files[name] = "\(folder)/\(name).yaml"
        }
        guard !files.isEmpty else {
            throw FleetError(
                .input,
                "--roles: there is no coordinator.yaml, monitor.yaml, worker.yaml, dry-worker.yaml or live-worker.yaml in \(folder)"
            )
        }
    }

    func arguments(_ name: String) -> [String] { files[name].map { ["--config", $0] } ?? [] }

    /// A live worker does not start where its role file does not say so: better said once than by a process that ends again and again.
    func checkLive(_ environment: [String: String]) throws(FleetError) {
        var overridden = environment
        overridden["PRAGMA__CLASS"] = "live"
        let path = files["live-worker"]
        _ = try FleetSetup.checked {
            try WorkerConfiguration.load(
                path: path, environment: overridden.filter { $0.key == "PRAGMA__CLASS" || $0.key.hasPrefix("PRAGMA__LIVE__") })
        }
    }
}

/// What `pragma up` says, as sentences or as one JSON object a line.
struct FleetReport: Sendable {
    let asJSON: Bool

    /// An event with documented keys.
    private struct Event: Encodable {
        var event: String
        var fleet: String?
        var home: String?
        var process: String?
        var pid: Int32?
        var exit: String?
        var workers: Int?
        var dry_run_workers: Int?
        var live_workers: Int?
        var seconds: Double?
    }

    private func say(_ event: @autoclosure () -> Event, _ text: @autoclosure () -> String) {
        if asJSON { Terminal.jsonLine(event()) } else { Terminal.line(text()) }
    }

    func made(_ home: Home) {
        say(Event(event: "made", fleet: home.fleet, home: home.path), "made the home of a new fleet at \(home.path)")
    }

    func started(_ name: String, pid: Int32) {
        say(Event(event: "started", process: name, pid: pid), "\(name): started (pid \(pid))")
    }

    func died(_ name: String, pid: Int32, exit: String) {
        say(Event(event: "died", process: name, pid: pid, exit: exit), "\(name): ended (pid \(pid), \(exit))")
    }

    func ready(_ home: Home, workers: Int, dryRunWorkers: Int, liveWorkers: Int, seconds: Double) {
        let dryRun = dryRunWorkers > 0 ? Format.count(dryRunWorkers, "dry-run worker") : nil
        let live = liveWorkers > 0 ? Format.count(liveWorkers, "live worker") : nil
        let parts = [workers > 0 ? Format.count(workers, "worker") : nil, dryRun, live].compactMap { $0 }
        say(
            Event(
                event: "ready", fleet: home.fleet, home: home.path, workers: workers, dry_run_workers: dryRunWorkers,
                live_workers: liveWorkers, seconds: seconds),
            "fleet '\(home.fleet)' is ready after \(Format.fixed(seconds, 1)) s: \(parts.joined(separator: ", ")), home \(home.path); Ctrl-C ends it"
        )
    }

    func ended(_ home: Home) {
        say(Event(event: "ended", fleet: home.fleet, home: home.path), "fleet '\(home.fleet)' has ended")
    }
}

/// Calls an action for each of some signals, on a queue of its own.
final class SignalWatch {
    private var sources: [any DispatchSourceSignal] = []

    init(_ signals: [Int32], action: @escaping @Sendable () -> Void) {
        for number in signals {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: DispatchWorkItem(block: action))
            source.resume()
            sources.append(source)
        }
    }
}
