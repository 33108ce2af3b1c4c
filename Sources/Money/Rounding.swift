extension Double {
    /// Rounded to `decimals` digits behind the point as Python's `round` does it: by the exact binary value, ties to even, then to the
    /// nearest double. Traps outside of 0...22 decimals.
    package func rounded(decimals: Int) -> Double {
        let power = Double.powerOfTen(decimals)
        let product = self * power
        // From 2^53 on, half a unit in the last place is more than the rounding could change. Infinities and NaN stay too.
        guard product.magnitude < 0x1p53 else { return self }
        // product + error is exactly self * power.
        let error = (-product).addingProduct(self, power)
        let floor = product.rounded(.down)
        // Both terms are exact, and so is the comparison of their sum with one half.
        let fraction = product - floor
        let above = (fraction - 0.5) + error
        let up = above > 0 || (above == 0 && Int64(floor) & 1 != 0)
        var digits = up ? floor + 1 : floor
        // An error below the floor or above the next whole number moves the nearest whole number by one.
        if fraction == 0, error < -0.5 || (error == -0.5 && Int64(digits) & 1 != 0) { digits -= 1 }
        let result = digits / power
        return result == 0 ? Double(signOf: self, magnitudeOf: 0) : result
    }

    /// Rounded as numpy does it: scaled, rounded to even, scaled back, each step in doubles.
    package func roundedLikeNumPy(decimals: Int) -> Double {
        let power = Double.powerOfTen(decimals)
        return (self * power).rounded(.toNearestOrEven) / power
    }
}
