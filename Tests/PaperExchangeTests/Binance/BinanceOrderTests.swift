import Exchange
import Matching
import Money
import Testing

@testable import PaperExchange

struct BinanceOrderTests {
    @Test func `a market order by quantity tells its fills, and the account has what they say`() throws {
        var bench = try BinanceBench()
        let order = try bench.order("BUY", "MARKET", [("quantity", "0.05")])
        #expect(order["status"]?.text == "FILLED" && order["executedQty"]?.text == "0.05000000")
        let fills = try #require(order["fills"]?.elements)
        let bought = fills.compactMap { $0["qty"]?.amount }.reduce(Amount.zero) { $0.adding($1) ?? $0 }
        let fees = fills.compactMap { $0["commission"]?.amount }.reduce(Amount.zero) { $0.adding($1) ?? $0 }
        #expect(bought == Amount("0.05") && fills.allSatisfy { $0["commissionAsset"]?.text == "BTC" })
        let account = try bench.signed(.get, "/api/v3/account")
        func free(_ asset: String) -> Amount? {
            account["balances"]?.elements?.first { $0["asset"]?.text == asset }?["free"]?.amount
        }
        #expect(free("BTC") == Amount("1.05")?.subtracting(fees))
        #expect(free("USDT") == order["cummulativeQuoteQty"]?.amount.flatMap { Amount("10000")?.subtracting($0) })
        let trades = try bench.signed(.get, "/api/v3/myTrades", [("symbol", "BTCUSDT")])
        #expect(trades.elements?.count == fills.count && trades[0]?["id"] == fills[0]["tradeId"])
        #expect(trades[0]?["orderId"] == order["orderId"] && trades[0]?["isMaker"]?.bool == false)
    }

    @Test func `a market order by amount spends no more than that`() throws {
        var bench = try BinanceBench()
        let order = try bench.order("BUY", "MARKET", [("quoteOrderQty", "100")])
        #expect(order["status"]?.text == "FILLED" && order["origQuoteOrderQty"]?.text == "100.00000000")
        let spent = try #require(order["cummulativeQuoteQty"]?.double)
        #expect(spent <= 100 && spent > 98)
        let sale = try bench.order("SELL", "MARKET", [("quoteOrderQty", "50"), ("newOrderRespType", "RESULT")])
        #expect(sale["status"]?.text == "FILLED" && sale["fills"] == nil)
    }

    @Test func `a limit order rests, is found by both ids, and is canceled under a name of its own`() throws {
        var bench = try BinanceBench()
        let order = try bench.limit("BUY", 90, id: "mine-1")
        #expect(order["status"]?.text == "NEW" && order["clientOrderId"]?.text == "mine-1" && order["fills"] == [])
        let id = try #require(order["orderId"]?.digits)
        let open = try bench.signed(.get, "/api/v3/openOrders", [("symbol", "BTCUSDT")])
        #expect(open.elements?.count == 1 && open[0]?["orderId"] == order["orderId"] && open[0]?["isWorking"]?.bool == true)
        let byName = try bench.signed(.get, "/api/v3/order", [("symbol", "BTCUSDT"), ("origClientOrderId", "mine-1")])
        #expect(byName == open[0])
        #expect(try bench.limit("BUY", 89, id: "mine-1").message == "Duplicate order sent.")
        let canceled = try bench.signed(
            .delete, "/api/v3/order", [("symbol", "BTCUSDT"), ("orderId", id), ("newClientOrderId", "gone")])
        #expect(canceled["origClientOrderId"]?.text == "mine-1" && canceled["clientOrderId"]?.text == "gone")
        #expect(canceled["status"]?.text == "CANCELED")
        let again = try bench.signed(.delete, "/api/v3/order", [("symbol", "BTCUSDT"), ("orderId", id)])
        #expect(again.code == -2011 && again.message == "Unknown order sent.")
        #expect(try bench.signed(.get, "/api/v3/order", [("symbol", "BTCUSDT"), ("orderId", id)])["status"]?.text == "CANCELED")
        // The name is free again.
        #expect(try bench.limit("BUY", 89, id: "mine-1")["status"]?.text == "NEW")
        #expect(try bench.signed(.get, "/api/v3/allOrders", [("symbol", "BTCUSDT")]).elements?.count == 2)
    }

