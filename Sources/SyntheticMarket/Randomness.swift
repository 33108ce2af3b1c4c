// Random numbers of several distributions, from additions, multiplications, divisions and square roots alone: IEEE 754 fixes
// those to the last bit, while a system's `log` or `exp` may differ between platforms and versions. Swift never contracts
// `a * b + c` to a fused operation by itself.

extension SplitMix64 {
    /// A number in 0 ..< 1, a multiple of 2^-53.
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number above 0 and at most 1.
    package mutating func positiveUniform() -> Double { Double((next() >> 11) + 1) * 0x1p-53 }

    /// A number of the standard normal distribution, by Marsaglia's polar method.
    package mutating func normal() -> Double {
        while true {
            let u = 2 * uniform() - 1
            let v = 2 * uniform() - 1
            let s = u * u + v * v
            if s > 0 && s < 1 { return u * (-2 * PortableMath.log(s) / s).squareRoot() }
        }
    }

    /// A number of the exponential distribution with mean 1.
    package mutating func exponential() -> Double { -PortableMath.log(positiveUniform()) }
}

/// Functions whose results are the same bits everywhere.
package enum PortableMath {
    private static let ln2 = 0.693147180559945309417

    /// The natural logarithm of a positive normal number; the error is below 1e-14 of the result or of 1.
    ///
    /// With x = 2^e m and m within the square root of 2 of 1: ln x = e ln 2 + 2 artanh((m - 1) / (m + 1)), as a series.
    package static func log(_ x: Double) -> Double {
        let bits = x.bitPattern
        var exponent = Double(Int64(bits >> 52) - 1023)
        var m = Double(bitPattern: bits & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
        if m > 1.4142135623730951 {
            m *= 0.5
            exponent += 1
        }
        let s = (m - 1) / (m + 1)
        let q = s * s
        // Even and odd terms side by side: half the waiting for results.
        let q2 = q * q
        let odd = ((((q2 * t19 + t15) * q2 + t11) * q2 + t7) * q2 + t3) * q
        let even = ((((q2 * t21 + t17) * q2 + t13) * q2 + t9) * q2 + t5) * q2 + 1
        return exponent * ln2 + 2 * s * (odd + even)
    }

    private static let t3 = 1.0 / 3
    private static let t5 = 1.0 / 5
    private static let t7 = 1.0 / 7
    private static let t9 = 1.0 / 9
    private static let t11 = 1.0 / 11
    private static let t13 = 1.0 / 13
    private static let t15 = 1.0 / 15
    private static let t17 = 1.0 / 17
    private static let t19 = 1.0 / 19
    private static let t21 = 1.0 / 21
}
