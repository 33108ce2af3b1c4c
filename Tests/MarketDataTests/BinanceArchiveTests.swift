import Market
import Testing

@testable import MarketData

@Suite struct BinanceArchiveTests {
    private let key: CandleKey

    init() throws { key = CandleKey(try #require(Pair("BTC/USDT")), .oneMinute) }

    private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text)) }

    private func plan(
        _ start: String, _ stop: String?, now: String, stored: [Int64] = [], listed: String? = nil
    ) throws -> BinanceArchivePlan {
        let goal = DownloadGoal(
            key, range: TimeRange(start: try time(start), stop: try stop.map(time)), stored: stored, now: try time(now))
        return BinanceArchivePlan(goal, section: .spot, symbol: "BTCUSDT", listed: try listed.map(time), now: try time(now))
    }

    @Test func `whole months come monthly, the running one daily, and the last day over REST`() throws {
        let plan = try plan("2023-11-15", nil, now: "2024-02-12T10:00")
        #expect(
            plan.archives.map(\.name) == ["BTCUSDT-1m-2023-11.zip", "BTCUSDT-1m-2023-12.zip", "BTCUSDT-1m-2024-01.zip"]
                + (1...10).map { "BTCUSDT-1m-2024-02-\($0 < 10 ? "0" : "")\($0).zip" })
        #expect(plan.rest == [CandleSpan(try time("2024-02-11").milliseconds, try time("2024-02-12T10:00").milliseconds)])
        #expect(plan.archives[0].path == "/data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2023-11.zip")
        #expect(plan.archives[3].checksumPath == "/data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-2024-02-01.zip.CHECKSUM")
    }

    @Test func `a month that is just over comes daily, and so do a few missing days`() throws {
        let fresh = try plan("2024-01-01", "2024-01-31T23:59", now: "2024-02-03")
        #expect(fresh.archives.count == 31 && fresh.archives.allSatisfy { $0.period == .daily } && fresh.rest.isEmpty)
        let few = try plan("2024-01-05", "2024-01-06T12:00", now: "2024-06-01")
        #expect(few.archives.map(\.name) == ["BTCUSDT-1m-2024-01-05.zip", "BTCUSDT-1m-2024-01-06.zip"])
    }

    @Test func `nothing is planned before the venue opened or the pair was listed`() throws {
        #expect(try plan("2010-01-01", nil, now: "2018-02-20").archives.first?.name == "BTCUSDT-1m-2017-07.zip")
        #expect(
            try plan("2010-01-01", nil, now: "2024-02-20", listed: "2023-10-20").archives.first?.name == "BTCUSDT-1m-2023-10.zip")
    }

    @Test func `a file is planned once, however many holes it fills`() throws {
        let first = try time("2024-01-01").milliseconds
        let stored = (0..<31 * 1440).filter { $0 % 1440 == 0 }.map { first + Int64($0) * 60_000 }
        let plan = try plan("2024-01-01", "2024-01-31T23:59", now: "2024-06-01", stored: stored)
        #expect(plan.archives.count == 31 && Set(plan.archives).count == 31)
    }

    @Test func `a month falls back on its days, and a day on nothing`() throws {
        let month = try #require(try plan("2024-02-01", "2024-02-29T23:59", now: "2024-06-01").archives.first)
        #expect(month.period == .monthly && month.fallback.count == 29)
        #expect(month.fallback.last?.name == "BTCUSDT-1m-2024-02-29.zip" && month.fallback[0].fallback.isEmpty)
    }

    @Test func `a file is only used with its own checksum and candles of its own time`() throws {
        let january = try #require(try plan("2024-01-01", "2024-01-31T23:59", now: "2024-06-01").archives.first)
        let digest = "0d410a4fe8bad56d1e87192fad9196fff43c31d48c8e31b5235d6a04c3bb0fce"
        let checksum = Array("\(digest)  BTCUSDT-1m-2024-01.zip\n".utf8)
        func read(_ archive: BinanceArchive, _ checksum: [UInt8]?, _ found: String) throws(MarketDataError) -> ImportedFile {
            try archive.candles(zip: ImportFixtures.zip, checksum: checksum, as: key, hash: { _ in found })
        }
        #expect(try read(january, checksum, digest).candles.count == 50)
        #expect(throws: MarketDataError.self) { try read(january, checksum, String(repeating: "0", count: 64)) }
        #expect(throws: MarketDataError.self) { try read(january, nil, digest) }
        let other = try #require(try plan("2024-02-01", "2024-02-29T23:59", now: "2024-06-01").archives.first)
        #expect(throws: MarketDataError.self) { try read(other, checksum, digest) }
        let renamed = Array("\(digest)  BTCUSDT-1m-2024-02.zip\n".utf8)
        let error = #expect(throws: MarketDataError.self) { try read(other, renamed, digest) }
        #expect(error?.problem == "it has candles of another time than its name says")
    }
}
