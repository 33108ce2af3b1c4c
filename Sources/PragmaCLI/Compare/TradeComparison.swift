internal import Configuration
internal import Market

/// Two trade lists, field by field.
///
/// Trades are matched by pair, opening time and direction, so that one missing trade is one difference. Numbers must be the same
/// doubles, or no further apart than the tolerance. Times are compared as times, however they are spelled. A tag that is null is
/// the same as an empty one. A field that one list has in no trade at all is a note, not a difference, but for the core fields:
/// lists that do not share those cannot be called the same, and neither can two empty ones.
struct TradeComparison {
    /// One place where the lists differ.
    struct Difference: Equatable {
        /// The id of the trade, or its place in its list from 1.
        var trade: Int
        var pair: String
        var openDate: String
        /// The field's path, `orders[0].price`; `(trade)` where one list lacks the trade.
        var field: String
        /// The two values as text.
        var a: String
        var b: String
    }

    /// How many trades each list has.
    let counts: (a: Int, b: Int)
    /// How many values were compared.
    private(set) var compared = 0
    private(set) var differences: [Difference] = []
    /// What is worth knowing without being a difference.
    private(set) var notes: [String] = []

    private let tolerance: Double
    private var onlyInA: Set<String> = []
    private var onlyInB: Set<String> = []

    /// What makes a trade, each in its spellings. Opening times are always compared: trades are matched by them.
    private static let core = [
        ["open_rate"], ["close_rate"], ["amount"], ["close_date", "close_timestamp"], ["profit_abs"], ["profit_ratio"],
        ["exit_reason"],
    ]

    /// The core fields that only one list has, each with the name of that list, A or B.
    private(set) var coreMissing: [(field: String, onlyIn: String)] = []

    /// Whether there was nothing to compare.
    var isEmpty: Bool { counts.a == 0 && counts.b == 0 }

    /// Whether trades were compared, in all core fields that either list has, and nothing differs.
    var isSame: Bool { differences.isEmpty && coreMissing.isEmpty && !isEmpty }

    /// Compares `a` and `b`. `tolerance` is how far two numbers may be apart, absolutely or relative to the larger one; 0 asks for
    /// the same double.
    init(_ a: TradeList, _ b: TradeList, tolerance: Double = 0) {
        self.tolerance = tolerance
        counts = (a.trades.count, b.trades.count)
        let fields = (Self.fields(of: a), Self.fields(of: b))
        onlyInA = fields.0.subtracting(fields.1)
        onlyInB = fields.1.subtracting(fields.0)
        coreMissing = Self.coreMissing(fields.0, fields.1, counts: counts)
        let others = Dictionary(b.trades.map { ($0.key, $0) }) { first, _ in first }
        let known = Set(a.trades.map { $0.key })
        let isComplete = a.trades.count == b.trades.count && a.trades.allSatisfy { others[$0.key] != nil }
        if !isComplete, fields.0.contains("id"), fields.1.contains("id") {
            notes.append("ids are not compared: after a missing trade they all differ")
        }
        for trade in a.trades {
            guard let other = others[trade.key] else {
                add(trade, "(trade)", "present", "missing")
                continue
            }
            compare(trade, other, skipsIds: !isComplete)
        }
        for trade in b.trades where !known.contains(trade.key) { add(trade, "(trade)", "missing", "present") }
        if isComplete, a.trades.map({ $0.key }) != b.trades.map({ $0.key }) {
            notes.append("the trades stand in another order")
        }
        notes += Self.fieldNotes(onlyInA, "A", counts: counts) + Self.fieldNotes(onlyInB, "B", counts: counts)
    }

    // MARK: - Values

    private mutating func compare(_ a: TradeList.Trade, _ b: TradeList.Trade, skipsIds: Bool) {
        var left = a.fields
        var right = b.fields
        if skipsIds {
            left["id"] = nil
            right["id"] = nil
        }
        compare(left, right, of: a, path: "", pattern: "")
    }

