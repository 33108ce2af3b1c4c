import Foundation
import Market
import Testing

@testable import MarketData

@Suite struct CandleStoreTests {
    @Test func `candles in memory conform`() throws {
        try CandleSourceConformance.check(InMemoryCandleSource(CandleSourceConformance.stored()))
    }

    @Test func `candles in files conform`() throws {
        let folder = try TemporaryFolder()
        let store = try CandleStore(creating: folder.path + "/binance/")
        for (key, candles) in try CandleSourceConformance.stored() { try store.write(candles, as: key) }
        try CandleSourceConformance.check(store)
        try CandleSourceConformance.check(try CandleStore(folder: folder.path))
        try CandleSourceConformance.check(try CandleStore(folder: folder.path, exchange: "binance"))
        try CandleSourceConformance.check(try CandleStore(folder: folder.path + "/binance", exchange: "binance"))
        #expect(try Directory.names(folder.path + "/binance/futures").count == 3)
    }

    @Test func `the corpus is listed as freqtrade names it`() throws {
        guard let corpus = Corpus.folder else { return }
        let store = try CandleStore(folder: corpus + "/freqtrade/data")
        let list = try store.list()
        #expect(list.count == 29)
        let names = list.map(\.key.description)
        for name in ["UNITTEST/BTC 5m", "XRP/ETH 1m", "XRP/USDT:USDT 1h futures", "XRP/USDT:USDT 1h mark"] {
            #expect(names.contains(name))
        }
        let rates = try #require(list.first { $0.key.kind == .fundingRate })
        #expect(rates.rows == 100 && rates.first?.iso8601 == "2021-11-15T00:00:00+00:00")
        print("\(list.count) candle files listed")
    }

    @Test func `a folder with several exchanges asks for one`() throws {
        let folder = try TemporaryFolder()
        for exchange in ["binance", "kraken"] {
            let store = try CandleStore(creating: folder.path + "/" + exchange)
            for (key, candles) in try CandleSourceConformance.stored() { try store.write(candles, as: key) }
        }
        let error = #expect(throws: MarketDataError.self) { try CandleStore(folder: folder.path) }
        #expect(error?.description.contains("binance, kraken") == true)
        let other = #expect(throws: MarketDataError.self) { try CandleStore(folder: folder.path, exchange: "okx") }
        #expect(other?.description.contains("no folder for exchange okx") == true)
        #expect(try CandleStore(folder: folder.path, exchange: "kraken").folder.hasSuffix("/kraken"))
    }

    @Test func `a missing or empty folder says what to do`() throws {
        let folder = try TemporaryFolder()
        let empty = #expect(throws: MarketDataError.self) { try CandleStore(folder: folder.path) }
        #expect(empty?.kind == .missing && empty?.remedy?.contains("download-data") == true)
        let missing = #expect(throws: MarketDataError.self) { try CandleStore(folder: folder.path + "/none") }
        #expect(missing?.kind == .missing && missing?.file.hasSuffix("/none") == true)
    }

    @Test func `candles are handed out only for the content that was asked for`() throws {
        let hash: CandleStore.Hash = { bytes in
            String(bytes.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }, radix: 16)
        }
        let folder = try TemporaryFolder()
        let store = try CandleStore(creating: folder.path)
        let key = CandleKey(try #require(Pair("BTC/USDT")), .fiveMinutes)
        try store.write(CandleSourceConformance.candles(5, step: 300_000), as: key)
        let content = try store.contentHash(key, using: hash)
        #expect(try store.candles(key, expecting: content, hash: hash).count == 5)
        try store.write(CandleSourceConformance.candles(6, step: 300_000), as: key)
        let error = #expect(throws: MarketDataError.self) { try store.candles(key, expecting: content, hash: hash) }
        #expect(error?.kind == .changed)
        #expect(try store.contentHash(key, using: hash) != content)
    }

    @Test(arguments: [
        ("BTC_USDT-5m.feather", "BTC/USDT 5m"), ("futures/XRP_USDT_USDT-1h-futures.feather", "XRP/USDT:USDT 1h futures"),
        ("futures/XRP_USDT_USDT-8h-funding_rate.feather", "XRP/USDT:USDT 8h funding_rate"),
        ("futures/XRP_USDT_USDT-1h-premiumIndex.feather", "XRP/USDT:USDT 1h premiumIndex"),
        ("A-B_USDT-1h.feather", "A-B/USDT 1h"), ("futures/BTC_USDT_USDT-250926-1h-mark.feather", "BTC/USDT:USDT-250926 1h mark"),
    ])
    func `file names are read and written as freqtrade has them`(path: String, name: String) throws {
        let key = try #require(CandleKey(relativePath: path))
        #expect(key.description == name)
        #expect(key.relativePath == path)
    }

    @Test(arguments: [
        "BTC_USDT-5m.json", "BTC-5m.feather", "BTC_USDT.feather", "BTC_USDT-trades.feather", "_USDT-5m.feather",
        "x/A_B-5m.feather",
        "futures/A_B-5m.feather", "A_B-5m-futures.feather", "futures/A_B-5m-other.feather", "-5m.feather", ".feather", "",
        "BTC_USDT-1M.feather", "BTC_USDT_A_-5m.feather.gz",
    ])
    func `other files are left alone`(path: String) {
        #expect(CandleKey(relativePath: path) == nil)
    }

    @Test func `hostile pairs never leave the folder`() throws {
        let pair = try #require(Pair("../..X/USDT:..") ?? Pair("..X/U.:..A"))
        #expect(!CandleKey(pair, .oneHour).relativePath.dropFirst("futures/".count).contains("/"))
        #expect(!CandleKey(pair, .oneHour).relativePath.contains(".."))
    }

    @Test func `a damaged file is an error that names it`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/BTC_USDT-5m.feather"
        try Data("ARROW1\0\0 and then nothing".utf8).write(to: URL(filePath: path))
        let store = try CandleStore(folder: folder.path)
        let error = #expect(throws: MarketDataError.self) {
            try store.candles(CandleKey(try #require(Pair("BTC/USDT")), .fiveMinutes))
        }
        #expect(error?.kind == .damaged && error?.file == path)
        #expect(throws: MarketDataError.self) { try store.list() }
    }

    @Test func `a file without a price or with an empty one is an error that names it`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/BTC_USDT-5m.feather"
        let numbers = Column([1.0, 2.0])
        try FeatherWriter.write([("date", .milliseconds(Column([0, 300_000]))), ("open", .double(numbers))], to: path)
        let error = #expect(throws: MarketDataError.self) { try FeatherTable.candles(path: path) }
        #expect(error?.problem == "has no column \"high\", only: date, open")
    }
}
