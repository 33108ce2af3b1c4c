import Backtesting
import Exchange
import Market
import Money
import Orders
import Testing
import Trading

@testable import TradingLoop

@Suite struct ExitTests {
    @Test func `An exit signal sells all at the exit rate, with the strategy's tag as the reason`() throws {
        for (code, reason) in [(2.0, "exit_signal"), (2.5, "out")] {
            var bench = try Bench(quietSettings())
            _ = try bench.enter()
            bench.pass(300)
            _ = try bench.quote("110", "111")
            let request = try #require(bench.candle(code).placed.first)
            #expect(request.side == .sell && request.purpose == .exit && request.kind == .limit(price("111")))
            #expect(request.quantity == quantity("1") && request.tag == reason)
            let end = try bench.update(request, .filled, filled: "all", at: "111", fee: "0.111")
            let report = try #require(end.reports.last)
            #expect(report.state == .closed && report.exitReason == reason && report.held.isZero)
            #expect(report.cashFlow == amount("10.889"))
        }
    }

    @Test func `use_exit_signal off, exit_profit_only and an entry signal beside it keep the position`() throws {
        for change in [
            { $0.rules.useExitSignal = false },
            {
                $0.rules.exitProfitOnly = true; $0.rules.exitProfitOffset = 0.2
            },
        ] as [(inout TradingSettings) -> Void] {
            var settings = quietSettings()
            change(&settings)
            var bench = try Bench(settings)
            _ = try bench.enter()
            bench.pass(300)
            _ = try bench.quote("110")
            #expect(bench.candle(2).placed.isEmpty)
        }
        var bench = try Bench(quietSettings())
        _ = try bench.enter()
        bench.pass(300)
        #expect(bench.candle(3).placed.isEmpty)
    }

    @Test func `The stop-loss sells when the exit rate reaches it, with the type for stops`() throws {
        var settings = quietSettings()
        settings.rules.stoploss = -0.1
        settings.orderTypes.stoploss = .market
        settings.exitPricing.side = .other
        var bench = try Bench(settings)
        _ = try bench.enter()
        #expect(try bench.quote("90.01", "95").placed.isEmpty)
        let request = try #require(try bench.quote("90", "95").placed.first)
        #expect(request.kind == .market && request.tag == "stop_loss")
    }

    @Test func `The trailing stop follows the best rate and its sale is named after it`() throws {
        var settings = quietSettings()
        settings.rules.stoploss = -0.1
        settings.rules.trailingStop = true
        settings.rules.trailingStopPositive = 0.02
        settings.rules.trailingStopPositiveOffset = 0.05
        var bench = try Bench(settings)
        _ = try bench.enter()
        #expect(bench.loop.openTrades[0].stop == 90)
        #expect(!(try bench.quote("105").records.isEmpty), "a moved stop is written down")
        #expect(bench.loop.openTrades[0].stop == 94.5)
        _ = try bench.quote("110")
        #expect(bench.loop.openTrades[0].stop == 107.8)
        #expect(try bench.quote("108").records.isEmpty)
        #expect(try #require(try bench.quote("107.8").placed.first).tag == "trailing_stop_loss")
    }

    @Test func `ROI sells by minutes since the first order, strictly above the ratio, fees included`() throws {
        var settings = quietSettings()
        settings.rules.minimalROI = [0: 0.1, 10: 0.05]
        settings.rules.fee = 0
        var bench = try Bench(settings)
        _ = try bench.enter()
        #expect(try bench.quote("110").placed.isEmpty)
        #expect(try bench.quote("106").placed.isEmpty)
        #expect(bench.tick(after: 599).placed.isEmpty)
        #expect(try #require(bench.tick(after: 1).placed.first).tag == "roi")
    }

    @Test func `ignore_roi_if_entry_signal lets ROI wait`() throws {
        var settings = quietSettings()
        settings.rules.minimalROI = [0: 0.05]
        settings.rules.ignoreROIIfEntrySignal = true
        var bench = try Bench(settings)
        _ = try bench.enter()
        #expect(try bench.quote("120").placed.isEmpty)
        bench.pass(300)
        #expect(try #require(bench.candle(0).placed.first).tag == "roi")
    }

    @Test func `Exit signal comes before stop, stop before ROI, and a trailing stop last`() throws {
        var settings = quietSettings()
        settings.rules.stoploss = -0.1
        settings.rules.minimalROI = [0: -1]
        var bench = try Bench(settings)
        _ = try bench.enter()
        #expect(try #require(try bench.quote("80").placed.first).tag == "stop_loss")
        settings.rules.trailingStop = true
        bench = try Bench(settings)
        settings.rules.minimalROI = [0: 0.3]
        bench = try Bench(settings)
        _ = try bench.enter()
        _ = try bench.quote("120")
        #expect(try #require(try bench.quote("108").placed.first).tag == "trailing_stop_loss")
    }

