import Exchange
import Market
import Matching
import Money

// What everybody may ask.

extension BinanceDialect {
    func depth(_ parameters: BinanceParameters, _ venue: PaperVenue) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        let levels = try parameters.limit(100, most: 5000)
        let depth = venue.engine.depth(instrument.id, levels: levels)
        return [
            "lastUpdateId": .integer(depth.version), "bids": Self.levels(depth.bids, instrument),
            "asks": Self.levels(depth.asks, instrument),
        ]
    }

    static func levels(_ levels: [DepthLevel], _ instrument: PaperInstrument) -> JSONValue {
        .array(levels.map { [.string(instrument.binancePrice($0.price)), .string(instrument.binanceQuantity($0.quantity))] })
    }

    func trades(_ parameters: BinanceParameters, _ venue: PaperVenue) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        let limit = try parameters.limit(500, most: 1000)
        var trades = venue.engine.recentTrades(instrument.id)
        if let first = try parameters.integer("fromId") {
            trades = Array(trades.drop { $0.number < first }.prefix(limit))
        }
        return .array(
            trades.suffix(limit).map { trade in
                [
                    "id": .integer(trade.number), "price": .string(instrument.binancePrice(trade.price)),
                    "qty": .string(instrument.binanceQuantity(trade.quantity)),
                    "quoteQty": .string(venue.binanceCost(trade.notional, instrument)), "time": .integer(trade.time),
                    "isBuyerMaker": .bool(trade.takerSide == .sell), "isBestMatch": true,
                ]
            })
    }

    /// Each trade is an aggregate of its own.
    func aggregateTrades(_ parameters: BinanceParameters, _ venue: PaperVenue) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        let limit = try parameters.limit(500, most: 1000)
        var trades = venue.engine.recentTrades(instrument.id)[...]
        let (first, start, end) = (
            try parameters.integer("fromId"), try parameters.integer("startTime"), try parameters.integer("endTime")
        )
        if first != nil, start != nil || end != nil { throw .combination }
        if let first { trades = trades.drop { $0.number < first } }
        if let start { trades = trades.drop { $0.time < start } }
        if let end { trades = trades.prefix { $0.time <= end } }
        trades = first == nil && start == nil ? trades.suffix(limit) : trades.prefix(limit)
        return .array(trades.map { Self.aggregate($0, instrument) })
    }

    static func aggregate(_ trade: Trade, _ instrument: PaperInstrument) -> JSONValue {
        [
            "a": .integer(trade.number), "p": .string(instrument.binancePrice(trade.price)),
            "q": .string(instrument.binanceQuantity(trade.quantity)), "f": .integer(trade.number),
            "l": .integer(trade.number), "T": .integer(trade.time), "m": .bool(trade.takerSide == .sell), "M": true,
        ]
    }

    func averagePrice(_ parameters: BinanceParameters, _ venue: PaperVenue) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        let close = venue.engine.lastTrade(instrument.id)?.time ?? venue.clock
        return ["mins": 5, "price": .string(Self.averageText(instrument, venue)), "closeTime": .integer(close)]
    }

    static func averageText(_ instrument: PaperInstrument, _ venue: PaperVenue) -> String {
        guard let parts = BinanceStatistics(minutes: 5, instrument, venue)?.weightedParts else { return "0.00000000" }
        return BinanceStatistics.price(parts, instrument)
    }

    /// The average price of the last five minutes in ticks; nil where nothing was ever traded.
    static func averageTicks(_ instrument: PaperInstrument, _ venue: PaperVenue) -> Int64? {
        guard let parts = BinanceStatistics(minutes: 5, instrument, venue)?.weightedParts else {
            return venue.engine.lastTrade(instrument.id)?.price
        }
        return Int64(clamping: parts / BinanceStatistics.parts)
    }

    func tickers(_ call: BinanceCall, _ parameters: BinanceParameters, _ venue: PaperVenue) throws(BinanceFailure) -> JSONValue {
        let isMini: Bool
        switch try parameters.text("type") {
        case nil, "FULL": isMini = false
        case "MINI": isMini = true
        default: throw .invalid("type")
        }
        let isWindow = call == .windowTicker
        if isWindow, parameters["symbol"] == nil, parameters["symbols"] == nil { throw .missing("symbol") }
        let minutes = isWindow ? try Self.window(parameters) : 1440
        return try each(parameters, venue) { instrument, venue in
            let statistics = BinanceStatistics(minutes: minutes, instrument, venue)
            return (statistics ?? BinanceStatistics.empty(instrument, venue)).ticker(
                instrument, venue, isMini: isMini, isWindow: isWindow)
        }
    }

    /// `1m`...`59m`, `1h`...`23h`, `1d`...`7d` in minutes.
    private static func window(_ parameters: BinanceParameters) throws(BinanceFailure) -> Int64 {
        guard let text = try parameters.text("windowSize") else { return 1440 }
        guard let timeframe = Timeframe(text), let unit = text.last,
            (unit == "m" && timeframe.minutes < 60) || (unit == "h" && timeframe.minutes < 1440)
                || (unit == "d" && timeframe.minutes <= 7 * 1440)
        else { throw .invalid("windowSize") }
        return timeframe.minutes
    }

    static func priceTicker(_ instrument: PaperInstrument, _ venue: PaperVenue) -> JSONValue {
        let last = venue.engine.lastTrade(instrument.id)?.price ?? 0
        return ["symbol": .string(instrument.binanceSymbol), "price": .string(instrument.binancePrice(last))]
    }

    static func bookTicker(_ instrument: PaperInstrument, _ venue: PaperVenue) -> JSONValue {
        let bid = venue.engine.bestBid(instrument.id)
        let ask = venue.engine.bestAsk(instrument.id)
        return [
            "symbol": .string(instrument.binanceSymbol), "bidPrice": .string(instrument.binancePrice(bid?.price ?? 0)),
            "bidQty": .string(instrument.binanceQuantity(bid?.quantity ?? 0)),
            "askPrice": .string(instrument.binancePrice(ask?.price ?? 0)),
            "askQty": .string(instrument.binanceQuantity(ask?.quantity ?? 0)),
        ]
    }
}
