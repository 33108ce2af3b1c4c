import Configuration
import Fleet
import Foundation
import MarketData
import Strategies
import Testing

@testable import PragmaCLI

@Suite("Backtests in this process")
struct LocalBacktestTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func configuration(_ change: (inout CommandLineOverrides) -> Void = { _ in }) throws -> EffectiveConfiguration {
        var overrides = CommandLineOverrides()
        overrides.dataFolder = folder.path
        change(&overrides)
        let text = """
            {"dry_run": true, "dry_run_wallet": 1000, "stake_currency": "USDT", "stake_amount": 100, "max_open_trades": 2,
             "strategy": "EmaCross", "exchange": {"name": "binance", "pair_whitelist": ["BTC/USDT", "ETH/USDT"]}}
            """
        return try EffectiveConfiguration.load(
            files: ["c.json"], overrides: overrides, registry: try StrategyRegistry(), purpose: .backtest,
            source: .memory(["c.json": text]))
    }

    private func run(_ configuration: EffectiveConfiguration) throws(FleetError) -> ConfigValue {
        do { return try LocalBacktest.run(configuration, dataFolder: folder.path, registry: StrategyRegistry()) } catch {
            throw error as? FleetError ?? FleetError(.negative, "\(error)")
        }
    }

    private func demo() throws {
        _ = try DemoPlan(pairs: "2", days: 20, timeframes: "5m", seed: 3).write(to: folder.path) { _ in }
    }

    @Test func `a run on demo candles gives a report, and its exported trades compare as the same`() throws {
        try demo()
        let report = try run(try configuration())
        let trades = try #require(report["trades"]?.array)
        #expect(!trades.isEmpty)
        #expect(report["statistics", "total_trades"]?.number?.integer == Int64(trades.count))
        let path = folder.path + "/trades.json"
        #expect(try TradeExport.write(report, to: path) == trades.count)
        let again = folder.path + "/again.json"
        _ = try TradeExport.write(try run(try configuration()), to: again)
        #expect(TradeComparison(try TradeList(path: path), try TradeList(path: again)).isSame)
        let other = folder.path + "/other.json"
        _ = try TradeExport.write(try run(try configuration { $0.parameters = ["fast=5"] }), to: other)
        #expect(!TradeComparison(try TradeList(path: path), try TradeList(path: other)).isSame)
        #expect(BacktestSummary(report).text.contains("SUMMARY METRICS"))
    }

    @Test func `progress is told up to the end`() throws {
        try demo()
        var told: [(Int, Int)] = []
        _ = try LocalBacktest.run(
            try configuration(), dataFolder: folder.path, registry: try StrategyRegistry(),
            onProgress: { done, total in told.append((done, total)) })
        #expect(told.map { $0.0 } == told.map { $0.0 }.sorted())
        #expect(told.allSatisfy { $0.0 <= $0.1 } && !told.isEmpty)
    }

    @Test func `what is missing is an input error that says what to do`() throws {
        func message(_ change: (inout CommandLineOverrides) -> Void = { _ in }) throws -> String {
            do {
                _ = try run(try configuration(change))
                return "it ran"
            } catch let error as FleetError {
                #expect(error.code == .input)
                return error.message
            }
        }
        #expect(try message().contains("holds no candle files"))
        try demo()
        #expect(try message { $0.pairs = ["DOGE/USDT"] }.contains("DOGE/USDT"))
        #expect(try message { $0.timerange = "20300101-20300201" }.contains("20300101-20300201"))
        try Files.remove(folder.path + "/instruments.json")
        #expect(try message().contains(InstrumentFile.command))
    }

    @Test func `an export that cannot be written leaves nothing behind`() throws {
        let report = JSON.object(["trades": JSON.list([ConfigValue]())])
        #expect(throws: FleetError.self) { try TradeExport.write(report, to: folder.path + "/none/trades.json") }
        #expect(throws: FleetError.self) { try TradeExport.write(JSON.object([:]), to: folder.path + "/trades.json") }
        #expect(try Files.names(in: folder.path).isEmpty)
    }

    /// The corpus of freqtrade's own runs; nil, and a line, where it is absent.
    private static let corpus: String? = {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path =
            ProcessInfo.processInfo.environment["PRAGMA_CORPUS"]
            ?? package.appending(path: "../shared/corpus").standardizedFileURL.path
        if FileManager.default.fileExists(atPath: path + "/freqtrade") { return path + "/freqtrade" }
        print("corpus: absent (set PRAGMA_CORPUS); its tests are skipped")
        return nil
    }()

    @Test(.enabled(if: corpus != nil), arguments: ["EmaCross", "EmaCross-xrp_eth"])
    func `backtest, export and compare find no difference to freqtrade's run`(name: String) throws {
        let corpus = try #require(Self.corpus)
        for file in try FileManager.default.contentsOfDirectory(atPath: corpus + "/data") where file.hasSuffix(".feather") {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/" + file, withDestinationPath: corpus + "/data/" + file)
        }
        let instruments = try InstrumentFile(importing: corpus + "/runs/\(name)/run.json", exchange: "binance")
        try instruments.write(to: folder.path + "/" + InstrumentFile.name)
        var overrides = CommandLineOverrides()
        overrides.strategy = "EmaCross"
        let configuration = try EffectiveConfiguration.load(
            files: [corpus + "/runs/\(name)/config.json"], overrides: overrides, registry: try StrategyRegistry(),
            purpose: .backtest)
        let path = folder.path + "/trades.json"
        let count = try TradeExport.write(try run(configuration), to: path)
        let theirs = try TradeList(path: corpus + "/runs/\(name)/trades.json")
        let comparison = TradeComparison(try TradeList(path: path), theirs)
        print("\(name): \(count) trades exported, \(comparison.compared) values compared")
        #expect(comparison.isSame, "\(comparison.text)")
        #expect(comparison.notes.allSatisfy { $0.hasPrefix("only in A") }, "\(comparison.notes)")
        #expect(comparison.compared > 100)
    }
}
