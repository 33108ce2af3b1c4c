package import Market

// What was missed, and how it is had after all.
extension StreamSession {
    /// The connection is gone: everything that was in step is not any more.
    mutating func loseTracks(_ gap: StreamGap) -> [Directive] {
        var directives: [Directive] = []
        for place in tracks.indices {
            if tracks[place].isLive { directives.append(.emit(.gap(tracks[place].subscription, gap))) }
            tracks[place].isLive = false
            tracks[place].pending = []
            tracks[place].fill = nil
        }
        return directives
    }

    /// So many events did not reach the consumer, and everything that waited for it was thrown away: what it is to get instead.
    package func overflowed(dropped: Int) -> [StreamEvent] {
        tracks.flatMap { track -> [StreamEvent] in
            let gap = StreamEvent.gap(track.subscription, .overflow(dropped: dropped))
            return track.isLive ? [gap, .resumed(track.subscription, isComplete: false)] : [gap]
        }
    }

    /// Everything is subscribed to.
    mutating func goLive() -> [Directive] {
        var directives: [Directive] = []
        for place in tracks.indices where !tracks[place].isLive && tracks[place].fill == nil {
            switch tracks[place].subscription {
            case .trades where tracks[place].lastTrade != nil, .candles where tracks[place].lastCandle != nil:
                directives += beginFill(place)
            case .book, .quote: directives += resume(place, isComplete: true)
            // What came before the first event was never asked for; without one nobody knows what was missed.
            case .trades, .candles: directives += resume(place, isComplete: !tracks[place].wasLive)
            }
        }
        return directives
    }

    mutating func beginFill(_ place: Int, attempts: Int = 0) -> [Directive] {
        guard let what = missing(place) else { return resume(place, isComplete: false) }
        let id = nextFill
        nextFill += 1
        tracks[place].fill = (id, attempts + 1)
        return [.fetch(StreamFill(id: id, what: what), after: settings.fillPause * attempts)]
    }

    private func missing(_ place: Int) -> StreamFill.What? {
        let track = tracks[place]
        switch track.subscription {
        case .trades(let instrument): return track.lastTrade.map { .trades(instrument, after: $0) }
        case .candles(let instrument, let timeframe):
            return track.lastCandle.map { .candles(instrument, timeframe, from: $0.candle.time) }
        case .book, .quote: return nil
        }
    }

    /// In step again: says so, and passes on what waited.
    private mutating func resume(_ place: Int, isComplete: Bool) -> [Directive] {
        tracks[place].fill = nil
        tracks[place].isLive = true
        tracks[place].wasLive = true
        var directives: [Directive] = [.emit(.resumed(tracks[place].subscription, isComplete: isComplete))]
        let pending = tracks[place].pending
        tracks[place].pending = []
        var isFirst = true
        for event in pending {
            if !tracks[place].isLive {
                tracks[place].pending.append(event)
            } else if isFirst {
                // The gap before it was just dealt with.
                isFirst = !tracks[place].isNew(event)
                pass(event, place, &directives)
            } else {
                deliver(event, place, &directives)
            }
        }
        return directives
    }

    /// REST did not answer.
    package mutating func fillFailed(_ id: Int) -> [Directive] {
        guard let place = tracks.firstIndex(where: { $0.fill?.id == id }) else { return [] }
        return tryAgain(place) ?? resume(place, isComplete: false)
    }

    private mutating func tryAgain(_ place: Int) -> [Directive]? {
        let attempts = tracks[place].fill?.attempts ?? 0
        return attempts < settings.fillAttempts ? beginFill(place, attempts: attempts) : nil
    }

    /// The newest trades, in any order.
    package mutating func filled(_ id: Int, trades: [MarketTrade]) -> [Directive] {
        guard let place = tracks.firstIndex(where: { $0.fill?.id == id }), let last = tracks[place].lastTrade else { return [] }
        let first = tracks[place].firstPendingTrade
        let newest = trades.map(\.tradeID).max() ?? .min
        // REST may be behind the stream: then what lies between is not in it yet.
        if let first, newest < first - 1, let again = tryAgain(place) { return again }
        let missed = trades.filter { $0.tradeID > last && $0.tradeID < first ?? .max }.sorted { $0.tradeID < $1.tradeID }
        let reachesBack = trades.contains { $0.tradeID <= last } || missed.first?.tradeID == last &+ 1
        if let first, missed.isEmpty, reachesBack, first - 1 > last { tracks[place].falseAlarms += 1 }
        var directives: [Directive] = []
        for trade in missed {
            pass(MarketEvent.trade(trade).named(tracks[place].instrument.streamSymbol), place, &directives)
        }
        let reachesStream = first.map { newest >= $0 - 1 } ?? true
        return directives + resume(place, isComplete: reachesBack && reachesStream)
    }

    /// Candles from the opening that was asked for, oldest first; `isCut`: the venue did not reach back that far.
    package mutating func filled(_ id: Int, candles: [Candle], isCut: Bool) -> [Directive] {
        guard let place = tracks.firstIndex(where: { $0.fill?.id == id }), let last = tracks[place].lastCandle else { return [] }
        let first = tracks[place].firstPendingCandle
        let newest = candles.last?.time ?? Timestamp(milliseconds: .min)
        // The candle of the stream is in the answer, so that all before it are over and there.
        let reachesStream = first.map { newest >= $0 } ?? true
        if !reachesStream, let again = tryAgain(place) { return again }
        var directives: [Directive] = []
        for candle in candles where candle.time >= last.candle.time && candle.time < first ?? Timestamp(milliseconds: .max) {
            // The newest one may still be open.
            let open: Bool? = last.isClosed == nil ? nil : false
            let event = MarketCandle(
                symbol: last.symbol, timeframe: last.timeframe, candle: candle, isClosed: candle.time < newest ? true : open)
            pass(.candle(event), place, &directives)
        }
        return directives + resume(place, isComplete: reachesStream && !isCut)
    }
}

extension StreamTrack {
    /// Whether nothing as late was passed on before.
    fileprivate func isNew(_ event: MarketEvent) -> Bool {
        switch event {
        case .trade(let trade): trade.tradeID > lastTrade ?? .min
        case .candle(let candle): lastCandle.map { candle.candle.time > $0.candle.time } ?? true
        case .bookUpdate, .quote: true
        }
    }

    fileprivate var firstPendingTrade: Int64? {
        for case .trade(let trade) in pending where trade.tradeID > lastTrade ?? .min { return trade.tradeID }
        return nil
    }

    fileprivate var firstPendingCandle: Timestamp? {
        for case .candle(let candle) in pending
        where candle.candle.time >= lastCandle?.candle.time ?? Timestamp(milliseconds: .min) {
            return candle.candle.time
        }
        return nil
    }
}
