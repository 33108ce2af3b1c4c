import Exchange
import Market
import Money

@testable import Binance
@testable import Kraken

// Sequences of messages, through the sessions and the keepers of books.

/// Between the parts of an input that has several.
let recordSeparator: UInt8 = 0x1E

let sessionCases: [FuzzCase] =
    [
        marketSession("spot", BinanceSpotMarketData(), FuzzInstrument.spot, messages: binanceMessages, answers: binanceAnswers),
        marketSession(
            "usdm", BinanceUSDMMarketData(), FuzzInstrument.perpetual, messages: binanceMessages, answers: binanceAnswers),
        marketSession("kraken", KrakenMarketData(), FuzzInstrument.kraken, messages: krakenMessages, answers: krakenAnswers),
        accountSession("spot", BinanceSpotTrading(), FuzzInstrument.spot, messages: binanceMessages, answers: binanceAnswers),
        accountSession(
            "usdm", BinanceUSDMTrading(), FuzzInstrument.perpetual, messages: binanceMessages, answers: binanceAnswers),
        accountSession("kraken", KrakenTrading(), FuzzInstrument.kraken, messages: krakenMessages, answers: krakenAnswers),
    ]

/// What happens next: a record of the input, its first byte saying what kind.
private struct Step {
    enum Kind { case message, answer, failed, time }

    var kind: Kind
    /// Whether it happens to the connection before the newest one.
    var isOlder: Bool
    /// How long it takes.
    var wait: Duration
    var bytes: [UInt8]

    init(_ record: ArraySlice<UInt8>) {
        let first = record.first ?? 0
        kind = [.message, .answer, .failed, .time][Int(first & 3)]
        isOlder = first & 4 != 0
        wait = first & 0x70 == 0 ? .milliseconds(10) : .seconds(1 << (2 * Int64(first >> 4 & 7)))
        bytes = Array(record.dropFirst())
    }

    static func all(_ bytes: [UInt8]) -> [Step] {
        bytes.split(separator: recordSeparator, omittingEmptySubsequences: false).prefix(200).map(Step.init)
    }

    /// Each message alone, all of them, and all with answers and interruptions between them.
    static func seeds(_ messages: [[UInt8]], _ answers: [[UInt8]]) -> [[UInt8]] {
        let records = messages.map { [0] + $0 }
        let mixed = messages.enumerated().flatMap { place, message -> [[UInt8]] in
            [[0] + message, [1] + answers[place % answers.count], [UInt8(2 + place % 2 + place % 8 * 16)]]
        }
        return records + [joined(records), joined(mixed), joined(mixed.reversed()), joined(records + [[0x53]] + records)]
    }

    private static func joined(_ records: [[UInt8]]) -> [UInt8] { Array(records.joined(separator: [recordSeparator])) }
}

// MARK: - Market streams

private func marketSession<Venue: MarketDataVenue>(
    _ name: String, _ venue: Venue, _ instrument: TradedInstrument, messages: [[UInt8]], answers: [[UInt8]]
) -> FuzzCase {
    FuzzCase("\(name) market session", seeds: Step.seeds(messages, answers)) { bytes in
        var shell = MarketShell(venue, instrument)
        for step in Step.all(bytes) { shell.carryOut(step) }
        return true
    }
}

/// Carries out what a session and its book want, and checks what comes out of them.
private struct MarketShell<Venue: MarketDataVenue> {
    private let venue: Venue
    private let instrument: TradedInstrument
    private var session: StreamSession
    private var keeper: BookKeeper
    private var connection = 0
    private var newest = 0
    private var fills: [StreamFill] = []
    private var now = Duration.zero
    private var lastTrade: Int64?
    private var lastCandle: Timestamp?

