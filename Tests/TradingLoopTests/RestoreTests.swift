import Backtesting
import Exchange
import Market
import Money
import Orders
import Testing
import Trading

@testable import TradingLoop

@Suite struct RestoreTests {
    /// Another loop with the same settings that reads what the first wrote.
    private func reborn(_ bench: Bench, orders: [OrderUpdate] = []) throws -> (Bench, [TradingDirective]) {
        var other = bench
        other.loop = try TradingInstance(
            settings: bench.settings, strategy: VolumeSignals(), whitelist: bench.pairs, instruments: bench.listings,
            gate: .active)
        let directives = try other.loop.start(
            records: bench.records, orders: orders, balances: [Balance(asset: "USDT", free: amount("1000"), locked: .zero)],
            now: bench.now)
        return (other, directives)
    }

    @Test func `Everything of an open trade is back, to the last bit`() throws {
        var settings = quietSettings()
        settings.rules.trailingStop = true
        var bench = try Bench(settings)
        let entry = try #require(bench.candle(1).placed.first)
        _ = try bench.update(entry, .filled, filled: "0.7", at: "33.33", fee: "0.0007", in: "BTC")
        _ = try bench.quote("47.11")
        let (other, _) = try reborn(bench)
        #expect(other.loop.openTrades == bench.loop.openTrades)
        #expect(other.loop.trades[0].rules.stopState == bench.loop.trades[0].rules.stopState)
        #expect(other.loop.trades[0].rules.feeRatio == bench.loop.trades[0].rules.feeRatio)
        #expect(other.loop.trades[0].rules.openValue == bench.loop.trades[0].rules.openValue)
        #expect(other.loop.nextTicket == bench.loop.nextTicket && other.loop.nextTrade == bench.loop.nextTrade)
    }

    @Test func `An order that was written down and never sent is as good as never made`() throws {
        var bench = try Bench(quietSettings())
        _ = bench.candle(1)
        let (other, directives) = try reborn(bench)
        #expect(other.loop.openTradeCount == 0 && directives.reports.last?.state == .dropped)
        #expect(other.loop.nextTicket == 2, "its ticket is not used again")
    }

    @Test func `What filled while nobody listened is taken over and protected`() throws {
        var settings = quietSettings()
        settings.orderTypes.stoplossOnExchange = true
        var bench = try Bench(settings)
        let entry = try #require(bench.candle(1).placed.first)
        let filled = OrderUpdate(
            ticket: entry.ticket, status: .filled, filled: entry.quantity, cost: amount("100"), fees: [], time: bench.now)
        let (other, directives) = try reborn(bench, orders: [filled])
        #expect(other.loop.openTrades[0].held == amount("1"))
        #expect(directives.placed.map(\.purpose) == [.stopLoss])
    }

    @Test func `A cancel that was asked for is asked for again`() throws {
        var bench = try Bench(quietSettings())
        let entry = try #require(bench.candle(1).placed.first)
        let open = OrderUpdate(ticket: entry.ticket, status: .open, filled: .zero, cost: .zero, fees: [], time: bench.now)
        _ = try bench.update(entry, .open)
        #expect(bench.tick(after: 600).canceled == [entry.ticket])
        #expect(try reborn(bench, orders: [open]).1.canceled == [entry.ticket])
    }

    @Test func `Damaged records and unknown pairs are errors that name them`() throws {
        var bench = try Bench(quietSettings())
        _ = bench.candle(1)
        let good = bench.records
        for bytes in ["", "{}", "[1]", "{\"next_ticket\":-1}", "{\"state\":\"open\",\"pair\":\"X\"}"] {
            for kind in TradingRecord.Kind.allCases {
                let bad = TradingRecord(kind: kind, key: kind == .job ? 0 : 1, bytes: Array(bytes.utf8))
                #expect(throws: TradingError.self) { try bench.start(good + [bad]) }
            }
        }
        var loop = try TradingInstance(
            settings: quietSettings(), strategy: VolumeSignals(), whitelist: [], instruments: [], gate: .active)
        #expect(throws: TradingError.unknownInstrument(bench.pair, TradeNumber(1))) {
            _ = try loop.start(records: good, now: bench.now)
        }
    }

    @Test func `Cut records never trap`() throws {
        var bench = try Bench(quietSettings())
        let entry = try #require(bench.candle(1).placed.first)
        _ = try bench.update(entry, .filled, filled: "all", fee: "0.1")
        let record = try #require(bench.records.last { $0.kind == .trade })
        for length in 0..<record.bytes.count {
            let cut = TradingRecord(kind: .trade, key: 1, bytes: Array(record.bytes.prefix(length)))
            #expect(throws: TradingError.self) { try bench.start([cut]) }
        }
    }
}
