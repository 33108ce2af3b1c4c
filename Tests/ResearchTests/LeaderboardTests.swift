import Testing

@testable import Research

@Suite struct LeaderboardTests {
    @Test(arguments: SweepMetric.allCases)
    func `the order of rows is total`(metric: SweepMetric) {
        let seed: UInt64 = 5
        var generator = SeededGenerator(seed: seed)
        let rows = (0..<60).map { randomRow($0, &generator) }
        for a in rows {
            for b in rows {
                #expect(metric.precedes(a, b) != metric.precedes(b, a) || a.index == b.index, "seed \(seed)")
                for c in rows where metric.precedes(a, b) && metric.precedes(b, c) {
                    #expect(metric.precedes(a, c), "seed \(seed): \(a.index) \(b.index) \(c.index)")
                }
            }
        }
    }

    /// The oracle sorts everything and takes the first.
    @Test(arguments: SweepMetric.allCases)
    func `rows in any order and any grouping give the same board`(metric: SweepMetric) {
        let seed: UInt64 = 11
        var generator = SeededGenerator(seed: seed)
        let rows = (0..<400).map { randomRow($0, &generator) }
        let expected = Array(rows.sorted(by: metric.precedes).prefix(25))
        for parts in [1, 2, 3, 8] {
            var boards = Array(repeating: Leaderboard(metric: metric, capacity: 25), count: parts)
            for row in rows.shuffled(using: &generator) {
                boards[Int.random(in: 0..<parts, using: &generator)].insert(row)
                if Int.random(in: 0..<4, using: &generator) == 0 {
                    boards[Int.random(in: 0..<parts, using: &generator)].insert(row)
                }
            }
            var merged = Leaderboard(metric: metric, capacity: 25)
            for board in boards.shuffled(using: &generator) { merged.merge(board) }
            #expect(merged.rows == expected, "seed \(seed), \(parts) parts")
        }
    }

    @Test func `drawdown is best where it is small, everything else where it is large`() {
        var low = SweepRow(index: 0)
        var high = SweepRow(index: 1)
        for figure in SweepRow.figures {
            low[keyPath: figure] = 0.1
            high[keyPath: figure] = 0.2
        }
        low.totalTrades = 1
        high.totalTrades = 2
        for metric in SweepMetric.allCases {
            let smaller = metric == .maxDrawdownAccount || metric == .maxDrawdownAbs
            #expect(metric.precedes(low, high) == smaller, "\(metric)")
        }
    }

    @Test(arguments: SweepMetric.allCases)
    func `a run without trades never stands before one that traded`(metric: SweepMetric) {
        let idle = SweepRow(index: 0)
        var losing = SweepRow(index: 1)
        losing.totalTrades = 3
        losing.losses = 3
        losing.maxDrawdownAccount = 0.4
        losing.profitTotal = -0.4
        #expect(metric.precedes(losing, idle) && !metric.precedes(idle, losing))
    }

    @Test func `winning every trade is the best profit factor`() {
        var perfect = SweepRow(index: 1)
        perfect.totalTrades = 4
        perfect.wins = 4
        var good = SweepRow(index: 0)
        good.totalTrades = 4
        good.wins = 3
        good.losses = 1
        good.profitFactor = 9
        #expect(SweepMetric.profitFactor.precedes(perfect, good))
    }
}
