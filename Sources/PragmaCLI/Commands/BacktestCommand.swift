internal import ArgumentParser
internal import Configuration
internal import Fleet
internal import Strategies

/// `pragma backtest -c FILE`.
struct BacktestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Runs one backtest through the fleet, or in this process with --local.",
        discussion: """
            The configuration is freqtrade's config.json; FREQTRADE__SECTION__KEY variables and options win over it. Candles \
            come from --datadir, else from the configuration's "datadir". A job that ran before is answered from the fleet's \
            store unless --fresh is given.

            Example: pragma backtest -c configs/backtest.json --datadir candles --set fast=9 --local

            JSON: the whole report: strategy, parameters, timeframe, stake_currency, exchange, statistics (freqtrade's names, \
            among them wallet_stats and periodic_breakdown), counters, trades. Exit code 2 where the configuration or the candles are at fault, 3 without a fleet.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(name: .long, help: ArgumentHelp("Write the trades as JSON with freqtrade's field names.", valueName: "file"))
    var exportTrades: String?

    @Option(
        name: .long, parsing: .upToNextOption,
        help: ArgumentHelp("Show tables by the period of closing: day, week, month, year, weekday.", valueName: "period"))
    var breakdown: [Breakdown] = []

    @Flag(name: .long, help: "Run in this process, without a fleet.")
    var local = false

    @Flag(name: .long, help: "Run anew though the fleet knows the result.")
    var fresh = false

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let registry = try PragmaCLI.registry
        let configuration = try FleetError.mapping {
            try EffectiveConfiguration.load(
                files: options.config, environment: ConfigurationOptions.environment, overrides: options.overrides,
                registry: registry, purpose: .backtest)
        }
        for warning in configuration.warnings { Terminal.note(warning.description) }
        let folder = try DataFolder.resolve(configuration)
        let report =
            local
            ? try runLocally(configuration, folder, registry)
            : try runInFleet(configuration, folder)
        // Shown first, so that a file that cannot be written does not cost the run.
        if output.json { Terminal.json(report) } else { Terminal.line(BacktestSummary(report, breakdowns: breakdown).text) }
        guard let exportTrades else { return }
        let count = try TradeExport.write(report, to: exportTrades)
        Terminal.note("\(exportTrades): \(Format.count(count, "trade"))")
    }

    private func runInFleet(_ configuration: EffectiveConfiguration, _ folder: String) throws(FleetError) -> ConfigValue {
        do throws(FleetError) {
            return try FleetBacktest.run(configuration, dataFolder: folder, fresh: fresh, node: FleetSetup.client(global))
        } catch {
            guard error.code == .noFleet else { throw error }
            throw FleetError(.noFleet, error.message + "; or add --local to run it in this process")
        }
    }

    private func runLocally(
        _ configuration: EffectiveConfiguration, _ folder: String, _ registry: StrategyRegistry
    ) throws(FleetError) -> ConfigValue {
        guard Terminal.isInteractive, !output.json else {
            return try LocalBacktest.run(configuration, dataFolder: folder, registry: registry)
        }
        let clock = ContinuousClock()
        let start = clock.now
        var progress: Progress?
        Terminal.redraw("reading candles ...")
        defer { Terminal.redraw("") }
        return try LocalBacktest.run(configuration, dataFolder: folder, registry: registry) { done, total in
            var current = progress ?? Progress(total: UInt64(clamping: total))
            current.note(done: UInt64(clamping: done), seconds: (clock.now - start).seconds)
            Terminal.redraw(current.line())
            progress = current
        }
    }
}
