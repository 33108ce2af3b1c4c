internal import Fleet
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

    private static func line(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") + "\n" }

    /// A cell in quotes where it has a comma, a quote, a line break, or a blank at either end.
    static func quoted(_ cell: String) -> String {
        let isSpecial = cell.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        guard isSpecial || cell.hasPrefix(" ") || cell.hasSuffix(" ") else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }

    private static func number(_ value: Double) -> String { value.isNaN ? "" : "\(value)" }
}

/// The CSV file of a sweep, written as its rows come. An error ends the writing and is told by `finish`: the leaderboard is worth
/// more than the file.
struct SweepCSVFile {
    private let describe: (UInt64) -> SweepDefinition.Combination
    private var file: StreamedFile?
    private var error: FleetError?

    init(path: String, describe: @escaping (UInt64) -> SweepDefinition.Combination) {
        self.describe = describe
        do throws(FleetError) {
            let file = try StreamedFile(path, mode: 0o644)
            try file.append(Array(SweepCSV.header.utf8))
            self.file = file
        } catch { self.error = error }
    }

    /// Adds the lines of some rows.
    mutating func append(_ rows: [SweepRow]) {
        guard let file else { return }
        let text = rows.reduce(into: "") { $0 += SweepCSV.line($1, SweepRowLabel(describe($1.index))) }
        attempt { () throws(FleetError) in try file.append(Array(text.utf8)) }
    }

    /// Puts the file to its place; the error where that, or something before, failed.
    mutating func finish() -> FleetError? {
        if let file { attempt { () throws(FleetError) in try file.finish() } }
        file = nil
        return error
    }

    private mutating func attempt(_ body: () throws(FleetError) -> Void) {
        do throws(FleetError) { try body() } catch {
            self.error = error
            file = nil
        }
    }
}
