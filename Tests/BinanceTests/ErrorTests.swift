import Exchange
import Testing

@testable import Binance

struct ErrorTests {
    /// ccxt's classes in our words.
    private static let kinds: [String: VenueError.Kind] = [
        "InsufficientFunds": .insufficientFunds, "InvalidOrder": .invalidOrder, "OrderNotFound": .orderNotFound,
        "OrderImmediatelyFillable": .wouldTriggerImmediately, "OrderNotFillable": .wouldTakeLiquidity, "BadSymbol": .badSymbol,
        "BadRequest": .badRequest, "MarketClosed": .marketClosed, "AuthenticationError": .authentication,
        "PermissionDenied": .permissionDenied, "AccountSuspended": .accountSuspended, "InvalidNonce": .invalidNonce,
        "RateLimitExceeded": .rateLimited, "OnMaintenance": .onMaintenance, "RequestTimeout": .requestTimeout,
        // "Failed for now": the venue could not do it.
        "OperationFailed": .unavailable, "BadResponse": .unavailable,
        // Refused for a reason of its own.
        "OperationRejected": .rejected, "ExchangeError": .rejected,
    ]

    /// Where we say something more exact than ccxt's class, and why.
    private static let exceptions: [String: (kind: VenueError.Kind, reason: String)] = [
        "spot -1013": (.invalidOrder, "a filter failed: it is the order that is wrong, not the form of the request"),
        "usdm -1013": (.invalidOrder, "a filter failed"),
        "spot -1111": (.invalidOrder, "too many decimals in a price or quantity"),
        "usdm -1111": (.invalidOrder, "too many decimals in a price or quantity"),
        "spot -2021": (.partlyDone, "of a cancel-replace one half was done"),
        "spot -2022": (.rejected, "of a cancel-replace both halves failed"),
        "usdm -4116": (.duplicateClientOrderID, "the class does not tell that the client id is taken"),
        "usdm -5021": (.rejected, "fill or kill could not fill; ccxt has one class for that and for post-only"),
        "spot Order would immediately match and take.": (.wouldTakeLiquidity, "of a post-only order, nothing is triggered"),
        "usdm Order would immediately match and take.": (.wouldTakeLiquidity, "of a post-only order, nothing is triggered"),
    ]

    @Test func `every error of the corpus has the kind of ccxt's class, apart from the listed exceptions`() throws {
        guard let corpus = try Corpus.json("ccxt_errors.json") else { return }
        var count = 0
        var excepted: Set<String> = []
        for (exchange, own, system) in [("binance", "spot", Binance.System.spot), ("binanceusdm", "linear", .usdm)] {
            let all = try #require(corpus[exchange])
            let mine = all[own]?["exact"]?.members ?? []
            let names = Set(mine.map(\.name))
            let common = (all["exact"]?.members ?? []).filter { !names.contains($0.name) }
            for (member, isPart) in (mine + common).map({ ($0, false) }) + (all["broad"]?.members ?? []).map({ ($0, true) }) {
                let expected = try #require(Self.kinds[member.value.text ?? ""], "\(member.name)")
                let key = "\(system == .spot ? "spot" : "usdm") \(member.name)"
                let found = kind(member.name, isPart: isPart, system)
                if let exception = Self.exceptions[key] {
                    #expect(found == exception.kind && found != expected, "\(key)")
                    excepted.insert(key)
                } else {
                    #expect(found == expected, "\(key)")
                }
                count += 1
            }
        }
        #expect(excepted == Set(Self.exceptions.keys))
        let others = ["inverse", "option", "portfolioMargin"].reduce(0) {
            $0 + (corpus["binance"]?[$1]?["exact"]?.members?.count ?? 0)
        }
        print("errors: \(count), of them exceptions \(excepted.count); of systems that we do not speak to: \(others)")
        #expect(count > 500)
    }

    /// The kind of an answer with this number, or with this text and a number that says nothing.
    private func kind(_ name: String, isPart: Bool, _ system: Binance.System) -> VenueError.Kind? {
        let code = Int64(name) ?? -9999
        let text = Int64(name) == nil ? (isPart ? "Filter failure: \(name), sorry" : name) : "text"
        let body: JSONValue = ["code": .integer(code), "msg": .string(text)]
        // Positive numbers come with a status of their own.
        let response = WebResponse(status: 400, headers: [], body: body.bytes)
        return BinanceErrors.error(in: response, system: system, changesState: false)?.kind
    }

