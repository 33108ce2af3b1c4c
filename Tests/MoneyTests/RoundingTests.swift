import Testing

@testable import Money

@Suite("Rounding")
struct RoundingTests {
    @Test func `rounding is Python's and numpy's`() throws {
        let rows = try Fixture.rows("rounding.csv").filter { ["python", "numpy"].contains($0.text(0)) }
        for row in rows {
            let value = try row.number(3)
            let digits = try #require(Int(row.text(2)))
            let result =
                row.text(0) == "python" ? value.rounded(decimals: digits) : value.roundedLikeNumPy(decimals: digits)
            #expect(result.bitPattern == (try row.number(4)).bitPattern, "\(row)")
        }
        print("rounding fixtures: \(rows.count) results compared")
        #expect(rows.count > 1000)
    }

    @Test func `rounding is that of the exact binary value`() throws {
        var random = SplitMix64(seed: Seed.announced("rounding"))
        for _ in 0..<2_000 {
            let value = Double.random(in: -1e8...1e8, using: &random) / Double.powerOfTen(Int.random(in: 0...12, using: &random))
            let result = value.rounded(decimals: 8)
            let distance = (binary(result) - binary(value)).magnitude
            // No other number with 8 decimals is nearer; the doubles next to the result stand for their neighbours.
            #expect(distance <= ExactDecimal(5, scale: 9) + (binary(result.nextUp) - binary(result)), "\(value)")
        }
    }

    /// The exact value of a double, beyond its shortest text.
    private func binary(_ value: Double) -> ExactDecimal {
        var result = ExactDecimal(Int(value.significandBitPattern | 1 << 52))
        if value == 0 { return .zero }
        var exponent = Int(value.exponent) - 52
        while exponent < 0 {
            result = result * ExactDecimal(5, scale: 1)
            exponent += 1
        }
        while exponent > 0 {
            result = result + result
            exponent -= 1
        }
        return value < 0 ? -result : result
    }
}
