import Connectors
import Coordination
import Exchange
import Execution
import Fleet
import Foundation
import Halt
import LiveJob
import Market
import Money
import Orders
import PaperExchange
import Risk
import Synchronization
import Testing
import TradingJournal
import TradingLoop
import Venues

@testable import TradingJobs

@Suite(.serialized, .timeLimit(.minutes(5))) struct LiveSessionTests {
    private func expectStopped(_ end: LiveSession.End, _ rig: LiveRig) -> LiveSummary? {
        guard case .stopped(let summary) = end else {
            Issue.record("\(end), \(rig.log.all.suffix(8))")
            return nil
        }
        return summary
    }

    @Test(arguments: ["binance", "kraken"])
    func `orders are placed and filled, and the venue's books are ours to the last digit`(dialect: String) async throws {
        try await PaperVenue.run(dialect) { venue in
            let rig = try LiveRig(venue)
            let end = try await rig.run { session in
                try await rig.closed(3)
                session.signal(.stop)
            }
            guard let summary = expectStopped(end, rig) else { return }
            #expect(try rig.journal() == rig.keeper.store)
            #expect(summary.profit.closedTrades >= 3 && summary.metrics.tradesExecuted == summary.profit.closedTrades)
            #expect(String(decoding: summary.bytes, as: UTF8.self).contains("\"kind\":\"live\""))
            try await rig.expectVenueAgrees()
            #expect(rig.alarms.withLock { $0 }.isEmpty, "\(rig.alarms.withLock { $0 })")
            print("live \(dialect): \(summary.profit.closedTrades) trades closed, \(rig.keeper.store.count) records")
        }
    }

    @Test(arguments: ["binance", "kraken"])
    func `answers that are lost, cut and refused repeat and forget no order`(dialect: String) async throws {
        try await PaperVenue.run(dialect) { venue in
            let rig = try LiveRig(venue)
            let end = try await rig.run { session in
                try await rig.closed(1)
                try await venue.fault(.cutAfter, .placing, count: 2)
                try await rig.closed(3)
                try await venue.fault(.backendTimeout, .placing, count: 2)
                try await venue.fault(.disconnectStreams, count: 1)
                try await rig.closed(5)
                try await venue.fault(.rejectOrders, .placing, count: 2)
                try await venue.fault(.outage, .account, count: 4)
                try await rig.closed(6)
                session.signal(.stop)
            }
            guard expectStopped(end, rig) != nil else { return }
            try await rig.expectVenueAgrees()
        }
    }

    @Test func `without a part of the fleet's limits nothing is bought, and with one no more than it`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try LiveRig(venue)
            rig.budget.withLock { $0 = .allotted(nil) }
            let end = try await rig.run { session in
                for _ in 0..<5 { try await rig.turn() }
                let without = try TradingBooks(rig.keeper.store)
                #expect(without.orders.orders.isEmpty)
                #expect(without.decisions.contains { $0.kind == .stakeUnavailable })
                let budget = AccountBudget(
                    account: "\(venue.name)/main", exposure: Amount("61") ?? .zero, openOrders: 2,
                    dailyLoss: Amount("1000") ?? .zero,
                    deadline: (LiveRig.boot() + .milliseconds(3_600_000)).nanoseconds)
                rig.budget.withLock { $0 = .allotted(budget) }
                try await rig.closed(2)
                session.signal(.stop)
            }
            guard expectStopped(end, rig) != nil else { return }
            let entries = try TradingBooks(rig.journal()).orders.orders.values.filter { $0.request.purpose == .entry }
            #expect(entries.count >= 2)
            for entry in entries { #expect(entry.cost.approximation <= 61, "\(entry.cost)") }
            try await rig.expectVenueAgrees()
        }
    }

    @Test func `processes that die go on from the journal, with the venue's orders`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try LiveRig(venue)
            for count in [UInt64(1), 2, 3] {
                // The next answer to an order is lost with its process.
                try await venue.fault(.cutAfter, .placing, count: 1)
                try await rig.runUntilDeath { _ in try await rig.closed(count) }
            }
            let end = try await rig.run { session in
                try await rig.closed(5)
                session.signal(.stop)
            }
            guard expectStopped(end, rig) != nil else { return }
            try await rig.expectVenueAgrees()
            #expect(rig.log.all.contains { $0.contains("the live job goes on from its journal") })
        }
    }

    @Test func `a closed gate keeps entries away, and what reopens it lets them in`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try LiveRig(venue)
            rig.gate.withLock { $0 = .reducing }
            let end = try await rig.run { session in
                for _ in 0..<4 { _ = try await rig.turn() }
                let account = try await venue.account()
                #expect(account.fills == 0 && account.open.isEmpty)
                rig.gate.withLock { $0 = .active }
                session.order(.gate)
                try await rig.closed(1)
                session.signal(.stop)
            }
            guard expectStopped(end, rig) != nil else { return }
            try await rig.expectVenueAgrees()
        }
    }

    @Test func `a lease that runs out closes the gate by itself`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try LiveRig(venue)
            let end = try await rig.run { session in
                try await rig.closed(1)
                rig.heldLease.withLock { $0 = BootInstant(nanoseconds: 1) }
                // What is held is sold; with every candle there is a record.
                for _ in 0..<2 { _ = try await rig.turn() }
                let placed = try rig.keeper.books().orders.orders.values.count {
                    $0.request.purpose == .entry && $0.status == .filled
                }
                for _ in 0..<4 { _ = try await rig.turn() }
                #expect(
                    try rig.keeper.books().orders.orders.values.count { $0.request.purpose == .entry && $0.status == .filled }
                        == placed)
                rig.heldLease.withLock { $0 = nil }
                let closed = try rig.keeper.books().closedTrades.count
                try await rig.closed(UInt64(closed) + 1)
                session.signal(.stop)
            }
            guard expectStopped(end, rig) != nil else { return }
            try await rig.expectVenueAgrees()
        }
    }

    @Test func `a halt cancels what rests at the venue, reads it back and answers with nothing left`() async throws {
        try await PaperVenue.run("binance") { venue in
            // Bought at the market, protected by a stop at the venue, sold never.
            let rig = try LiveRig(
                venue,
                Sample.market.replacingOccurrences(
                    of: "\"stoploss\": \"market\"", with: "\"stoploss\": \"limit\", \"stoploss_on_exchange\": true")
                    + ", \"minimal_roi\": {\"0\": 10}")
            let end = try await rig.run { session in
                while try await venue.account().open.isEmpty { _ = try await rig.turn() }
                rig.gate.withLock { $0 = .halted }
                session.order(.cancelOrders(.cancel))
                while rig.acknowledged.withLock({ $0.isEmpty }) { _ = try await rig.turn() }
                let open = try await venue.account().open
                #expect(open.isEmpty)
                session.signal(.stop)
            }
            guard expectStopped(end, rig) != nil else { return }
            #expect(rig.acknowledged.withLock { $0.last } == .ordersCanceled(remaining: []))
            try await rig.expectVenueAgrees()
        }
    }

    /// A timer of six seconds of the machine; a minute of the venue passes in a second.
    private func timer(_ cover: DeadManSettings.Cover) -> DeadManSettings {
        var settings = DeadManSettings(cover).paced(0.1)
        settings.renewEvery = .seconds(1)
        return settings
    }

    /// Bought at the market, protected by a stop at the venue, sold never.
    private static let protected =
        Sample.market.replacingOccurrences(
            of: "\"stoploss\": \"market\"", with: "\"stoploss\": \"limit\", \"stoploss_on_exchange\": true")
        + ", \"minimal_roi\": {\"0\": 10}"

    /// So many seconds of the machine, counted by the venue.
    private func pass(_ seconds: Double, _ venue: PaperVenue) async throws {
        let end = try await venue.time() + Int64(seconds * 1000 * PaperVenue.speed)
        while try await venue.time() < end {}
    }

    @Test(arguments: ["binance", "kraken"], DeadManSettings.Cover.allCases)
    func `trades go on under a dead-man timer, where the venue has one`(dialect: String, cover: DeadManSettings.Cover)
        async throws
    {
        try await PaperVenue.run(dialect) { venue in
            let rig = try LiveRig(venue, deadMan: timer(cover))
            let end = try await rig.run { session in
                try await rig.closed(3)
                session.signal(.stop)
            }
            guard expectStopped(end, rig) != nil else { return }
            try await rig.expectVenueAgrees()
            #expect(rig.alarms.withLock { $0 }.isEmpty, "\(rig.alarms.withLock { $0 })")
        }
    }

    @Test func `the stop of a dead worker stays where the timer covers entries, and goes where it covers everything`()
        async throws
    {
        for cover in DeadManSettings.Cover.allCases {
            try await PaperVenue.run("kraken") { venue in
                let rig = try LiveRig(venue, Self.protected, deadMan: timer(cover))
                try await rig.runUntilDeath { _ in
                    while try await venue.account().open.isEmpty { _ = try await rig.turn() }
                    // The timer is set, or off, for what rests there now.
                    try await pass(2, venue)
                    let open = try await venue.account().open
                    #expect(open.count == 1)
                }
                if cover == .all {
                    while try await !venue.account().open.isEmpty {}
                } else {
                    try await pass(8, venue)
                    #expect(try await venue.account().open.count == 1)
                }
                // What goes on from there learns what the venue did.
                let old = try rig.keeper.books().orders.orders.values.filter { !$0.status.isFinal }.map(\.ticket)
                #expect(old.count == 1)
                let end = try await rig.run { session in
                    for _ in 0..<3 { _ = try await rig.turn() }
                    while cover == .all, try rig.keeper.books().orders.orders[old[0]]?.status != .canceled {
                        _ = try await rig.turn()
                    }
                    session.signal(.stop)
                }
                guard expectStopped(end, rig) != nil else { return }
                try await rig.expectVenueAgrees()
            }
        }
    }

    @Test func `a reset of the breaker is recorded with its name and reason`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try LiveRig(venue)
            let end = try await rig.run { session in
                try await rig.closed(1)
                session.signal(.resetBreaker(by: "ann", reason: "looked at"))
                _ = try await rig.turn()
                _ = try await rig.turn()
                session.signal(.stop)
            }
            guard expectStopped(end, rig) != nil else { return }
            let bytes = try #require(try TradingBooks(rig.journal()).risk)
            let state = try RiskState.restore(
                bytes, account: venue.name + "/main", currency: venue.pair.quote, at: Timestamp(milliseconds: .max))
            #expect(state.breaker.lastReset?.by == "ann" && state.breaker.lastReset?.reason == "looked at")
        }
    }

    @Test func `a reset of the breaker that comes before the session has begun is kept until then`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try LiveRig(venue)
            rig.keeper.isAway.store(true, ordering: .relaxed)
            let end = try await rig.run { session in
                session.signal(.resetBreaker(by: "bob", reason: "early"))
                session.signal(.resetBreaker(by: "ann", reason: "looked at"))
                rig.keeper.isAway.store(false, ordering: .relaxed)
                rig.keeper.written(0)
                try await rig.closed(1)
                session.signal(.stop)
            }
            guard expectStopped(end, rig) != nil else { return }
            let bytes = try #require(try TradingBooks(rig.journal()).risk)
            let state = try RiskState.restore(
                bytes, account: venue.name + "/main", currency: venue.pair.quote, at: Timestamp(milliseconds: .max))
            #expect(state.breaker.lastReset?.by == "ann" && state.breaker.lastReset?.reason == "looked at")
        }
    }

    /// The process dies, its journal with it, and the store lacks the newest records: what these said is known to the venue alone.
    @Test(arguments: ["binance", "kraken"], [0, 9, 25])
    func `a lost journal comes back from the coordinator, and what it had not got from the venue`(dialect: String, missing: Int)
        async throws
    {
        try await PaperVenue.run(dialect) { venue in
            let rig = try LiveRig(venue)
            try await rig.runUntilDeath { _ in try await rig.closed(2) }
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: rig.journalPath + suffix) }
            rig.keeper.lose(missing)
            let store = rig.keeper.store
            let restore = RecordRestore(
                path: rig.journalPath, holder: "test", count: UInt64(store.count), fetch: { rig.keeper.page(from: $0) },
                log: rig.log.logger)
            #expect(try await restore.run() == .done(restored: UInt64(store.count)))
            rig.token.withLock { $0 += 1 }
            let end = try await rig.run { session in
                for _ in 0..<4 { _ = try await rig.turn() }
                // What is on its way comes in before the end.
                rig.gate.withLock { $0 = .reducing }
                for _ in 0..<4 { _ = try await rig.turn() }
                session.signal(.stop)
            }
            guard expectStopped(end, rig) != nil else { return }
            let journal = try rig.journal()
            #expect(journal.starts(with: store) && journal == rig.keeper.store)
            #expect(try TradingBooks(journal).restoredSince != nil)
            try await rig.expectVenueAgrees()
        }
    }

    @Test func `orders of another fleet on the account end the job`() async throws {
        try await PaperVenue.run("binance") { venue in
            let connectors = try venue.connectors()
            let market = connectors.market()
            let other = try connectors.trading(
                market, credentials: Credentials(key: PaperVenue.key, secret: PaperVenue.secret))
            _ = try await market.synchronizeClock()
            let instrument = try await market.instrument(venue.pair)
            let bid = try #require(try await market.book(instrument, depth: 10).bids.map(\.price).max())
            let price = try #require(
                Price(units: bid.units / 2, decimals: Int(bid.decimals)).rounded(toMultipleOf: instrument.priceTick, .down))
            let id = try ClientOrderCode(OrderIdentity(owner: 99, job: 1, token: 1), OrderTicket(1)).id
            _ = try await other.place(
                OrderIntent(.buy, .limit(price), quantity: try #require(Quantity("0.01")), clientOrderID: id), instrument)
            await connectors.shutdown()
            let rig = try LiveRig(venue)
            let end = try await rig.run { _ in }
            guard case .failed(let fault, _) = end else {
                Issue.record("\(end)")
                return
            }
            #expect("\(fault)".contains("one account has one owner"), "\(fault)")
            #expect(rig.alarms.withLock { $0.count } >= 1)
            let open = try await venue.account().open
            #expect(open == [id.text])
        }
    }

    @Test func `a request that the job did not ask for does not reach the venue`() async throws {
        try await PaperVenue.run("binance") { venue in
            let connectors = try venue.connectors()
            let market = connectors.market()
            let permit = AccountPermit(
                now: BootInstant(nanoseconds: 5), gate: OrderGate(activeUntil: .distantFuture, reducingUntil: .distantFuture),
                leaseEnd: .distantFuture)
            let client = try connectors.trading(
                market, credentials: Credentials(key: PaperVenue.key, secret: PaperVenue.secret),
                permit: LivePermission.permit { permit })
            _ = try await market.synchronizeClock()
            let instrument = try await market.instrument(venue.pair)
            let intent = OrderIntent(.buy, .market, quantity: try #require(Quantity("0.01")), clientOrderID: ClientOrderID("a"))
            await #expect(
                throws: VenueError(
                    .rejected, .permanent, code: "permit.unknown",
                    message: "a request that changes something at the venue, of which the job knows nothing")
            ) {
                try await client.place(intent, instrument)
            }
            await connectors.shutdown()
            let account = try await venue.account()
            #expect(account.fills == 0)
        }
    }
}
