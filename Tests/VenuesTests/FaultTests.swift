import ConnectorTesting
import Connectors
import Exchange
import Market
import Money
import PaperExchange
import Testing

@testable import Venues

/// What our side came to know of one run.
private struct OurView {
    /// Venue ids of orders that the venue said it took.
    var placed: Set<VenueOrderID> = []
    var notPlaced = 0
    var fills: [String: Fill] = [:]
    var doubles = 0

    mutating func take(_ update: AccountUpdate) {
        switch update {
        case .stream(.account(.order(_, let fill?))): add(fill)
        case .reconciled(let snapshot): for fill in snapshot.fills { add(fill) }
        default: break
        }
    }

    private mutating func add(_ fill: Fill) {
        if fills.updateValue(fill, forKey: fill.tradeID) != nil { doubles += 1 }
    }
}

@Suite(.serialized, .timeLimit(.minutes(5)))
struct FaultTests {
    /// Every fault that the paper exchange can make, and which requests it strikes.
    static let faults: [(PaperFault.Kind, PaperFault.Target)] = [
        (.latency(milliseconds: 300), .any), (.timeoutAfterAccepting, .placing), (.backendTimeout, .placing),
        (.cutBefore, .placing),
        (.cutAfter, .placing), (.cutAfter, .canceling), (.rateLimited(retryAfter: 1), .placing),
        (.banned(retryAfter: 1), .placing),
        (.outage, .placing), (.rejectOrders, .placing), (.garbage, .placing), (.garbage, .account),
        (.clockSkew(milliseconds: 90_000), .any), (.clockSkew(milliseconds: -90_000), .any), (.partialFills(0.3), .any),
        (.loseStreamMessages, .any), (.duplicateStreamMessages, .any), (.reorderStreamMessages, .any), (.disconnectStreams, .any),
        (.bookGap, .any),
    ]

