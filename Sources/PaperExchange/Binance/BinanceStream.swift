import Matching

/// A market stream that a client can subscribe to.
enum BinanceStream: Hashable, Sendable {
    case trade(InstrumentID)
    case aggregateTrade(InstrumentID)
    case kline(InstrumentID, BinanceInterval)
    /// Changes of the book, ten times a second or once.
    case depth(InstrumentID, isFast: Bool)
    /// The best levels.
    case levels(InstrumentID, Int, isFast: Bool)
    case book(InstrumentID)
    case miniTicker(InstrumentID)
    case ticker(InstrumentID)
    case windowTicker(InstrumentID, hours: Int64)
    case averagePrice(InstrumentID)
    case allMiniTickers
    case allTickers
    case allWindowTickers(hours: Int64)
    /// A stream of an instrument that there is not: nothing is ever sent.
    case silent(String)

    /// Nil: no stream has such a name.
    init?(_ name: String, _ venue: PaperVenue) {
        guard name.utf8.count <= 100 else { return nil }
        let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        if parts[0].hasPrefix("!") {
            guard let stream = Self.overall(parts[0], parts[1]) else { return nil }
            self = stream
            return
        }
        let instrument = venue.instruments.first { $0.binanceSymbol.lowercased() == parts[0] }
        guard let stream = Self.single(parts[1], instrument?.id ?? InstrumentID(-1)) else { return nil }
        self = instrument == nil ? .silent(name) : stream
    }

    private static func overall(_ name: String, _ rest: String) -> BinanceStream? {
        guard rest == "arr" else { return nil }
        switch name {
        case "!miniTicker": return .allMiniTickers
        case "!ticker": return .allTickers
        default: return windowHours(name, after: "!ticker_").map { .allWindowTickers(hours: $0) }
        }
    }

    private static func single(_ kind: String, _ id: InstrumentID) -> BinanceStream? {
        switch kind {
        case "trade": return .trade(id)
        case "aggTrade": return .aggregateTrade(id)
        case "bookTicker": return .book(id)
        case "miniTicker": return .miniTicker(id)
        case "ticker": return .ticker(id)
        case "avgPrice": return .averagePrice(id)
        case "depth", "depth@1000ms": return .depth(id, isFast: false)
        case "depth@100ms": return .depth(id, isFast: true)
        case "depth5", "depth5@1000ms": return .levels(id, 5, isFast: false)
        case "depth10", "depth10@1000ms": return .levels(id, 10, isFast: false)
        case "depth20", "depth20@1000ms": return .levels(id, 20, isFast: false)
        case "depth5@100ms": return .levels(id, 5, isFast: true)
        case "depth10@100ms": return .levels(id, 10, isFast: true)
        case "depth20@100ms": return .levels(id, 20, isFast: true)
        default: break
        }
        if kind.hasPrefix("kline_") { return BinanceInterval(String(kind.dropFirst(6))).map { .kline(id, $0) } }
        return windowHours(kind, after: "ticker_").map { .windowTicker(id, hours: $0) }
    }

    private static func windowHours(_ text: String, after prefix: String) -> Int64? {
        guard text.hasPrefix(prefix) else { return nil }
        return ["1h": 1, "4h": 4, "1d": 24][text.dropFirst(prefix.count)]
    }
}

/// One WebSocket of a client.
struct BinanceSession: Sendable {
    enum Kind: Sendable { case streams, api }

    let kind: Kind
    let peer: String
    /// Events are wrapped with the name of their stream.
    var isCombined: Bool
    /// Names by stream, and the order of subscription.
    var names: [BinanceStream: String] = [:]
    var order: [BinanceStream] = []
    /// Accounts whose events go here, by the number of the subscription.
    var accounts: [(id: Int64, account: AccountID)] = []
    var nextSubscription: Int64 = 0
    /// Messages that came in the second that began then.
    var secondStart: Int64 = .min
    var received = 0

    static let maximumStreams = 1024
    static let maximumMessagesPerSecond = 5
    static let maximumMessageLength = 65_536
    static let maximumAccounts = 1000
}

/// What was sent last on the streams.
struct BinanceFeeds: Sendable {
    /// Changes of a book that wait for the next second.
    struct Pending: Sendable {
        var first: Int64
        var last: Int64
        var bids: [Int64: Int64] = [:]
        var asks: [Int64: Int64] = [:]
    }

    struct Best: Hashable, Sendable {
        var bid: DepthLevel?
        var ask: DepthLevel?
    }

    struct Kline: Hashable, Sendable {
        var instrument: InstrumentID
        var interval: BinanceInterval
    }

    var subscribers: [BinanceStream: [SessionID]] = [:]
    var pending: [InstrumentID: Pending] = [:]
    var best: [InstrumentID: Best] = [:]
    /// When the candle opened that was sent last.
    var openCandles: [Kline: Int64] = [:]
    /// The book of which levels were sent last.
    var versions: [BinanceStream: Int64] = [:]
    var lastSecond: Int64 = .min
    var executions: Int64 = 0

    func isWanted(_ stream: BinanceStream) -> Bool { subscribers[stream] != nil }
}
