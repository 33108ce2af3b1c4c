import Backtesting
import Exchange
import Market
import Money
import Orders
import Testing
import Trading

@testable import TradingLoop

@Suite struct EntryTests {
    @Test func `A signal on the closed candle places one entry of the stake, cut to step and tick`() throws {
        var bench = try Bench(quietSettings())
        _ = try bench.quote("33.33", "33.34")
        let directives = bench.candle(1)
        let request = try #require(directives.placed.first)
        #expect(directives.placed.count == 1)
        #expect(request.kind == .limit(price("33.33")) && request.side == .buy && request.purpose == .entry)
        #expect(request.quantity == quantity("3") && request.tag == "in")
        #expect(bench.tick().placed.isEmpty, "one trade a pair")
    }

    @Test func `Records come before the order that they allow`() throws {
        var bench = try Bench(quietSettings())
        let directives = bench.candle(1)
        let lastRecord = try #require(directives.lastIndex { if case .record = $0 { true } else { false } })
        let order = try #require(directives.firstIndex { if case .place = $0 { true } else { false } })
        #expect(lastRecord < order)
        #expect(directives.records.map(\.kind) == [.job, .trade])
    }

    @Test(arguments: [0, 2, 3, 2.5]) func `No entry without a signal, or where it collides with an exit signal`(_ code: Double)
        throws
    {
        var bench = try Bench(quietSettings())
        #expect(bench.candle(code).placed.isEmpty)
    }

    @Test func `Market orders take the other side's price for their size`() throws {
        var settings = quietSettings()
        settings.rules.entryOrderType = .market
        settings.entryPricing.side = .other
        var bench = try Bench(settings)
        _ = try bench.quote("99", "101")
        let request = try #require(bench.candle(1).placed.first)
        #expect(request.kind == .market && request.quantity == quantity("0.99"))
    }

    @Test(arguments: [
        (TradingSettings.PriceSide.same, "99"), (.other, "101"), (.bid, "99"), (.ask, "101"),
    ]) func `The rate of an entry comes from the side that is asked for`(_ side: TradingSettings.PriceSide, _ expected: String)
        throws
    {
        var settings = quietSettings()
        settings.entryPricing.side = side
        var bench = try Bench(settings)
        _ = try bench.quote("99", "101")
        #expect(try #require(bench.candle(1).placed.first).kind == .limit(price(expected)))
    }

    @Test func `The rate moves toward a last price that is better`() throws {
        var settings = quietSettings()
        settings.entryPricing.side = .other
        settings.entryPricing.lastBalance = 0.5
        var bench = try Bench(settings)
        _ = bench.loop.quote(bench.pair, bid: price("99"), ask: price("101"), last: price("100"), now: bench.now)
        #expect(try #require(bench.candle(1).placed.first).kind == .limit(price("100.5")))
    }

    @Test func `The rate may be a level of the book`() throws {
        var settings = quietSettings()
        settings.entryPricing.usesOrderBook = true
        settings.entryPricing.orderBookTop = 2
        var bench = try Bench(settings)
        #expect(bench.candle(1).decisions == [.noPrice], "one level is not enough")
        let bids = ["99", "98", "97"].map { BookLevel(price($0), quantity("1")) }
        let directives = bench.loop.book(bench.pair, bids: bids, asks: [], now: bench.now)
        #expect(try #require(directives.placed.first).kind == .limit(price("98")))
    }

    @Test func `max_open_trades holds, and slots go by the whitelist whatever candle comes first`() throws {
        var settings = quietSettings()
        settings.rules.maxOpenTrades = 1
        var bench = try Bench(settings, pairs: ["BTC/USDT", "ETH/USDT"])
        for index in 0...1 { _ = bench.candle(0, index) }
        bench.pass(300)
        #expect(bench.candle(1, 1).placed.isEmpty, "the first pair's candle is on its way")
        let directives = bench.candle(1, 0)
        #expect(directives.placed.map(\.pair) == [bench.pairs[0]])
        #expect(directives.decisions.contains(.noFreeSlot))
    }

    @Test func `A candle that does not come does not hold a slot beyond the next tick`() throws {
        var settings = quietSettings()
        settings.rules.maxOpenTrades = 1
        var bench = try Bench(settings, pairs: ["BTC/USDT", "ETH/USDT"])
        for index in 0...1 { _ = bench.candle(0, index) }
        bench.pass(300)
        #expect(bench.candle(1, 1).placed.isEmpty)
        #expect(bench.tick().placed.map(\.pair) == [bench.pairs[1]])
    }

    @Test func `Stakes of orders that the wallet does not show yet are not spent twice`() throws {
        var settings = quietSettings()
        settings.rules.stakeAmount = .fixed(600)
        settings.rules.tradableBalanceRatio = 1
        var bench = try Bench(settings, pairs: ["BTC/USDT", "ETH/USDT"])
        #expect(bench.candle(1, 0).placed.count == 1)
        let second = bench.candle(1, 1)
        #expect(second.placed.isEmpty && second.decisions == [.stakeUnavailable])
    }

