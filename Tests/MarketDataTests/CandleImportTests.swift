import Foundation
import Market
import SyntheticMarket
import Testing

@testable import MarketData

@Suite struct CandleImportTests {
    private let folder: TemporaryFolder
    private let pair: Pair

    init() throws {
        folder = try TemporaryFolder()
        pair = try #require(Pair("BTC/USDT"))
    }

    private func candles(_ days: Int = 1, seed: UInt64 = 1) throws -> Candles {
        let market = try SyntheticMarket(
            seed: seed, pairs: [pair], start: Timestamp(seconds: 1_704_067_200), days: days, base: .fiveMinutes)
        return try market.candles(pair, .fiveMinutes)
    }

    private func json(_ candles: Candles, _ rows: Range<Int>? = nil) -> String {
        let rows = (rows ?? 0..<candles.count).map { row -> String in
            let candle = candles.candle(at: row)
            return "[\(candle.time.milliseconds),\(candle.open),\(candle.high),\(candle.low),\(candle.close),\(candle.volume)]"
        }
        return "[" + rows.joined(separator: ",") + "]"
    }

    private func csv(_ candles: Candles, _ rows: Range<Int>) -> String {
        "close,open,high,low,volume,date\n"
            + rows.map { row in
                let candle = candles.candle(at: row)
                return "\(candle.close),\(candle.open),\(candle.high),\(candle.low),\(candle.volume),\(candle.time.iso8601)\n"
            }.joined()
    }

    private func put(_ text: String, _ name: String) throws -> String { try put(Array(text.utf8), name) }

