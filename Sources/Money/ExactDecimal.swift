/// A decimal number without rounding: an integer and a count of decimals.
///
/// freqtrade computes the money of a trade on the shortest text of each double, exactly, and turns the outcome into a
/// double once at the end; this type repeats that bit for bit. Addition, subtraction, multiplication and remainder are
/// exact, division keeps 18 decimals. An integer beyond 128 bits moves to arbitrary width, so nothing overflows.
package struct ExactDecimal: Sendable {
    /// The digits; small ones in a register pair, the rest in limbs.
    enum Coefficient: Sendable {
        case small(Int128)
        case large(BigInteger)
    }

    /// The number times 10 to the power of `scale`.
    let coefficient: Coefficient
    /// How many of the digits stand after the decimal point; negative for 1e22.
    package let scale: Int

    init(_ coefficient: Coefficient, scale: Int) {
        self.coefficient = coefficient
        self.scale = scale
    }

    @inline(__always)
    init(small: Int128, scale: Int) {
        coefficient = .small(small)
        self.scale = scale
    }

    init(large: BigInteger, scale: Int) {
        coefficient = large.narrowed.map(Coefficient.small) ?? .large(large)
        self.scale = scale
    }

    /// A whole number.
    package init(_ integer: Int) { self.init(small: Int128(integer), scale: 0) }

    /// `integer` times 10 to the power of minus `scale`.
    package init(_ integer: Int, scale: Int) { self.init(small: Int128(integer), scale: scale) }

    /// Nothing.
    package static let zero = ExactDecimal(0)
    /// One.
    package static let one = ExactDecimal(1)

    /// -1, 0 or 1.
    package var signum: Int {
        switch coefficient {
        case .small(let value): Int(value.signum())
        case .large(let value): value.isNegative ? -1 : 1
        }
    }

    /// Whether this is 0.
    package var isZero: Bool { signum == 0 }

    /// The number without its sign.
    package var magnitude: ExactDecimal { signum < 0 ? -self : self }

    var big: BigInteger {
        switch coefficient {
        case .small(let value): BigInteger(value)
        case .large(let value): value
        }
    }

    /// 10 to the powers 0...38, the ones that an `Int128` holds.
    static let powersOfTen: InlineArray<39, Int128> = {
        var table = InlineArray<39, Int128>(repeating: 1)
        for power in 1..<39 { table[power] = table[power - 1] * 10 }
        return table
    }()

    @inline(__always)
    static func powerOfTen(_ exponent: Int) -> Int128? {
        exponent < 39 ? powersOfTen[exponent] : nil
    }
}

extension ExactDecimal: CustomStringConvertible {
    /// The number in plain digits with a point where it has decimals.
    package var description: String {
        let digits = big.description
        let sign = digits.hasPrefix("-") ? "-" : ""
        let plain = String(digits.drop { $0 == "-" })
        guard scale > 0 else { return sign + plain + (signum == 0 ? "" : String(repeating: "0", count: -scale)) }
        let padded = String(repeating: "0", count: max(0, scale + 1 - plain.count)) + plain
        return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
    }
}
