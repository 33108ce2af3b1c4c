import Backtesting
import Exchange
import Market
import Money
import Orders
import Strategies
import Testing

@testable import TradingLoop

/// A loop and a venue over a market, with or without crashes in between.
struct Run {
    var loop: TradingInstance
    var venue: SimpleVenue
    let settings: TradingSettings
    let strategy: any Strategy
    let listings: [TradedInstrument]
    let pairs: [Pair]
    var now = Timestamp(milliseconds: 0)
    var known: [Pair: [Candle]] = [:]
    /// The newest record of each kind and key.
    var journal: [String: TradingRecord] = [:]
    var told: [Balance]
    var closed: [TradeReport] = []
    var decisions: [Decision.Kind: Int] = [:]
    var mostOpen = 0
    var crashes = 0
    private var isEnding = false
    /// Whether the loop dies before an input; nil: it never does.
    var dies: ((UInt64) -> Bool)?
    private var inputs: UInt64 = 0

    init(_ settings: TradingSettings, _ strategy: any Strategy, _ listings: [TradedInstrument], seed: UInt64, cash: String) throws
    {
        self.settings = settings
        self.strategy = strategy
        self.listings = listings
        pairs = listings.map(\.pair)
        venue = SimpleVenue(seed: seed, listings: listings, cash: amount(cash))
        told = venue.balances
        loop = try TradingInstance(settings: settings, strategy: strategy, whitelist: pairs, instruments: listings, gate: .active)
    }

    mutating func start(_ history: [Pair: [Candle]], at time: Timestamp) throws {
        now = time
        known = history
        try begin()
    }

    private mutating func begin() throws {
        for pair in pairs {
            _ = loop.history(pair, Candles(known[pair] ?? []), now: now)
            if let quote = venue.quotes[pair] { _ = loop.quote(pair, bid: quote, ask: quote, now: now) }
        }
        let waiting = loop.workingTickets
        #expect(waiting.isEmpty)
        // What the order journal knows: the last state heard of, and for orders that nothing was heard of that they were sent.
        let orders = venue.orders.keys.sorted().map { ticket in
            venue.delivered[ticket]
                ?? OrderUpdate(ticket: ticket, status: .submitted, filled: .zero, cost: .zero, fees: [], time: now)
        }
        told = venue.balances
        // Gate and pauses are the shell's to know.
        if isEnding { _ = loop.pauseEntries("end", now: now) }
        try carryOut(loop.start(records: Array(journal.values), orders: orders, balances: told, now: now))
    }

    /// Kills the loop and starts another from the journal.
    private mutating func crash() throws {
        crashes += 1
        loop = try TradingInstance(settings: settings, strategy: strategy, whitelist: pairs, instruments: listings, gate: .active)
        try begin()
    }

    /// Hands something to the loop, between looks at the wallet.
    mutating func input(
        of update: OrderUpdate? = nil, _ change: (inout TradingInstance, Timestamp) -> [TradingDirective]
    ) throws {
        inputs += 1
        if let dies, dies(inputs) { try crash() }
        if let update { venue.delivered[update.ticket] = update }
        try hearWallet()
        try carryOut(change(&loop, now))
        try hearWallet()
    }

    /// A restarted loop reads the wallet; so that both runs know the same, the other one hears of it all the time.
    private mutating func hearWallet() throws {
        told = venue.balances
        try carryOut(loop.wallet(told, isComplete: true, now: now))
    }

    private mutating func carryOut(_ directives: [TradingDirective]) throws {
        for directive in directives {
            switch directive {
            case .record(let record): journal["\(record.kind) \(record.key)"] = record
            case .place(let request): venue.place(request, now: now)
            case .cancel(let ticket, _): venue.cancel(ticket, now: now)
            case .trade(let report): if report.state == .closed { closed.append(report) }
            case .decision(let decision): decisions[decision.kind, default: 0] += 1
            case .wakeAt, .finished: break
            }
        }
        mostOpen = max(mostOpen, loop.openTradeCount)
    }

    /// Hears from the venue until it has nothing to say.
    mutating func listen() throws {
        for _ in 0..<50 {
            let updates = venue.deliver()
            if updates.isEmpty { return }
            for update in updates {
                try input(of: update) { $0.orderUpdate(update, now: $1) }
            }
        }
    }

    mutating func quote(_ pair: Pair, _ price: Price) throws {
        venue.quotes[pair] = price
        venue.matchAll(now: now)
        try input { $0.quote(pair, bid: price, ask: price, now: $1) }
        try listen()
    }

    mutating func candle(_ pair: Pair, _ candle: Candle) throws {
        // A restarted loop is given what was known before this candle.
        try input { $0.candle(pair, candle, now: $1) }
        known[pair, default: []].append(candle)
        try listen()
    }

    mutating func tick() throws {
        venue.step += 1
        venue.matchAll(now: now)
        try listen()
        try input { $0.tick(now: $1) }
        try listen()
    }

    /// Closes everything, whatever the venue does.
    mutating func closeAll() throws {
        isEnding = true
        try input { $0.pauseEntries("end", now: $1) }
        try input { $0.forceExit(.all, isMarket: true, now: $1) }
        try listen()
        for _ in 0..<200 where loop.openTradeCount > 0 {
            now = now.advanced(byMilliseconds: 31_000)
            try tick()
        }
    }
}

extension Candles {
    init(_ rows: [Candle]) {
        self.init(
            times: Column(rows.map(\.time.milliseconds)), open: Column(rows.map(\.open)), high: Column(rows.map(\.high)),
            low: Column(rows.map(\.low)), close: Column(rows.map(\.close)), volume: Column(rows.map(\.volume)))
    }
}
