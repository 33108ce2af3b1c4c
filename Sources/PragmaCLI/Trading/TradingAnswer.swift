/// What `pragma positions`, `orders` and `trades` answer: dry-run and live apart, and the jobs that could not be read.
struct TradingAnswer<Row: Encodable>: Encodable {
    var dry_run: [Row]
    var live: [Row]
    var problems: [JobProblem]

    init(_ rows: ByKind<[Row]>, problems: [JobProblem]) {
        dry_run = rows.dryRun
        live = rows.live
        self.problems = problems
    }
}

/// Two sections under headings of their own.
enum TradingSections {
    /// `text` gives the section of one kind; nil: there is nothing.
    static func text(_ text: (TradingJob.Kind) -> String?) -> String {
        TradingJob.Kind.allCases.map { "\($0.rawValue)\n\n\(text($0) ?? "none")" }.joined(separator: "\n\n")
    }
}

/// A fee total with documented keys; the amount is exact.
struct FeeJSON: Encodable, Equatable {
    var asset: String
    var amount: String
}
