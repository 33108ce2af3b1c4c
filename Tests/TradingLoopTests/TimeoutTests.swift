import Backtesting
import Exchange
import Market
import Money
import Orders
import Testing
import Trading

@testable import TradingLoop

@Suite struct TimeoutTests {
    @Test func `An entry that waits too long is canceled, and its signal may be used again`() throws {
        var bench = try Bench(quietSettings())
        bench.loop.markets[bench.pair]?.window = CandleWindow(timeframe: .oneHour, limit: 10)
        let entry = try #require(bench.candle(1).placed.first)
        _ = try bench.update(entry, .open)
        #expect(bench.tick(after: 599).canceled.isEmpty)
        let directives = bench.tick(after: 1)
        #expect(directives.canceled == [entry.ticket] && directives.cancelReasons == [.timeout])
        #expect(try bench.update(entry, .canceled).reports.last?.state == .dropped)
    }

    @Test func `What an entry filled until then stays a trade`() throws {
        var bench = try Bench(quietSettings())
        let entry = try #require(bench.candle(1).placed.first)
        _ = try bench.update(entry, .partiallyFilled, filled: "0.5")
        #expect(bench.tick(after: 600).canceled == [entry.ticket])
        let directives = try bench.update(entry, .canceled, filled: "0.5")
        #expect(directives.reports.last?.state == .open && bench.loop.openTrades[0].held == amount("0.5"))
        #expect(bench.loop.openTrades[0].stake == 50)
    }

    @Test func `An order whose rest could not be sold is left where it is`() throws {
        var bench = try Bench(quietSettings())
        let entry = try #require(bench.candle(1).placed.first)
        // The least stake is 5 * 1.5 with a stop of 50 %.
        _ = try bench.update(entry, .partiallyFilled, filled: "0.074")
        let directives = bench.tick(after: 600)
        #expect(directives.canceled.isEmpty && directives.decisions == [.keptOpen])
        _ = try bench.update(entry, .filled, filled: "all")
        bench.pass(300)
        let exit = try #require(bench.candle(2).placed.first)
        _ = try bench.update(exit, .partiallyFilled, filled: "0.93")
        #expect(bench.tick(after: 600).canceled.isEmpty)
    }

    @Test func `After so many exits that were not filled in time the trade is sold at the market`() throws {
        var settings = quietSettings()
        settings.exitTimeoutCount = 2
        var bench = try Bench(settings)
        _ = try bench.enter()
        for round in 1...2 {
            bench.pass(300)
            let exit = try #require(bench.candle(2).placed.first)
            #expect(exit.purpose == .exit)
            _ = try bench.update(exit, .open)
            bench.pass(300)
            _ = bench.candle(0)
            #expect(bench.tick(after: 300).canceled == [exit.ticket])
            let directives = try bench.update(exit, .canceled)
            if round == 1 {
                #expect(directives.placed.isEmpty)
            } else {
                #expect(try #require(directives.placed.first).purpose == .emergencyExit)
                #expect(try #require(directives.placed.first).kind == .market)
            }
        }
    }

    @Test func `A cancel of which nothing is heard is asked for again after a while`() throws {
        var bench = try Bench(quietSettings())
        let entry = try #require(bench.candle(1).placed.first)
        _ = try bench.update(entry, .open)
        #expect(bench.tick(after: 600).canceled == [entry.ticket])
        #expect(bench.tick(after: 29).canceled.isEmpty)
        #expect(bench.tick(after: 1).canceled == [entry.ticket])
    }

    @Test func `An order whose outcome is unknown is neither canceled nor doubled`() throws {
        var bench = try Bench(quietSettings())
        let entry = try #require(bench.candle(1).placed.first)
        _ = try bench.update(entry, .unknown)
        let directives = bench.tick(after: 900)
        #expect(directives.canceled.isEmpty && directives.placed.isEmpty && bench.loop.openTradeCount == 1)
    }
}
