package import Market
import Money

/// Profits by calendar day of closing (UTC), from the first to the last close, empty days included.
package struct DailyStatistics: Hashable, Sendable {
    /// A day and its profit in stake currency, 10 decimals.
    package struct Day: Hashable, Sendable {
        package let date: Timestamp
        package let profitAbs: Double
    }

    package let days: [Day]
    /// The best and worst days: sums of profit ratios, and of profits.
    package let bestDay: Double
    package let worstDay: Double
    package let bestDayAbs: Double
    package let worstDayAbs: Double
    package let winningDays: Int
    package let drawDays: Int
    package let losingDays: Int

    init(_ trades: [ClosedTrade]) {
        let order = trades.indices.sorted { (trades[$0].closeDate, $0) < (trades[$1].closeDate, $1) }
        let byDay = Dictionary(grouping: order.map { trades[$0] }) { PeriodLine.day($0.closeDate) }
        var days: [Day] = []
        var ratios: [Double] = []
        if let first = byDay.keys.min(), let last = byDay.keys.max() {
            for day in first...last {
                let trades = byDay[day] ?? []
                let profit = trades.map(\.profitAbs).groupSum.roundedLikeNumPy(decimals: 10)
                days.append(Day(date: Timestamp(milliseconds: day * 86_400_000), profitAbs: profit))
                ratios.append(trades.map(\.profitRatio).groupSum)
            }
        }
        self.days = days
        bestDay = ratios.max() ?? 0
        worstDay = ratios.min() ?? 0
        bestDayAbs = days.map(\.profitAbs).max() ?? 0
        worstDayAbs = days.map(\.profitAbs).min() ?? 0
        winningDays = days.count { $0.profitAbs > 0 }
        drawDays = days.count { $0.profitAbs == 0 }
        losingDays = days.count { $0.profitAbs < 0 }
    }
}