    private func put(_ bytes: [UInt8], _ name: String) throws -> String {
        let path = folder.path + "/in/" + name
        let parent = URL(filePath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    private var store: CandleStore { get throws { try CandleStore.target(folder: folder.path + "/store") } }

    /// A stand-in for SHA-256 that depends on every byte; the command brings the real one.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> String {
        let sum = bytes.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        let text = String(sum, radix: 16)
        return String(repeating: "0", count: 64 - text.count) + text
    }

    private func run(
        _ inputs: [String], _ policy: ConflictPolicy = .fail, pair: Pair? = nil, _ edit: (inout CandleImport) -> Void = { _ in }
    ) throws -> [CandleImport.Entry] {
        var job = CandleImport(hash: Self.hash)
        job.onConflict = policy
        edit(&job)
        return try job.run(try ImportSources(inputs, pair: pair), into: try store)
    }

    private func isSame(_ a: Candles, _ b: Candles) -> Bool {
        Array(a.times) == Array(b.times)
            && [(a.open, b.open), (a.high, b.high), (a.low, b.low), (a.close, b.close), (a.volume, b.volume)].allSatisfy { x, y in
                x.map(\.bitPattern) == y.map(\.bitPattern)
            }
    }

    @Test func `candles come back bit for bit, whichever the format`() throws {
        let all = try candles()
        let paths = [
            try put(json(all, 0..<100), "BTC_USDT-5m.json"), try put(csv(all, 90..<200), "more/BTC_USDT-5m.csv"),
            try put(TestZip.gzip(Array(json(all, 200..<250).utf8)), "again/BTC_USDT-5m.json.gz"),
            try put(TestZip(name: "x.csv", content: Array(csv(all, 240..<288).utf8)).bytes, "BTCUSDT-5m-2024-01.zip"),
        ]
        let entry = try #require(try run(paths).first)
        #expect(entry.outcome == .written && entry.added == 288 && entry.conflicts == 0 && entry.findings.isEmpty)
        #expect(entry.inputs.map(\.format) == [.json, .csv, .compressedJSON, .zip])
        #expect(entry.inputs.map(\.notation) == [.milliseconds, .iso8601, .milliseconds, .iso8601])
        let stored = try store.candles(pair, .fiveMinutes)
        #expect(isSame(stored, all))
        let again = try #require(try run([folder.path + "/in"]).first)
        #expect(again.outcome == .unchanged && again.rows == 288 && again.inputs.count == 4)
        // A Feather file is an input, too.
        let other = try CandleImport(hash: Self.hash).run(
            try ImportSources([folder.path + "/store"]), into: try CandleStore.target(folder: folder.path + "/third"))
        #expect(other.map(\.outcome) == [.written] && other[0].inputs[0].format == .feather)
    }

    @Test func `new rows join those of the store`() throws {
        let all = try candles()
        try store.write(all.slice(0..<100), as: CandleKey(pair, .fiveMinutes))
        let path = try put(json(all, 50..<288), "BTC_USDT-5m.json")
        let dry = try #require(try run([path]) { $0.isDryRun = true }.first)
        #expect(dry.outcome == .written && dry.added == 188 && dry.rows == 288)
        #expect(try store.candles(pair, .fiveMinutes).count == 100)
        #expect(try run([path]).first?.added == 188)
        #expect(isSame(try store.candles(pair, .fiveMinutes), all))
    }

    @Test func `conflicting rows are refused, kept or replaced`() throws {
        let (old, new) = (try candles(seed: 1), try candles(seed: 2))
        let key = CandleKey(pair, .fiveMinutes)
        try store.write(old.slice(0..<100), as: key)
        let path = try put(json(new, 90..<110), "BTC_USDT-5m.json")
        let refused = try #require(try run([path]).first)
        #expect(refused.isRefused && refused.conflicts == 10 && refused.firstConflict == old.time(at: 90))
        #expect("\(refused.outcome)".contains("10 rows differ from others of the same time, the first at 2024-01-01T07:30:00"))
        #expect(isSame(try store.candles(key), old.slice(0..<100)))
        #expect(try run([path], .keep).first?.added == 10)
        #expect(isSame(try store.candles(key).slice(0..<100), old.slice(0..<100)))
        #expect(try run([path], .replace).first?.replaced == 10)
        #expect(isSame(try store.candles(key).slice(90..<110), new.slice(90..<110)))
    }

    @Test func `rows out of order, repeated and missing are reported as a check does`() throws {
        let all = try candles()
        var rows = (0..<all.count).map { all.candle(at: $0) }
        rows.swapAt(7, 8)
        rows.insert(rows[20], at: 20)
        rows.remove(at: 100)
        let text = rows.map { "\($0.time.milliseconds / 1000),\($0.open),\($0.high),\($0.low),\($0.close),\($0.volume)\n" }
        let entry = try #require(try run([try put(text.joined(), "BTC_USDT-5m.csv")]).first)
        #expect(entry.findings.map(\.problem) == [.outOfOrder, .duplicate, .gap])
        #expect(entry.outcome == .written && entry.rows == 287 && entry.conflicts == 0)
        let times = Array(try store.candles(pair, .fiveMinutes).times)
        #expect(times == times.sorted())
    }

    @Test func `impossible prices are refused unless they are accepted`() throws {
        let path = try put("[[1704067200000,1,2,0,1,3],[1704067500000,1,2,0.5,1,3]]", "BTC_USDT-5m.json")
        let entry = try #require(try run([path]).first)
        #expect(entry.isRefused && "\(entry.outcome)".contains("impossible price at 2024-01-01T00:00:00+00:00"))
        #expect(entry.findings.contains { $0.problem == .impossiblePrice })
        #expect(try store.storedCandles(CandleKey(pair, .fiveMinutes)) == nil)
        #expect(try run([path]) { $0.acceptsErrors = true }.first?.outcome == .written)
    }

    @Test func `candles of another length than the name says are refused`() throws {
        let all = try candles()
        let short = try put(json(all), "BTC_USDT-1h.json")
        #expect("\(try run([short])[0].outcome)".contains("its rows are 5 minutes apart: these are no candles of 1h"))
        let long = try put(json(all), "BTC_USDT-1m.json")
        #expect("\(try run([long])[0].outcome)".contains("its rows are all multiples of 5 minutes apart"))
    }

    @Test func `a checksum beside a file must agree`() throws {
        let bytes = TestZip(name: "x.csv", content: Array(csv(try candles(), 0..<10).utf8)).bytes
        let path = try put(bytes, "BTCUSDT-5m-2024-01.zip")
        #expect(try run([path])[0].inputs[0].isVerified == false)
        let digest = bytes.withUnsafeBytes(Self.hash)
        _ = try put("\(digest.uppercased())  BTCUSDT-5m-2024-01.zip\n", "BTCUSDT-5m-2024-01.zip.CHECKSUM")
        #expect(try run([path])[0].inputs[0].isVerified)
        for (text, words) in [
            (String(repeating: "0", count: 64) + "  BTCUSDT-5m-2024-01.zip", "its checksum file says 000"),
            ("\(digest)  OTHER-5m.zip", "is of OTHER-5m.zip"), ("nothing", "does not begin with a SHA-256"),
        ] {
            _ = try put(text, "BTCUSDT-5m-2024-01.zip.CHECKSUM")
            let entry = try run([path])[0]
            #expect(entry.isRefused && "\(entry.outcome)".contains(words), "\(entry.outcome)")
        }
    }

    @Test func `one bad file refuses its pair, and the others are imported`() throws {
        let all = try candles()
        _ = try put(json(all), "BTC_USDT-5m.json")
        _ = try put(json(all), "ETH_USDT-5m.json")
        _ = try put("[[broken", "part2/ETH_USDT-5m.json")
        _ = try put("[]", "XRP_USDT-5m.json")
        _ = try put("[]", "XRP_USDT-trades.json.gz")
        _ = try put("hello", "readme.csv")
        let sources = try ImportSources([folder.path + "/in"])
        #expect(sources.groups.map(\.key.pair.base) == ["BTC", "ETH", "XRP"])
        #expect(
            sources.skipped.map(\.reason).sorted() == [
                "it holds trades, not candles", "its name tells no pair; name it with --pair",
            ])
        let entries = try run([folder.path + "/in"])
        #expect(entries.map(\.isRefused) == [false, true, true])
        #expect("\(entries[1].outcome)".contains("part2/ETH_USDT-5m.json: damaged JSON"))
        #expect("\(entries[2].outcome)".contains("there are no candles in"))
        #expect(try store.keys().map(\.pair.base) == ["BTC"])
    }

