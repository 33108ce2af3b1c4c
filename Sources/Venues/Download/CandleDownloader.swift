package import Connectors
import Exchange
package import Market
package import MarketData

/// Brings the missing candles of some pairs from a venue into a folder: the shell of `ArchiveDownload` and `CandleDownload`.
///
/// What the venue offers as files comes from there, the rest over REST. What is stored when the process dies stays; the next run asks
/// for the rest only.
package struct CandleDownloader: Sendable {
    /// What became of each pair and timeframe.
    package typealias Report = [CandleDownload.Outcome]

    private let market: MarketDataClient
    private let store: CandleStore
    private let archive: CandleArchive?
    /// The exchange's name in `instruments.json`, as ccxt spells it.
    private let exchange: String
    private let requestsPerStore: Int

    /// Without `archive` all candles come over REST.
    package init(
        _ market: MarketDataClient, into store: CandleStore, exchange: String, archive: CandleArchive? = nil,
        requestsPerStore: Int = 50
    ) {
        self.market = market
        self.store = store
        self.exchange = exchange
        self.archive = archive
        self.requestsPerStore = requestsPerStore
    }

    /// Writes the instruments, then brings candles. `progress` is told after each answer. Nobody else may write into the folder meanwhile.
    ///
    /// - Throws: `VenueError` where the venue's list cannot be had or lacks a pair; `MarketDataError` where the folder cannot be written,
    ///   or another writer has it. A pair whose candles cannot be had is an outcome with a `failure`; the others go on.
    package func run(
        _ pairs: [Pair], _ timeframes: [Timeframe], range: TimeRange, progress: (CandleDownload.Progress) -> Void = { _ in }
    ) async throws -> Report {
        _ = try await market.serverTime()
        var instruments: [Pair: TradedInstrument] = [:]
        for pair in pairs { instruments[pair] = try await market.instrument(pair) }
        let lock = try store.lock(for: "a download from \(market.address.id)")
        defer { withExtendedLifetime(lock) {} }
        try write(instruments.values.map(\.instrument))
        let now = market.gate.venueNow()
        let keys = pairs.flatMap { pair in timeframes.map { CandleKey(pair, $0) } }
        var run = Run(try keys.map { try goal($0, range, now) }, start: market.clock.now().uptime)
        if let archive { try await takeFiles(archive, &run, instruments, progress) }
        run.left = try run.goals.filter { run.archived[$0.key]?.failure == nil }.map { try goal($0.key, range, now) }
        let outcomes = try await takePages(run, instruments, progress)
        return run.report(outcomes)
    }

    /// What is missing of `range` in the folder.
    private func goal(_ key: CandleKey, _ range: TimeRange, _ now: Timestamp) throws(MarketDataError) -> DownloadGoal {
        let stored = try store.storedCandles(key)?.times
        return DownloadGoal(key, range: range, stored: stored.map { Array($0) } ?? [], now: now)
    }

    // MARK: - Files

    private func takeFiles(
        _ archive: CandleArchive, _ run: inout Run, _ instruments: [Pair: TradedInstrument],
        _ progress: (CandleDownload.Progress) -> Void
    ) async throws {
        for goal in run.goals {
            guard let instrument = instruments[goal.key.pair], var download = await plan(goal, archive, instrument) else {
                continue
            }
            defer { run.archived[goal.key] = download }
            loop: while true {
                switch download.next() {
                case .fetch(let file):
                    try Task.checkCancellation()
                    switch await archive.fetch(file, as: goal.key) {
                    case .file(let file): download.received(file)
                    case .missing: download.missing()
                    case .refused(let reason): download.refused(reason)
                    case .unreachable(let reason): download.unreachable(reason)
                    }
                    progress(run.progress(adding: download.received, at: market.clock.now().uptime))
                case .store(let candles): try store.add(candles, to: goal.key)
                case .finished: break loop
                }
            }
            run.received += download.received
            // What was cut off by a cancellation is told as such, not as a place that nobody answers at.
            try Task.checkCancellation()
            guard download.isReachable else { return }
        }
    }

    /// The files to fetch, from the pair's first candle on, for which REST is asked; nil: none.
    private func plan(
        _ goal: DownloadGoal, _ archive: CandleArchive, _ instrument: TradedInstrument
    ) async -> ArchiveDownload? {
        guard let first = goal.missing.first else { return nil }
        let now = market.gate.venueNow()
        func download(listed: Timestamp?) -> ArchiveDownload {
            let plan = BinanceArchivePlan(goal, section: archive.section, symbol: instrument.symbol, listed: listed, now: now)
            return ArchiveDownload(plan, goal, pageSize: market.venue.candleLimit)
        }
        guard !download(listed: nil).isEmpty else { return nil }
        // Where this fails REST will say why.
        let page = try? await market.candlePage(
            instrument, goal.key.timeframe, from: Timestamp(milliseconds: first.start), limit: 1)
        return page?.first.map { download(listed: $0.time) }
    }

    // MARK: - REST

    private func takePages(
        _ run: Run, _ instruments: [Pair: TradedInstrument], _ progress: (CandleDownload.Progress) -> Void
    ) async throws -> Report {
        let traits = CandleVenueTraits(candleLimit: market.venue.candleLimit, reachesBack: market.venue.candlesReachBack)
        var download = CandleDownload(run.left, traits: traits, requestsPerStore: requestsPerStore)
        while true {
            switch download.next() {
            case .request(let request):
                try Task.checkCancellation()
                guard let instrument = instruments[request.key.pair] else {
                    download.failed("the venue does not list it")
                    continue
                }
                await answer(request, instrument, &download)
                let rest = download.progress(elapsed: .zero)
                progress(run.progress(leaving: rest.total - rest.done, at: market.clock.now().uptime))
            case .store(let key, let candles):
                var builder = CandleBuilder(capacity: candles.count)
                for candle in candles { builder.append(candle) }
                try store.add(builder.candles, to: key)
            case .finished: return download.outcomes
            }
        }
    }

    private func answer(
        _ request: CandleDownload.Request, _ instrument: TradedInstrument, _ download: inout CandleDownload
    ) async {
        do throws(VenueError) {
            let candles = try await market.candlePage(
                instrument, request.key.timeframe, from: request.from, limit: request.limit)
            download.received(candles, now: market.gate.venueNow())
        } catch {
            download.failed(error.description)
        }
    }

    // MARK: - Instruments

    /// Adds these to the folder's instruments.
    private func write(_ instruments: [Instrument]) throws(MarketDataError) {
        var file = InstrumentFile(exchange: exchange, instruments: [])
        do throws(MarketDataError) {
            file = try store.instruments()
        } catch {
            guard error.kind == .missing else { throw error }
        }
        guard file.precisionMode == .tickSize else {
            throw MarketDataError(
                .content, file: store.instrumentsPath, "has precisions of another mode than \(exchange)",
                remedy: "Use another folder for each exchange")
        }
        // Files of older versions have the venue file's word.
        if ExchangeName.isSame(file.exchange, exchange) { file.exchange = exchange }
        for instrument in instruments { file.instruments[instrument.pair] = instrument }
        _ = try CandleStore(creating: store.folder)
        try file.write(to: store.instrumentsPath)
    }
}

