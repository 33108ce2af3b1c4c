/// The candles of one pair and timeframe as columns of equal length, in the order of their opening times.
///
/// Prices and volumes are doubles exactly as the file or the venue had them: a comparison with a candle price must see
/// the same bits as freqtrade does.
public struct Candles: Sendable {
    /// Opening times in milliseconds since the Unix epoch, UTC.
    public let times: Column<Int64>
    /// Opening prices in the quote currency.
    public let open: Column<Double>
    /// Highest prices.
    public let high: Column<Double>
    /// Lowest prices.
    public let low: Column<Double>
    /// Closing prices.
    public let close: Column<Double>
    /// Volumes in the base currency.
    public let volume: Column<Double>

    /// Candles from six columns. Traps where they differ in length.
    public init(
        times: Column<Int64>, open: Column<Double>, high: Column<Double>, low: Column<Double>, close: Column<Double>,
        volume: Column<Double>
    ) {
        precondition(
            [open.count, high.count, low.count, close.count, volume.count].allSatisfy { $0 == times.count },
            "candle columns of unequal length")
        self.times = times
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
    }

    /// No candles at all.
    public static let empty = Candles(
        times: Column([]), open: Column([]), high: Column([]), low: Column([]), close: Column([]), volume: Column([]))

    /// How many candles there are.
    public var count: Int { times.count }

    /// The rows in `rows`, sharing memory with these.
    public func slice(_ rows: Range<Int>) -> Candles {
        Candles(
            times: times.slice(rows), open: open.slice(rows), high: high.slice(rows), low: low.slice(rows),
            close: close.slice(rows), volume: volume.slice(rows))
    }

    /// The opening time of row `row`.
    public func time(at row: Int) -> Timestamp { Timestamp(milliseconds: times[row]) }
}
