import Market
import Money

/// All figures of a run; names and formulas are those of freqtrade's result file.
package struct BacktestStatistics: Hashable, Sendable {
    package let totalTrades: Int
    package let tradeCountLong: Int
    package let tradeCountShort: Int
    /// Sum of all order costs, fees included.
    package let totalVolume: Double
    package let avgStakeAmount: Double
    package let profitMedian: Double
    package let profitTotalLong: Double
    package let profitTotalShort: Double
    package let profitTotalLongAbs: Double
    package let profitTotalShortAbs: Double
    package let finalBalance: Double
    package let startingBalance: Double
    /// Growth to the final balance.
    package let cagr: Double
    package let backtestDays: Int
    package let tradesPerDay: Double
    package let marketChange: Double
    /// All trades together; `profit_mean`, `sharpe` and the like of the run.
    package let total: ResultLine
    package let resultsPerPair: [ResultLine]
    package let resultsPerEnterTag: [ResultLine]
    package let exitReasonSummary: [ResultLine]
    package let mixTagStats: [ResultLine]
    package let leftOpenTrades: [ResultLine]
    package let bestPair: ResultLine?
    package let worstPair: ResultLine?
    /// Nil without trades.
    package let drawdown: Drawdown?
    /// Lowest and highest starting balance plus running profit, in list order.
    package let csumMin: Double
    package let csumMax: Double
    package let daily: DailyStatistics
    package let holding: HoldingTimes
    package let winnerHolding: HoldingTimes
    package let loserHolding: HoldingTimes
    package let maxConsecutiveWins: Int
    package let maxConsecutiveLosses: Int
    /// Nil where the run kept no equity curve.
    package let wallet: WalletStatistics?

    /// The figures of `result`.
    package init(_ result: BacktestResult) {
        let trades = result.trades
        let days = max(1, Int((result.end.milliseconds - result.start.milliseconds) / 86_400_000))
        let frame = StatisticsFrame(balance: result.startingBalance, days: days, hasDuration: result.end != result.start)
        let lines = ResultTables(trades, frame: frame)
        total = lines.line(["TOTAL"], trades)
        resultsPerPair = lines.perPair(result.pairs)
        resultsPerEnterTag = lines.grouped { [$0.enterTag] }
        exitReasonSummary = lines.grouped { [$0.exitReason] }
        mixTagStats = lines.grouped { [$0.enterTag, $0.exitReason] }
        leftOpenTrades = lines.leftOpen(result.pairs)
        bestPair = resultsPerPair.count > 1 ? resultsPerPair.first : nil
        worstPair = resultsPerPair.dropLast().min { $0.profitTotalAbs < $1.profitTotalAbs }
        totalTrades = trades.count
        tradeCountLong = trades.count { !$0.isShort }
        tradeCountShort = trades.count { $0.isShort }
        totalVolume = trades.reduce(0) { $0 + $1.orders.reduce(0) { $0 + $1.cost } }
        avgStakeAmount = trades.map { $0.stakeAmount.rounded(decimals: 8) }.mean
        profitMedian = trades.map(\.profitRatio).median
        profitTotalLongAbs = trades.filter { !$0.isShort }.map(\.profitAbs).pairwiseSum
        profitTotalShortAbs = trades.filter { $0.isShort }.map(\.profitAbs).pairwiseSum
        profitTotalLong = profitTotalLongAbs / frame.balance
        profitTotalShort = profitTotalShortAbs / frame.balance
        finalBalance = result.finalBalance
        startingBalance = result.startingBalance
        cagr = frame.cagr(finalBalance: result.finalBalance)
        backtestDays = days
        tradesPerDay = (Double(trades.count) / Double(days)).rounded(decimals: 2)
        marketChange = result.marketChange
        drawdown = TradeGroup(trades, frame: frame).drawdown
        let sums = Self.runningSums(trades)
        csumMin = sums.min().map { $0 + frame.balance } ?? 0
        csumMax = sums.max().map { $0 + frame.balance } ?? 0
        daily = DailyStatistics(trades)
        holding = HoldingTimes(trades.map(\.durationMinutes))
        winnerHolding = HoldingTimes(trades.filter { $0.profitRatio > 0 }.map(\.durationMinutes))
        loserHolding = HoldingTimes(trades.filter { $0.profitRatio < 0 }.map(\.durationMinutes))
        (maxConsecutiveWins, maxConsecutiveLosses) = Self.streaks(trades)
        wallet = result.equity.map(WalletStatistics.init)
    }

    /// Figures of each period of the calendar.
    package static func periods(_ result: BacktestResult, by unit: PeriodLine.Unit) -> [PeriodLine] {
        PeriodLine.lines(result.trades, by: unit)
    }

    private static func runningSums(_ trades: [ClosedTrade]) -> [Double] {
        var sum = 0.0
        return trades.map { trade in
            sum += trade.profitAbs
            return sum
        }
    }

    /// The longest runs of wins and of anything else in the order of closing.
    private static func streaks(_ trades: [ClosedTrade]) -> (wins: Int, losses: Int) {
        var (wins, losses, current) = (0, 0, 0)
        var winning = false
        for trade in trades {
            let won = trade.profitRatio > 0
            current = won == winning ? current + 1 : 1
            winning = won
            if winning { wins = max(wins, current) } else { losses = max(losses, current) }
        }
        return (wins, losses)
    }
}
