import Market

/// The tables of result lines, each sorted by total profit, with a line for all trades at the end.
struct ResultTables {
    let trades: [ClosedTrade]
    let frame: StatisticsFrame

    init(_ trades: [ClosedTrade], frame: StatisticsFrame) {
        self.trades = trades
        self.frame = frame
    }

    func line(_ key: [String], _ trades: [ClosedTrade]) -> ResultLine {
        ResultLine(key: key, group: TradeGroup(trades, frame: frame))
    }

    /// A line for each pair, also for those without trades.
    func perPair(_ pairs: [Pair]) -> [ResultLine] {
        let groups = Dictionary(grouping: trades, by: \.pair)
        return sorted(pairs.map { line([$0.description], groups[$0] ?? []) }) + [line(["TOTAL"], trades)]
    }

    /// Pairs with trades that only the end of the data closed.
    func leftOpen(_ pairs: [Pair]) -> [ResultLine] {
        let open = trades.filter { $0.exitReason == ExitKind.forceExit.rawValue }
        let groups = Dictionary(grouping: open, by: \.pair)
        let lines = pairs.compactMap { pair in groups[pair].map { line([pair.description], $0) } }
        return sorted(lines) + [line(["TOTAL"], open)]
    }

    /// A line for each key that occurs; lines of equal profit in the order of their keys.
    func grouped(by key: (ClosedTrade) -> [String]) -> [ResultLine] {
        guard !trades.isEmpty else { return [line(["TOTAL"], [])] }
        let groups = Dictionary(grouping: trades, by: key)
        let keys = groups.keys.sorted {
            $0.lexicographicallyPrecedes($1) { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
        }
        return sorted(keys.map { line($0, groups[$0] ?? []) }) + [line(["TOTAL"], trades)]
    }

    /// By profit, highest first; equal ones keep their order.
    private func sorted(_ lines: [ResultLine]) -> [ResultLine] {
        lines.enumerated().sorted { ($1.element.profitTotalAbs, $0.offset) < ($0.element.profitTotalAbs, $1.offset) }
            .map(\.element)
    }
}
