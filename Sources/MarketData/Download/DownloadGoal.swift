package import Market

/// What a venue's candles over REST are like.
package struct CandleVenueTraits: Hashable, Sendable {
    /// The most candles in one answer.
    package var candleLimit: Int
    /// Whether candles of any age can be asked for. Kraken only gives the newest 720.
    package var reachesBack: Bool

    /// Traits; a limit below 1 counts as 1.
    package init(candleLimit: Int, reachesBack: Bool) {
        self.candleLimit = max(candleLimit, 1)
        self.reachesBack = reachesBack
    }
}

/// Opening times of candles: from `start`, a candle's opening time, up to but not including `end`. In milliseconds.
package struct CandleSpan: Hashable, Sendable {
    package var start: Int64
    package var end: Int64

    /// A span; empty where `end` is not after `start`.
    package init(_ start: Int64, _ end: Int64) {
        self.start = start
        self.end = max(start, end)
    }

    package var isEmpty: Bool { end <= start }

    /// How many candles of `step` milliseconds open in it.
    package func count(step: Int64) -> Int { Int((end - start + step - 1) / step) }
}

/// The candles of one pair and timeframe that a download is to bring.
package struct DownloadGoal: Hashable, Sendable {
    /// Pair, timeframe and kind.
    package var key: CandleKey
    /// The spans that are not stored, in ascending order.
    package var missing: [CandleSpan]
    /// The first opening time that is wanted, in milliseconds.
    package var start: Int64
    /// How many candles of the wanted range are stored already.
    package var stored: Int

    /// How many candles are missing.
    package var count: Int { missing.reduce(0) { $0 + $1.count(step: key.timeframe.milliseconds) } }

    /// What is missing of `range` (both ends included; an open start means the first candle there is, an open end now).
    ///
    /// - Parameters:
    ///   - stored: opening times of the stored candles, in any order.
    ///   - now: candles that are not over by now are never asked for.
    package init(_ key: CandleKey, range: TimeRange, stored: some Collection<Int64>, now: Timestamp) {
        let timeframe = key.timeframe
        let step = timeframe.milliseconds
        // Before 2009 there was no market, and a start far off would only cost requests.
        let plausible = CandleCheck.plausible
        let wanted = min(max(range.start?.milliseconds ?? plausible.lowerBound, plausible.lowerBound), plausible.upperBound)
        let floor = timeframe.floor(Timestamp(milliseconds: wanted)).milliseconds
        let first = floor < wanted ? floor + step : floor
        let last = min(range.stop?.milliseconds ?? .max, now.milliseconds)
        // The candle that contains now is not over; one that opens at the wanted end belongs to the range.
        let open = timeframe.floor(now).milliseconds
        let end = min(open, timeframe.floor(Timestamp(milliseconds: max(last, 0))).milliseconds + step)
        self.key = key
        start = first
        (missing, self.stored) = Self.gaps(CandleSpan(first, end), stored, step)
    }

    private static func gaps(
        _ wanted: CandleSpan, _ stored: some Collection<Int64>, _ step: Int64
    ) -> (missing: [CandleSpan], stored: Int) {
        guard !wanted.isEmpty else { return ([], 0) }
        var (result, next, count) = ([CandleSpan](), wanted.start, 0)
        for time in stored.filter({ $0 >= wanted.start && $0 < wanted.end }).sorted() where time >= next {
            guard (time - wanted.start) % step == 0 else { continue }
            if time > next { result.append(CandleSpan(next, time)) }
            next = time + step
            count += 1
        }
        if next < wanted.end { result.append(CandleSpan(next, wanted.end)) }
        return (result, count)
    }
}
