import Testing

@testable import Money

/// The fast reading of usual numbers against the one for all numbers.
struct ShortNumberTests {
    @Test func `what the fast way reads, it reads as the general way does`() throws {
        var random = SplitMix64(seed: Seed.announced("short numbers"))
        let alphabet = Array("0000123456789..--+eE ".utf8)
        var fast = 0
        for _ in 0..<200_000 {
            let count = Int.random(in: 0...22, using: &random)
            var text = (0..<count).map { _ in alphabet[Int.random(in: 0..<13, using: &random)] }
            if Int.random(in: 0..<3, using: &random) == 0, count > 0 {
                text[Int.random(in: 0..<count, using: &random)] = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            guard let short = DecimalText.parseShort(text[...]) else { continue }
            fast += 1
            let general = try #require(DecimalText.parse(text), "\(String(decoding: text, as: UTF8.self))")
            #expect(Int128(short.units) == general.units && short.decimals == general.decimals)
        }
        #expect(fast > 50_000)
    }

    @Test(arguments: [
        "65432.10000000", "0", "-0.0", "0.001", "999999999999999999", "-99999999999999999.9", "0.00000000000000001",
    ])
    func `usual numbers go the fast way`(text: String) {
        #expect(DecimalText.parseShort(Array(text.utf8)[...]) != nil)
    }

    @Test(arguments: ["", "-", ".", "1.", ".5", "1e5", "1..2", "--1", "+1", "1 ", "9999999999999999999", "0.0000000000000000001"])
    func `all else is left to the general way, which decides`(text: String) {
        let bytes = Array(text.utf8)
        #expect(DecimalText.parseShort(bytes[...]) == nil)
        #expect(FixedPoint<FixedPointKind.Price>(ascii: bytes[...]) == FixedPoint<FixedPointKind.Price>(text))
    }
}
