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
        case .history(let pair, let list): show(market.answered(pair, list, now: now))
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
        market.connect(list, places)
        market.askForCandles(now: now)
        log.info("the venue answers", metadata: ["venue": "\(plan.exchange)", "pairs": "\(list.count)"])
    }

    private mutating func take(_ event: StreamEvent) {
        switch event {
        case .refused(let error), .unreadable(let error):
            executor.noteError(isFinal: false)
            log.warning("the market's stream is disturbed", metadata: ["cause": "\(error)"])
        default: show(market.take(event, now: now))
        }
        noteConnection()
    }

    private mutating func noteConnection() {
        let isConnected = market.isConnected
        guard isConnected != (executor.health(memoryUsage: 0, cpuUsage: 0).exchangeConnected ?? false) else { return }
        executor.note(isConnected: isConnected)
        log.info(isConnected ? "the market of every pair comes in" : "the market of some pair does not come in")
    }

    /// Shows the newest state of the books that changed.
    mutating func feedBooks() {
        guard end == nil, instance != nil else { return }
        show(market.takeBooks())
    }

    private mutating func show(_ steps: [JobMarket.Step]) {
        for step in steps {
            switch step {
            case .book(let pair, let bids, let asks): apply(instance?.book(pair, bids: bids, asks: asks, now: now))
            case .lost(let pair): instance?.lostMarket(pair)
            case .history(let pair, let list): apply(instance?.history(pair, list, now: now))
            case .missed(let pair, let list): records.record(list, of: pair, isStarted: isStarted)
            case .candle(let pair, let candle): feed(candle, of: pair)
            }
        }
    }

    private mutating func feed(_ candle: Candle, of pair: Pair) {
        guard isStarted else {
            _ = instance?.candle(pair, candle, now: now)
            return records.record([candle], of: pair, isStarted: false)
        }
        apply(instance?.candle(pair, candle, now: now))
    }
}
