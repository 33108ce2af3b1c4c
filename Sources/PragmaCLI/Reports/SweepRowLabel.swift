internal import Configuration
internal import Market
internal import Research
internal import Strategies

/// What a row of a sweep is about, as texts.
struct SweepRowLabel {
    var strategy: String
    /// The canonical text of the values: `fast=12 slow=36`.
    var parameters: String
    /// The pairs, separated by blanks.
    var pairs: String
    /// The time range as freqtrade writes it; empty for all candles.
    var timerange: String

    init(strategy: String, parameters: String, pairs: String, timerange: String) {
        self.strategy = strategy
        self.parameters = parameters
        self.pairs = pairs
        self.timerange = timerange
    }

    /// The label of a combination.
    init(_ combination: SweepDefinition.Combination) {
        self.init(
            strategy: combination.strategy, parameters: combination.values.description,
            pairs: combination.pairs.map { $0.description }.joined(separator: " "),
            timerange: combination.timerange == .all ? "" : combination.timerange.text)
    }
}

extension SweepRow.Outcome {
    /// The outcome as tables, JSON and CSV name it.
    var label: String {
        switch self {
        case .completed: "completed"
        case .noCandles: "no_candles"
        case .failed: "failed"
        }
    }
}

/// The figures of a row that tables, JSON and CSV show, under freqtrade's names.
enum SweepFigures {
    static let counts: [(name: String, value: @Sendable (SweepRow) -> UInt32)] = [
        ("total_trades", { $0.totalTrades }), ("wins", { $0.wins }), ("draws", { $0.draws }), ("losses", { $0.losses }),
        ("rejected_signals", { $0.rejectedSignals }),
    ]

    static let numbers: [(name: String, value: @Sendable (SweepRow) -> Double)] = [
        ("profit_total", { $0.profitTotal }), ("profit_total_abs", { $0.profitTotalAbs }),
        ("final_balance", { $0.finalBalance }), ("sharpe", { $0.sharpe }), ("sortino", { $0.sortino }),
        ("calmar", { $0.calmar }), ("sqn", { $0.sqn }), ("cagr", { $0.cagr }),
        ("max_drawdown_account", { $0.maxDrawdownAccount }), ("max_drawdown_abs", { $0.maxDrawdownAbs }),
        ("winrate", { $0.winrate }), ("profit_factor", { $0.profitFactor }), ("expectancy", { $0.expectancy }),
        ("holding_avg_s", { $0.holdingAverage }), ("market_change", { $0.marketChange }),
    ]
}
