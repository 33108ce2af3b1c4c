import Market
import SyntheticMarket
import Testing

@testable import MarketData

/// Archives: valid ones of other programs, hostile ones, and what names of files say.
@Suite struct ImportArchiveTests {
    private let key: CandleKey
    private var limits = ImportLimits()

    init() throws { key = CandleKey(try #require(Pair("BTC/USDT")), .oneMinute) }

    private func problem(_ bytes: [UInt8], _ limits: ImportLimits? = nil) -> String {
        do throws(ImportFault) {
            return "none, \(try ImportedFile.decoded(bytes, as: key, limits: limits ?? self.limits).candles.count) rows"
        } catch {
            return error.problem
        }
    }

    @Test func `a zip of Binance's public data is read`() throws {
        let file = try ImportedFile.decoded(ImportFixtures.zip, as: key, limits: limits)
        #expect(file.format == .zip && file.notation == .microseconds && file.candles.count == 50)
        #expect(file.candles.time(at: 49).iso8601 == "2024-01-01T00:49:00+00:00")
        #expect(file.candles.candle(at: 1).close == 101.5 && file.candles.volume[1] == 1.125)
    }

    @Test func `gzip is read, in one member and in several`() throws {
        let file = try ImportedFile.decoded(ImportFixtures.jsonGzip, as: key, limits: limits)
        #expect(file.format == .compressedJSON && Array(file.candles.close) == [100.5, 0.00012345])
        let row = "1704067200000,1.5,3,0.5,2.5,4.25\n"
        let member = TestZip.gzip(Array(row.utf8))
        let twice = try ImportedFile.decoded(member + member + [0, 0, 0], as: key, limits: limits)
        #expect(twice.format == .compressedCSV && twice.candles.count == 2)
        #expect(problem(member + [1, 2, 3]).contains("damaged"))
    }

    @Test func `every cut of an archive is an error`() {
        for bytes in [ImportFixtures.zip, ImportFixtures.jsonGzip] {
            for length in 3..<bytes.count {
                #expect(throws: ImportFault.self, "\(length)") {
                    try ImportedFile.decoded(Array(bytes[..<length]), as: key, limits: limits)
                }
            }
        }
    }

    @Test func `content that is too large is refused before it fills the memory`() {
        #expect(problem(ImportFixtures.bomb).contains("longer than"))
        var small = limits
        small.inflatedBytes = 1 << 20
        #expect(problem(ImportFixtures.bomb, small) == "its content is larger than 1048576 bytes")
        small.inflatedBytes = 1 << 30
        small.ratioFreeBytes = 1 << 20
        #expect(problem(ImportFixtures.bomb, small).contains("over 300 times as large as the file"))
        // A directory that claims a gigabyte behind a few bytes.
        var zip = TestZip(name: "a.csv", content: [1, 2, 3])
        zip.method = 8
        zip.size = 1 << 30
        #expect(problem(zip.bytes).contains("claims more bytes than its data can hold"))
    }

    @Test func `of an archive only the one table at its top is read`() throws {
        let row = Array("1704067200000,1.5,3,0.5,2.5,4.25\n".utf8)
        let names = ["../../etc/evil.csv", "folder/b.csv", "a.csv", "..\\c.csv", "notes.txt", ".hidden.csv"]
        let archive = TestZip.archive(names.map { TestZip(name: $0, content: row) })
        let file = try ImportedFile.decoded(archive, as: key, limits: limits)
        #expect(file.candles.count == 1 && file.ignored == names.filter { $0 != "a.csv" })
        #expect(problem(TestZip.archive([])).contains("has no CSV file"))
        #expect(problem(TestZip.archive(["x/a.csv"].map { TestZip(name: $0, content: row) })).contains("has no CSV file"))
        let two = ["a.csv", "b.csv"].map { TestZip(name: $0, content: row) }
        #expect(problem(TestZip.archive(two)) == "the archive has 2 CSV files; one is expected")
        var few = limits
        few.zipEntries = 1
        #expect(problem(TestZip.archive(two), few) == "the archive has 2 files")
    }

    @Test func `what an archive may not be is said`() {
        let row = Array("1704067200000,1.5,3,0.5,2.5,4.25\n".utf8)
        let valid = TestZip(name: "a.csv", content: row)
        #expect(problem(valid.bytes) == "none, 1 rows")
        let cases: [(String, (inout TestZip) -> Void)] = [
            ("encrypted", { $0.flags = 1 }), ("by method 93", { $0.method = 93 }), ("ZIP64", { $0.size = 0xFFFF_FFFF }),
            ("ZIP64", { $0.compressedSize = 0xFFFF_FFFF }), ("checksum (CRC)", { $0.crc ^= 1 }),
            ("has two sizes", { $0.size += 1 }),
            (
                "reaches beyond",
                {
                    $0.compressedSize = 10_000; $0.size = 10_000
                }
            ),
            ("has no header", { $0.headerOffset = 1 }), ("has no header", { $0.headerOffset = 0xFFFF_FFFE }),
            ("compressed data", { $0.method = 8 }),
        ]
        for (words, edit) in cases {
            var zip = valid
            edit(&zip)
            #expect(problem(zip.bytes).contains(words), "\(words): \(problem(zip.bytes))")
        }
    }

    @Test func `damaged files of every format end in rows or in a typed error`() {
        let text = Array("date,open,high,low,close,volume\n1704067200,1.5,3,0.5,2.5,4.25\n1704067260,1,2,0.5,1,3\n".utf8)
        let json = Array("[[1704067200000,1.5,3,0.5,2.5,4.25],[1704067260000,1.5,3,0.5,2.5,4.25]]".utf8)
        let seeds = [
            ImportFixtures.zip, ImportFixtures.jsonGzip, text, json, TestZip.gzip(text),
            TestZip(name: "a.csv", content: text).bytes,
            Array("0d410a4fe8bad56d1e87192fad9196fff43c31d48c8e31b5235d6a04c3bb0fce  a.zip".utf8),
        ]
        var limits = ImportLimits()
        limits.rows = 10_000
        limits.inflatedBytes = 1 << 20
        let seed: UInt64 = 20_260_303
        var random = SplitMix64(seed: seed)
        let rounds = 40_000
        var readable = 0
        for bytes in seeds { #expect(ImportFuzz.readAll(bytes, limits: limits) > 0) }
        for round in 0..<rounds {
            if ImportFuzz.readAll(Mutation.mutated(seeds[round % seeds.count], &random), limits: limits) > 0 { readable += 1 }
        }
        print("\(readable) of \(rounds) damaged files still had rows, seed \(seed)")
        #expect(readable > 0 && readable < rounds)
    }
}

/// Edits of bytes as damage and attackers make them.
enum Mutation {
    static func mutated(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !result.isEmpty {
            let at = Int.random(in: 0..<result.count, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: result[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: result[at] = [0, 0x2C, 0x5B, 0x39, 0xFF].randomElement(using: &random) ?? 0
            case 2: result.removeSubrange(at...)
            case 3: result.removeSubrange(at..<min(at + Int.random(in: 1...64, using: &random), result.count))
            case 4: result.insert(contentsOf: (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }, at: at)
            case 5:
                let from = Int.random(in: 0..<result.count, using: &random)
                result.insert(contentsOf: result[from..<min(from + 24, result.count)], at: at)
            default:
                let words: [[UInt8]] = [
                    [0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0x80], [0xFF, 0xFF, 0xFF, 0x7F], Array("9999e999".utf8),
                ]
                for (offset, byte) in (words.randomElement(using: &random) ?? []).enumerated() where at + offset < result.count {
                    result[at + offset] = byte
                }
            }
        }
        return result
    }
}

/// A zip archive written field by field, so that each can lie.
struct TestZip {
    var name: String
    var content: [UInt8]
    var flags: UInt16 = 0
    var method: UInt16 = 0
    var crc: UInt32
    var compressedSize: UInt32
    var size: UInt32
    var headerOffset: UInt32?

    init(name: String, content: [UInt8]) {
        self.name = name
        self.content = content
        crc = Self.crc32(content)
        compressedSize = UInt32(content.count)
        size = UInt32(content.count)
    }

    var bytes: [UInt8] { Self.archive([self]) }

    static func archive(_ files: [TestZip]) -> [UInt8] {
        var (data, directory) = ([UInt8](), [UInt8]())
        for file in files {
            let offset = UInt32(data.count)
            let shared =
                [20, file.flags, file.method, 0, 0].flatMap(little) + little(file.crc) + little(file.compressedSize)
                + little(file.size) + little(UInt16(file.name.utf8.count))
            data += little(UInt32(0x0403_4B50)) + shared + little(UInt16(0)) + Array(file.name.utf8) + file.content
            directory += little(UInt32(0x0201_4B50)) + little(UInt16(20)) + shared + [0, 0, 0, 0].flatMap { little(UInt16($0)) }
            directory += little(UInt32(0)) + little(file.headerOffset ?? offset) + Array(file.name.utf8)
        }
        let count = UInt16(files.count)
        var end = little(UInt32(0x0605_4B50)) + [0, 0, count, count].flatMap(little)
        end += little(UInt32(directory.count)) + little(UInt32(data.count)) + little(UInt16(0))
        return data + directory + end
    }

    /// A gzip member with one stored block.
    static func gzip(_ content: [UInt8]) -> [UInt8] {
        let count = UInt16(content.count)
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1] + little(count) + little(~count) + content + little(crc32(content))
            + little(UInt32(count))
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    /// CRC-32 bit by bit, apart from zlib's.
    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }
}
