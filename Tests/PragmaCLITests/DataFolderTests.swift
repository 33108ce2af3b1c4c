import ArgumentParser
import Configuration
import Fleet
import Foundation
import Market
import MarketData
import Testing

@testable import PragmaCLI

@Suite("Demo candles, checks and instruments")
struct DataFolderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func plan(pairs: String = "2", days: Int = 3, timeframes: String = "5m,1h", seed: UInt64 = 1) throws -> DemoPlan {
        try DemoPlan(pairs: pairs, days: days, timeframes: timeframes, seed: seed)
    }

    private func files(_ path: String) throws -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        for name in try Files.names(in: path) { result[name] = try Files.read(path + "/" + name) }
        return result
    }

    @Test func `the same options give the same files, another seed gives others`() throws {
        let (a, b, c) = (folder.path + "/a", folder.path + "/b/deeper", folder.path + "/c")
        _ = try plan().write(to: a) { _ in }
        _ = try plan().write(to: b) { _ in }
        _ = try plan(seed: 2).write(to: c) { _ in }
        #expect(try files(a) == files(b))
        #expect(try files(a)["BTC_USDT-5m.feather"] != files(c)["BTC_USDT-5m.feather"])
        #expect(
            try files(a).keys.sorted() == [
                "BTC_USDT-1h.feather", "BTC_USDT-5m.feather", "ETH_USDT-1h.feather", "ETH_USDT-5m.feather", "demo.json",
                "instruments.json",
            ])
    }

    @Test func `demo candles end with 2024, have instruments and nothing wrong`() throws {
        var told: [String] = []
        let written = try plan().write(to: folder.path) { told.append($0) }
        #expect(told == written.map { $0.path })
        #expect(written.map { $0.rows } == [864, 72, 864, 72])
        let store = try CandleStore(folder: folder.path)
        let pair = try #require(Pair("BTC/USDT"))
        let last = try #require(try store.candles(pair, .fiveMinutes).times.last)
        #expect(Timestamp(milliseconds: last).iso8601 == "2024-12-31T23:55:00+00:00")
        #expect(try store.instruments().exchange == "binance")
        #expect(try store.instruments().instrument(pair).takerFee == 0.001)
        let report = try DataReport(folder: folder.path, exchange: nil)
        #expect(report.findings.isEmpty && report.files == 4 && !report.hasErrors)
        #expect(report.value["ok"]?.boolean == true)
    }

    @Test func `imports are merged, reported and repeated without a change`() throws {
        _ = try plan(pairs: "BTC/USDT", timeframes: "5m").write(to: folder.path + "/demo") { _ in }
        let input = folder.path + "/prices.csv"
        try Files.write(
            Array("time,open,high,low,close,volume\n1704067200,1,2,0.5,1,3\n1704067500,1,2,0.5,1,3\n".utf8), to: input)
        let arguments = [input, "--to", folder.path + "/store", "--pair", "BTC/USDT", "--timeframe", "5m"]
        for outcome in [CandleImport.Outcome.written, .unchanged] {
            let report = try DataImport.parse(arguments).imported()
            #expect(report.entries.map { $0.outcome } == [outcome] && !report.hasRefusals)
            #expect(report.value["ok"]?.boolean == true && report.text.contains("2024-01-01 00:05"))
        }
        try Files.write(Array("time,open,high,low,close,volume\n1704067200,1,2,0.5,1.5,3\n".utf8), to: input)
        let refused = try DataImport.parse(arguments).imported()
        #expect(refused.hasRefusals && refused.text.contains("1 rows differ from others of the same time"))
        #expect(throws: ExitCode.self) { try DataImport.parse(arguments + ["--json"]).run() }
        #expect(try DataImport.parse(arguments + ["--on-conflict", "replace"]).imported().entries[0].replaced == 1)
        try FileManager.default.createDirectory(atPath: folder.path + "/empty", withIntermediateDirectories: true)
        #expect(throws: FleetError.self) { try DataImport.parse([folder.path + "/empty", "--to", folder.path + "/x"]).run() }
    }

    @Test func `candles that something else wrote are never replaced`() throws {
        let path = folder.path + "/ADA_USDT-5m.feather"
        try Files.write([1, 2, 3], to: path)
        do {
            _ = try plan().write(to: folder.path) { _ in }
            Issue.record("it wrote")
        } catch let error as FleetError {
            #expect(error.code == .input && error.message.contains("ADA_USDT-5m.feather"))
        }
        #expect(try Files.names(in: folder.path) == ["ADA_USDT-5m.feather"])
    }

    @Test func `demo candles may be written again`() throws {
        _ = try plan().write(to: folder.path) { _ in }
        let before = try files(folder.path)
        _ = try plan().write(to: folder.path) { _ in }
        #expect(try files(folder.path) == before)
    }

    @Test func `pairs are a number or a list of bases or pairs`() throws {
        #expect(try plan(pairs: "3").pairs.map { $0.description } == ["BTC/USDT", "ETH/USDT", "SOL/USDT"])
        #expect(try plan(pairs: "5").pairs.map { $0.base } == ["BTC", "ETH", "SOL", "XRP", "ADA"])
        #expect(try plan(pairs: "ETH, DOGE/BTC,ETH").pairs.map { $0.description } == ["ETH/USDT", "DOGE/BTC"])
    }

    @Test(arguments: [
        ("0", 3, "5m", "--pairs"), ("17", 3, "5m", "--pairs"), ("BTC/USDT:USDT", 3, "5m", "--pairs"), ("", 3, "5m", "--pairs"),
        ("1", 0, "5m", "days"), ("1", -1, "5m", "days"), ("1", Int.max, "5m", "days"), ("1", Int.min, "5m", "days"),
        ("1", 3, "5x", "--timeframes"), ("1", 3, "", "--timeframes"),
    ])
    func `a wrong option is named`(pairs: String, days: Int, timeframes: String, name: String) {
        do throws(FleetError) {
            _ = try DemoPlan(pairs: pairs, days: days, timeframes: timeframes, seed: 1)
            Issue.record("\(pairs) \(days) \(timeframes) was accepted")
        } catch {
            #expect(error.code == .input && error.message.contains(name), "\(error.message)")
        }
    }

    @Test func `a damaged file, a missing instrument and impossible prices are found, worst first`() throws {
        _ = try plan(timeframes: "1h").write(to: folder.path) { _ in }
        let store = try CandleStore(folder: folder.path)
        try Files.write([0, 1, 2, 3], to: folder.path + "/XRP_USDT-1h.feather")
        var builder = CandleBuilder()
        let start = try #require(Timestamp(iso8601: "2024-01-01"))
        for (index, close) in [10.0, -1, 10].enumerated() {
            let time = start.advanced(byMilliseconds: Int64(index < 2 ? index : 5) * 3_600_000)
            builder.append(Candle(time: time, open: 10, high: 11, low: 9, close: close, volume: 1))
        }
        try store.write(builder.candles, as: CandleKey(try #require(Pair("SOL/USDT")), .oneHour))
        let report = try DataReport(folder: folder.path, exchange: nil)
        #expect(report.hasErrors)
        #expect(report.findings.map { $0.severity.label } == ["error", "error", "note", "note"])
        #expect(Set(report.findings.prefix(2).map { $0.file }) == ["XRP_USDT-1h.feather", "SOL_USDT-1h.feather"])
        #expect(report.findings.last?.problem == "no instrument for SOL/USDT, XRP/USDT")
        #expect(report.text.contains("impossible price") && report.text.hasSuffix("2 errors, 0 warnings, 2 notes"))
        #expect(report.value["findings"]?.array?.count == 4)
    }

    @Test func `a folder without instruments is a warning with the command that makes them`() throws {
        _ = try plan(timeframes: "1h").write(to: folder.path) { _ in }
        try Files.remove(folder.path + "/instruments.json")
        let report = try DataReport(folder: folder.path, exchange: nil)
        #expect(!report.hasErrors && report.findings.count == 1)
        #expect(report.findings.first?.problem.contains("pragma data instruments --from FILE --datadir") == true)
    }

    @Test func `a list shows candles and instruments`() throws {
        _ = try plan(pairs: "BTC", timeframes: "1h").write(to: folder.path) { _ in }
        let store = try CandleStore(folder: folder.path)
        let text = DataList.text(store: store, list: try store.list(), instruments: try store.instruments())
        #expect(
            text == """
                pair      timeframe  kind  candles  first             last
                --------  ---------  ----  -------  ----------------  ----------------
                BTC/USDT  1h         spot       72  2024-12-29 00:00  2024-12-31 23:00

                instruments: 1 of binance
                """)
        let value = DataList.value(store: store, list: try store.list(), instruments: nil)
        #expect(value["candles"]?.array?.first?["rows"]?.number?.integer == 72)
        #expect(value["instruments"]?.isNull == true)
    }

    @Test func `imported instruments join those that are there, and other venues are refused`() throws {
        func file(_ exchange: String, _ names: [String], fee: Double, path: String = "new.json") throws -> InstrumentFile {
            let list = try names.map {
                Instrument(pair: try #require(Pair($0)), amountPrecision: nil, pricePrecision: nil, makerFee: fee, takerFee: fee)
            }
            return InstrumentFile(exchange: exchange, instruments: list, path: path)
        }
        let older = try file("binance", ["BTC/USDT", "ETH/USDT"], fee: 0.001, path: "old.json")
        let merged = try file("", ["ETH/USDT", "XRP/USDT"], fee: 0.002).merged(over: older)
        #expect(merged.exchange == "binance")
        #expect(
            merged.instruments.mapValues { $0.takerFee }.map { "\($0.key) \($0.value ?? 0)" }.sorted() == [
                "BTC/USDT 0.001", "ETH/USDT 0.002", "XRP/USDT 0.002",
            ])
        #expect(throws: FleetError.self) { try file("kraken", ["BTC/USDT"], fee: 0).merged(over: older) }
        var digits = try file("binance", ["BTC/USDT"], fee: 0)
        digits.precisionMode = .decimalPlaces
        #expect(throws: FleetError.self) { try digits.merged(over: older) }
    }
}

/// A folder that is removed at the end of its life.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "pragma-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
