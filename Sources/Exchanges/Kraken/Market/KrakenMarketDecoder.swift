import Exchange
import Market
import Money

/// Reads the messages of market streams straight from their bytes.
enum KrakenMarketDecoder {
    static func decode(_ message: [UInt8]) throws(JSONError) -> StreamInput {
        var data = DataReader()
        let envelope = try KrakenEnvelope(message) { (scanner, envelope) throws(JSONError) in try data.read(&scanner, envelope) }
        guard let channel = envelope.channel else { return reply(envelope) }
        switch channel {
        case .heartbeat: return .heartbeat
        case .status: return try envelope.systemStatus()?.error.map { .acknowledged(id: nil, error: $0) } ?? .ignored
        case .executions, .balances, .other: return .ignored
        case .trade, .book, .ohlc, .ticker: break
        }
        guard var scanner = envelope.data else { throw JSONError(.missing("data"), at: 0) }
        if data.channel != channel || data.isSnapshot != envelope.isSnapshot { try data.read(&scanner, envelope) }
        return .events(data.events)
    }

    /// The value of `data`, read where it stands once channel and type are known, as they are in all that Kraken sends.
    private struct DataReader {
        var events: [MarketEvent] = []
        /// What `events` were read as; nil: they were not read yet.
        var channel: KrakenEnvelope.Channel?
        var isSnapshot = false

        /// Reads nothing where the channel is not known yet, or is none with events of the market.
        mutating func read(_ scanner: inout JSONScanner, _ envelope: KrakenEnvelope) throws(JSONError) {
            events = []
            channel = envelope.channel
            isSnapshot = envelope.isSnapshot
            switch channel {
            case .trade: try append(&scanner) { (scanner) throws(JSONError) in .trade(try trade(&scanner)) }
            case .book:
                try append(&scanner) { (scanner) throws(JSONError) in
                    .bookUpdate(try book(&scanner, isSnapshot: envelope.isSnapshot))
                }
            case .ohlc: try append(&scanner) { (scanner) throws(JSONError) in .candle(try candle(&scanner)) }
            case .ticker: try append(&scanner) { (scanner) throws(JSONError) in .quote(try quote(&scanner)) }
            case .executions, .balances, .status, .heartbeat, .other, nil: break
            }
        }

        private mutating func append(
            _ scanner: inout JSONScanner, _ event: (inout JSONScanner) throws(JSONError) -> MarketEvent
        ) throws(JSONError) {
            try scanner.array { (scanner, _) throws(JSONError) in events.append(try event(&scanner)) }
        }
    }

    private static func reply(_ envelope: KrakenEnvelope) -> StreamInput {
        if envelope.isPong { return .heartbeat }
        guard envelope.isReply || envelope.error != nil else { return .ignored }
        return .acknowledged(id: envelope.requestID, error: envelope.failure)
    }

    private static func trade(_ scanner: inout JSONScanner) throws(JSONError) -> MarketTrade {
        var symbol: String?
        var id: Int64?
        var price: Price?
        var quantity: Quantity?
        var side: OrderSide?
        var time: Timestamp?
        let start = scanner.offset
        try scanner.object { (scanner, key) throws(JSONError) in
            if scanner.isKey(key, "symbol") {
                symbol = try scanner.string()
            } else if scanner.isKey(key, "side") {
                side = try scanner.krakenSide()
            } else if scanner.isKey(key, "price") {
                price = try scanner.fixedPoint()
            } else if scanner.isKey(key, "qty") {
                quantity = try scanner.fixedPoint()
            } else if scanner.isKey(key, "trade_id") {
                id = try scanner.integer()
            } else if scanner.isKey(key, "timestamp") {
                time = try scanner.krakenTime()
            }
        }
        return MarketTrade(
            symbol: try symbol.member("symbol", at: start), tradeID: try id.member("trade_id", at: start),
            price: try price.member("price", at: start), quantity: try quantity.member("qty", at: start),
            takerSide: try side.member("side", at: start), time: try time.member("timestamp", at: start))
    }

    private static func book(_ scanner: inout JSONScanner, isSnapshot: Bool) throws(JSONError) -> BookUpdate {
        var symbol: String?
        var bids: [BookLevel] = []
        var asks: [BookLevel] = []
        var checksum: UInt32?
        let start = scanner.offset
        try scanner.object { (scanner, key) throws(JSONError) in
            if scanner.isKey(key, "symbol") {
                symbol = try scanner.string()
            } else if scanner.isKey(key, "bids") {
                try levels(&scanner, into: &bids)
            } else if scanner.isKey(key, "asks") {
                try levels(&scanner, into: &asks)
            } else if scanner.isKey(key, "checksum") {
                let place = scanner.offset
                guard let value = UInt32(exactly: try scanner.integer()) else { throw JSONError(.invalidNumber, at: place) }
                checksum = value
            }
        }
        return BookUpdate(
            symbol: try symbol.member("symbol", at: start), isSnapshot: isSnapshot, bids: bids, asks: asks, checksum: checksum)
    }

