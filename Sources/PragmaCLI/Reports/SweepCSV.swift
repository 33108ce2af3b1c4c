internal import Research

/// The rows of a sweep as CSV (RFC 4180 with line feeds): a header, then one line per row.
///
/// Numbers are the shortest text that reads back to the same double; a figure that is no number is an empty cell.
enum SweepCSV {
    /// The names of the columns. New ones go to the end.
    static let columns =
        ["index", "outcome", "strategy", "parameters", "pairs", "timerange"] + SweepFigures.counts.map { $0.name }
        + SweepFigures.numbers.map { $0.name }

    /// The first line, with its line feed.
    static var header: String { line(columns) }

    /// The line of one row, with its line feed. The figures of a row that did not complete are empty.
    static func line(_ row: SweepRow, _ label: SweepRowLabel) -> String {
        var cells = [
            String(row.index), row.outcome.label, label.strategy, label.parameters, label.pairs, label.timerange,
        ]
        let isCompleted = row.outcome == .completed
        cells += SweepFigures.counts.map { isCompleted ? String($0.value(row)) : "" }
        cells += SweepFigures.numbers.map { isCompleted ? number($0.value(row)) : "" }
        return line(cells)
    }

    /// Header and all rows.
    static func text(_ rows: some Sequence<SweepRow>, describe: (UInt64) -> SweepDefinition.Combination) -> String {
        rows.reduce(into: header) { $0 += line($1, SweepRowLabel(describe($1.index))) }
    }

    private static func line(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") + "\n" }

    /// A cell in quotes where it has a comma, a quote, a line break, or a blank at either end.
    static func quoted(_ cell: String) -> String {
        let isSpecial = cell.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        guard isSpecial || cell.hasPrefix(" ") || cell.hasSuffix(" ") else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }

    private static func number(_ value: Double) -> String { value.isNaN ? "" : "\(value)" }
}