extension CandleDownloader {
    /// What a run has done so far.
    private struct Run {
        /// What was missing at the start.
        let goals: [DownloadGoal]
        let start: Duration
        let total: Int
        /// Candles that files brought.
        var received = 0
        var archived: [CandleKey: ArchiveDownload] = [:]
        /// What is left to REST.
        var left: [DownloadGoal] = []

        init(_ goals: [DownloadGoal], start: Duration) {
            self.goals = goals
            self.start = start
            total = goals.reduce(0) { $0 + $1.count }
        }

        func progress(adding count: Int, at now: Duration) -> CandleDownload.Progress {
            CandleDownload.Progress(done: received + count, total: total, elapsed: now - start)
        }

        func progress(leaving count: Int, at now: Duration) -> CandleDownload.Progress {
            CandleDownload.Progress(done: max(total - count, 0), total: total, elapsed: now - start)
        }

        /// One outcome for each goal, in their order.
        func report(_ pages: Report) -> Report {
            var rest = pages[...]
            return goals.compactMap { goal in
                guard let archived = archived[goal.key] else { return rest.popFirst() }
                guard archived.failure == nil, var outcome = rest.popFirst() else {
                    return CandleDownload.Outcome(archived, of: goal.key)
                }
                outcome.add(archived)
                return outcome
            }
        }
    }
}
