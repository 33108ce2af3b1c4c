internal import ArgumentParser
internal import Configuration
internal import Coordination
internal import Fleet
internal import FleetProtocol
internal import Foundation

/// What `pragma dry-run` and `pragma live` are told alike.
struct TradingJobOptions: ParsableArguments {
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
    @Flag(name: .long, help: "Submit it and return.") var detach = false

    func validate() throws {
        if let name, !(1...256).contains(name.utf8.count) || name.allSatisfy(\.isWhitespace) {
            throw ValidationError("--name must be a name of 1 to 256 bytes")
        }
    }

    var overrides: CommandLineOverrides {
        var overrides = CommandLineOverrides()
        overrides.strategy = strategy
        overrides.pairs = ConfigurationOptions.split(pairs)
        overrides.parameters = parameters
        return overrides
    }
}

/// A dry-run or live job that was just submitted: what is said of it, and the following of it to its end.
struct SubmittedTradingJob {
    private let job: JobID
    private let stakeCurrency: String
    private let client: ControlClient
    private let asJSON: Bool

    init(_ job: JobID, _ configuration: EffectiveConfiguration, _ client: ControlClient, asJSON: Bool) {
        self.job = job
        stakeCurrency = configuration.sizing.stakeCurrency
        self.client = client
        self.asJSON = asJSON
    }

    /// Says that it was submitted, and why it waits where it does; then follows it, unless it is left alone.
    func tell(_ text: String, kind: JobKind, detach: Bool) throws(FleetError) {
        tell("submitted", text)
        if detach, !asJSON { Terminal.line(Self.advice(job)) }
        if let reason = try DryRunWaiting.reason(job, of: kind, client) { tell("note", reason) }
        if !detach { try follow() }
    }

    private func tell(_ event: String, _ text: String) {
        if asJSON { return Terminal.jsonLine(TradingEvent(event: event, job: job.rawValue, text: text)) }
        if event == "note" { Terminal.note(text) } else { Terminal.line(text) }
    }

    /// How to look at a job, and how to end it.
    static func advice(_ job: JobID) -> String {
        "look at it with 'pragma positions --job \(job)', 'pragma trades --job \(job)', 'pragma jobs show \(job)'; end it with 'pragma jobs cancel \(job)'"
    }

    private func follow() throws(FleetError) {
        let interruption = DryRunFollow.Interruption()
        let signals = SignalWatch([SIGINT, SIGTERM]) { interruption.set() }
        defer { withExtendedLifetime(signals) {} }
        var follow = DryRunFollow(
            client, job: job, stakeCurrency: stakeCurrency, asJSON: asJSON, isInterrupted: interruption)
        guard let line = try follow.untilEnd() else {
            throw FleetError(.interrupted, "job \(job) goes on; \(Self.advice(job))")
        }
        guard line.state == .succeeded else { throw FleetError(.negative, try FleetBacktest.failure(of: job, line, client)) }
    }
}