    @Test func `Unlimited stakes are equal shares of what may be traded`() throws {
        var settings = quietSettings()
        settings.rules.stakeAmount = .unlimited
        var bench = try Bench(settings, pairs: ["BTC/USDT", "ETH/USDT"])
        #expect(try #require(bench.candle(1, 0).placed.first).quantity == quantity("3.3"))
        #expect(try #require(bench.candle(1, 1).placed.first).quantity == quantity("3.3"))
    }

    @Test func `A stake below the venue's least is raised by at most 30 percent`() throws {
        // Least: 5 * 1.05 / (1 - 0.5), at most 5 * 1.5.
        for (stake, expected) in [(6.0, "0.075"), (5.0, nil)] as [(Double, String?)] {
            var settings = quietSettings()
            settings.rules.stakeAmount = .fixed(stake)
            var bench = try Bench(settings)
            let directives = bench.candle(1)
            #expect(directives.placed.first?.quantity == expected.map(quantity))
            if expected == nil { #expect(directives.decisions == [.stakeTooSmall]) }
        }
    }

    @Test func `A signal stays valid during the next candle, but not beyond its age or the data's`() throws {
        var settings = quietSettings()
        settings.ignoreBuyingExpiredCandleAfter = 60_000
        var bench = try Bench(settings)
        _ = bench.loop.pauseEntries("test", now: bench.now)
        #expect(bench.candle(1).decisions == [.entriesPaused])
        bench.pass(60)
        #expect(bench.loop.resumeEntries("test", now: bench.now).placed.count == 1)

        bench = try Bench(settings)
        _ = bench.loop.pauseEntries("test", now: bench.now)
        _ = bench.candle(1)
        bench.pass(61)
        #expect(bench.loop.resumeEntries("test", now: bench.now).decisions == [.expiredSignal])

        bench = try Bench(quietSettings())
        _ = bench.loop.pauseEntries("test", now: bench.now)
        _ = bench.candle(1)
        bench.pass(600)
        #expect(bench.loop.resumeEntries("test", now: bench.now).placed.count == 1, "an outage: two candles and five minutes")
        bench = try Bench(quietSettings())
        _ = bench.loop.pauseEntries("test", now: bench.now)
        _ = bench.candle(1)
        bench.pass(600.001)
        #expect(bench.loop.resumeEntries("test", now: bench.now).decisions == [.outdatedCandles])
    }

    @Test func `A pair that was left is locked until its candle is over`() throws {
        var bench = try Bench(quietSettings())
        _ = try bench.enter()
        let exit = bench.loop.forceExit(.all, isMarket: true, now: bench.now)
        let directives = try bench.update(try #require(exit.placed.first), .filled, filled: "all")
        #expect(directives.placed.isEmpty && directives.decisions == [.pairLocked])
        #expect(bench.tick().placed.isEmpty)
        bench.pass(295)
        #expect(bench.candle(1).placed.count == 1)
    }

    @Test(arguments: [OrderStatus.rejected, .denied, .notPlaced])
    func `A refused entry frees its slot and is not tried again on the same candle`(_ status: OrderStatus) throws {
        var bench = try Bench(quietSettings())
        let request = try #require(bench.candle(1).placed.first)
        let directives = try bench.update(request, status, reason: "no")
        #expect(directives.reports.last?.state == .dropped && bench.loop.openTradeCount == 0)
        #expect(bench.tick().placed.isEmpty)
        bench.pass(295)
        #expect(bench.candle(1).placed.count == 1)
    }

    @Test func `An entry that waits for a price is made with the first quote`() throws {
        var bench = try Bench(quietSettings())
        bench.loop.markets[bench.pair]?.bid = nil
        #expect(bench.candle(1).decisions == [.noPrice])
        #expect(try bench.quote("100").placed.count == 1)
    }

    @Test func `Time in force and post-only go to the venue as configured`() throws {
        for (rule, kind, time) in [
            (TradingSettings.TimeInForceRule.immediateOrCancel, OrderKind.limit(price("100")), TimeInForce.immediateOrCancel),
            (.fillOrKill, .limit(price("100")), .fillOrKill), (.postOnly, .postOnly(price("100")), .goodTilCanceled),
        ] {
            var settings = quietSettings()
            settings.entryTimeInForce = rule
            var bench = try Bench(settings)
            let request = try #require(bench.candle(1).placed.first)
            #expect(request.kind == kind && request.timeInForce == time)
        }
    }

    @Test func `Fees in base currency are not held, and decide from then on`() throws {
        var bench = try Bench(quietSettings())
        let request = try #require(bench.candle(1).placed.first)
        _ = try bench.update(request, .filled, filled: "1", fee: "0.002", in: "BTC")
        let report = try #require(bench.loop.openTrades.first)
        #expect(report.held == amount("0.998") && bench.loop.trades[0].rules.feeRatio == 0.002)
        let exit = bench.loop.forceExit(.all, now: bench.now)
        #expect(try #require(exit.placed.first).quantity == quantity("0.998"))
    }

    @Test func `Settings that cannot be traded with are refused by their keys`() throws {
        var settings = quietSettings()
        settings.rules.entryOrderType = .market
        settings.exitPricing.orderBookTop = 0
        settings.rules.stoploss = 0.1
        #expect(throws: TradingError.self) { _ = try Bench(settings) }
        #expect(settings.problems.count == 3)
        #expect(settings.problems.contains { $0.contains("entry_pricing.price_side") })
    }
}
