internal import ArgumentParser

/// The root of the command line.
struct Pragma: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pragma",
        abstract: "A fleet for algorithmic crypto trading: backtests, sweeps, dry runs.",
        discussion: """
            A first run without a fleet and without a download:

              pragma data demo candles
              pragma backtest -c configs/backtest.json --datadir candles --local

            Exit codes: 0 done, 1 done but not well (lists differ, a job failed), 2 the input is at fault, 3 no fleet, 4 \
            refused, 5 no answer in time, 6 the machine is at fault, 130 interrupted.
            """,
        version: PragmaVersion.text,
        groupedSubcommands: [
            CommandGroup(name: "Candles and strategies", subcommands: [DataCommand.self, StrategiesCommand.self]),
            CommandGroup(name: "Exchanges", subcommands: [ExchangeCommand.self]),
            CommandGroup(
                name: "Runs",
                subcommands: [
                    ValidateCommand.self, BacktestCommand.self, SweepCommand.self, DryRunCommand.self, LiveCommand.self,
                    JobsCommand.self, CompareCommand.self,
                ]),
            CommandGroup(
                name: "Trading",
                subcommands: [
                    PositionsCommand.self, OrdersCommand.self, TradesCommand.self, PnlCommand.self, DriftCommand.self,
                    RiskCommand.self, PortfolioCommand.self,
                ]),
            CommandGroup(
                name: "Fleet",
                subcommands: [
                    InitCommand.self, UpCommand.self, StatusCommand.self, ProbeCommand.self, StopCommand.self, RearmCommand.self,
                    WorkersCommand.self, KeysCommand.self, BackupCommand.self,
                ]),
            CommandGroup(
                name: "Single roles", subcommands: [CoordinatorCommand.self, WorkerCommand.self, MonitorCommand.self]),
            CommandGroup(name: "Exchanges", subcommands: [PaperExchangeCommand.self]),
        ])
}

/// The version of this program.
enum PragmaVersion {
    /// As `pragma --version` prints it.
    static let text = "0.1.0"
}
