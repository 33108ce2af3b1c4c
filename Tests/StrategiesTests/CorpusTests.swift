import Foundation
import Indicators
import Market
import MarketData
import Strategies
import Testing

/// The signal files of a corpus run; empty where there is no corpus.
private func signalFiles(_ run: String) -> [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let place =
        ProcessInfo.processInfo.environment["PRAGMA_CORPUS"].map { URL(filePath: $0) }
        ?? root.deletingLastPathComponent().appending(path: "shared/corpus")
    let folder = place.appending(path: "freqtrade/runs/\(run)/signals")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    if names.isEmpty { print("skipped: no corpus run \(run) in \(folder.path) (set PRAGMA_CORPUS)") }
    return names.sorted().map { folder.appending(path: $0).path }
}

/// Runs of freqtrade whose frames hold indicators as TA-Lib computed them.
private let runs = [
    "EmaCross", "EmaCross-xrp_eth", "TrendInformative", "callbacks", "detail_1m", "detail_none", "exit_flags", "futures_both",
    "liquidation", "protections",
]

@Suite struct CorpusTests {
    @Test(arguments: ["EmaCross", "EmaCross-xrp_eth"])
    func `EmaCross gives freqtrade's signals on every candle`(run: String) throws {
        let values = ParameterValues(defaultsOf: EmaCross.parameters)
        var (files, candles, entries) = (0, 0, 0)
        for file in signalFiles(run) {
            let table = try FeatherTable(path: file)
            let frame = Frame(try table.candles())
            let signals = EmaCross(values: values).signals(on: frame)
            let enter = try table.doubles("enter_long")
            let tags = try table.texts("enter_tag")
            for row in 0..<frame.count {
                let tag = signals.tagNames[Int(signals.enterTags[row])]
                #expect(signals.flags[row].contains(.enterLong) == (enter[row] == 1), "\(file) row \(row)")
                #expect(tag == (tags[row] ?? ""), "\(file) row \(row)")
                if enter[row] == 1 { entries += 1 }
            }
            let others = signals.flags.contains { !$0.subtracting(.enterLong).isEmpty }
            #expect(!others)
            (files, candles) = (files + 1, candles + frame.count)
        }
        #expect(files == 0 || entries > 0)
        print("compared \(entries) entries on \(candles) candles of \(files) pairs with freqtrade (\(run))")
    }

    @Test(arguments: runs)
    func `indicators on real candles equal freqtrade's in every bit`(run: String) throws {
        var columns = 0
        for file in signalFiles(run) {
            let table = try FeatherTable(path: file)
            let frame = Frame(try table.candles())
            let known: [(String, () -> Column<Double>)] = [
                ("ema_fast", { frame.ema(.close, 12) }), ("ema_slow", { frame.ema(.close, 36) }),
                ("ema_20", { frame.ema(.close, 20) }), ("rsi", { frame.rsi(14) }),
                ("macd", { frame.macd(12, 26, 9).line }), ("macdsignal", { frame.macd(12, 26, 9).signal }),
            ]
            for (name, compute) in known where table.hasColumn(name) {
                #expect(sameBits(compute(), try table.doubles(name)), "\(file) \(name)")
                columns += 1
            }
        }
        print("compared \(columns) indicator columns with freqtrade's (\(run))")
    }

    @Test func `the rules of EmaCross are those of the freqtrade strategy`() {
        let rules = EmaCross.rules
        #expect(rules.timeframe.description == "5m")
        #expect(rules.startupCandleCount == 60)
        #expect(rules.minimalROI == [0: 0.03, 60: 0.02, 180: 0.01, 720: 0, 1440: -1])
        #expect(rules.stoploss == -0.025)
        #expect(!rules.useExitSignal && !rules.trailingStop && !rules.canShort && !rules.exitProfitOnly)
    }
}
