internal import ArgumentParser
internal import Configuration
internal import Coordination
internal import Fleet
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

    @OptionGroup var options: TradingJobOptions
    @Option(name: .long, help: "-100 to 100; higher gets a worker first.") var priority = 0
    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if !(-100...100).contains(priority) { throw ValidationError("--priority must be -100 to 100") }
    }

    func run() throws {
        let configuration = try loaded()
        for warning in configuration.warnings { Terminal.note(warning.description) }
        let submission = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        let built = try JobBuilder.dryRun(configuration, submission: submission, name: options.name, priority: priority)
        let client = try ControlClient(FleetSetup.client(global))
        let job = try JobSubmission.submit(built, to: client).id
        let pairs = Format.count(configuration.exchange.pairs.count, "pair")
        let text =
            "job \(job): dry-run of \(configuration.strategy) on \(pairs) of \(configuration.exchange.name), \(configuration.rules.timeframe)"
        try SubmittedTradingJob(job, configuration, client, asJSON: output.json).tell(text, kind: .dryRun, detach: options.detach)
    }

    /// The configuration, checked for a dry-run; keys of an exchange are left out of it with a warning.
    func loaded(source: FileSource = .disk) throws(FleetError) -> EffectiveConfiguration {
        try FleetError.mapping {
            try EffectiveConfiguration.load(
                files: options.config, environment: ConfigurationOptions.environment, overrides: options.overrides,
                registry: PragmaCLI.registry, purpose: .dryRun, source: source)
        }
    }
}
