package import Market
import Money

/// The figures of one period of the calendar, or of one day of the week.
package struct PeriodLine: Hashable, Sendable {
    /// A way to cut time.
    package enum Unit: String, Hashable, Sendable, CaseIterable { case day, week, month, year, weekday }

    /// The day that names the period: its last (weeks end on Mondays), UTC midnight; for weekdays nil.
    package let date: Timestamp?
    /// 0 for Monday ... 6 for Sunday, where the unit is the weekday.
    package let weekday: Int?
    package let profitAbs: Double
    package let wins: Int
    package let draws: Int
    package let losses: Int
    package let profitFactor: Double

    /// How many trades closed.
    package var trades: Int { wins + draws + losses }

    private init(date: Timestamp?, weekday: Int?, profits: [Double]) {
        self.date = date
        self.weekday = weekday
        profitAbs = profits.pairwiseSum.roundedLikeNumPy(decimals: 10)
        wins = profits.count { $0 > 0 }
        draws = profits.count { $0 == 0 }
        losses = profits.count { $0 < 0 }
        let lost = profits.filter { $0 < 0 }.pairwiseSum
        profitFactor =
            lost == 0 ? 0 : (profits.filter { $0 > 0 }.pairwiseSum / lost.magnitude).roundedLikeNumPy(decimals: 8)
    }

    /// All periods from the first to the last close, empty ones included; of weekdays only those with trades.
    static func lines(_ trades: [ClosedTrade], by unit: Unit) -> [PeriodLine] {
        if unit == .weekday { return weekdays(trades) }
        var profits: [Int64: [Double]] = [:]
        for trade in trades { profits[end(of: day(trade.closeDate), unit), default: []].append(trade.profitAbs) }
        guard let first = profits.keys.min(), let last = profits.keys.max() else { return [] }
        var lines: [PeriodLine] = []
        var current = first
        while current <= last {
            lines.append(
                PeriodLine(date: Timestamp(milliseconds: current * 86_400_000), weekday: nil, profits: profits[current] ?? []))
            current = end(of: current + 1, unit)
        }
        return lines
    }

    private static func weekdays(_ trades: [ClosedTrade]) -> [PeriodLine] {
        (0..<7).compactMap { weekday in
            // 1970-01-01 was a Thursday.
            let profits = trades.filter { (day($0.closeDate) + 3 + 7_000_000) % 7 == weekday }.map(\.profitAbs)
            return profits.isEmpty ? nil : PeriodLine(date: nil, weekday: Int(weekday), profits: profits)
        }
    }

    /// Days since 1970-01-01.
    static func day(_ time: Timestamp) -> Int64 {
        let rest = time.milliseconds % 86_400_000
        return (time.milliseconds - (rest < 0 ? rest + 86_400_000 : rest)) / 86_400_000
    }

    /// The last day of the period that contains `day`.
    private static func end(of day: Int64, _ unit: Unit) -> Int64 {
        let date = Timestamp(milliseconds: day * 86_400_000).calendar
        switch unit {
        case .day, .weekday: return day
        case .week: return day + (11 - (day % 7 + 7) % 7) % 7
        case .month:
            let next = date.month == 12 ? (date.year + 1, 1) : (date.year, date.month + 1)
            return Timestamp(year: next.0, month: next.1, day: 1).map { self.day($0) - 1 } ?? day
        case .year: return Timestamp(year: date.year + 1, month: 1, day: 1).map { self.day($0) - 1 } ?? day
        }
    }
}
