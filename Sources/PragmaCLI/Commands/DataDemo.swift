internal import ArgumentParser
internal import Configuration
internal import Fleet
internal import Market
internal import MarketData
internal import SyntheticMarket

/// `pragma data demo DIR`.
struct DataDemo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Writes candles of a market that never was, for a first run without a download.",
        discussion: """
            Volatility comes in regimes and clusters, prices jump, pairs move together. The last candle closes at the end of \
            2024, whenever this is run: the same options give the same files. Prices mean nothing; no strategy that earns here \
            is worth anything.

            Example: pragma data demo candles --pairs 5 --days 180 --timeframes 5m,1h --seed 1

            JSON keys: folder, seed, pairs, timeframes, start, end, files (path, rows). Exit code 2 where the folder holds \
            candles that this command did not write.
            """)

    @Argument(help: "The folder to write to; it is made where it is missing.")
    var folder: String

    @Option(
        name: .long,
        help: ArgumentHelp("How many pairs, or which: 5, or BTC/USDT,ETH/USDT, or BTC,ETH.", valueName: "number or list"))
    var pairs = "5"

    @Option(name: .long, help: "How many days of candles.")
    var days = 180

    @Option(name: .long, help: ArgumentHelp("The timeframes, multiples of a minute.", valueName: "list"))
    var timeframes = "5m,1h"

    @Option(name: .long, help: "What all randomness follows from.")
    var seed: UInt64 = 1

    @OptionGroup var output: OutputOptions

    func run() throws {
        let plan = try DemoPlan(pairs: pairs, days: days, timeframes: timeframes, seed: seed)
        let clock = ContinuousClock()
        let start = clock.now
        let showsProgress = Terminal.isInteractive && !output.json
        let written = try FleetError.mapping {
            try plan.write(to: folder) { path in if showsProgress { Terminal.redraw("writing \(path)") } }
        }
        if showsProgress { Terminal.redraw("") }
        if output.json {
            Terminal.json(plan.value(folder: folder, files: written))
        } else {
            let rows = written.reduce(0) { $0 + $1.rows }
            let elapsed = Format.duration(milliseconds: (clock.now - start).milliseconds)
            Terminal.line(
                "\(folder): \(written.count) files with \(rows) candles of \(plan.pairs.count) pairs, \(plan.market.days) days, "
                    + "and \(InstrumentFile.name) (\(elapsed))")
        }
    }
}

/// What `pragma data demo` writes.
struct DemoPlan {
    /// The exchange that the instruments name, so that freqtrade's example configurations fit.
    static let exchange = "binance"
    /// Where all demo candles end: a fixed time, so that the same seed gives the same files.
    static let end = "2025-01-01"
    /// The file that says that the candles beside it are not real.
    static let markerName = "demo.json"

    private static let bases = [
        "BTC", "ETH", "SOL", "XRP", "ADA", "BNB", "DOGE", "LTC", "LINK", "DOT", "AVAX", "XMR", "ETC", "ZEC", "XLM", "TRX",
    ]

    let market: SyntheticMarket
    let timeframes: [Timeframe]
    var pairs: [Pair] { market.pairs }

    /// A plan from the texts of the command line.
    init(pairs: String, days: Int, timeframes: String, seed: UInt64) throws(FleetError) {
        self.timeframes = try Self.timeframes(timeframes)
        let list = try Self.pairs(pairs)
        guard let end = Timestamp(iso8601: Self.end) else { preconditionFailure("the end of the demo is no date") }
        do throws(SyntheticMarket.Failure) {
            market = try SyntheticMarket(
                seed: seed, pairs: list, start: end.advanced(byMilliseconds: -Int64(clamping: days).days), days: days)
        } catch {
            throw FleetError(.input, "--\(error)")
        }
    }

