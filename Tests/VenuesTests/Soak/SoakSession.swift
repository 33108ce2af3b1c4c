import Connectors
import Exchange
import Market
import Money
import PaperServer
import Synchronization
import Venues

/// The machine's time, which can be stopped for a venue while its book is looked at; afterwards it is again what it is elsewhere.
final class SoakTime: Sendable {
    private let frozen = Mutex<ContinuousClock.Instant?>(nil)

    func freeze() { frozen.withLock { $0 = ContinuousClock.now } }
    func thaw() { frozen.withLock { $0 = nil } }

    var serverClock: ServerClock {
        var clock = ServerClock.real
        clock.now = { self.frozen.withLock { $0 } ?? ContinuousClock.now }
        return clock
    }
}

/// Something that had to come did not.
struct SoakFailure: Error, CustomStringConvertible {
    let description: String
}

/// Runs `body`, but not for ever: what does not end within a time that is far beyond any it needs has hung.
func watched<Value: Sendable>(
    _ what: String, seconds: Int = 90, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await ContinuousClock().sleep(for: .seconds(seconds))
            // Told at once: what hangs may not heed that it is canceled.
            print("no end after \(seconds) s: \(what)")
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else {
            throw SoakFailure(description: "no end after \(seconds) s: \(what)")
        }
        return value
    }
}

/// A venue, one account's clients and streams, and what they tell.
final class SoakSession: Sendable {
    static let bookDepth = 10

    let dialect: String
    let rig: PaperRig
    let market: MarketDataClient
    let trading: TradingClient
    let instruments: [TradedInstrument]
    let account: AccountStream
    let stream: MarketStream
    let time: SoakTime
    /// The venue's time when it began.
    let start: Timestamp
    private let ledger: Mutex<SoakLedger>
    private let view = Mutex(SoakMarketView())
    private let bell = EventChannel<Bool>(capacity: 1)

    init(_ dialect: String, seed: UInt64) async throws {
        self.dialect = dialect
        time = SoakTime()
        var options = PaperRig.Options()
        options.bases = ["BTC", "ETH", "SOL"]
        options.money = (quote: 400_000, base: 40)
        options.seed = seed
        options.timeout = .milliseconds(800)
        options.clock = time.serverClock
        rig = try await PaperRig(dialect, options)
        do {
            market = rig.connectors.market(budget: Self.budget)
            _ = try await market.synchronizeClock()
            var instruments: [TradedInstrument] = []
            for pair in rig.pairs { instruments.append(try await market.instrument(pair)) }
            self.instruments = instruments
            trading = try rig.trading(market)
            start = market.gate.venueNow()
            account = AccountStream(trading, instruments: instruments, since: AccountStream.Cursor(from: start))
            stream = try market.stream(
                instruments.flatMap {
                    [.trades($0), .book($0, depth: Self.bookDepth), .candles($0, .oneMinute)]
                })
            ledger = Mutex(SoakLedger(instruments))
        } catch {
            await rig.stop()
            throw error
        }
    }

    /// Bans that come one after the other would keep a client away for days.
    private static var budget: RateBudget.Settings {
        var settings = RateBudget.Settings()
        settings.longestPause = .seconds(20)
        settings.firstBan = .seconds(10)
        settings.longestBan = .seconds(60)
        return settings
    }

    /// Runs `body` beside both streams, and ends everything after it.
    func run(_ body: () async throws -> Void) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await self.account.run() }
                group.addTask { await self.stream.run() }
                group.addTask {
                    for await update in self.account.updates {
                        self.change { $0.take(update) }
                        _ = self.bell.push(true)
                    }
                }
                group.addTask {
                    for await event in self.stream.events {
                        self.view.withLock { $0.take(event) }
                        _ = self.bell.push(true)
                    }
                }
                defer { group.cancelAll() }
                try await self.wait("the user stream") { ledger, _ in ledger.isReady }
                try await body()
            }
            await rig.stop()
        } catch {
            time.thaw()
            await rig.stop()
            throw error
        }
    }

    // MARK: - What is known

    func read<Value: Sendable>(_ body: (SoakLedger) -> Value) -> Value { ledger.withLock { body($0) } }
    func change(_ body: (inout SoakLedger) -> Void) { ledger.withLock { body(&$0) } }
    var marketView: SoakMarketView { view.withLock { $0 } }

    /// Waits for what the streams tell.
    func wait(_ what: String, until isDone: @escaping @Sendable (SoakLedger, SoakMarketView) -> Bool) async throws {
        try await watched(what) {
            while !isDone(self.read { $0 }, self.marketView) {
                guard await self.bell.next() != nil else { throw CancellationError() }
            }
        }
    }

    /// Waits until the user stream is ready; how often it was lost until then.
    func reconnectsWhenReady() async throws -> Int {
        while true {
            try await wait("the user stream") { ledger, _ in ledger.isReady }
            if let count = read({ $0.isReady ? $0.reconnects : nil }) { return count }
        }
    }

    /// The venue as it stands.
    func venue() throws -> SoakVenue {
        guard let venue = rig.server.inspect(rig.name, { SoakVenue($0, dialect: dialect) }) else {
            throw SoakFailure(description: "there is no venue \(rig.name)")
        }
        return venue
    }
}

/// What the market stream told.
struct SoakMarketView: Sendable {
    /// Changes of each book, by the stream's symbol.
    private(set) var bookUpdates: [String: Int] = [:]
    private(set) var trades = 0
    private(set) var contradictions: [String] = []
    private var newest: [String: Int64] = [:]
    /// Symbols of which trades were said to be lost.
    private var told: Set<String> = []

    mutating func take(_ event: StreamEvent) {
        switch event {
        case .market(.bookUpdate(let update)): bookUpdates[update.symbol, default: 0] += 1
        case .market(.trade(let trade)): take(trade)
        case .resumed(.trades(let instrument), isComplete: false): told.insert(instrument.streamSymbol)
        default: break
        }
    }

    private mutating func take(_ trade: MarketTrade) {
        trades += 1
        if let last = newest[trade.symbol] {
            if trade.tradeID <= last { contradictions.append("trade \(trade.tradeID) of \(trade.symbol) after \(last)") }
            if trade.tradeID > last + 1, !told.contains(trade.symbol) {
                contradictions.append("trades of \(trade.symbol) between \(last) and \(trade.tradeID) are missing unseen")
            }
        }
        told.remove(trade.symbol)
        newest[trade.symbol] = trade.tradeID
    }
}
