import Market
import Money

/// What all figures of a run are measured against.
struct StatisticsFrame {
    /// Balance at the start.
    let balance: Double
    /// Whole days between first and last candle, at least 1.
    let days: Int
    /// Whether the range is more than one candle.
    let hasDuration: Bool

    /// Compound annual growth rate to `finalBalance`; 0 where that is below zero.
    func cagr(finalBalance: Double) -> Double {
        guard finalBalance >= 0, balance > 0 else { return 0 }
        let growth = Libm.power(finalBalance / balance, 1 / (Double(days) / 365)) - 1
        return growth.isFinite ? growth : 0
    }

    /// A yearly ratio of mean and spread; -100 where the spread is none, so that it never looks good.
    static func annualised(_ mean: Double, _ spread: Double) -> Double {
        spread != 0 && !spread.isNaN ? mean / spread * Double(365).squareRoot() : -100
    }
}

/// Some trades of a run as columns, in the order of closing, and the figures that follow from them (`facts` of freqtrade 2026.9;
/// orders of addition are numpy's, so that the last bit agrees).
struct TradeGroup {
    let frame: StatisticsFrame
    let profits: [Double]
    let ratios: [Double]
    let minutes: [Int64]
    let dates: [Timestamp]

    init(_ trades: [ClosedTrade], frame: StatisticsFrame) {
        self.frame = frame
        profits = trades.map(\.profitAbs)
        ratios = trades.map(\.profitRatio)
        minutes = trades.map(\.durationMinutes)
        dates = trades.map(\.closeDate)
    }

    /// Counts of profits above, at and below zero.
    var signs: (wins: Int, draws: Int, losses: Int) {
        (profits.count { $0 > 0 }, profits.count { $0 == 0 }, profits.count { $0 < 0 })
    }

    /// Profits as parts of the starting balance.
    var returns: [Double] { profits.map { $0 / frame.balance } }

    var meanMinutes: Int {
        minutes.isEmpty ? 0 : Int(minutes.map(Double.init).mean.rounded(.toNearestOrEven))
    }

    private var gains: Double { profits.filter { $0 > 0 }.pairwiseSum }
    private var lost: Double { profits.filter { $0 < 0 }.pairwiseSum }

    var profitFactor: Double { lost == 0 ? 0 : gains / lost.magnitude }

    /// Mean profit of a trade from win rate and mean win and loss, and that in relation to the mean loss (100 without losses).
    var expectancy: (absolute: Double, ratio: Double) {
        if profits.isEmpty { return (0, 100) }
        let (wins, _, losses) = signs
        let win = wins > 0 ? gains / Double(wins) : 0
        let loss = losses > 0 ? lost.magnitude / Double(losses) : 0
        let (winrate, lossrate) = (Double(wins) / Double(profits.count), Double(losses) / Double(profits.count))
        let absolute = winrate * win - lossrate * loss
        return (absolute, loss > 0 ? (1 + win / loss) * winrate - 1 : 100)
    }

    var sharpe: Double {
        guard !profits.isEmpty, frame.hasDuration else { return 0 }
        let returns = returns
        return StatisticsFrame.annualised(returns.pairwiseSum / Double(frame.days), returns.deviation(lost: 0))
    }

    var sortino: Double {
        guard !profits.isEmpty, frame.hasDuration else { return 0 }
        let losing = profits.filter { $0 < 0 }.map { $0 / frame.balance }
        return StatisticsFrame.annualised(returns.pairwiseSum / Double(frame.days), losing.deviation(lost: 0))
    }

    func calmar(_ drawdown: Drawdown?) -> Double {
        guard let drawdown, frame.hasDuration else { return 0 }
        let mean = profits.pairwiseSum / frame.balance / Double(frame.days) * 100
        return StatisticsFrame.annualised(mean, drawdown.account)
    }

    var sqn: Double {
        if profits.isEmpty { return 0 }
        let returns = returns
        let spread = returns.deviation(lost: 1)
        if spread == 0 || spread.isNaN { return -100 }
        return (Double(profits.count).squareRoot() * (returns.mean / spread)).roundedLikeNumPy(decimals: 4)
    }

    var pValue: Double {
        let returns = returns
        let spread = returns.deviation(lost: 1)
        guard returns.count >= 2, spread != 0 else { return 1 }
        return StudentT.twoSided(
            returns.mean / (spread * spread / Double(returns.count)).squareRoot(), degrees: returns.count - 1)
    }

    var drawdown: Drawdown? {
        // Merge sort by index: trades of one closing time stay in the order of the list.
        let order = dates.indices.sorted { (dates[$0], $0) < (dates[$1], $1) }
        return Drawdown(
            profits: order.map { profits[$0] }, dates: order.map { dates[$0] }, startingBalance: frame.balance)
    }
}
