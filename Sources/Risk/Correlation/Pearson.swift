/// Returns as natural logarithms of ratios of closes.
package enum LogReturns {
    /// One less than there are prices, which are above zero.
    package static func of(_ prices: [Double]) -> [Double] {
        zip(prices.dropFirst(), prices).map { Libm.logarithm($0 / $1) }
    }

    /// Their sample standard deviation (n - 1); nil below two returns.
    package static func deviation(_ prices: [Double]) -> Double? {
        let returns = of(prices)
        guard returns.count >= 2 else { return nil }
        let mean = returns.reduce(0, +) / Double(returns.count)
        let squares = returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let result = (squares / Double(returns.count - 1)).squareRoot()
        return result.isFinite ? result : nil
    }
}

/// Pearson's product-moment correlation.
enum Pearson {
    /// In -1...1; nil where one of the two has no variance or something is no number.
    static func correlation(_ x: [Double], _ y: [Double]) -> Double? {
        guard x.count == y.count, x.count >= 2 else { return nil }
        let meanX = x.reduce(0, +) / Double(x.count)
        let meanY = y.reduce(0, +) / Double(y.count)
        var (both, squareX, squareY) = (0.0, 0.0, 0.0)
        for (a, b) in zip(x, y) {
            both += (a - meanX) * (b - meanY)
            squareX += (a - meanX) * (a - meanX)
            squareY += (b - meanY) * (b - meanY)
        }
        let divisor = (squareX * squareY).squareRoot()
        guard divisor > 0, divisor.isFinite, both.isFinite else { return nil }
        return min(max(both / divisor, -1), 1)
    }
}
