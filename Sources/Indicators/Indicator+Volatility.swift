public import Market

// Ranges and deviations. Source of the definitions: TA-Lib (TRANGE, ATR, NATR, VAR, STDDEV, BBANDS); the average true range
// is J. Welles Wilder's, "New Concepts in Technical Trading Systems" (1978), the bands are John Bollinger's.

extension Indicator {
    // MARK: True range

    /// True range: the greatest of high - low, |previous close - high| and |previous close - low|. First value in row 1.
    public static func trueRange(high: Column<Double>, low: Column<Double>, close: Column<Double>) -> Column<Double> {
        .derived(high, low, close) { trueRange(high: $0, low: $1, close: $2, into: $3) }
    }

    /// True range into memory of the caller.
    public static func trueRange(high: Values, low: Values, close: Values, into result: Output) {
        guard let first = start(high, low, close, lookback: 1, into: result) else { return }
        for row in (first + 1)..<close.count { result[row] = range(high[row], low[row], close[row - 1]) }
    }

    /// The true range of one candle.
    @inline(__always)
    static func range(_ high: Double, _ low: Double, _ previousClose: Double) -> Double {
        var greatest = high - low
        let above = abs(previousClose - high)
        if above > greatest { greatest = above }
        let below = abs(previousClose - low)
        if below > greatest { greatest = below }
        return greatest
    }

    /// Average true range with Wilder's smoothing, seeded by the mean of the first `period` true ranges.
    ///
    /// First value in row `period`. A period of 1 is the true range itself.
    public static func atr(
        high: Column<Double>, low: Column<Double>, close: Column<Double>, _ period: Int
    ) -> Column<Double> {
        .derived(high, low, close) { atr(high: $0, low: $1, close: $2, period, into: $3) }
    }

    /// Average true range into memory of the caller.
    public static func atr(high: Values, low: Values, close: Values, _ period: Int, into result: Output) {
        precondition(period >= 1, "a period below 1")
        guard let first = start(high, low, close, lookback: period, into: result) else { return }
        var sum = 0.0
        for row in (first + 1)...(first + period) { sum += range(high[row], low[row], close[row - 1]) }
        var average = sum / Double(period)
        result[first + period] = average
        let kept = Double(period - 1) / Double(period)
        let share = 1 - kept
        for row in (first + period + 1)..<close.count {
            average = (share * range(high[row], low[row], close[row - 1])).addingProduct(average, kept)
            result[row] = average
        }
    }

    /// Average true range in percent of the close; 0 where the close is 0. First value in row `period`.
    ///
    /// A period of 1 is the true range itself, not in percent (TA-Lib's rule).
    public static func natr(
        high: Column<Double>, low: Column<Double>, close: Column<Double>, _ period: Int
    ) -> Column<Double> {
        .derived(high, low, close) { natr(high: $0, low: $1, close: $2, period, into: $3) }
    }

    /// Average true range in percent into memory of the caller.
    public static func natr(high: Values, low: Values, close: Values, _ period: Int, into result: Output) {
        atr(high: high, low: low, close: close, period, into: result)
        guard period > 1 else { return }
        for row in 0..<close.count where !result[row].isNaN {
            result[row] = close[row] != 0 ? result[row] / close[row] * 100 : 0
        }
    }

    // MARK: Bands

    /// Three lines around an average.
    public struct Bands: Sendable {
        /// Middle plus a multiple of the deviation.
        public let upper: Column<Double>
        /// The average.
        public let middle: Column<Double>
        /// Middle minus a multiple of the deviation.
        public let lower: Column<Double>

        /// Three lines that were computed before.
        public init(upper: Column<Double>, middle: Column<Double>, lower: Column<Double>) {
            self.upper = upper
            self.middle = middle
            self.lower = lower
        }
    }

    /// Bollinger bands: the simple average of `period` rows, and `deviations` population standard deviations on both sides.
    ///
    /// First values in row `period - 1`. `lowerDeviations` is for bands with another distance below than above. A period
    /// of 1, which TA-Lib refuses, gives three times the values.
    public static func bollinger(
        _ values: Column<Double>, _ period: Int, deviations: Double = 2, lowerDeviations: Double? = nil
    ) -> Bands {
        bands(
            around: sma(values, period), standardDeviation(values, period), above: deviations,
            below: lowerDeviations ?? deviations)
    }

    /// The bands `above` and `below` times a deviation away from an average.
    ///
    /// ```swift
    /// let pandasBands = Indicator.bands(
    ///     around: Indicator.rollingMean(close, 20), Indicator.rollingStandardDeviation(close, 20), above: 2, below: 2)
    /// ```
    public static func bands(
        around middle: Column<Double>, _ deviation: Column<Double>, above: Double, below: Double
    ) -> Bands {
        precondition(middle.count == deviation.count, "indicator columns of unequal length")
        let rows = middle.count
        let upper = Column<Double>(count: rows) { upper in
            // Only bands of unequal distance are fused in TA-Lib, and of them only the upper one.
            if below == above {
                for row in 0..<rows { upper[row] = middle[row] + deviation[row] * above }
            } else {
                for row in 0..<rows { upper[row] = middle[row].addingProduct(deviation[row], above) }
            }
        }
        let lower = Column<Double>(count: rows) { lower in
            for row in 0..<rows { lower[row] = middle[row] - deviation[row] * below }
        }
        return Bands(upper: upper, middle: middle, lower: lower)
    }
}
