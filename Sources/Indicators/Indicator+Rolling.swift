public import Market

// Rolling mean and deviation as pandas computes them, which is what freqtrade's `qtpylib` and most strategies use. They differ
// from the TA-Lib functions in the divisor (n - 1), in how they treat NaN (a window with one gives NaN, later windows do
// not suffer), and in the last digits. Source of the definitions: pandas 3 (`rolling(n).mean()`, `rolling(n).std()`):
// compensated sums, and Welford's method with compensation.

extension Indicator {
    /// Mean of the last `period` rows; NaN where one of them is NaN. First value in row `period - 1`.
    public static func rollingMean(_ values: Column<Double>, _ period: Int) -> Column<Double> {
        values.derived { rollingMean($0, period, into: $1) }
    }

    /// Mean of the last `period` rows into memory of the caller.
    public static func rollingMean(_ values: Values, _ period: Int, into result: Output) {
        precondition(period >= 1, "a period below 1")
        precondition(values.count == result.count, "indicator columns of unequal length")
        var window = MeanWindow()
        for row in values.indices {
            if row >= period { window.remove(values[row - period]) }
            window.add(values[row])
            result[row] = window.mean(of: period)
        }
    }

    /// Sample standard deviation (divisor `period` - 1) of the last `period` rows; NaN where one of them is NaN.
    ///
    /// First value in row `period - 1`. A period of 1 gives NaN.
    public static func rollingStandardDeviation(_ values: Column<Double>, _ period: Int) -> Column<Double> {
        values.derived { rollingStandardDeviation($0, period, into: $1) }
    }

    /// Sample standard deviation of the last `period` rows into memory of the caller.
    public static func rollingStandardDeviation(_ values: Values, _ period: Int, into result: Output) {
        precondition(period >= 1, "a period below 1")
        precondition(values.count == result.count, "indicator columns of unequal length")
        var window = SpreadWindow()
        for row in values.indices {
            if row >= period { window.remove(values[row - period]) }
            window.add(values[row])
            if window.isUnstable { window = SpreadWindow(values, max(0, row - period + 1)...row) }
            let variance = window.variance(of: period)
            result[row] = variance < 0 ? 0 : variance.squareRoot()
        }
    }
}

/// How many equal values in a row a window has seen last; a window full of them has an exact mean.
private struct Repetition {
    private(set) var count = 0
    private(set) var value = Double.nan

    @inline(__always)
    mutating func see(_ next: Double) {
        count = next == value ? count + 1 : 1
        value = next
    }
}

/// A sum that keeps the part which rounding cuts off (Kahan), one such part for additions and one for removals.
private struct MeanWindow {
    private var numbers = 0
    private var negatives = 0
    private var sum = 0.0
    private var lostAdding = 0.0
    private var lostRemoving = 0.0
    private var repetition = Repetition()

    @inline(__always)
    mutating func add(_ value: Double) {
        guard !value.isNaN else { return }
        numbers += 1
        if value.sign == .minus { negatives += 1 }
        let corrected = value - lostAdding
        let next = sum + corrected
        lostAdding = next - sum - corrected
        sum = next
        repetition.see(value)
    }

    @inline(__always)
    mutating func remove(_ value: Double) {
        guard !value.isNaN else { return }
        numbers -= 1
        if value.sign == .minus { negatives -= 1 }
        let corrected = -value - lostRemoving
        let next = sum + corrected
        lostRemoving = next - sum - corrected
        sum = next
    }

    /// The mean, where all `period` rows are numbers. Rounding never turns its sign against that of all values.
    @inline(__always)
    func mean(of period: Int) -> Double {
        guard numbers >= period else { return .nan }
        if repetition.count >= numbers { return repetition.value }
        let mean = sum / Double(numbers)
        if negatives == 0, mean < 0 { return 0 }
        if negatives == numbers, mean > 0 { return 0 }
        return mean
    }
}

/// Mean and sum of squared distances from it, kept up by Welford's method.
private struct SpreadWindow {
    /// A sum that shrinks at once to less than this part of itself has three good digits at most.
    private static let tolerance = Double.ulpOfOne * 1000

    /// Whether the sum has lost its digits, so that the window has to be summed again.
    private(set) var isUnstable = false
    private var numbers = 0.0
    private var mean = 0.0
    private var squares = 0.0
    private var lostAdding = 0.0
    private var lostRemoving = 0.0

    init() {}

    /// The state of a window that has seen only `rows`.
    init(_ values: Indicator.Values, _ rows: ClosedRange<Int>) {
        for row in rows { add(values[row]) }
        isUnstable = false
    }

    @inline(__always)
    mutating func add(_ value: Double) {
        guard !value.isNaN else { return }
        numbers += 1
        let old = squares
        let before = mean - lostAdding
        let corrected = value - lostAdding
        let distance = corrected - mean
        lostAdding = distance + mean - corrected
        mean += distance / numbers
        squares += (value - before) * (value - mean)
        if old * Self.tolerance > squares { isUnstable = true }
    }

    @inline(__always)
    mutating func remove(_ value: Double) {
        guard !value.isNaN else { return }
        numbers -= 1
        guard numbers > 0 else {
            mean = 0
            squares = 0
            isUnstable = false
            return
        }
        let old = squares
        let before = mean - lostRemoving
        let corrected = value - lostRemoving
        let distance = corrected - mean
        lostRemoving = distance + mean - corrected
        mean -= distance / numbers
        squares -= (value - before) * (value - mean)
        if old * Self.tolerance > squares { isUnstable = true }
    }

    @inline(__always)
    func variance(of period: Int) -> Double {
        numbers >= Double(period) && numbers > 1 ? squares / (numbers - 1) : .nan
    }
}
