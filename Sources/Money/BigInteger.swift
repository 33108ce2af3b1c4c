/// An integer of any width: the slow path of `ExactDecimal`, schoolbook methods on 32-bit limbs.
struct BigInteger: Sendable {
    /// The magnitude, least significant limb first, without leading zero limbs; empty for 0.
    private(set) var limbs: [UInt32]
    /// Whether the number is below zero; false for 0.
    private(set) var isNegative: Bool

    private init(limbs: [UInt32], isNegative: Bool) {
        var limbs = limbs
        while limbs.last == 0 { limbs.removeLast() }
        self.limbs = limbs
        self.isNegative = isNegative && !limbs.isEmpty
    }

    init(_ value: Int128) {
        var rest = value.magnitude
        var limbs: [UInt32] = []
        while rest != 0 {
            limbs.append(UInt32(truncatingIfNeeded: rest))
            rest >>= 32
        }
        self.init(limbs: limbs, isNegative: value < 0)
    }

    var isZero: Bool { limbs.isEmpty }

    var magnitude: BigInteger { BigInteger(limbs: limbs, isNegative: false) }

    /// The number as 128 bits, or nil where it is larger.
    var narrowed: Int128? {
        guard limbs.count <= 4 else { return nil }
        let bits = low128
        if isNegative { return bits <= 1 << 127 ? Int128(truncatingIfNeeded: 0 &- bits) : nil }
        return Int128(exactly: bits)
    }

    /// The low 128 bits of the magnitude.
    var low128: UInt128 {
        var bits: UInt128 = 0
        for (index, limb) in limbs.prefix(4).enumerated() { bits |= UInt128(limb) << UInt128(32 * index) }
        return bits
    }

    /// The position of the highest bit plus one.
    var bitWidth: Int {
        guard let top = limbs.last else { return 0 }
        return limbs.count * 32 - top.leadingZeroBitCount
    }

    /// How many decimal digits the magnitude has; 1 for 0.
    var digitCount: Int { magnitude.description.utf8.count }

    static prefix func - (a: BigInteger) -> BigInteger { BigInteger(limbs: a.limbs, isNegative: !a.isNegative) }

    static func + (a: BigInteger, b: BigInteger) -> BigInteger {
        if a.isNegative == b.isNegative { return BigInteger(limbs: sum(a.limbs, b.limbs), isNegative: a.isNegative) }
        if less(a.limbs, b.limbs) { return BigInteger(limbs: difference(b.limbs, a.limbs), isNegative: b.isNegative) }
        return BigInteger(limbs: difference(a.limbs, b.limbs), isNegative: a.isNegative)
    }

    static func * (a: BigInteger, b: BigInteger) -> BigInteger {
        guard !a.isZero, !b.isZero else { return BigInteger(limbs: [], isNegative: false) }
        var result = [UInt32](repeating: 0, count: a.limbs.count + b.limbs.count)
        for (i, x) in a.limbs.enumerated() {
            var carry: UInt64 = 0
            for (j, y) in b.limbs.enumerated() {
                let total = UInt64(x) * UInt64(y) + UInt64(result[i + j]) + carry
                result[i + j] = UInt32(truncatingIfNeeded: total)
                carry = total >> 32
            }
            result[i + b.limbs.count] = UInt32(carry)
        }
        return BigInteger(limbs: result, isNegative: a.isNegative != b.isNegative)
    }

    func times(powerOfTen exponent: Int) -> BigInteger {
        var result = self
        var rest = exponent
        while rest > 0 {
            let step = min(rest, 9)
            result = result * BigInteger(ExactDecimal.powersOfTen[step])
            rest -= step
        }
        return result
    }

    /// The quotient by 10^`exponent`, cut toward zero.
    func quotient(powerOfTen exponent: Int) -> BigInteger {
        var result = limbs
        var rest = exponent
        while rest > 0, !result.isEmpty {
            let step = min(rest, 9)
            (result, _) = Self.divided(result, by: UInt32(ExactDecimal.powersOfTen[step]))
            rest -= step
        }
        return BigInteger(limbs: result, isNegative: isNegative)
    }

    func shiftedLeft(_ bits: Int) -> BigInteger {
        var result = [UInt32](repeating: 0, count: bits / 32)
        let shift = UInt64(bits % 32)
        var carry: UInt64 = 0
        for limb in limbs {
            let wide = UInt64(limb) << shift | carry
            result.append(UInt32(truncatingIfNeeded: wide))
            carry = wide >> 32
        }
        result.append(UInt32(carry))
        return BigInteger(limbs: result, isNegative: isNegative)
    }

    /// Quotient cut toward zero, and the remainder with this number's sign. The divisor is not 0.
    func dividedTruncating(by divisor: BigInteger) -> (quotient: BigInteger, remainder: BigInteger) {
        let (quotient, remainder) = Self.divided(limbs, by: divisor.limbs)
        return (
            BigInteger(limbs: quotient, isNegative: isNegative != divisor.isNegative),
            BigInteger(limbs: remainder, isNegative: isNegative)
        )
    }
}

