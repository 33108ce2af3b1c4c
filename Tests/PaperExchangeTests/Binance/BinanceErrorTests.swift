import Exchange
import Matching
import Testing

@testable import PaperExchange

struct BinanceErrorTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var parameters: [(String, String)]
        var code: Int64
        var message: String
        var testDescription: String { "\(code) \(message)" }

        init(_ type: String, _ more: [(String, String)], _ code: Int64, _ message: String, side: String = "BUY") {
            parameters = [("symbol", "BTCUSDT"), ("side", side), ("type", type)] + more
            self.code = code
            self.message = message
        }
    }

    /// `P` stands for a price ten percent below the last.
    static let wrong: [Case] = [
        Case("LIMIT", [("timeInForce", "GTC"), ("quantity", "1")], -1102, "Mandatory parameter 'price'"),
        Case("LIMIT", [("price", "P"), ("quantity", "1")], -1102, "Mandatory parameter 'timeInForce'"),
        Case("LIMIT", [("timeInForce", "GTC"), ("price", "P")], -1102, "Mandatory parameter 'quantity'"),
        Case("MARKET", [], -1102, "Mandatory parameter 'quantity'"),
        Case("MARKET", [("quantity", "1"), ("price", "P")], -1106, "Parameter 'price' sent when not required."),
        Case("MARKET", [("quantity", "1"), ("quoteOrderQty", "10")], -1106, "Parameter 'quoteOrderQty' sent when not required."),
        Case("LIMIT", [("timeInForce", "GTC"), ("price", "P"), ("quantity", "")], -1102, "Mandatory parameter 'quantity'"),
        Case("LIMIT", [("timeInForce", "GTD"), ("price", "P"), ("quantity", "1")], -1115, "Invalid timeInForce."),
        Case("ICEBERG", [("quantity", "1")], -1116, "Invalid orderType."),
        Case("MARKET", [("quantity", "1")], -1117, "Invalid side.", side: "HOLD"),
        Case("MARKET", [("quantity", "1e3")], -1100, "Illegal characters found in parameter 'quantity'"),
        Case("MARKET", [("quantity", "-1")], -1100, "Illegal characters found in parameter 'quantity'"),
        Case("MARKET", [("quantity", "0.123456789")], -1111, "Parameter 'quantity' has too much precision."),
        Case("MARKET", [("quantity", "0.123456")], -1013, "Filter failure: LOT_SIZE"),
        Case("MARKET", [("quantity", "0")], -1013, "Invalid quantity."),
        Case("MARKET", [("quantity", "99999999999999999999")], -1013, "Filter failure: LOT_SIZE"),
        Case("LIMIT", [("timeInForce", "GTC"), ("price", "1.001"), ("quantity", "1")], -1013, "Filter failure: PRICE_FILTER"),
        Case("LIMIT", [("timeInForce", "GTC"), ("price", "0"), ("quantity", "1")], -1013, "Invalid price."),
        Case(
            "LIMIT", [("timeInForce", "GTC"), ("price", "1"), ("quantity", "10")], -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
        Case("LIMIT", [("timeInForce", "GTC"), ("price", "P"), ("quantity", "0.00001")], -1013, "Filter failure: NOTIONAL"),
        Case("MARKET", [("quantity", "0.00001")], -1013, "Filter failure: NOTIONAL"),
        Case("MARKET", [("quoteOrderQty", "4")], -1013, "Filter failure: NOTIONAL"),
        Case("MARKET", [("quantity", "100")], -2010, "Account has insufficient balance for requested action."),
        Case(
            "LIMIT", [("timeInForce", "GTC"), ("price", "P"), ("quantity", "100")], -2010,
            "Account has insufficient balance for requested action."),
        Case(
            "MARKET", [("quantity", "1"), ("newClientOrderId", "a b")], -1100,
            "Illegal characters found in parameter 'newClientOrderId'"),
        Case(
            "MARKET", [("quantity", "1"), ("newClientOrderId", String(repeating: "x", count: 37))], -1100, "Illegal characters"),
        Case("MARKET", [("quantity", "1"), ("selfTradePreventionMode", "DECREMENT")], -1130, "Data sent for parameter"),
        Case("MARKET", [("quantity", "1"), ("trailingDelta", "100")], -1104, "Not all sent parameters were read"),
        Case("MARKET", [("quantity", "1"), ("quantity", "1")], -1101, "Duplicate values for parameter 'quantity'"),
    ]

    @Test(arguments: wrong) func `what is wrong with an order is told by code and text`(_ wrong: Case) throws {
        var bench = try BinanceBench()
        let price = bench.price(90)
        let parameters = wrong.parameters.map { ($0.0, $0.1 == "P" ? price : $0.1) }
        let response = bench.signedResponse(.post, "/api/v3/order", parameters)
        let error = try JSONValue(parsing: response.body)
        #expect(response.status == 400 && error.code == wrong.code)
        #expect(error.message?.hasPrefix(wrong.message) == true, "\(error.message ?? "")")
        #expect(try bench.signed(.get, "/api/v3/allOrders", [("symbol", "BTCUSDT")]) == [])
    }

    @Test func `keys, signatures and times are checked`() throws {
        var bench = try BinanceBench()
        func code(_ bench: inout BinanceBench) throws -> (Int, Int64?) {
            let response = bench.signedResponse(.get, "/api/v3/account")
            return (response.status, try JSONValue(parsing: response.body).code)
        }
        bench.key = "other"
        #expect(try code(&bench) == (401, -2015))
        bench.key = "no key!"
        #expect(try code(&bench) == (401, -2014))
        bench.key = "paper-key"
        bench.secret = "wrong"
        #expect(try code(&bench) == (400, -1022))
        bench.secret = "secret"
        bench.timeOffset = 1001
        #expect(try code(&bench) == (400, -1021))
        bench.timeOffset = -5001
        #expect(try code(&bench) == (400, -1021))
        bench.timeOffset = -4000
        #expect(try code(&bench) == (200, nil))
        let unsigned = bench.send(WebRequest(.get, "/api/v3/account", headers: [WebHeader("X-MBX-APIKEY", "paper-key")]))
        #expect(try JSONValue(parsing: unsigned.body).code == -1102)
        var changed = bench.signedRequest(.get, "/api/v3/myTrades", [("symbol", "BTCUSDT")])
        changed.query = changed.query.replacing("BTCUSDT", with: "ETHUSDT")
        #expect(try JSONValue(parsing: bench.send(changed).body).code == -1022)
        let wide = bench.send(bench.signedRequest(.get, "/api/v3/account", [], recvWindow: 60_001))
        #expect(try JSONValue(parsing: wide.body).code == -1131)
    }

    @Test func `a query and a body are signed as one text`() throws {
        var bench = try BinanceBench()
        let query = "symbol=BTCUSDT&side=BUY&type=MARKET"
        let body = "quantity=0.01&timestamp=\(bench.now)"
        let signed = body + "&signature=" + bench.signature(query + body)
        let request = WebRequest(
            .post, "/api/v3/order", query: query, headers: [WebHeader("X-MBX-APIKEY", "paper-key")], body: Array(signed.utf8))
        #expect(bench.send(request).status == 200)
    }

    @Test func `an account without the right to trade places nothing`() throws {
        var bench = try BinanceBench { $0.accounts[0].canTrade = false }
        #expect(try bench.limit("BUY", 90).message == "This account may not place or cancel orders.")
    }

    @Test func `in an accelerated venue the window is as much wider`() throws {
        var bench = try BinanceBench { $0.speed = 10 }
        bench.timeOffset = -40_000
        #expect(bench.signedResponse(.get, "/api/v3/account").status == 200)
        bench.timeOffset = -60_000
        #expect(bench.signedResponse(.get, "/api/v3/account").status == 400)
    }

    @Test func `who spends too much weight is asked to wait, then banned, then let in again`() throws {
        var bench = try BinanceBench()
        let request = WebRequest(.get, "/api/v3/exchangeInfo")
        var statuses: [Int] = []
        for _ in 0..<400 { statuses.append(bench.send(request).status) }
        #expect(statuses.prefix(300).allSatisfy { $0 == 200 } && statuses[300] == 429 && statuses[350] == 418)
        let banned = bench.send(request)
        #expect(try JSONValue(parsing: banned.body).code == -1003 && banned.header("Retry-After") == "120")
        bench.advance(121_000)
        let free = bench.send(request)
        #expect(free.status == 200 && free.header("x-mbx-used-weight-1m") == "20")
    }

    @Test func `in an accelerated venue limits and waits are of the venue's time`() throws {
        var bench = try BinanceBench { $0.speed = 10 }
        let request = WebRequest(.get, "/api/v3/exchangeInfo")
        var statuses: [Int] = []
        for _ in 0..<301 { statuses.append(bench.send(request).status) }
        #expect(statuses.last == 429)
        let wait = try #require(bench.send(request).header("Retry-After").flatMap { Int64($0) })
        #expect(wait > 6)
        bench.advance(wait * 1000)
        #expect(bench.send(request).status == 200)
    }

    @Test func `a hundred orders in ten seconds are enough, and filled ones do not count`() throws {
        var bench = try BinanceBench()
        for index in 0..<100 {
            #expect(try bench.limit("BUY", 90, "0.001", id: "o\(index)")["status"]?.text == "NEW")
            _ = try bench.signed(.delete, "/api/v3/order", [("symbol", "BTCUSDT"), ("origClientOrderId", "o\(index)")])
        }
        let response = bench.signedResponse(
            .post, "/api/v3/order", [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.01")])
        #expect(response.status == 429)
        #expect(try JSONValue(parsing: response.body).code == -1015)
        #expect(response.header("X-MBX-ORDER-COUNT-10S") == "100")
        bench.advance(10_000)
        _ = try bench.order("BUY", "MARKET", [("quantity", "0.001")])
        #expect(try bench.signed(.get, "/api/v3/rateLimit/order")[0]?["count"]?.integer == 0)
    }

    @Test func `faults are told in the venue's own words`() throws {
        var bench = try BinanceBench()
        func status(_ kind: PaperFault.Kind, _ bench: inout BinanceBench) -> (Int, Int64?) {
            bench.core.venue.faults.removeAll()
            _ = bench.core.venue.faults.add(PaperFault(kind))
            let response = bench.signedResponse(
                .post, "/api/v3/order", [("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.001")])
            return (response.status, (try? JSONValue(parsing: response.body))?.code)
        }
        #expect(status(.rateLimited(retryAfter: 3), &bench) == (429, -1003))
        #expect(status(.banned(retryAfter: 3), &bench) == (418, -1003))
        #expect(status(.outage, &bench) == (503, nil))
        #expect(status(.rejectOrders, &bench) == (400, -2010))
        #expect(status(.backendTimeout, &bench) == (504, -1007))
        // That one was carried out.
        bench.core.venue.faults.removeAll()
        #expect(try bench.signed(.get, "/api/v3/allOrders", [("symbol", "BTCUSDT")]).elements?.count == 1)
        _ = bench.core.venue.faults.add(PaperFault(.clockSkew(milliseconds: 10_000)))
        #expect(bench.signedResponse(.get, "/api/v3/account").status == 400)
    }
}
