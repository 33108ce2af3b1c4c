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
        return try await beside([{ await stream.run() }, moving(venue, market)]) {
            var ids: [Int64] = []
            var gaps = 0
            var losses = 0
            var isThrown = false
            while ids.count < 25 || (isBroken && gaps == 0) {
                guard let event = await stream.events.next() else { throw ConformanceFailure("the stream ended") }
                switch event {
                case .market(.trade(let trade)): ids.append(trade.tradeID)
                case .gap: gaps += 1
                case .resumed(_, let isComplete): losses += isComplete ? 0 : 1
                default: break
                }
                if ids.count == 10, !isThrown {
                    isThrown = true
                    await fault()
                }
            }
            try require(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 }, "trades are out of order or come twice: \(ids)")
            let holes = zip(ids, ids.dropFirst()).filter { $0 + 1 != $1 }
            try require(losses > 0 || holes.isEmpty, "trades were lost unseen: \(ids)")
            if !isBroken { try require(gaps == 0, "a gap without a fault") }
            if self == .streamDamage { try require(stream.counters.unreadable == 1, "the damaged message was not counted") }
            return true
        }
    }

    /// The market at its own pace.
    private func moving(_ venue: VenueUnderTest, _ market: MarketDataClient) -> @Sendable () async -> Void {
        {
            while !Task.isCancelled {
                await venue.faults.move()
                await market.clock.sleep(for: venue.pace)
            }
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

    private func streamCandles(_ venue: VenueUnderTest, _ market: MarketDataClient, _ instrument: TradedInstrument) async throws
        -> Bool
    {
        let stream = try market.stream([.candles(instrument, venue.timeframe)], settings: venue.stream)
        return try await beside([{ await stream.run() }, moving(venue, market)]) {
            var closed: [Candle] = []
            var isBroken = false
            while closed.count < 4 {
                guard let event = await stream.events.next() else { throw ConformanceFailure("the stream ended") }
                if case .market(.candle(let candle)) = event, candle.isClosed == true { closed.append(candle.candle) }
                if closed.count == 1, !isBroken, let breakStreams = venue.faults.breakStreams {
                    isBroken = true
                    await breakStreams()
                }
            }
            try require(zip(closed, closed.dropFirst()).allSatisfy { $0.time < $1.time }, "a closed candle came twice or late")
            let list = try await market.candles(instrument, venue.timeframe, from: closed[0].time)
            for candle in closed {
                try require(
                    list.contains { $0.time == candle.time && $0.close == candle.close }, "\(candle) is not what REST has")
            }
            return true
        }
    }

    private func streamBook(_ venue: VenueUnderTest, _ market: MarketDataClient, _ instrument: TradedInstrument) async throws
        -> Bool
    {
        guard let truth = venue.faults.book else { return false }
        let stream = try market.stream([.book(instrument, depth: venue.bookDepth)], settings: venue.stream)
        return try await beside([{ await stream.run() }, moving(venue, market)]) {
            for round in 0..<4 {
                let faults = stream.counters
                if round == 1, let breakStreams = venue.faults.breakStreams { await breakStreams() }
                if round == 2, let lose = venue.faults.loseMessages { await lose(2) }
                var isSame = false
                while !isSame {
                    guard await stream.events.next() != nil else { throw ConformanceFailure("the stream ended") }
                    if round == 1, venue.faults.breakStreams != nil, stream.counters.lostConnections == faults.lostConnections {
                        continue
                    }
                    if round == 2, venue.faults.loseMessages != nil, stream.counters.bookFaults == faults.bookFaults { continue }
                    guard let book = stream.book(instrument, depth: venue.bookDepth) else { continue }
                    let expected = await truth()
                    isSame =
                        book.bids.prefix(10).elementsEqual(expected.bids.prefix(10))
                        && book.asks.prefix(10).elementsEqual(expected.asks.prefix(10))
                }
            }
            return true
        }
    }
}