    @Test func `immediate, fill-or-kill and post-only orders end as on Binance`() throws {
        var bench = try BinanceBench()
        let far: [(String, String)] = [("quantity", "0.01"), ("price", bench.price(90))]
        #expect(try bench.order("BUY", "LIMIT", far + [("timeInForce", "IOC")])["status"]?.text == "EXPIRED")
        #expect(try bench.order("BUY", "LIMIT", far + [("timeInForce", "FOK")])["status"]?.text == "EXPIRED")
        let maker = try bench.order("BUY", "LIMIT_MAKER", far)
        #expect(maker["status"]?.text == nil && maker["orderId"] != nil)
        let taking = try bench.order("BUY", "LIMIT_MAKER", [("quantity", "0.01"), ("price", bench.price(110))])
        #expect(taking.code == -2010 && taking.message == "Order would immediately match and take.")
        #expect(try bench.limit("BUY", 110)["status"]?.text == "FILLED")
        let all = try bench.signed(.delete, "/api/v3/openOrders", [("symbol", "BTCUSDT")])
        #expect(all.elements?.count == 1 && all[0]?["type"]?.text == "LIMIT_MAKER")
        #expect(try bench.signed(.delete, "/api/v3/openOrders", [("symbol", "BTCUSDT")]).code == -2011)
    }

    @Test(arguments: ["STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"])
    func `stops wait with their price and refuse to trigger at once`(type: String) throws {
        var bench = try BinanceBench()
        let isStop = type.hasPrefix("STOP")
        var more = [("quantity", "0.01"), ("stopPrice", bench.price(isStop ? 95 : 105))]
        if type.hasSuffix("LIMIT") { more += [("price", bench.price(isStop ? 94 : 104)), ("timeInForce", "GTC")] }
        let order = try bench.order("SELL", type, more + [("newOrderRespType", "FULL")])
        #expect(order["status"]?.text == "NEW" && order["type"]?.text == type && order["workingTime"] == nil)
        let open = try bench.signed(.get, "/api/v3/openOrders")
        #expect(open[0]?["stopPrice"]?.text == more[1].1 && open[0]?["isWorking"]?.bool == false)
        more[1].1 = bench.price(isStop ? 105 : 95)
        #expect(try bench.order("SELL", type, more).message == "Stop price would trigger immediately.")
    }

