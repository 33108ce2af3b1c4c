import Backtesting
import Exchange
import Market
import Money
import Orders
import Testing
import Trading

@testable import TradingLoop

@Suite struct StopTests {
    private func settings(_ change: (inout TradingSettings) -> Void = { _ in }) -> TradingSettings {
        var settings = quietSettings()
        settings.rules.stoploss = -0.1
        settings.orderTypes.stoplossOnExchange = true
        change(&settings)
        return settings
    }

    /// A position with its stop at the venue.
    private func protected(_ settings: TradingSettings) throws -> (Bench, OrderRequest) {
        var bench = try Bench(settings)
        let entry = try #require(bench.candle(1).placed.first)
        let stop = try #require(try bench.update(entry, .filled, filled: "all").placed.first)
        _ = try bench.update(stop, .open)
        return (bench, stop)
    }

    @Test func `A stop is placed as soon as the entry is filled, limit or market`() throws {
        let (_, stop) = try protected(settings())
        #expect(stop.kind == .stopLossLimit(trigger: price("90"), price: price("89.1")))
        #expect(stop.purpose == .stopLoss && stop.side == .sell && stop.quantity == quantity("1"))
        let (_, market) = try protected(settings { $0.orderTypes.stoploss = .market })
        #expect(market.kind == .stopLoss(trigger: price("90")))
    }

    @Test func `While it rests there the loop does not sell at the stop, unless it is told to`() throws {
        var (bench, _) = try protected(settings())
        #expect(try bench.quote("85").canceled.isEmpty)
        (bench, _) = try protected(settings { $0.checksStopBesideVenue = true })
        #expect(try bench.quote("85").canceled.count == 1)
    }

    @Test func `As long as it is not confirmed the loop watches the stop itself`() throws {
        var bench = try Bench(settings())
        let entry = try #require(bench.candle(1).placed.first)
        let stop = try #require(try bench.update(entry, .filled, filled: "all").placed.first)
        #expect(try bench.quote("85").canceled == [stop.ticket])
        #expect(try #require(try bench.update(stop, .canceled).placed.first).tag == "stop_loss")
    }

    @Test func `It moves with the trailing stop, at most once an interval, by cancel and new order`() throws {
        var (bench, stop) = try protected(
            settings {
                $0.rules.trailingStop = true
                $0.orderTypes.stoplossOnExchangeInterval = 60_000
            })
        #expect(try bench.quote("110").canceled.isEmpty, "too soon")
        bench.pass(59.999)
        #expect(try bench.quote("110.5").canceled.isEmpty)
        bench.pass(0.001)
        let directives = try bench.quote("111")
        #expect(directives.canceled == [stop.ticket] && directives.cancelReasons == [.stopMoved])
        let next = try #require(try bench.update(stop, .canceled).placed.first)
        #expect(next.kind == .stopLossLimit(trigger: price("99.9"), price: price("98.91")))
    }

    @Test func `However often it moves, the trade's record stays small`() throws {
        var (bench, stop) = try protected(
            settings {
                $0.rules.trailingStop = true
                $0.orderTypes.stoplossOnExchangeInterval = 0
            })
        for move in 1...5000 {
            #expect(try bench.quote("\(100 + move)").canceled == [stop.ticket])
            stop = try #require(try bench.update(stop, .canceled).placed.first)
            _ = try bench.update(stop, .open)
        }
        let sizes = bench.records.map(\.bytes.count)
        #expect((sizes.max() ?? 0) < 2000, "the journal takes no record above 1 MiB")
        #expect(bench.loop.openTrades.map(\.orderCount) == [5002])
        var other = try Bench(bench.settings)
        try other.start(
            bench.records,
            orders: [OrderUpdate(ticket: stop.ticket, status: .open, filled: .zero, cost: .zero, fees: [], time: bench.now)])
        #expect(other.loop.openTrades == bench.loop.openTrades)
        let end = try bench.update(stop, .filled, filled: "all", at: "4580")
        #expect(end.reports.last?.orderCount == 5002 && end.reports.last?.cashFlow == amount("4480"))
    }

    @Test func `A stop that the venue canceled is placed again`() throws {
        var (bench, stop) = try protected(settings())
        #expect(try #require(try bench.update(stop, .canceled).placed.first).purpose == .stopLoss)
    }

    @Test func `A refused stop is followed by an emergency exit at the market`() throws {
        var bench = try Bench(settings())
        let entry = try #require(bench.candle(1).placed.first)
        let stop = try #require(try bench.update(entry, .filled, filled: "all").placed.first)
        let refused = try bench.update(stop, .rejected, reason: "would trigger immediately")
        #expect(refused.placed.isEmpty && refused.decisions == [.stopFailed])
        let exit = try #require(bench.tick().placed.first)
        #expect(exit.kind == .market && exit.purpose == .emergencyExit)
        #expect(try bench.update(exit, .filled, filled: "all").reports.last?.exitReason == "emergency_exit")
    }

    @Test func `A denied stop is only tried again: it was our own gate`() throws {
        var bench = try Bench(settings())
        let entry = try #require(bench.candle(1).placed.first)
        let stop = try #require(try bench.update(entry, .filled, filled: "all").placed.first)
        #expect(try bench.update(stop, .denied).placed.isEmpty)
        #expect(try #require(bench.tick().placed.first).purpose == .stopLoss)
    }

    @Test func `An exit waits until the stop is canceled, and sells what the stop left`() throws {
        var (bench, stop) = try protected(settings())
        bench.pass(300)
        let directives = bench.candle(2)
        #expect(directives.placed.isEmpty && directives.canceled == [stop.ticket])
        let exit = try #require(try bench.update(stop, .canceled, filled: "0.25", at: "90").placed.first)
        #expect(exit.purpose == .exit && exit.quantity == quantity("0.75"))
    }

    @Test func `No stop beside an exit order, a new one after that was given up`() throws {
        var (bench, stop) = try protected(settings())
        bench.pass(300)
        _ = bench.candle(2)
        let exit = try #require(try bench.update(stop, .canceled).placed.first)
        #expect(try bench.update(exit, .open).placed.isEmpty && bench.tick().placed.isEmpty)
        bench.pass(300)
        _ = bench.candle(0)
        let late = bench.tick(after: 300)
        #expect(late.canceled == [exit.ticket] && late.cancelReasons == [.timeout])
        #expect(try #require(try bench.update(exit, .canceled).placed.first).purpose == .stopLoss)
    }

    @Test func `A filled stop closes the trade under freqtrade's name for it`() throws {
        var (bench, stop) = try protected(settings())
        let end = try bench.update(stop, .filled, filled: "all", at: "89.5")
        #expect(end.reports.last?.state == .closed && end.reports.last?.exitReason == "stoploss_on_exchange")
        #expect(end.reports.last?.cashFlow == amount("-10.5"))
    }

    @Test func `The first stop is taken from the price that was paid`() throws {
        var bench = try Bench(settings())
        _ = try bench.enter(at: "90")
        #expect(bench.loop.openTrades[0].stop == 81 && !bench.loop.openTrades[0].isStopTrailing)
    }
}
