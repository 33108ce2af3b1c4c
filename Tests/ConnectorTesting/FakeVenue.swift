package import Exchange
package import Market
import Money

/// The protocol of a venue that exists in memory only: plain words, so that a conformance test tests the connector and no parser.
package struct FakeMarketData: MarketDataVenue {
    package static var protocolName: String { "fake" }

    package let bookRule: BookRule
    package var budgetLimits: [BudgetLimit] {
        [BudgetLimit("weight", units: 6000, .window(.seconds(60))), BudgetLimit("orders", units: 1000, .window(.seconds(10)))]
    }
    package var timeframes: [Timeframe] { [.oneMinute] }
    package var candleLimit: Int { 10 }
    package var candlesReachBack: Bool { true }
    package var marketStreamPath: String { "/market" }
    /// Books are served at a path of their own.
    package var hasTwoPaths = false
    package func marketStreamPath(of subscription: MarketSubscription) -> String {
        if hasTwoPaths, case .book = subscription { "/books" } else { marketStreamPath }
    }
    package var streamSilenceLimit: Duration { .seconds(10) }
    package var subscriptionsPerConnection: Int { 100 }

    package init(bookRule: BookRule) { self.bookRule = bookRule }

    package func usage(in response: WebResponse) -> [BudgetUsage] {
        response.header("X-Used").flatMap { Int($0) }.map { [BudgetUsage("weight", units: $0)] } ?? []
    }

    package func budgetLimits(inMarketList response: WebResponse) -> [BudgetLimit] { [] }

    package func serverTime() -> PublicCall<Timestamp> {
        Self.call("/time") { (words) throws(VenueError) in Timestamp(milliseconds: try words.number()) }
    }

    package func marketList() -> [PublicCall<WebResponse>] {
        [
            PublicCall(WebRequest(.get, "/instruments"), charges: Self.charge) { (response) throws(VenueError) in
                try Fake.check(response, changesState: false)
                return response
            }
        ]
    }

    package func instruments(from responses: [WebResponse]) throws(VenueError) -> [TradedInstrument] { [try Fake.instrument()] }

    package func candles(_ instrument: TradedInstrument, _ timeframe: Timeframe, from: Timestamp?, limit: Int) -> PublicCall<
        [Candle]
    > {
        Self.call("/candles", "from=\(from?.milliseconds ?? 0)&limit=\(limit)") { (words) throws(VenueError) in
            var list: [Candle] = []
            while !words.isAtEnd { list.append(try words.candle()) }
            return list
        }
    }

    package func recentTrades(_ instrument: TradedInstrument, limit: Int) -> PublicCall<[MarketTrade]> {
        Self.call("/trades", "limit=\(limit)") { (words) throws(VenueError) in
            var list: [MarketTrade] = []
            while !words.isAtEnd { list.append(try words.trade()) }
            return list
        }
    }

    package func book(_ instrument: TradedInstrument, depth: Int) -> PublicCall<BookUpdate> {
        Self.call("/book") { (words) throws(VenueError) in try words.book(isSnapshot: true) }
    }

    package func subscribe(_ subscriptions: [MarketSubscription], id: Int64) -> [String] { ["sub \(id) " + names(subscriptions)] }
    package func unsubscribe(_ subscriptions: [MarketSubscription], id: Int64) -> [String] {
        ["unsub \(id) " + names(subscriptions)]
    }

    private func names(_ subscriptions: [MarketSubscription]) -> String {
        subscriptions.map {
            switch $0 {
            case .trades: "trades"
            case .candles: "candles"
            case .book: "book"
            case .quote: "quote"
            }
        }.joined(separator: " ")
    }

    package func decode(_ message: [UInt8]) throws(VenueError) -> StreamInput {
        var words = FakeWords(message)
        switch words.next() {
        case "beat": return .heartbeat
        case "ack": return .acknowledged(id: try words.number(), error: nil)
        case "trade": return .events([.trade(try words.trade())])
        case "candle":
            let isClosed = words.next() == "closed"
            return .events([
                .candle(MarketCandle(symbol: Fake.symbol, timeframe: .oneMinute, candle: try words.candle(), isClosed: isClosed))
            ])
        case "snapshot": return .events([.bookUpdate(try words.book(isSnapshot: true))])
        case "book": return .events([.bookUpdate(try words.book(isSnapshot: false))])
        default: throw Fake.malformed(changesState: false)
        }
    }

    package func bookChecksum(bids: [BookLevel], asks: [BookLevel], of instrument: TradedInstrument) -> UInt32? {
        Fake.checksum(bids, asks)
    }

    private static let charge = [BudgetCharge("weight", 1)]

    private static func call<Answer>(
        _ path: String, _ query: String = "", _ read: @escaping @Sendable (inout FakeWords) throws(VenueError) -> Answer
    ) -> PublicCall<Answer> {
        PublicCall(WebRequest(.get, path, query: query), charges: charge) { (response) throws(VenueError) in
            try Fake.check(response, changesState: false)
            var words = FakeWords(response.body)
            return try read(&words)
        }
    }
}

