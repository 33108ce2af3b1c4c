import Market
import MarketData
import Testing

/// What every `CandleSource` must do. A source's own tests fill it with `stored` and pass it to `check`.
enum CandleSourceConformance {
    /// Candles to fill a source with.
    static func stored() throws -> [CandleKey: Candles] {
        let spot = try #require(Pair("BTC/USDT"))
        let contract = try #require(Pair("XRP/USDT:USDT"))
        return [
            CandleKey(spot, .fiveMinutes): candles(10, step: 300_000), CandleKey(spot, .oneHour): candles(3, step: 3_600_000),
            CandleKey(contract, .oneHour): candles(4, step: 3_600_000),
            CandleKey(contract, .oneHour, kind: .mark): candles(5, step: 3_600_000),
            CandleKey(contract, .oneHour, kind: .fundingRate): candles(2, step: 28_800_000),
        ]
    }

    static func candles(_ rows: Int, step: Int64, missing: Set<Int> = []) -> Candles {
        var builder = CandleBuilder()
        for row in 0..<rows where !missing.contains(row) {
            let price = 100 + Double(row) / 7
            builder.append(
                time: 1_600_002_000_000 + Int64(row) * step, open: price, high: price + 2, low: price - 2, close: price + 1,
                volume: Double(row))
        }
        return builder.candles
    }

    /// All that is asked of a source filled with `stored`.
    static func check(_ source: some CandleSource) throws {
        let stored = try stored()
        #expect(try source.keys() == stored.keys.sorted())
        #expect(try source.list() == stored.keys.sorted().map { CandleSummary(key: $0, candles: stored[$0] ?? .empty) })
        for (key, expected) in stored {
            for _ in 0..<2 { #expect(rows(try source.candles(key)) == rows(expected)) }
        }
        let key = CandleKey(try #require(Pair("BTC/USDT")), .fiveMinutes)
        #expect(rows(try source.candles(key.pair, .fiveMinutes)) == rows(stored[key] ?? .empty))
        try checkMissing(source)
    }

    private static func checkMissing(_ source: some CandleSource) throws {
        let otherTimeframe = CandleKey(try #require(Pair("BTC/USDT")), .oneDay)
        let error = #expect(throws: MarketDataError.self) { try source.candles(otherTimeframe) }
        #expect(error?.kind == .missing)
        #expect(error?.problem == "has no candles of BTC/USDT 1d, only BTC/USDT 5m, BTC/USDT 1h")
        let otherPair = CandleKey(try #require(Pair("ABC/USDT")), .oneDay)
        let second = #expect(throws: MarketDataError.self) { try source.candles(otherPair) }
        #expect(second?.kind == .missing)
        #expect(second?.problem.contains("XRP/USDT:USDT 1h mark") == true)
        #expect(second?.remedy?.contains("download-data") == true)
    }

    static func rows(_ candles: Candles) -> [Candle] { (0..<candles.count).map { candles.candle(at: $0) } }
}
