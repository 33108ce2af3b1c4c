internal import ArgumentParser
internal import Configuration
internal import Coordination
internal import Fleet
internal import FleetProtocol
internal import Foundation
internal import Strategies

/// `pragma dry-run -c FILE`.
struct DryRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dry-run",
        abstract: "Starts a dry-run on a worker: today's market, simulated orders.",
        discussion: """
            The configuration is freqtrade's config.json; of several -c later ones win, and each call starts one job. It needs no key \
            of an exchange, and none leaves this machine. The job runs until it is canceled, over restarts of worker and coordinator; \
            each call starts a new one, also with the same configuration.

            Without --detach it is followed: states, trades, what went wrong. Ctrl-C ends the following (exit code 130), not the job.

            Example: pragma dry-run -c configs/dry-run.json
            Example: pragma dry-run -c configs/dry-run.json --strategy RsiReversion --set oversold=35 --name reversion --detach

            JSON: an object a line and event: event (submitted, note, state, opened, closed, dropped, decision, problem), job, text, and \
            as far as they apply time, pair, trade, kind (of a decision; the state), profit. With --detach only submitted and note. Exit code \
            1: the job failed or was canceled; 2: the configuration is at fault; 3: no fleet.
            """)

    @Option(
        name: [.customShort("c"), .long],
        help: ArgumentHelp("A configuration in freqtrade's form; of several, later ones win.", valueName: "file"))
    var config: [String]
    @Option(name: .long, help: ArgumentHelp("The strategy, instead of the configuration's.", valueName: "name"))
    var strategy: String?
    @Option(name: .long, help: ArgumentHelp("The pairs, separated by commas or blanks: BTC/USDT,ETH/USDT.", valueName: "pairs"))
    var pairs: [String] = []
    @Option(
        name: .customLong("set"), help: ArgumentHelp("A value of a strategy parameter; may be repeated.", valueName: "name=value")
    )
    var parameters: [String] = []
    @Option(name: .long, help: "What lists call the job; default: the strategy.") var name: String?
    @Option(name: .long, help: "-100 to 100; higher gets a worker first.") var priority = 0
    @Flag(name: .long, help: "Submit it and return.") var detach = false
    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(-100...100).contains(priority) { throw ValidationError("--priority must be -100 to 100") }
        guard let name else { return }
        if !(1...256).contains(name.utf8.count) || name.allSatisfy(\.isWhitespace) {
            throw ValidationError("--name must be a name of 1 to 256 bytes")
        }
    }

    func run() throws {
        let configuration = try loaded()
        for warning in configuration.warnings { Terminal.note(warning.description) }
        let submission = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        let built = try JobBuilder.dryRun(configuration, submission: submission, name: name, priority: priority)
        let client = try ControlClient(FleetSetup.client(global))
        let job = try JobSubmission.submit(built, to: client).id
        tellSubmitted(job, configuration)
        if let reason = try DryRunWaiting.reason(job, of: .dryRun, client) { tell("note", job, reason) }
        if !detach { try follow(job, configuration, client) }
    }

    /// The configuration, checked for a dry-run; keys of an exchange are left out of it with a warning.
    func loaded(source: FileSource = .disk) throws(FleetError) -> EffectiveConfiguration {
        var overrides = CommandLineOverrides()
        overrides.strategy = strategy
        overrides.pairs = ConfigurationOptions.split(pairs)
        overrides.parameters = parameters
        return try FleetError.mapping {
            try EffectiveConfiguration.load(
                files: config, environment: ConfigurationOptions.environment, overrides: overrides,
                registry: PragmaCLI.registry, purpose: .dryRun, source: source)
        }
    }

    private func tellSubmitted(_ job: JobID, _ configuration: EffectiveConfiguration) {
        let pairs = Format.count(configuration.exchange.pairs.count, "pair")
        tell(
            "submitted", job,
            "job \(job): dry-run of \(configuration.strategy) on \(pairs) of \(configuration.exchange.name), \(configuration.rules.timeframe)"
        )
        if detach, !output.json { Terminal.line(Self.advice(job)) }
    }

    private func tell(_ event: String, _ job: JobID, _ text: String) {
        if output.json { return Terminal.jsonLine(TradingEvent(event: event, job: job.rawValue, text: text)) }
        if event == "note" { Terminal.note(text) } else { Terminal.line(text) }
    }

    /// How to look at a job, and how to end it.
    static func advice(_ job: JobID) -> String {
        "look at it with 'pragma positions --job \(job)', 'pragma trades --job \(job)', 'pragma jobs show \(job)'; end it with 'pragma jobs cancel \(job)'"
    }

    private func follow(_ job: JobID, _ configuration: EffectiveConfiguration, _ client: ControlClient) throws(FleetError) {
        let interruption = DryRunFollow.Interruption()
        let signals = SignalWatch([SIGINT, SIGTERM]) { interruption.set() }
        defer { withExtendedLifetime(signals) {} }
        var follow = DryRunFollow(
            client, job: job, stakeCurrency: configuration.sizing.stakeCurrency, asJSON: output.json, isInterrupted: interruption)
        guard let line = try follow.untilEnd() else {
            throw FleetError(.interrupted, "job \(job) goes on; \(Self.advice(job))")
        }
        guard line.state == .succeeded else { throw FleetError(.negative, try FleetBacktest.failure(of: job, line, client)) }
    }
}
