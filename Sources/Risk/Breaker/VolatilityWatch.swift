package import Market

/// Compares each new value of a pair's volatility with the mean of those before it. The current one is no part of its own norm.
package struct VolatilityWatch: Hashable, Sendable {
    package struct Series: Hashable, Sendable {
        /// The values before the next one, oldest first.
        package internal(set) var values: [Double] = []
        /// The last value was beyond the limit.
        package internal(set) var isSpiking = false
    }

    package internal(set) var series: [Pair: Series] = [:]

    package init() {}

    package var isSpiking: Bool { series.values.contains(where: \.isSpiking) }

    /// The mean of the last values; nil below the window's number of them.
    package func normal(of pair: Pair, window: Int) -> Double? {
        guard let values = series[pair]?.values, values.count >= window, window > 0 else { return nil }
        return values.suffix(window).reduce(0, +) / Double(window)
    }

    /// Takes a value in. What is no number, or below zero, counts as a spike and does not become part of the norm.
    mutating func take(_ value: Double, of pair: Pair, policy: RiskPolicy) {
        guard series[pair] != nil || series.count < RiskBounds.pairs else { return }
        let window = min(max(policy.volatilityWindow, 1), RiskBounds.volatilities)
        let usual = normal(of: pair, window: window)
        var entry = series[pair] ?? Series()
        if value.isFinite, value >= 0 {
            entry.isSpiking = usual.map { value > $0 * policy.maxVolatilityRatio.approximation } ?? false
            entry.values.append(value)
            entry.values.removeFirst(max(0, entry.values.count - window))
        } else {
            entry.isSpiking = true
        }
        series[pair] = entry
    }

    mutating func forget(_ pair: Pair) { series[pair] = nil }

    mutating func clearSpikes() {
        for pair in series.keys { series[pair]?.isSpiking = false }
    }
}
