import Backtesting
import Foundation
import Market

/// The engine's loop on the corpus run EmaCross, against freqtrade's and against one fused pass in C over the same candles.
enum Engine {
    /// Rows a CPU second of freqtrade 2026.9's own loop on this run, measured once: 62,687 rows in 1.52 s. The target stands on it;
    /// with `--peers` the loop is measured beside ours.
    private static let freqtrade = 41_000.0

    static func rows(_ options: Options) throws -> [Row] {
        guard let corpus = options.corpus else {
            throw BenchError("there is no corpus: set PRAGMA_CORPUS to its folder")
        }
        let run = try EmaCrossRun(corpus: corpus)
        let limit = try fused(options, run)
        var rates: [Double] = []
        var trades = 0
        for _ in 0..<options.rounds {
            var rows = 0
            let start = clock()
            for _ in 0..<100 {
                let result = try Backtester.run(settings: run.settings, pairs: run.pairs)
                rows += result.rows
                trades = result.trades.count
            }
            rates.append(Double(rows) / (Double(clock() - start) / Double(CLOCKS_PER_SEC)))
        }
        guard trades == run.expectedTrades else {
            throw BenchError("the run made \(trades) trades instead of \(run.expectedTrades)")
        }
        let rate = rates.median
        var row = Row("engine, corpus run EmaCross", rate, "rows/CPU s")
        row.limit = limit
        row.target = ">= 200x freqtrade's 41,000"
        row.met = rate >= 200 * freqtrade
        row.note = "\(Text.whole(rate / freqtrade))x these 41,000; \(trades) trades"
        return [row]
    }

    private static func fused(_ options: Options, _ run: EmaCrossRun) throws -> Double {
        let folder = try Fleet.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var data = Data()
        for pair in run.pairs {
            let candles = pair.frame.candles
            withUnsafeBytes(of: UInt64(candles.count)) { data.append(contentsOf: $0) }
            for column in [candles.open, candles.close] {
                Array(column).withUnsafeBytes { data.append(contentsOf: $0) }
            }
        }
        let file = folder + "/candles"
        try data.write(to: URL(fileURLWithPath: file))
        let found = try Command.reference(options, "emacross", [file, "2000"])
        return found["rows_per_cpu_second"] ?? .nan
    }
}
