import Foundation
import Market
import Strategies
import Testing

@testable import Backtesting

/// Not a test but a measurement: PRAGMA_MEASURE=1 in a release build prints how many candle rows the loop does in a CPU second.
@Suite("Speed", .enabled(if: ProcessInfo.processInfo.environment["PRAGMA_MEASURE"] != nil && Corpus.isAvailable))
struct SpeedMeasurement {
    @Test(arguments: ParityTests.runs)
    func `rows a CPU second`(name: String) throws {
        let run = try CorpusRun.named(name)
        let rounds = Int(ProcessInfo.processInfo.environment["PRAGMA_MEASURE"] ?? "") ?? 100
        var rows = 0
        var trades = 0
        let before = clock()
        for _ in 0..<rounds {
            let result = try Backtester.run(settings: run.settings, pairs: run.pairs)
            rows += result.rows
            trades += result.trades.count
        }
        let seconds = Double(clock() - before) / Double(CLOCKS_PER_SEC)
        let result = try Backtester.run(settings: run.settings, pairs: run.pairs)
        let middle = clock()
        for _ in 0..<rounds { _ = BacktestStatistics(result) }
        let statistics = Double(clock() - middle) / Double(CLOCKS_PER_SEC)
        print(
            "\(name): \(Int(Double(rows) / seconds)) rows and \(Int(Double(trades) / seconds)) trades a CPU second, "
                + "\(seconds / Double(rounds) * 1e6) us a run of \(rows / rounds) rows, statistics "
                + "\(statistics / Double(rounds) * 1e6) us")
        #expect(rows > 0)
    }

    /// A year of minutes of one pair: without any signal, and with a position that only its end closes.
    @Test(arguments: [false, true])
    func `rows a CPU second where nothing happens`(holds: Bool) throws {
        let count = 525_600
        let price = Column([Double](repeating: 100, count: count))
        let candles = Candles(
            times: Column((0..<count).map { 1_600_000_200_000 + Int64($0) * 60_000 }), open: price, high: price, low: price,
            close: price, volume: price)
        let instrument = Instrument(pair: try #require(Pair("A/X")), amountPrecision: 0.001, pricePrecision: 0.01)
        let minute = try #require(Timeframe("1m"))
        let frame = try PairFrame(instrument: instrument, candles: candles, timeframe: minute)
        var signals = Signals(count: count)
        if holds { signals.flags[1] = .enterLong }
        var settings = BacktestSettings(rules: StrategyRules(timeframe: minute))
        settings.fee = 0.001
        settings.minimalROI = [0: 0.1]
        let before = clock()
        for _ in 0..<20 {
            let result = try Backtester.run(settings: settings, pairs: [BacktestPair(frame: frame, signals: signals)])
            #expect(result.trades.count == (holds ? 1 : 0))
        }
        let seconds = Double(clock() - before) / Double(CLOCKS_PER_SEC)
        print("\(holds ? "holding" : "quiet"): \(Int(Double(20 * count) / seconds)) rows a CPU second")
    }
}
