internal import ArgumentParser
internal import Fleet
internal import Market
internal import MarketData

/// `pragma data instruments --from FILE`.
struct DataInstruments: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instruments",
        abstract: "Makes instruments.json (steps, limits, fees of the pairs) from a file.",
        discussion: """
            The file is a run.json with markets, ccxt's markets (an object by symbol or a list, alone or below the exchange's \
            name), or another instruments.json. With --datadir the result is written beside the candles, and pairs that are \
            there already and not in FILE stay; without it, it is printed.

            Example: pragma data instruments --from run.json --datadir candles
            """)

    @Option(name: .long, help: ArgumentHelp("The file to read.", valueName: "file"))
    var from: String

    @Option(
        name: .long, help: ArgumentHelp("The folder with the candles, in which instruments.json is written.", valueName: "dir"))
    var datadir: String?

    @Option(name: .long, help: "The exchange's name, and which one to take where the file has several.")
    var exchange: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How ccxt's precisions are meant: tickSize, decimalPlaces or significantDigits.", valueName: "mode"))
    var precisionMode: PrecisionModeName?

    @Flag(name: .long, help: "Drop pairs that are there already and not in FILE.")
    var replace = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let imported = try FleetError.mapping {
            try InstrumentFile(importing: from, exchange: exchange, precisionMode: precisionMode?.mode)
        }
        guard let datadir else {
            Terminal.line(imported.encoded.hasSuffix("\n") ? String(imported.encoded.dropLast()) : imported.encoded)
            Terminal.note("add --datadir DIR to write this as DIR/\(InstrumentFile.name)")
            return
        }
        let (path, count) = try FleetError.mapping {
            let store = try CandleStore(folder: datadir, exchange: exchange)
            var file = imported
            if !replace, Files.exists(store.instrumentsPath) {
                file = try imported.merged(over: try store.instruments())
            }
            try file.write(to: store.instrumentsPath)
            return (store.instrumentsPath, file.instruments.count)
        }
        if output.json {
            Terminal.json(
                JSON.object([
                    "path": JSON.text(path), "imported": JSON.integer(imported.instruments.count), "pairs": JSON.integer(count),
                ]))
        } else {
            Terminal.line("\(path): \(count) instruments, \(imported.instruments.count) of them from \(from)")
        }
    }
}

/// The precision modes as the command line spells them.
enum PrecisionModeName: String, ExpressibleByArgument, CaseIterable {
    case tickSize, decimalPlaces, significantDigits

    var mode: Instrument.PrecisionMode {
        switch self {
        case .tickSize: .tickSize
        case .decimalPlaces: .decimalPlaces
        case .significantDigits: .significantDigits
        }
    }
}

extension InstrumentFile {
    /// These instruments, and those of `older` that are not among them. Throws where the two are of different venues or spell
    /// precisions differently, since one file can hold one of each.
    func merged(over older: InstrumentFile) throws(FleetError) -> InstrumentFile {
        guard exchange.isEmpty || older.exchange.isEmpty || ExchangeName.isSame(exchange, older.exchange) else {
            throw FleetError(
                .input, "\(older.path) is of exchange \(older.exchange), \(path) of \(exchange); use another folder, or --replace"
            )
        }
        guard precisionMode == older.precisionMode else {
            throw FleetError(
                .input, "\(older.path) has precisions as \(older.precisionMode), \(path) as \(precisionMode); use --replace")
        }
        let name = exchange.isEmpty ? older.exchange : exchange
        let all = older.instruments.merging(instruments) { $1 }
        return InstrumentFile(exchange: name, precisionMode: precisionMode, instruments: Array(all.values), path: older.path)
    }
}
