import Exchange
import Market
import Money
import Testing

@testable import Kraken

struct OrderTests {
    private func parameters(_ intent: OrderIntent) throws -> [String: String] {
        let draft = try KrakenTrading().place(intent, try Sample.instrument, at: Sample.now).draft
        return Dictionary(uniqueKeysWithValues: draft.parameters.map { ($0.name, $0.value) })
    }

    @Test func `time in force and flags go where Kraken has them`() throws {
        let limit = OrderKind.limit(try Sample.price("60000"))
        #expect(try parameters(try Sample.intent(.buy, limit, timeInForce: .immediateOrCancel))["timeinforce"] == "IOC")
        #expect(try parameters(try Sample.intent(.buy, limit, timeInForce: .fillOrKill))["timeinforce"] == "FOK")
        #expect(try parameters(try Sample.intent(.buy, limit))["timeinforce"] == nil)
        #expect(try parameters(try Sample.intent(.buy, .postOnly(try Sample.price("60000"))))["oflags"] == "post")
        let stop = try parameters(try Sample.intent(.sell, .takeProfit(trigger: try Sample.price("70000.55"))))
        #expect(stop["ordertype"] == "take-profit" && stop["price"] == "70000.6" && stop["price2"] == nil)
    }

    @Test(arguments: [
        (0, "2025-06-15T15:06:42.123Z"), (5000, "2025-06-15T15:06:45.123Z"), (3_600_000, "2025-06-15T15:07:40.123Z"),
        (Int64.max - 1_750_000_000_123, "2025-06-15T15:07:40.123Z"),
    ])
    func `a deadline is brought within two to sixty seconds`(wait: Int64, text: String) throws {
        let deadline = Sample.now.advanced(byMilliseconds: max(wait, 1))
        #expect(try parameters(try Sample.intent(.buy, .market, deadline: deadline))["deadline"] == text)
    }

    @Test func `an order that cannot be meant is refused before it is sent`() throws {
        let instrument = try Sample.instrument
        let bad: [OrderIntent] = [
            try Sample.intent(.buy, .market, "0.000000001"), try Sample.intent(.buy, .market, "-1"),
            try Sample.intent(.buy, .limit(try Sample.price("0.01"))), try Sample.intent(.buy, .limit(try Sample.price("-5"))),
            try Sample.intent(.sell, .marketByCost(try Sample.amount("10"))), try Sample.intent(.buy, .marketByCost(.zero)),
            try Sample.intent(.buy, .market, reduceOnly: true), try Sample.intent(.buy, .market, id: ""),
            try Sample.intent(.buy, .market, id: "nineteen-characters"), try Sample.intent(.buy, .market, id: "a b"),
            try Sample.intent(.buy, .market, id: String(repeating: "g", count: 32)),
            try Sample.intent(.buy, .market, deadline: Sample.now),
            try Sample.intent(.buy, .market, deadline: Timestamp(milliseconds: .min)),
            try Sample.intent(.buy, .postOnly(try Sample.price("5")), timeInForce: .immediateOrCancel),
        ]
        for intent in bad {
            let error = venueError { _ = try KrakenTrading().place(intent, instrument, at: Sample.now) }
            #expect(error?.handling == .permanent, "\(intent)")
        }
        let good = ["0123456789abcdef0123456789abcdef", "6d1b345e-2821-40e2-ad83-4ecb18a06876", "arb-20240509-00010"]
        for id in good { #expect(try parameters(try Sample.intent(.buy, .market, id: id))["cl_ord_id"] == id) }
    }

    @Test func `extreme numbers are refused or rounded, never a trap`() throws {
        var instrument = try Sample.instrument
        for decimals in [0, 8, 18] {
            instrument.priceTick = Price(units: .max, decimals: decimals)
            instrument.quantityStep = Quantity(units: 1, decimals: decimals)
            for units in [Int64.min, -1, 0, 1, .max] {
                let order = OrderIntent(
                    .buy, .stopLossLimit(trigger: Price(units: units, decimals: 18), price: Price(units: units, decimals: 0)),
                    quantity: Quantity(units: units, decimals: 9), clientOrderID: ClientOrderID("x"))
                _ = try? KrakenTrading().place(order, instrument, at: Timestamp(milliseconds: units))
                let cost = OrderIntent(
                    .buy, .marketByCost(Amount(units: Int128(units) * Int128(Int64.max), decimals: 36)), quantity: .zero,
                    clientOrderID: ClientOrderID("x"), deadline: Timestamp(milliseconds: .max))
                _ = try? KrakenTrading().place(cost, instrument, at: Timestamp(milliseconds: units))
            }
        }
    }

    @Test(arguments: [(0, 8), (4, 8), (5, 6), (10, 5), (15, 4), (45, 2), (90, 1), (299, 1), (300, 0), (100_000, 0)])
    func `cancels cost by age`(seconds: Int, units: Int) {
        #expect(KrakenBudget.cancelUnits(age: .seconds(seconds)) == units)
    }

    @Test func `budgets follow the tier`() {
        #expect(KrakenBudget.cancelUnits(age: nil) == 8)
        let pro = KrakenTrading(tier: .pro).budgetLimits
        #expect(pro.contains(BudgetLimit("private", units: 20, .decay(milliunitsPerSecond: 1000))))
        #expect(pro.contains(BudgetLimit("trading:*", units: 180, .decay(milliunitsPerSecond: 3750))))
        #expect(
            KrakenMarketData(tier: .starter).budgetLimits.contains(
                BudgetLimit("private", units: 15, .decay(milliunitsPerSecond: 330))))
    }

