import Exchange
import Market
import Testing

@testable import Binance

/// Requests against the ones that ccxt signs.
struct SignedRequestTests {
    struct Case {
        var exchange: String
        var name: String
        var request: JSONValue
        var credentials: Credentials

        var parameters: [RequestDraft.Parameter] {
            (request["params"]?.elements ?? []).compactMap { pair in
                guard let name = pair[0]?.text, let value = pair[1]?.text else { return nil }
                return RequestDraft.Parameter(name, value)
            }
        }
        /// Without what the signer adds.
        var intent: [RequestDraft.Parameter] {
            parameters.filter { !["timestamp", "recvWindow", "signature"].contains($0.name) }
        }
    }

    static func cases() throws -> [Case]? {
        guard let corpus = try Corpus.json("signed_requests.json") else { return nil }
        var result: [Case] = []
        for entry in corpus["cases"]?.elements ?? [] {
            guard let exchange = entry["exchange"]?.text, ["binance", "binanceusdm"].contains(exchange) else { continue }
            let keys = try #require(corpus["credentials"]?[entry["keys"]?.text ?? ""])
            let credentials = Credentials(
                key: try #require(keys["apiKey"]?.text), secret: try #require(keys["secret"]?.text))
            if let reason = entry["unsupported"]?.text {
                print("signed requests: ccxt has no \(exchange) \(entry["case"]?.text ?? ""): \(reason)")
                continue
            }
            for request in try #require(entry["requests"]?.elements, "a case without requests") {
                result.append(
                    Case(
                        exchange: exchange, name: try #require(entry["case"]?.text), request: request, credentials: credentials))
            }
        }
        return result
    }

    @Test func `every signed request of the corpus is made byte for byte from its parameters`() throws {
        guard let cases = try Self.cases() else { return }
        for one in cases {
            let method = try #require(one.request["method"]?.text.flatMap { WebRequest.Method(rawValue: $0) })
            let path = try #require(one.request["path"]?.text)
            let unsigned = one.parameters.filter { $0.name != "signature" }
            let made =
                one.name == "listenKey"
                ? BinanceRequests.keyed(RequestDraft(method, path, unsigned), with: one.credentials)
                : try BinanceRequests.signed(method, path, unsigned, with: one.credentials)
            #expect(made.query == (one.request["query"]?.text ?? ""), "\(one.name)")
            #expect(String(decoding: made.body, as: UTF8.self) == (one.request["body"]?.text ?? ""), "\(one.name)")
            #expect(made.path == path)
            for header in one.request["headers"]?.members ?? [] {
                #expect(made.header(header.name) == header.value.text, "\(one.name): \(header.name)")
            }
        }
        print("signed requests, bytes: \(cases.count) cases")
        #expect(cases.count >= 35)
    }

    /// Cases without an intent of ours, and why.
    private static let withoutIntent = [
        "binance listenKey": "the venue removed listen keys from spot on 2026-02-20; the subscription itself is signed now",
        "binance account_nonascii_escape": "a parameter that no call has, to test the encoding alone",
    ]

    /// Parameters in which a case differs by intent, and why.
    private static let differing: [String: [String: String]] = [
        "binance oco_sell": [
            "aboveClientOrderId": "ccxt makes up ids with its broker's prefix; ours are given",
            "belowClientOrderId": "ccxt makes up ids with its broker's prefix; ours are given",
            "newOrderRespType": "the raw call of the corpus leaves it out; we want the fills at once",
        ],
        "binanceusdm fetchMyTrades": ["limit": "the corpus asks for 500, we always for the most, 1000"],
    ]

    @Test func `each intent gives the parameters that ccxt sends, apart from the listed exceptions`() throws {
        guard let cases = try Self.cases() else { return }
        var same = 0
        var inOrder = 0
        var excepted = 0
        for one in cases {
            let key = "\(one.exchange) \(one.name)"
            if Self.withoutIntent[key] != nil {
                excepted += 1
                continue
            }
            let draft = try one.exchange == "binance" ? Intents.spot(one.name) : Intents.usdm(one.name)
            #expect(draft.path == one.request["path"]?.text, "\(key)")
            #expect(draft.method.rawValue == one.request["method"]?.text, "\(key)")
            let exceptions = Self.differing[key] ?? [:]
            let ours = draft.parameters.filter { exceptions[$0.name] == nil }
            let theirs = one.intent.filter { exceptions[$0.name] == nil }
            #expect(Set(ours) == Set(theirs), "\(key)")
            // An exception that is none any more must go.
            #expect(exceptions.isEmpty || Set(draft.parameters) != Set(one.intent), "\(key)")
            same += 1
            if ours == theirs { inOrder += 1 }
        }
        print(
            "signed requests, intent to parameters: \(same) cases, \(inOrder) of them in ccxt's order, \(excepted) without an intent"
        )
        #expect(same + excepted == cases.count)
    }

    @Test func `a draft is stamped first, given its window last, and signed over both`() throws {
        guard let cases = try Self.cases() else { return }
        let one = try #require(cases.first { $0.exchange == "binance" && $0.name == "limit_sell" })
        let moment = SigningMoment(now: Given.now, nonce: 0)
        let made = try BinanceSpotTrading(receiveWindow: 10_000).sign(
            Intents.spot("limit_sell"), with: one.credentials, at: moment)
        #expect(String(decoding: made.body, as: UTF8.self) == one.request["body"]?.text)
    }
}