    private static func levels(_ scanner: inout JSONScanner, into levels: inout [BookLevel]) throws(JSONError) {
        try scanner.array { (scanner, _) throws(JSONError) in
            var price: Price?
            var quantity: Quantity?
            let start = scanner.offset
            try scanner.object { (scanner, key) throws(JSONError) in
                if scanner.isKey(key, "price") {
                    price = try scanner.fixedPoint()
                } else if scanner.isKey(key, "qty") {
                    quantity = try scanner.fixedPoint()
                }
            }
            if levels.isEmpty { levels.reserveCapacity(8) }
            levels.append(BookLevel(try price.member("price", at: start), try quantity.member("qty", at: start)))
        }
    }

    private static func quote(_ scanner: inout JSONScanner) throws(JSONError) -> MarketQuote {
        var symbol: String?
        var prices: (bid: Price?, ask: Price?)
        var quantities: (bid: Quantity?, ask: Quantity?)
        let start = scanner.offset
        try scanner.object { (scanner, key) throws(JSONError) in
            if scanner.isKey(key, "symbol") {
                symbol = try scanner.string()
            } else if scanner.isKey(key, "bid") {
                prices.bid = try scanner.fixedPoint()
            } else if scanner.isKey(key, "bid_qty") {
                quantities.bid = try scanner.fixedPoint()
            } else if scanner.isKey(key, "ask") {
                prices.ask = try scanner.fixedPoint()
            } else if scanner.isKey(key, "ask_qty") {
                quantities.ask = try scanner.fixedPoint()
            }
        }
        return MarketQuote(
            symbol: try symbol.member("symbol", at: start),
            bid: BookLevel(try prices.bid.member("bid", at: start), try quantities.bid.member("bid_qty", at: start)),
            ask: BookLevel(try prices.ask.member("ask", at: start), try quantities.ask.member("ask_qty", at: start)))
    }
}

// MARK: - Candles

extension KrakenMarketDecoder {
    private struct CandleMembers {
        var symbol: String?
        var interval: Int64?
        var time: Timestamp?
        var open: Double?
        var high: Double?
        var low: Double?
        var close: Double?
        var volume: Double?
    }

    private static func candle(_ scanner: inout JSONScanner) throws(JSONError) -> MarketCandle {
        var members = CandleMembers()
        let start = scanner.offset
        try scanner.object { (scanner, key) throws(JSONError) in
            if scanner.isKey(key, "symbol") {
                members.symbol = try scanner.string()
            } else if scanner.isKey(key, "interval_begin") {
                members.time = try scanner.krakenTime()
            } else if scanner.isKey(key, "interval") {
                members.interval = try scanner.integer()
            } else {
                try number(&scanner, key, &members)
            }
        }
        let minutes = try members.interval.member("interval", at: start)
        guard let name = KrakenMarketData.intervals.first(where: { $0.minutes == minutes })?.name, let timeframe = Timeframe(name)
        else {
            throw JSONError(.expected("a length of candles that Kraken has"), at: start)
        }
        let candle = Candle(
            time: try members.time.member("interval_begin", at: start), open: try members.open.member("open", at: start),
            high: try members.high.member("high", at: start), low: try members.low.member("low", at: start),
            close: try members.close.member("close", at: start), volume: try members.volume.member("volume", at: start))
        return MarketCandle(
            symbol: try members.symbol.member("symbol", at: start), timeframe: timeframe, candle: candle, isClosed: nil)
    }

    private static func number(
        _ scanner: inout JSONScanner, _ key: JSONScanner.Key, _ members: inout CandleMembers
    ) throws(JSONError) {
        if scanner.isKey(key, "open") {
            members.open = try scanner.krakenDouble()
        } else if scanner.isKey(key, "high") {
            members.high = try scanner.krakenDouble()
        } else if scanner.isKey(key, "low") {
            members.low = try scanner.krakenDouble()
        } else if scanner.isKey(key, "close") {
            members.close = try scanner.krakenDouble()
        } else if scanner.isKey(key, "volume") {
            members.volume = try scanner.krakenDouble()
        }
    }
}
