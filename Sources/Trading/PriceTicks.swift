package import Market
import Money

/// The price ticks of a pair as its candles show them, one a calendar month (UTC).
///
/// A venue's price step changes over the years and only today's is known. freqtrade therefore reads it off the candles: the most
/// decimals that any price of the month has, with 14 significant digits.
package struct PriceTicks: Hashable, Sendable {
    /// A tick and the month from whose start it holds.
    package struct Entry: Hashable, Sendable {
        /// The first instant of the month.
        package var start: Timestamp
        /// The tick, 10 to the power of minus the decimals.
        package var tick: Double
        package init(start: Timestamp, tick: Double) {
            self.start = start
            self.tick = tick
        }
    }

    /// Months in which some price has decimals, in the order of time.
    package let entries: [Entry]

    /// Ticks given from outside. Sorted here.
    package init(entries: [Entry]) { self.entries = entries.sorted { $0.start < $1.start } }

    /// No ticks: the venue's own step counts.
    package static let none = PriceTicks(entries: [])

    /// The tick of the last month that has one and starts at or before `time`; nil: take the venue's own.
    package func tick(at time: Timestamp) -> Double? {
        entries.last { $0.start <= time }?.tick
    }

    /// The ticks of all rows of `candles`, startup rows included.
    package init(candles: Candles) {
        var entries: [Entry] = []
        var row = 0
        while row < candles.count {
            let month = Self.month(of: candles.times[row])
            var decimals = 0
            while row < candles.count, candles.times[row] < month.upperBound {
                for price in [candles.open[row], candles.high[row], candles.low[row], candles.close[row]] {
                    decimals = Self.decimals(of: price, atLeast: decimals)
                }
                row += 1
            }
            if decimals > 0 {
                entries.append(Entry(start: Timestamp(milliseconds: month.lowerBound), tick: Self.tick(decimals: decimals)))
            }
        }
        self.entries = entries
    }

    static func tick(decimals: Int) -> Double {
        decimals <= 22 ? 1 / Double.powerOfTen(decimals) : Double(ExactDecimal(1, scale: decimals))
    }

    /// The decimals of `price` at 14 significant digits without trailing zeros, or `known` where that is more.
    static func decimals(of price: Double, atLeast known: Int) -> Int {
        guard price.isFinite, price != 0 else { return known }
        let size = price.magnitude
        // Most prices need no more decimals than those before: then the scaled price is a whole number of few digits.
        if known <= 22 {
            let power = Double.powerOfTen(known)
            let scaled = (size * power).rounded(.toNearestOrEven)
            if scaled < 1e14, scaled / power == size { return known }
        }
        let exact = ExactDecimal(size)
        let cut = exact.rounded(decimals: 13 - exact.exponent)
        var decimals = max(cut.scale, 0)
        while decimals > known, cut.truncated(decimals: decimals - 1) == cut { decimals -= 1 }
        return max(decimals, known)
    }

    /// The month that contains `time`, in milliseconds.
    static func month(of time: Int64) -> Range<Int64> {
        let date = Timestamp(milliseconds: time).calendar
        let next = date.month == 12 ? (date.year + 1, 1) : (date.year, date.month + 1)
        guard let start = Timestamp(year: date.year, month: date.month, day: 1),
            let end = Timestamp(year: next.0, month: next.1, day: 1)
        else { return time..<Int64.max }
        return start.milliseconds..<end.milliseconds
    }
}
