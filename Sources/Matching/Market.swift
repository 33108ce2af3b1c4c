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
    /// Prices, possibly more than once.
    private var bids: [Int64] = []
    private var asks: [Int64] = []
    private var compactAt = 4096
    private(set) var version: Int64 = 0
    private var drained: Int64 = 0

    mutating func note(_ side: Side, _ price: Int64) {
        version += 1
        if side == .buy {
            if bids.last != price { bids.append(price) }
        } else {
            if asks.last != price { asks.append(price) }
        }
        if bids.count + asks.count > compactAt { compact() }
    }

    /// The changed prices, each once and best first, and the versions they belong to; forgets them.
    mutating func drain() -> (first: Int64, last: Int64, bids: [Int64], asks: [Int64]) {
        compact()
        let result = (first: drained + 1, last: version, bids: Array(bids.reversed()), asks: asks)
        drained = version
        bids.removeAll(keepingCapacity: true)
        asks.removeAll(keepingCapacity: true)
        compactAt = 4096
        return result
    }

    /// Each price once: what is kept is bounded by the number of prices, however long nobody asks.
    private mutating func compact() {
        bids = Self.unique(bids)
        asks = Self.unique(asks)
        compactAt = max(4096, 2 * (bids.count + asks.count))
    }

    private static func unique(_ prices: [Int64]) -> [Int64] {
        var result: [Int64] = []
        for price in prices.sorted() where price != result.last { result.append(price) }
        return result
    }
}