    private static func timeframes(_ text: String) throws(FleetError) -> [Timeframe] {
        var result: [Timeframe] = []
        for name in ConfigurationOptions.split([text]) {
            guard let timeframe = Timeframe(name) else {
                throw FleetError(.input, "--timeframes: '\(name)' is not a timeframe; write 1m, 5m, 1h, 1d")
            }
            if !result.contains(timeframe) { result.append(timeframe) }
        }
        guard !result.isEmpty else { throw FleetError(.input, "--timeframes is empty; write 5m, or 5m,1h") }
        return result
    }

    private static func pairs(_ text: String) throws(FleetError) -> [Pair] {
        if let count = Int(text) {
            guard (1...bases.count).contains(count) else {
                throw FleetError(.input, "--pairs is \(count), it must be 1 to \(bases.count), or a list: BTC/USDT,ETH/USDT")
            }
            return bases.prefix(count).compactMap { Pair($0 + "/USDT") }
        }
        var result: [Pair] = []
        for name in ConfigurationOptions.split([text]) {
            guard let pair = Pair(name.contains("/") ? name : name + "/USDT"), pair.settle == nil else {
                throw FleetError(.input, "--pairs: '\(name)' is not a spot pair; write BTC/USDT, or a number of pairs")
            }
            if !result.contains(pair) { result.append(pair) }
        }
        guard !result.isEmpty else { throw FleetError(.input, "--pairs is empty; write a number, or BTC/USDT,ETH/USDT") }
        return result
    }

    /// Writes all files below `folder` and tells each path before. Candles that something else wrote are never replaced.
    func write(to folder: String, onFile: (String) -> Void) throws -> [(path: String, rows: Int)] {
        try refuseRealCandles(folder)
        let store = try CandleStore(creating: folder)
        try Files.write(Array(JSON.pretty(marker).utf8) + [0x0A], to: store.folder + "/" + Self.markerName, mode: 0o644)
        var written: [(path: String, rows: Int)] = []
        for pair in pairs {
            let keys = timeframes.map { CandleKey(pair, $0) }
            if let first = keys.first { onFile(store.path(first)) }
            for (key, candles) in zip(keys, try market.candles(pair, timeframes)) {
                if key != keys.first { onFile(store.path(key)) }
                try store.write(candles, as: key)
                written.append((store.path(key), candles.count))
            }
        }
        try InstrumentFile(exchange: Self.exchange, instruments: market.instruments).write(to: store.instrumentsPath)
        return written
    }

    private func refuseRealCandles(_ folder: String) throws(FleetError) {
        guard Files.isFolder(folder), !Files.exists(folder + "/" + Self.markerName) else { return }
        let others = try Files.names(in: folder).filter { $0.hasSuffix(".feather") || $0 == InstrumentFile.name }
        guard let first = others.first else { return }
        throw FleetError(
            .input, "\(folder) holds \(first), which 'pragma data demo' did not write; name another folder for demo candles")
    }

    private var marker: ConfigValue {
        JSON.object([
            "synthetic": JSON.flag(true), "note": JSON.text("Written by 'pragma data demo': a market that never was."),
            "seed": JSON.text(String(market.seed)),
        ])
    }

    func value(folder: String, files: [(path: String, rows: Int)]) -> ConfigValue {
        JSON.object([
            "folder": JSON.text(folder), "seed": JSON.text(String(market.seed)),
            "pairs": JSON.list(pairs.map { $0.description }), "timeframes": JSON.list(timeframes.map { $0.description }),
            "start": JSON.text(market.start.iso8601),
            "end": JSON.text(market.start.advanced(byMilliseconds: Int64(market.days).days).iso8601),
            "files": JSON.list(files.map { JSON.object(["path": JSON.text($0.path), "rows": JSON.integer($0.rows)]) }),
        ])
    }
}

extension Int64 {
    /// This many days in milliseconds, at the limits of `Int64` where they are passed.
    fileprivate var days: Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: 86_400_000)
        return overflow ? (self < 0 ? -.max / 4 : .max / 4) : Swift.min(Swift.max(product, -.max / 4), .max / 4)
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
    /// Seconds with their fraction.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
