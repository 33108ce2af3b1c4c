internal import ArgumentParser
internal import Configuration
internal import Coordination
internal import Fleet
internal import FleetProtocol
internal import Foundation
internal import Market
internal import Research
internal import Strategies

/// `pragma sweep`.
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Runs a farm of backtests over strategies, parameters, pairs and time ranges, and ranks them.",
        discussion: """
            The same farm on the same candles by the same build is answered from the store; --fresh runs it anew.

            Exit code 0: every combination has a row; 1: some failed, or the sweep was canceled.

            Example: pragma sweep configs/farm.yaml --datadir ./data --csv rows.csv

            JSON keys: job (as in 'pragma jobs list'), rank_by, seconds, rows (rank, combination, strategy, parameters, pairs, \
            timerange, total_trades, profit_total, profit_total_abs, final_balance, sharpe, sortino, calmar, \
            max_drawdown_account, winrate, profit_factor). With --detach: job (its number), combinations.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The farm file (YAML).") var farm: String
    @Option(name: .long, help: "Where the candles are; default: what the configuration says.") var datadir: String?
    @Option(name: .long, help: "Replaces the farm's time ranges.") var timerange: String?
    @Option(name: .long, help: "Write every row to this CSV file.") var csv: String?
    @Option(name: .long, help: "How many rows the leaderboard shows.") var top: Int?
    @Option(name: .long, help: "-100 to 100; higher goes first.") var priority = 0
    @Flag(name: .long, help: "Run it although the store has the result.") var fresh = false
    @Flag(name: .long, help: "Submit it and return; see 'pragma jobs watch'.") var detach = false

    func validate() throws {
        if !(-100...100).contains(priority) { throw ValidationError("--priority must be -100 to 100") }
        if let top, !(1...10_000).contains(top) { throw ValidationError("--top must be 1 to 10000") }
    }

    func run() throws {
        var overrides = CommandLineOverrides()
        overrides.timerange = timerange
        overrides.dataFolder = datadir
        let farm = try FleetSetup.checked {
            try FarmConfiguration.load(
                path: self.farm, environment: ProcessInfo.processInfo.environment, overrides: overrides,
                registry: try PragmaCLI.registry)
        }
        for warning in farm.warnings { Terminal.note("\(warning)") }
        if let csv { try checkFolder(of: csv) }
        let folder = try DataFolder.resolve(farm.base)
        let name = URL(fileURLWithPath: self.farm).deletingPathExtension().lastPathComponent
        let built = try JobBuilder(dataFolder: folder, exchange: farm.base.exchange.name)
            .sweep(farm, name: name, priority: priority, fresh: fresh)
        let client = try ControlClient(FleetSetup.client(global))
        let clock = ContinuousClock()
        let started = clock.now
        let accepted = try JobSubmission.submit(built, to: client)
        if !output.json {
            Terminal.line(
                "job \(accepted.id): \(farm.sweep.combinationCount) backtests" + (accepted.isExisting ? ", submitted before" : "")
            )
        }
        if detach {
            if output.json {
                Terminal.json(["job": accepted.id.rawValue, "combinations": Int64(clamping: farm.sweep.combinationCount)])
            }
            return
        }
        let line = try JobWatch(client, job: accepted.id, quiet: output.json).untilEnd()
        let (tally, unwritten) = try collect(accepted.id, farm, client)
        report(farm, line, tally, seconds: (clock.now - started).seconds, isExisting: accepted.isExisting)
        // Shown first, so that a file that cannot be written does not cost the leaderboard.
        if let unwritten { throw unwritten }
        if let first = tally.firstFailed { tellCause(of: first, in: farm, dataFolder: folder) }
        guard line.state == .succeeded, tally.failedCount == 0, tally.rowCount == farm.sweep.combinationCount else {
            let missing = farm.sweep.combinationCount - min(tally.rowCount, farm.sweep.combinationCount)
            throw FleetError(
                .negative,
                "job \(accepted.id) is \(line.state.rawValue): \(tally.failedCount) combinations could not be computed, \(missing) have no result; see 'pragma jobs show \(accepted.id)'"
            )
        }
    }

    /// Fetches the rows page by page into the tally and the CSV file; the error of a file that could not be written comes back.
    private func collect(
        _ job: JobID, _ farm: FarmConfiguration, _ client: ControlClient
    ) throws(FleetError) -> (SweepTally, FleetError?) {
        var tally = SweepTally(metric: farm.metric, capacity: top ?? farm.top)
        var file = csv.map { SweepCSVFile(path: FleetSetup.absolute($0), describe: { farm.sweep.combination(at: $0) }) }
        try ResultPages.rows(of: job, { unit throws(FleetError) in try JobSubmission.page(of: job, from: unit, client) }) {
            rows in
            tally.take(rows)
            file?.append(rows)
        }
        return (tally, file?.finish())
    }

    /// A farm may take hours: that its rows can be written is looked at before.
    private func checkFolder(of csv: String) throws(FleetError) {
        let folder = URL(fileURLWithPath: FleetSetup.absolute(csv)).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw FleetError(.input, "--csv \(csv): the folder \(folder) is not there or cannot be written to")
        }
    }

    /// Rows hold figures and no messages: one of the failed combinations is run here again, for what it says.
    private func tellCause(of row: SweepRow, in farm: FarmConfiguration, dataFolder: String) {
        let combination = farm.sweep.combination(at: row.index)
        do throws(FleetError) {
            _ = try LocalBacktest.run(
                farm.configuration(of: combination), dataFolder: dataFolder, registry: try PragmaCLI.registry)
        } catch {
            Terminal.note("combination \(row.index) (\(combination.strategy)): \(error.message)")
        }
    }

    private func report(_ farm: FarmConfiguration, _ line: JobLine, _ tally: SweepTally, seconds: Double, isExisting: Bool) {
        let describe = { (index: UInt64) in farm.sweep.combination(at: index) }
        if output.json {
            return Terminal.json(
                SweepJSON(job: line, metric: farm.metric.rawValue, seconds: seconds, rows: tally.board.rows, describe: describe))
        }
        Terminal.line(LeaderboardTable.text(tally.board, stakeCurrency: farm.base.sizing.stakeCurrency, describe: describe))
        if tally.emptyCount > 0 { Terminal.line("\(tally.emptyCount) combinations have no candles in their time range") }
        if !isExisting {
            let rate = Format.rate(Double(tally.rowCount) / max(seconds, 0.001))
            Terminal.line("\(tally.rowCount) backtests in \(Format.fixed(seconds, 1)) s: \(rate)/s")
        }
    }
}

/// Submits jobs and fetches their results.
enum JobSubmission {
    /// Submits one job. It may be sent several times; the coordinator takes it once.
    static func submit(_ built: BuiltJob, to client: ControlClient) throws(FleetError) -> AcceptedJob {
        let id = SubmissionID(UInt128.random(in: .min ... .max))
        switch try client.request(.submit(id, [built.job]), payloads: [built.payload]) {
        case .accepted(let jobs):
            guard let job = jobs.first else { throw FleetError(.system, "the coordinator accepted no job") }
            return job
        case .refused(let refusal): throw FleetError(.refused, refusal.message)
        case .job, .done, .confirmation: throw FleetError(.system, "the coordinator answered something else than was asked")
        }
    }

    /// The results of a job from unit `unit` on, as many as go into one answer; nil where there is no such job.
    static func page(of job: JobID, from unit: UInt64, _ client: ControlClient) throws(FleetError) -> ResultsPage? {
        guard case .results(let page) = try client.query(.results(job, from: unit)) else { return nil }
        return page
    }

    /// The result of every unit, in their order.
    static func results(of job: JobID, from client: ControlClient) throws(FleetError) -> [[UInt8]] {
        var all: [[UInt8]] = []
        try ResultPages.each({ unit throws(FleetError) in try page(of: job, from: unit, client) }) { all.append($0) }
        return all
    }
}

/// Finds the folder of the candles.
enum DataFolder {
    static func resolve(_ configuration: EffectiveConfiguration) throws(FleetError) -> String {
        guard let folder = configuration.dataFolder else {
            throw FleetError(
                .input, "no data folder: name it with --datadir, or with execution.data_path or datadir in the configuration")
        }
        return FleetSetup.absolute(folder)
    }
}
