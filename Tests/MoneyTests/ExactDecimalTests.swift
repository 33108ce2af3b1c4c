import Testing

@testable import Money

@Suite("Exact decimals")
struct ExactDecimalTests {
    @Test func `every result is that of freqtrade's decimals`() throws {
        let rows = try Fixture.rows("arithmetic.csv")
        for row in rows {
            let (a, b) = (ExactDecimal(try row.number(1)), ExactDecimal(try row.number(2)))
            let result =
                switch row.text(0) {
                case "add": a + b
                case "subtract": a - b
                case "multiply": a * b
                case "divide": a / b
                default: a % b
                }
            #expect(Fixture.plain(result.description) == row.text(3), "\(row)")
            #expect(Double(result) == (try row.number(4)), "\(row)")
        }
        print("decimal fixtures: \(rows.count) results compared")
        #expect(rows.count == 1250)
    }

    @Test func `any double survives the way to a decimal and back`() {
        var random = SplitMix64(seed: Seed.announced("round trip"))
        for _ in 0..<20_000 {
            let value = random.double()
            #expect(Double(ExactDecimal(value)) == value, "\(value)")
        }
        for value in [
            0, -0.0, 1, 1e22, 1e23, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 0.1, 1e15,
            999_999_999_999_999,
        ] {
            #expect(Double(ExactDecimal(value)) == value, "\(value)")
        }
    }

    @Test func `a decimal is the shortest text of its double`() {
        var random = SplitMix64(seed: Seed.announced("text"))
        for _ in 0..<5_000 {
            let value = random.price()
            #expect(Fixture.plain(ExactDecimal(value).description) == Fixture.expanded(value.description), "\(value)")
        }
    }

    @Test func `sums and products are those of schoolbook digits`() {
        var random = SplitMix64(seed: Seed.announced("schoolbook"))
        for _ in 0..<500 {
            let (a, b, c) = (random.price(), random.price(), random.price())
            let (x, y, z) = (SchoolDecimal(a), SchoolDecimal(b), SchoolDecimal(c))
            let product = ExactDecimal(a) * ExactDecimal(b) * ExactDecimal(c)
            #expect(Fixture.plain(product.description) == x.times(y).times(z).text)
            #expect(Fixture.plain((product + ExactDecimal(b)).description) == x.times(y).times(z).plus(y).text)
        }
    }

    @Test func `a decimal becomes the nearest double`() throws {
        var random = SplitMix64(seed: Seed.announced("nearest double"))
        for _ in 0..<1_500 {
            let value = ExactDecimal(random.price()) * ExactDecimal(random.price()) - ExactDecimal(random.price())
            // Reading the digits as text is an independent way to the same double.
            #expect(Double(value) == (try #require(Double(value.description))), "\(value)")
        }
    }

    @Test func `a quotient is cut after eighteen decimals`() {
        var random = SplitMix64(seed: Seed.announced("quotient"))
        let unit = ExactDecimal(1, scale: 18)
        for _ in 0..<1_500 {
            let (a, b) = (ExactDecimal(random.price()), ExactDecimal(random.price()))
            let quotient = a / b
            let rest = a - quotient * b
            #expect(rest >= .zero && rest < unit * b, "\(a) / \(b)")
            #expect(-a / b == -quotient)
        }
    }

    @Test func `wide integers divide as they multiply`() {
        var random = SplitMix64(seed: Seed.announced("wide division"))
        for _ in 0..<1_500 {
            let (a, b) = (random.wide(), random.wide())
            let (quotient, remainder) = a.dividedTruncating(by: b)
            #expect((quotient * b + remainder + -a).isZero)
            #expect(remainder.isZero || remainder.isNegative == a.isNegative)
            #expect((remainder.magnitude + -b.magnitude).isNegative)
        }
    }

    @Test func `division estimates that are one too high are corrected`() {
        // Knuth's step D6: these digits make the first estimate fail.
        let b = BigInteger(Int128(1) << 95 + 1)
        let a = BigInteger(Int128(1) << 94).shiftedLeft(64) + -BigInteger(Int128(1))
        let (quotient, remainder) = a.dividedTruncating(by: b)
        #expect((quotient * b + remainder + -a).isZero)
        #expect((remainder + -b).isNegative)
    }
}

/// A decimal as a person writes it: digits one by one, no cleverness.
struct SchoolDecimal {
    /// Least significant first.
    var digits: [Int]
    var scale: Int

    init(digits: [Int], scale: Int) {
        self.digits = digits
        self.scale = scale
    }

    init(_ value: Double) {
        let text = Fixture.expanded(value.description)
        digits = text.reversed().compactMap(\.wholeNumberValue)
        scale = text.contains(".") ? text.split(separator: ".")[1].count : 0
    }

    func times(_ other: SchoolDecimal) -> SchoolDecimal {
        var result = [Int](repeating: 0, count: digits.count + other.digits.count)
        for (i, x) in digits.enumerated() {
            for (j, y) in other.digits.enumerated() { result[i + j] += x * y }
        }
        return SchoolDecimal(digits: result, scale: scale + other.scale).carried
    }

    func plus(_ other: SchoolDecimal) -> SchoolDecimal {
        let common = max(scale, other.scale)
        let a = [Int](repeating: 0, count: common - scale) + digits
        let b = [Int](repeating: 0, count: common - other.scale) + other.digits
        let sum = (0..<max(a.count, b.count)).map { ($0 < a.count ? a[$0] : 0) + ($0 < b.count ? b[$0] : 0) }
        return SchoolDecimal(digits: sum, scale: common).carried
    }

    private var carried: SchoolDecimal {
        var result: [Int] = []
        var carry = 0
        for digit in digits {
            result.append((digit + carry) % 10)
            carry = (digit + carry) / 10
        }
        while carry > 0 {
            result.append(carry % 10)
            carry /= 10
        }
        return SchoolDecimal(digits: result, scale: scale)
    }

    var text: String {
        let padded = digits + [Int](repeating: 0, count: max(0, scale + 1 - digits.count))
        let all = padded.reversed().map(String.init).joined()
        return Fixture.plain(scale == 0 ? all : all.dropLast(scale) + "." + all.suffix(scale))
    }
}
