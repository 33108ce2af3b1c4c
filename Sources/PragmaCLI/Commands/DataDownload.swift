internal import ArgumentParser
internal import Connectors
internal import Exchange
internal import Fleet
internal import Market
internal import MarketData
internal import Venues

/// `pragma data download VENUE`.
struct DataDownload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download", abstract: "Brings the missing candles of a venue into a folder, and instruments.json.",
        discussion: """
            Needs no account. What is in the folder already is not asked for again, so that a download that was broken off is simply \
            started anew. Candles that are not over yet are left out. VENUE is the name of a venue file; see 'pragma exchange list'. \
            Where that has public_data, whole months and days come from the venue's files, each checked against its checksum, and \
            the rest over REST. Nobody else may write into the folder meanwhile.

            Example: pragma data download binance --pairs BTC/USDT,ETH/USDT --timeframes 5m,1h --days 30 --datadir data

            JSON keys: folder, candles (pair, timeframe, received, requests, archives, gaps (first, last), missing_before, strange, \
            failure, notes). Exit code 1: some candles could not be had; 2: the venue file, a pair or an option is at fault.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: VenueOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The venue: the name of its file.") var venue: String
    @Option(name: .long, parsing: .upToNextOption, help: "The pairs, separated by commas or blanks.") var pairs: [String]
    @Option(name: .long, parsing: .upToNextOption, help: "The timeframes, separated by commas or blanks.")
    var timeframes: [String] = ["5m"]
    @Option(name: .long, help: "From when to when: 20240101-20240201, 20240101-.") var timerange: String?
    @Option(name: .long, help: "The last so many days, instead of a timerange.") var days: Int?
    @Option(name: .long, help: "The folder with the candles; it need not exist.") var datadir: String

    func validate() throws {
        if timerange != nil, days != nil { throw ValidationError("--timerange and --days exclude each other") }
        if let days, !(1...36_500).contains(days) { throw ValidationError("--days must be 1 to 36500") }
    }

    func run() async throws {
        let file = try options.file(venue, global)
        let (pairs, timeframes) = (try parsedPairs(), try parsedTimeframes())
        let range = try range()
        let store = try FleetError.mapping { try CandleStore.target(folder: datadir) }
        let connectors: ConnectorFactory
        do {
            connectors = try ConnectorFactory(file, version: PragmaVersion.text, clock: ConnectorTime.clock)
        } catch {
            throw FleetError(.input, error.description)
        }
        let market = connectors.market()
        let loader = CandleDownloader(market, into: store, exchange: file.protocolName.exchangeName, archive: connectors.archive)
        var line = ProgressNotes()
        let outcomes: CandleDownloader.Report
        do {
            outcomes = try await loader.run(pairs, timeframes, range: range) { line.note($0) }
            await connectors.shutdown()
        } catch {
            await connectors.shutdown()
            throw Self.fleetError(error)
        }
        let report = DownloadReport(folder: store.folder, outcomes: outcomes)
        if output.json { Terminal.json(report.value) } else { Terminal.line(report.text) }
        if outcomes.contains(where: { $0.failure != nil }) { throw ExitCode(FleetError.Code.negative.rawValue) }
    }

    private static func fleetError(_ error: any Error) -> FleetError {
        switch error {
        case let error as MarketDataError: FleetError(error)
        case let error as VenueError: FleetError(error.kind == .badSymbol ? .input : .negative, error.description)
        default: FleetError(.negative, "\(error)")
        }
    }

    private func parsedPairs() throws(FleetError) -> [Pair] {
        try ConfigurationOptions.split(pairs).map { text throws(FleetError) in
            guard let pair = Pair(text) else { throw FleetError(.input, "--pairs: '\(text)' is no pair; write BTC/USDT") }
            return pair
        }
    }

    private func parsedTimeframes() throws(FleetError) -> [Timeframe] {
        try ConfigurationOptions.split(timeframes).map { text throws(FleetError) in
            guard let timeframe = Timeframe(text) else {
                throw FleetError(.input, "--timeframes: '\(text)' is not a timeframe; write 1m, 5m, 1h, 1d")
            }
            return timeframe
        }
    }

    private func range() throws(FleetError) -> TimeRange {
        if let days {
            return TimeRange(start: Timestamp(milliseconds: FleetSetup.wallClock() - Int64(days) * 86_400_000))
        }
        guard let timerange else { throw FleetError(.input, "write --days N or --timerange START-STOP: how much is wanted") }
        do { return try TimeRange(parsing: timerange) } catch { throw FleetError(.input, "--timerange: \(error)") }
    }
}

/// Progress on standard error: a line for each whole percent.
private struct ProgressNotes {
    private var told = -1

    mutating func note(_ progress: CandleDownload.Progress) {
        let percent = progress.total == 0 ? 100 : progress.done * 100 / progress.total
        guard percent > told else { return }
        told = percent
        let rest = progress.remaining.map { ", " + Format.clock(Double($0.components.seconds)) + " left" } ?? ""
        Terminal.note("\(percent) %  \(progress.done)/\(progress.total) candles\(rest)")
    }
}