/// What both halves of the venue in memory share.
package enum Fake {
    package static let symbol = "BTCUSDT"

    package static func instrument() throws(VenueError) -> TradedInstrument {
        guard let pair = Pair("BTC/USDT") else { throw malformed(changesState: false) }
        var instrument = TradedInstrument(
            pair: pair, symbol: symbol, streamSymbol: "btcusdt", priceTick: Price(units: 1, decimals: 2),
            quantityStep: Quantity(units: 1, decimals: 4))
        instrument.minimumNotional = Amount(units: 5, decimals: 0)
        return instrument
    }

    static func malformed(changesState: Bool) -> VenueError {
        VenueError(
            .malformedAnswer, changesState ? .outcomeUnknown : .retryable(after: nil), code: "words", message: "not understood")
    }

    /// An answer of 400 and above is `KIND MESSAGE`.
    static func check(_ response: WebResponse, changesState: Bool) throws(VenueError) {
        guard response.status >= 400 else { return }
        var words = FakeWords(response.body)
        let kind = VenueError.Kind(rawValue: words.next()) ?? .malformedAnswer
        let handling: VenueError.Handling =
            switch kind {
            case .rateLimited, .banned: .retryable(after: .milliseconds(1))
            case .unavailable: changesState ? .outcomeUnknown : .retryable(after: nil)
            case .malformedAnswer: changesState ? .outcomeUnknown : .retryable(after: nil)
            case .authentication, .invalidNonce: .fatal
            default: .permanent
            }
        throw VenueError(kind, handling, code: "HTTP \(response.status)", message: String(decoding: response.body, as: UTF8.self))
    }

    static func checksum(_ bids: [BookLevel], _ asks: [BookLevel]) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for level in asks + bids {
            for byte in (level.price.description + "x" + level.quantity.description).utf8 {
                hash = (hash ^ UInt32(byte)) &* 16_777_619
            }
        }
        return hash
    }
}

/// Words of a message, one after the other.
struct FakeWords {
    private var rest: ArraySlice<Substring>
    /// Whether the bytes are text at all.
    let isText: Bool

    init(_ bytes: [UInt8]) {
        let text = String(validating: bytes, as: UTF8.self)
        isText = text != nil
        rest = (text ?? "").split(whereSeparator: { $0 == " " || $0 == "\n" })[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func next() -> String { rest.popFirst().map(String.init) ?? "" }

    mutating func number() throws(VenueError) -> Int64 {
        guard let value = Int64(next()) else { throw Fake.malformed(changesState: false) }
        return value
    }

    mutating func fixed<Kind>() throws(VenueError) -> FixedPoint<Kind> {
        guard let value = FixedPoint<Kind>(next()) else { throw Fake.malformed(changesState: false) }
        return value
    }

    mutating func trade() throws(VenueError) -> MarketTrade {
        let id = try number()
        return MarketTrade(
            symbol: Fake.symbol, tradeID: id, price: try fixed(), quantity: try fixed(), takerSide: .buy,
            time: Timestamp(milliseconds: try number()))
    }

    mutating func candle() throws(VenueError) -> Candle {
        let time = try number()
        let close = Double(try number())
        return Candle(time: Timestamp(milliseconds: time), open: close, high: close, low: close, close: close, volume: 1)
    }

    /// `FIRST LAST PREVIOUS CHECKSUM` and levels `b PRICE QUANTITY`.
    mutating func book(isSnapshot: Bool) throws(VenueError) -> BookUpdate {
        var update = BookUpdate(
            symbol: Fake.symbol, isSnapshot: isSnapshot, firstID: try number(), lastID: try number(), bids: [], asks: [])
        update.previousID = try number()
        update.checksum = UInt32(truncatingIfNeeded: try number())
        while !isAtEnd {
            let isBid = next() == "b"
            let level = BookLevel(try fixed(), try fixed())
            if isBid { update.bids.append(level) } else { update.asks.append(level) }
        }
        return update
    }
}
