/// The best rows of a sweep so far. However rows arrive, and however boards are merged, the same rows give the same board.
package struct Leaderboard: Hashable, Sendable {
    /// What is ranked by.
    package let metric: SweepMetric
    /// How many rows are kept, at least 1.
    package let capacity: Int
    /// The best rows, the best first.
    package private(set) var rows: [SweepRow] = []

    /// An empty board. Traps for a capacity below 1.
    package init(metric: SweepMetric, capacity: Int) {
        precondition(capacity >= 1, "a leaderboard without rows")
        self.metric = metric
        self.capacity = capacity
    }

    /// Adds a row. The row of a combination that is on the board already is left out.
    package mutating func insert(_ row: SweepRow) {
        if rows.count == capacity, let last = rows.last, !metric.precedes(row, last) { return }
        let place = position(of: row)
        if place < rows.count, rows[place].index == row.index { return }
        rows.insert(row, at: place)
        if rows.count > capacity { rows.removeLast() }
    }

    /// Adds every row of `rows`.
    package mutating func insert(contentsOf rows: some Sequence<SweepRow>) {
        for row in rows { insert(row) }
    }

    /// Adds the rows of another board. Traps where it is ranked by another figure.
    package mutating func merge(_ other: Leaderboard) {
        precondition(metric == other.metric, "boards of different figures")
        insert(contentsOf: other.rows)
    }

    /// The first place whose row does not stand before `row`.
    private func position(of row: SweepRow) -> Int {
        var lower = 0
        var upper = rows.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if metric.precedes(rows[middle], row) { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }
}