    private mutating func compare(
        _ a: ConfigValue.Object, _ b: ConfigValue.Object, of trade: TradeList.Trade, path: String, pattern: String
    ) {
        for name in Set(a.keys).union(b.keys).sorted() {
            let inner = pattern.isEmpty ? name : pattern + "." + name
            let place = path.isEmpty ? name : path + "." + name
            guard !onlyInA.contains(inner), !onlyInB.contains(inner) else { continue }
            switch (a[name], b[name]) {
            case (let x?, let y?): compare(x, y, of: trade, path: place, pattern: inner)
            case (let x?, nil): add(trade, place, Self.text(x), "missing")
            case (nil, let y?): add(trade, place, "missing", Self.text(y))
            case (nil, nil): break
            }
        }
    }

    private mutating func compare(
        _ a: ConfigValue, _ b: ConfigValue, of trade: TradeList.Trade, path: String, pattern: String
    ) {
        switch (a.kind, b.kind) {
        case (.object(let x), .object(let y)): compare(x, y, of: trade, path: path, pattern: pattern)
        case (.array(let x), .array(let y)):
            guard x.count == y.count else { return add(trade, path, "\(x.count) entries", "\(y.count) entries") }
            for index in x.indices {
                compare(x[index], y[index], of: trade, path: "\(path)[\(index)]", pattern: pattern + "[]")
            }
        default:
            compared += 1
            if !isSame(a, b, field: pattern) { add(trade, path, Self.text(a), Self.text(b)) }
        }
    }

    private func isSame(_ a: ConfigValue, _ b: ConfigValue, field: String) -> Bool {
        switch (a.kind, b.kind) {
        case (.null, .null): true
        case (.boolean(let x), .boolean(let y)): x == y
        case (.number(let x), .number(let y)): isSame(x.value, y.value)
        case (.string(let x), .string(let y)): x == y || Self.isSameTime(x, y)
        case (.null, .string("")), (.string(""), .null): field.hasSuffix("tag")
        default: false
        }
    }

    private func isSame(_ a: Double, _ b: Double) -> Bool {
        if a == b || a.isNaN && b.isNaN { return true }
        return tolerance > 0 && (a - b).magnitude <= tolerance * max(1, a.magnitude, b.magnitude)
    }

    private static func isSameTime(_ a: String, _ b: String) -> Bool {
        guard let x = Timestamp(iso8601: a), let y = Timestamp(iso8601: b) else { return false }
        return x == y
    }

    private mutating func add(_ trade: TradeList.Trade, _ field: String, _ a: String, _ b: String) {
        differences.append(
            Difference(trade: trade.number, pair: trade.key.pair, openDate: trade.openDate, field: field, a: a, b: b))
    }

    private static func text(_ value: ConfigValue) -> String {
        let text = String(decoding: value.canonicalBytes, as: UTF8.self)
        return text.count > 60 ? text.prefix(57) + "..." : text
    }

    // MARK: - Fields

    /// All field paths that occur in a list, `orders[].price` for those of every order.
    private static func fields(of list: TradeList) -> Set<String> {
        var result: Set<String> = []
        func collect(_ value: ConfigValue, _ pattern: String) {
            switch value.kind {
            case .object(let members):
                for (name, member) in members {
                    let inner = pattern.isEmpty ? name : pattern + "." + name
                    result.insert(inner)
                    collect(member, inner)
                }
            case .array(let elements): for element in elements { collect(element, pattern + "[]") }
            default: break
            }
        }
        for trade in list.trades { collect(ConfigValue(.object(trade.fields)), "") }
        return result
    }

    private static func coreMissing(
        _ a: Set<String>, _ b: Set<String>, counts: (a: Int, b: Int)
    ) -> [(field: String, onlyIn: String)] {
        // An empty list lacks trades, not fields.
        guard counts.a > 0, counts.b > 0 else { return [] }
        return core.compactMap { names in
            guard a.intersection(b).isDisjoint(with: names) else { return nil }
            if let name = names.first(where: a.contains) { return (name, "A") }
            return names.first(where: b.contains).map { ($0, "B") }
        }
    }

    /// One line for the fields that only one list has; members of a field that is missing as a whole are not listed themselves.
    private static func fieldNotes(_ fields: Set<String>, _ name: String, counts: (a: Int, b: Int)) -> [String] {
        guard counts.a > 0, counts.b > 0 else { return [] }
        let outer = fields.filter { field in
            !fields.contains { $0 != field && (field.hasPrefix($0 + ".") || field.hasPrefix($0 + "[]")) }
        }
        return outer.isEmpty ? [] : ["only in \(name): " + outer.sorted().joined(separator: ", ")]
    }
}
