import Foundation
import Market
import SyntheticMarket
import Testing

@testable import MarketData

/// Damages valid files in every way and reads them: each must end in values or in a typed error.
@Suite struct FeatherMutationTests {
    /// Valid files of all three compressions.
    private func seeds() throws -> [[UInt8]] {
        let times = Column((0..<20).map { 1_600_000_200_000 + Int64($0) * 300_000 })
        let prices = Column((0..<20).map { 100 + Double($0) })
        let plain = try FeatherWriter.encoded([
            ("date", .milliseconds(times)), ("open", .double(prices)), ("high", .double(prices)), ("low", .double(prices)),
            ("close", .double(prices)), ("volume", .double(prices)), ("count", .int64(times)),
        ])
        return [plain, FeatherFixtures.lz4, FeatherFixtures.zstd]
    }

    private var limits: FeatherLimits {
        var limits = FeatherLimits()
        limits.rows = 100_000
        limits.bufferBytes = 1 << 20
        limits.textBytes = 1 << 20
        return limits
    }

    private func mutated(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var result = bytes
        let edits = Int.random(in: 1...4, using: &random)
        for _ in 0..<edits where !result.isEmpty {
            let at = Int.random(in: 0..<result.count, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: result[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: result[at] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            case 2: result.removeSubrange(at...)
            case 3: result.removeSubrange(at..<min(at + Int.random(in: 1...64, using: &random), result.count))
            case 4: result.insert(contentsOf: (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }, at: at)
            case 5:
                let from = Int.random(in: 0..<result.count, using: &random)
                for offset in 0..<min(16, result.count - max(at, from)) { result[at + offset] = result[from + offset] }
            default:
                // An extreme number where a length or an offset may stand.
                let value = [Int64.max, .min, -1, 1 << 31, 1 << 40, 255].randomElement(using: &random) ?? 0
                withUnsafeBytes(of: value.littleEndian) { number in
                    for (offset, byte) in number.enumerated() where at / 8 * 8 + offset < result.count {
                        result[at / 8 * 8 + offset] = byte
                    }
                }
            }
        }
        return result
    }

    @Test func `damaged files end in values or in a typed error`() throws {
        // A longer search: PRAGMA_MUTATIONS=1000000 PRAGMA_SEED=7
        let environment = ProcessInfo.processInfo.environment
        let rounds = environment["PRAGMA_MUTATIONS"].flatMap { Int($0) } ?? 12_000
        let seed = environment["PRAGMA_SEED"].flatMap { UInt64($0) } ?? 20_260_101
        print("mutation seed \(seed), \(rounds) rounds")
        var random = SplitMix64(seed: seed)
        var readable = 0
        let seeds = try seeds()
        for file in seeds { #expect(file.withUnsafeBytes { FeatherFuzz.readAll($0, limits: limits) } > 0) }
        for round in 0..<rounds {
            let bytes = mutated(seeds[round % seeds.count], &random)
            if bytes.withUnsafeBytes({ FeatherFuzz.readAll($0, limits: limits) }) > 0 { readable += 1 }
        }
        print("\(readable) of \(rounds) damaged files still had a readable column")
        #expect(readable < rounds)
    }

    @Test func `claims that no bytes back allocate nothing`() throws {
        // A batch of 31 million rows whose buffers are 104 bytes: each claim is refused before memory is asked for.
        let column = Column([Int64](repeating: 0, count: 13))
        var bytes = try FeatherWriter.encoded([("date", .milliseconds(column)), ("count", .int64(column))])
        let rows = withUnsafeBytes(of: Int64(13).littleEndian) { Array($0) }
        let claim = withUnsafeBytes(of: Int64(31_000_000).littleEndian) { Array($0) }
        var replaced = 0
        for at in stride(from: 0, to: bytes.count - 8, by: 8) where Array(bytes[at..<at + 8]) == rows {
            bytes.replaceSubrange(at..<at + 8, with: claim)
            replaced += 1
        }
        #expect(replaced == 3)
        let table = try FeatherTable(FileBytes(copying: bytes), file: "claim")
        #expect(table.rowCount == 31_000_000)
        let error = #expect(throws: MarketDataError.self) { try table.milliseconds("date") }
        #expect(error?.problem.contains("has 104 bytes where 248000000 are needed") == true)
    }

    @Test func `every truncation of a file is an error`() throws {
        for file in try seeds() {
            for length in 0..<file.count {
                let error = #expect(throws: MarketDataError.self) {
                    try FeatherTable(FileBytes(copying: file[..<length]), file: "cut")
                }
                #expect(error?.file == "cut")
            }
        }
    }

    @Test func `every overwritten footer and metadata word is survived`() throws {
        for file in try seeds() {
            for at in stride(from: 0, to: file.count - 4, by: 2) {
                for value in [UInt32.max, 0x7FFF_FFFF, 0, 0x8000_0000] {
                    var bytes = file
                    withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(at..<at + 4, with: $0) }
                    _ = bytes.withUnsafeBytes { FeatherFuzz.readAll($0, limits: limits) }
                }
            }
        }
    }

    @Test(arguments: [
        ("FEA1 is the first version......", "Feather version 1"), ("PAR1.......................PAR1", "Parquet"),
        ("[[1600000000000,1,1,1,1,1]]     ", "JSON"), ("\u{1F}\u{8B}....................", "begin"),
    ])
    func `a file of another format is named`(text: String, words: String) {
        let error = #expect(throws: MarketDataError.self) {
            try FeatherTable(FileBytes(copying: Array(text.utf8)), file: "other")
        }
        #expect(error?.problem.contains(words) == true)
    }
}