extension BigInteger: CustomStringConvertible {
    var description: String {
        if isZero { return "0" }
        var groups: [UInt32] = []
        var rest = limbs
        while !rest.isEmpty {
            let (quotient, remainder) = Self.divided(rest, by: 1_000_000_000)
            groups.append(remainder)
            rest = quotient
        }
        let tail = groups.dropLast().reversed().map { group in
            let text = String(group)
            return String(repeating: "0", count: 9 - text.utf8.count) + text
        }
        return (isNegative ? "-" : "") + String(groups.last ?? 0) + tail.joined()
    }
}

extension BigInteger {
    private static func sum(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var carry: UInt64 = 0
        for index in 0..<max(a.count, b.count) {
            let total = UInt64(index < a.count ? a[index] : 0) + UInt64(index < b.count ? b[index] : 0) + carry
            result.append(UInt32(truncatingIfNeeded: total))
            carry = total >> 32
        }
        result.append(UInt32(carry))
        return result
    }

    /// `a` - `b` where `a` is not less.
    private static func difference(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var borrow: Int64 = 0
        for index in 0..<a.count {
            var total = Int64(a[index]) - Int64(index < b.count ? b[index] : 0) - borrow
            borrow = total < 0 ? 1 : 0
            if total < 0 { total += 1 << 32 }
            result.append(UInt32(total))
        }
        return result
    }

    private static func less(_ a: [UInt32], _ b: [UInt32]) -> Bool {
        if a.count != b.count { return a.count < b.count }
        for index in a.indices.reversed() where a[index] != b[index] { return a[index] < b[index] }
        return false
    }

    private static func divided(_ a: [UInt32], by divisor: UInt32) -> ([UInt32], UInt32) {
        var quotient = a
        var remainder: UInt64 = 0
        for index in a.indices.reversed() {
            let total = remainder << 32 | UInt64(a[index])
            quotient[index] = UInt32(total / UInt64(divisor))
            remainder = total % UInt64(divisor)
        }
        while quotient.last == 0 { quotient.removeLast() }
        return (quotient, UInt32(remainder))
    }

    /// Knuth's algorithm D (The Art of Computer Programming, volume 2, section 4.3.1).
    private static func divided(_ a: [UInt32], by b: [UInt32]) -> ([UInt32], [UInt32]) {
        if less(a, b) { return ([], a) }
        if b.count == 1 {
            let (quotient, remainder) = divided(a, by: b[0])
            return (quotient, [remainder])
        }
        let shift = b[b.count - 1].leadingZeroBitCount
        let v = BigInteger(limbs: b, isNegative: false).shiftedLeft(shift).limbs
        var u = BigInteger(limbs: a, isNegative: false).shiftedLeft(shift).limbs
        while u.count <= a.count { u.append(0) }
        var quotient = [UInt32](repeating: 0, count: u.count - v.count)
        for j in quotient.indices.reversed() {
            quotient[j] = subtractMultiple(of: v, from: &u, at: j)
        }
        var remainder = Array(u.prefix(v.count))
        if shift > 0 {
            for index in remainder.indices {
                let high = index + 1 < remainder.count ? remainder[index + 1] << UInt32(32 - shift) : 0
                remainder[index] = remainder[index] >> UInt32(shift) | high
            }
        }
        return (quotient, remainder)
    }

    /// One digit of the quotient: estimates it from the leading limbs, subtracts, and adds back where the estimate was one too high.
    private static func subtractMultiple(of v: [UInt32], from u: inout [UInt32], at j: Int) -> UInt32 {
        let n = v.count
        let head = UInt64(u[j + n]) << 32 | UInt64(u[j + n - 1])
        var digit = head / UInt64(v[n - 1])
        var rest = head % UInt64(v[n - 1])
        while digit >= 1 << 32 || digit * UInt64(v[n - 2]) > rest << 32 | UInt64(u[j + n - 2]) {
            digit -= 1
            rest += UInt64(v[n - 1])
            if rest >= 1 << 32 { break }
        }
        var borrow: Int64 = 0
        var carry: UInt64 = 0
        for i in 0..<n {
            let product = digit * UInt64(v[i]) + carry
            carry = product >> 32
            let total = Int64(u[i + j]) - borrow - Int64(product & 0xFFFF_FFFF)
            u[i + j] = UInt32(truncatingIfNeeded: total)
            borrow = total < 0 ? 1 : 0
        }
        let total = Int64(u[j + n]) - borrow - Int64(carry)
        u[j + n] = UInt32(truncatingIfNeeded: total)
        guard total < 0 else { return UInt32(digit) }
        var add: UInt64 = 0
        for i in 0..<n {
            let sum = UInt64(u[i + j]) + UInt64(v[i]) + add
            u[i + j] = UInt32(truncatingIfNeeded: sum)
            add = sum >> 32
        }
        u[j + n] = u[j + n] &+ UInt32(add)
        return UInt32(digit - 1)
    }
}