    init(_ venue: Venue, _ instrument: TradedInstrument) {
        self.venue = venue
        self.instrument = instrument
        var settings = StreamSession.Settings()
        settings.bufferLimit = 20
        settings.spacing = .zero
        let all: [MarketSubscription] = [
            .trades(instrument), .candles(instrument, .oneMinute), .book(instrument, depth: 10), .quote(instrument),
        ]
        session = StreamSession(
            all, settings: settings, render: { venue.subscribe($0, id: $1) }, renderEnd: { venue.unsubscribe($0, id: $1) })
        var bookSettings = BookKeeper.Settings()
        bookSettings.bufferLimit = 20
        bookSettings.updatesWithoutSnapshot = 3
        keeper = BookKeeper(venue.bookRule, depth: 10, settings: bookSettings) { bids, asks in
            venue.bookChecksum(bids: bids, asks: asks, of: instrument)
        }
        _ = keeper.started()
        carryOut(session.start(now: now, random: 1))
    }

    mutating func carryOut(_ step: Step) {
        now += step.wait
        connection = step.isOlder ? newest - 1 : newest
        switch step.kind {
        case .message: receive(step.bytes)
        case .answer: answer(step.bytes)
        case .failed: carryOut(session.failed(connection, reason: "cut", now: now, random: 7))
        case .time: carryOut(session.tick(now: now, random: 3))
        }
        _ = session.nextDeadline
    }

    private mutating func receive(_ bytes: [UInt8]) {
        do throws(VenueError) {
            carryOut(session.received(connection, try venue.decode(bytes), now: now, random: 5))
        } catch {
            _ = keeper.unreadable()
            carryOut(session.unreadable(connection, error, now: now, random: 5))
        }
    }

    /// The bytes are what REST says to the oldest question, and to one for the book.
    private mutating func answer(_ bytes: [UInt8]) {
        let response = HostileAnswer(bytes).response
        if let snapshot = try? venue.book(instrument, depth: 10).decode(response) {
            check(keeper.receive(snapshot: snapshot))
        } else {
            check(keeper.snapshotFailed())
        }
        guard !fills.isEmpty else { return }
        let fill = fills.removeFirst()
        switch fill.what {
        case .trades(let instrument, _):
            let trades = try? venue.recentTrades(instrument, limit: 5).decode(response)
            carryOut(trades.map { session.filled(fill.id, trades: $0) } ?? session.fillFailed(fill.id))
        case .candles(let instrument, let timeframe, let from):
            let candles = try? venue.candles(instrument, timeframe, from: from, limit: 5).decode(response)
            carryOut(candles.map { session.filled(fill.id, candles: $0, isCut: false) } ?? session.fillFailed(fill.id))
        }
    }

    private mutating func carryOut(_ directives: [StreamSession.Directive]) {
        for directive in directives {
            switch directive {
            case .connect(let id, _):
                newest = id
                carryOut(session.opened(id, now: now))
            case .send(let id, let text): acknowledge(text, on: id)
            case .fetch(let fill, _): fills.append(fill)
            case .emit(let event): take(event)
            case .ping, .close: break
            }
        }
    }

    /// Every subscription is accepted.
    private mutating func acknowledge(_ text: String, on id: Int) {
        let request = try? JSONValue(parsing: Array(text.utf8))
        let number = (request?["id"] ?? request?["req_id"])?.integer
        carryOut(session.received(id, .acknowledged(id: number, error: nil), now: now, random: 9))
    }

    /// Trades and candles come in order, trades once.
    private mutating func take(_ event: StreamEvent) {
        switch event {
        case .market(.trade(let trade)):
            precondition(lastTrade.map { trade.tradeID > $0 } ?? true, "trade \(trade.tradeID) after \(lastTrade ?? 0)")
            lastTrade = trade.tradeID
        case .market(.candle(let candle)):
            precondition(lastCandle.map { candle.candle.time >= $0 } ?? true, "a candle comes after a later one")
            lastCandle = candle.candle.time
        case .market(.bookUpdate(let update)): check(keeper.receive(update))
        case .gap(.book, _): check(keeper.stopped())
        case .resumed(.book, _): check(keeper.started())
        case .refused(let error), .unreadable(let error): checkError(error)
        case .market(.quote), .gap, .resumed, .bookSynced, .bookLost: break
        }
    }

