import Backtesting
import Exchange
import Market
import Money
import Orders
import Testing
import Trading

@testable import TradingLoop

@Suite struct GateTests {
    @Test func `While reducing there are no entries, waiting ones are canceled, and exits go on`() throws {
        var bench = try Bench(quietSettings(), pairs: ["BTC/USDT", "ETH/USDT"])
        _ = try bench.enter()
        let waiting = try #require(bench.candle(1, 1).placed.first)
        _ = try bench.update(waiting, .open)
        let directives = bench.loop.gate(.reducing, now: bench.now)
        #expect(directives.canceled == [waiting.ticket] && directives.cancelReasons == [.gate])
        _ = try bench.update(waiting, .canceled)
        bench.pass(300)
        #expect(bench.candle(1, 1).decisions == [.gateClosed])
        #expect(bench.candle(2, 0).placed.count == 1)
    }

    @Test func `While halted nothing is sent at all, and stops at the venue stay`() throws {
        var settings = quietSettings()
        settings.rules.stoploss = -0.1
        settings.orderTypes.stoplossOnExchange = true
        var bench = try Bench(settings, pairs: ["BTC/USDT", "ETH/USDT"])
        let entry = try #require(bench.candle(1).placed.first)
        let stop = try #require(try bench.update(entry, .filled, filled: "all").placed.first)
        _ = try bench.update(stop, .open)
        let other = try #require(bench.candle(1, 1).placed.first)
        _ = try bench.update(other, .open)
        var all = bench.loop.gate(.halted, now: bench.now)
        bench.pass(300)
        all += bench.candle(2, 0)
        all += bench.candle(1, 1)
        all += try bench.quote("50")
        all += bench.tick(after: 900)
        all += bench.loop.forceExit(.all, now: bench.now)
        all += try bench.update(stop, .canceled)
        #expect(all.placed.isEmpty && all.canceled.isEmpty)
        let freed = bench.loop.gate(.reducing, now: bench.now)
        #expect(freed.placed.map(\.purpose) == [.forceExit], "the exit that was ordered meanwhile")
        #expect(freed.canceled == [other.ticket])
    }

    @Test func `The halt procedure sells everything through a halted gate, stops canceled first`() throws {
        var settings = quietSettings()
        settings.orderTypes.stoplossOnExchange = true
        var bench = try Bench(settings)
        let entry = try #require(bench.candle(1).placed.first)
        let stop = try #require(try bench.update(entry, .filled, filled: "all").placed.first)
        _ = try bench.update(stop, .open)
        _ = bench.loop.gate(.halted, now: bench.now)
        #expect(bench.loop.flatten(.all, now: bench.now).canceled == [stop.ticket])
        let sale = try #require(try bench.update(stop, .canceled).placed.first)
        #expect(sale.purpose == .flatten && sale.kind == .market && sale.quantity == quantity("1"))
        #expect(try bench.update(sale, .filled, filled: "all").reports.last?.state == .closed)
    }

    @Test func `A loop that begins halted sends nothing before its gate opens`() throws {
        var bench = try Bench(quietSettings(), gate: .halted)
        #expect(bench.candle(1).decisions == [.gateClosed])
        _ = bench.loop.gate(.active, now: bench.now)
        #expect(bench.tick().placed.count == 1)
    }

    @Test func `Several reasons pause entries until each is taken back`() throws {
        var bench = try Bench(quietSettings())
        _ = bench.loop.pauseEntries("monitor away", now: bench.now)
        _ = bench.loop.pauseEntries("by hand", now: bench.now)
        #expect(bench.candle(1).decisions == [.entriesPaused])
        #expect(bench.loop.resumeEntries("by hand", now: bench.now).placed.isEmpty)
        #expect(bench.loop.resumeEntries("monitor away", now: bench.now).placed.count == 1)
    }

    @Test func `The end of a job cancels orders only where it is asked to, and leaves positions and stops`() throws {
        for cancels in [false, true] {
            var settings = quietSettings()
            settings.cancelOpenOrdersOnExit = cancels
            settings.orderTypes.stoplossOnExchange = true
            var bench = try Bench(settings, pairs: ["BTC/USDT", "ETH/USDT"])
            let entry = try #require(bench.candle(1).placed.first)
            let stop = try #require(try bench.update(entry, .filled, filled: "all").placed.first)
            _ = try bench.update(stop, .open)
            let waiting = try #require(bench.candle(1, 1).placed.first)
            _ = try bench.update(waiting, .open)
            let directives = bench.loop.stopRequested(now: bench.now)
            #expect(directives.canceled == (cancels ? [waiting.ticket] : []))
            #expect(directives.contains(.finished) == !cancels)
            if cancels { #expect(try bench.update(waiting, .canceled).contains(.finished)) }
            bench.pass(300)
            #expect(bench.candle(2).placed.isEmpty && bench.tick().placed.isEmpty)
        }
    }

    @Test func `Each tick asks for the next one`() throws {
        var bench = try Bench(quietSettings())
        let directives = bench.tick()
        #expect(directives == [.wakeAt(bench.now.advanced(byMilliseconds: 5000))])
    }
}
