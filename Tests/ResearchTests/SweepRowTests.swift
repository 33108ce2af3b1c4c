import Testing

@testable import Research

@Suite struct SweepRowTests {
    @Test func `rows come back bit for bit`() throws {
        let seed: UInt64 = 20_240_101
        var generator = SeededGenerator(seed: seed)
        for count in [0, 1, 2, 100] {
            var rows = (0..<count).map { randomRow(UInt64($0), &generator) }
            if count > 0 { rows[0].profitTotal = Double(bitPattern: 0x7FF8_0000_0000_1234) }
            let bytes = SweepRows.encode(rows)
            #expect(bytes.count == 12 + count * SweepRows.rowSize)
            #expect(try SweepRows.decode(bytes) == rows, "seed \(seed)")
            #expect(SweepRows.encode(try SweepRows.decode(bytes)) == bytes)
        }
    }

    /// Written by hand from the description of the format.
    @Test func `the bytes of a row are the documented ones`() {
        var row = SweepRow(index: 0x0102)
        row.totalTrades = 3
        row.profitTotal = 1.5
        let bytes = SweepRows.encode([row])
        #expect(Array(bytes[0..<12]) == [0x50, 0x53, 0x57, 0x52, 1, 0, 0, 0, 1, 0, 0, 0])
        #expect(Array(bytes[12..<28]) == [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0])
        #expect(Array(bytes[44..<52]) == [0, 0, 0, 0, 0, 0, 0xF8, 0x3F])
        #expect(bytes.count == 12 + 152)
    }

    @Test func `bytes that are no rows give an error that says why`() {
        let good = SweepRows.encode([SweepRow(index: 1), SweepRow(index: 2)])
        func decode(_ change: (inout [UInt8]) -> Void) -> SweepRows.DecodingError? {
            var bytes = good
            change(&bytes)
            do throws(SweepRows.DecodingError) {
                _ = try SweepRows.decode(bytes)
                return nil
            } catch { return error }
        }
        #expect(decode { $0 = [] } == .notRows)
        #expect(decode { $0[0] = 0 } == .notRows)
        #expect(decode { $0[4] = 9 } == .unknownVersion(9))
        #expect(decode { $0[6] = 1 } == .paddingNotZero)
        #expect(decode { $0[11] = 0xFF } == .tooMany(0xFF00_0002))
        #expect(decode { $0.removeLast() } == .wrongLength(expected: 316, actual: 315))
        #expect(decode { $0.append(0) } == .wrongLength(expected: 316, actual: 317))
        #expect(decode { $0[20] = 3 } == .unknownOutcome(3))
        #expect(decode { $0[21] = 1 } == .paddingNotZero)
    }

    @Test func `mutated bytes never trap, and what decodes encodes to the same bytes`() throws {
        let seed: UInt64 = 77
        var generator = SeededGenerator(seed: seed)
        let good = SweepRows.encode((0..<5).map { randomRow($0, &generator) })
        var decoded = 0
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                switch Int.random(in: 0..<3, using: &generator) {
                case 0 where !bytes.isEmpty:
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
                case 1: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
                default: bytes.append(.random(in: 0...255, using: &generator))
                }
            }
            guard let rows = try? SweepRows.decode(bytes) else { continue }
            decoded += 1
            #expect(SweepRows.encode(rows) == bytes, "seed \(seed)")
        }
        #expect(decoded > 100)
    }
}
