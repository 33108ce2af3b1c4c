internal import Configuration

/// A backtest's report in the tables that freqtrade users know.
struct BacktestSummary {
    let report: ReportReader
    let statistics: ReportReader
    let currency: Currency

    init(_ report: ConfigValue) {
        self.report = ReportReader(report)
        statistics = self.report["statistics"]
        currency = Currency(name: self.report["stake_currency"].text)
    }

    /// All tables.
    var text: String {
        var parts = [
            section("Backtesting report", linesTable("results_per_pair", "Pair", "Trades")),
            section("Left open trades report", linesTable("left_open_trades", "Pair", "Trades")),
            section("Enter tag stats", linesTable("results_per_enter_tag", "Enter tag", "Entries")),
            section("Exit reason stats", linesTable("exit_reason_summary", "Exit reason", "Exits")),
        ]
        parts.append(section("Summary metrics", metricsTable))
        return parts.joined(separator: "\n\n")
    }

    private func section(_ title: String, _ table: String) -> String { title.uppercased() + "\n" + table }

    private func linesTable(_ name: String, _ first: String, _ count: String) -> String {
        var table = TextTable([
            .left(first), .right(count), .right("Avg Profit %"), .right("Tot Profit \(currency.name)"), .right("Tot Profit %"),
            .right("Avg Duration"), .right("Win"), .right("Draw"), .right("Loss"), .right("Win%"),
        ])
        for line in statistics[name].lines {
            let label = line["key"].text
            table.add([
                label.isEmpty ? "OTHER" : label, line["trades"].count, line["profit_mean"].percentNumber,
                line["profit_total_abs"].fixed(currency.digits), line["profit_total"].percentNumber,
                line["duration_avg_minutes"].duration, line["wins"].count, line["draws"].count, line["losses"].count,
                line["winrate"].number.map { Format.fixed($0 * 100, 1) } ?? "-",
            ])
        }
        return table.text
    }

    private var metricsTable: String {
        var table = TextTable([.left("Metric"), .left("Value")])
        for group in [runMetrics, balanceMetrics, pairMetrics, dayMetrics, drawdownMetrics] {
            if group.isEmpty { continue }
            for (name, value) in group { table.add([name, value]) }
        }
        return table.text
    }
}
