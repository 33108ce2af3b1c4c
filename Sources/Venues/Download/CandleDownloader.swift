package import Connectors
import Exchange
package import Market
package import MarketData

/// Brings the missing candles of some pairs from a venue into a folder: the shell of `CandleDownload`.
///
/// What is stored when the process dies stays; the next run asks for the rest only.
package struct CandleDownloader: Sendable {
    /// What became of each pair and timeframe.
    package typealias Report = [CandleDownload.Outcome]

    private let market: MarketDataClient
    private let store: CandleStore
    /// The exchange's name in `instruments.json`, as ccxt spells it.
    private let exchange: String
    private let requestsPerStore: Int

    package init(_ market: MarketDataClient, into store: CandleStore, exchange: String, requestsPerStore: Int = 50) {
        self.market = market
        self.store = store
        self.exchange = exchange
        self.requestsPerStore = requestsPerStore
    }

    /// Writes the instruments, then brings candles. `progress` is told after each answer.
    ///
    /// - Throws: `VenueError` where the venue's list cannot be had or lacks a pair; `MarketDataError` where the folder cannot be written.
    ///   A pair whose candles cannot be had is an outcome with a `failure`; the others go on.
    package func run(
        _ pairs: [Pair], _ timeframes: [Timeframe], range: TimeRange, progress: (CandleDownload.Progress) -> Void = { _ in }
    ) async throws -> Report {
        _ = try await market.serverTime()
        var instruments: [Pair: TradedInstrument] = [:]
        for pair in pairs { instruments[pair] = try await market.instrument(pair) }
        try write(instruments.values.map(\.instrument))
        let now = await market.gate.venueNow()
        var goals: [DownloadGoal] = []
        for pair in pairs {
            for timeframe in timeframes {
                let key = CandleKey(pair, timeframe)
                let stored = try store.storedCandles(key)?.times
                goals.append(DownloadGoal(key, range: range, stored: stored.map { Array($0) } ?? [], now: now))
            }
        }
        return try await carryOut(goals, instruments, progress)
    }

    private func carryOut(
        _ goals: [DownloadGoal], _ instruments: [Pair: TradedInstrument], _ progress: (CandleDownload.Progress) -> Void
    ) async throws -> Report {
        let traits = CandleVenueTraits(candleLimit: market.venue.candleLimit, reachesBack: market.venue.candlesReachBack)
        var download = CandleDownload(goals, traits: traits, requestsPerStore: requestsPerStore)
        let start = market.clock.now().uptime
        while true {
            switch download.next() {
            case .request(let request):
                try Task.checkCancellation()
                guard let instrument = instruments[request.key.pair] else {
                    download.failed("the venue does not list it")
                    continue
                }
                await answer(request, instrument, &download)
                progress(download.progress(elapsed: market.clock.now().uptime - start))
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
            download.received(candles, now: await market.gate.venueNow())
        } catch {
            download.failed(error.description)
        }
    }

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
        for instrument in instruments { file.instruments[instrument.pair] = instrument }
        _ = try CandleStore(creating: store.folder)
        try file.write(to: store.instrumentsPath)
    }
}
