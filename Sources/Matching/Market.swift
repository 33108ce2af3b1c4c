/// Books, stops and market data of one instrument.
struct Market: Sendable {
    let rules: InstrumentRules
    var bids = PriceLevels(lowestIsBest: false)
    var asks = PriceLevels(lowestIsBest: true)
    /// Stops that wait for the last price to rise to their trigger price.
    var rising = PriceLevels(lowestIsBest: true)
    /// Stops that wait for it to fall.
    var falling = PriceLevels(lowestIsBest: false)
    var lastTrade: Trade?
    /// Lowest and highest price of the trades since stops were last looked at.
    var tradedLow = Int64.max
    var tradedHigh = Int64.min
    var trades: Ring<Trade>
    var changes = ChangeLog()

    init(rules: InstrumentRules, tradeHistory: Int) {
        self.rules = rules
        trades = Ring(limit: tradeHistory)
    }

    /// Whether a stop waits for a rise: to sell above or to buy below takes profit, the other way round stops a loss.
    static func waitsForRise(_ kind: OrderKind, _ side: Side) -> Bool { (side == .buy) != kind.isTakeProfit }
}

/// Which levels changed since they were last asked for.
struct ChangeLog: Sendable {
    private var bids = Prices()
    private var asks = Prices()
    private(set) var version: Int64 = 0
    private var drained: Int64 = 0

    mutating func note(_ side: Side, _ price: Int64) {
        version += 1
        if side == .buy { bids.note(price) } else { asks.note(price) }
    }

    /// The changed prices, each once and best first, and the versions they belong to; forgets them.
    mutating func drain() -> (first: Int64, last: Int64, bids: [Int64], asks: [Int64]) {
        let result = (first: drained + 1, last: version, bids: Array(bids.drain().reversed()), asks: asks.drain())
        drained = version
        return result
    }

    /// A set of prices that is cheap to add to, because most changes are at a few prices.
    private struct Prices: Sendable {
        private static let recentCount = 256

        /// Prices, some of them more than once.
        private var all: [Int64] = []
        /// Of those added, the last one of each remainder; 0 is no price.
        private var recent = Array(repeating: Int64(0), count: recentCount)
        private var compactAt = 4096

        mutating func note(_ price: Int64) {
            let place = Int(truncatingIfNeeded: price) & (Self.recentCount - 1)
            guard recent[place] != price else { return }
            recent[place] = price
            all.append(price)
            if all.count > compactAt { compact() }
        }

        /// All prices, lowest first.
        mutating func drain() -> [Int64] {
            compact()
            defer {
                all.removeAll(keepingCapacity: true)
                for place in recent.indices { recent[place] = 0 }
                compactAt = 4096
            }
            return all
        }

        /// Each price once: what is kept is bounded by the number of prices, however long nobody asks.
        private mutating func compact() {
            var result: [Int64] = []
            for price in all.sorted() where price != result.last { result.append(price) }
            all = result
            compactAt = max(4096, 2 * all.count)
        }
    }
}
