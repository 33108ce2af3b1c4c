internal import ArgumentParser
internal import Fleet

/// `pragma compare A B`.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compares two trade lists field by field.",
        discussion: """
            Each file is a JSON list of trades (as 'pragma backtest --export-trades' writes it), an object with "trades", or \
            freqtrade's result. Numbers must be the same doubles unless --tolerance is given. Fields that only one file has \
            are named once and are no difference, but for those that make a trade: rates, amount, closing date, profits and exit \
            reason.

            Example: pragma compare ours.json theirs.json

            JSON keys: same, trades_a, trades_b, values_compared, differences (trade, pair, open_date, field, a, b), notes, \
            not_compared. Exit code 0 where they are the same, 1 where they differ, lack one of the fields that make a trade or \
            hold no trade at all, 2 where a file cannot be read.
            """)

    @Argument(help: "The first list.")
    var a: String

    @Argument(help: "The second list.")
    var b: String

    @Option(name: .long, help: "How far numbers may be apart, absolutely below 1 and relative to the larger above.")
    var tolerance = 0.0

    @OptionGroup var output: OutputOptions

    func run() throws {
        guard tolerance >= 0, tolerance < 1 else {
            throw FleetError(.input, "--tolerance is \(tolerance), it must be at least 0 and below 1")
        }
        let comparison = TradeComparison(try TradeList(path: a), try TradeList(path: b), tolerance: tolerance)
        if output.json { Terminal.json(comparison.value) } else { Terminal.line(comparison.text) }
        if !comparison.isSame { throw ExitCode(FleetError.Code.negative.rawValue) }
    }
}
