import Exchange
import Market
import Money
import Testing

@testable import Kraken

/// Every signed request that ccxt made for Kraken.
struct SignedRequestCorpusTests {
    private static func instrument() throws -> TradedInstrument {
        var instrument = try Sample.instrument
        instrument.pair = try #require(Pair("BTC/USDT"))
        instrument.symbol = "XBTUSDT"
        instrument.streamSymbol = "BTC/USDT"
        return instrument
    }

    private static func parameters(_ request: JSONValue) -> [RequestDraft.Parameter] {
        (request["params"]?.elements ?? []).compactMap { pair in
            guard let name = pair[0]?.text, let value = pair[1]?.text else { return nil }
            return .init(name, value)
        }
    }

    @Test func `given its parameters, every request has the same body, path and headers as ccxt's`() throws {
        guard let file = try Corpus.json("signed_requests.json") else { return }
        let account = try #require(file["credentials"]?["kraken"])
        let credentials = Credentials(key: try #require(account["apiKey"]?.text), secret: try #require(account["secret"]?.text))
        let moment = SigningMoment(now: Sample.now, nonce: UInt64(try #require(file["now_ms"]?.integer)))
        var count = 0
        for item in Corpus.cases(file) {
            let name = try #require(item["case"]?.text)
            for request in try #require(item["requests"]?.elements) {
                let path = try #require(request["path"]?.text)
                let body = try #require(request["body"]?.text)
                let made: WebRequest
                if body.hasPrefix("{") {
                    let list: JSONValue = [
                        "nonce": .string(String(moment.nonce)), "orders": ["OU22CG-KLAF2-FWUDD7", "OU22CG-KLAF2-FWUDD8"],
                    ]
                    made = try KrakenSigner.request(
                        path: path, nonce: moment.nonce, body: list.bytes, contentType: KrakenSigner.jsonType,
                        credentials: credentials)
                } else {
                    let parameters = Self.parameters(request)
                    #expect(parameters.first == .init("nonce", String(moment.nonce)), "\(name)")
                    let draft = RequestDraft(.post, path, Array(parameters.dropFirst()))
                    made = try KrakenTrading().sign(draft, with: credentials, at: moment)
                }
                #expect(made.path == path, "\(name)")
                #expect(made.method.rawValue == request["method"]?.text, "\(name)")
                #expect(made.query == request["query"]?.text, "\(name)")
                #expect(String(decoding: made.body, as: UTF8.self) == body, "\(name)")
                let headers = (request["headers"]?.members ?? []).map { WebHeader($0.name, $0.value.text ?? "") }
                // A User-Agent is required by Kraken; ccxt's HTTP library adds its own below the place where the corpus was taken.
                #expect(Set(made.headers.filter { $0.name != "User-Agent" }) == Set(headers), "\(name)")
                #expect(made.header("user-agent") != nil)
                count += 1
            }
        }
        #expect(count == 18)
        print("signed requests of kraken, byte for byte: \(count)")
    }

    /// What our connector asks for differently, and why.
    private static let exceptions: [String: (ours: Set<String>, theirs: Set<String>, reason: String)] = [
        "market_buy_cost": (
            ["volume=123.45"], ["volume=123.4"], "ccxt rounds a value to the price's tick; Kraken takes cost_decimals"
        ),
        "reduce_only_margin": ([], ["reduce_only=true", "leverage=3"], "no margin here: a sale on spot can only reduce"),
        "validate_only": (["validate=true"], ["validate=True"], "ccxt writes Python's word; Kraken documents true"),
        "attached_stop": (
            [], ["close[ordertype]=stop-loss-limit", "close[price]=59500", "close[price2]=59000"],
            "the vocabulary of venues has no attached orders"
        ),
    ]

    private static func draft(_ name: String) throws -> RequestDraft? {
        let instrument = try instrument()
        let trading = KrakenTrading()
        let order = { (intent: OrderIntent) in try trading.place(intent, instrument, at: Sample.now).draft }
        let price = Sample.price
        switch name {
        case "market_buy": return try order(try Sample.intent(.buy, .market, "0.0012"))
        case "market_buy_cost": return try order(try Sample.intent(.buy, .marketByCost(try Sample.amount("123.45"))))
        case "limit_sell": return try order(try Sample.intent(.sell, .limit(try price("65432.129")), "0.00123456789"))
        case "stop_loss_limit":
            return try order(try Sample.intent(.sell, .stopLossLimit(trigger: try price("59500"), price: try price("59000"))))
        case "stop_loss_market": return try order(try Sample.intent(.sell, .stopLoss(trigger: try price("59500"))))
        case "take_profit_limit":
            return try order(try Sample.intent(.sell, .takeProfitLimit(trigger: try price("70500"), price: try price("71000"))))
        case "reduce_only_margin": return try order(try Sample.intent(.sell, .market, reduceOnly: true))
        case "validate_only":
            return try trading.validate(try Sample.intent(.buy, .limit(try price("60000"))), instrument, at: Sample.now).draft
        case "attached_stop": return try order(try Sample.intent(.buy, .limit(try price("60000"))))
        default: return try query(name, instrument, trading)
        }
    }

    private static func query(_ name: String, _ instrument: TradedInstrument, _ trading: KrakenTrading) throws -> RequestDraft? {
        let ours = OrderReference.client(ClientOrderID("swx0001"))
        switch name {
        case "cancelOrder": return trading.cancel(.venue(VenueOrderID("OU22CG-KLAF2-FWUDD7")), instrument, age: nil).draft
        case "cancelOrder_by_client_id": return trading.cancel(ours, instrument, age: nil).draft
        case "cancelAllOrders": return trading.cancelAll(nil)?.draft
        case "fetchOpenOrders": return trading.openOrders(instrument).draft
        case "fetchOpenOrders_by_client_id": return trading.order(ours, instrument).draft
        case "fetchMyTrades": return trading.fills(instrument, after: nil, from: Timestamp(milliseconds: 1_749_990_000_000)).draft
        case "cancelAllOrdersAfter": return trading.deadManTimer(.seconds(60), nil)?.draft
        case "cancelAllOrdersAfter_off": return trading.deadManTimer(.zero, nil)?.draft
        default: return nil
        }
    }

    @Test func `what we ask for is what ccxt asks for, but for the exceptions listed`() throws {
        guard let file = try Corpus.json("signed_requests.json") else { return }
        var counts = (same: 0, excepted: 0, without: 0)
        for item in Corpus.cases(file) {
            let name = try #require(item["case"]?.text)
            let request = try #require(item["requests"]?[0])
            guard let draft = try Self.draft(name) else {
                // Orders are canceled one by one: `CancelOrderBatch` is not in the vocabulary of venues.
                #expect(name == "json_batch")
                counts.without += 1
                continue
            }
            #expect(draft.path == request["path"]?.text, "\(name)")
            let ours = Set(draft.parameters.map { $0.name + "=" + $0.value })
            let theirs = Set(Self.parameters(request).filter { $0.name != "nonce" }.map { $0.name + "=" + $0.value })
            let exception = Self.exceptions[name]
            #expect(ours.subtracting(theirs) == exception?.ours ?? [], "\(name)")
            #expect(theirs.subtracting(ours) == exception?.theirs ?? [], "\(name)")
            if exception == nil { counts.same += 1 } else { counts.excepted += 1 }
        }
        #expect(counts == (13, 4, 1))
        print("intents of kraken: \(counts.same) equal, \(counts.excepted) exceptions, \(counts.without) without a counterpart")
    }
}