    private func error(
        _ status: Int, _ code: Int64? = nil, _ text: String = "x", retryAfter: String? = nil, changesState: Bool = true,
        _ system: Binance.System = .spot
    ) throws -> VenueError {
        let body: [UInt8] =
            code.map { (["code": .integer($0), "msg": .string(text)] as JSONValue).bytes } ?? Array("<html>".utf8)
        let headers = retryAfter.map { [WebHeader("retry-after", $0)] } ?? []
        return try #require(
            BinanceErrors.error(
                in: WebResponse(status: status, headers: headers, body: body), system: system, changesState: changesState))
    }

    @Test(
        arguments: [
            (500, nil), (502, nil), (503, -1008), (504, nil), (400, -1006), (400, -1007), (400, -1000), (408, -1007), (302, nil),
            (503, -1003),
        ] as [(Int, Int64?)])
    func `what may have been done is of unknown outcome, and only where something changes`(status: Int, code: Int64?) throws {
        #expect(try error(status, code).handling == .outcomeUnknown)
        #expect(try error(status, code, changesState: false).handling == .retryable(after: nil))
    }

    @Test func `too many requests tell how long to wait`() throws {
        let slow = try error(429, -1003, retryAfter: "7")
        #expect(slow.kind == .rateLimited)
        #expect(slow.handling == .retryable(after: .seconds(7)))
        let banned = try error(418, -1003, retryAfter: "180")
        #expect(banned.kind == .banned)
        #expect(banned.handling == .retryable(after: .seconds(180)))
        #expect(try error(418).handling == .retryable(after: .seconds(120)))
        #expect(try error(429, retryAfter: "tomorrow").handling == .retryable(after: nil))
        #expect(try error(429, retryAfter: "999999999999").handling == .retryable(after: .seconds(30 * 86_400)))
        #expect(try error(400, -1015, "Too many new orders.").handling == .retryable(after: nil))
    }

    @Test func `a page of the firewall is no refusal of the order`() throws {
        let wall = try error(403)
        #expect(wall.kind == .banned)
        #expect(wall.handling == .retryable(after: .seconds(120)))
        #expect(wall.code == "HTTP 403")
        #expect(try error(403, -2015).kind == .authentication)
        #expect(try error(451).handling == .fatal)
    }

    @Test func `orders are refused for the reason that the text gives`() throws {
        let texts: [(String, VenueError.Kind)] = [
            ("Account has insufficient balance for requested action.", .insufficientFunds),
            ("Duplicate order sent.", .duplicateClientOrderID),
            ("Order would immediately match and take.", .wouldTakeLiquidity),
            ("Stop price would trigger immediately.", .wouldTriggerImmediately),
            ("Market is closed.", .marketClosed), ("Something new.", .invalidOrder),
        ]
        for (text, kind) in texts {
            let found = try error(400, -2010, text)
            #expect(found.kind == kind)
            #expect(found.handling == .permanent)
            #expect(found.code == "-2010")
        }
        #expect(try error(400, -1013, "Filter failure: LOT_SIZE").kind == .invalidOrder)
        #expect(try error(400, -2019, .init(), changesState: true, .usdm).kind == .insufficientFunds)
        #expect(try error(400, -5022, "no", changesState: true, .usdm).kind == .wouldTakeLiquidity)
    }

    @Test func `a key that is refused stops everything, a clock that is off does not`() throws {
        for code in [-2014, -2015, -1022, -2008] as [Int64] { #expect(try error(401, code).handling == .fatal) }
        #expect(try error(400, -1021).kind == .invalidNonce)
        #expect(try error(400, -1021).handling == .retryable(after: nil))
        #expect(try error(400, -2010, "This symbol is not permitted for this account.").handling == .permanent)
        #expect(try error(400, -2010, "This account may not place or cancel orders.").handling == .fatal)
        #expect(try error(400, -1125).handling == .permanent)
    }

    @Test func `half a cancel-replace is partly done`() throws {
        let half = try #require(
            BinanceErrors.error(in: Samples.response("cancelReplace", status: 409), system: .spot, changesState: true))
        #expect(half.kind == .partlyDone)
        #expect(half.handling == .outcomeUnknown)
        #expect(try error(400, -2022).handling == .permanent)
    }

    @Test func `an error in an answer of status 200 is one, a code of 200 is none`() throws {
        #expect(
            BinanceErrors.error(in: Samples.response("error"), system: .spot, changesState: true)?.kind == .insufficientFunds)
        #expect(BinanceErrors.error(in: Samples.response("done"), system: .usdm, changesState: true) == nil)
        #expect(BinanceErrors.error(in: Samples.response("algoCanceled"), system: .usdm, changesState: true) == nil)
    }

    @Test func `a refusal without a number is bad for good`() throws {
        let lost = try error(404)
        #expect(lost.kind == .badRequest)
        #expect(lost.handling == .permanent)
    }

    @Test func `an answer that cannot be read leaves the order unknown`() throws {
        let btc = try Given.spot()
        let order = OrderIntent(.buy, .market, quantity: btc.quantityStep, clientOrderID: Given.id)
        let call = try BinanceSpotTrading().place(order, btc, at: Given.now)
        for body in ["", "{", "[]", #"{"orderId":"x"}"#, #"{"symbol":"BTCUSDT"}"#] {
            let error = #expect(throws: VenueError.self) {
                try call.decode(WebResponse(status: 200, headers: [], body: Array(body.utf8)))
            }
            #expect(error?.handling == .outcomeUnknown)
            #expect(error?.kind == .malformedAnswer)
        }
    }
}