    @Test func `a test order changes nothing`() throws {
        var bench = try BinanceBench()
        let more: [(String, String)] = [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.01")]
        #expect(try bench.signed(.post, "/api/v3/order/test", more) == [:])
        #expect(try bench.signed(.get, "/api/v3/allOrders", [("symbol", "BTCUSDT")]) == [])
        let rates = try bench.signed(.post, "/api/v3/order/test", more + [("computeCommissionRates", "true")])
        #expect(rates["standardCommissionForOrder"]?["taker"]?.text == "0.00100000")
    }

    @Test func `an order is replaced whole, by half, or not at all`() throws {
        var bench = try BinanceBench()
        func replace(_ id: String, _ price: String, _ mode: String) -> [(String, String)] {
            [
                ("symbol", "BTCUSDT"), ("side", "SELL"), ("type", "LIMIT_MAKER"), ("quantity", "0.01"), ("price", price),
                ("cancelReplaceMode", mode), ("cancelOrigClientOrderId", id), ("newClientOrderId", id + "x"),
            ]
        }
        let path = "/api/v3/order/cancelReplace"
        _ = try bench.limit("SELL", 110, id: "a")
        let done = bench.signedResponse(.post, path, replace("a", bench.price(111), "STOP_ON_FAILURE"))
        let body = try JSONValue(parsing: done.body)
        #expect(done.status == 200 && body["newOrderResponse"]?["clientOrderId"]?.text == "ax")
        #expect(body["cancelResponse"]?["origClientOrderId"]?.text == "a")
        // The cancel works, the new order would take.
        let half = bench.signedResponse(.post, path, replace("ax", bench.price(90), "STOP_ON_FAILURE"))
        let halfBody = try JSONValue(parsing: half.body)
        #expect(half.status == 409 && halfBody.code == -2021 && halfBody["data"]?["cancelResult"]?.text == "SUCCESS")
        #expect(halfBody["data"]?["newOrderResponse"]?.code == -2010)
        let none = bench.signedResponse(.post, path, replace("nope", bench.price(111), "STOP_ON_FAILURE"))
        let noneBody = try JSONValue(parsing: none.body)
        #expect(none.status == 400 && noneBody.code == -2022)
        #expect(noneBody["data"]?["newOrderResult"]?.text == "NOT_ATTEMPTED")
        let other = bench.signedResponse(.post, path, replace("nope", bench.price(111), "ALLOW_FAILURE"))
        #expect(try JSONValue(parsing: other.body)["data"]?["newOrderResult"]?.text == "SUCCESS" && other.status == 409)
    }

    @Test func `an order gets smaller and keeps its place`() throws {
        var bench = try BinanceBench()
        _ = try bench.limit("SELL", 110, "0.02", id: "a")
        let path = "/api/v3/order/amend/keepPriority"
        let less = try bench.signed(.put, path, [("symbol", "BTCUSDT"), ("origClientOrderId", "a"), ("newQty", "0.01")])
        #expect(less["amendedOrder"]?["origQty"]?.text == "0.01000000")
        let more = try bench.signed(.put, path, [("symbol", "BTCUSDT"), ("origClientOrderId", "a"), ("newQty", "0.03")])
        #expect(more.code == -2038)
    }

    @Test func `the two orders of a list end together, over both of its endpoints`() throws {
        var bench = try BinanceBench()
        let list = try bench.signed(
            .post, "/api/v3/orderList/oco",
            [
                ("symbol", "BTCUSDT"), ("side", "SELL"), ("quantity", "0.01"), ("aboveType", "LIMIT_MAKER"),
                ("abovePrice", bench.price(110)), ("belowType", "STOP_LOSS_LIMIT"), ("belowStopPrice", bench.price(95)),
                ("belowPrice", bench.price(94)), ("belowTimeInForce", "GTC"), ("listClientOrderId", "pair"),
            ])
        #expect(list["contingencyType"]?.text == "OCO" && list["listOrderStatus"]?.text == "EXECUTING")
        #expect(list["orderReports"]?.elements?.count == 2 && list["orders"]?.elements?.count == 2)
        let id = try #require(list["orderListId"]?.digits)
        #expect(try bench.signed(.get, "/api/v3/openOrderList").elements?.count == 1)
        let seen = try bench.signed(.get, "/api/v3/orderList", [("origClientOrderId", "pair")])
        #expect(seen["orderListId"]?.digits == id)
        let canceled = try bench.signed(.delete, "/api/v3/orderList", [("symbol", "BTCUSDT"), ("orderListId", id)])
        #expect(canceled["listOrderStatus"]?.text == "ALL_DONE")
        #expect(canceled["orderReports"]?.elements?.allSatisfy { $0["status"]?.text == "CANCELED" } == true)
        let old = try bench.signed(
            .post, "/api/v3/order/oco",
            [
                ("symbol", "BTCUSDT"), ("side", "BUY"), ("quantity", "0.01"), ("price", bench.price(90)),
                ("stopPrice", bench.price(105)), ("newOrderRespType", "RESULT"),
            ])
        #expect(old["orderReports"]?[0]?["type"]?.text == "STOP_LOSS")
        let wrong = try bench.signed(
            .post, "/api/v3/order/oco",
            [
                ("symbol", "BTCUSDT"), ("side", "SELL"), ("quantity", "0.01"), ("price", bench.price(90)),
                ("stopPrice", bench.price(105)),
            ])
        #expect(wrong.code == -2010 && wrong.message == "The relationship of the prices for the orders is not correct.")
        #expect(try bench.signed(.delete, "/api/v3/openOrders", [("symbol", "BTCUSDT")])[0]?["contingencyType"]?.text == "OCO")
        #expect(try bench.signed(.get, "/api/v3/allOrderList").elements?.count == 2)
    }

    @Test func `the account's other endpoints answer`() throws {
        var bench = try BinanceBench { $0.accounts[0].canWithdraw = true }
        _ = try bench.limit("BUY", 90)
        let rates = try bench.signed(.get, "/api/v3/rateLimit/order")
        #expect(rates[0]?["count"]?.integer == 1 && rates[1]?["interval"]?.text == "DAY")
        let rights = try bench.signed(.get, "/sapi/v1/account/apiRestrictions")
        #expect(rights["enableWithdrawals"]?.bool == true && rights["enableSpotAndMarginTrading"]?.bool == true)
        let commission = try bench.signed(.get, "/api/v3/account/commission", [("symbol", "BTCUSDT")])
        #expect(commission["standardCommission"]?["maker"]?.text == "0.00100000")
        #expect(try bench.signed(.get, "/sapi/v1/capital/config/getall").elements?.count == 2)
        #expect(try bench.signed(.get, "/sapi/v1/margin/allPairs") == [])
        #expect(try bench.get("/sapi/v1/system/status")["status"]?.integer == 0)
        let account = try bench.signed(.get, "/api/v3/account", [("omitZeroBalances", "true")])
        #expect(account["balances"]?.elements?.count == 2 && account["makerCommission"]?.integer == 10)
    }
}
