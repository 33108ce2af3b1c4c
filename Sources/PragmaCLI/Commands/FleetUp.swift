internal import ArgumentParser
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

            JSON: an object a line and event, its keys event (made, started, died, ready, ended), home, fleet, process, pid, exit, \
            workers, dry_run_workers, seconds as far as they apply.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Option(name: .long, help: "Backtest workers (default: the number of processors); 0 where there are dry-run workers.")
    var workers: Int?
    @Option(name: .long, help: "Dry-run workers; each runs one dry-run at a time.") var dryRunWorkers = 0
    @Option(name: .long, help: "Where workers find candles; default: where a job was submitted from.") var datadir: String?

    func validate() throws {
        if !(0...1024).contains(dryRunWorkers) { throw ValidationError("--dry-run-workers must be 0 to 1024") }
        guard let workers, !(1...1024).contains(workers) else { return }
        if workers == 0, dryRunWorkers > 0 { return }
        throw ValidationError("--workers must be 1 to 1024" + (workers == 0 ? ", or 0 with --dry-run-workers" : ""))
    }

    func run() throws {
        let path = FleetSetup.location(global)
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
        let plans = Self.plans(backtest: counts.backtest, dryRun: counts.dryRun, home: path)
        let roles = Dictionary(uniqueKeysWithValues: plans.map { ($0.name, $0.role) })
        let supervisor = try SupervisorShell(
            home: home, plans: plans, executable: try OwnExecutable.path(), environment: environment,
            makeSession: { Hex.text((0..<16).map { _ in UInt8.random(in: 0...255) }) },
            onEvent: { event in
                switch event {
                case .started(let name, let pid, _): report.started(name, pid: pid)
                case .died(let name, let pid, let session, let exit):
                    report.died(name, pid: pid, exit: "\(exit)")
                    if let role = roles[name] { link.report(role, session: session, exit) }
                case .ready:
                    report.ready(
                        home, workers: counts.backtest, dryRunWorkers: counts.dryRun, seconds: (clock.now - started).seconds)
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

    /// The processes of a fleet. A dry-run worker's name begins with the name of its class's key.
    static func plans(backtest: Int, dryRun: Int, home: String) -> [SupervisorShell.Plan] {
        let home = ["--home", home]
        var plans = [
            SupervisorShell.Plan(name: "coordinator", role: .coordinator, arguments: ["coordinator"] + home),
            SupervisorShell.Plan(name: "monitor", role: .monitor, arguments: ["monitor"] + home),
        ]
        for number in 0..<backtest {
            let name = "worker-\(number + 1)"
            plans.append(SupervisorShell.Plan(name: name, role: .backtest, arguments: ["worker", "--name", name] + home))
        }
        for number in 0..<dryRun {
            let name = "dry-worker-\(number + 1)"
            plans.append(
                SupervisorShell.Plan(
                    name: name, role: .dryRun, arguments: ["worker", "--name", name, "--class", "dry-run"] + home))
        }
        return plans
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

    func ready(_ home: Home, workers: Int, dryRunWorkers: Int, seconds: Double) {
        let dryRun = dryRunWorkers > 0 ? Format.count(dryRunWorkers, "dry-run worker") : nil
        let parts = [workers > 0 ? Format.count(workers, "worker") : nil, dryRun].compactMap { $0 }
        say(
            Event(
                event: "ready", fleet: home.fleet, home: home.path, workers: workers, dry_run_workers: dryRunWorkers,
                seconds: seconds),
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
