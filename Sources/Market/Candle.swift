/// One candle: prices in the quote currency, volume in the base currency.
public struct Candle: Hashable, Sendable {
    /// When it opens.
    public var time: Timestamp
    /// The first price.
    public var open: Double
    /// The highest price.
    public var high: Double
    /// The lowest price.
    public var low: Double
    /// The last price.
    public var close: Double
    /// The amount traded.
    public var volume: Double

    /// A candle; see the properties.
    public init(time: Timestamp, open: Double, high: Double, low: Double, close: Double, volume: Double) {
        self.time = time
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
    }
}

extension Candles {
    /// The candle in row `row`. Traps outside of the rows.
    public func candle(at row: Int) -> Candle {
        Candle(
            time: time(at: row), open: open[row], high: high[row], low: low[row], close: close[row], volume: volume[row])
    }
}
