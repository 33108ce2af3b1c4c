internal import ArgumentParser
internal import Coordination
internal import Fleet
internal import Foundation

/// `pragma risk`.
struct RiskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "risk", abstract: "Shows what a live job's account may lose, and resets its circuit breaker.",
        discussion: "Example: pragma risk 12", subcommands: [Show.self, Reset.self], defaultSubcommand: Show.self)

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Shows limits, equity, losses and the circuit breaker of a live job.",
            discussion: """
                All of it is what the job has recorded last: equity is recorded at least once a minute while it changes.

                Exit code 1: its records cannot be read; 2: it is not live.

                Example: pragma risk show 12

                JSON keys: job, state, exchange, account, currency, limits (those of the risk section), equity, equity_time, peak, \
                drawdown, day_start, daily_loss (parts of peak and day_start), consecutive_losses, breaker (state: closed, open, half_open; \
                reasons, since, until, needs_reset, trips, wins), last_reset (by, reason, time).
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var argument: JobsCommand.JobArgument

        func run() throws {
            let client = try ControlClient(FleetSetup.client(global))
            let risk = try FleetRisk(argument.id) { query throws(FleetError) in try client.query(query) }
            if output.json { Terminal.json(risk.answer) } else { Terminal.line(risk.answer.text) }
        }
    }

    struct Reset: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset", abstract: "Forgives what opened the circuit breaker of a live job's account.",
            discussion: """
                The equity of now becomes the new peak, and the breaker half-open: one trade at a time at a quarter of every limit until three \
                were won. It stays open where another reason holds, as the loss of the day. Name and reason stand in the job's records \
                and in the coordinator's log. Prints the state after it, as 'pragma risk show'.

                Exit code 4: it does not run, is not live, or the key may not; 5: the job has recorded no reset within --timeout.

                Example: pragma risk reset 12 --reason "the exchange's prices were wrong"

                JSON keys: those of 'pragma risk show'.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var argument: JobsCommand.JobArgument
        @Option(name: .long, help: "Why it may go on.") var reason: String
        @Option(name: .long, help: "Seconds to wait for the job's record of it.") var timeout = 15.0

        func validate() throws {
            if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason must say why it may go on") }
            try TimeoutOption.check(timeout)
        }

        func run() throws {
            let client = try ControlClient(FleetSetup.client(global))
            var risk = try FleetRisk(argument.id) { query throws(FleetError) in try client.query(query) }
            let end = ContinuousClock.now + .seconds(timeout)
            try risk.reset(
                by: FleetSetup.person, reason: reason,
                { request throws(FleetError) in try client.request(request) },
                wait: {
                    Thread.sleep(forTimeInterval: 0.2)
                    return ContinuousClock.now < end
                })
            if output.json { Terminal.json(risk.answer) } else { Terminal.line(risk.answer.text) }
        }
    }
}
