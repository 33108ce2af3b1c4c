import Connectors
import Exchange
import Market
import Money

/// What every connector must do, call by call and fault by fault. Each case is one test; `run` throws what is wrong.
package enum ConformanceCase: String, CaseIterable, Sendable {
    case time, instruments, candles, trades, book, budgets, refusals
    case streamTrades, streamGap, streamLoss, streamDoubles, streamDamage, streamCandles, streamBook
    case rights, restingOrder, marketOrder, orderErrors, validation, cancelAll, timer, damagedAnswer
    case lostAnswer, cutRequest, accountStream, accountReconnect, identity

    /// False where the venue has no way to make this happen; nothing was tested then.
    package func run(on venue: VenueUnderTest) async throws -> Bool {
        let market = venue.market()
        _ = try await market.synchronizeClock(rounds: 2)
        switch self {
        case .time, .instruments, .candles, .trades, .book, .budgets, .refusals: return try await runMarket(venue, market)
        case .streamTrades, .streamGap, .streamLoss, .streamDoubles, .streamDamage, .streamCandles, .streamBook:
            return try await runStream(venue, market)
        default:
            guard let make = venue.trading else { return false }
            return try await runTrading(venue, market, try await make(market))
        }
    }
}

extension ConformanceCase {
    private func runMarket(_ venue: VenueUnderTest, _ market: MarketDataClient) async throws -> Bool {
        let instrument = try await market.instrument(venue.pair)
        for _ in 0..<8 { await venue.faults.move() }
        switch self {
        case .time:
            let first = try await market.serverTime()
            let second = try await market.serverTime()
            try require(first <= second, "the venue's time ran backward: \(first), \(second)")
        case .instruments:
            try require(instrument.priceTick.isPositive && instrument.quantityStep.isPositive, "no steps in \(instrument)")
            try require(try await market.instruments() == (try await market.instruments(refresh: true)), "two lists differ")
        case .candles: try await candles(venue, market, instrument)
        case .trades:
            let trades = try await market.recentTrades(instrument)
            try require(!trades.isEmpty, "no trades")
            try require(zip(trades, trades.dropFirst()).allSatisfy { $0.tradeID < $1.tradeID }, "trades are not in order")
        case .book:
            let update = try await market.book(instrument, depth: venue.bookDepth)
            var book = OrderBook(depth: 5000)
            book.load(bids: update.bids, asks: update.asks)
            try require(book.bestBid != nil && book.bestAsk != nil && !book.isCrossed, "the book is empty or crossed")
        case .budgets:
            try require(!market.venue.budgetLimits.isEmpty, "no budgets")
            let calls =
                [market.venue.serverTime().charges, market.venue.book(instrument, depth: 10).charges]
                + [market.venue.recentTrades(instrument, limit: 10).charges]
            for charge in calls.joined() {
                try require(await market.gate.knows(charge.budget), "no limit is named \(charge.budget)")
            }
            try require(await market.gate.state().contains { $0.used > 0 }, "requests were not charged")
        default:
            guard let refuse = venue.faults.refuseTime else { return false }
            await refuse()
            _ = try await market.serverTime()
        }
        return true
    }

    private func candles(_ venue: VenueUnderTest, _ market: MarketDataClient, _ instrument: TradedInstrument) async throws {
        let now = try await market.serverTime()
        let from = venue.timeframe.floor(now).advanced(byMilliseconds: -30 * venue.timeframe.milliseconds)
        let candles = try await market.candles(instrument, venue.timeframe, from: from)
        try require(!candles.isEmpty, "no candles")
        try require(
            candles.allSatisfy { venue.timeframe.floor($0.time) == $0.time && $0.time >= from }, "candles off the grid or too old"
        )
        try require(
            zip(candles, candles.dropFirst()).allSatisfy { $0.time < $1.time }, "candles are not in order, or one comes twice")
        try require(
            candles.allSatisfy { $0.low <= min($0.open, $0.close) && $0.high >= max($0.open, $0.close) }, "a candle is none")
    }
}

/// Runs tasks beside a body, and cancels them when it is over.
func beside<Answer: Sendable>(
    _ tasks: [@Sendable () async -> Void], _ body: @Sendable () async throws -> Answer
) async throws -> Answer {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for task in tasks { group.addTask { await task() } }
        defer { group.cancelAll() }
        return try await body()
    }
}
