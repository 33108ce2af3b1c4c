package import Market

/// Figures from the account's worth at each candle, open positions included.
package struct WalletStatistics: Hashable, Sendable {
    package let startBalance: Double
    package let endBalance: Double
    package let lowBalance: Double
    package let lowDate: Timestamp
    package let highBalance: Double
    package let highDate: Timestamp
    /// Of the daily returns, yearly.
    package let sharpe: Double
    /// Of the daily returns, yearly, against the spread of the losing days.
    package let sortino: Double
    package let calmar: Double
    package let maxDrawdownAbs: Double
    package let maxDrawdownAccount: Double
    package let maxRelativeDrawdown: Double
    package let drawdownStart: Timestamp
    package let drawdownEnd: Timestamp
    /// Gain since the start at the peak of the deepest fall.
    package let maxDrawdownHigh: Double
    /// Gain since the start at its bottom.
    package let maxDrawdownLow: Double
    /// Returns from day to day, the last worth of each.
    package let dailyReturns: [Double]

    init(_ equity: EquityCurve) {
        (startBalance, endBalance) = (equity.first.value, equity.last.value)
        (lowBalance, lowDate) = (equity.lowest.value, Timestamp(milliseconds: equity.lowest.time))
        (highBalance, highDate) = (equity.highest.value, Timestamp(milliseconds: equity.highest.time))
        let returns = zip(equity.daily.dropFirst(), equity.daily).map { $0 / $1 - 1 }
        dailyReturns = returns
        sharpe = returns.isEmpty ? 0 : StatisticsFrame.annualised(returns.mean, returns.deviation(lost: 0))
        let losing = returns.filter { $0 < 0 }
        sortino = returns.isEmpty ? 0 : StatisticsFrame.annualised(returns.mean, losing.deviation(lost: 0))
        let days = max(1, (equity.last.time - equity.first.time) / 86_400_000)
        let gain = (endBalance - startBalance) / startBalance / Double(days) * 100
        calmar = equity.last.time == equity.first.time ? 0 : StatisticsFrame.annualised(gain, equity.deepest.relative)
        maxDrawdownAbs = equity.deepest.size
        maxDrawdownAccount = equity.deepest.relative
        maxRelativeDrawdown = equity.largestRelative
        drawdownStart = Timestamp(milliseconds: equity.deepest.high.time)
        drawdownEnd = Timestamp(milliseconds: equity.deepest.low.time)
        maxDrawdownHigh = equity.deepest.high.value
        maxDrawdownLow = equity.deepest.low.value
    }
}
