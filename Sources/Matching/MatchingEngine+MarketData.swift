// What everybody may see of an instrument. An instrument that does not exist has empty books and no trades.

extension MatchingEngine {
    package var instrumentCount: Int { markets.count }

    package func rules(_ instrument: InstrumentID) -> InstrumentRules? { index(instrument).map { markets[$0].rules } }

    package func bestBid(_ instrument: InstrumentID) -> DepthLevel? { index(instrument).flatMap { markets[$0].bids.best?.depth } }

    package func bestAsk(_ instrument: InstrumentID) -> DepthLevel? { index(instrument).flatMap { markets[$0].asks.best?.depth } }

    package func lastTrade(_ instrument: InstrumentID) -> Trade? { index(instrument).flatMap { markets[$0].lastTrade } }

    /// The trades that are kept of an instrument, oldest first.
    package func recentTrades(_ instrument: InstrumentID) -> [Trade] {
        index(instrument).map { markets[$0].trades.elements } ?? []
    }

    /// At most so many levels of each side, best first.
    package func depth(_ instrument: InstrumentID, levels: Int) -> Depth {
        guard let index = index(instrument) else { return Depth(version: 0, bids: [], asks: []) }
        func top(_ side: PriceLevels) -> [DepthLevel] {
            (0..<min(max(0, levels), side.count)).map { side[fromBest: $0].depth }
        }
        return Depth(version: markets[index].changes.version, bids: top(markets[index].bids), asks: top(markets[index].asks))
    }

    /// Grows by one with each change of a level.
    package func bookVersion(_ instrument: InstrumentID) -> Int64 { index(instrument).map { markets[$0].changes.version } ?? 0 }

    /// The levels that changed since the last call, with their totals now.
    package mutating func drainDepthChanges(_ instrument: InstrumentID) -> DepthChanges {
        guard let index = index(instrument) else { return DepthChanges(first: 1, last: 0, bids: [], asks: []) }
        let changes = markets[index].changes.drain()
        func now(_ prices: [Int64], _ side: PriceLevels) -> [DepthLevel] {
            prices.map { DepthLevel(price: $0, quantity: Int64(clamping: side.total(at: $0))) }
        }
        return DepthChanges(
            first: changes.first, last: changes.last, bids: now(changes.bids, markets[index].bids),
            asks: now(changes.asks, markets[index].asks))
    }

    private func index(_ instrument: InstrumentID) -> Int? {
        markets.indices ~= Int(instrument.rawValue) ? Int(instrument.rawValue) : nil
    }
}

extension PriceLevels.Level {
    var depth: DepthLevel { DepthLevel(price: price, quantity: Int64(clamping: total)) }
}
