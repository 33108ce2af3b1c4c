internal import ArgumentParser
internal import Coordination
internal import Fleet

/// `pragma drift JOB`.
struct DriftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift", abstract: "Compares a dry-run or live job with a backtest over the candles that it saw.",
        discussion: """
            The candles are those of the job's own records, from the first that it decided on to the last; configuration and strategy are \
            the job's. Each trade that differs is listed with its cause: only_in_job, only_in_backtest, entry_candle, exit_candle, \
            exit_reason, entry_price, exit_price, stake, fees. The job's profit less the backtest's is split among the causes; what is left \
            is rounding. Trades that are open at the end count with the last close.

            Exit code 1: the job has no candle yet, or its records cannot be read; 2: it does not trade, or this build of pragma does not \
            have its strategy. Differences are no failure.

            Example: pragma drift 12

            JSON keys: job, kind, exchange, strategy, stake_currency, from, to, trades (job, backtest, matched, same), profit (job, \
            backtest, difference), causes (cause, count, profit), differences (cause, pair, time, job_trade, backtest_trade, job, backtest, \
            reason, profit), notices.
            """)

    @Argument(help: ArgumentHelp("The job's number.", valueName: "job")) var job: Int64
    @Option(name: .long, help: "At most this many differences as a table, the newest ones; JSON has all.") var limit = 100
    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if job < 1 { throw ValidationError("a job's number is 1 or more") }
        if !(1...100_000).contains(limit) { throw ValidationError("--limit must be 1 to 100000") }
    }

    func run() throws {
        let client = try ControlClient(FleetSetup.client(global))
        let drift = FleetDrift(
            ask: { query throws(FleetError) in try client.query(query) }, registry: try PragmaCLI.registry,
            executable: try OwnExecutable.hash())
        let answer = try drift.answer(JobID(job))
        if output.json { Terminal.json(answer) } else { Terminal.line(answer.text(limit: limit)) }
    }
}