    @Test func `One exit order at a time: another reason replaces it only after it is canceled`() throws {
        var settings = quietSettings()
        settings.rules.stoploss = -0.1
        var bench = try Bench(settings)
        _ = try bench.enter()
        bench.pass(300)
        let first = try #require(bench.candle(2).placed.first)
        _ = try bench.update(first, .open)
        #expect(try bench.quote("99").placed.isEmpty, "the same reason acts once a candle")
        let directives = try bench.quote("89")
        #expect(directives.placed.isEmpty && directives.canceled == [first.ticket])
        #expect(try bench.quote("88").canceled.isEmpty, "asked once")
        let second = try bench.update(first, .canceled, filled: "0.4", at: "100")
        let request = try #require(second.placed.first)
        #expect(request.quantity == quantity("0.6") && request.tag == "stop_loss")
        #expect(request.kind == .limit(price("88")), "the rate of now")
        let end = try bench.update(request, .filled, filled: "all", at: "88")
        #expect(end.reports.last?.state == .closed && end.reports.last?.cashFlow == amount("-7.2"))
    }

    @Test func `An exit order that filled while it was to be replaced leaves nothing to sell`() throws {
        var settings = quietSettings()
        settings.rules.stoploss = -0.1
        var bench = try Bench(settings)
        _ = try bench.enter()
        bench.pass(300)
        let first = try #require(bench.candle(2).placed.first)
        _ = try bench.update(first, .open)
        _ = try bench.quote("89")
        let end = try bench.update(first, .filled, filled: "all")
        #expect(end.placed.isEmpty && end.reports.last?.state == .closed)
    }

    @Test func `A waiting exit is priced anew with each candle that still asks for it`() throws {
        var bench = try Bench(quietSettings())
        _ = try bench.enter()
        bench.pass(300)
        let first = try #require(bench.candle(2).placed.first)
        _ = try bench.update(first, .open)
        bench.pass(300)
        #expect(bench.candle(2).canceled.isEmpty, "the same price and quantity: it stays")
        #expect(try bench.quote("101").canceled == [first.ticket], "not yet used in this candle")
    }

    @Test func `A refused exit is tried again after the throttle, not at once`() throws {
        var bench = try Bench(quietSettings())
        _ = try bench.enter()
        bench.pass(300)
        let first = try #require(bench.candle(2).placed.first)
        #expect(try bench.update(first, .rejected, reason: "busy").decisions == [.exitFailed])
        #expect(try bench.quote("101").placed.isEmpty)
        #expect(bench.tick().placed.count == 1)
    }

    @Test func `Forced exits cancel what waits, entries included, and may be market orders`() throws {
        var bench = try Bench(quietSettings())
        let entry = try #require(bench.candle(1).placed.first)
        _ = try bench.update(entry, .partiallyFilled, filled: "0.4")
        let directives = bench.loop.forceExit(.one(TradeNumber(1)), isMarket: true, now: bench.now)
        #expect(directives.canceled == [entry.ticket] && directives.placed.isEmpty)
        let exit = try #require(try bench.update(entry, .canceled, filled: "0.4").placed.first)
        #expect(exit.kind == .market && exit.purpose == .forceExit && exit.quantity == quantity("0.4"))
        let rest = try bench.update(exit, .expired, filled: "0.3")
        #expect(try #require(rest.placed.first).quantity == quantity("0.1"), "a forced exit goes on until nothing is left")
    }

    @Test func `A forced exit of an unfilled entry drops the trade`() throws {
        var bench = try Bench(quietSettings())
        let entry = try #require(bench.candle(1).placed.first)
        _ = bench.loop.forceExit(.all, now: bench.now)
        let end = try bench.update(entry, .canceled)
        #expect(end.reports.last?.state == .dropped && end.placed.isEmpty)
    }

    @Test func `The wallet's amount is sold where it is a little less than the position, and nothing where it is much less`()
        throws
    {
        var bench = try Bench(quietSettings())
        _ = try bench.enter()
        _ = try bench.wallet("0.985", "BTC")
        #expect(try #require(bench.loop.forceExit(.all, now: bench.now).placed.first).quantity == quantity("0.985"))
        bench = try Bench(quietSettings())
        _ = try bench.enter()
        _ = try bench.wallet("0.9", "BTC")
        let directives = bench.loop.forceExit(.all, now: bench.now)
        #expect(directives.placed.isEmpty && directives.decisions == [.notEnoughToExit])
    }

    @Test func `What cannot be sold any more closes a trade as dust and is reported`() throws {
        var bench = try Bench(quietSettings())
        _ = try bench.enter()
        bench.pass(300)
        let exit = try #require(bench.candle(2).placed.first)
        let end = try bench.update(exit, .expired, filled: "0.96")
        let report = try #require(end.reports.last)
        #expect(report.state == .closed && report.dust == amount("0.04") && end.placed.isEmpty)
    }

    @Test func `A late fill of an order that was over is told, not believed`() throws {
        var bench = try Bench(quietSettings())
        let entry = try #require(bench.candle(1).placed.first)
        _ = try bench.update(entry, .canceled)
        #expect(try bench.update(entry, .filled, filled: "1").decisions == [.lateUpdate])
        #expect(bench.loop.openTradeCount == 0)
    }
}