    @Test func `a file that is named must tell what it is, and must be there`() throws {
        let path = try put("[]", "candles.json")
        #expect(throws: MarketDataError.self) { try ImportSources([path]) }
        let entries = try run([folder.path + "/BTC_USDT-5m.json"])
        #expect("\(entries[0].outcome)".contains("there is no such file"))
    }

    @Test func `the folder to write to is found as a reader finds it`() throws {
        let root = folder.path + "/data"
        #expect(try CandleStore.target(folder: root).folder == root)
        #expect(try CandleStore.target(folder: root, exchange: "kraken").folder == root + "/kraken")
        let key = CandleKey(pair, .fiveMinutes)
        try CandleStore.target(folder: root, exchange: "kraken").write(try candles(), as: key)
        #expect(try CandleStore.target(folder: root).folder == root + "/kraken")
        try CandleStore.target(folder: root, exchange: "binance").write(try candles(), as: key)
        #expect(throws: MarketDataError.self) { try CandleStore.target(folder: root) }
        let flat = folder.path + "/flat"
        try CandleStore.target(folder: flat).write(try candles(), as: key)
        #expect(try CandleStore.target(folder: flat, exchange: "kraken").folder == flat)
        for name in ["", "..", "a/b", ".hidden"] {
            #expect(throws: MarketDataError.self) { try CandleStore.target(folder: root, exchange: name) }
        }
    }

    @Test func `a merge is what a dictionary makes of the same rows`() throws {
        let seed: UInt64 = 77
        var random = SplitMix64(seed: seed)
        var cases = 0
        for _ in 0..<2000 {
            func part() -> Candles {
                var builder = CandleBuilder()
                for _ in 0..<Int.random(in: 0...8, using: &random) {
                    let price = Double(Int.random(in: 1...2, using: &random))
                    builder.append(
                        time: Int64.random(in: 0...9, using: &random), open: price, high: price, low: price, close: price,
                        volume: 1)
                }
                return builder.candles
            }
            let (stored, parts) = (part(), [part(), part()])
            for policy in [ConflictPolicy.keep, .replace] {
                var table: [Int64: Double] = [:]
                for candles in [stored] + parts {
                    for row in 0..<candles.count where policy == .replace || table[candles.times[row]] == nil {
                        table[candles.times[row]] = candles.open[row]
                    }
                }
                let merge = CandleMerge(stored: stored, parts: parts, policy: policy)
                let merged = Dictionary(uniqueKeysWithValues: zip(merge.candles.times, merge.candles.open))
                #expect(merged == table && Array(merge.candles.times) == table.keys.sorted())
                #expect(merge.added == table.count - Set(stored.times).count)
                let pairs = Set((0..<stored.count).map { [Double(stored.times[$0]), stored.open[$0]] })
                    .union(parts.flatMap { part in (0..<part.count).map { [Double(part.times[$0]), part.open[$0]] } })
                #expect((merge.conflicts > 0) == (Set(pairs.map { $0[0] }).count < pairs.count))
                cases += 1
            }
        }
        print("\(cases) merges, seed \(seed)")
    }
}
