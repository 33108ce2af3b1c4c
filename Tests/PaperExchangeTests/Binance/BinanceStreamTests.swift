import Exchange
import Matching
import Money
import Testing

@testable import PaperExchange

struct BinanceStreamTests {
    private func named(_ messages: [JSONValue], _ event: String) -> [JSONValue] { messages.filter { $0["e"]?.text == event } }

    @Test func `streams are subscribed to by path, by query and by message`() throws {
        var bench = try BinanceBench()
        let raw = try bench.open("/ws/btcusdt@trade")
        let combined = try bench.open("/stream", query: "streams=btcusdt@trade/btcusdt@bookTicker")
        let asked = try bench.open("/ws/0")
        bench.say(#"{"method":"SUBSCRIBE","params":["btcusdt@aggTrade","nonsuch@trade"],"id":1}"#, asked)
        #expect(bench.messages(asked) == [["result": .null, "id": 1]])
        bench.advance(2000)
        let trades = bench.messages(raw)
        #expect(trades.count >= 2 && trades.allSatisfy { $0["e"]?.text == "trade" && $0["s"]?.text == "BTCUSDT" })
        let wrapped = bench.messages(combined)
        #expect(wrapped.contains { $0["stream"]?.text == "btcusdt@bookTicker" && $0["data"]?["b"] != nil })
        #expect(wrapped.compactMap { $0["data"] }.filter { $0["e"] != nil } == trades)
        #expect(bench.messages(asked).map { $0["a"] } == trades.map { $0["t"] })
        bench.say(#"{"method":"LIST_SUBSCRIPTIONS","id":"x"}"#, asked)
        #expect(bench.messages(asked) == [["result": ["btcusdt@aggTrade", "nonsuch@trade"], "id": "x"]])
        bench.say(#"{"method":"UNSUBSCRIBE","params":["btcusdt@aggTrade"],"id":2}"#, asked)
        _ = bench.messages(asked)
        bench.advance(2000)
        #expect(bench.messages(asked).isEmpty)
        bench.core.close(asked)
        bench.core.close(raw)
        bench.core.close(combined)
        #expect(bench.core.sessionCount == 0)
        #expect(bench.core.open(WebRequest(.get, "/elsewhere"), peer: "", now: bench.now) == nil)
    }

    @Test func `a book that follows the stream stays the venue's own, fast and slow`() throws {
        for name in ["btcusdt@depth@100ms", "btcusdt@depth"] {
            var bench = try BinanceBench()
            let session = try bench.open("/ws/" + name)
            bench.advance(2500)
            let snapshot = try bench.get("/api/v3/depth", [("symbol", "BTCUSDT"), ("limit", "5000")])
            var bids = Self.side(snapshot["bids"])
            var asks = Self.side(snapshot["asks"])
            var id = try #require(snapshot["lastUpdateId"]?.integer)
            bench.advance(10_000)
            var applied = 0
            for event in bench.messages(session) {
                let (first, final) = (try #require(event["U"]?.integer), try #require(event["u"]?.integer))
                guard final > id else { continue }
                #expect(applied == 0 ? first <= id + 1 : first == id + 1)
                id = final
                applied += 1
                for (price, quantity) in Self.side(event["b"]) { bids[price] = quantity.isZero ? nil : quantity }
                for (price, quantity) in Self.side(event["a"]) { asks[price] = quantity.isZero ? nil : quantity }
            }
            #expect(applied >= 9)
            guard name.hasSuffix("100ms") else { continue }
            #expect(id == bench.core.venue.engine.bookVersion(InstrumentID(0)))
            let now = try bench.get("/api/v3/depth", [("symbol", "BTCUSDT"), ("limit", "5000")])
            #expect(bids == Self.side(now["bids"]) && asks == Self.side(now["asks"]))
        }
    }

    private static func side(_ levels: JSONValue?) -> [Price: Quantity] {
        var result: [Price: Quantity] = [:]
        for level in levels?.elements ?? [] {
            guard let price: Price = level[0]?.fixedPoint(), let quantity: Quantity = level[1]?.fixedPoint() else { continue }
            result[price] = quantity
        }
        return result
    }

    @Test func `a gap in the book is a gap in both streams`() throws {
        var bench = try BinanceBench()
        let fast = try bench.open("/ws/btcusdt@depth@100ms")
        let slow = try bench.open("/ws/btcusdt@depth")
        bench.advance(3000)
        _ = bench.core.venue.faults.add(PaperFault(.bookGap, count: 1))
        bench.advance(3000)
        for session in [fast, slow] {
            var last: Int64?
            var gaps = 0
            for event in bench.messages(session) {
                let first = try #require(event["U"]?.integer)
                if let last, first != last + 1 { gaps += 1 }
                last = event["u"]?.integer
            }
            #expect(gaps == 1)
        }
    }

    @Test func `each candle is told while it grows and once when it is closed, as REST tells it then`() throws {
        var bench = try BinanceBench()
        let session = try bench.open("/ws/btcusdt@kline_1m/btcusdt@kline_3m")
        bench.advance(250_000)
        let events = named(bench.messages(session), "kline").compactMap { $0["k"] }
        let minutes = events.filter { $0["i"]?.text == "1m" }
        let closed = minutes.filter { $0["x"]?.bool == true }
        #expect(closed.count == 4 && minutes.count > 200)
        #expect(Set(closed.compactMap { $0["t"]?.integer }).count == 4)
        #expect(events.contains { $0["i"]?.text == "3m" && $0["x"]?.bool == true })
        for candle in closed {
            let open = try #require(candle["t"]?.digits)
            let row = try bench.get(
                "/api/v3/klines", [("symbol", "BTCUSDT"), ("interval", "1m"), ("startTime", open), ("limit", "1")])[0]
            #expect(row?[1] == candle["o"] && row?[2] == candle["h"] && row?[3] == candle["l"] && row?[4] == candle["c"])
            #expect(row?[5] == candle["v"] && row?[7] == candle["q"] && row?[6] == candle["T"])
        }
    }

    @Test func `tickers and levels come each second`() throws {
        var bench = try BinanceBench()
        let session = try bench.open("/ws")
        let names =
            #"["btcusdt@miniTicker","btcusdt@ticker","!miniTicker@arr","!ticker@arr","btcusdt@depth5","btcusdt@avgPrice","btcusdt@ticker_1h"]"#
        bench.say(#"{"method":"SUBSCRIBE","params":\#(names),"id":null}"#, session)
        bench.advance(3000)
        let messages = bench.messages(session)
        for event in ["24hrMiniTicker", "24hrTicker", "avgPrice", "1hTicker"] {
            #expect(2...4 ~= named(messages, event).count, "\(event)")
        }
        #expect(messages.count { $0.elements != nil } >= 4)
        let levels = messages.filter { $0["lastUpdateId"] != nil }
        #expect(2...4 ~= levels.count && levels.allSatisfy { $0["bids"]?.elements?.count == 5 })
    }

    @Test(
        arguments: [
            (#"{"method":"SUBSCRIBE","params":["btcusdt@nothing"],"id":3}"#, 2),
            (#"{"method":"SUBSCRIBE","params":[3],"id":3}"#, 2),
            (#"{"method":"SUBSCRIBE","id":3}"#, 2), (#"{"method":"DANCE","id":3}"#, 2), (#"{"id":3}"#, 2), ("nothing", 3),
            ("[]", 2),
            (#"{"method":"SET_PROPERTY","params":["combined","yes"],"id":3}"#, 1),
            (#"{"method":"SET_PROPERTY","params":["x"],"id":3}"#, 0),
            (#"{"method":"LIST_SUBSCRIPTIONS","id":-1}"#, 2),
        ] as [(String, Int64)]) func `wrong messages are answered by code`(message: String, code: Int64) throws
    {
        var bench = try BinanceBench()
        let session = try bench.open("/ws")
        bench.say(message, session)
        let answers = bench.messages(session)
        #expect(answers.count == 1 && answers[0]["error"]?["code"]?.integer == code)
    }

    @Test func `who sends too many messages is cut off`() throws {
        var bench = try BinanceBench()
        let session = try bench.open("/ws")
        for _ in 0..<5 { bench.say(#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#, session) }
        #expect(bench.closed[session] == nil)
        bench.say(#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#, session)
        #expect(bench.closed[session] == .some(1008))
    }
}

struct BinanceUserDataTests {
    private func subscribed(_ bench: inout BinanceBench) throws -> SessionID {
        let session = try bench.open("/ws-api/v3")
        let answer = try bench.ask("userDataStream.subscribe.signature", [:], session)
        #expect(answer["status"]?.integer == 200 && answer["result"]?["subscriptionId"]?.integer == 0)
        return session
    }

    private func events(_ messages: [JSONValue], _ name: String) -> [JSONValue] {
        messages.compactMap { $0["event"] }.filter { $0["e"]?.text == name }
    }

    @Test func `an order's life is told to its owner, and the balances with it`() throws {
        var bench = try BinanceBench()
        let session = try subscribed(&bench)
        _ = try bench.limit("BUY", 90, id: "a")
        _ = try bench.signed(
            .delete, "/api/v3/order", [("symbol", "BTCUSDT"), ("origClientOrderId", "a"), ("newClientOrderId", "b")])
        let market = try bench.order("BUY", "MARKET", [("quantity", "0.05")])
        let messages = bench.messages(session)
        #expect(messages.allSatisfy { $0["subscriptionId"]?.integer == 0 })
        let reports = events(messages, "executionReport")
        #expect(reports.prefix(3).map { $0["x"]?.text } == ["NEW", "CANCELED", "NEW"])
        #expect(reports[0]["c"]?.text == "a" && reports[0]["w"]?.bool == true)
        #expect(reports[1]["c"]?.text == "b" && reports[1]["C"]?.text == "a" && reports[1]["X"]?.text == "CANCELED")
        let fills = reports.filter { $0["x"]?.text == "TRADE" }
        #expect(fills.count == market["fills"]?.elements?.count && fills.last?["X"]?.text == "FILLED")
        #expect(fills.map { $0["t"] } == market["fills"]?.elements?.map { $0["tradeId"] })
        #expect(fills.last?["Z"] == market["cummulativeQuoteQty"] && fills[0]["N"]?.text == "BTC")
        let position = try #require(events(messages, "outboundAccountPosition").last)
        let account = try bench.signed(.get, "/api/v3/account")
        for balance in position["B"]?.elements ?? [] {
            let same = account["balances"]?.elements?.first { $0["asset"] == balance["a"] }
            #expect(same?["free"] == balance["f"] && same?["locked"] == balance["l"])
        }
        #expect(position["B"]?.elements?.count == 2)
    }

    @Test func `a list is told with its orders, and its end`() throws {
        var bench = try BinanceBench()
        let session = try subscribed(&bench)
        let list = try bench.signed(
            .post, "/api/v3/order/oco",
            [
                ("symbol", "BTCUSDT"), ("side", "SELL"), ("quantity", "0.01"), ("price", bench.price(110)),
                ("stopPrice", bench.price(95)),
            ])
        let id = try #require(list["orderListId"]?.digits)
        _ = try bench.signed(.delete, "/api/v3/orderList", [("symbol", "BTCUSDT"), ("orderListId", id)])
        let told = events(bench.messages(session), "listStatus")
        #expect(told.map { $0["L"]?.text } == ["EXECUTING", "ALL_DONE"] && told[0]["O"]?.elements?.count == 2)
    }

    @Test func `an order by amount that leaves a rest is filled with its last fill`() throws {
        var bench = try BinanceBench()
        let session = try subscribed(&bench)
        for amount in ["5000.01", "777.77", "123.45", "9.99"] {
            let order = try bench.order("BUY", "MARKET", [("quoteOrderQty", amount)])
            let last = events(bench.messages(session), "executionReport").last
            #expect(last?["x"]?.text == "TRADE" && last?["X"]?.text == "FILLED" && last?["i"] == order["orderId"])
        }
    }

    @Test func `orders are placed, asked for and canceled over the WebSocket API`() throws {
        var bench = try BinanceBench()
        let session = try bench.open("/ws-api/v3")
        let placed = try bench.ask(
            "order.place",
            [
                "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01",
                "price": bench.price(90), "newClientOrderId": "w", "returnRateLimits": "false",
            ], session)
        #expect(placed["result"]?["status"]?.text == "NEW" && placed["rateLimits"] == nil)
        let status = try bench.ask("order.status", ["symbol": "BTCUSDT", "origClientOrderId": "w"], session)
        #expect(status["result"]?["orderId"] == placed["result"]?["orderId"])
        #expect(try bench.ask("openOrders.status", [:], session)["result"]?.elements?.count == 1)
        let canceled = try bench.ask("order.cancel", ["symbol": "BTCUSDT", "origClientOrderId": "w"], session)
        #expect(canceled["result"]?["status"]?.text == "CANCELED" && canceled["rateLimits"] != nil)
        let missing = try bench.ask("order.status", ["symbol": "BTCUSDT", "origClientOrderId": "nope"], session)
        #expect(missing["status"]?.integer == 400 && missing["error"]?["code"]?.integer == -2013)
        #expect(try bench.ask("time", [:], session, isSigned: false)["result"]?["serverTime"]?.integer == bench.now)
        #expect(try bench.ask("account.status", [:], session)["result"]?["balances"] != nil)
        #expect(try bench.ask("dance", [:], session, isSigned: false)["status"]?.integer == 404)
        #expect(try bench.ask("session.logon", [:], session, isSigned: false)["error"]?["code"]?.integer == -4056)
        bench.secret = "wrong"
        #expect(try bench.ask("account.status", [:], session)["error"]?["code"]?.integer == -1022)
    }

    @Test func `a subscription ends, and others keep theirs`() throws {
        var bench = try BinanceBench()
        let session = try subscribed(&bench)
        let other = try subscribed(&bench)
        #expect(try bench.ask("userDataStream.subscribe.signature", [:], session)["status"]?.integer == 400)
        _ = try bench.ask("userDataStream.unsubscribe", ["subscriptionId": "0"], session, isSigned: false)
        _ = try bench.limit("BUY", 90)
        #expect(bench.messages(session).isEmpty && !bench.messages(other).isEmpty)
        guard let dialect = bench.core.dialect as? BinanceDialect else { throw JSONError(.unexpectedEnd, at: 0) }
        #expect(dialect.serverShutdown(bench.core.venue).count == 2)
        let told = dialect.balanceUpdate(bench.account, bench.core.venue.assets[0].id, 100_000_000, bench.core.venue)
        #expect(told.count == 1)
        #expect(try JSONValue(parsing: told[0].text)["event"]?["d"]?.text == "1.00000000")
    }

    @Test func `an order that waits for its price is told when it is triggered and filled`() throws {
        var bench = try BinanceBench()
        let session = try subscribed(&bench)
        // One on each side of the price: whichever way it goes, one of them is reached.
        let below = bench.instrument.binancePrice(bench.last * 9_995 / 10_000)
        let above = bench.instrument.binancePrice(bench.last * 10_005 / 10_000)
        let quantity = ("quantity", "0.01")
        #expect(try bench.order("SELL", "STOP_LOSS", [quantity, ("stopPrice", below)])["orderId"] != nil)
        #expect(try bench.order("SELL", "TAKE_PROFIT", [quantity, ("stopPrice", above)])["orderId"] != nil)
        var reports = events(bench.messages(session), "executionReport")
        #expect(reports.map { $0["w"]?.bool } == [false, false])
        #expect(reports.map { $0["P"]?.text } == [below, above])
        for _ in 0..<200 where !reports.contains(where: { $0["X"]?.text == "FILLED" }) {
            bench.jump(60_000)
            reports += events(bench.messages(session), "executionReport")
        }
        let id = try #require(reports.first { $0["X"]?.text == "FILLED" }?["i"])
        let life = reports.filter { $0["i"] == id }
        #expect(life.prefix(3).map { $0["x"]?.text } == ["NEW", "NEW", "TRADE"] && life[1]["w"]?.bool == true)
    }
}
