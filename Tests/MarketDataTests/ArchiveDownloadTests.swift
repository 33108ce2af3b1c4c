import Market
import Testing

@testable import MarketData

/// Which files are fetched, and what follows from each answer.
@Suite struct ArchiveDownloadTests {
    private let pair: Pair

    init() throws { pair = try #require(Pair("BTC/USDT")) }

    private func time(_ text: String) throws -> Int64 { try #require(Timestamp(iso8601: text)).milliseconds }

    private func download(
        _ start: String, _ stop: String, _ timeframe: Timeframe = .oneMinute, now: String = "2024-06-20", pageSize: Int = 1000
    ) throws -> ArchiveDownload {
        let now = Timestamp(milliseconds: try time(now))
        let range = TimeRange(
            start: Timestamp(milliseconds: try time(start)), stop: Timestamp(milliseconds: try time(stop)))
        let goal = DownloadGoal(CandleKey(pair, timeframe), range: range, stored: [], now: now)
        return ArchiveDownload(
            BinanceArchivePlan(goal, section: .spot, symbol: "BTCUSDT", now: now), goal, pageSize: pageSize)
    }

    /// A file with these candles.
    private func file(_ times: some Sequence<Int64>, price: Double = 1) -> ImportedFile {
        var builder = CandleBuilder(capacity: 10)
        for time in times {
            builder.append(
                Candle(time: Timestamp(milliseconds: time), open: price, high: price, low: price, close: price, volume: 1))
        }
        return ImportedFile(candles: builder.candles, format: .zip, notation: .microseconds, isVerified: true)
    }

    private func name(_ download: inout ArchiveDownload) -> String {
        switch download.next() {
        case .fetch(let archive): archive.name
        case .store(let candles): "store \(candles.count)"
        case .finished: "finished"
        }
    }

    @Test func `only files that save requests are fetched`() throws {
        // A day of minutes is two pages of a thousand and one of fifteen hundred; a month of hours is less than a page.
        var day = try download("2024-06-10", "2024-06-10T23:59")
        #expect(name(&day) == "BTCUSDT-1m-2024-06-10.zip")
        #expect(try download("2024-06-10", "2024-06-10T23:59", pageSize: 1500).isEmpty)
        #expect(try download("2024-05-01", "2024-05-31T23:00", try #require(Timeframe("1h"))).isEmpty)
        var month = try download("2024-05-01", "2024-05-31T23:55", try #require(Timeframe("5m")))
        #expect(name(&month) == "BTCUSDT-5m-2024-05.zip")
        #expect(try download("2024-06-10", "2024-06-10T12:00").isEmpty)
    }

    @Test func `candles are taken where they are missing and on the grid, and stored at the end`() throws {
        var download = try download("2024-06-10T00:02", "2024-06-10T23:59")
        let start = try time("2024-06-10")
        #expect(name(&download) == "BTCUSDT-1m-2024-06-10.zip")
        download.received(file([0, 60_000, 120_000, 150_001, 180_000].map { start + $0 }))
        guard case .store(let candles) = download.next() else {
            Issue.record("nothing to store")
            return
        }
        #expect(Array(candles.times) == [start + 120_000, start + 180_000])
        #expect(name(&download) == "finished")
        #expect((download.received, download.strange, download.files) == (2, 1, 1))
        #expect(download.failure == nil && download.notes.isEmpty && download.isReachable)
    }

    @Test func `a month that is not there is replaced by its days, and three misses in a row by REST`() throws {
        var download = try download("2024-05-01", "2024-06-10T23:59")
        #expect(name(&download) == "BTCUSDT-1m-2024-05.zip")
        download.missing()
        #expect(name(&download) == "BTCUSDT-1m-2024-05-01.zip")
        download.received(file([try time("2024-05-01")]))
        #expect(name(&download) == "BTCUSDT-1m-2024-05-02.zip")
        for _ in 0..<3 { download.missing() }
        #expect(name(&download) == "store 1")
        #expect(name(&download) == "finished")
        #expect(download.notes.first?.hasPrefix("BTCUSDT-1m-2024-05.zip") == true)
        #expect(download.notes.last?.contains("3 files in a row") == true)
        #expect(download.failure == nil && download.isReachable)
    }

    @Test func `a file that cannot be used ends the goal, and what came before is stored`() throws {
        for spoil: (inout ArchiveDownload) throws -> Void in [
            { $0.refused("x.zip: its SHA-256 is another") }, { $0.received(file([try time("2024-06-11")], price: -1)) },
        ] {
            var download = try download("2024-06-10", "2024-06-12T23:59")
            _ = download.next()
            download.received(file([try time("2024-06-10")]))
            _ = download.next()
            try spoil(&download)
            #expect(name(&download) == "store 1")
            #expect(name(&download) == "finished")
            #expect(download.failure?.contains(".zip") == true)
        }
    }

    @Test func `where nobody answers nothing more is asked there`() throws {
        var download = try download("2024-06-10", "2024-06-12T23:59")
        _ = download.next()
        download.unreachable("refused")
        #expect(name(&download) == "finished")
        #expect(!download.isReachable && download.failure == nil)
        #expect(download.notes == ["the venue's files cannot be had (refused): the rest comes over REST"])
    }

    @Test func `what has come is stored from time to time`() throws {
        var download = try download("2023-01-01", "2024-06-12T23:59")
        var stored = 0
        loop: while true {
            switch download.next() {
            case .fetch(let archive):
                download.received(file(stride(from: archive.start.milliseconds, to: archive.end.milliseconds, by: 60_000)))
            case .store(let candles):
                #expect(candles.count < 350_000)
                stored += candles.count
            case .finished: break loop
            }
        }
        #expect(stored == (365 + 31 + 29 + 31 + 30 + 31 + 12) * 1440 && download.received == stored)
        #expect(download.files == 17 + 12)
    }

    @Test func `symbols in other scripts are percent-encoded`() throws {
        let archive = BinanceArchive(
            section: .linear, symbol: "币USDT", timeframe: .oneMinute, period: .monthly,
            start: Timestamp(milliseconds: try time("2025-11-01")), end: Timestamp(milliseconds: try time("2025-12-01")))
        #expect(
            archive.path == "/data/futures/um/monthly/klines/%E5%B8%81USDT/1m/%E5%B8%81USDT-1m-2025-11.zip")
    }
}
