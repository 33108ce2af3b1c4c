public import Market

// Moving averages. Source of the definitions: TA-Lib (SMA, EMA, WMA), whose results the tests compare with.

extension Indicator {
    // MARK: Simple

    /// Simple moving average: the mean of the last `period` rows, from a running sum. First value in row `period - 1`.
    public static func sma(_ values: Column<Double>, _ period: Int) -> Column<Double> {
        values.derived { sma($0, period, into: $1) }
    }

    /// Simple moving average into memory of the caller; see ``sma(_:_:)``.
    public static func sma(_ values: Values, _ period: Int, into result: Output) {
        precondition(period >= 1, "a period below 1")
        guard let first = start(values, lookback: period - 1, into: result) else { return }
        let divisor = Double(period)
        var sum = 0.0
        for row in first..<(first + period - 1) { sum += values[row] }
        for row in (first + period - 1)..<values.count {
            sum += values[row]
            let mean = sum / divisor
            sum -= values[row - period + 1]
            result[row] = mean
        }
    }

    // MARK: Exponential

    /// Exponential moving average with factor 2 / (period + 1), seeded by the simple average of the first `period` rows.
    ///
    /// First value in row `period - 1`. A period of 1 gives the values themselves.
    public static func ema(_ values: Column<Double>, _ period: Int) -> Column<Double> {
        values.derived { ema($0, period, into: $1) }
    }

    /// Exponential moving average into memory of the caller; see ``ema(_:_:)``.
    public static func ema(_ values: Values, _ period: Int, into result: Output) {
        precondition(period >= 1, "a period below 1")
        guard let first = start(values, lookback: period - 1, into: result) else { return }
        guard period > 1 else {
            for row in first..<values.count { result[row] = values[row] }
            return
        }
        ema(values, period, from: first, into: result)
    }

    /// The exponential average whose seed is the mean of rows `first ..< first + period`; writes from the seed's last row on.
    static func ema(_ values: Values, _ period: Int, from first: Int, into result: Output) {
        let seeded = first + period - 1
        var sum = 0.0
        for row in first...seeded { sum += values[row] }
        var average = sum / Double(period)
        result[seeded] = average
        let factor = 2 / Double(period + 1)
        for row in (seeded + 1)..<values.count {
            average = average.addingProduct(values[row] - average, factor)
            result[row] = average
        }
    }

    // MARK: Weighted

    /// Linearly weighted moving average: the newest of `period` rows has weight `period`, the oldest 1.
    ///
    /// First value in row `period - 1`. A period of 1 gives the values themselves.
    public static func wma(_ values: Column<Double>, _ period: Int) -> Column<Double> {
        values.derived { wma($0, period, into: $1) }
    }

    /// Weighted moving average into memory of the caller; see ``wma(_:_:)``.
    public static func wma(_ values: Values, _ period: Int, into result: Output) {
        precondition(period >= 1, "a period below 1")
        guard let first = start(values, lookback: period - 1, into: result) else { return }
        guard period > 1 else {
            for row in first..<values.count { result[row] = values[row] }
            return
        }
        let weight = Double(period)
        let divisor = weight * Double(period + 1) / 2
        var (plain, weighted) = weightedSums(values, first..<(first + period - 1))
        var leaving = 0.0
        var untilRebuild = 8 * period
        for row in (first + period - 1)..<values.count {
            plain += values[row]
            plain -= leaving
            weighted += values[row] * weight
            untilRebuild -= 1
            // Sums of the window itself, now and then, so that the rounding of old rows does not add up.
            if untilRebuild == 0 {
                untilRebuild = 8 * period
                (plain, weighted) = weightedSums(values, (row - period + 1)..<(row + 1))
            }
            leaving = values[row - period + 1]
            result[row] = weighted / divisor
            weighted -= plain
        }
    }

    /// The sum of some rows, and the sum with weights 1, 2, 3, ...
    private static func weightedSums(_ values: Values, _ rows: Range<Int>) -> (plain: Double, weighted: Double) {
        var plain = 0.0
        var weighted = 0.0
        for row in rows {
            plain += values[row]
            weighted += values[row] * Double(row - rows.lowerBound + 1)
        }
        return (plain, weighted)
    }
}
