import DryRun
import DryRunJob
import Exchange
import Market
import Money
import Orders
import Testing
import TradingJournal
import TradingLoop

@Suite struct DryRunInstanceTests {
    /// A run from its start, with its journal.
    private func run(_ rig: DryRunRig) throws -> (instance: DryRunInstance, journal: [[UInt8]]) {
        var instance = try rig.make()
        var journal = try instance.start(TradingBooks(), now: rig.begin).records.map(\.encoded)
        for step in rig.steps { journal += DryRunRig.feed(step, to: &instance).records.map(\.encoded) }
        return (instance, journal)
    }

    private func books(_ journal: [[UInt8]]) throws -> TradingBooks {
        var books = TradingBooks(keepsCandles: true)
        for record in journal { try books.take(record) }
        return books
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `trades happen, and every cent of them is in the wallet`(_ seed: UInt64) throws {
        let rig = try DryRunRig(seed: seed)
        let (instance, journal) = try run(rig)
        let books = try books(journal)
        #expect(books.closedTrades.count >= 5, "seed \(seed)")
        print("seed \(seed): \(books.closedTrades.count) trades closed, \(books.openTrades.count) open, \(journal.count) records")
        var cash = Amount.zero
        var held: [String: Amount] = [:]
        for trade in books.closedTrades + books.openTrades {
            cash = try #require(cash.adding(trade.cashFlow))
            held[trade.pair.base] = (held[trade.pair.base] ?? .zero).adding(trade.held)
        }
        for balance in instance.venue.wallet.balances {
            let total = try #require(balance.free.adding(balance.locked))
            let expected = balance.asset == "USDT" ? Amount("1000")?.adding(cash) : held[balance.asset] ?? .zero
            #expect(total == expected, "seed \(seed): \(balance.asset)")
        }
        #expect(books.candles.count == rig.steps.count { if case .candle = $0.what { true } else { false } })
    }

    @Test func `what the books say of orders is what the loop was told`() throws {
        let rig = try DryRunRig(seed: 4)
        let (instance, journal) = try run(rig)
        let books = try books(journal)
        let orders = books.orders.orders.values
        #expect(orders.allSatisfy { $0.status.isFinal || instance.venue.workingTickets.contains($0.ticket) })
        #expect(orders.count { $0.status == .filled } >= 2 * books.closedTrades.count)
        for order in orders where order.status == .filled { #expect(order.filled == order.request.quantity) }
    }

    @Test func `a halt leaves positions alone, and what reduces only is not bought`() throws {
        let rig = try DryRunRig(seed: 7)
        var instance = try rig.make()
        var journal = try instance.start(TradingBooks(), now: rig.begin).records
        var isReducing = false
        for step in rig.steps {
            let output = DryRunRig.feed(step, to: &instance)
            journal += output.records
            if !isReducing, instance.loop.openTradeCount == 2 {
                isReducing = true
                journal += instance.gate(.reducing, now: step.time).records
                continue
            }
            guard isReducing else { continue }
            for case .intended(let order) in output.records { #expect(order.request.purpose != .entry) }
        }
        #expect(isReducing)
        let books = try books(journal.map(\.encoded))
        #expect(books.openTrades.isEmpty, "exits went on")
    }

    @Test func `a journal of another program's snapshot is refused with its reason`() throws {
        let rig = try DryRunRig(seed: 1, days: 1)
        var books = TradingBooks()
        try books.take(JournalNote.dryRunVenue(Array("pragma-dry-run 2\n".utf8)).record)
        var instance = try rig.make()
        #expect(throws: DryRunStartError.self) { _ = try instance.start(books, now: rig.begin) }
    }
}
