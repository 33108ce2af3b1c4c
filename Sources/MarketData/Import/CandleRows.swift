internal import Market

/// Candles that are read row by row from text, and what is known of how it was written.
struct CandleRows {
    /// The columns behind the time.
    static let names = ["open", "high", "low", "close", "volume"]

    private(set) var builder: CandleBuilder
    private(set) var clock = CandleClock()
    /// Whether an empty value is no number (mark prices have no volume) or an error.
    private let allowsEmpty: Bool
    private let limits: ImportLimits
    private let rounding: DecimalText.Rounding
    private var values: [Double] = [0, 0, 0, 0, 0]

    /// `expected` is a guess at the number of rows, bounded here.
    init(allowsEmpty: Bool, limits: ImportLimits, expected: Int, rounding: DecimalText.Rounding) {
        builder = CandleBuilder(capacity: min(max(expected, 0), 1 << 20))
        self.allowsEmpty = allowsEmpty
        self.limits = limits
        self.rounding = rounding
    }

    /// Adds a row: where its time and its five values stand. A nil field is 0 (a funding rate has but one value).
    mutating func append(_ bytes: [UInt8], time: Range<Int>, _ fields: [Range<Int>?]) throws(ImportFault) {
        guard builder.count < limits.rows else { throw .tooLarge("it has more than \(limits.rows) rows") }
        let milliseconds = try clock.milliseconds(bytes, time)
        for index in 0..<5 {
            values[index] =
                try fields[index].map { (range) throws(ImportFault) in
                    try value(bytes, range, Self.names[index])
                } ?? 0
        }
        builder.append(
            time: milliseconds, open: values[0], high: values[1], low: values[2], close: values[3], volume: values[4])
    }

    private func value(_ bytes: [UInt8], _ range: Range<Int>, _ name: String) throws(ImportFault) -> Double {
        if let number = DecimalText.double(bytes, range, rounding) { return number }
        let text = ImportText.shown(bytes[range])
        guard text.isEmpty || ["nan", "null", "none"].contains(text.lowercased()) else {
            throw .content("the \(name) '\(text)' is no number")
        }
        guard allowsEmpty else { throw .content("the \(name) is empty") }
        return .nan
    }
}

extension ImportFault {
    /// The same with the place where it was found.
    func at(_ place: String) -> ImportFault {
        ImportFault(kind: kind, problem: place + ": " + problem, remedy: remedy)
    }
}
