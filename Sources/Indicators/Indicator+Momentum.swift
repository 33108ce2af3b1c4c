public import Market

// Speed and strength of price changes. Source of the definitions: TA-Lib (RSI, ROC, MACD); the RSI is J. Welles Wilder's,
// "New Concepts in Technical Trading Systems" (1978).

extension Indicator {
    // MARK: Relative strength

    /// Relative strength index, from 0 to 100: 100 x average gain / (average gain + average loss), both with Wilder's
    /// smoothing seeded by the means of the first `period` changes.
    ///
    /// First value in row `period`. 0 where nothing has moved yet. TA-Lib refuses a period of 1, which gives 100 after a
    /// rise and 0 after anything else.
    public static func rsi(_ values: Column<Double>, _ period: Int) -> Column<Double> {
        values.derived { rsi($0, period, into: $1) }
    }

    /// Relative strength index into memory of the caller; see ``rsi(_:_:)``.
    public static func rsi(_ values: Values, _ period: Int, into result: Output) {
        precondition(period >= 1, "a period below 1")
        guard let first = start(values, lookback: period, into: result) else { return }
        let share = 1 / Double(period)
        let kept = Double(period - 1)
        var gain = 0.0
        var loss = 0.0
        for row in (first + 1)...(first + period) {
            let change = values[row] - values[row - 1]
            let rise = change > 0 ? change : 0
            gain += rise
            loss += rise - change
        }
        gain *= share
        loss *= share
        result[first + period] = strength(gain, loss)
        for row in (first + period + 1)..<values.count {
            let change = values[row] - values[row - 1]
            let rise = change > 0 ? change : 0
            gain = (gain * kept + rise) * share
            loss = (loss * kept + (rise - change)) * share
            result[row] = strength(gain, loss)
        }
    }

    @inline(__always)
    private static func strength(_ gain: Double, _ loss: Double) -> Double {
        let total = gain + loss
        return total > 0 ? 100 * (gain / total) : 0
    }

    // MARK: Rate of change

    /// Rate of change in percent: (value / value `period` rows ago - 1) x 100; 0 where the older value is 0.
    ///
    /// First value in row `period`.
    public static func roc(_ values: Column<Double>, _ period: Int) -> Column<Double> {
        values.derived { roc($0, period, into: $1) }
    }

    /// Rate of change into memory of the caller; see ``roc(_:_:)``.
    public static func roc(_ values: Values, _ period: Int, into result: Output) {
        precondition(period >= 1, "a period below 1")
        guard let first = start(values, lookback: period, into: result) else { return }
        for row in (first + period)..<values.count {
            let older = values[row - period]
            result[row] = older != 0 ? (values[row] / older - 1) * 100 : 0
        }
    }

    // MARK: Convergence and divergence of averages

    /// The three lines of a MACD.
    public struct MACD: Sendable {
        /// Fast average minus slow average.
        public let line: Column<Double>
        /// Exponential average of the line.
        public let signal: Column<Double>
        /// Line minus signal.
        public let histogram: Column<Double>

        /// Three lines that were computed before.
        public init(line: Column<Double>, signal: Column<Double>, histogram: Column<Double>) {
            self.line = line
            self.signal = signal
            self.histogram = histogram
        }
    }

    /// Moving average convergence/divergence: `ema(fast) - ema(slow)`, and the line's own average over `signal` rows.
    ///
    /// All three begin in row `slow + signal - 2`. As in TA-Lib the fast average is seeded by the `fast` rows that end with
    /// the slow one's seed, so the line differs a little from the difference of two separate averages. Periods in the
    /// wrong order are swapped.
    public static func macd(_ values: Column<Double>, fast: Int, slow: Int, signal: Int) -> MACD {
        var line: Column<Double>?
        var average: Column<Double>?
        let histogram = values.derived { input, histogram in
            line = Column(count: input.count) { line in
                average = Column(count: input.count) { average in
                    macd(input, fast: fast, slow: slow, signal: signal, line: line, average: average, histogram: histogram)
                }
            }
        }
        guard let line, let average else { preconditionFailure("the closures above run once each") }
        return MACD(line: line, signal: average, histogram: histogram)
    }

    /// MACD into memory of the caller; see ``macd(_:fast:slow:signal:)``.
    public static func macd(
        _ values: Values, fast: Int, slow: Int, signal: Int, line: Output, average: Output, histogram: Output
    ) {
        precondition(fast >= 1 && slow >= 1 && signal >= 1, "a period below 1")
        let (fast, slow) = fast <= slow ? (fast, slow) : (slow, fast)
        let lookback = slow + signal - 2
        let begin = start(values, lookback: lookback, into: line)
        _ = start(values, lookback: lookback, into: average)
        _ = start(values, lookback: lookback, into: histogram)
        guard let first = begin else { return }
        // `histogram` holds the slow average until the end.
        ema(values, slow, from: first, into: histogram)
        ema(values, fast, from: first + slow - fast, into: line)
        for row in (first + slow - 1)..<values.count { line[row] -= histogram[row] }
        ema(Values(line), signal, from: first + slow - 1, into: average)
        // The rows before the first signal have served as the signal's seed.
        for row in first..<(first + lookback) {
            line[row] = .nan
            average[row] = .nan
            histogram[row] = .nan
        }
        for row in (first + lookback)..<values.count { histogram[row] = line[row] - average[row] }
    }
}
