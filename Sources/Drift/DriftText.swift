import Market

/// Values in a report.
enum DriftText {
    /// The shortest text of a double that reads back to it, after rounding away what is beyond twelve digits.
    static func number(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "-" }
        var unit = 1.0
        while value.magnitude * unit < 1e11, unit < 1e22 { unit *= 10 }
        let text = ((value * unit).rounded() / unit).description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// How much higher the job's price was.
    static func slippage(_ ours: Double, _ theirs: Double) -> String {
        guard theirs > 0 else { return "" }
        let ratio = (ours / theirs - 1) * 10_000
        return "\(ratio >= 0 ? "+" : "")\(number((ratio * 100).rounded() / 100)) basis points against the backtest's price"
    }

    static func time(_ time: Timestamp?) -> String { time.map { "\($0)" } ?? "open" }
    static func exit(_ trade: DriftTrade) -> String { trade.isOpen ? "open" : trade.exitReason }

    static func fees(_ terms: DriftTerms) -> String { "\(ratio(terms.entryFee)) and \(ratio(terms.exitFee))" }

    private static func ratio(_ value: Double) -> String { number((value * 1e7).rounded() / 1e7) }
}
