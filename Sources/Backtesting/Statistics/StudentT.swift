/// Student's t distribution, as far as a two-sided test needs it.
enum StudentT {
    /// The probability of a t value at least as far from zero as `t`, with `degrees` degrees of freedom: the regularised
    /// incomplete beta function of degrees / (degrees + t^2) at (degrees / 2, 1 / 2).
    static func twoSided(_ t: Double, degrees: Int) -> Double {
        guard t.isFinite else { return t.isNaN ? .nan : 0 }
        let n = Double(degrees)
        let square = t * t
        let (a, b) = (n / 2, 0.5)
        let (x, y) = (n / (n + square), square / (n + square))
        if t == 0 { return 1 }
        let front = Libm.exponential(a * Libm.logarithm(x) + b * Libm.logarithm(y)) / betaOfHalf(degrees)
        // The fraction converges fast on one side of (a + 1) / (a + b + 2); the other is reached by symmetry.
        return x < (a + 1) / (a + b + 2)
            ? front * fraction(a, b, x) / a : 1 - front * fraction(b, a, y) / b
    }

    /// The beta function of `degrees` / 2 and 1 / 2, by its recursion from 1 / 2 and 1.
    private static func betaOfHalf(_ degrees: Int) -> Double {
        var value = degrees % 2 == 1 ? Double.pi : 2
        var a = degrees % 2 == 1 ? 0.5 : 1
        while a < Double(degrees) / 2 {
            value *= a / (a + 0.5)
            a += 1
        }
        return value
    }

    /// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by the modified Lentz method.
    private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        func safe(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / safe(1 - (a + b) * x / (a + 1))
        var result = d
        for step in 1...10_000 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / safe(1 + even * d)
            c = safe(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / safe(1 + odd * d)
            c = safe(1 + odd / c)
            let change = d * c
            result *= change
            if (change - 1).magnitude < 1e-16 { break }
        }
        return result
    }
}
