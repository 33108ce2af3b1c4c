import Connectors
import Exchange
import Market
import MarketData
import PaperExchange
import Synchronization
import Testing
import Web

@testable import Venues

/// Downloads out of a venue's files, over sockets: a paper venue for REST, and a store of files beside it.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ArchiveTests {
    /// A venue in February 2025 with 56 days of minutes, a store of files, and the candles of both as REST has them.
    private struct Stage {
        let rig: PaperRig
        let files: ArchiveServer
        /// All minutes from 1 January on.
        let all: [Candle]
        let now: Timestamp
        let folder: TemporaryFolder
        let section = BinanceArchive.Section.spot

        var key: CandleKey { CandleKey(rig.pair, .oneMinute) }
        let start = Timestamp(milliseconds: 1_735_689_600_000)

        /// Every file that the plan of a download of all names, as the venue would have it.
        func plan() -> [BinanceArchive] {
            let goal = DownloadGoal(key, range: TimeRange(start: start), stored: [], now: now)
            return BinanceArchivePlan(goal, section: section, symbol: "BTCUSDT", now: now).archives
        }

        func zip(_ archive: BinanceArchive) -> [UInt8] {
            ZipFile.candles(
                all.filter { archive.start <= $0.time && $0.time < archive.end },
                name: String(archive.name.dropLast(4)) + ".csv")
        }

        func putAll() { for archive in plan() { files.put(archive, zip: zip(archive)) } }

        func freshStore() throws -> CandleStore {
            try CandleStore.target(folder: folder.path + "/\(UInt64.random(in: 0...UInt64.max))")
        }

        func stored(_ store: CandleStore) throws -> [Candle] {
            guard let candles = try store.storedCandles(key) else { return [] }
            return (0..<candles.count).map { candles.candle(at: $0) }
        }

        func load(
            _ store: CandleStore, limits: ImportLimits = .binanceArchive, files: Bool = true,
            progress: (CandleDownload.Progress) -> Void = { _ in }
        ) async throws -> CandleDownload.Outcome {
            let origin = WebOrigin(scheme: .http, host: "127.0.0.1", port: self.files.port)
            let archive = CandleArchive(rig.connectors.web, at: origin, section: section, limits: limits)
            let loader = CandleDownloader(
                rig.connectors.market(), into: store, exchange: "binance", archive: files ? archive : nil)
            let outcomes = try await loader.run(
                [rig.pair], [.oneMinute], range: TimeRange(start: start, stop: now), progress: progress)
            return try #require(outcomes.first)
        }
    }

    private func withStage(_ body: (Stage) async throws -> Void) async throws {
        let files = ArchiveServer()
        try await files.start()
        var options = PaperRig.Options()
        // 12 February 2025, 11:00.
        (options.speed, options.start, options.history) = (1, 1_739_358_000_000, "56d")
        options.lines = "public_data: http://127.0.0.1:\(files.port)"
        do {
            try await withRig("binance", options) { rig in
                #expect(rig.connectors.archive != nil)
                let folder = try TemporaryFolder()
                // The candle of 10:58 is the last that no download can see otherwise.
                let now = Timestamp(milliseconds: 1_739_357_880_000)
                var stage = Stage(rig: rig, files: files, all: [], now: now, folder: folder)
                let store = try stage.freshStore()
                #expect(try await stage.load(store, files: false).failure == nil)
                stage = Stage(rig: rig, files: files, all: try stage.stored(store), now: now, folder: folder)
                try await body(stage)
            }
        } catch {
            await files.stop()
            throw error
        }
        await files.stop()
    }

    @Test func `months and days come as files, the rest over REST, and all is as over REST alone`() async throws {
        try await withStage { stage in
            #expect(stage.all.count == (31 + 11) * 1440 + 659)
            stage.putAll()
            let store = try stage.freshStore()
            let told = Mutex<[CandleDownload.Progress]>([])
            let outcome = try await stage.load(store) { progress in told.withLock { $0.append(progress) } }
            #expect(outcome.failure == nil && outcome.notes == [] && outcome.venueGaps == [] && outcome.before == nil)
            // January, and the first ten days of February: the eleventh's file is a day old at the earliest.
            #expect(outcome.archives == 11 && outcome.received == stage.all.count && outcome.requests <= 4)
            #expect(try stage.stored(store) == stage.all)
            let done = told.withLock { $0 }.map(\.done)
            #expect(done == done.sorted() && done.last == stage.all.count)
            #expect(told.withLock { $0 }.allSatisfy { $0.total == stage.all.count })
            // Each file once, its checksum before it.
            let january = try #require(stage.plan().first)
            #expect(stage.files.paths.prefix(2) == [january.checksumPath, january.path])
            #expect(stage.files.paths.count == 22)
            // The same again asks for nothing.
            stage.files.forgetPaths()
            #expect(try await stage.load(store).received == 0)
            #expect(stage.files.paths == [])
        }
    }

    @Test func `a month that is not there comes as days, and what has no file or no checksum over REST`() async throws {
        try await withStage { stage in
            stage.putAll()
            let january = try #require(stage.plan().first)
            stage.files.remove(january.path)
            stage.files.remove(january.checksumPath)
            for day in january.fallback { stage.files.put(day, zip: stage.zip(day)) }
            stage.files.remove(january.fallback[4].checksumPath)
            stage.files.put(january.fallback[20].path, [], status: 404)
            let store = try stage.freshStore()
            let outcome = try await stage.load(store)
            #expect(outcome.failure == nil && outcome.archives == 29 + 10)
            #expect(
                outcome.notes.map { $0.prefix { $0 != " " } } == [
                    "BTCUSDT-1m-2025-01.zip", "BTCUSDT-1m-2025-01-05.zip", "BTCUSDT-1m-2025-01-21.zip",
                ])
            #expect(!stage.files.paths.contains(january.fallback[4].path))
            #expect(try stage.stored(store) == stage.all)
        }
    }

    @Test func `a wrong checksum, a cut file and a bomb are errors that name the file, and nothing of it is stored`() async throws
    {
        try await withStage { stage in
            let january = try #require(stage.plan().first)
            let whole = stage.zip(january)
            let cut = Array(whole.prefix(whole.count / 2))
            let bombs = [ZipFile.bomb(size: 80 << 20, claimed: 1 << 20), ZipFile.bomb(size: 1 << 20, claimed: 1 << 30)]
            var cases: [(zip: [UInt8], checksum: [UInt8], words: String)] = [
                (whole, ArchiveServer.checksum(cut, january.name), "its SHA-256 is"),
                (whole, ArchiveServer.checksum(whole, "BTCUSDT-1m-2024-12.zip"), "BTCUSDT-1m-2024-12.zip"),
                (whole, Array("<html>".utf8), "does not begin with a SHA-256"),
                (cut, ArchiveServer.checksum(whole, january.name), "its SHA-256 is"),
                (cut, ArchiveServer.checksum(cut, january.name), "no directory"),
            ]
            for bomb in bombs { cases.append((bomb, ArchiveServer.checksum(bomb, january.name), "")) }
            for (zip, checksum, words) in cases {
                stage.putAll()
                stage.files.put(january.path, zip)
                stage.files.put(january.checksumPath, checksum)
                let store = try stage.freshStore()
                let outcome = try await stage.load(store)
                let failure = try #require(outcome.failure)
                #expect(failure.contains(january.path) && failure.contains(words), "\(failure)")
                #expect(failure.contains("public_data"))
                #expect(try stage.stored(store) == [] && outcome.received == 0)
            }
            var limits = ImportLimits.binanceArchive
            limits.fileBytes = whole.count - 1
            stage.putAll()
            let outcome = try await stage.load(try stage.freshStore(), limits: limits)
            #expect(outcome.failure?.contains("is larger than \(limits.fileBytes) bytes") == true)
        }
    }

    @Test(arguments: [("cut", 2), ("status 503", 2), ("nobody", 0)])
    func `where the files cannot be had all comes over REST, with a note`(how: String, requests: Int) async throws {
        try await withStage { stage in
            stage.putAll()
            let january = try #require(stage.plan().first)
            switch how {
            case "cut": stage.files.put(january.checksumPath, .cut)
            case "status 503": stage.files.put(january.checksumPath, [], status: 503)
            default: await stage.files.stop()
            }
            let store = try stage.freshStore()
            let outcome = try await stage.load(store)
            #expect(outcome.failure == nil && outcome.archives == 0 && outcome.notes.count == 1)
            #expect(outcome.notes.first?.contains("the rest comes over REST") == true)
            #expect(stage.files.paths.count == requests)
            #expect(try stage.stored(store) == stage.all)
        }
    }

    @Test func `a download that ends within the files goes on behind what is stored`() async throws {
        try await withStage { stage in
            stage.putAll()
            let plan = stage.plan()
            stage.files.put(plan[5].checksumPath, ArchiveServer.checksum([], plan[5].name))
            let store = try stage.freshStore()
            let first = try await stage.load(store)
            #expect(first.failure?.contains(plan[5].name) == true && first.archives == 5)
            #expect(try stage.stored(store).count == (31 + 4) * 1440)
            stage.putAll()
            stage.files.forgetPaths()
            let second = try await stage.load(store)
            #expect(second.failure == nil && second.archives == 6)
            #expect(stage.files.paths.first == plan[5].checksumPath)
            #expect(try stage.stored(store) == stage.all)
        }
    }

    @Test func `two downloads at once into one folder are refused`() async throws {
        try await withRig("binance") { rig in
            let folder = try TemporaryFolder()
            let store = try CandleStore.target(folder: folder.path)
            let lock = try store.lock(for: "an import")
            let loader = CandleDownloader(rig.connectors.market(), into: store, exchange: "binance")
            let error = await #expect(throws: MarketDataError.self) {
                _ = try await loader.run([rig.pair], [.oneHour], range: .all)
            }
            #expect(error?.kind == .inUse && error?.description.contains("an import (process") == true)
            withExtendedLifetime(lock) {}
        }
    }
}
