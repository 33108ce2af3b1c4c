import Foundation
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
}
