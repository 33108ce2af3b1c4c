package import Market

/// Falls of the summed profits from their peak, in the order of closing.
///
/// Trades that close at the same time keep the order of the list. freqtrade sorts them with an algorithm that does not keep it, so its
/// figures can differ where several trades close on one candle; that difference is declared.
package struct Drawdown: Hashable, Sendable {
    /// The deepest fall in stake currency.
    package private(set) var absolute = 0.0
    /// The deepest fall as a part of the balance at its peak.
    package private(set) var account = 0.0
    /// The largest fall in relation to its peak.
    package private(set) var relative = 0.0
    /// Summed profit at the peak of the deepest fall.
    package private(set) var high = 0.0
    /// Summed profit at its bottom.
    package private(set) var low = 0.0
    /// When the trade of the peak closed.
    package private(set) var start: Timestamp
    /// When the trade of the bottom closed.
    package private(set) var end: Timestamp

    /// From profits in the order of closing; nil for no trades.
    init?(profits: [Double], dates: [Timestamp], startingBalance: Double) {
        guard let first = dates.first else { return nil }
        start = first
        end = first
        var sum = 0.0
        var peak = 0.0
        var peakDate = first
        for (profit, date) in zip(profits, dates) {
            sum += profit
            if sum > peak {
                peak = sum
                peakDate = date
            }
            let (most, now) = (startingBalance + peak, startingBalance + sum)
            let part = (most - now) / most
            if peak - sum > absolute {
                (absolute, account, high, low, start, end) = (peak - sum, part, peak, sum, peakDate, date)
            }
            relative = max(relative, part)
        }
    }
}
