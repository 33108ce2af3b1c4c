import ConnectorTesting
import Connectors
import Exchange
import Market
import Money
import Synchronization
import Testing
import WebTesting

/// The venue in memory with its clients, as the suite wants it.
private func fakeVenue(_ rule: BookRule) throws -> VenueUnderTest {
    let exchange = FakeExchange(bookRule: rule)
    let web = InMemoryWeb(exchange)
    let clock = SystemConnectorClock { Timestamp(milliseconds: 1_700_000_000_000) }
    let origin = WebOrigin(scheme: .http, host: "127.0.0.1", port: 1)
    let address = VenueAddress(try #require(VenueID("paper-fake")), rest: origin, marketStream: origin, accountStream: origin)
    let nonces = NonceKeeper(stored: 0) { _ in }
    let numbered = SharedCounter()
    var faults = VenueUnderTest.Faults()
    faults.move = { await exchange.trade() }
    faults.breakStreams = { exchange.breakStreams() }
    faults.loseMessages = { exchange.loseMessages($0) }
    faults.doubleMessages = { exchange.doubleMessages($0) }
    faults.damageMessages = { exchange.damageMessages($0) }
    faults.loseOrderAnswer = { exchange.plan([.answerLost], for: "/order") }
    faults.cutOrder = { exchange.plan([.cut], for: "/order") }
    faults.refuseTime = { exchange.plan([.refuse(status: 429, kind: .rateLimited), .cut], for: "/time") }
    faults.damageBalances = { exchange.plan([.garbage], for: "/balances") }
    faults.book = { exchange.book }
    var settings = ClientSettings()
    settings.firstPause = .milliseconds(2)
    let quick = settings
    return VenueUnderTest(
        name: "fake", pair: try #require(Pair("BTC/USDT")), timeframe: .oneMinute, restingPrice: Price(units: 90, decimals: 0),
        quantity: Quantity(units: 1, decimals: 0), hugeQuantity: Quantity(units: 1000, decimals: 0), bookDepth: 10,
        faults: faults,
        freshID: { ClientOrderID("id\(numbered.next())") },
        market: {
            var budget = RateBudget.Settings()
            budget.firstPause = .milliseconds(5)
            let gate = BudgetGate(FakeMarketData(bookRule: rule), clock: clock, settings: budget)
            return MarketDataClient(
                FakeMarketData(bookRule: rule), at: address, client: web, dialer: web, clock: clock, gate: gate, settings: quick)
        },
        trading: { market in
            try TradingClient(
                FakeTrading(), at: address, credentials: Credentials(key: "paper-key", secret: "secret"), client: web,
                dialer: web,
                clock: clock, gate: market.gate, nonces: nonces, settings: quick)
        })
}

private final class SharedCounter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

struct ConformanceTests {
    @Test(arguments: [BookRule.updateIDs, .previousIDs, .checksum], ConformanceCase.allCases)
    func `the connector does what it must on the venue in memory`(rule: BookRule, test: ConformanceCase) async throws {
        #expect(try await test.run(on: try fakeVenue(rule)))
        print("conformance \(rule) \(test) done")
    }
}
