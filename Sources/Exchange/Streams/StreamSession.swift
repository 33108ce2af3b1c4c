package import Market

/// Keeps a set of market subscriptions alive over any number of connections, and their events complete.
///
/// Connects, subscribes in parts, waits for the answers, watches for silence, makes the next connection before the venue ends this one
/// and lets both run beside each other for a while, fills what was missed from REST, and passes events on in order and once. What could
/// not be had is told (`StreamEvent.gap`, `.resumed`). Pure: a shell carries out the directives; `now` is the uptime.
package struct StreamSession: Sendable {
    /// Names one connection of the session; never used twice.
    package typealias ConnectionID = Int

    package enum Directive: Hashable, Sendable {
        /// Open a connection after this wait, then call `opened` or `failed`.
        case connect(ConnectionID, after: Duration)
        case send(ConnectionID, String)
        /// Send a ping, because nothing was heard for half the time that is allowed.
        case ping(ConnectionID)
        /// Forget the connection; nothing about it is to be told any more.
        case close(ConnectionID)
        /// Ask over REST after this wait, then call `filled` or `fillFailed`.
        case fetch(StreamFill, after: Duration)
        case emit(StreamEvent)
    }

    package struct Settings: Hashable, Sendable {
        package var silenceLimit = Duration.seconds(30)
        package var connectDeadline = Duration.seconds(15)
        package var answerDeadline = Duration.seconds(10)
        /// Binance ends a connection after 24 hours.
        package var maximumAge = Duration.seconds(23 * 3600)
        /// How long two connections run beside each other.
        package var overlap = Duration.seconds(2)
        /// Subscriptions in one message at most.
        package var chunk = 50
        /// Binance takes five messages a second.
        package var spacing = Duration.milliseconds(250)
        /// Attempts to fill one gap, and the wait between them, which grows with each.
        package var fillAttempts = 5
        package var fillPause = Duration.seconds(1)
        /// Events kept while gaps are being filled, and of the next connection; beyond that a new one is made.
        package var bufferLimit = 50_000
        package var reconnect = ReconnectPolicy.Settings()

        package init() {}
    }

    /// Makes the messages that subscribe; the second argument is the number of the first.
    package typealias Render = @Sendable ([MarketSubscription], Int64) -> [String]

    let settings: Settings
    let render: Render
    let renderEnd: Render
    var policy: ReconnectPolicy
    var tracks: [StreamTrack]
    /// Where events of a name belong. One symbol may be subscribed to in several timeframes.
    let places: [StreamKey: Int]
    var current: StreamLink?
    var standby: StreamLink?
    /// When the standby takes over.
    var overlapEnd: Duration?
    var nextConnection = 1
    var nextRequest: Int64 = 1
    var nextFill = 1
    var isStopped = false

    /// Events of nothing that is subscribed to; they are dropped.
    package internal(set) var unexpectedEvents = 0
    /// Messages that could not be read.
    package internal(set) var unreadableMessages = 0
    /// Connections that were lost.
    package internal(set) var lostConnections = 0

    /// `renderEnd` makes the messages that unsubscribe.
    package init(
        _ subscriptions: [MarketSubscription], settings: Settings = Settings(), render: @escaping Render,
        renderEnd: @escaping Render = { _, _ in [] }
    ) {
        self.settings = settings
        self.render = render
        self.renderEnd = renderEnd
        policy = ReconnectPolicy(settings.reconnect)
        var places: [StreamKey: Int] = [:]
        tracks = []
        for subscription in subscriptions {
            let keys = StreamKey.all(subscription)
            guard keys.allSatisfy({ places[$0] == nil }) else { continue }
            for key in keys { places[key] = tracks.count }
            tracks.append(StreamTrack(subscription))
        }
        self.places = places
    }

    /// Whether every subscription is in step.
    package var isLive: Bool { tracks.allSatisfy(\.isLive) }
}

/// One connection of a session.
struct StreamLink: Sendable {
    enum Phase { case connecting, subscribing, live }

    let id: Int
    var phase = Phase.connecting
    /// The end of the attempt to connect.
    var deadline: Duration
    var openedAt = Duration.zero
    var lastHeard = Duration.zero
    var pinged = false
    var requests: RequestQueue
    /// What came while another connection was the one that counts.
    var buffer: [MarketEvent] = []
}

/// What is to be asked over REST to fill a gap.
package struct StreamFill: Hashable, Sendable {
    package enum What: Hashable, Sendable {
        /// The newest trades, as many as the venue gives; those after this id are missing.
        case trades(TradedInstrument, after: Int64)
        /// All candles from this opening on.
        case candles(TradedInstrument, Timeframe, from: Timestamp)
    }

    package var id: Int
    package var what: What

    package init(id: Int, what: What) {
        self.id = id
        self.what = what
    }
}

/// What a session knows of one subscription.
struct StreamTrack: Sendable {
    let subscription: MarketSubscription
    var isLive = false
    /// Whether it was ever live: then whatever comes late is a gap.
    var wasLive = false
    /// Events that wait for the gap before them to be filled.
    var pending: [MarketEvent] = []
    var fill: (id: Int, attempts: Int)?
    var lastTrade: Int64?
    var lastCandle: MarketCandle?
    var lastCandleIsClosed = false
    /// Jumps of trade numbers in which nothing was missing: some venues leave numbers out.
    var falseAlarms = 0

    init(_ subscription: MarketSubscription) { self.subscription = subscription }

    var instrument: TradedInstrument {
        switch subscription {
        case .trades(let instrument), .candles(let instrument, _), .book(let instrument, _), .quote(let instrument): instrument
        }
    }
}

/// By what an event finds its subscription.
struct StreamKey: Hashable, Sendable {
    enum Kind { case trades, candles, book, quote }

    var kind: Kind
    var symbol: String
    var minutes: Int64 = 0

    init(_ event: MarketEvent) {
        switch event {
        case .trade(let trade): (kind, symbol) = (.trades, trade.symbol)
        case .candle(let candle): (kind, symbol, minutes) = (.candles, candle.symbol, candle.timeframe.minutes)
        case .bookUpdate(let update): (kind, symbol) = (.book, update.symbol)
        case .quote(let quote): (kind, symbol) = (.quote, quote.symbol)
        }
    }

    init(_ kind: Kind, _ symbol: String, _ minutes: Int64 = 0) {
        self.kind = kind
        self.symbol = symbol
        self.minutes = minutes
    }

    /// All spellings in which a venue may name the instrument.
    static func all(_ subscription: MarketSubscription) -> Set<StreamKey> {
        let (kind, instrument, minutes): (Kind, TradedInstrument, Int64) =
            switch subscription {
            case .trades(let instrument): (.trades, instrument, 0)
            case .candles(let instrument, let timeframe): (.candles, instrument, timeframe.minutes)
            case .book(let instrument, _): (.book, instrument, 0)
            case .quote(let instrument): (.quote, instrument, 0)
            }
        let names = [instrument.streamSymbol, instrument.symbol] + instrument.aliases
        return Set(names.flatMap { [$0, $0.uppercased(), $0.lowercased()] }.map { StreamKey(kind, $0, minutes) })
    }
}
