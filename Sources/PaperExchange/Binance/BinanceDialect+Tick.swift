import Exchange
import Matching

// What streams tell by the clock.

extension BinanceDialect {
    package mutating func tick(venue: inout PaperVenue) -> [StreamMessage] {
        var result: [StreamMessage] = []
        guard !feeds.subscribers.isEmpty else { return result }
        let isSecond = venue.now - 1000 >= feeds.lastSecond
        if isSecond { feeds.lastSecond = venue.now }
        for instrument in venue.instruments {
            bookTicker(instrument, venue, &result)
            for count in [5, 10, 20] {
                levels(instrument, count, isFast: true, venue, &result)
                if isSecond { levels(instrument, count, isFast: false, venue, &result) }
            }
            if isSecond {
                flush(instrument.id, venue, &result)
                tickers(instrument, venue, &result)
            }
        }
        klines(isSecond, venue, &result)
        if isSecond { allTickers(venue, &result) }
        return result
    }

    private mutating func bookTicker(_ instrument: PaperInstrument, _ venue: PaperVenue, _ result: inout [StreamMessage]) {
        let id = instrument.id
        guard feeds.isWanted(.book(id)) else {
            feeds.best[id] = nil
            return
        }
        let best = BinanceFeeds.Best(bid: venue.engine.bestBid(id), ask: venue.engine.bestAsk(id))
        guard feeds.best[id] != best else { return }
        feeds.best[id] = best
        emit(
            [
                "u": .integer(venue.engine.bookVersion(id)), "s": .string(instrument.binanceSymbol),
                "b": .string(instrument.binancePrice(best.bid?.price ?? 0)),
                "B": .string(instrument.binanceQuantity(best.bid?.quantity ?? 0)),
                "a": .string(instrument.binancePrice(best.ask?.price ?? 0)),
                "A": .string(instrument.binanceQuantity(best.ask?.quantity ?? 0)),
            ], .book(id), &result)
    }

    /// The best levels, where the book changed.
    private mutating func levels(
        _ instrument: PaperInstrument, _ count: Int, isFast: Bool, _ venue: PaperVenue, _ result: inout [StreamMessage]
    ) {
        let stream = BinanceStream.levels(instrument.id, count, isFast: isFast)
        guard feeds.isWanted(stream), feeds.versions[stream] != venue.engine.bookVersion(instrument.id) else { return }
        let depth = venue.engine.depth(instrument.id, levels: count)
        feeds.versions[stream] = depth.version
        emit(
            [
                "lastUpdateId": .integer(depth.version), "bids": Self.levels(depth.bids, instrument),
                "asks": Self.levels(depth.asks, instrument),
            ], stream, &result)
    }

    private func statistics(_ minutes: Int64, _ instrument: PaperInstrument, _ venue: PaperVenue) -> BinanceStatistics {
        BinanceStatistics(minutes: minutes, instrument, venue) ?? .empty(instrument, venue)
    }

    private func tickers(_ instrument: PaperInstrument, _ venue: PaperVenue, _ result: inout [StreamMessage]) {
        let id = instrument.id
        emit(statistics(1440, instrument, venue).miniEvent(instrument, venue), .miniTicker(id), &result)
        emit(statistics(1440, instrument, venue).event("24hrTicker", instrument, venue), .ticker(id), &result)
        for hours: Int64 in [1, 4, 24] {
            emit(
                statistics(hours * 60, instrument, venue).event(Self.windowName(hours), instrument, venue),
                .windowTicker(id, hours: hours), &result)
        }
        emit(
            [
                "e": "avgPrice", "E": .integer(venue.clock), "s": .string(instrument.binanceSymbol), "i": "5m",
                "w": .string(Self.averageText(instrument, venue)),
                "T": .integer(venue.engine.lastTrade(id)?.time ?? venue.clock),
            ], .averagePrice(id), &result)
    }

    private static func windowName(_ hours: Int64) -> String { hours == 24 ? "1dTicker" : "\(hours)hTicker" }

    private func allTickers(_ venue: PaperVenue, _ result: inout [StreamMessage]) {
        emit(
            .array(venue.instruments.map { statistics(1440, $0, venue).miniEvent($0, venue) }), .allMiniTickers, &result)
        emit(
            .array(venue.instruments.map { statistics(1440, $0, venue).event("24hrTicker", $0, venue) }), .allTickers, &result)
        for hours: Int64 in [1, 4, 24] {
            emit(
                .array(venue.instruments.map { statistics(hours * 60, $0, venue).event(Self.windowName(hours), $0, venue) }),
                .allWindowTickers(hours: hours), &result)
        }
    }

    /// Each second the open candle; each candle once more when it is closed.
    private mutating func klines(_ isSecond: Bool, _ venue: PaperVenue, _ result: inout [StreamMessage]) {
        for instrument in venue.instruments {
            for interval in BinanceInterval.all where feeds.isWanted(.kline(instrument.id, interval)) {
                kline(instrument, interval, isSecond, venue, &result)
            }
        }
    }

    private mutating func kline(
        _ instrument: PaperInstrument, _ interval: BinanceInterval, _ isSecond: Bool, _ venue: PaperVenue,
        _ result: inout [StreamMessage]
    ) {
        let key = BinanceFeeds.Kline(instrument: instrument.id, interval: interval)
        let stream = BinanceStream.kline(instrument.id, interval)
        let history = venue.history(instrument.id)
        func send(_ candle: PaperCandle, isClosed: Bool) {
            emit(Self.klineEvent(candle, interval, isClosed: isClosed, instrument, venue), stream, &result)
        }
        if let open = feeds.openCandles[key], venue.now >= interval.next(after: open) {
            // Closed in between, in an accelerated venue more than one.
            let current = interval.open(venue.now)
            for candle in interval.candles(history, from: open, to: current - 1, limit: 1000) { send(candle, isClosed: true) }
            feeds.openCandles[key] = nil
        }
        guard isSecond || feeds.openCandles[key] == nil else { return }
        guard let candle = interval.candles(history, from: nil, to: nil, limit: 1).last,
            venue.now < interval.next(after: candle.time)
        else { return }
        feeds.openCandles[key] = candle.time
        send(candle, isClosed: false)
    }
}
