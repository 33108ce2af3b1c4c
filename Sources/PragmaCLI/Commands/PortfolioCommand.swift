internal import ArgumentParser
internal import Coordination
internal import Fleet

/// `pragma portfolio`.
struct PortfolioCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "portfolio",
        abstract: "Shows the limits of all live accounts together, and how much of its part each account uses.",
        discussion: """
            An account's part is its weight's share of every limit. A worker may use what was allotted to it last, until it ends; it is allotted \
            anew every second while its worker is heard. What is used is added up from the job's records, at the closes of the newest candles.

            Exit code 1: the records of a job could not be read; the others are shown; 2: the coordinator has no portfolio in its role file.

            Example: pragma portfolio --json

            JSON keys: currency, max_exposure, max_open_orders, max_daily_loss, opens_in_seconds (after a start of the coordinator nothing is \
            allotted for so long; left out once it is), accounts (account, weight, job, job_state, other_currency, part and allotted (exposure, \
            open_orders, daily_loss), ends_in_seconds, used (exposure, open_orders, daily_loss)), problems (job, problem); amounts are texts; \
            left out is what there is not.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let client = try ControlClient(FleetSetup.client(global))
        let answer = try FleetPortfolio.read { query throws(FleetError) in try client.query(query) }
        if output.json { Terminal.json(answer) } else { Terminal.line(answer.text) }
        try TradingScopeOptions.tell(answer.problems)
    }
}