    @Test func `the signature is the one of Kraken's own example`() throws {
        let secret = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
        let draft = RequestDraft(
            .post, "/0/private/AddOrder",
            [
                .init("ordertype", "limit"), .init("pair", "XBTUSD"), .init("price", "37500"), .init("type", "buy"),
                .init("volume", "1.25"),
            ])
        let request = try KrakenTrading().sign(
            draft, with: Credentials(key: "key", secret: secret), at: SigningMoment(now: Sample.now, nonce: 1_616_492_376_594))
        let wanted = "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
        #expect(request.header("API-Sign") == wanted)
        #expect(String(decoding: request.body, as: UTF8.self).hasPrefix("nonce=1616492376594&ordertype=limit"))
    }

    @Test func `keys of the wrong form or place are named without being shown`() throws {
        let key = String(repeating: "k", count: 56)
        let secret = KrakenBase64.encode([UInt8](repeating: 7, count: 64))
        #expect(KrakenTrading().problem(of: Credentials(key: key, secret: secret)) == nil)
        #expect(KrakenTrading(isPaper: true).problem(of: Credentials(key: "paper-1", secret: secret)) == nil)
        let wrong: [(KrakenTrading, Credentials)] = [
            (KrakenTrading(), Credentials(key: "paper-1", secret: secret)),
            (KrakenTrading(isPaper: true), Credentials(key: key, secret: secret)),
            (KrakenTrading(), Credentials(key: key, secret: "not base64!")),
            (KrakenTrading(), Credentials(key: "short", secret: secret)),
            (KrakenTrading(), Credentials(key: key, secret: "AAAA")),
        ]
        for (trading, credentials) in wrong {
            let problem = try #require(trading.problem(of: credentials))
            #expect(!problem.contains(credentials.key) && !problem.contains(credentials.secret))
        }
        let error = venueError {
            _ = try KrakenTrading().sign(
                RequestDraft(.post, "/"), with: Credentials(key: key, secret: "se!cret"),
                at: SigningMoment(now: Sample.now, nonce: 1))
        }
        #expect(error?.handling == .fatal && error?.message.contains("se!cret") == false)
    }

    @Test func `base64 goes both ways`() {
        let vectors = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
        for (plain, coded) in vectors {
            #expect(KrakenBase64.encode(Array(plain.utf8)) == coded)
            #expect(KrakenBase64.decode(coded) == Array(plain.utf8))
        }
        for bad in ["A", "AA=", "====", "A===", "Zg=g", "Zm9v\n"] { #expect(KrakenBase64.decode(bad) == nil, "\(bad)") }
    }

    @Test func `values are percent-encoded`() {
        #expect(KrakenForm.encode([.init("close[price]", "a b&c=d/é[]~")]) == "close[price]=a%20b%26c%3Dd%2F%C3%A9%5B%5D~")
    }
}
