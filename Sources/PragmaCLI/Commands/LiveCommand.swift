internal import ArgumentParser
internal import Configuration
internal import Coordination
internal import Fleet
internal import FleetProtocol
internal import LiveGates
internal import Strategies
internal import Venues

/// `pragma live -c FILE --confirm-live`.
struct LiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "live",
        abstract: "Starts a live job on a worker: real orders on an account.",
        discussion: """
            Live needs everything of a list (docs/live-trading.md): this command checks what it can see and names the first thing that is \
            missing, the coordinator and the live worker check the rest. It shows venue, account and the money at risk, and asks before \
            anything is submitted. Keys and secrets never belong into the configuration: they are left out of what is submitted, with a \
            warning; the live worker has those of the account.

            The coordinator wants a backtest and a dry-run of the same strategy, parameters and executable; without --backtest and \
            --dry-run the newest backtest and the longest dry-run that fit are taken. --override-promotion stands in for what is missing \
            or too short, and is kept with your name.

            This version trades live at paper venues only.

            Example: pragma live -c configs/live-paper.json --confirm-live
            Example: pragma live -c configs/live-paper.json --confirm-live --backtest 3 --dry-run 4 --yes --detach

            JSON: as of pragma dry-run, an object a line and event; the first is 'risk': what would be traded. Exit code 1: the job \
            failed or was canceled; 2: the configuration is at fault; 3: no fleet; 4: a gate is missing, or the coordinator \
            refused; 130: it was not confirmed.
            """)

    @OptionGroup var options: TradingJobOptions
    @Flag(name: .long, help: "That real orders are meant; nothing stands in for it.") var confirmLive = false
    @Flag(name: .long, help: "Do not ask. It needs --confirm-live all the same.") var yes = false
    @Option(name: .long, help: ArgumentHelp("The backtest that it was tried with.", valueName: "job")) var backtest: Int64?
    @Option(name: .long, help: ArgumentHelp("The dry-run that it was tried with.", valueName: "job")) var dryRun: Int64?
    @Option(
        name: .long,
        help: ArgumentHelp("Why it goes live without a backtest, or without a long enough dry-run.", valueName: "reason"))
    var overridePromotion: String?
    @Option(name: .long, help: ArgumentHelp("The folder with the venue files, to show where orders would go.", valueName: "dir"))
    var venues: String?
    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let overridePromotion,
            !(1...1000).contains(overridePromotion.utf8.count) || overridePromotion.allSatisfy(\.isWhitespace)
        {
            throw ValidationError("--override-promotion must say why, in at most 1000 bytes")
        }
        for job in [backtest, dryRun].compactMap({ $0 }) where job < 1 { throw ValidationError("a job's number is 1 or more") }
    }

    func run() throws {
        let configuration = try checked(environment: ConfigurationOptions.environment)
        for warning in configuration.warnings { Terminal.note(warning.description) }
        let risk = LiveRisk(configuration, venue: venue(configuration))
        if output.json { Terminal.jsonLine(risk.event) } else { Terminal.line(risk.text) }
        let client = try ControlClient(FleetSetup.client(global))
        let request = try evidence(configuration, client)
        try ask(risk)
        let job = try submit(configuration, request, client)
        let text = "job \(job): live \(configuration.strategy) on account \(risk.account) at \(configuration.exchange.name)"
        try SubmittedTradingJob(job, configuration, client, asJSON: output.json).tell(text, kind: .live, detach: options.detach)
    }

    // MARK: - Checks

    /// The configuration, if every gate that can be seen from here is passed; the first that is missing is named.
    func checked(
        environment: [String: String], registry: StrategyRegistry? = nil, source: FileSource = .disk
    ) throws(FleetError) -> EffectiveConfiguration {
        let collector = ProblemCollector()
        var loader = ConfigurationLoader(source: source, collector: collector)
        let tree = loader.load(files: options.config, environment: environment, overrides: options.overrides)
        // What cannot be read at all says nothing of gates.
        if !collector.hasErrors {
            var facts = LiveFacts()
            facts.read(tree)
            facts.confirmOnCommandLine = confirmLive
            if let missing = LiveCheck.firstMissing(facts, at: .commandLine) { throw FleetError(.refused, missing.description) }
        }
        return try FleetError.mapping {
            try EffectiveConfiguration.load(
                files: options.config, environment: environment, overrides: options.overrides,
                registry: registry ?? PragmaCLI.registry, purpose: .live, source: source)
        }
    }

    private func venue(_ configuration: EffectiveConfiguration) -> VenueFile? {
        let folders = VenueFolders(
            flag: venues, environment: ConfigurationOptions.environment, home: FleetSetup.location(global))
        return try? folders.load(configuration.exchange.name)
    }

    private func evidence(_ configuration: EffectiveConfiguration, _ client: ControlClient) throws(FleetError) -> LiveRequest {
        var request = LiveRequest(
            backtest: backtest.map { JobID($0) }, dryRun: dryRun.map { JobID($0) }, override: overridePromotion,
            by: FleetSetup.person)
        guard let subject = LiveSubject.of(configuration: configuration.canonicalBytes, executable: try OwnExecutable.hash())
        else {
            throw FleetError(.input, "the configuration names no strategy")
        }
        let search = LiveEvidenceSearch(subject: subject) { query throws(FleetError) in try client.query(query) }
        if request.backtest == nil { request.backtest = try search.backtest() }
        if request.dryRun == nil { request.dryRun = try search.dryRun(until: WallTime.now()) }
        return request
    }

    // MARK: - Submission

    private func ask(_ risk: LiveRisk) throws(FleetError) {
        guard !yes else { return }
        guard Terminal.canAsk else {
            throw FleetError(.input, "there is no terminal to confirm on: add --yes where a program calls this")
        }
        guard Terminal.confirm("Type the account's name to trade live on it: ", expected: risk.account) else {
            throw FleetError(.interrupted, "nothing was submitted")
        }
    }

    /// Asks for the confirmation right before it is used: it counts once, and for a minute.
    private func submit(
        _ configuration: EffectiveConfiguration, _ request: LiveRequest, _ client: ControlClient
    ) throws(FleetError) -> JobID {
        switch try client.request(.confirmLive(by: request.by)) {
        case .confirmation(let confirmation):
            let built = try JobBuilder.live(configuration, confirmation: confirmation.token, request: request, name: options.name)
            return try JobSubmission.submit(built, to: client).id
        case .refused(let refusal): throw FleetError(.refused, refusal.message)
        case .accepted, .job, .done: throw FleetError(.system, "the coordinator answered something else than was asked")
        }
    }
}
