internal import Research

/// The leaderboard of a sweep.
enum LeaderboardTable {
    /// The table of a leaderboard.
    static func text(
        _ board: Leaderboard, stakeCurrency: String, describe: (UInt64) -> SweepDefinition.Combination
    ) -> String {
        text(rows: board.rows, describe: { SweepRowLabel(describe($0)) }, metric: board.metric, stakeCurrency: stakeCurrency)
    }

    /// A table of `rows`, which stand in their order already.
    ///
    /// - Parameters:
    ///   - describe: what the combination of a number is.
    ///   - metric: what it is ranked by; its column comes first of the figures.
    static func text(
        rows: [SweepRow], describe: (UInt64) -> SweepRowLabel, metric: SweepMetric, stakeCurrency: String
    ) -> String {
        let columns = figures(Currency(name: stakeCurrency)).filter { $0.metric != metric }
        let labels = rows.map { describe($0.index) }
        let showsPairs = Set(labels.map { $0.pairs }).count > 1 || labels.count == 1
        let showsRange = Set(labels.map { $0.timerange }).count > 1
        var head: [TextTable.Column] = [.right("#"), .left("strategy"), .left("parameters")]
        if showsPairs { head.append(.left("pairs")) }
        if showsRange { head.append(.left("timerange")) }
        let ranked = figures(Currency(name: stakeCurrency)).first { $0.metric == metric }
        head.append(.right(ranked?.title ?? metric.rawValue))
        var table = TextTable(head + columns.map { .right($0.title) })
        for (place, (row, label)) in zip(rows, labels).enumerated() {
            var cells = [String(place + 1), label.strategy, label.parameters]
            if showsPairs { cells.append(shortened(label.pairs)) }
            if showsRange { cells.append(label.timerange.isEmpty ? "all" : label.timerange) }
            if row.outcome == .completed {
                cells.append(ranked?.text(row) ?? Format.fixed(metric.value(of: row), 4))
                cells += columns.map { $0.text(row) }
            } else {
                cells.append(row.outcome == .noCandles ? "no candles" : "failed")
            }
            table.add(cells)
        }
        return table.text
    }

    private struct Figure {
        let title: String
        let metric: SweepMetric
        let text: (SweepRow) -> String
    }

    private static func figures(_ currency: Currency) -> [Figure] {
        func percent(_ ratio: Double) -> String { Format.fixed(ratio * 100, 2) }
        return [
            Figure(title: "profit %", metric: .profitTotal) { percent($0.profitTotal) },
            Figure(title: "profit \(currency.name)", metric: .profitTotalAbs) {
                Format.fixed($0.profitTotalAbs, currency.digits)
            },
            Figure(title: "trades", metric: .totalTrades) { String($0.totalTrades) },
            Figure(title: "win %", metric: .winrate) { percent($0.winrate) },
            Figure(title: "drawdown %", metric: .maxDrawdownAccount) { percent($0.maxDrawdownAccount) },
            Figure(title: "profit factor", metric: .profitFactor) { Format.fixed($0.profitFactor, 2) },
            Figure(title: "sharpe", metric: .sharpe) { Format.fixed($0.sharpe, 2) },
            Figure(title: "sortino", metric: .sortino) { Format.fixed($0.sortino, 2) },
            Figure(title: "calmar", metric: .calmar) { Format.fixed($0.calmar, 2) },
        ]
    }

    /// At most three pairs by name.
    private static func shortened(_ pairs: String) -> String {
        let names = pairs.split(separator: " ")
        return names.count <= 3 ? pairs : names.prefix(2).joined(separator: " ") + " and \(names.count - 2) more"
    }
}
