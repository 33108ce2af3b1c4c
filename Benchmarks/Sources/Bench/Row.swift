import Foundation

/// One line of the result.
struct Row: Encodable {
    /// What is measured.
    var what: String
    /// Whose figure it is; nil: ours.
    var peer: String?
    /// What was reached; nil: the benchmark failed, `note` says why.
    var value: Double?
    var unit = ""
    /// What the machine allowed a C program in the same run.
    var limit: Double?
    /// Ours to the limit; in the row of a peer ours to the peer's.
    var ratio: Double? {
        guard let value else { return nil }
        return peer == nil ? limit.map { value / $0 } : ours.map { $0 / value }
    }
    /// In the row of a peer: what we reached in this run.
    private var ours: Double?
    var target = ""
    /// Nil: there is no target.
    var met: Bool?
    /// More about it, such as processor time.
    var note = ""
    private var decimals = 0

    init(_ what: String, _ value: Double, _ unit: String, decimals: Int = 0) {
        self.what = what
        self.value = value
        self.unit = unit
        self.decimals = decimals
    }

    init(_ what: String, failure: String) {
        self.what = what
        met = false
        note = failure
    }

    /// The row of a peer, with as many decimals as ours.
    init(peer line: Peers.Line, ours row: Row?) {
        what = line.what
        peer = line.peer
        value = line.value
        unit = line.unit
        note = line.note
        ours = row?.value
        decimals = row?.decimals ?? 0
    }

    /// The row of a peer that is measured in this process.
    init(_ what: String, peer: String, _ value: Double, beside row: Row) {
        self.init(what, value, row.unit, decimals: row.decimals)
        self.peer = peer
        ours = row.value
    }

    static let titles = ["what", "value", "C", "ratio", "target", "met", "note"]

    var cells: [String] {
        [
            title, text(value, " " + unit) ?? "failed", text(limit, "") ?? "-", ratio.map(Text.ratio) ?? "-",
            target.isEmpty ? "-" : target, met.map { $0 ? "yes" : "NO" } ?? "-", note,
        ]
    }

    /// A peer's row says after its name what is measured, as far as our rows of one benchmark differ in it.
    private var title: String {
        guard let peer else { return what }
        return "  \(peer): \(what.components(separatedBy: ", ").last ?? what)"
    }

    private func text(_ value: Double?, _ unit: String) -> String? {
        value.map { (decimals == 0 ? Text.whole($0) : Text.decimals($0, decimals)) + unit }
    }

    private enum CodingKeys: CodingKey { case what, peer, value, unit, limit, ratio, target, met, note }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(what, forKey: .what)
        try container.encode(peer, forKey: .peer)
        try container.encode(value, forKey: .value)
        try container.encode(unit, forKey: .unit)
        try container.encode(limit, forKey: .limit)
        try container.encode(ratio, forKey: .ratio)
        try container.encode(target, forKey: .target)
        try container.encode(met, forKey: .met)
        try container.encode(note, forKey: .note)
    }
}

/// Prints rows as they come, for people or as JSON lines.
final class Table {
    private let isJSON: Bool
    private(set) var hasFailed = false
    private static let widths = [57, 20, 12, 6, 26, 4, 0]

    init(isJSON: Bool) { self.isJSON = isJSON }

    func begin() {
        if isJSON { return }
        Swift.print("load when started: \(Machine.load)")
        line(Row.titles)
    }

    func print(_ row: Row) {
        if row.value == nil { hasFailed = true }
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
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        var digits = Array(String(Int(value.rounded())))
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: position)
            position -= 3
        }
        return String(digits)
    }

    /// `0.0034`, `0.32`, `5.7`, `774`
    static func ratio(_ value: Double) -> String {
        value >= 100 ? whole(value) : decimals(value, value >= 10 ? 1 : value >= 0.01 ? 2 : 4)
    }

    static func decimals(_ value: Double, _ count: Int) -> String { String(format: "%.\(count)f", value) }
}

extension [Double] {
    /// The value below which this part of all values lies; NaN where there are none.
    func quantile(_ part: Double) -> Double {
        isEmpty ? .nan : sorted()[Swift.min(count - 1, Int(Double(count) * part))]
    }
    var median: Double { quantile(0.5) }
}
