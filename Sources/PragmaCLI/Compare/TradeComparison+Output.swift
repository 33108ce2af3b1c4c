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
        parts.append(
            "\(counts.a) and \(Format.count(counts.b, "trade")), \(Format.count(compared, "value")) compared: "
                + (isSame ? "the same" : Format.count(differences.count, "difference")))
        return parts.joined(separator: "\n")
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
        ])
    }
}
