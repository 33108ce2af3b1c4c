import Foundation

/// One line of the result.
struct Row: Encodable {
    /// What is measured.
    var what: String
    /// What this program reached, with its unit.
    var ours: String
    /// What the machine allows, measured in the same run.
    var limit = "-"
    /// Ours to the limit.
    var ratio = "-"
    var target = "-"
    /// Nil: there is no target.
    var met: Bool?
    /// More about it, such as processor time.
    var note = ""

    init(_ what: String, ours: String) {
        self.what = what
        self.ours = ours
    }

    init(_ what: String, failure: String) {
        self.what = what
        ours = "failed"
        met = false
        note = failure
    }

    var cells: [String] { [what, ours, limit, ratio, target, met.map { $0 ? "yes" : "NO" } ?? "-", note] }
    static let titles = ["what", "ours", "raw limit", "ratio", "target", "met", "note"]
}

/// Prints rows as they come, for people or as JSON lines.
final class Table {
    private let isJSON: Bool
    private(set) var hasFailed = false
    private static let widths = [44, 16, 16, 8, 26, 4, 0]

    init(isJSON: Bool) { self.isJSON = isJSON }

    func begin() {
        if isJSON { return }
        Swift.print("load when started: \(Machine.load)")
        line(Row.titles)
    }

    func print(_ row: Row) {
        if row.ours == "failed" { hasFailed = true }
        guard isJSON else { return line(row.cells) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if let data = try? encoder.encode(row) { Swift.print(String(decoding: data, as: UTF8.self)) }
        fflush(nil)
    }

    func end() {
        if !isJSON { Swift.print("load at the end: \(Machine.load)") }
    }

    private func line(_ cells: [String]) {
        let padded = zip(cells, Self.widths).map { $0.padding(toLength: max($0.count, $1), withPad: " ", startingAt: 0) }
        Swift.print(padded.joined(separator: "  "))
        fflush(nil)
    }
}

/// Numbers for people.
enum Text {
    /// `20,431`
    static func whole(_ value: Double) -> String {
        var digits = Array(String(Int(value.rounded())))
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: position)
            position -= 3
        }
        return String(digits)
    }

    static func decimals(_ value: Double, _ count: Int) -> String { String(format: "%.\(count)f", value) }
    static func percent(_ part: Double) -> String { decimals(part * 100, 0) + " %" }
}

extension [Double] {
    /// The value below which this part of all values lies; NaN where there are none.
    func quantile(_ part: Double) -> Double {
        isEmpty ? .nan : sorted()[Swift.min(count - 1, Int(Double(count) * part))]
    }
    var median: Double { quantile(0.5) }
}
