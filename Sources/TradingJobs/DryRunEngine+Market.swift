internal import Backtesting
internal import Connectors
internal import Coordination
internal import DryRunJob
internal import Exchange
internal import Execution
internal import Fleet
internal import Logging
internal import Market
internal import TradingJournal
internal import TradingLoop

/// The market as it comes in.
extension DryRunEngine {
    mutating func take(_ event: MarketFeed.Event) {
        guard end == nil else { return }
        switch event {
        case .trouble(let text):
            executor.noteError(isFinal: false)
            log.warning("the venue cannot be used, trying again", metadata: ["cause": "\(text)"])
        case .connected(let list, let places): connect(list, places)
        case .history(let pair, let list): take(candles.answered(pair, list, now: now), of: pair)
        case .stream(let event): take(event)
        case .failed(let fault): fail(fault)
        }
    }

    private mutating func connect(_ list: [TradedInstrument], _ places: [Pair: MarketStream]) {
        let traded = list.map { plan.usualFees?.filled(into: $0) ?? $0 }
        do throws(TradingError) {
            instance = try DryRunInstance(
                settings: plan.settings, strategy: plan.strategy, whitelist: plan.pairs, instruments: traded, wallet: plan.wallet,
                rules: plan.rules, gate: gate)
        } catch { return fail(JobFault(.badConfiguration, "\(error)")) }
        streams = places
        for instrument in list {
            pairs[instrument.streamSymbol] = instrument.pair
            instruments[instrument.pair] = instrument
        }
        askForCandles()
        log.info("the venue answers", metadata: ["venue": "\(plan.exchange)", "pairs": "\(list.count)"])
    }

    // MARK: - Streams

    private mutating func take(_ event: StreamEvent) {
        switch event {
        case .market(.candle(let candle)): take(candle)
        case .market(.bookUpdate(let update)): if let pair = pairs[update.symbol] { changedBooks.insert(pair) }
        case .bookSynced(let subscription):
            liveBooks.insert(subscription.instrument.pair)
            changedBooks.insert(subscription.instrument.pair)
        case .gap(let subscription, let gap): lose(subscription, "\(gap)")
        case .bookLost(let subscription, let fault): lose(subscription, "the book is out of step: \(fault)")
        case .resumed(.candles(let instrument, _), isComplete: let isComplete):
            liveCandles.insert(instrument.pair)
            // Without a history yet it is asked for anyway.
            if !isComplete, candles.isKnown(instrument.pair), candles.ask(instrument.pair, now: now) {
                wanted.append(instrument.pair)
            }
        case .refused(let error), .unreadable(let error):
            executor.noteError(isFinal: false)
            log.warning("the market's stream is disturbed", metadata: ["cause": "\(error)"])
        case .resumed, .market: break
        }
        noteConnection()
    }

    private mutating func lose(_ subscription: MarketSubscription, _ why: String) {
        let pair = subscription.instrument.pair
        if case .candles = subscription {
            liveCandles.remove(pair)
        } else {
            liveBooks.remove(pair)
            changedBooks.remove(pair)
            instance?.lostMarket(pair)
        }
        log.notice("the market of a pair is interrupted", metadata: ["pair": "\(pair)", "cause": "\(why)"])
    }

    private mutating func noteConnection() {
        let isConnected = liveBooks.count == plan.pairs.count && liveCandles.count == plan.pairs.count
        guard isConnected != (executor.health(memoryUsage: 0, cpuUsage: 0).exchangeConnected ?? false) else { return }
        executor.note(isConnected: isConnected)
        log.info(isConnected ? "the market of every pair comes in" : "the market of some pair does not come in")
    }

    /// Shows the newest state of the books that changed; how often they changed in between does not matter.
    mutating func feedBooks() {
        guard end == nil, !changedBooks.isEmpty, instance != nil else { return }
        for pair in plan.pairs where changedBooks.contains(pair) {
            guard let instrument = instruments[pair], let book = streams[pair]?.book(instrument, depth: plan.bookDepth) else {
                continue
            }
            let (bids, asks) = (Array(book.bids.prefix(plan.bookDepth)), Array(book.asks.prefix(plan.bookDepth)))
            apply(instance?.book(pair, bids: bids, asks: asks, now: now))
        }
        changedBooks = []
    }

    // MARK: - Candles

    private mutating func take(_ candle: MarketCandle) {
        guard candle.isClosed == true, candle.timeframe == plan.timeframe, let pair = pairs[candle.symbol] else { return }
        // The prices of the time before it come first.
        feedBooks()
        take(candles.closed(pair, candle.candle), of: pair)
    }

    private mutating func take(_ step: CandleBook.Step, of pair: Pair) {
        switch step {
        case .known: break
        case .incomplete: if candles.ask(pair, now: now) { wanted.append(pair) }
        case .next(let candle): feed(candle, of: pair)
        case .history(let list, let fresh):
            guard let newest = list.last else { return }
            if list.count < plan.settings.rules.startupCandleCount {
                log.warning(
                    "the venue has fewer candles than warm the strategy up",
                    metadata: [
                        "pair": "\(pair)", "candles": "\(list.count)", "wanted": "\(plan.settings.rules.startupCandleCount)",
                    ])
            }
            // Only the newest one is decided on; those before it are too late for that.
            apply(instance?.history(pair, Candles(list.dropLast()), now: now))
            record(list.suffix(fresh).dropLast(), of: pair)
            feed(newest, of: pair)
        }
    }

    private mutating func feed(_ candle: Candle, of pair: Pair) {
        guard isStarted else {
            _ = instance?.candle(pair, candle, now: now)
            return record([candle], of: pair)
        }
        apply(instance?.candle(pair, candle, now: now))
    }

    /// Candles that are not decided on are in the journal, too, so that a backtest over the same time has them all.
    private mutating func record(_ list: some Sequence<Candle>, of pair: Pair) {
        guard isStarted else {
            unrecorded[pair, default: []] += list
            return
        }
        batch += list.map { JournalNote.candle(pair, $0).record }
    }

    /// Asks for what should be there and is not.
    mutating func askForCandles() {
        guard end == nil, instance != nil else { return }
        wanted += candles.due(plan.pairs, now: now)
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
