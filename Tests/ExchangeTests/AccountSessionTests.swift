import Exchange
import Market
import Money
import Testing

/// Drives a session by hand and keeps what it wanted and told.
private struct Driver {
    var session: AccountSession
    var now = Duration.zero
    var wanted: [AccountSession.Directive] = []
    var told: [AccountStreamEvent] = []

    init(_ change: (inout AccountSession.Settings) -> Void = { _ in }) {
        var settings = AccountSession.Settings()
        change(&settings)
        session = AccountSession(settings: settings)
    }

    mutating func obey(_ directives: [AccountSession.Directive]) {
        for directive in directives {
            if case .emit(let event) = directive { told.append(event) } else { wanted.append(directive) }
        }
    }

    mutating func receive(_ id: Int, _ input: AccountInput) { obey(session.received(id, input, now: now, random: 0)) }

    mutating func wait(_ time: Duration) {
        now += time
        obey(session.tick(now: now, random: 0))
    }

    /// Through to `ready` on this connection.
    mutating func comeUp(_ id: Int, reconciliation: Int, request: Int64) {
        obey(session.opened(id, now: now))
        obey(session.subscribing(id, messages: 1, now: now))
        receive(id, .acknowledged(id: request, error: nil))
        obey(session.reconciled(reconciliation, fills: []))
    }
}

struct AccountSessionTests {
    private func fill(_ id: String) -> Fill {
        Fill(
            tradeID: id, venueOrderID: VenueOrderID("1"), clientOrderID: nil, symbol: "X", side: .buy, price: .zero,
            quantity: .zero,
            fee: .zero, feeAsset: "X", isMaker: nil, time: Timestamp(milliseconds: 0))
    }

    private func order(_ fill: Fill?) -> AccountEvent {
        .order(
            OrderReport(
                venueOrderID: VenueOrderID("1"), clientOrderID: nil, symbol: "X", status: .open, side: .buy, type: "LIMIT"),
            fill: fill)
    }

