import ConnectorTesting
import Connectors
import Exchange
import Market
import Money
import Synchronization
import Testing
import WebTesting

/// A clock that jumps to the end of each wait. For one waiter at a time.
final class JumpingClock: ConnectorClock {
    private let uptime = Mutex(Duration.seconds(1))
    let waits = Mutex<[Duration]>([])

    func now() -> ClockReading {
        uptime.withLock { ClockReading(uptime: $0, wall: Timestamp(milliseconds: 1_700_000_000_000 + $0.wholeMilliseconds)) }
    }

    func sleep(until: Duration) async {
        uptime.withLock { now in
            waits.withLock { $0.append(until - now) }
            now = max(now, until)
        }
    }

    func random() -> UInt64 { 0 }
}

/// What a client told of its venue's clock.
final class Notices: Sendable {
    let all = Mutex<[String]>([])
}

/// A trading client on answers that a test writes.
struct Desk {
    let clock = JumpingClock()
    let web: ScriptedWebClient
    let market: MarketDataClient
    let trading: TradingClient
    let notices = Notices()

    init(
        permit: @escaping TradingClient.Permit = { _, _ in nil },
        credentials: Credentials = Credentials(key: "paper-key", secret: "secret"),
        venue: String = "paper-fake", protocol trades: FakeTrading = FakeTrading(), _ answer: @escaping ScriptedWebClient.Answer
    ) throws {
        web = ScriptedWebClient(answer)
        let origin = WebOrigin(scheme: .http, host: "127.0.0.1", port: 1)
        let address = VenueAddress(try #require(VenueID(venue)), rest: origin, marketStream: origin, accountStream: origin)
        let dialer = InMemoryWeb(FakeExchange(bookRule: .updateIDs))
        market = MarketDataClient(FakeMarketData(bookRule: .updateIDs), at: address, client: web, dialer: dialer, clock: clock)
        let (market, notices) = (market, notices)
        trading = try TradingClient(
            trades, at: address, credentials: credentials, client: web, dialer: dialer, clock: clock, gate: market.gate,
            nonces: NonceKeeper(stored: 0) { _ in },
            synchronize: { () async throws(VenueError) in try await market.synchronizeClock(rounds: 2) },
            report: { notice in notices.all.withLock { $0.append(notice.description) } }, permit: permit)
    }

    func paths(_ method: WebRequest.Method) -> [String] { web.requests.filter { $0.method == method }.map(\.path) }
}

func text(_ status: Int, _ text: String) -> Result<WebResponse, WebFailure> {
    .success(WebResponse(status: status, body: Array(text.utf8)))
}

struct ClientTests {
    private func order() -> OrderIntent {
        OrderIntent(
            .buy, .limit(Price(units: 90, decimals: 0)), quantity: Quantity(units: 1, decimals: 0),
            clientOrderID: ClientOrderID("a"))
    }

