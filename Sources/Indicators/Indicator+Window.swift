public import Market

// Extremes of a window, and shifted columns. Source of the definitions: TA-Lib (MIN, MAX), pandas (shift).

extension Indicator {
    /// The lowest of the last `period` rows; NaN where one of them is NaN. First value in row `period - 1`.
    ///
    /// After a NaN in the middle TA-Lib's result depends on where its blocks of rows begin, so there it may differ.
    public static func minimum(_ values: Column<Double>, _ period: Int) -> Column<Double> {
        values.derived { minimum($0, period, into: $1) }
    }

    /// The lowest of the last `period` rows into memory of the caller.
    public static func minimum(_ values: Values, _ period: Int, into result: Output) {
        extreme(values, period, into: result) { $0 < $1 || $0.isNaN ? $0 : $1 }
    }

    /// The highest of the last `period` rows; NaN where one of them is NaN. First value in row `period - 1`.
    public static func maximum(_ values: Column<Double>, _ period: Int) -> Column<Double> {
        values.derived { maximum($0, period, into: $1) }
    }

    /// The highest of the last `period` rows into memory of the caller.
    public static func maximum(_ values: Values, _ period: Int, into result: Output) {
        extreme(values, period, into: result) { $0 > $1 || $0.isNaN ? $0 : $1 }
    }

    /// The extreme of each window, with the same work for each row whatever the period. `winner` prefers NaN to all else.
    ///
    /// A window reaches over the border of two blocks of `period` rows: its extreme is that of the older block's tail and of
    /// the newer block's head (M. van Herk 1992; J. Gil and M. Werman 1993).
    @inline(__always)
    private static func extreme(
        _ values: Values, _ period: Int, into result: Output, _ winner: (Double, Double) -> Double
    ) {
        precondition(period >= 1, "a period below 1")
        guard let first = start(values, lookback: period - 1, into: result) else { return }
        withUnsafeTemporaryAllocation(of: Double.self, capacity: period) { tails in
            for block in stride(from: first, through: values.count - period, by: period) {
                var best = values[block + period - 1]
                for step in stride(from: period - 1, through: 0, by: -1) {
                    best = winner(best, values[block + step])
                    tails[step] = best
                }
                let border = block + period
                result[border - 1] = best
                guard border < values.count else { break }
                best = values[border]
                for step in 1..<max(period, 1) where border + step <= values.count {
                    best = winner(best, values[border + step - 1])
                    result[border + step - 1] = winner(tails[step], best)
                }
            }
        }
    }

    /// The column `rows` rows later: row n has the value of row n - `rows`, the first ones are NaN.
    ///
    /// Only the past can be asked for: a negative number of rows would look ahead, and traps.
    public static func shifted(_ values: Column<Double>, by rows: Int = 1) -> Column<Double> {
        precondition(rows >= 0, "a shift that looks ahead")
        return Column(count: values.count) { result in
            for row in result.indices { result[row] = row >= rows ? values[row - rows] : .nan }
        }
    }
}
