internal import Backtesting
internal import Connectors
internal import Exchange
internal import Logging
internal import Market
internal import TradingLoop

/// The market of a job's pairs as it comes in: which candles are new, and the newest state of the books that changed. Nothing in it waits.
struct JobMarket {
    /// What the job is shown, in this order.
    enum Step {
        case book(Pair, bids: [BookLevel], asks: [BookLevel])
        /// The book of a pair is not known any more.
        case lost(Pair)
        /// Candles of a pair before the next `candle`: for indicators, nothing is decided on them.
        case history(Pair, Candles)
        /// Candles that came too late to be decided on; for the journal.
        case missed(Pair, [Candle])
        case candle(Pair, Candle)
    }

    let plan: JobPlan
    let log: Logger
    private var candles: CandleBook
    private(set) var instruments: [Pair: TradedInstrument] = [:]
    /// Names of the streams.
    private var names: [String: Pair] = [:]
    private var streams: [Pair: MarketStream] = [:]
    /// Books that changed and were not looked at yet.
    private var changedBooks: Set<Pair> = []
    private var liveBooks: Set<Pair> = []
    private var liveCandles: Set<Pair> = []
    /// Pairs whose history is to be asked for.
    private var wanted: [Pair] = []

    init(_ plan: JobPlan, settings: JobSettings, log: Logger) {
        self.plan = plan
        self.log = log
        candles = CandleBook(
            timeframe: plan.timeframe, grace: settings.candleGrace.wholeMilliseconds,
            settling: settings.candleSettling.wholeMilliseconds)
    }

    var isConnected: Bool { liveBooks.count == plan.pairs.count && liveCandles.count == plan.pairs.count }
    /// Whether the history of every pair was heard.
    var isKnown: Bool { plan.pairs.allSatisfy(candles.isKnown) }

    mutating func connect(_ list: [TradedInstrument], _ places: [Pair: MarketStream]) {
        streams = places
        for instrument in list {
            names[instrument.streamSymbol] = instrument.pair
            instruments[instrument.pair] = instrument
        }
    }

    // MARK: - Streams

    mutating func take(_ event: StreamEvent, now: Timestamp) -> [Step] {
        switch event {
        case .market(.candle(let candle)): return take(candle, now)
        case .market(.bookUpdate(let update)): if let pair = names[update.symbol] { changedBooks.insert(pair) }
        case .bookSynced(let subscription):
            liveBooks.insert(subscription.instrument.pair)
            changedBooks.insert(subscription.instrument.pair)
        case .gap(let subscription, let gap): return lose(subscription, "\(gap)")
        case .bookLost(let subscription, let fault): return lose(subscription, "the book is out of step: \(fault)")
        case .resumed(.candles(let instrument, _), isComplete: let isComplete):
            liveCandles.insert(instrument.pair)
            // Without a history yet it is asked for anyway.
            if !isComplete, candles.isKnown(instrument.pair), candles.ask(instrument.pair, now: now) {
                wanted.append(instrument.pair)
            }
        case .resumed, .market, .refused, .unreadable: break
        }
        return []
    }

    private mutating func lose(_ subscription: MarketSubscription, _ why: String) -> [Step] {
        let pair = subscription.instrument.pair
        log.notice("the market of a pair is interrupted", metadata: ["pair": "\(pair)", "cause": "\(why)"])
        if case .candles = subscription {
            liveCandles.remove(pair)
            return []
        }
        liveBooks.remove(pair)
        changedBooks.remove(pair)
        return [.lost(pair)]
    }

    /// The newest state of the books that changed; how often they changed in between does not matter.
    mutating func takeBooks() -> [Step] {
        guard !changedBooks.isEmpty else { return [] }
        var steps: [Step] = []
        for pair in plan.pairs where changedBooks.contains(pair) {
            guard let instrument = instruments[pair], let book = streams[pair]?.book(instrument, depth: plan.bookDepth) else {
                continue
            }
            steps.append(
                .book(pair, bids: Array(book.bids.prefix(plan.bookDepth)), asks: Array(book.asks.prefix(plan.bookDepth))))
        }
        changedBooks = []
        return steps
    }

    /// All books count as changed: somebody new looks at them.
    mutating func showBooksAgain() { changedBooks = liveBooks }

    // MARK: - Candles

    private mutating func take(_ candle: MarketCandle, _ now: Timestamp) -> [Step] {
        guard candle.isClosed == true, candle.timeframe == plan.timeframe, let pair = names[candle.symbol] else { return [] }
        // The prices of the time before it come first.
        return takeBooks() + take(candles.closed(pair, candle.candle), of: pair, now)
    }

    /// The newest candles of a pair, over REST.
    mutating func answered(_ pair: Pair, _ list: [Candle], now: Timestamp) -> [Step] {
        take(candles.answered(pair, list, now: now), of: pair, now)
    }

    private mutating func take(_ step: CandleBook.Step, of pair: Pair, _ now: Timestamp) -> [Step] {
        switch step {
        case .known: return []
        case .incomplete:
            if candles.ask(pair, now: now) { wanted.append(pair) }
            return []
        case .next(let candle): return [.candle(pair, candle)]
        case .history(let list, let fresh):
            guard let newest = list.last else { return [] }
            if list.count < plan.settings.rules.startupCandleCount {
                log.warning(
                    "the venue has fewer candles than warm the strategy up",
                    metadata: [
                        "pair": "\(pair)", "candles": "\(list.count)", "wanted": "\(plan.settings.rules.startupCandleCount)",
                    ])
            }
            // Only the newest one is decided on; those before it are too late for that.
            return [
                .history(pair, Candles(list.dropLast())), .missed(pair, Array(list.suffix(fresh).dropLast())),
                .candle(pair, newest),
            ]
        }
    }

    /// Asks for what should be there and is not.
    mutating func askForCandles(now: Timestamp) { wanted += candles.due(plan.pairs, now: now) }

    mutating func takeWanted() -> [Pair] {
        defer { wanted = [] }
        return wanted
    }
}

extension MarketSubscription {
    var instrument: TradedInstrument {
        switch self {
        case .trades(let instrument), .candles(let instrument, _), .book(let instrument, _), .quote(let instrument): instrument
        }
    }
}

extension Candles {
    init(_ list: some Collection<Candle>) {
        self.init(
            times: Column(list.map(\.time.milliseconds)), open: Column(list.map(\.open)), high: Column(list.map(\.high)),
            low: Column(list.map(\.low)), close: Column(list.map(\.close)), volume: Column(list.map(\.volume)))
    }
}