    private func failure(_ body: () async throws(VenueError) -> Void) async -> VenueError? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        (Result<WebResponse, WebFailure>.failure(.outcomeUnknown("lost")), VenueError.Handling.outcomeUnknown),
        (.failure(.notSent("refused")), .retryable(after: nil)), (.failure(.tooLarge(limit: 5)), .outcomeUnknown),
        (text(200, "\u{1}"), .outcomeUnknown), (text(503, "unavailable"), .outcomeUnknown),
        (text(400, "insufficientFunds"), .permanent), (text(400, "authentication"), .fatal),
    ])
    func `an order is sent once, whatever comes back`(answer: Result<WebResponse, WebFailure>, handling: VenueError.Handling)
        async throws
    {
        let desk = try Desk { _, _ in answer }
        let instrument = try Fake.instrument()
        let error = await failure { () throws(VenueError) in _ = try await desk.trading.place(order(), instrument) }
        #expect(error?.handling == handling)
        #expect(desk.web.requests.count == 1)
    }

    @Test func `what changes nothing is asked again with growing waits, a bounded number of times`() async throws {
        let desk = try Desk { _, number in number < 3 ? .failure(.outcomeUnknown("lost")) : text(200, "USDT 5 0") }
        #expect(try await desk.trading.balances().map(\.asset) == ["USDT"])
        let waits = desk.clock.waits.withLock { $0 }
        #expect(waits == [.milliseconds(125), .milliseconds(250), .milliseconds(500)])
        let never = try Desk { _, _ in .failure(.outcomeUnknown("lost")) }
        let error = await failure { () throws(VenueError) in _ = try await never.trading.balances() }
        #expect(error?.kind == .requestTimeout)
        #expect(never.web.requests.count == 4)
    }

    @Test func `each attempt is signed anew with a higher nonce`() async throws {
        let desk = try Desk { _, number in number < 2 ? .failure(.outcomeUnknown("lost")) : text(200, "USDT 5 0") }
        _ = try await desk.trading.balances()
        let nonces = desk.web.requests.compactMap { $0.header("X-Nonce").flatMap { UInt64($0) } }
        #expect(nonces.count == 3)
        #expect(zip(nonces, nonces.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func `the permit is asked at the write, and what it refuses is not sent`() async throws {
        let refusal = VenueError(.rejected, .permanent, code: "gate", message: "the order gate is closed")
        let desk = try Desk(permit: { changes, isCancel in changes && !isCancel ? refusal : nil }) { _, _ in
            text(200, "1 a canceled buy 1 1 0")
        }
        let instrument = try Fake.instrument()
        let error = await failure { () throws(VenueError) in _ = try await desk.trading.place(order(), instrument) }
        #expect(error == refusal)
        #expect(desk.web.requests.isEmpty)
        #expect(try await desk.trading.cancel(.client(ClientOrderID("a")), instrument)?.status == .canceled)
    }

    @Test func `an order that is nowhere counts as not placed only after its end and the venue's own time`() async throws {
        let desk = try Desk { request, _ in
            switch request.path {
            case "/order": text(400, "orderNotFound")
            default: text(200, "")
            }
        }
        let start = desk.clock.now().wall
        let end = start.advanced(byMilliseconds: 5000)
        #expect(await desk.trading.lookUp(ClientOrderID("a"), try Fake.instrument(), until: end) == .notPlaced)
        // The venue's clock was never asked, so that two seconds are added for not knowing it.
        #expect(desk.clock.now().wall >= end.advanced(byMilliseconds: 2100))
        #expect(desk.paths(.post).isEmpty)
    }

    @Test func `an order that the venue shows late, or only by its fills, is found`() async throws {
        let late = try Desk { request, number in
            request.path == "/order"
                ? (number < 10 ? text(400, "orderNotFound") : text(200, "7 a open buy 90 1 0")) : text(200, "")
        }
        let end = late.clock.now().wall.advanced(byMilliseconds: 60_000)
        guard case .found(let report) = await late.trading.lookUp(ClientOrderID("a"), try Fake.instrument(), until: end) else {
            Issue.record("not found")
            return
        }
        #expect(report.venueOrderID == VenueOrderID("7"))
        let filled = try Desk { request, _ in
            switch request.path {
            case "/order": request.query == "venue=7" ? text(200, "7 a filled buy 90 1 1") : text(400, "orderNotFound")
            case "/fills": text(200, "1 7 a buy 90 1 5")
            default: text(200, "")
            }
        }
        guard case .found(let second) = await filled.trading.lookUp(ClientOrderID("a"), try Fake.instrument(), until: end) else {
            Issue.record("not found")
            return
        }
        #expect(second.status == .filled)
    }

    @Test func `while the venue does not answer an order stays unknown`() async throws {
        let desk = try Desk { request, _ in
            request.path == "/fills" ? .failure(.outcomeUnknown("lost")) : text(400, "orderNotFound")
        }
        let end = desk.clock.now().wall
        #expect(
            await desk.trading.lookUp(ClientOrderID("a"), try Fake.instrument(), until: end, patience: .seconds(20))
                == .stillUnknown)
        #expect(desk.clock.now().wall >= end.advanced(byMilliseconds: 20_000))
    }

    @Test(arguments: [
        ("paper-fake", "real", false), ("paper-fake", "paper-x", true), ("kraken", "paper-x", false), ("kraken", "real", true),
    ])
    func `paper keys go to paper venues and no others`(venue: String, key: String, isRight: Bool) throws {
        let make = { try Desk(credentials: Credentials(key: key, secret: "topsecret"), venue: venue) { _, _ in text(200, "") } }
        guard !isRight else {
            _ = try make()
            return
        }
        let error = #expect(throws: VenueError.self) { _ = try make() }
        #expect(error?.handling == .fatal)
        #expect(error?.description.contains("topsecret") == false)
        #expect(error?.description.contains(key) == false)
    }

    @Test func `too many requests close the gate, and what waits too long is not sent`() async throws {
        let desk = try Desk { _, number in number == 0 ? text(418, "banned") : text(200, "USDT 5 0") }
        let error = await failure { () throws(VenueError) in _ = try await desk.trading.balances() }
        #expect(error?.kind == .rateLimited)
        #expect(error?.code == "budget")
        #expect(desk.web.requests.count == 1)
    }

    @Test func `a full budget is waited for`() async throws {
        let desk = try Desk { _, _ in text(200, "5") }
        for _ in 0..<4900 { _ = try await desk.market.gate.enter([BudgetCharge("weight", 1)], patience: .seconds(120)) }
        #expect(desk.clock.waits.withLock { $0.count } == 1)
        let error = await failure { () throws(VenueError) in
            _ = try await desk.market.gate.enter([BudgetCharge("weight", 6001)], patience: .seconds(1))
        }
        #expect(error?.handling == .permanent)
    }

    @Test func `candles come page by page, each once, up to the end asked for`() async throws {
        let desk = try Desk { request, _ in
            let from = Int64(request.query.split(separator: "&")[0].dropFirst(5)) ?? 0
            let first = max(0, (from + 59_999) / 60_000)
            return text(200, (first..<min(first + 10, 35)).map { "\($0 * 60_000) 1" }.joined(separator: " "))
        }
        let instrument = try Fake.instrument()
        let all = try await desk.market.candles(instrument, .oneMinute, from: Timestamp(milliseconds: 30_000))
        #expect(all.map(\.time.milliseconds) == (1..<35).map { Int64($0) * 60_000 })
        let some = try await desk.market.candles(
            instrument, .oneMinute, from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: 12 * 60_000))
        #expect(some.count == 12)
    }

    @Test func `without a stored mark no nonce is used`() async throws {
        struct Full: Error {}
        let nonces = NonceKeeper(stored: 5) { _ in throw Full() }
        let error = await failure { () throws(VenueError) in _ = try await nonces.next(wallMicroseconds: 100) }
        #expect(error?.handling == .fatal)
        let again = await failure { () throws(VenueError) in _ = try await nonces.next(wallMicroseconds: 100) }
        #expect(again?.handling == .fatal)
    }
}
