public import Market

// Wilder's directional movement. Source of the definitions: TA-Lib (PLUS_DI, MINUS_DI, ADX) and J. Welles Wilder, "New Concepts
// in Technical Trading Systems" (1978), without his rounding to whole numbers.

extension Indicator {
    /// Directional indicator of rises, from 0 to 100: 100 x smoothed +DM / smoothed true range. First value in row `period`.
    ///
    /// A period of 1 is the plain ratio of one candle, from 0 to 1 (TA-Lib's rule).
    public static func plusDI(
        high: Column<Double>, low: Column<Double>, close: Column<Double>, _ period: Int
    ) -> Column<Double> {
        .derived(high, low, close) { directional(high: $0, low: $1, close: $2, period, into: $3) { $0.plus } }
    }

    /// Directional indicator of rises into memory of the caller.
    public static func plusDI(high: Values, low: Values, close: Values, _ period: Int, into result: Output) {
        directional(high: high, low: low, close: close, period, into: result) { $0.plus }
    }

    /// Directional indicator of falls, from 0 to 100: 100 x smoothed -DM / smoothed true range. First value in row `period`.
    ///
    /// A period of 1 is the plain ratio of one candle, from 0 to 1 (TA-Lib's rule).
    public static func minusDI(
        high: Column<Double>, low: Column<Double>, close: Column<Double>, _ period: Int
    ) -> Column<Double> {
        .derived(high, low, close) { directional(high: $0, low: $1, close: $2, period, into: $3) { $0.minus } }
    }

    /// Directional indicator of falls into memory of the caller.
    public static func minusDI(high: Values, low: Values, close: Values, _ period: Int, into result: Output) {
        directional(high: high, low: low, close: close, period, into: result) { $0.minus }
    }

    @inline(__always)
    private static func directional(
        high: Values, low: Values, close: Values, _ period: Int, into result: Output, _ side: (Movement) -> Double
    ) {
        precondition(period >= 1, "a period below 1")
        guard let first = start(high, low, close, lookback: period, into: result) else { return }
        guard period > 1 else {
            for row in (first + 1)..<close.count {
                let step = Movement(high, low, close, row)
                result[row] = step.range > 0 ? side(step) / step.range : 0
            }
            return
        }
        var sums = Movement(high, low, close, seed: first, period)
        for row in (first + period)..<close.count {
            sums.smooth(Movement(high, low, close, row), Double(period))
            result[row] = sums.range > 0 ? 100 * (side(sums) / sums.range) : 0
        }
    }

    /// Average directional index, from 0 to 100: Wilder's average of 100 x |+DI - -DI| / (+DI + -DI), seeded by the mean
    /// of the first `period` of them. First value in row `2 * period - 1`.
    ///
    /// A period of 1, which TA-Lib refuses, is the index of one candle: 100 where it went beyond the one before.
    public static func adx(
        high: Column<Double>, low: Column<Double>, close: Column<Double>, _ period: Int
    ) -> Column<Double> {
        .derived(high, low, close) { adx(high: $0, low: $1, close: $2, period, into: $3) }
    }

    /// Average directional index into memory of the caller.
    public static func adx(high: Values, low: Values, close: Values, _ period: Int, into result: Output) {
        precondition(period >= 1, "a period below 1")
        guard let first = start(high, low, close, lookback: 2 * period - 1, into: result) else { return }
        let divisor = Double(period)
        let kept = Double(period - 1)
        var sums = Movement(high, low, close, seed: first, period)
        var total = 0.0
        for row in (first + period)..<(first + 2 * period) {
            sums.smooth(Movement(high, low, close, row), divisor)
            if let index = sums.index { total += index }
        }
        var average = total / divisor
        result[first + 2 * period - 1] = average
        for row in (first + 2 * period)..<close.count {
            sums.smooth(Movement(high, low, close, row), divisor)
            if let index = sums.index { average = (average * kept + index) / divisor }
            result[row] = average
        }
    }
}

/// Directional movement and true range of one candle, or their sums with Wilder's smoothing.
private struct Movement {
    var plus = 0.0
    var minus = 0.0
    var range = 0.0

    /// The movement from the candle before to the one in `row`: only the greater of the two sides counts.
    @inline(__always)
    init(_ high: Indicator.Values, _ low: Indicator.Values, _ close: Indicator.Values, _ row: Int) {
        let rise = high[row] - high[row - 1]
        let fall = low[row - 1] - low[row]
        plus = rise > 0 && rise > fall ? rise : 0
        minus = fall > 0 && rise < fall ? fall : 0
        range = Indicator.range(high[row], low[row], close[row - 1])
    }

    /// The plain sums of the `period - 1` movements after row `seed`.
    init(_ high: Indicator.Values, _ low: Indicator.Values, _ close: Indicator.Values, seed: Int, _ period: Int) {
        for row in (seed + 1)..<(seed + period) {
            let step = Movement(high, low, close, row)
            plus += step.plus
            minus += step.minus
            range += step.range
        }
    }

    /// Gives up the `period`th part of the sums and adds a movement.
    @inline(__always)
    mutating func smooth(_ step: Movement, _ period: Double) {
        plus = plus - plus / period + step.plus
        minus = minus - minus / period + step.minus
        range = range - range / period + step.range
    }

    /// 100 x |+DI - -DI| / (+DI + -DI); nil where nothing moved.
    @inline(__always)
    var index: Double? {
        guard range > 0 else { return nil }
        let minusDI = 100 * (minus / range)
        let plusDI = 100 * (plus / range)
        let both = minusDI + plusDI
        return abs(both) < Indicator.epsilon ? nil : 100 * (abs(minusDI - plusDI) / both)
    }
}
