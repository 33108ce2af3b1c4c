import Indicators
public import Market

/// What a strategy sees of one pair: its candles, and indicators over them that are computed once and kept.
///
/// Every indicator is a column with a row per candle, NaN where there is not enough history. Asking twice costs nothing: runs
/// with other parameters that share the frame's cache share the columns.
///
/// ```swift
/// func signals(on frame: Frame) -> Signals {
///     let fast = frame.ema(.close, 12)
///     let slow = frame.ema(.close, 26)
///     let rsi = frame.rsi(14)
///     var signals = Signals(count: frame.count)
///     signals.enterLong(tag: "cross") { row in fast.crossesAbove(slow, at: row) && rsi[row] < 70 }
///     signals.exitLong { row in fast.crossesBelow(slow, at: row) }
///     return signals
/// }
/// ```
///
/// A frame belongs to the thread of its cache.
public struct Frame {
    /// The candles, startup candles included.
    public let candles: Candles
    private let cache: FrameCache
    private let number: Int

    /// A frame over `candles`. Make one frame a pair and hand it to all runs: a new frame shares nothing with older ones.
    public init(_ candles: Candles, cache: FrameCache = FrameCache()) {
        self.candles = candles
        self.cache = cache
        number = cache.newFrame()
    }

    /// How many candles there are, and rows in every column.
    public var count: Int { candles.count }

    /// Opening prices.
    public var open: Column<Double> { candles.open }
    /// Highest prices.
    public var high: Column<Double> { candles.high }
    /// Lowest prices.
    public var low: Column<Double> { candles.low }
    /// Closing prices.
    public var close: Column<Double> { candles.close }
    /// Volumes in the base currency.
    public var volume: Column<Double> { candles.volume }

    /// The column of `field`; computed prices are kept like indicators.
    public subscript(field: CandleField) -> Column<Double> {
        switch field {
        case .open: candles.open
        case .high: candles.high
        case .low: candles.low
        case .close: candles.close
        case .volume: candles.volume
        case .median, .typical, .average: kept("price", field, []) { price(field) }
        }
    }

    /// A column of your own, kept under its name and numbers as indicators are.
    ///
    /// The name must be different for each formula, and the numbers must be all that the result depends on beside the candles.
    ///
    /// ```swift
    /// let momentum = frame.column("my_momentum", [Double(period)]) {
    ///     Indicator.sma(Indicator.roc(frame.close, period), 3)
    /// }
    /// ```
    public func column(_ name: String, _ numbers: [Double] = [], _ compute: () -> Column<Double>) -> Column<Double> {
        kept("own." + name, nil, numbers) {
            let column = compute()
            precondition(column.count == count, "a column whose rows are not the candles'")
            return column
        }
    }

    /// One column from the cache.
    func kept(
        _ function: String, _ field: CandleField?, _ numbers: [Double], _ compute: () -> Column<Double>
    ) -> Column<Double> {
        several(function, field, numbers) { [compute()] }[0]
    }

    /// The columns of one request from the cache.
    func several(
        _ function: String, _ field: CandleField?, _ numbers: [Double], _ compute: () -> [Column<Double>]
    ) -> [Column<Double>] {
        cache.columns(.init(frame: number, function: function, field: field, numbers: numbers), compute)
    }

    private func price(_ field: CandleField) -> Column<Double> {
        let (open, high, low, close) = (candles.open, candles.high, candles.low, candles.close)
        return Column(count: count) { result in
            switch field {
            case .median: for row in result.indices { result[row] = (high[row] + low[row]) / 2 }
            case .typical: for row in result.indices { result[row] = (high[row] + low[row] + close[row]) / 3 }
            default: for row in result.indices { result[row] = (open[row] + high[row] + low[row] + close[row]) / 4 }
            }
        }
    }
}
