import Exchange
import Market
import Testing

@testable import Binance

struct StreamSubscriptionTests {
    /// What ccxt.pro sent in a case, as texts.
    private static func sent(_ name: String, in corpus: JSONValue) throws -> (texts: [String], credentials: Credentials) {
        let entry = try #require(
            corpus.elements?.first { $0["exchange"]?.text == "binance" && $0["case"]?.text == name })
        let keys = try #require(try Corpus.json("signed_requests.json")?["credentials"]?["binance"])
        let credentials = Credentials(key: try #require(keys["apiKey"]?.text), secret: try #require(keys["secret"]?.text))
        return ((entry["sent"]?.elements ?? []).compactMap { $0["text"]?.text }, credentials)
    }

    @Test func `each subscription of the corpus is the message that ccxt sends`() throws {
        guard let corpus = try Corpus.json("ws_messages.json") else { return }
        let market = BinanceSpotMarketData()
        let btc = try Given.spot()
        let wanted: [(String, [String])] = [
            ("trades", market.subscribe([.trades(btc)], id: 1)),
            ("ohlcv", market.subscribe([.candles(btc, .oneMinute)], id: 1)),
            ("orderbook", market.subscribe([.book(btc, depth: 1000)], id: 1)),
            // Our vocabulary has no small ticker: its quotes are `bookTicker`. The name is given as it is.
            ("ticker", market.subscribe(streams: ["btcusdt@miniTicker"], id: 1)),
            // These two ride on the connection of "orders".
            ("my_trades", []), ("balance", []),
        ]
        for (name, ours) in wanted { #expect(try Self.sent(name, in: corpus).texts == ours, "\(name)") }
        try signedRequests(corpus)
        let known = wanted.count + 3
        #expect(corpus.elements?.filter { $0["exchange"]?.text?.hasPrefix("binance") == true }.count == known)
        print("stream messages: \(known) cases")
    }

    private func signedRequests(_ corpus: JSONValue) throws {
        let venue = BinanceSpotTrading(receiveWindow: 10_000)
        let moment = SigningMoment(now: Given.now, nonce: 0)
        let orders = try Self.sent("orders", in: corpus)
        let key = orders.credentials
        #expect(try venue.subscribeToAccount(token: nil, credentials: key, at: moment, id: 1) == orders.texts)
        let place: [String: JSONValue] = [
            // ccxt sends the client id twice; the signing is what is tested here.
            "clientOrderId": "swx0001", "newClientOrderId": "swx0001", "newOrderRespType": "FULL", "price": "60000",
            "quantity": "0.001", "returnRateLimits": false, "side": "BUY", "symbol": "BTCUSDT", "timeInForce": "GTC",
            "type": "LIMIT",
        ]
        #expect(
            try venue.webSocketRequest("order.place", place, credentials: key, at: moment, id: 2)
                == Self.sent("create_order_ws", in: corpus).texts.first)
        let cancel: [String: JSONValue] = ["orderId": "28", "returnRateLimits": false, "symbol": "BTCUSDT"]
        #expect(
            try venue.webSocketRequest("order.cancel", cancel, credentials: key, at: moment, id: 3)
                == Self.sent("cancel_order_ws", in: corpus).texts.first)
    }

    @Test func `many subscriptions become few messages with numbers of their own`() throws {
        let btc = try Given.spot()
        let messages = BinanceSpotMarketData().unsubscribe(
            Array(repeating: .trades(btc), count: 401), id: 7)
        #expect(messages.count == 3)
        let last = try JSONValue(parsing: Array(try #require(messages.last).utf8))
        #expect(last["id"]?.integer == 9)
        #expect(last["method"]?.text == "UNSUBSCRIBE")
        #expect(last["params"]?.elements == ["btcusdt@trade"])
        #expect(BinanceSpotMarketData().subscribe([], id: 1).isEmpty)
    }

    @Test func `futures serve books and quotes at another path than trades and candles`() throws {
        let futures = BinanceUSDMMarketData()
        let btc = try Given.perpetual()
        #expect(futures.marketStreamPath(of: .trades(btc)) == "/market/ws")
        #expect(futures.marketStreamPath(of: .candles(btc, .oneHour)) == "/market/ws")
        #expect(futures.marketStreamPath(of: .book(btc, depth: 10)) == "/public/ws")
        #expect(futures.marketStreamPath(of: .quote(btc)) == "/public/ws")
        #expect(BinanceSpotMarketData().marketStreamPath(of: .quote(btc)) == "/ws")
        #expect(futures.subscribe([.trades(btc)], id: 1) == [#"{"method":"SUBSCRIBE","params":["btcusdt@aggTrade"],"id":1}"#])
    }

    @Test func `a timeframe is asked for in the venue's spelling`() throws {
        let hour = try #require(Timeframe("60m"))
        let btc = try Given.spot()
        #expect(
            BinanceSpotMarketData().candles(btc, hour, from: nil, limit: 5000).request.query
                == "symbol=BTCUSDT&interval=1h&limit=1000")
        #expect(BinanceSpotMarketData().subscribe([.candles(btc, hour)], id: 1).first?.contains("kline_1h") == true)
    }
}
