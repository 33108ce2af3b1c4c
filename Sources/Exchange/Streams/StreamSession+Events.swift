import Market

// Events on their way through a session: found, put in order, passed on once.
extension StreamSession {
    /// Events of the connection that counts.
    mutating func take(_ events: [MarketEvent], now: Duration, random: UInt64) -> [Directive] {
        var directives: [Directive] = []
        directives.reserveCapacity(events.count)
        for event in events {
            guard let place = places[StreamKey(event)] else {
                unexpectedEvents += 1
                continue
            }
            let event = event.named(tracks[place].instrument.streamSymbol)
            if tracks[place].isLive {
                deliver(event, place, &directives)
            } else {
                tracks[place].pending.append(event)
                if isOverfull(place), let id = current?.id {
                    return directives + [.close(id)]
                        + failed(id, reason: "too much was waiting for a gap to be filled", now: now, random: random)
                }
            }
        }
        return directives
    }

    private func isOverfull(_ place: Int) -> Bool {
        // Counted over all only where one is large already.
        tracks[place].pending.count > settings.bufferLimit / max(tracks.count, 1)
            && tracks.reduce(0) { $0 + $1.pending.count } > settings.bufferLimit
    }

    /// Passes an event of a live track on, unless it came before; a jump in the numbers opens a gap.
    func jump(_ event: MarketEvent, _ track: StreamTrack) -> StreamGap? {
        switch event {
        case .trade(let trade):
            guard let last = track.lastTrade, track.falseAlarms < 3, trade.tradeID > last, trade.tradeID - 1 != last else {
                return nil
            }
            return .missing(after: last, before: trade.tradeID)
        case .candle(let candle):
            guard let last = track.lastCandle, candle.candle.time > last.candle.time else { return nil }
            let next = last.candle.time.milliseconds &+ last.timeframe.milliseconds
            let endUnseen = !track.lastCandleIsClosed && candle.isClosed != nil
            guard endUnseen || candle.candle.time.milliseconds > next else { return nil }
            return .missingCandles(after: last.candle.time, before: candle.candle.time)
        case .bookUpdate, .quote: return nil
        }
    }

    mutating func deliver(_ event: MarketEvent, _ place: Int, _ directives: inout [Directive]) {
        if let gap = jump(event, tracks[place]) {
            tracks[place].isLive = false
            tracks[place].pending.append(event)
            directives.append(.emit(.gap(tracks[place].subscription, gap)))
            directives += beginFill(place)
            return
        }
        pass(event, place, &directives)
    }

    /// As `deliver`, but a jump is taken as it is.
    mutating func pass(_ event: MarketEvent, _ place: Int, _ directives: inout [Directive]) {
        switch event {
        case .trade(let trade):
            guard trade.tradeID > tracks[place].lastTrade ?? .min else { return }
            tracks[place].lastTrade = trade.tradeID
        case .candle(let candle): return pass(candle, place, &directives)
        case .bookUpdate, .quote: break
        }
        directives.append(.emit(.market(event)))
    }

    private mutating func pass(_ candle: MarketCandle, _ place: Int, _ directives: inout [Directive]) {
        if let last = tracks[place].lastCandle {
            guard candle.candle.time >= last.candle.time else { return }
            if candle.candle.time == last.candle.time {
                guard !tracks[place].lastCandleIsClosed else { return }
            } else if !tracks[place].lastCandleIsClosed, candle.isClosed == nil {
                // The venue does not tell the end of a candle: the next one does.
                var ended = last
                ended.isClosed = true
                directives.append(.emit(.market(.candle(ended))))
            }
        }
        tracks[place].lastCandle = candle
        tracks[place].lastCandleIsClosed = candle.isClosed ?? false
        directives.append(.emit(.market(.candle(candle))))
    }
}

extension MarketEvent {
    /// The same event under the name that consumers know.
    func named(_ symbol: String) -> MarketEvent {
        switch self {
        case .trade(var trade):
            guard trade.symbol != symbol else { return self }
            trade.symbol = symbol
            return .trade(trade)
        case .candle(var candle):
            guard candle.symbol != symbol else { return self }
            candle.symbol = symbol
            return .candle(candle)
        case .bookUpdate(var update):
            guard update.symbol != symbol else { return self }
            update.symbol = symbol
            return .bookUpdate(update)
        case .quote(var quote):
            guard quote.symbol != symbol else { return self }
            quote.symbol = symbol
            return .quote(quote)
        }
    }
}
