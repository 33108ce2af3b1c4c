/// Candles that are put together row by row.
package struct CandleBuilder {
    private var times: [Int64] = []
    private var open: [Double] = []
    private var high: [Double] = []
    private var low: [Double] = []
    private var close: [Double] = []
    private var volume: [Double] = []

    /// An empty builder with room for `capacity` rows.
    package init(capacity: Int = 0) {
        times.reserveCapacity(capacity)
        open.reserveCapacity(capacity)
        high.reserveCapacity(capacity)
        low.reserveCapacity(capacity)
        close.reserveCapacity(capacity)
        volume.reserveCapacity(capacity)
    }

    /// How many rows there are.
    package var count: Int { times.count }

    /// The rows so far as immutable columns.
    package var candles: Candles {
        Candles(
            times: Column(times), open: Column(open), high: Column(high), low: Column(low), close: Column(close),
            volume: Column(volume))
    }

    /// Adds one row; `time` in milliseconds.
    package mutating func append(
        time: Int64, open: Double, high: Double, low: Double, close: Double, volume: Double
    ) {
        times.append(time)
        self.open.append(open)
        self.high.append(high)
        self.low.append(low)
        self.close.append(close)
        self.volume.append(volume)
    }

    /// Adds one candle.
    package mutating func append(_ candle: Candle) {
        append(
            time: candle.time.milliseconds, open: candle.open, high: candle.high, low: candle.low, close: candle.close,
            volume: candle.volume)
    }

    /// Adds row `row` of `candles` at `time`, or merges it into the last row where that has the same time.
    mutating func merge(_ candles: Candles, row: Int, at time: Int64, volume combine: (Double, Double) -> Double) {
        guard let last = times.last, last == time else {
            append(
                time: time, open: candles.open[row], high: candles.high[row], low: candles.low[row], close: candles.close[row],
                volume: candles.volume[row])
            return
        }
        let end = times.count - 1
        high[end] = max(high[end], candles.high[row])
        low[end] = min(low[end], candles.low[row])
        close[end] = candles.close[row]
        volume[end] = combine(volume[end], candles.volume[row])
    }

    /// Adds candles without trade after the last row until the next one would be at `time`.
    mutating func fill(upTo time: Int64, step: Int64) {
        guard let last = times.last, let price = close.last else { return }
        var next = last + step
        while next < time {
            append(time: next, open: price, high: price, low: price, close: price, volume: 0)
            next += step
        }
    }
}

extension Candles {
    /// A copy of the rows `rows`, in that order.
    package func rows(_ rows: [Int]) -> Candles {
        Candles(
            times: Column(rows.map { times[$0] }), open: Column(rows.map { open[$0] }), high: Column(rows.map { high[$0] }),
            low: Column(rows.map { low[$0] }), close: Column(rows.map { close[$0] }), volume: Column(rows.map { volume[$0] }))
    }
}
