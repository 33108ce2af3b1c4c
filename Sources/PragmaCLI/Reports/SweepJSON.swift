internal import Configuration
internal import FleetProtocol
internal import Market
internal import Research
internal import Strategies

/// A sweep's leaderboard with documented keys.
struct SweepJSON: Encodable {
    struct Row: Encodable {
        var rank: Int
        var combination: UInt64
        var strategy: String
        var parameters: [String: String]
        var pairs: [String]
        var timerange: String
        var total_trades: UInt32
        var profit_total: JSONNumber
        var profit_total_abs: JSONNumber
        var final_balance: JSONNumber
        var sharpe: JSONNumber
        var sortino: JSONNumber
        var calmar: JSONNumber
        var max_drawdown_account: JSONNumber
        var winrate: JSONNumber
        var profit_factor: JSONNumber
    }
    var job: JobLineJSON
    var rank_by: String
    var seconds: JSONNumber
    var rows: [Row]

    init(job: JobLine, metric: String, seconds: Double, rows: [SweepRow], describe: (UInt64) -> SweepDefinition.Combination) {
        self.job = JobLineJSON(job)
        rank_by = metric
        self.seconds = JSONNumber(seconds)
        self.rows = rows.enumerated().map { rank, row in
            let combination = describe(row.index)
            return Row(
                rank: rank + 1, combination: row.index, strategy: combination.strategy,
                parameters: Dictionary(
                    uniqueKeysWithValues: zip(combination.values.names, combination.values.values.map { "\($0)" })),
                pairs: combination.pairs.map(\.description), timerange: combination.timerange.text, total_trades: row.totalTrades,
                profit_total: JSONNumber(row.profitTotal), profit_total_abs: JSONNumber(row.profitTotalAbs),
                final_balance: JSONNumber(row.finalBalance),
                sharpe: JSONNumber(row.sharpe), sortino: JSONNumber(row.sortino), calmar: JSONNumber(row.calmar),
                max_drawdown_account: JSONNumber(row.maxDrawdownAccount),
                winrate: JSONNumber(row.winrate), profit_factor: JSONNumber(row.profitFactor))
        }
    }
}