    @Test func `nothing is ready before what was missed has been read; what came meanwhile follows, no fill twice`() {
        var driver = Driver { $0.usesToken = true }
        driver.obey(driver.session.start(now: .zero, random: 0))
        driver.obey(driver.session.token("t", for: 1, now: .zero))
        driver.obey(driver.session.opened(1, now: .zero))
        // The answer may come before the shell has told that it asked.
        driver.receive(1, .acknowledged(id: 1, error: nil))
        driver.obey(driver.session.subscribing(1, messages: 1, now: .zero))
        driver.receive(1, .events([order(fill("a")), order(fill("b"))]))
        #expect(driver.told.isEmpty)
        driver.obey(driver.session.reconciled(1, fills: [fill("a")]))
        driver.receive(1, .events([order(fill("b")), order(fill("c"))]))
        #expect(
            driver.told == [
                .ready, .account(order(nil)), .account(order(fill("b"))), .account(order(nil)), .account(order(fill("c"))),
            ])
        #expect(
            driver.wanted == [
                .fetchToken(1, after: .zero), .connect(1, token: "t", after: .zero), .subscribe(1, token: "t", firstID: 1),
                .reconcile(1, after: .zero),
            ])
    }

    @Test func `of the fills that are read again those are told that were not, by whatever name their instrument goes`() {
        var session = AccountSession(settings: AccountSession.Settings()) { $0 == "Y" ? "X" : $0 }
        _ = session.start(now: .zero, random: 0)
        _ = session.opened(1, now: .zero)
        _ = session.subscribing(1, messages: 0, now: .zero)
        _ = session.reconciled(1, fills: [fill("a")])
        _ = session.received(1, .events([order(fill("c"))]), now: .zero, random: 0)
        var again = [fill("a"), fill("b"), fill("c")]
        #expect(session.untold(again) == [fill("b")])
        for index in again.indices { again[index].symbol = "Y" }
        #expect(session.untold(again) == [again[1]])
        for index in again.indices { again[index].symbol = "Z" }
        #expect(session.untold(again) == again)
    }

    @Test func `a lost connection is told and everything begins again`() {
        var driver = Driver()
        driver.obey(driver.session.start(now: .zero, random: 0))
        driver.comeUp(1, reconciliation: 1, request: 1)
        #expect(driver.session.isReady)
        driver.obey(driver.session.failed(1, reason: "cut", now: .zero, random: 0))
        #expect(driver.told == [.ready, .lost("cut")])
        driver.receive(1, .events([order(nil)]))
        driver.comeUp(2, reconciliation: 2, request: 2)
        #expect(driver.told == [.ready, .lost("cut"), .ready])
        driver.receive(2, .events([.ended(reason: "expired")]))
        #expect(driver.told.last == .lost("expired"))
    }

    @Test func `a reconciliation that fails is repeated with growing waits`() {
        var driver = Driver()
        driver.obey(driver.session.start(now: .zero, random: 0))
        driver.obey(driver.session.opened(1, now: .zero))
        driver.obey(driver.session.subscribing(1, messages: 0, now: .zero))
        driver.obey(driver.session.reconcileFailed(1, now: .zero))
        driver.obey(driver.session.reconcileFailed(2, now: .zero))
        #expect(!driver.session.isReady)
        driver.receive(1, .heartbeat)
        #expect(
            driver.wanted.suffix(3) == [
                .reconcile(1, after: .zero), .reconcile(2, after: .milliseconds(500)), .reconcile(3, after: .seconds(1)),
            ])
    }

    @Test func `a reading that comes late counts, and each is given longer; one of an earlier connection is none`() {
        var driver = Driver { $0.silenceLimit = .seconds(10_000) }
        driver.obey(driver.session.start(now: .zero, random: 0))
        driver.obey(driver.session.opened(1, now: .zero))
        driver.obey(driver.session.subscribing(1, messages: 0, now: .zero))
        driver.wait(.seconds(60))
        #expect(driver.wanted.last == .reconcile(2, after: .milliseconds(500)))
        driver.wait(.seconds(120))
        #expect(driver.wanted.last == .reconcile(2, after: .milliseconds(500)))
        driver.wait(.seconds(1))
        #expect(driver.wanted.last == .reconcile(3, after: .seconds(1)))
        driver.obey(driver.session.reconciled(1, fills: []))
        #expect(driver.session.isReady)
        driver.obey(driver.session.failed(1, reason: "cut", now: driver.now, random: 0))
        driver.obey(driver.session.opened(2, now: driver.now))
        driver.obey(driver.session.subscribing(2, messages: 0, now: driver.now))
        driver.obey(driver.session.reconciled(3, fills: []))
        #expect(!driver.session.isReady)
        driver.obey(driver.session.reconciled(4, fills: []))
        #expect(driver.session.isReady)
    }

    @Test func `each attempt has more time for its token and its subscription, until the stream is ready`() {
        var driver = Driver {
            $0.usesToken = true
            $0.reconnect.first = .zero
        }
        driver.obey(driver.session.start(now: .zero, random: 0))
        // A token may wait for the budget of requests; each that is given up costs it once more.
        driver.wait(.seconds(59))
        #expect(driver.session.lostConnections == 0)
        driver.wait(.seconds(1))
        #expect(driver.session.lostConnections == 1)
        driver.wait(.seconds(119))
        #expect(driver.session.lostConnections == 1)
        driver.obey(driver.session.token("t", for: 2, now: driver.now))
        driver.obey(driver.session.opened(2, now: driver.now))
        driver.wait(.seconds(19))
        #expect(driver.session.lostConnections == 1)
        driver.wait(.seconds(1))
        #expect(driver.session.lostConnections == 2)
        driver.obey(driver.session.token("t", for: 3, now: driver.now))
        driver.comeUp(3, reconciliation: 1, request: 1)
        #expect(driver.told == [.ready])
        driver.obey(driver.session.failed(3, reason: "gone", now: driver.now, random: 0))
        driver.wait(.seconds(60))
        #expect(driver.session.lostConnections == 4)
    }

    @Test func `the token is renewed in time; silence, age and every missing answer end the connection`() {
        var driver = Driver {
            $0.usesToken = true
            $0.renewal = .seconds(1800)
            $0.silenceLimit = .seconds(4000)
        }
        driver.obey(driver.session.start(now: .zero, random: 0))
        driver.wait(.seconds(60))
        #expect(driver.wanted.contains(.fetchToken(2, after: .milliseconds(250))))
        driver.obey(driver.session.token("t", for: 2, now: driver.now))
        driver.comeUp(2, reconciliation: 1, request: 1)
        driver.wait(.seconds(1800))
        #expect(driver.wanted.last == .renewToken("t"))
        driver.obey(driver.session.renewalFailed("t", reason: "gone", now: driver.now, random: 0))
        #expect(!driver.session.isReady)
        driver.obey(driver.session.token("u", for: 3, now: driver.now))
        driver.comeUp(3, reconciliation: 2, request: 2)
        driver.wait(.seconds(2000))
        #expect(driver.wanted.contains(.ping(3)))
        driver.wait(.seconds(2000))
        #expect(driver.wanted.contains(.close(3)))
    }

    @Test func `an unreadable message and a refused subscription are told`() {
        var driver = Driver()
        let error = VenueError(.malformedAnswer, .retryable(after: nil), code: "malformed", message: "x")
        driver.obey(driver.session.start(now: .zero, random: 0))
        driver.comeUp(1, reconciliation: 1, request: 1)
        driver.obey(driver.session.unreadable(1, error, now: .zero, random: 0))
        #expect(driver.told == [.ready, .unreadable(error), .lost(error.description)])
        driver.obey(driver.session.opened(2, now: .zero))
        driver.receive(2, .acknowledged(id: nil, error: error))
        #expect(driver.told.last == .refused(error))
        #expect(driver.session.lostConnections == 2)
        #expect(driver.session.unreadableMessages == 1)
    }

    /// Whatever happens in whatever order, a directive is never for a connection that is closed, and `ready` follows each loss.
    @Test(arguments: [1, 2, 3, 4]) func `events of closed connections change nothing`(seed: UInt64) {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var driver = Driver { $0.usesToken = true }
        driver.obey(driver.session.start(now: .zero, random: 0))
        var isReady = false
        var seen = 0
        for _ in 0..<60_000 {
            driver.now += .milliseconds(random.below(3000))
            let id = random.below(max(1, driver.session.lostConnections + 2)) + 1
            switch random.below(8) {
            case 0: driver.obey(driver.session.token("t", for: id, now: driver.now))
            case 1: driver.obey(driver.session.opened(id, now: driver.now))
            case 2: driver.obey(driver.session.subscribing(id, messages: random.below(2), now: driver.now))
            case 3: driver.receive(id, .acknowledged(id: nil, error: nil))
            case 4: driver.receive(id, .events([order(fill("\(random.below(1000))"))]))
            case 5:
                if case .reconcile(let number, _)? = driver.wanted.last {
                    driver.obey(driver.session.reconciled(number, fills: []))
                }
            case 6:
                if random.chance(10) {
                    driver.obey(driver.session.failed(id, reason: "cut", now: driver.now, random: random.next()))
                }
            default: driver.wait(.milliseconds(random.below(100)))
            }
            for event in driver.told[seen...] {
                switch event {
                case .ready:
                    #expect(!isReady)
                    isReady = true
                case .lost:
                    #expect(isReady)
                    isReady = false
                case .account: #expect(isReady)
                case .refused, .unreadable: break
                }
            }
            seen = driver.told.count
            #expect(driver.session.isReady == isReady)
        }
        #expect(driver.session.lostConnections > 100)
    }
}
