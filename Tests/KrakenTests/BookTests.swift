import Exchange
import Foundation
import Market
import Money
import Testing

@testable import Kraken

struct BookTests {
    private static func levels(_ text: [(String, String)]) throws -> [BookLevel] {
        try text.map { BookLevel(try Sample.price($0.0), try Sample.quantity($0.1)) }
    }

    /// The levels of the example in Kraken's guide to the checksum.
    private static let bids = [
        ("45283.5", "0.10000000"), ("45283.4", "1.54582015"), ("45282.1", "0.10000000"), ("45281.0", "0.10000000"),
        ("45280.3", "1.54592586"),
        ("45279.0", "0.07990000"), ("45277.6", "0.03310103"), ("45277.5", "0.30000000"), ("45277.3", "1.54602737"),
        ("45276.6", "0.15445238"),
    ]
    private static let asks = [
        ("45285.2", "0.00100000"), ("45286.4", "1.54571953"), ("45286.6", "1.54571109"), ("45289.6", "1.54560911"),
        ("45290.2", "0.15890660"),
        ("45291.8", "1.54553491"), ("45294.7", "0.04454749"), ("45296.1", "0.35380000"), ("45297.5", "0.09945542"),
        ("45299.5", "0.18772827"),
    ]

    @Test func `the checksum is the one of Kraken's guide, digits as sent or brought to the instrument's`() throws {
        let (bids, asks) = (try Self.levels(Self.bids), try Self.levels(Self.asks))
        #expect(KrakenBook.checksum(bids: bids, asks: asks) == 3_310_070_434)
        #expect(KrakenBook.checksum(bids: bids, asks: asks, of: try Sample.instrument) == 3_310_070_434)
        let short = { (level: BookLevel) in BookLevel(level.price.trimmed, level.quantity.trimmed) }
        #expect(KrakenBook.checksum(bids: bids.map(short), asks: asks.map(short), of: try Sample.instrument) == 3_310_070_434)
        #expect(KrakenBook.checksum(bids: bids.map(short), asks: asks.map(short)) != 3_310_070_434)
        let more = bids + [BookLevel(try Sample.price("1"), try Sample.quantity("1"))]
        #expect(KrakenBook.checksum(bids: more, asks: asks) == 3_310_070_434)
        #expect(KrakenBook.checksum(bids: bids, asks: asks, priceDecimals: 0, quantityDecimals: 8) == nil)
        #expect(KrakenBook.checksum(bids: [], asks: []) == 0)
    }

    @Test func `CRC-32 of nine digits is the check value of its definition`() {
        var sum = CRC32()
        for byte in "123456789".utf8 { sum.add(byte) }
        #expect(sum.value == 0xCBF4_3926)
    }

    @Test func `random books have the checksum that ccxt pro computes`() throws {
        guard let python = ProcessInfo.processInfo.environment["PRAGMA_PYTHON"] else {
            print("skipped: PRAGMA_PYTHON names no Python with ccxt")
            return
        }
        var random = SplitMix64(seed: Seed.announced("book checksums"))
        let books = (0..<200).map { _ in (0..<20).map { _ in Self.level(&random) } }
        let lines = books.map { $0.map { $0.0 + " " + $0.1 }.joined(separator: " ") }.joined(separator: "\n")
        let script = """
            import sys, zlib
            from ccxt.pro import kraken
            e = kraken()
            for line in sys.stdin:
                print(e.crc32(''.join(e.format_number(x) for x in line.split()), False) & 0xffffffff)
            """
        let answer = try Self.run(python, ["-c", script], input: lines + "\n").split(separator: "\n").map { UInt32($0) }
        #expect(answer.count == books.count)
        for (book, sum) in zip(books, answer) {
            let levels = try Self.levels(book)
            #expect(KrakenBook.checksum(bids: Array(levels[10...]), asks: Array(levels[..<10])) == sum)
        }
        print("checksums compared with ccxt.pro: \(books.count)")
    }

    private static func level(_ random: inout SplitMix64) -> (String, String) {
        let price = Price(units: .random(in: 1...9_999_999, using: &random), decimals: .random(in: 0...8, using: &random))
        let quantity = Quantity(units: .random(in: 1...999_999_999_999, using: &random), decimals: 8)
        return (price.fullText, quantity.fullText)
    }

    private static func run(_ program: String, _ arguments: [String], input: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        stdin.fileHandleForWriting.write(Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let data = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
