package import Market

/// The last closed candles of the pairs that are traded, for correlations that are measured and not assumed.
package struct ReturnHistory: Hashable, Sendable {
    /// A close and the opening time of its candle.
    package struct Close: Hashable, Sendable {
        package var time: Timestamp
        package var price: Double
        package init(time: Timestamp, price: Double) {
            self.time = time
            self.price = price
        }
    }

    /// Oldest first, times strictly growing.
    package internal(set) var closes: [Pair: [Close]] = [:]

    package init() {}

    /// Takes a closed candle in. One that is not later than the last, or has no positive price, is left out.
    package mutating func take(_ close: Close, of pair: Pair, window: Int) {
        guard close.price.isFinite, close.price > 0, closes[pair] != nil || closes.count < RiskBounds.pairs else { return }
        if let last = closes[pair]?.last, last.time >= close.time { return }
        let kept = min(max(window, 1), RiskBounds.returns) + 1
        closes[pair, default: []].append(close)
        let surplus = closes[pair, default: []].count - kept
        if surplus > 0 { closes[pair]?.removeFirst(surplus) }
    }

    package mutating func forget(_ pair: Pair) { closes[pair] = nil }

    /// Pearson's correlation of the log returns between candles that both pairs have; nil where there are too few of them or one pair
    /// did not move, so that nothing can be said.
    package func correlation(_ a: Pair, _ b: Pair, minSamples: Int) -> Double? {
        guard a != b else { return 1 }
        let common = commonCloses(a, b)
        guard common.count > max(minSamples, 2) else { return nil }
        let x = LogReturns.of(common.map(\.0))
        let y = LogReturns.of(common.map(\.1))
        return Pearson.correlation(x, y)
    }

    private func commonCloses(_ a: Pair, _ b: Pair) -> [(Double, Double)] {
        let (first, second) = (closes[a] ?? [], closes[b] ?? [])
        var result: [(Double, Double)] = []
        var (i, j) = (0, 0)
        while i < first.count, j < second.count {
            if first[i].time == second[j].time {
                result.append((first[i].price, second[j].price))
                i += 1
                j += 1
            } else if first[i].time < second[j].time {
                i += 1
            } else {
                j += 1
            }
        }
        return result
    }
}
