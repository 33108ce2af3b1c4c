import Connectors
import Coordination
import Exchange
import Execution
import Fleet
import Foundation
import Halt
import Market
import Money
import Orders
import PaperExchange
import Synchronization
import Testing
import TradingJournal
import TradingLoop
import Venues

@testable import TradingJobs

@Suite(.serialized, .timeLimit(.minutes(5))) struct SessionTests {
    @Test(arguments: ["binance", "kraken"])
    func `trades happen, every record reaches the coordinator, and the money adds up`(dialect: String) async throws {
        try await PaperVenue.run(dialect) { venue in
            let rig = try SessionRig(venue)
            let end = try await rig.run { session in
                try await rig.closed(3)
                session.signal(.stop)
            }
            guard case .stopped(let summary) = end else {
                Issue.record("\(end), \(rig.log.all.suffix(5))")
                return
            }
            #expect(try rig.journal() == rig.keeper.store)
            let books = try rig.keeper.books()
            #expect(books.closedTrades.count >= 3 && summary.profit.closedTrades == books.closedTrades.count)
            try expectMoney(in: summary, books, currency: venue.pair.quote)
            expectCandles(books)
            #expect(summary.health.exchangeConnected == true && summary.metrics.tradesExecuted == books.closedTrades.count)
            let json = try JSONValue(parsing: summary.bytes)
            #expect(json["metrics"]?["trades_executed"]?.integer == Int64(books.closedTrades.count))
            #expect(json["health"]?["exchange_connected"]?.bool == true)
            print("\(dialect): \(books.closedTrades.count) trades closed, \(rig.keeper.store.count) records")
        }
    }

    /// What the wallet has is what it began with and what the fills of all trades brought.
    private func expectMoney(in summary: DryRunSummary, _ books: TradingBooks, currency: String) throws {
        var cash = try #require(Amount("1000"))
        var held: [String: Amount] = [:]
        for trade in books.closedTrades + books.openTrades {
            cash = try #require(cash.adding(trade.cashFlow))
            held[trade.pair.base] = (held[trade.pair.base] ?? .zero).adding(trade.held)
        }
        for balance in summary.balances {
            let total = try #require(balance.free.adding(balance.locked))
            #expect(total == (balance.asset == currency ? cash : held[balance.asset] ?? .zero), "\(balance.asset)")
        }
        #expect(!summary.balances.isEmpty)
    }

    /// The journal has every candle once, in order and without a hole.
    private func expectCandles(_ books: TradingBooks) {
        let times = books.candles.map(\.candle.time.milliseconds)
        #expect(times.count >= 2)
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 60_000 }, "\(times)")
    }

    @Test func `a process that dies goes on from its journal with the next`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try SessionRig(venue)
            try await rig.runUntilDeath { _ in try await rig.closed(2) }
            let before = try rig.journal()
            let end = try await rig.run { session in
                try await rig.closed(5)
                session.signal(.stop)
            }
            guard case .stopped(let summary) = end else {
                Issue.record("\(end)")
                return
            }
            let after = try rig.journal()
            #expect(Array(after.prefix(before.count)) == before && after.count > before.count)
            #expect(after == rig.keeper.store)
            let books = try rig.keeper.books()
            #expect(books.trades.keys.map(\.number).sorted() == Array(1...UInt64(books.trades.count)))
            try expectMoney(in: summary, books, currency: "USDT")
            expectCandles(books)
            #expect(rig.log.all.contains { $0.contains("goes on from its journal") })
        }
    }

    @Test func `a second session of the same job is refused`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try SessionRig(venue)
            let end = try await rig.run { session in
                try await rig.closed(1)
                let connectors = try venue.connectors()
                let other = try rig.session(connectors, holder: "other")
                let second = await other.run()
                await connectors.shutdown()
                guard case .failed(let fault, _) = second else {
                    Issue.record("\(second)")
                    return session.signal(.stop)
                }
                #expect(fault.failure.code == .internalError && "\(fault)".contains("in use by test"), "\(fault)")
                session.signal(.stop)
            }
            guard case .stopped = end else {
                Issue.record("\(end)")
                return
            }
        }
    }

    @Test func `a journal that lacks records of the coordinator's store is refused before anything is decided`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try SessionRig(venue)
            rig.keeper.claim(7)
            let end = try await rig.run { _ in }
            guard case .failed(let fault, _) = end else {
                Issue.record("\(end)")
                return
            }
            #expect(fault.failure.code == .dataMissing)
            #expect("\(fault)".contains("0 records") && "\(fault)".contains("has 7"), "\(fault)")
            #expect(try rig.journal().isEmpty)
        }
    }

    @Test func `a venue that is away at the start and in between ends no job`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try SessionRig(venue)
            try await venue.fault(.outage, .publicData, count: 12)
            let end = try await rig.run { session in
                try await rig.closed(1)
                #expect(rig.log.all.contains { $0.contains("the venue cannot be used, trying again") })
                try await venue.fault(.disconnectStreams, count: 1)
                try await venue.fault(.outage, .publicData, count: 6)
                try await rig.closed(4)
                #expect(rig.log.all.contains { $0.contains("the market of a pair is interrupted") })
                session.signal(.stop)
            }
            guard case .stopped = end else {
                Issue.record("\(end)")
                return
            }
            expectCandles(try rig.keeper.books())
        }
    }

    @Test func `a closed gate keeps entries away, and what reopens it lets them in`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try SessionRig(venue)
            rig.gate.withLock { $0 = .reducing }
            let end = try await rig.run { session in
                // With every candle there is a record.
                for _ in 0..<4 {
                    let closed = try await rig.turn()
                    #expect(closed == 0)
                }
                #expect(try rig.keeper.books().trades.isEmpty)
                rig.gate.withLock { $0 = .active }
                session.order(.gate)
                try await rig.closed(1)
                session.signal(.stop)
            }
            guard case .stopped = end else {
                Issue.record("\(end)")
                return
            }
            #expect(try rig.keeper.books().decisions.contains { $0.kind == .gateClosed })
        }
    }

    @Test func `a halt that cancels leaves no order, and says what is held`() async throws {
        try await PaperVenue.run("binance") { venue in
            // Bought at the market, never sold: the exit's limit lies far away.
            let rig = try SessionRig(
                venue,
                Sample.market.replacingOccurrences(of: "\"exit\": \"market\"", with: "\"exit\": \"limit\"")
                    + ", \"minimal_roi\": {\"0\": 10}")
            let end = try await rig.run { session in
                while try rig.keeper.books().openTrades.allSatisfy(\.held.isZero) { _ = try await rig.turn() }
                rig.gate.withLock { $0 = .halted }
                session.order(.cancelOrders(.flatten))
                while rig.acknowledged.withLock({ $0.isEmpty }) { _ = try await rig.turn() }
                session.signal(.stop)
            }
            guard case .stopped = end else {
                Issue.record("\(end)")
                return
            }
            let books = try rig.keeper.books()
            #expect(books.orders.orders.values.allSatisfy { $0.status.isFinal })
            let answer = try #require(rig.acknowledged.withLock { $0.first })
            #expect(answer.hasPrefix("flat") && answer.contains("\"BTC\""), "\(answer)")
        }
    }

    @Test func `a coordinator that is away holds the start, and keeps nobody at the end`() async throws {
        try await PaperVenue.run("binance") { venue in
            let rig = try SessionRig(venue)
            rig.keeper.isAway.store(true, ordering: .relaxed)
            let end = try await rig.run { session in session.signal(.stop) }
            guard case .stopped = end else {
                Issue.record("\(end)")
                return
            }
            #expect(try rig.journal().isEmpty)
            rig.keeper.isAway.store(false, ordering: .relaxed)
            let second = try await rig.run { session in
                try await rig.closed(1)
                rig.keeper.isAway.store(true, ordering: .relaxed)
                try await rig.closed(2)
                session.signal(.stop)
            }
            guard case .stopped = second else {
                Issue.record("\(second)")
                return
            }
            #expect(rig.log.all.contains { $0.contains("the coordinator does not have all records yet") })
            #expect(try rig.journal().count > rig.keeper.store.count)
        }
    }

    @Test func `a pair that the venue does not list fails the job with its name`() async throws {
        try await PaperVenue.run("binance") { venue in
            let connectors = try venue.connectors()
            let rig = try SessionRig(venue)
            let configuration = try Sample.configuration(exchange: venue.name, pair: "DOGE/USDT")
            let plan = try DryRunPlan(configuration, registry: try Sample.registry())
            let session = DryRunSession(
                plan, executor: try .init(configuration, mode: "dry-run", log: rig.log.logger, wallClock: { 0 }),
                client: connectors.market(), journalPath: rig.journalPath, holder: "test", log: rig.log.logger)
            guard case .failed(let fault, _) = await session.run() else {
                Issue.record("it did not fail")
                return
            }
            await connectors.shutdown()
            #expect(fault.failure.code == .badConfiguration && "\(fault)".contains("DOGE/USDT"), "\(fault)")
        }
    }
}
