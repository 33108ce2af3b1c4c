internal import Connectors
internal import Coordination
internal import Exchange
internal import Execution
internal import Fleet
internal import Halt
internal import LiveJob
internal import Logging
internal import Market
internal import Orders
internal import Risk
internal import TradingJournal
internal import TradingLoop

/// The market, the account and the venue's answers as they come in.
extension LiveEngine {
    mutating func take(_ event: MarketFeed.Event) {
        guard end == nil else { return }
        switch event {
        case .trouble(let text):
            executor.noteError(isFinal: false)
            log.warning("the venue cannot be used, trying again", metadata: ["cause": "\(text)"])
        case .connected(let list, let places): connect(list, places)
        case .history(let pair, let list): show(market.answered(pair, list, now: now))
        case .stream(.refused(let error)), .stream(.unreadable(let error)): disturbed("the market's stream", error)
        case .stream(let event):
            show(market.take(event, now: now))
            noteConnection()
        case .failed(let fault): fail(fault)
        }
    }

    private mutating func disturbed(_ what: String, _ error: VenueError) {
        executor.noteError(isFinal: false)
        log.warning("\(what) is disturbed", metadata: ["cause": "\(error)"])
    }

    private mutating func connect(_ list: [TradedInstrument], _ places: [Pair: MarketStream]) {
        let traded = list.map { plan.job.usualFees?.filled(into: $0) ?? $0 }
        do throws(TradingError) {
            instance = try LiveInstance(
                settings: plan.live, trading: plan.job.settings, strategy: plan.job.strategy, whitelist: plan.job.pairs,
                instruments: traded, identity: plan.identity, account: plan.accountName, policy: plan.policy,
                budget: links.budget(), gate: gate)
        } catch { return fail(JobFault(.badConfiguration, "\(error)")) }
        market.connect(list, places)
        market.askForCandles(now: now)
        log.info("the venue answers", metadata: ["venue": "\(plan.job.exchange)", "pairs": "\(list.count)"])
    }

    private mutating func noteConnection() {
        let isConnected = market.isConnected && isStreamReady
        guard isConnected != self.isConnected else { return }
        self.isConnected = isConnected
        executor.note(isConnected: isConnected)
        log.info(isConnected ? "market and account come in" : "the market of some pair, or the account, does not come in")
    }

    // MARK: - The market

    mutating func feedBooks() {
        guard end == nil, instance != nil else { return }
        show(market.takeBooks())
    }

    private mutating func show(_ steps: [JobMarket.Step]) {
        for step in steps {
            switch step {
            case .book(let pair, let bids, let asks): apply(instance?.book(pair, bids: bids, asks: asks, now: instant))
            // Orders rest at the venue whether we see its book or not.
            case .lost: break
            case .history(let pair, let list): apply(instance?.history(pair, list, now: instant))
            case .missed(let pair, let list): records.record(list, of: pair, isStarted: isStarted)
            case .candle(let pair, let candle): feed(candle, of: pair)
            }
        }
    }

    private mutating func feed(_ candle: Candle, of pair: Pair) {
        guard isStarted else {
            _ = instance?.candle(pair, candle, now: instant)
            return records.record([candle], of: pair, isStarted: false)
        }
        apply(instance?.candle(pair, candle, now: instant))
    }

    // MARK: - The account

    mutating func take(_ update: AccountUpdate) {
        guard end == nil || isStopping else { return }
        switch update {
        case .stream(.account(let event)): apply(instance?.accountEvent(event, now: instant))
        case .stream(.lost(let reason)): loseStream(reason)
        case .overflow(let count): loseStream("\(count) updates were not read in time")
        case .stream(.ready):
            isStreamReady = true
            apply(instance?.streamReady(now: instant))
        case .stream(.refused(let error)):
            tell(alarm: "the account's stream is refused, and nothing new is traded without it: \(error)")
        case .stream(.unreadable(let error)): disturbed("the account's stream", error)
        case .reconciled(let snapshot):
            let reading = ReconciliationSnapshot(
                openOrders: snapshot.openOrders, fills: snapshot.fills, balances: snapshot.balances)
            apply(instance?.reconciled(reading, number: nil, now: instant))
        }
        noteConnection()
    }

    private mutating func loseStream(_ reason: String) {
        isStreamReady = false
        log.notice("the account's stream is interrupted", metadata: ["cause": "\(reason)"])
        apply(instance?.streamLost(reason, now: instant))
    }

    mutating func take(_ answer: LiveAnswer) {
        switch answer {
        case .placed(let ticket, .failure(let error)) where error.code.hasPrefix("permit."):
            apply(instance?.denied(ticket, "\(error.code): \(error.message)", now: instant))
        case .placed(let ticket, let result): apply(instance?.sendResult(ticket, result, now: instant))
        case .canceled(let ticket, let result): apply(instance?.cancelResult(ticket, result, now: instant))
        case .found(let ticket, let answer): apply(instance?.lookUpResult(ticket, answer, now: instant))
        case .identified(let report): apply(instance?.accountEvent(.order(report, fill: nil), now: instant))
        case .read(let snapshot, let number): apply(instance?.reconciled(snapshot, number: number, now: instant))
        case .deadMan(let number, let error):
            if let error { disturbed("the dead-man timer", error) }
            apply(instance?.deadManResult(number, error, now: instant))
        case .unread(let error, let number):
            disturbed("the reading of the account", error)
            apply(instance?.reconciliationFailed(error, number: number, now: instant))
        }
    }
}
