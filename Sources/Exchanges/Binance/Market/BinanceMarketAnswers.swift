import Exchange
import Market
import Money

/// Market data over REST; spot and futures write it alike.
enum BinanceMarketAnswers {
    static func serverTime(_ response: WebResponse, _ answers: BinanceAnswers) throws(VenueError) -> Timestamp {
        let json = try answers.json(response)
        return try answers.read { () throws(JSONError) in try json.time("serverTime") }
    }

    /// Candles are lists: open time, open, high, low, close, volume, and more that is of no use here.
    static func candles(_ response: WebResponse, _ answers: BinanceAnswers) throws(VenueError) -> [Candle] {
        try answers.check(response)
        return try answers.read { () throws(JSONError) in
            var scanner = JSONScanner(response.body)
            var candles: [Candle] = []
            try scanner.array { (scanner, _) throws(JSONError) in candles.append(try candle(&scanner)) }
            try scanner.end()
            return candles
        }
    }

    private static func candle(_ scanner: inout JSONScanner) throws(JSONError) -> Candle {
        var time: Int64?
        var numbers: [Double] = []
        let start = scanner.offset
        try scanner.array { (scanner, index) throws(JSONError) in
            if index == 0 { time = try scanner.integer() }
            if (1...5).contains(index) { numbers.append(try scanner.double()) }
        }
        guard let time, numbers.count == 5 else { throw JSONError(.expected("a candle"), at: start) }
        return Candle(
            time: Timestamp(milliseconds: time), open: numbers[0], high: numbers[1], low: numbers[2], close: numbers[3],
            volume: numbers[4])
    }

    static func trades(
        _ response: WebResponse, symbol: String, _ answers: BinanceAnswers
    ) throws(VenueError) -> [MarketTrade] {
        let list = try answers.list(response)
        return try answers.read { () throws(JSONError) in
            var trades: [MarketTrade] = []
            for entry in list { trades.append(try trade(entry, symbol: symbol)) }
            return trades
        }
    }

    private static func trade(_ entry: JSONValue, symbol: String) throws(JSONError) -> MarketTrade {
        let buyerIsMaker = try entry.required("isBuyerMaker") { $0.bool }
        return MarketTrade(
            symbol: symbol, tradeID: try entry.integer("id"), price: try entry.fixedPoint("price"),
            quantity: try entry.fixedPoint("qty"), takerSide: buyerIsMaker ? .sell : .buy, time: try entry.time("time"))
    }

    static func aggregateTrades(
        _ response: WebResponse, symbol: String, _ answers: BinanceAnswers
    ) throws(VenueError) -> [MarketTrade] {
        let list = try answers.list(response)
        return try answers.read { () throws(JSONError) in
            var trades: [MarketTrade] = []
            for entry in list {
                let buyerIsMaker = try entry.required("m") { $0.bool }
                trades.append(
                    MarketTrade(
                        symbol: symbol, tradeID: try entry.integer("a"), price: try entry.fixedPoint("p"),
                        quantity: try entry.fixedPoint("q"), takerSide: buyerIsMaker ? .sell : .buy, time: try entry.time("T")))
            }
            return trades
        }
    }

    static func book(_ response: WebResponse, symbol: String, _ answers: BinanceAnswers) throws(VenueError) -> BookUpdate {
        try answers.check(response)
        return try answers.read { () throws(JSONError) in
            var scanner = JSONScanner(response.body)
            var book = BookUpdate(symbol: symbol, isSnapshot: true, bids: [], asks: [])
            var id: Int64?
            var sides = 0
            try scanner.object { (scanner, key) throws(JSONError) in
                if scanner.isKey(key, "lastUpdateId") {
                    id = try scanner.integer()
                } else if scanner.isKey(key, "bids") {
                    book.bids = try scanner.levels()
                    sides += 1
                } else if scanner.isKey(key, "asks") {
                    book.asks = try scanner.levels()
                    sides += 1
                }
            }
            try scanner.end()
            guard let id, sides == 2 else { throw JSONError(.expected("a book"), at: 0) }
            book.firstID = id
            book.lastID = id
            return book
        }
    }
}

extension JSONScanner {
    /// Levels of a book: `[["price","quantity"],...]`; more elements are left.
    mutating func levels() throws(JSONError) -> [BookLevel] {
        var levels: [BookLevel] = []
        try array { (scanner, _) throws(JSONError) in
            var price: Price?
            var quantity: Quantity?
            let start = scanner.offset
            try scanner.array { (scanner, index) throws(JSONError) in
                if index == 0 { price = try scanner.fixedPoint() }
                if index == 1 { quantity = try scanner.fixedPoint() }
            }
            guard let price, let quantity else { throw JSONError(.expected("a level"), at: start) }
            if levels.isEmpty { levels.reserveCapacity(16) }
            levels.append(BookLevel(price, quantity))
        }
        return levels
    }
}
