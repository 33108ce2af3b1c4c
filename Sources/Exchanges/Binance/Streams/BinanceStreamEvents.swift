import Exchange
import Market
import Money

/// The events of market streams, each read in one go.
enum BinanceStreamEvents {
    /// `id` is the member that has the trade's number: `t`, in aggregated trades `a`.
    static func trade(_ scanner: inout JSONScanner, id letter: UInt8) throws(JSONError) -> MarketTrade {
        var symbol: String?
        var id: Int64?
        var price: Price?
        var quantity: Quantity?
        var buyerIsMaker: Bool?
        var time: Int64?
        try scanner.object { (scanner, key) throws(JSONError) in
            switch key.letter {
            case UInt8(ascii: "p"): price = try scanner.fixedPoint()
            case UInt8(ascii: "q"): quantity = try scanner.fixedPoint()
            case UInt8(ascii: "T"): time = try scanner.integer()
            case UInt8(ascii: "m"): buyerIsMaker = try scanner.bool()
            case UInt8(ascii: "s"): symbol = try scanner.string()
            case letter: id = try scanner.integer()
            default: break
            }
        }
        guard let symbol, let id, let price, let quantity, let buyerIsMaker, let time else {
            throw JSONError(.expected("a whole trade"), at: 0)
        }
        return MarketTrade(
            symbol: symbol, tradeID: id, price: price, quantity: quantity, takerSide: buyerIsMaker ? .sell : .buy,
            time: Timestamp(milliseconds: time))
    }

    static func depth(_ scanner: inout JSONScanner) throws(JSONError) -> BookUpdate {
        var update = BookUpdate(symbol: "", isSnapshot: false, bids: [], asks: [])
        var seen = 0
        try scanner.object { (scanner, key) throws(JSONError) in
            switch key.letter {
            case UInt8(ascii: "b"): (update.bids, seen) = (try scanner.levels(), seen | 1)
            case UInt8(ascii: "a"): (update.asks, seen) = (try scanner.levels(), seen | 2)
            case UInt8(ascii: "U"): (update.firstID, seen) = (try scanner.integer(), seen | 4)
            case UInt8(ascii: "u"): (update.lastID, seen) = (try scanner.integer(), seen | 8)
            case UInt8(ascii: "s"): (update.symbol, seen) = (try scanner.string(), seen | 16)
            default: if scanner.isKey(key, "pu") { update.previousID = try scanner.integer() }
            }
        }
        guard seen == 31 else { throw JSONError(.expected("a whole book update"), at: 0) }
        return update
    }

    static func quote(_ scanner: inout JSONScanner) throws(JSONError) -> MarketQuote {
        var symbol: String?
        var prices: (bid: Price?, ask: Price?)
        var quantities: (bid: Quantity?, ask: Quantity?)
        try scanner.object { (scanner, key) throws(JSONError) in
            if scanner.isKey(key, "b") {
                prices.bid = try scanner.fixedPoint()
            } else if scanner.isKey(key, "B") {
                quantities.bid = try scanner.fixedPoint()
            } else if scanner.isKey(key, "a") {
                prices.ask = try scanner.fixedPoint()
            } else if scanner.isKey(key, "A") {
                quantities.ask = try scanner.fixedPoint()
            } else if scanner.isKey(key, "s") {
                symbol = try scanner.string()
            }
        }
        guard let symbol, let bid = prices.bid, let ask = prices.ask, let bidQuantity = quantities.bid,
            let askQuantity = quantities.ask
        else { throw JSONError(.expected("a whole quote"), at: 0) }
        return MarketQuote(symbol: symbol, bid: BookLevel(bid, bidQuantity), ask: BookLevel(ask, askQuantity))
    }

    /// Nil for a candle of an interval that we do not have.
    static func candle(_ scanner: inout JSONScanner) throws(JSONError) -> MarketCandle? {
        var result: MarketCandle??
        try scanner.object { (scanner, key) throws(JSONError) in
            if scanner.isKey(key, "k") { result = .some(try candleBody(&scanner)) }
        }
        guard let result else { throw JSONError(.missing("k"), at: 0) }
        return result
    }

    private static func candleBody(_ scanner: inout JSONScanner) throws(JSONError) -> MarketCandle? {
        var symbol: String?
        var interval: String?
        var candle = Candle(time: Timestamp(milliseconds: 0), open: 0, high: 0, low: 0, close: 0, volume: 0)
        var isClosed: Bool?
        var seen = 0
        try scanner.object { (scanner, key) throws(JSONError) in
            seen += 1
            if scanner.isKey(key, "t") {
                candle.time = Timestamp(milliseconds: try scanner.integer())
            } else if scanner.isKey(key, "o") {
                candle.open = try scanner.double()
            } else if scanner.isKey(key, "h") {
                candle.high = try scanner.double()
            } else if scanner.isKey(key, "l") {
                candle.low = try scanner.double()
            } else if scanner.isKey(key, "c") {
                candle.close = try scanner.double()
            } else if scanner.isKey(key, "v") {
                candle.volume = try scanner.double()
            } else {
                seen -= 1
            }
            if scanner.isKey(key, "s") { symbol = try scanner.string() }
            if scanner.isKey(key, "i") { interval = try scanner.string() }
            if scanner.isKey(key, "x") { isClosed = try scanner.bool() }
        }
        guard let symbol, let interval, let isClosed, seen == 6 else { throw JSONError(.expected("a whole candle"), at: 0) }
        guard let timeframe = BinanceTimeframes.timeframe(interval) else { return nil }
        return MarketCandle(symbol: symbol, timeframe: timeframe, candle: candle, isClosed: isClosed)
    }
}
