internal import ArgumentParser
internal import Configuration
internal import Fleet
internal import Market
internal import MarketData

/// `pragma data`: candle files.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Makes demo candles, downloads and imports candles, imports instruments, lists and checks.",
        discussion: """
            A data folder is freqtrade's: <BASE>_<QUOTE>-<timeframe>.feather, and instruments.json beside them.

              pragma data demo candles --pairs 5 --days 180
              pragma data import downloads --to candles
              pragma data list candles
              pragma data check candles
            """,
        subcommands: [DataDownload.self, DataDemo.self, DataList.self, DataCheck.self, DataImport.self, DataInstruments.self])
}

/// `pragma data list DIR`.
struct DataList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the candles in a folder.",
        discussion: """
            Example: pragma data list candles

            JSON keys: folder, candles (pair, timeframe, kind, rows, first, last), instruments (path, exchange, pairs; null \
            where there is no instruments.json). Exit code 2 where a file cannot be read.
            """)

    @Argument(help: "The folder with the candle files.")
    var folder: String

    @Option(name: .long, help: "The exchange, where the folder has one folder for each.")
    var exchange: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let (store, list, instruments) = try FleetError.mapping {
            let store = try CandleStore(folder: folder, exchange: exchange)
            let instruments = Files.exists(store.instrumentsPath) ? try store.instruments() : nil
            return (store, try store.list(), instruments)
        }
        if output.json {
            Terminal.json(Self.value(store: store, list: list, instruments: instruments))
        } else {
            Terminal.line(Self.text(store: store, list: list, instruments: instruments))
        }
    }

    static func value(store: CandleStore, list: [CandleSummary], instruments: InstrumentFile?) -> ConfigValue {
        let candles = list.map { summary in
            JSON.object([
                "pair": JSON.text(summary.key.pair.description), "timeframe": JSON.text(summary.key.timeframe.description),
                "kind": JSON.text(summary.key.kind.label), "rows": JSON.integer(summary.rows),
                "first": JSON.text(summary.first?.iso8601), "last": JSON.text(summary.last?.iso8601),
            ])
        }
        let file = instruments.map { file in
            JSON.object([
                "path": JSON.text(file.path), "exchange": JSON.text(file.exchange),
                "pairs": JSON.list(file.instruments.keys.sorted().map { $0.description }),
            ])
        }
        return JSON.object([
            "folder": JSON.text(store.folder), "candles": JSON.list(candles), "instruments": file ?? JSON.null,
        ])
    }

    static func text(store: CandleStore, list: [CandleSummary], instruments: InstrumentFile?) -> String {
        var table = TextTable([
            .left("pair"), .left("timeframe"), .left("kind"), .right("candles"), .left("first"), .left("last"),
        ])
        for summary in list {
            table.add([
                summary.key.pair.description, summary.key.timeframe.description, summary.key.kind.label, String(summary.rows),
                summary.first.map(Format.time) ?? "-", summary.last.map(Format.time) ?? "-",
            ])
        }
        let known = instruments.map { file in
            "instruments: \(file.instruments.count)\(file.exchange.isEmpty ? "" : " of " + file.exchange)"
        }
        return table.text + "\n\n"
            + (known ?? "no \(InstrumentFile.name): a backtest needs one; make it with '\(InstrumentFile.command)'")
    }
}

extension CandleKind {
    /// The kind as tables and JSON name it.
    var label: String { self == .spot ? "spot" : rawValue }
}
