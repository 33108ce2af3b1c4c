/// A figure that a leaderboard can rank by; the texts are freqtrade's names.
package enum SweepMetric: String, Sendable, CaseIterable {
    case profitTotal = "profit_total"
    case profitTotalAbs = "profit_total_abs"
    case sharpe
    case sortino
    case calmar
    case sqn
    case cagr
    case maxDrawdownAccount = "max_drawdown_account"
    case maxDrawdownAbs = "max_drawdown_abs"
    case winrate
    case profitFactor = "profit_factor"
    case expectancy
    case finalBalance = "final_balance"
    case totalTrades = "total_trades"

    /// Whether a smaller figure is the better one.
    package var smallerIsBetter: Bool { self == .maxDrawdownAccount || self == .maxDrawdownAbs }

    /// The figure of `row`.
    package func value(of row: SweepRow) -> Double {
        switch self {
        case .profitTotal: row.profitTotal
        case .profitTotalAbs: row.profitTotalAbs
        case .sharpe: row.sharpe
        case .sortino: row.sortino
        case .calmar: row.calmar
        case .sqn: row.sqn
        case .cagr: row.cagr
        case .maxDrawdownAccount: row.maxDrawdownAccount
        case .maxDrawdownAbs: row.maxDrawdownAbs
        case .winrate: row.winrate
        case .profitFactor: row.profitFactor
        case .expectancy: row.expectancy
        case .finalBalance: row.finalBalance
        case .totalTrades: Double(row.totalTrades)
        }
    }

    /// The figure by which a row is placed. Without losses the profit factor is shown as 0, as freqtrade does, and stands above all.
    private func rank(of row: SweepRow) -> Double {
        self == .profitFactor && row.losses == 0 && row.wins > 0 ? .infinity : value(of: row)
    }

    /// Whether `a` stands before `b`: a total order over rows of different combinations.
    ///
    /// Completed runs first, those with trades before those without; then the better figure, a figure that is no number last;
    /// ties go to the lower combination.
    package func precedes(_ a: SweepRow, _ b: SweepRow) -> Bool {
        let completed = (a.outcome == .completed, b.outcome == .completed)
        if completed.0 != completed.1 { return completed.0 }
        // A run without trades has no drawdown either: that is no merit.
        let traded = (a.totalTrades > 0, b.totalTrades > 0)
        if traded.0 != traded.1 { return traded.0 }
        let (x, y) = (rank(of: a), rank(of: b))
        if x.isNaN != y.isNaN { return y.isNaN }
        if !x.isNaN, x != y { return smallerIsBetter ? x < y : x > y }
        return a.index < b.index
    }
}