    @Test(arguments: ["binance", "kraken"], faults.indices)
    func `whatever goes wrong, every order has an outcome and our view is the venue's`(dialect: String, index: Int) async throws {
        let (kind, target) = Self.faults[index]
        try await withRig(dialect) { rig in
            let market = rig.connectors.market()
            _ = try await market.synchronizeClock(rounds: 2)
            let instrument = try await market.instrument(rig.pair)
            let trading = try rig.trading(market)
            let start = market.gate.venueNow()
            let stream = AccountStream(trading, instruments: [instrument], since: AccountStream.Cursor(from: start))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await stream.run() }
                defer { group.cancelAll() }
                var view = OurView()
                try await read(stream, into: &view) { $0 == .stream(.ready) }
                try await rig.fault(kind, target, count: 3)
                try await trade(rig, market, trading, instrument, &view)
                // Streams are cut with the venue's next tick, which may come after all of these orders.
                if kind == .disconnectStreams { while try await count(rig, kind) == 0 { await Task.yield() } }
                try await rig.clearFaults()
                try await settle(rig, trading, instrument, stream, from: start, &view)
                try await compare(rig, trading, instrument, view)
                try await struck(rig, kind)
            }
        }
    }

    /// Reads updates until one is what is waited for.
    private func read(
        _ stream: AccountStream, into view: inout OurView, until isDone: (AccountUpdate) -> Bool
    ) async throws {
        while true {
            let update = try #require(await stream.updates.next(), "the stream ended")
            view.take(update)
            if isDone(update) { return }
        }
    }

    /// Buys at the market, orders that rest, a sale, cancels: eight orders.
    private func trade(
        _ rig: PaperRig, _ market: MarketDataClient, _ trading: TradingClient, _ instrument: TradedInstrument,
        _ view: inout OurView
    )
        async throws
    {
        let resting = try await rig.restingPrice(market)
        for number in 0..<8 {
            let isResting = number % 2 == 1
            let order = OrderIntent(
                number % 4 == 2 ? .sell : .buy, isResting ? .limit(resting) : .market,
                quantity: Quantity(units: 2, decimals: 1), clientOrderID: rig.freshID())
            _ = try? await trading.balances()
            guard let report = try await place(order, trading, instrument) else {
                view.notPlaced += 1
                continue
            }
            view.placed.insert(report.venueOrderID)
            if number % 4 == 1 { _ = try? await trading.cancel(.venue(report.venueOrderID), instrument) }
        }
    }

    /// The order as the venue has it; nil where it surely has not.
    private func place(_ order: OrderIntent, _ trading: TradingClient, _ instrument: TradedInstrument) async throws
        -> OrderReport?
    {
        do throws(VenueError) {
            return try await trading.place(order, instrument)
        } catch let failure {
            guard failure.handling == .outcomeUnknown else { return nil }
            let end = trading.gate.venueNow().advanced(byMilliseconds: 5000)
            switch await trading.lookUp(order.clientOrderID, instrument, until: end, patience: .seconds(600)) {
            case .found(let report): return report
            case .notPlaced: return nil
            case .stillUnknown:
                Issue.record("\(order.clientOrderID) stayed unknown after \(failure)")
                return nil
            }
        }
    }

    /// Cancels what is open, has the streams connect anew (a lost message of a user stream is only seen then), and reads until our fills are
    /// those of the venue.
    private func settle(
        _ rig: PaperRig, _ trading: TradingClient, _ instrument: TradedInstrument, _ stream: AccountStream, from start: Timestamp,
        _ view: inout OurView
    ) async throws {
        while true {
            let open = try await patiently(trading) { () async throws(VenueError) in try await trading.openOrders(instrument) }
            if open.isEmpty { break }
            _ = try await patiently(trading) { () async throws(VenueError) in
                try await trading.cancelAll(trading.venue.cancelAll(instrument) == nil ? nil : instrument)
            }
        }
        let fills = try await patiently(trading) { () async throws(VenueError) in
            try await trading.allFills(instrument, after: nil, from: start)
        }
        try await rig.fault(.disconnectStreams)
        let expected = Set(fills.map(\.tradeID))
        if Set(view.fills.keys) != expected {
            var known = view
            while Set(known.fills.keys) != expected {
                known.take(try #require(await stream.updates.next(), "the stream ended"))
            }
            view = known
        }
    }

    /// Again while the venue asks for patience or a cancel's outcome is open; the time limit of the suite ends it.
    private func patiently<Answer>(
        _ trading: TradingClient, _ body: () async throws(VenueError) -> Answer
    ) async throws -> Answer {
        while true {
            do throws(VenueError) {
                return try await body()
            } catch {
                switch error.handling {
                case .retryable(let wait): await trading.clock.sleep(for: wait ?? .seconds(1))
                case .outcomeUnknown: continue
                case .permanent, .fatal: throw error
                }
            }
        }
    }

    private func compare(
        _ rig: PaperRig, _ trading: TradingClient, _ instrument: TradedInstrument, _ view: OurView
    ) async throws {
        #expect(view.doubles == 0, "a fill was told twice")
        #expect(view.placed.count + view.notPlaced == 8)
        #expect(
            view.fills.values.allSatisfy { fill in fill.venueOrderID.map(view.placed.contains) ?? true }, "a fill of no order")
        let books = try await rig.books()
        #expect(books["is_conserved"]?.bool == true)
        let account = try #require(books["accounts"]?.elements?.first)
        #expect(account["open_orders"]?.elements?.count == 0)
        #expect(account["fills"]?["count"]?.integer == Int64(view.fills.count))
        for (side, name) in [(OrderSide.buy, "bought"), (.sell, "sold")] {
            let ours = view.fills.values.filter { $0.side == side }.reduce(Quantity.zero) { $0.adding($1.quantity) ?? $0 }
            let theirs = account["fills"]?["pairs"]?.elements?.first?[name]?.text.flatMap { Quantity($0) } ?? .zero
            #expect(ours == theirs, "\(name)")
        }
        let balances = try await patiently(trading) { () async throws(VenueError) in try await trading.balances() }
        for row in account["balances"]?.elements ?? [] {
            let asset = try #require(row["asset"]?.text)
            let theirs = try #require(row["free"]?.text.flatMap { Amount($0) })
            #expect(balances.first { $0.asset == asset }?.free ?? .zero == theirs, "\(asset)")
        }
    }

    /// That the fault really happened: else nothing was tested. Those that are a state of the venue are not counted by it, and no book is
    /// followed here.
    private func struck(_ rig: PaperRig, _ kind: PaperFault.Kind) async throws {
        switch kind {
        case .clockSkew, .partialFills, .bookGap: return
        default: break
        }
        #expect(try await count(rig, kind) > 0)
    }

    private func count(_ rig: PaperRig, _ kind: PaperFault.Kind) async throws -> Int64 {
        try await rig.books()["faults"]?["struck"]?[FaultPlan.name(kind)]?.integer ?? 0
    }
}
