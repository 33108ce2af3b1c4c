import Money

/// The figures of a group of trades: a pair, a tag, a reason, or all of them.
package struct ResultLine: Hashable, Sendable {
    /// What the group has in common; two parts for enter tag and exit reason together.
    package let key: [String]
    package let trades: Int
    package let wins: Int
    package let draws: Int
    package let losses: Int
    package let winrate: Double
    /// Mean of the profit ratios.
    package let profitMean: Double
    /// Sum of the profits in stake currency.
    package let profitTotalAbs: Double
    /// That sum over the starting balance.
    package let profitTotal: Double
    /// Mean duration in whole minutes.
    package let durationAverageMinutes: Int
    /// Compound annual growth of the balance by these trades alone.
    package let cagr: Double
    package let expectancy: Double
    package let expectancyRatio: Double
    package let sharpe: Double
    package let sortino: Double
    package let calmar: Double
    /// System quality number.
    package let sqn: Double
    /// Two-sided probability of the mean profit under the hypothesis that it is zero.
    package let pValue: Double
    /// Gains over losses.
    package let profitFactor: Double
    package let maxDrawdownAccount: Double
    package let maxDrawdownAbs: Double

    /// `profitMean` in percent with two digits.
    package var profitMeanPercent: Double { (profitMean * 100).roundedLikeNumPy(decimals: 2) }
    /// `profitTotal` in percent with two digits.
    package var profitTotalPercent: Double { (profitTotal * 100).roundedLikeNumPy(decimals: 2) }

    init(key: [String], group: TradeGroup) {
        self.key = key
        trades = group.profits.count
        (wins, draws, losses) = group.signs
        winrate = trades == 0 ? 0 : Double(wins) / Double(trades)
        profitMean = group.ratios.mean
        profitTotalAbs = group.profits.pairwiseSum
        profitTotal = profitTotalAbs / group.frame.balance
        durationAverageMinutes = group.meanMinutes
        cagr = group.frame.cagr(finalBalance: group.frame.balance + profitTotalAbs)
        (expectancy, expectancyRatio) = group.expectancy
        (sharpe, sortino) = (group.sharpe, group.sortino)
        let drawdown = group.drawdown
        calmar = group.calmar(drawdown)
        sqn = group.sqn
        pValue = group.pValue
        profitFactor = group.profitFactor
        maxDrawdownAccount = drawdown?.account ?? 0
        maxDrawdownAbs = drawdown?.absolute ?? 0
    }
}
