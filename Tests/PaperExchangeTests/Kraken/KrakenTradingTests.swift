import Exchange
import Kraken
import Market
import Matching
import Money
import Testing

@testable import PaperExchange

/// Orders through REST, by the connector where it has the call.
struct KrakenTradingTests {
    @Test func `a market order is filled at once and its fee is paid in quote currency`() throws {
        let bench = try KrakenBench()
        let before = try bench.call(bench.trading.balances())
        let report = try bench.query(try bench.place(.buy, .market))
        #expect(report.status == .filled)
        #expect(report.filled == Quantity("0.01"))
        let (cost, fee) = (try #require(report.filledCost), try #require(report.fee))
        // 0.4 %, rounded up to the smallest unit for each fill.
        #expect(abs(fee.approximation - cost.approximation * 0.004) < 1e-6)
        let bitcoin = try bench.bitcoin()
        let fills = try bench.call(bench.trading.fills(bitcoin, after: nil, from: nil))
        #expect(fills.allSatisfy { $0.feeAsset == "USD" && $0.isMaker == false && $0.venueOrderID == report.venueOrderID })
        #expect(fills.reduce(Amount.zero) { $0.adding($1.fee) ?? $0 } == fee)
        let after = try bench.call(bench.trading.balances())
        let (had, left) = (before.first { $0.asset == "USD" }?.free, after.first { $0.asset == "USD" }?.free)
        let spent = try had?.subtracting(#require(left))
        #expect(spent == cost.adding(fee))
        #expect(after.first { $0.asset == "BTC" }?.free == Amount("1.01"))
    }

    @Test func `a market order by value spends the value`() throws {
        let bench = try KrakenBench()
        let report = try bench.query(try bench.place(.buy, .marketByCost(try #require(Amount("100")))))
        #expect(report.status == .filled)
        let cost = try #require(report.filledCost)
        #expect(cost.approximation <= 100 && cost.approximation > 99.9)
        #expect(report.quantity == nil)
    }

    @Test func `a limit order rests, is found by both its names, holds money, and is canceled`() throws {
        let bench = try KrakenBench()
        let price = try bench.price(-100)
        let placed = try bench.place(.buy, .limit(price))
        let open = try bench.query(placed)
        #expect(open.status == .open)
        #expect(open.price == price)
        #expect(open.clientOrderID == ClientOrderID("swx0001"))
        let bitcoin = try bench.bitcoin()
        #expect(try bench.call(bench.trading.openOrders(bitcoin)).map(\.venueOrderID) == [placed.venueOrderID])
        #expect(try bench.call(bench.trading.order(.client(ClientOrderID("swx0001")), bitcoin)).status == .open)
        let held = try #require(try bench.call(bench.trading.balances()).first { $0.asset == "USD" })
        #expect(held.locked.approximation > price.approximation * 0.01)
        _ = try bench.call(bench.trading.cancel(.client(ClientOrderID("swx0001")), bitcoin, age: nil))
        #expect(try bench.query(placed).status == .canceled)
        #expect(try bench.query(placed).reason == "User requested")
        #expect(try bench.call(bench.trading.balances()).first { $0.asset == "USD" }?.locked == Amount.zero)
        let lookups = bench.trading.orderLookups(.client(ClientOrderID("swx0001")), bitcoin)
        #expect(krakenError { _ = try bench.call(lookups[0]) }?.kind == .orderNotFound)
        #expect(try bench.call(lookups[1]).status == .canceled)
    }

    @Test(arguments: ["stop-loss", "stop-loss-limit", "take-profit", "take-profit-limit"])
    func `an order waits for its trigger and is carried out when the market comes by`(type: String) throws {
        let bench = try KrakenBench()
        let isStop = type.hasPrefix("stop")
        // So near that the market reaches it soon.
        let trigger = try bench.price(isStop ? -1 : 1)
        let limit = try bench.price(-20)
        let kind: Exchange.OrderKind =
            switch type {
            case "stop-loss": .stopLoss(trigger: trigger)
            case "stop-loss-limit": .stopLossLimit(trigger: trigger, price: limit)
            case "take-profit": .takeProfit(trigger: trigger)
            default: .takeProfitLimit(trigger: trigger, price: limit)
            }
        let placed = try bench.place(.sell, kind)
        let waiting = try bench.query(placed)
        #expect(waiting.status == .pending)
        #expect(waiting.type == type)
        #expect(waiting.triggerPrice == trigger)
        #expect(waiting.price == (type.hasSuffix("limit") ? limit : nil))
        for _ in 0..<600 where try bench.query(placed).status == .pending { bench.pass(30_000) }
        let report = try bench.query(placed)
        #expect(report.status == .filled)
        let fill = try #require(try bench.call(bench.trading.fills(nil, after: nil, from: nil)).first)
        // It takes what is offered around the trigger, a few steps of the ladder away at most.
        #expect(abs(fill.price.approximation / trigger.approximation - 1) < 0.005)
    }

    @Test func `orders that are immediate end at once`() throws {
        let bench = try KrakenBench()
        let low = try bench.price(-100)
        let canceled = try bench.query(try bench.place(.buy, .limit(low), timeInForce: .immediateOrCancel))
        #expect(canceled.status == .canceled)
        let high = try bench.price(10)
        let filled = try bench.query(try bench.place(.buy, .limit(high), id: "b", timeInForce: .immediateOrCancel))
        #expect(filled.status == .filled)
        let none = try bench.query(try bench.place(.buy, .limit(low), id: "c", timeInForce: .fillOrKill))
        #expect(none.status == .canceled)
    }

    @Test func `an order with an end expires`() throws {
        let bench = try KrakenBench()
        let price = try bench.price(-100).description
        let base = [("pair", "XBTUSD"), ("type", "buy"), ("ordertype", "limit"), ("volume", "0.01"), ("price", price)]
        let answer = try bench.raw("AddOrder", base + [("timeinforce", "GTD"), ("expiretm", "+30")])
        let id = try #require(answer["result"]?["txid"]?[0]?.text)
        bench.pass(31_000)
        let order = try bench.raw("QueryOrders", [("txid", id)])["result"]?[id]
        #expect(order?["status"]?.text == "expired")
        #expect(order?["reason"]?.text == "Order expired")
    }

    @Test func `a trial places nothing and finds what is wrong`() throws {
        let bench = try KrakenBench()
        let bitcoin = try bench.bitcoin()
        let price = try bench.price(-100)
        let good = OrderIntent(.buy, .limit(price), quantity: try #require(Quantity("0.01")), clientOrderID: ClientOrderID("v"))
        try bench.call(try bench.trading.validate(good, bitcoin, at: Timestamp(milliseconds: bench.now)))
        var large = good
        large.quantity = try #require(Quantity("100"))
        let call = try bench.trading.validate(large, bitcoin, at: Timestamp(milliseconds: bench.now))
        #expect(krakenError { try bench.call(call) }?.kind == .insufficientFunds)
        #expect(try bench.call(bench.trading.openOrders(nil)).isEmpty)
    }

    @Test func `the connector reads each refusal as what it is`() throws {
        let bench = try KrakenBench()
        let (low, high) = (try bench.price(-100), try bench.price(100))
        #expect(krakenError { _ = try bench.place(.buy, .limit(low), "100") }?.kind == .insufficientFunds)
        #expect(krakenError { _ = try bench.place(.buy, .market, "0.00001") }?.code == "EOrder:Order minimum not met")
        #expect(krakenError { _ = try bench.place(.buy, .postOnly(high)) }?.kind == .wouldTakeLiquidity)
        #expect(krakenError { _ = try bench.place(.sell, .stopLoss(trigger: high)) }?.code == "EOrder:Invalid price")
        let deadline = Timestamp(milliseconds: bench.now + 60_000)
        _ = try bench.place(.buy, .limit(low), id: "same", deadline: deadline)
        #expect(krakenError { _ = try bench.place(.buy, .limit(low), id: "same") }?.kind == .duplicateClientOrderID)
        let bitcoin = try bench.bitcoin()
        let nobody = Exchange.OrderReference.client(ClientOrderID("nobody"))
        #expect(krakenError { _ = try bench.call(bench.trading.cancel(nobody, bitcoin, age: nil)) }?.kind == .orderNotFound)
    }

    @Test func `a request for an order that cannot be read says what is wrong`() throws {
        let bench = try KrakenBench()
        let price = try bench.price(-100).description
        let base = [("pair", "XBTUSD"), ("type", "buy"), ("ordertype", "limit"), ("volume", "0.01"), ("price", price)]
        func error(_ changes: [(String, String)]) throws -> String? {
            let names = Set(changes.map(\.0))
            return try bench.raw("AddOrder", base.filter { !names.contains($0.0) } + changes)["error"]?[0]?.text
        }
        #expect(try error([("pair", "NONE")]) == "EQuery:Unknown asset pair")
        #expect(try error([("type", "hold")]) == "EGeneral:Invalid arguments:type")
        #expect(try error([("ordertype", "trailing-stop")]) == "EGeneral:Invalid arguments:ordertype")
        #expect(try error([("volume", "-1")]) == "EGeneral:Invalid arguments:volume")
        #expect(try error([("volume", "0.000000001")]) == "EGeneral:Invalid arguments:volume")
        #expect(try error([("price", "+5%")]) == "EGeneral:Invalid arguments:price")
        #expect(
            try error([("price", "50000.12")]) == "EOrder:Invalid price:XBTUSD price can only be specified up to 1 decimals.")
        #expect(try error([("leverage", "5")]) == "EGeneral:Invalid arguments:leverage")
        #expect(try error([("volume", "0.00005"), ("price", "1000")]) == "EOrder:Cost minimum not met")
        #expect(try error([("oflags", "viqc")]) == "EGeneral:Invalid arguments:viqc")
        #expect(try error([("deadline", "2025-06-15T15:06:39.000Z")]) == "EService:Deadline elapsed")
        #expect(try error([("deadline", "soon")]) == "EGeneral:Invalid arguments:deadline")
        #expect(try error([("timeinforce", "GTD")]) == "EGeneral:Invalid arguments:expiretm")
        #expect(try error([("cl_ord_id", "not a plain text")]) == "EGeneral:Invalid arguments:cl_ord_id")
        #expect(try error([("validate", "true")]) == nil)
    }

    @Test func `amending keeps the id, editing makes a new order`() throws {
        let bench = try KrakenBench()
        let placed = try bench.place(.buy, .limit(try bench.price(-100)))
        let id = placed.venueOrderID.text
        let price = try bench.price(-90)
        let amended = try bench.raw("AmendOrder", [("txid", id), ("limit_price", price.description), ("order_qty", "0.02")])
        #expect(amended["result"]?["amend_id"]?.text?.hasPrefix("T") == true)
        let after = try bench.query(placed)
        #expect(after.price == price && after.quantity == Quantity("0.02"))
        let edited = try bench.raw("EditOrder", [("txid", id), ("pair", "XBTUSD"), ("volume", "0.03")])
        #expect(edited["result"]?["originaltxid"]?.text == id)
        #expect(try bench.query(placed).status == .canceled)
        let open = try bench.call(bench.trading.openOrders(nil))
        #expect(open.map(\.quantity) == [Quantity("0.03")])
        #expect(open.map(\.price) == [price])
        let refused = try bench.raw("EditOrder", [("txid", open[0].venueOrderID.text), ("pair", "XBTUSD"), ("volume", "500")])
        #expect(refused["error"]?[0]?.text == "EOrder:Insufficient funds")
        #expect(try bench.call(bench.trading.openOrders(nil)).count == 1)
        #expect(try bench.raw("AmendOrder", [("txid", id), ("order_qty", "1")])["error"]?[0]?.text == "EOrder:Unknown order")
    }

    @Test func `a dead-man timer really cancels, unless it is renewed or switched off`() throws {
        let bench = try KrakenBench()
        let timer = try #require(bench.trading.deadManTimer(.seconds(10), nil))
        let placed = try bench.place(.buy, .limit(try bench.price(-100)))
        try bench.call(timer)
        bench.pass(8000)
        try bench.call(timer)
        bench.pass(8000)
        #expect(try bench.query(placed).status == .open)
        try bench.call(try #require(bench.trading.deadManTimer(.zero, nil)))
        bench.pass(20_000)
        #expect(try bench.query(placed).status == .open)
        try bench.call(timer)
        bench.pass(10_000)
        #expect(try bench.query(placed).status == .canceled)
        #expect(
            try bench.raw("CancelAllOrdersAfter", [("timeout", "86401")])["error"]?[0]?.text
                == "EGeneral:Invalid arguments:timeout")
    }

    @Test func `several orders are placed and canceled at once`() throws {
        let bench = try KrakenBench()
        let price = try bench.price(-100).description
        let order = #"{"ordertype":"limit","type":"buy","volume":"0.01","price":"\#(price)","userref":7}"#
        let large = #"{"ordertype":"limit","type":"buy","volume":"90","price":"\#(price)"}"#
        let answer = try bench.json(
            "AddOrderBatch", #"{"nonce":"NONCE","pair":"XBTUSD","orders":[\#(order),\#(order),\#(large)]}"#)
        let orders = try #require(answer["result"]?["orders"]?.elements)
        #expect(orders.count == 3)
        #expect(orders[2]["error"]?.text == "EOrder:Insufficient funds")
        let id = try #require(orders[0]["txid"]?.text)
        #expect(try bench.raw("OpenOrders", [("userref", "7")])["result"]?["open"]?.members?.count == 2)
        #expect(try bench.json("CancelOrderBatch", #"{"nonce":"NONCE","orders":["\#(id)"]}"#)["result"]?["count"]?.integer == 1)
        #expect(try bench.raw("CancelOrder", [("txid", "7")])["result"]?["count"]?.integer == 1)
        _ = try bench.place(.buy, .limit(try #require(Price(price))))
        #expect(try bench.call(try #require(bench.trading.cancelAll(nil))) == 1)
        #expect(try bench.call(bench.trading.openOrders(nil)).isEmpty)
    }

    @Test func `fills come in pages of fifty and after a fill`() throws {
        let bench = try KrakenBench()
        for index in 0..<60 { _ = try bench.place(index % 2 == 0 ? .buy : .sell, .market, "0.001", id: "m\(index)") }
        let count = bench.core.venue.engine.fills(of: bench.core.venue.accounts[0].id).count
        var offset: Int? = 0
        var seen: [String] = []
        while let place = offset {
            let page = try bench.call(bench.trading.fillPage(nil, after: nil, from: nil, offset: place))
            #expect(page.fills.count <= 50)
            seen = page.fills.map(\.tradeID) + seen
            offset = page.nextOffset
        }
        #expect(seen.count == count && Set(seen).count == count && count >= 60)
        let last = PaperKrakenID.text(bench.core.venue.engine.fills(of: bench.core.venue.accounts[0].id)[count - 4].trade)
        let later = try bench.call(bench.trading.fills(nil, after: last, from: nil))
        let newest = bench.core.venue.engine.fills(of: bench.core.venue.accounts[0].id).map { PaperKrakenID.text($0.trade) }
        #expect(Set(later.map(\.tradeID)) == Set(newest.suffix(3)))
        let closed = try bench.call(bench.trading.closedOrders(from: nil, offset: 50))
        #expect(closed.count == 10)
        let asked = try bench.raw("QueryTrades", [("txid", seen.prefix(2).joined(separator: ","))])
        #expect(asked["result"]?.members?.count == 2)
    }

    @Test func `an order tells the fills it is made of where it is asked`() throws {
        let bench = try KrakenBench()
        let id = try bench.place(.buy, .market).venueOrderID.text
        let order = try #require(try bench.raw("QueryOrders", [("txid", id), ("trades", "True")])["result"]?[id])
        let trades = (order["trades"]?.elements ?? []).compactMap(\.text)
        #expect(!trades.isEmpty && trades.allSatisfy { PaperKrakenID.trade($0) != nil })
        #expect(order["descr"]?["order"]?.text == "buy 0.01000000 XBTUSD @ market")
        #expect(order["oflags"]?.text == "fciq")
    }
}
