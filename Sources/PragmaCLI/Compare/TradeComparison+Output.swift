internal import Configuration

extension TradeComparison {
    /// How many differences people are shown.
    static let shownCount = 50

    /// The first differences as a table, the notes, and the sum.
    var text: String {
        var parts: [String] = []
        if !differences.isEmpty {
            var table = TextTable([
                .right("trade"), .left("pair"), .left("open date"), .left("field"), .left("A"), .left("B"),
            ])
            for difference in differences.prefix(Self.shownCount) {
                table.add([
                    String(difference.trade), difference.pair, difference.openDate, difference.field, difference.a, difference.b,
                ])
            }
            parts.append(table.text)
        }
        if differences.count > Self.shownCount { parts.append("and \(differences.count - Self.shownCount) more") }
        parts += notes.map { "note: " + $0 }
        for (field, list) in coreMissing {
            parts.append("not compared: only \(list) has \(field), and trades are not the same without it")
        }
        parts.append(
            "\(counts.a) and \(Format.count(counts.b, "trade")), \(Format.count(compared, "value")) compared: " + outcome)
        return parts.joined(separator: "\n")
    }

    private var outcome: String {
        if isEmpty { return "nothing was compared" }
        if isSame { return "the same" }
        if differences.isEmpty { return "the same where both have values, but not all that makes a trade was compared" }
        return Format.count(differences.count, "difference")
    }

    /// The comparison for programs, with all differences.
    var value: ConfigValue {
        let list = differences.map { difference in
            JSON.object([
                "trade": JSON.integer(difference.trade), "pair": JSON.text(difference.pair),
                "open_date": JSON.text(difference.openDate), "field": JSON.text(difference.field),
                "a": JSON.text(difference.a), "b": JSON.text(difference.b),
            ])
        }
        return JSON.object([
            "same": JSON.flag(isSame), "trades_a": JSON.integer(counts.a), "trades_b": JSON.integer(counts.b),
            "values_compared": JSON.integer(compared), "differences": JSON.list(list), "notes": JSON.list(notes),
            "not_compared": JSON.list(coreMissing.map(\.field)),
        ])
    }
}
