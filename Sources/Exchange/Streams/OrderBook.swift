import Money

/// A book as we keep it: levels sorted by price, one for each price, none empty.
package struct OrderBook: Hashable, Sendable {
    /// Worst first, so that what changes most lies at the end.
    private var bidLevels: [BookLevel] = []
    private var askLevels: [BookLevel] = []
    /// Levels on each side at most; the worst are dropped beyond.
    package let depth: Int

    package init(depth: Int) { self.depth = max(depth, 1) }

    /// Highest first.
    package var bids: some RandomAccessCollection<BookLevel> { bidLevels.reversed() }
    /// Lowest first.
    package var asks: some RandomAccessCollection<BookLevel> { askLevels.reversed() }
    package var bestBid: BookLevel? { bidLevels.last }
    package var bestAsk: BookLevel? { askLevels.last }
    package var levelCount: Int { bidLevels.count + askLevels.count }

    /// Whether somebody bids as much as another asks, which no venue's book does.
    package var isCrossed: Bool {
        guard let bid = bestBid, let ask = bestAsk else { return false }
        return bid.price >= ask.price
    }

    /// Replaces everything.
    package mutating func load(bids: [BookLevel], asks: [BookLevel]) {
        bidLevels = []
        askLevels = []
        apply(bids: bids, asks: asks)
    }

    /// Sets each level to its new quantity; one that is not positive removes it.
    package mutating func apply(bids: [BookLevel], asks: [BookLevel]) {
        for level in bids { Self.set(level, in: &bidLevels) { $0 < $1 } }
        for level in asks { Self.set(level, in: &askLevels) { $0 > $1 } }
        if bidLevels.count > depth { bidLevels.removeFirst(bidLevels.count - depth) }
        if askLevels.count > depth { askLevels.removeFirst(askLevels.count - depth) }
    }

    private static func set(_ level: BookLevel, in levels: inout [BookLevel], isWorse: (Price, Price) -> Bool) {
        var low = 0
        var high = levels.count
        while low < high {
            let middle = (low + high) / 2
            if isWorse(levels[middle].price, level.price) { low = middle + 1 } else { high = middle }
        }
        let isThere = low < levels.count && levels[low].price == level.price
        switch (isThere, level.quantity.isPositive) {
        case (true, true): levels[low] = level
        case (true, false): levels.remove(at: low)
        case (false, true): levels.insert(level, at: low)
        case (false, false): break
        }
    }
}