    /// A book that is in step is not crossed, and no deeper than it was asked for.
    private func check(_ directives: [BookKeeper.Directive]) {
        guard keeper.isSynced else { return }
        precondition(!keeper.book.isCrossed, "a crossed book is called right")
        precondition(keeper.book.bids.count <= keeper.book.depth && keeper.book.asks.count <= keeper.book.depth)
        precondition(!directives.contains { if case .lost = $0 { true } else { false } }, "lost and in step")
    }
}

// MARK: - User streams

private func accountSession<Venue: TradingVenue>(
    _ name: String, _ venue: Venue, _ instrument: TradedInstrument, messages: [[UInt8]], answers: [[UInt8]]
) -> FuzzCase {
    FuzzCase("\(name) user session", seeds: Step.seeds(messages, answers)) { bytes in
        var shell = AccountShell(venue, instrument)
        for step in Step.all(bytes) { shell.carryOut(step) }
        return true
    }
}

/// Carries out what an account's session wants; the next answer over REST ends a reconciliation.
private struct AccountShell<Venue: TradingVenue> {
    private let venue: Venue
    private let instrument: TradedInstrument
    private var session: AccountSession
    private var connection = 0
    private var reconciliation: Int?
    private var now = Duration.zero
    private var told: Set<[String]> = []
    private var isReady = false

    init(_ venue: Venue, _ instrument: TradedInstrument) {
        self.venue = venue
        self.instrument = instrument
        var settings = AccountSession.Settings()
        settings.usesToken = venue.streamToken() != nil
        settings.renewal = venue.renewStreamToken("t")?.every
        settings.bufferLimit = 5
        session = AccountSession(settings: settings)
        carryOut(session.start(now: now, random: 1))
    }

    mutating func carryOut(_ step: Step) {
        now += step.wait
        switch step.kind {
        case .message:
            do throws(VenueError) {
                carryOut(session.received(connection, try venue.decodeAccount(step.bytes), now: now, random: 5))
            } catch {
                carryOut(session.unreadable(connection, error, now: now, random: 5))
            }
        case .answer: reconcile(step.bytes)
        case .failed: carryOut(session.failed(connection, reason: "cut", now: now, random: 7))
        case .time: carryOut(session.tick(now: now, random: 3))
        }
        _ = session.nextDeadline
    }

    private mutating func reconcile(_ bytes: [UInt8]) {
        guard let number = reconciliation else { return }
        reconciliation = nil
        guard let fills = try? venue.fills(instrument, after: nil, from: nil).decode(HostileAnswer(bytes).response) else {
            return carryOut(session.reconcileFailed(number, now: now))
        }
        for fill in fills { told.insert([fill.symbol, fill.tradeID]) }
        carryOut(session.reconciled(number, fills: fills))
    }

    private mutating func carryOut(_ directives: [AccountSession.Directive]) {
        for directive in directives {
            switch directive {
            case .fetchToken(let id, _): carryOut(session.token("token", for: id, now: now))
            case .connect(let id, _, _):
                connection = id
                carryOut(session.opened(id, now: now))
            case .subscribe(let id, _, let first):
                carryOut(session.subscribing(id, messages: 1, now: now))
                carryOut(session.received(id, .acknowledged(id: first, error: nil), now: now, random: 9))
            case .reconcile(let number, _): reconciliation = number
            case .emit(let event): take(event)
            case .renewToken, .ping, .close: break
            }
        }
    }

    /// A fill is told once, and only while the stream is ready.
    private mutating func take(_ event: AccountStreamEvent) {
        switch event {
        case .ready: isReady = true
        case .lost: isReady = false
        case .account(.order(_, let fill?)):
            precondition(isReady, "a fill before the stream is ready")
            precondition(told.insert([fill.symbol, fill.tradeID]).inserted, "fill \(fill.tradeID) is told twice")
        case .refused(let error), .unreadable(let error): checkError(error)
        case .account: break
        }
    }
}
