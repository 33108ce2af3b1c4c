import Coordination
import Fleet
import FleetProtocol
import Foundation
import Market
import Money
import Orders
import Testing
import TradingJournal
import TradingLoop

@testable import PragmaCLI

/// Positions, orders, trades and profit as tables and as JSON, from records made by hand.
@Suite struct TradingTableTests {
    private typealias Fixture = TradingFixture

    private func json(_ value: some Encodable) throws -> [String: Any] {
        let data = try JSONEncoder().encode(value)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func lines(_ text: String?) throws -> [String] { try #require(text).split(separator: "\n").map(String.init) }

    // MARK: - Positions

    @Test func `a position is worth what it holds at the last close less what was paid`() throws {
        let books = try Fixture.books([
            Fixture.record(Fixture.trade(1)), Fixture.record(Fixture.trade(2, .closed, held: "0")), Fixture.candle(close: 55.5),
        ])
        let rows = PositionRow.rows(books, of: Fixture.job(7))
        #expect(rows.map(\.trade) == [1])
        let row = try json(try #require(rows.first))
        #expect(row["held"] as? String == "2" && row["open_rate"] as? Double == 50 && row["stop"] as? Double == 45)
        #expect(row["last_close"] as? Double == 55.5 && row["unrealized"] as? Double == 11)
        #expect(row["unrealized_ratio"] as? Double == 0.11 && row["job"] as? Int == 7)
        #expect(row["opened"] as? String == "2026-01-01T00:01:00+00:00")
        let table = try lines(PositionRow.table(rows))
        #expect(
            table.count == 3 && table[2].contains("paper-binance") && table[2].contains("11.0000") && table[2].contains("11.00"))
    }

    @Test func `without a price nothing is said of a position's worth`() throws {
        let books = try Fixture.books([
            Fixture.record(Fixture.trade(1)), Fixture.record(Fixture.trade(2, .opening, cash: "0", held: "0")),
        ])
        for row in PositionRow.rows(books, of: Fixture.job(7)) {
            let value = try json(row)
            #expect(value["unrealized"] is NSNull && value["last_close"] is NSNull && value["last_close_time"] == nil)
        }
    }

    @Test func `what ended dry-runs left open is shown when asked for, what ended live jobs left always`() {
        #expect(PositionRow.concerns(Fixture.job(1, state: .queued), all: false))
        #expect(!PositionRow.concerns(Fixture.job(1, state: .canceled), all: false))
        #expect(PositionRow.concerns(Fixture.job(1, state: .canceled), all: true))
        for state in JobState.allCases { #expect(PositionRow.concerns(Fixture.job(1, kind: .live, state: state), all: false)) }
    }

    // MARK: - Orders

    @Test func `an order has its status, what was filled, prices and fees, exactly`() throws {
        let rows = OrderRow.rows(try Fixture.books(Fixture.orders), of: Fixture.job(7), open: false).sorted(by: OrderRow.isOlder)
        #expect(rows.map(\.order) == [1, 2])
        let limit = try json(rows[0])
        let texts = [
            "status": "partially_filled", "type": "limit", "side": "buy", "purpose": "entry", "quantity": "2", "filled": "1",
            "price": "50.5", "cost": "50", "client_order_id": "c1", "venue_order_id": "V1", "tag": "cross",
        ]
        for (key, text) in texts { #expect(limit[key] as? String == text, "\(key): \(String(describing: limit[key]))") }
        #expect(limit["average"] as? Double == 50 && limit["working"] as? Bool == true)
        #expect(limit["fees"] as? [[String: String]] == [["asset": "USDT", "amount": "0.05"]])
        let stop = try json(rows[1])
        #expect(
            stop["type"] as? String == "stop_loss_limit" && stop["trigger"] as? String == "45" && stop["price"] as? String == "44"
        )
        #expect(stop["status"] as? String == "intended" && stop["average"] is NSNull && stop["venue_order_id"] == nil)
        let table = try lines(OrderRow.table(rows))
        #expect(table.count == 4 && table[2].contains("0.05 USDT") && table[3].contains("stoploss"))
    }

    @Test func `orders that have ended are left out where only open ones are asked for`() throws {
        let ended = JournalEnd.records
        let books = try Fixture.books(ended)
        #expect(OrderRow.rows(books, of: Fixture.job(7), open: false).count == 2)
        #expect(OrderRow.rows(books, of: Fixture.job(7), open: true).map(\.order) == [2])
    }

    // MARK: - Trades

    @Test func `a closed trade has its profit from fills`() throws {
        let books = try Fixture.books([
            Fixture.record(Fixture.trade(1, .closed, cash: "9.87654321", held: "0", closed: 30)),
            Fixture.record(Fixture.trade(2)),
            Fixture.record(Fixture.trade(3, .dropped)),
        ])
        let rows = TradeRow.rows(books, of: Fixture.job(7))
        #expect(rows.map(\.trade) == [1])
        let value = try json(rows[0])
        #expect(value["profit"] as? String == "9.87654321" && value["profit_ratio"] as? Double == 0.1)
        #expect(value["exit_reason"] as? String == "roi" && value["closed"] as? String == "2026-01-01T00:30:00+00:00")
        #expect(try lines(TradeRow.table(rows))[2].contains("9.87654321"))
    }

    // MARK: - Profit

    @Test func `profit is added by exchange and strategy, and never over different currencies`() throws {
        var table = ProfitTable()
        let won = [Fixture.record(Fixture.trade(1, .closed, cash: "10.1", held: "0"))]
        let lost = [Fixture.record(Fixture.trade(1, .closed, cash: "-4", held: "0")), Fixture.record(Fixture.trade(2))]
        table.add(try Fixture.books(won), of: Fixture.job(1))
        table.add(try Fixture.books(lost), of: Fixture.job(2))
        table.add(
            try Fixture.books(won + [Fixture.record(Fixture.trade(2)), Fixture.candle(close: 51)]),
            of: Fixture.job(3, strategy: "Rsi"))
        table.add(try Fixture.books(won), of: Fixture.job(4, exchange: "paper-kraken", currency: "USD"))
        #expect(table.rows.map(\.exchange) == ["paper-binance", "paper-binance", "paper-kraken"])
        #expect(table.rows.map(\.realized) == ["6.1", "10.1", "10.1"])
        #expect(table.rows.map(\.jobs) == [2, 1, 1] && table.rows.map(\.closed_trades) == [2, 1, 1])
        #expect(table.rows.map(\.winning_trades) == [1, 1, 1] && table.rows.map(\.unvalued) == [1, 0, 0])
        #expect(table.totals.map(\.stake_currency) == ["USD", "USDT"])
        #expect(table.totals.map(\.realized) == ["10.1", "16.2"])
        #expect(table.totals.map(\.unrealized.value) == [0, 2] && table.totals.map(\.open_trades) == [0, 2])
        #expect(try lines(table.text).count == 7)
        let total = try json(table.totals[0])
        #expect(total["exchange"] == nil && total["strategy"] == nil && total["realized"] as? String == "10.1")
    }

    // MARK: - Dry-run and live

    @Test func `dry-run and live have sections of their own, in text and in JSON`() throws {
        var rows = ByKind<[PositionRow]>([])
        let books = try Fixture.books([Fixture.record(Fixture.trade(1))])
        rows[.dryRun] = PositionRow.rows(books, of: Fixture.job(1))
        let text = TradingSections.text { PositionRow.table(rows[$0]) }
        #expect(text.hasPrefix("dry-run\n\n") && text.hasSuffix("\n\nlive\n\nnone"))
        let problem = JobProblem(job: 2, problem: "p")
        var value = try json(TradingAnswer(rows, problems: [problem]))
        #expect((value["dry_run"] as? [Any])?.count == 1 && (value["live"] as? [Any])?.isEmpty == true)
        #expect((value["problems"] as? [[String: Any]])?.first?["job"] as? Int == 2)
        rows[.live] = PositionRow.rows(books, of: Fixture.job(3, kind: .live))
        #expect(rows.dryRun.map(\.job) == [1] && rows.live.map(\.job) == [3])
        value = try json(ProfitAnswer(ByKind(ProfitTable()), problems: []))
        #expect(Set(value.keys) == ["dry_run", "live", "problems"])
    }

    @Test(arguments: [
        (45_000.123, "45000.12"), (1.5, "1.50000"), (0.00001234, "0.00001234"), (-12.3456789, "-12.3457"), (0, "0.00"),
        (.nan, "-"),
        (.infinity, "-"), (1e-300, "0.00000000"), (1e15, "1000000000000000.00"),
    ])
    func `a figure has six digits that count`(value: Double, text: String) {
        #expect(Format.figure(value) == text)
    }
}
