import Connectors
import Exchange
import Market
import MarketData
import PaperExchange
import Testing

@testable import Venues

@Suite(.serialized, .timeLimit(.minutes(5)))
struct DownloadTests {
    private func candles(_ store: CandleStore, _ rig: PaperRig, _ timeframe: Timeframe) throws -> [Candle] {
        let candles = try #require(try store.storedCandles(CandleKey(rig.pair, timeframe)))
        return (0..<candles.count).map { candles.candle(at: $0) }
    }

    @Test(arguments: ["binance", "kraken"])
    func `what is missing is downloaded, with its instrument, and the second time only what is new`(dialect: String) async throws
    {
        try await withRig(dialect) { rig in
            let folder = try TemporaryFolder()
            let store = try CandleStore.target(folder: folder.path + "/candles")
            let market = rig.connectors.market()
            let loader = CandleDownloader(market, into: store, exchange: dialect, requestsPerStore: 1)
            let now = try await market.serverTime()
            let range = TimeRange(start: now.advanced(byMilliseconds: -20 * 3_600_000), stop: now)
            let first = try await loader.run([rig.pair], [.oneMinute, .oneHour], range: range)
            #expect(first.map(\.failure) == [nil, nil])
            let minutes = try candles(store, rig, .oneMinute)
            // Kraken gives the newest 720 candles and no older ones, and says so.
            #expect(minutes.count >= (dialect == "kraken" ? 700 : 1199))
            #expect((first.first?.before != nil) == (dialect == "kraken"))
            #expect(zip(minutes, minutes.dropFirst()).allSatisfy { $1.time.milliseconds - $0.time.milliseconds == 60_000 })
            #expect(try store.instruments().instruments[rig.pair]?.pricePrecision ?? 0 > 0)
            // The same again asks for nothing of what is there.
            let again = try await loader.run(
                [rig.pair], [.oneHour], range: TimeRange(start: minutes.last?.time, stop: minutes.last?.time))
            #expect(again.first?.received == 0)
            #expect(try candles(store, rig, .oneMinute) == minutes)
        }
    }

    @Test func `a download that is broken off goes on where it was, with the same candles in the end`() async throws {
        try await withRig("binance") { rig in
            let (whole, parts) = (try TemporaryFolder(), try TemporaryFolder())
            let market = rig.connectors.market()
            let now = try await market.serverTime()
            let range = TimeRange(
                start: now.advanced(byMilliseconds: -23 * 3_600_000), stop: now.advanced(byMilliseconds: -3_600_000))
            let one = try CandleStore.target(folder: whole.path)
            _ = try await CandleDownloader(market, into: one, exchange: "binance").run([rig.pair], [.oneMinute], range: range)
            let two = try CandleStore.target(folder: parts.path)
            let loader = CandleDownloader(market, into: two, exchange: "binance", requestsPerStore: 1)
            let pair = rig.pair
            let broken = Task {
                try await loader.run([pair], [.oneMinute], range: range) { progress in
                    if progress.done > 0 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            }
            await #expect(throws: CancellationError.self) { _ = try await broken.value }
            _ = try await loader.run([rig.pair], [.oneMinute], range: range)
            #expect(try candles(two, rig, .oneMinute) == candles(one, rig, .oneMinute))
        }
    }

    @Test func `a pair that the venue does not list is an error before anything is written`() async throws {
        try await withRig("binance") { rig in
            let folder = try TemporaryFolder()
            let store = try CandleStore.target(folder: folder.path)
            let loader = CandleDownloader(rig.connectors.market(), into: store, exchange: "binance")
            let other = try #require(Pair("XXX/YYY"))
            let error = await #expect(throws: VenueError.self) {
                _ = try await loader.run([rig.pair, other], [.oneHour], range: .all)
            }
            #expect(error?.kind == .badSymbol)
            #expect(throws: MarketDataError.self) { _ = try store.instruments() }
        }
    }
}
