import Exchange
import Kraken
import Market
import Matching
import Money
import SyntheticMarket
import Testing

@testable import PaperExchange

/// Keys, signatures, nonces, rights, limits, faults and hostile bytes.
struct KrakenAccessTests {
    private static func error(_ bench: KrakenBench, _ change: (inout WebRequest) -> Void) throws -> String? {
        bench.nonce += 1
        var request = try bench.trading.sign(
            RequestDraft(.post, "/0/private/Balance", []), with: bench.credentials, at: bench.moment)
        change(&request)
        return try JSONValue(parsing: try #require(bench.send(request)).body)["error"]?[0]?.text
    }

    private static func set(_ name: String, _ value: String, _ request: inout WebRequest) {
        request.headers.removeAll { $0.name == name }
        request.headers.append(WebHeader(name, value))
    }

    @Test func `only what is signed with the key's secret is answered`() throws {
        let bench = try KrakenBench()
        #expect(try Self.error(bench) { _ in } == nil)
        #expect(try Self.error(bench) { Self.set("API-Key", "paper-other", &$0) } == "EAPI:Invalid key")
        #expect(try Self.error(bench) { Self.set("API-Sign", "AAAA", &$0) } == "EAPI:Invalid signature")
        #expect(try Self.error(bench) { $0.body += Array("&x=1".utf8) } == "EAPI:Invalid signature")
        #expect(try Self.error(bench) { $0.path = "/0/private/BalanceEx" } == "EAPI:Invalid signature")
        #expect(try Self.error(bench) { $0.body = [] } == "EAPI:Invalid nonce")
        #expect(try Self.error(bench) { $0.method = .get } == "EGeneral:Unknown method")
    }

    @Test func `a nonce must be above all before it`() throws {
        let bench = try KrakenBench()
        _ = try bench.raw("Balance")
        bench.nonce -= 1
        #expect(try bench.raw("Balance")["error"]?[0]?.text == "EAPI:Invalid nonce")
        // Each key has its own.
        bench.nonce -= 10
        #expect(try bench.raw("Balance", key: "paper-reader")["error"]?.elements == [])
    }

    @Test func `rights are told and kept`() throws {
        let bench = try KrakenBench()
        let rights = try bench.call(try #require(bench.trading.accountRights()))
        #expect(rights == AccountRights(canRead: true, canTrade: true, canWithdraw: false))
        #expect(try bench.raw("CancelAll", key: "paper-reader")["error"]?[0]?.text == "EGeneral:Permission denied")
        #expect(try bench.raw("Nothing")["error"]?[0]?.text == "EGeneral:Unknown method")
    }

    @Test func `balances and fees are told in Kraken's names`() throws {
        let bench = try KrakenBench()
        let plain = try #require(try bench.raw("Balance")["result"])
        #expect(plain["ZUSD"]?.amount == Amount("10000") && plain["XXBT"]?.amount == Amount("1"))
        #expect(plain["USDT"]?.amount == Amount("10000") && plain["SOL"] == nil)
        let all = try #require(try bench.raw("TradeBalance", [("asset", "ZUSD")])["result"]?["eb"]?.amount)
        #expect(all.approximation > 10_000)
        let fees = try #require(try bench.raw("TradeVolume", [("pair", "XBTUSD")])["result"])
        #expect(fees["fees"]?["XXBTZUSD"]?["fee"]?.text == "0.4")
        #expect(fees["fees_maker"]?["XXBTZUSD"]?["fee"]?.text == "0.25")
    }

    @Test func `calls beyond a key's counter are refused until it fell`() throws {
        let bench = try KrakenBench { $0.enforcesRateLimits = true }
        for _ in 0..<20 { #expect(try bench.raw("Balance")["error"]?.elements == []) }
        #expect(try bench.raw("Balance")["error"]?[0]?.text == "EAPI:Rate limit exceeded")
        bench.pass(1000)
        #expect(try bench.raw("TradesHistory")["error"]?[0]?.text == "EAPI:Rate limit exceeded")
        #expect(try bench.raw("Balance")["error"]?.elements == [])
    }

    @Test func `in an accelerated venue counters fall with the venue's time`() throws {
        let bench = try KrakenBench {
            $0.enforcesRateLimits = true
            $0.speed = 20
        }
        for _ in 0..<20 { #expect(try bench.raw("Balance")["error"]?.elements == []) }
        #expect(try bench.raw("Balance")["error"]?[0]?.text == "EAPI:Rate limit exceeded")
        bench.pass(1000)
        #expect(try bench.raw("Balance")["error"]?.elements == [])
        #expect(try bench.raw("Balance")["error"]?[0]?.text == "EAPI:Rate limit exceeded")
    }

    @Test func `cancels of young orders cost most`() throws {
        let bench = try KrakenBench { $0.enforcesRateLimits = true }
        let price = try bench.price(-100).description
        let order = [("pair", "XBTUSD"), ("type", "buy"), ("ordertype", "limit"), ("volume", "0.001"), ("price", price)]
        var done = 0
        for _ in 0..<100 {
            let answer = try bench.raw("AddOrder", order)
            guard let id = answer["result"]?["txid"]?[0]?.text else {
                #expect(answer["error"]?[0]?.text == "EOrder:Rate limit exceeded")
                break
            }
            let canceled = try bench.raw("CancelOrder", [("txid", id)])
            guard canceled["error"]?.elements == [] else { break }
            done += 1
        }
        // 180 over 1 + 8.
        #expect(done == 20)
        let other = order.map { $0.0 == "pair" ? ("pair", "SOLUSDT") : $0 }.map { $0.0 == "price" ? ("price", "10") : $0 }
            .map { $0.0 == "volume" ? ("volume", "1") : $0 }
        #expect(try bench.raw("AddOrder", other + [("validate", "true")])["error"]?.elements == [])
    }

    @Test func `faults are told in Kraken's words`() throws {
        let now = KrakenBench.start.milliseconds
        let texts: [(PaperFault.Kind, String)] = [
            (.rateLimited(retryAfter: 0), "EAPI:Rate limit exceeded"),
            (.rateLimited(retryAfter: 5), "EService:Throttled:\(now / 1000 + 5)"),
            (.banned(retryAfter: 9), "EGeneral:Temporary lockout"),
            (.outage, "EService:Unavailable"), (.backendTimeout, "EService:Timeout"),
        ]
        for (kind, text) in texts {
            let bench = try KrakenBench()
            #expect(bench.inject(kind, count: 1))
            #expect(try bench.raw("Balance")["error"]?[0]?.text == text)
            #expect(try bench.raw("Balance")["error"]?.elements == [])
        }
        let bench = try KrakenBench()
        #expect(bench.inject(.rejectOrders, target: .placing))
        #expect(krakenError { _ = try bench.place(.buy, .market) }?.kind == .invalidOrder)
        _ = try bench.call(bench.trading.balances())
    }

    @Test func `an order of unknown outcome is found by its client id`() throws {
        let bench = try KrakenBench()
        #expect(bench.inject(.timeoutAfterAccepting, target: .placing, count: 1))
        let bitcoin = try bench.bitcoin()
        let price = try bench.price(-100)
        let intent = OrderIntent(
            .buy, .limit(price), quantity: try #require(Quantity("0.01")), clientOrderID: ClientOrderID("lost"))
        let call = try bench.trading.place(intent, bitcoin, at: Timestamp(milliseconds: bench.now))
        bench.nonce += 1
        #expect(bench.send(try bench.trading.sign(call.draft, with: bench.credentials, at: bench.moment)) == nil)
        #expect(try bench.call(bench.trading.order(.client(ClientOrderID("lost")), bitcoin)).status == .open)
    }

    @Test func `ids can be turned back, and others are none`() {
        var generator = SplitMix64(seed: 5)
        var seen: Set<String> = []
        for number in Array(Int64(0)..<2000) + (0..<2000).map({ _ in Int64(truncatingIfNeeded: generator.next()) }) {
            let order = PaperKrakenID.text(OrderID(number))
            #expect(PaperKrakenID.order(order) == OrderID(number))
            #expect(PaperKrakenID.trade(order) == nil)
            #expect(PaperKrakenID.trade(PaperKrakenID.text(TradeID(number))) == TradeID(number))
            seen.insert(order)
        }
        #expect(seen.count > 3990)
        #expect(seen.allSatisfy { $0.utf8.count == 19 })
        for text in ["", "OQCLML-BW3P3-BUCMWZ", "TQCLML-BW3P3-BUCMWZ", "O", "OÄÄÄÄÄ-ÄÄÄÄÄ-ÄÄÄÄÄÄ"] {
            #expect(PaperKrakenID.order(text) == nil)
        }
    }

    @Test func `hostile bytes are answered and trap nothing`() throws {
        let bench = try KrakenBench()
        let seed: UInt64 = 20_260_101
        var random = SplitMix64(seed: seed)
        let names = [
            "AddOrder", "AddOrderBatch", "AmendOrder", "EditOrder", "CancelOrder", "CancelOrderBatch", "CancelAllOrdersAfter",
            "OpenOrders", "ClosedOrders", "QueryOrders", "QueryTrades", "TradesHistory", "TradeVolume", "TradeBalance",
        ]
        let words = [
            "pair", "XBTUSD", "type", "buy", "ordertype", "limit", "volume", "0.01", "price", "9223372036854775807", "-1",
            "1e400",
            "0.00000000000000000001", "oflags", "viqc,post", "expiretm", "+99999999999", "deadline", "2025-06-15T15:06:42.9Z",
            "txid",
            "O", "userref", "ofs", "-9223372036854775808", "start", "99999999999999999999", "timeout", "86400", "cl_ord_id",
            "%zz",
            "%00", "order_qty", "limit_price", "[]", "{\"a\":[[[", "trades", "true", "asset", "ZUSD", "interval", "since",
            "count",
        ]
        var answers = 0
        for round in 0..<4000 {
            var body = "nonce=\(bench.nonce + 1)"
            for _ in 0..<Int(random.next() % 8) {
                body +=
                    "&" + words[Int(random.next() % UInt64(words.count))] + "=" + words[Int(random.next() % UInt64(words.count))]
            }
            var bytes = Array(body.utf8)
            if round % 3 == 0, !bytes.isEmpty {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            let isJSON = round % 5 == 0
            if isJSON { bytes = Array(#"{"nonce":"\#(bench.nonce + 1)","orders":[{"volume":1e99},"#.utf8) + bytes }
            let name = names[Int(random.next() % UInt64(names.count))]
            if bench.send(try bench.signed(name, bytes, isJSON: isJSON)) != nil { answers += 1 }
            let query = String(decoding: bytes.prefix(200).map { $0 & 127 }, as: UTF8.self)
            let publicNames = ["OHLC", "Depth", "Trades", "Ticker", "Assets", "AssetPairs", "Spread"]
            _ = bench.send(
                WebRequest(
                    .get, "/0/public/" + publicNames[round % publicNames.count], query: query,
                    headers: [WebHeader("User-Agent", "t")]))
        }
        print("hostile requests to Kraken's REST: seed \(seed), \(answers) signed ones answered")
        #expect(answers == 4000)
        for asset in bench.core.venue.assets {
            #expect(bench.core.venue.engine.total(asset.id) == bench.core.venue.engine.deposited(asset.id))
        }
    }
}
