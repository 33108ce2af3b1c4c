import Exchange
import Matching
import SyntheticMarket
import Testing

@testable import PaperExchange

/// Whatever bytes come in, the venue answers and its books stay right.
struct BinanceFuzzTests {
    private static let seed: UInt64 = 20_261_123

    private static func requests(_ bench: BinanceBench) -> [WebRequest] {
        let order = [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "LIMIT"), ("timeInForce", "GTC"), ("quantity", "0.01")]
        let list: [(String, String)] = [
            ("symbol", "BTCUSDT"), ("side", "SELL"), ("quantity", "0.01"), ("price", bench.price(110)),
            ("stopPrice", bench.price(95)),
        ]
        var result = [
            bench.signedRequest(.post, "/api/v3/order", order + [("price", bench.price(95))], recvWindow: 60_000),
            bench.signedRequest(.post, "/api/v3/order/oco", list, recvWindow: 60_000),
            bench.signedRequest(.delete, "/api/v3/openOrders", [("symbol", "BTCUSDT")], recvWindow: 60_000),
            bench.signedRequest(
                .get, "/api/v3/allOrders", [("symbol", "BTCUSDT"), ("startTime", "1"), ("limit", "5")], recvWindow: 60_000),
        ]
        for query in [
            "symbol=BTCUSDT&interval=1h&startTime=1&endTime=9223372036854775807&limit=1000",
            "symbol=BTCUSDT&interval=1M&startTime=0",
            "symbols=%5B%22BTCUSDT%22%5D&type=MINI", "symbol=BTCUSDT&limit=5000", "symbol=BTCUSDT&fromId=0&limit=1",
        ] {
            for path in ["klines", "ticker/24hr", "depth", "aggTrades", "historicalTrades", "exchangeInfo", "ticker"] {
                result.append(WebRequest(.get, "/api/v3/" + path, query: query))
            }
        }
        return result
    }

    private static func damaged(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var result = bytes
        for _ in 0...Int(random.next() % 4) {
            guard !result.isEmpty else { break }
            let place = Int(random.next() % UInt64(result.count))
            switch random.next() % 6 {
            case 0: result[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: result.remove(at: place)
            case 2: result.insert(Array("&=%+\"{}[]9.-@!".utf8)[Int(random.next() % 14)], at: place)
            case 3: result.removeLast(result.count - place)
            case 4: result.insert(contentsOf: Array(repeating: UInt8(ascii: "9"), count: 30), at: place)
            default: result.insert(contentsOf: result[..<min(place, 40)], at: place)
            }
        }
        return result
    }

    @Test func `damaged requests are answered and lose no money`() throws {
        var bench = try BinanceBench { $0.enforcesRateLimits = false }
        var random = SplitMix64(seed: Self.seed)
        var counts: [Int: Int] = [:]
        for round in 0..<120 {
            // Signed anew from time to time, so that undamaged ones count too.
            for var request in Self.requests(bench) {
                if random.next() % 8 != 0 {
                    request.query = String(decoding: Self.damaged(Array(request.query.utf8), &random), as: UTF8.self)
                    request.body = Self.damaged(request.body, &random)
                }
                if random.next() % 4 == 0, let text = request.header("X-MBX-APIKEY") {
                    // Signed after the damage: it reaches what lies behind the signature.
                    request = Self.resigned(request, bench)
                    #expect(!text.isEmpty)
                }
                counts[bench.send(request).status, default: 0] += 1
            }
            if round % 10 == 0 { bench.advance(1000) }
        }
        print("seed \(Self.seed): \(counts.values.reduce(0, +)) damaged requests, by status \(counts.sorted { $0.key < $1.key })")
        #expect(Set(counts.keys).isSubset(of: [200, 400, 401, 409]) && counts[200, default: 0] > 100)
        for asset in bench.core.venue.assets {
            #expect(bench.core.venue.engine.total(asset.id) == bench.core.venue.engine.deposited(asset.id))
        }
    }

    private static func resigned(_ request: WebRequest, _ bench: BinanceBench) -> WebRequest {
        var result = request
        let isBody = !request.body.isEmpty
        var bytes = isBody ? request.body : Array(request.query.utf8)
        bytes = BinanceDialect.withoutSignature(bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        let signed = text + "&signature=" + bench.signature((isBody ? request.query : "") + text)
        if isBody { result.body = Array(signed.utf8) } else { result.query = signed }
        return result
    }

    @Test func `damaged messages are answered on their stream`() throws {
        var bench = try BinanceBench { $0.enforcesRateLimits = false }
        var random = SplitMix64(seed: Self.seed + 1)
        let streams = try bench.open("/ws")
        let api = try bench.open("/ws-api/v3")
        let messages = [
            #"{"method":"SUBSCRIBE","params":["btcusdt@kline_1M","btcusdt@depth20@100ms","!ticker_4h@arr"],"id":1}"#,
            #"{"method":"UNSUBSCRIBE","params":["btcusdt@kline_1M"],"id":"x"}"#,
            #"{"method":"SET_PROPERTY","params":["combined",true],"id":2}"#,
            #"{"id":"1","method":"klines","params":{"symbol":"BTCUSDT","interval":"1w","limit":3,"startTime":1}}"#,
            #"{"id":"2","method":"order.place","params":{"symbol":"BTCUSDT","apiKey":"paper-key","timestamp":1,"signature":"00"}}"#,
            #"{"id":"3","method":"userDataStream.subscribe.signature","params":{"apiKey":"paper-key"}}"#,
        ]
        var answers = 0
        for round in 0..<2000 {
            let message = Self.damaged(Array(messages[round % messages.count].utf8), &random)
            for session in [streams, api] {
                bench.core.receive(message, from: session, now: bench.now)
            }
            if round % 50 == 0 { bench.advance(100) }
            answers += bench.messages(streams).count + bench.messages(api).count
        }
        print("seed \(Self.seed + 1): 4000 damaged messages, \(answers) messages back")
        #expect(answers >= 2000 && bench.closed.isEmpty)
    }

    @Test func `paths that are none open no stream and never trap`() throws {
        var bench = try BinanceBench()
        var random = SplitMix64(seed: Self.seed + 2)
        var opened = 0
        for _ in 0..<2000 {
            let path = String(
                decoding: Self.damaged(Array("/ws/btcusdt@kline_1m/btcusdt@depth5@100ms".utf8), &random), as: UTF8.self)
            let query = String(
                decoding: Self.damaged(Array("streams=btcusdt@trade/%21ticker%40arr".utf8), &random), as: UTF8.self)
            let request = WebRequest(.get, random.next() % 2 == 0 ? path : "/stream", query: query)
            guard let session = bench.core.open(request, peer: "", now: bench.now) else { continue }
            opened += 1
            bench.core.close(session)
        }
        bench.advance(1000)
        print("seed \(Self.seed + 2): 2000 damaged paths, \(opened) of them streams")
        #expect(opened > 500 && bench.core.sessionCount == 0)
    }
}
