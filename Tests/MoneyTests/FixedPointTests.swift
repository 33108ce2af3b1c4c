import Money
import Testing

struct FixedPointTests {
    @Test(arguments: [
        ("0", 0, 0), ("1.50", 150, 2), ("-0.001", -1, 3), ("1e-8", 1, 8), ("1.5E+3", 1500, 0), ("000012", 12, 0),
        ("9223372036854775807", Int64.max, 0), ("0.000000000000000001", 1, 18), ("65432.13000000", 6_543_213_000_000, 8),
        ("-0", 0, 0),
        ("1.0000000000000000000000", 1_000_000_000_000_000_000, 18),
    ])
    func `decimal text becomes units and decimals`(text: String, units: Int64, decimals: Int) throws {
        let value = try #require(Price(text))
        #expect(value.units == units)
        #expect(Int(value.decimals) == decimals)
    }

    @Test(arguments: [
        "", "-", ".", "1.", ".5", "1e", "1e+", "--1", "+1", "1 ", " 1", "0x10", "NaN", "inf", "9223372036854775808", "1e19",
        "1e-19", "1.2.3",
        "1e1e1", "1-2", "0.0000000000000000001", "1e99999999999999999999", "١",
    ])
    func `what is no number, or does not fit, is refused`(text: String) { #expect(Price(text) == nil) }

    @Test func `numbers of the same value are equal and hash alike whatever their decimals`() throws {
        let a = Quantity(units: 15, decimals: 1)
        let b = Quantity(units: 1500, decimals: 3)
        #expect(a == b)
        #expect(a.hashValue == b.hashValue)
        #expect(a < Quantity(units: 1501, decimals: 3))
        #expect(Quantity(units: .max, decimals: 0) > Quantity(units: .max, decimals: 18))
        #expect(b.description == "1.5")
        #expect(b.fullText == "1.500")
    }

    @Test func `rounding to a step is exact at the edges`() throws {
        let price = try #require(Price("65432.129"))
        let tick = try #require(Price("0.01"))
        #expect(price.rounded(toMultipleOf: tick, .nearest)?.description == "65432.13")
        #expect(price.rounded(toMultipleOf: tick, .down)?.description == "65432.12")
        #expect(Price("0.125")?.rounded(toMultipleOf: tick, .nearest)?.description == "0.13")
        #expect(Price("-0.125")?.rounded(toMultipleOf: tick, .nearest)?.description == "-0.13")
        #expect(Price("7")?.rounded(toMultipleOf: Price(units: 25, decimals: 1), .up)?.description == "7.5")
        #expect(Price("7")?.rounded(toMultipleOf: .zero, .up) == nil)
        #expect(Price(units: .max, decimals: 0).rounded(toMultipleOf: tick, .down) == nil)
        #expect(try #require(Price("0.5")).isMultiple(of: #require(Price("0.05"))))
    }

    @Test func `a product of a price and a quantity is exact`() throws {
        let cost = Amount(try #require(Price("65432.13")), times: try #require(Quantity("0.00123")))
        #expect(cost.description == "80.4815199")
        let largest = Amount(Price(units: .max, decimals: 18), times: Quantity(units: .max, decimals: 18))
        #expect(largest.units == Int128(Int64.max) * Int128(Int64.max))
        #expect(largest.adding(largest) != nil)
    }

    @Test func `sums beyond the range are nil and never trap`() throws {
        #expect(Price(units: .max, decimals: 0).adding(Price(units: 1, decimals: 0)) == nil)
        #expect(Price(units: .max, decimals: 0).adding(Price(units: 1, decimals: 18)) == nil)
        #expect(Price(units: 1, decimals: 0).subtracting(Price(units: .min, decimals: 0)) == nil)
        let huge = Amount(units: .max, decimals: 0)
        #expect(huge.adding(huge) == nil)
        #expect(huge.adding(Amount(units: 1, decimals: 36)) == nil)
        #expect(Amount(units: 1, decimals: 36) < huge)
        #expect(Amount(units: -1, decimals: 36) > Amount(units: .min, decimals: 0))
    }

    @Test func `text of random numbers reads back as the same number`() throws {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Price(units: Int64(bitPattern: state) >> Int64(state >> 58), decimals: Int(state >> 32 % 19))
            #expect(Price(value.description) == value)
            #expect(Price(value.fullText) == value)
        }
    }
}
