public import Market

// Population variance over a window in one pass. Source of the definition: TA-Lib (VAR, STDDEV) since version 0.8.

extension Indicator {
    /// Population standard deviation (divisor `period`) of the last `period` rows. First value in row `period - 1`.
    ///
    /// A period of 1, which TA-Lib refuses, gives 0.
    public static func standardDeviation(_ values: Column<Double>, _ period: Int) -> Column<Double> {
        values.derived { standardDeviation($0, period, into: $1) }
    }

    /// Population standard deviation into memory of the caller.
    public static func standardDeviation(_ values: Values, _ period: Int, into result: Output) {
        variance(values, period, into: result)
        for row in result.indices { result[row] = result[row].squareRoot() }
    }

    /// Population variance (divisor `period`) of the last `period` rows. First value in row `period - 1`.
    public static func variance(_ values: Column<Double>, _ period: Int) -> Column<Double> {
        values.derived { variance($0, period, into: $1) }
    }

    /// Population variance into memory of the caller.
    public static func variance(_ values: Values, _ period: Int, into result: Output) {
        precondition(period >= 1, "a period below 1")
        guard let first = start(values, lookback: period - 1, into: result) else { return }
        var sums = ShiftedSums(values, first..<(first + period - 1), shift: values[first])
        let share = 1 / Double(period)
        var untilRebuild = 32 * period
        for row in (first + period - 1)..<values.count {
            let oldest = row - period + 1
            sums.add(values[row])
            var variance = sums.variance(share)
            let removed = sums.remove(values[oldest])
            untilRebuild -= 1
            // The sums are stale where the variance is lost in their rounding, where a value that outweighs the rest has
            // just left, and after 32 windows in any case.
            if variance < 0.000001 * (sums.squares * share) || removed > 1_000_000 * sums.squares || untilRebuild <= 0 {
                untilRebuild = 32 * period
                sums = ShiftedSums(values, oldest..<(row + 1), share: share)
                variance = sums.variance(share)
                // What is left below this ratio is the rounding of the mean, not a spread.
                if variance < 0.000000000001 * (sums.squares * share) { variance = 0 }
                _ = sums.remove(values[oldest])
            }
            result[row] = variance
        }
    }
}

/// Sums of the distances of a window's values from a number near them, which keeps their squares from cancelling out.
private struct ShiftedSums {
    private let shift: Double
    private var distances = 0.0
    /// Sum of the squared distances.
    private(set) var squares = 0.0

    /// The sums of `rows` about `shift`.
    init(_ values: Indicator.Values, _ rows: Range<Int>, shift: Double) {
        self.shift = shift
        for row in rows { add(values[row]) }
    }

    /// The sums of `rows` about their mean; `share` is 1 / number of rows.
    init(_ values: Indicator.Values, _ rows: Range<Int>, share: Double) {
        var sum = 0.0
        for row in rows { sum += values[row] }
        self.init(values, rows, shift: sum * share)
    }

    @inline(__always)
    mutating func add(_ value: Double) {
        let distance = value - shift
        distances += distance
        squares += distance * distance
    }

    /// Takes a value out of the sums, and returns its squared distance.
    @inline(__always)
    mutating func remove(_ value: Double) -> Double {
        let distance = value - shift
        distances -= distance
        squares -= distance * distance
        return distance * distance
    }

    @inline(__always)
    func variance(_ share: Double) -> Double {
        let mean = distances * share
        return squares * share - mean * mean
    }
}
