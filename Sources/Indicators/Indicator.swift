public import Market

/// Technical indicators over columns of numbers, with TA-Lib's definitions, seeds and warm-up rows.
///
/// Every function exists twice: over `Column<Double>`, which is what a strategy uses, and over buffers with a result that
/// the caller provides, for those who reuse memory. A result has as many rows as its input; rows for which there is not
/// enough history are NaN, and so are the rows before the first number of an input that begins with NaN (an indicator of
/// an indicator). A NaN further on goes through the arithmetic as in TA-Lib: it stays in every running sum and average.
///
/// ```swift
/// let fast = Indicator.ema(candles.close, 12)
/// let smoothedRSI = Indicator.sma(Indicator.rsi(candles.close, 14), 3)
/// ```
///
/// The order of operations is that of TA-Lib 0.8 (the versions before it differ in the last digits), fused multiply-adds
/// included: TA-Lib uses them on every x86-64 processor of the last ten years, and `fma` is exact on all others too.
/// Results are therefore equal to TA-Lib's in every bit unless a function says otherwise, and equal on every machine.
///
/// A period below 1 is a programming error and traps. A period of 1 is allowed everywhere; where TA-Lib refuses it, the
/// function says what it gives.
public enum Indicator {
    /// A column of doubles that a function reads.
    public typealias Values = UnsafeBufferPointer<Double>
    /// Memory for a result, of the same length as the input and apart from it.
    public typealias Output = UnsafeMutableBufferPointer<Double>

    /// Sums of dimensionless numbers below this count as zero in divisors (TA-Lib's TA_EPSILON).
    static let epsilon = 1e-14

    /// Writes NaN to the rows of `result` that have no value.
    ///
    /// - Returns: the first row of the input that is a number, from which a function starts; nil where there are not
    ///   more than `lookback` rows from there on, and the whole result is NaN already.
    static func start(_ values: Values, lookback: Int, into result: Output) -> Int? {
        precondition(values.count == result.count, "indicator columns of unequal length")
        var first = 0
        while first < values.count, values[first].isNaN { first += 1 }
        return silence(first, lookback, result)
    }

    /// As ``start(_:lookback:into:)``, from the first row in which all three columns have a number.
    static func start(_ high: Values, _ low: Values, _ close: Values, lookback: Int, into result: Output) -> Int? {
        precondition(
            high.count == result.count && low.count == result.count && close.count == result.count,
            "indicator columns of unequal length")
        var first = 0
        while first < result.count, high[first].isNaN || low[first].isNaN || close[first].isNaN { first += 1 }
        return silence(first, lookback, result)
    }

    private static func silence(_ first: Int, _ lookback: Int, _ result: Output) -> Int? {
        let silent = lookback < result.count - first ? first + lookback : result.count
        result[..<silent].update(repeating: .nan)
        return silent < result.count ? first : nil
    }
}

extension Column where Element == Double {
    /// A column of `count` numbers that `fill` writes; it must write every row.
    ///
    /// ```swift
    /// let spread = Column<Double>(count: candles.count) { result in
    ///     for row in result.indices { result[row] = candles.high[row] - candles.low[row] }
    /// }
    /// ```
    public init(count: Int, fill: (UnsafeMutableBufferPointer<Double>) -> Void) {
        let memory = ColumnMemory(count: count)
        fill(memory.buffer)
        self.init(owner: memory, base: memory.base, count: count)
    }

    /// A column made from this one by `body`, which gets the rows and the memory for as many results.
    func derived(_ body: (Indicator.Values, Indicator.Output) -> Void) -> Column {
        withExtendedLifetime(self) { Column(count: count) { body(buffer, $0) } }
    }

    /// A column made from high, low and close by `body`.
    static func derived(
        _ high: Column, _ low: Column, _ close: Column,
        _ body: (Indicator.Values, Indicator.Values, Indicator.Values, Indicator.Output) -> Void
    ) -> Column {
        withExtendedLifetime((high, low, close)) {
            Column(count: close.count) { body(high.buffer, low.buffer, close.buffer, $0) }
        }
    }
}

/// The memory behind a computed column.
private final class ColumnMemory {
    let buffer: UnsafeMutableBufferPointer<Double>
    private let allocation: UnsafeMutablePointer<Double>

    init(count: Int) {
        precondition(count >= 0, "a column of negative length")
        allocation = .allocate(capacity: max(count, 1))
        // Doubles are trivial: a store through uninitialised memory is a plain write.
        buffer = UnsafeMutableBufferPointer(start: allocation, count: count)
    }

    var base: UnsafePointer<Double> { UnsafePointer(allocation) }

    deinit { allocation.deallocate() }
}
