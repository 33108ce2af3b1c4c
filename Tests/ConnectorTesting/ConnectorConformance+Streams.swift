import Connectors
import Exchange
import Market
import Money

extension ConformanceCase {
    func runStream(_ venue: VenueUnderTest, _ market: MarketDataClient) async throws -> Bool {
        let instrument = try await market.instrument(venue.pair)
        switch self {
        case .streamCandles: return try await streamCandles(venue, market, instrument)
        case .streamBook: return try await streamBook(venue, market, instrument)
        default: break
        }
        let fault = wireFault(venue.faults)
        guard let fault else { return false }
        let stream = try market.stream([.trades(instrument)], settings: venue.stream)
        let isBroken = self == .streamGap || self == .streamLoss || self == .streamDamage
        return try await beside({ await stream.run() }) {
            try await until(stream, "resumed") { if case .resumed = $0 { true } else { false } }
            var ids: [Int64] = []
            for round in 0..<20 {
                if round == 10 { await fault() }
                await venue.faults.move()
            }
            // The market goes on until the newest trades are there, because a gap is only seen by what comes after it.
            var gaps = 0
            var losses = 0
            let target = 20
            while ids.count < target || (isBroken && gaps == 0) {
                guard let event = await stream.events.next() else { throw ConformanceFailure("the stream ended") }
                switch event {
                case .market(.trade(let trade)): ids.append(trade.tradeID)
                case .gap: gaps += 1
                case .resumed(_, let isComplete): losses += isComplete ? 0 : 1
                default: break
                }
                if stream.events.count == 0 { await venue.faults.move() }
            }
            try require(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }, "trades are out of order or come twice: \(ids)")
            let holes = zip(ids, ids.dropFirst()).filter { $0 + 1 != $1 }
            try require(holes.isEmpty || losses > 0 || gaps > 0, "trades were lost unseen: \(ids)")
            try require(losses > 0 || holes.isEmpty, "a gap was told as filled and was not: \(ids)")
            if !isBroken { try require(gaps == 0, "a gap without a fault") }
            if self == .streamDamage { try require(stream.counters.unreadable == 1, "the damaged message was not counted") }
            return true
        }
    }

    /// What goes wrong in the middle of the stream; nil where this venue cannot do it.
    private func wireFault(_ faults: VenueUnderTest.Faults) -> (@Sendable () async -> Void)? {
        switch self {
        case .streamGap: return faults.breakStreams
        case .streamLoss:
            guard let lose = faults.loseMessages else { return nil }
            return { await lose(3) }
        case .streamDoubles:
            guard let double = faults.doubleMessages else { return nil }
            return { await double(10) }
        case .streamDamage:
            guard let damage = faults.damageMessages else { return nil }
            return { await damage(1) }
        default: return {}
        }
    }

    private func until(_ stream: MarketStream, _ what: String, _ isThere: (StreamEvent) -> Bool) async throws {
        while let event = await stream.events.next() { if isThere(event) { return } }
        throw ConformanceFailure("the stream ended before: \(what)")
    }

    private func streamCandles(_ venue: VenueUnderTest, _ market: MarketDataClient, _ instrument: TradedInstrument) async throws -> Bool {
        let stream = try market.stream([.candles(instrument, venue.timeframe)], settings: venue.stream)
        return try await beside({ await stream.run() }) {
            try await until(stream, "resumed") { if case .resumed = $0 { true } else { false } }
            var closed: [Candle] = []
            await venue.faults.move()
            while closed.count < 3 {
                guard let event = await stream.events.next() else { throw ConformanceFailure("the stream ended") }
                if case .market(.candle(let candle)) = event, candle.isClosed == true { closed.append(candle.candle) }
                if stream.events.count == 0 { await venue.faults.move() }
                if closed.count == 1, let breakStreams = venue.faults.breakStreams { await breakStreams() }
            }
            try require(zip(closed, closed.dropFirst()).allSatisfy { $0.time < $1.time }, "a closed candle came twice or late")
            let list = try await market.candles(instrument, venue.timeframe, from: closed[0].time)
            for candle in closed {
                try require(list.contains { $0.time == candle.time && $0.close == candle.close }, "\(candle) is not what REST has")
            }
            return true
        }
    }

    private func streamBook(_ venue: VenueUnderTest, _ market: MarketDataClient, _ instrument: TradedInstrument) async throws -> Bool {
        guard let truth = venue.faults.book else { return false }
        let stream = try market.stream([.book(instrument, depth: venue.bookDepth)], settings: venue.stream)
        return try await beside({ await stream.run() }) {
            for round in 0..<4 {
                // What waits is thrown away at the end of a round; the market moves until a book is there that was begun anew.
                if round == 1, let breakStreams = venue.faults.breakStreams { await breakStreams() }
                if round == 2, let lose = venue.faults.loseMessages { await lose(2) }
                var isSynced = false
                while !isSynced {
                    await venue.faults.move()
                    guard await stream.events.next() != nil else { throw ConformanceFailure("the stream ended") }
                    guard let book = stream.book(instrument, depth: venue.bookDepth) else { continue }
                    let expected = await truth()
                    isSynced =
                        book.bids.prefix(10).elementsEqual(expected.bids.prefix(10))
                        && book.asks.prefix(10).elementsEqual(expected.asks.prefix(10))
                }
            }
            return true
        }
    }
}
