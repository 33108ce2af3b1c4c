internal import Configuration

/// A backtest's report in the tables that freqtrade users know.
struct BacktestSummary {
    let report: ReportReader
    let statistics: ReportReader
    let currency: Currency
    private let breakdowns: [Breakdown]

    /// - Parameter breakdowns: the periods whose tables are shown.
    init(_ report: ConfigValue, breakdowns: [Breakdown] = []) {
        self.breakdowns = breakdowns
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
            section("Mixed tag stats", linesTable("mix_tag_stats", "Enter tag / exit reason", "Trades")),
        ]
        for unit in breakdowns { parts.append(section("\(unit.rawValue) breakdown", periodTable(unit))) }
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
            let label = line["key"].value?.array.map(Self.label) ?? line["key"].text
            table.add([
                label.isEmpty ? "OTHER" : label, line["trades"].count, line["profit_mean"].percentNumber,
                line["profit_total_abs"].fixed(currency.digits), line["profit_total"].percentNumber,
                line["duration_avg_minutes"].duration, line["wins"].count, line["draws"].count, line["losses"].count,
                line["winrate"].number.map { Format.fixed($0 * 100, 1) } ?? "-",
            ])
        }
        return table.text
    }

    /// An entry tag and an exit reason.
    private static func label(_ tags: [ConfigValue]) -> String {
        tags.map { tag in tag.string.flatMap { $0.isEmpty ? nil : $0 } ?? "OTHER" }.joined(separator: " / ")
    }

    private func periodTable(_ unit: Breakdown) -> String {
        var table = TextTable([
            .left(unit.title), .right("Trades"), .right("Tot Profit \(currency.name)"), .right("Profit Factor"),
            .right("Win"), .right("Draw"), .right("Loss"), .right("Win%"),
        ])
        for line in statistics["periodic_breakdown", unit.rawValue].lines {
            let share = (line["wins"].number ?? 0) / max(line["trades"].number ?? 0, 1)
            table.add([
                line["date"].text, line["trades"].count, line["profit_abs"].fixed(currency.digits),
                line["profit_factor"].fixed(2), line["wins"].count, line["draws"].count, line["losses"].count,
                line["trades"].number.map { $0 > 0 ? Format.fixed(share * 100, 1) : "0" } ?? "-",
            ])
        }
        return table.text
    }

    private var metricsTable: String {
        var table = TextTable([.left("Metric"), .left("Value")])
        for group in [runMetrics, balanceMetrics, pairMetrics, dayMetrics, drawdownMetrics, walletMetrics] {
            if group.isEmpty { continue }
            for (name, value) in group { table.add([name, value]) }
        }
        return table.text
    }
}
