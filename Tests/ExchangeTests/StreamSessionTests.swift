import Exchange
import Market
import Money
import Testing

/// Drives a session by hand and keeps what it told.
private struct Driver {
    var session: StreamSession
    var now = Duration.zero
    var connects: [Int] = []
    var sent: [(Int, String)] = []
    var closed: [Int] = []
    var fetches: [StreamFill] = []
    var pings: [Int] = []
    var told: [StreamEvent] = []

    init(_ subscriptions: [MarketSubscription], _ change: (inout StreamSession.Settings) -> Void = { _ in }) {
        var settings = StreamSession.Settings()
        settings.spacing = .zero
        change(&settings)
        session = StreamSession(subscriptions, settings: settings) { part, id in ["subscribe \(id) x\(part.count)"] }
    }

    mutating func obey(_ directives: [StreamSession.Directive]) {
        for directive in directives {
            switch directive {
            case .connect(let id, _): connects.append(id)
            case .send(let id, let text): sent.append((id, text))
            case .close(let id): closed.append(id)
            case .fetch(let fill, _): fetches.append(fill)
            case .ping(let id): pings.append(id)
            case .emit(let event): told.append(event)
            }
        }
    }

    mutating func start() { obey(session.start(now: now, random: 0)) }
    mutating func open(_ id: Int) { obey(session.opened(id, now: now)) }
    mutating func fail(_ id: Int) { obey(session.failed(id, reason: "cut", now: now, random: 0)) }
    mutating func receive(_ id: Int, _ input: StreamInput) { obey(session.received(id, input, now: now, random: 0)) }
    mutating func trades(_ id: Int, _ ids: ClosedRange<Int64>) { receive(id, .events(ids.map { .trade(Sample.trade($0)) })) }
    mutating func acknowledge(_ id: Int, _ request: Int64) { receive(id, .acknowledged(id: request, error: nil)) }
    mutating func tick() { obey(session.tick(now: now, random: 0)) }

    mutating func wait(_ time: Duration) {
        now += time
        tick()
    }

    var tradeIDs: [Int64] {
        told.compactMap { if case .market(.trade(let trade)) = $0 { trade.tradeID } else { nil } }
    }

    var candles: [MarketCandle] {
        told.compactMap { if case .market(.candle(let candle)) = $0 { candle } else { nil } }
    }

    var isComplete: [Bool] { told.compactMap { if case .resumed(_, let complete) = $0 { complete } else { nil } } }
    var gaps: [StreamGap] { told.compactMap { if case .gap(_, let gap) = $0 { gap } else { nil } } }
}

struct StreamSessionTests {
    @Test func `it subscribes in parts and is live when all are answered`() throws {
        let instruments = try (0..<5).map { try Sample.instrument("C\($0)") }
        var driver = Driver(instruments.map { .trades($0) }) { $0.chunk = 2 }
        driver.start()
        driver.open(1)
        driver.tick()
        driver.tick()
        #expect(driver.sent.map(\.1) == ["subscribe 1 x2", "subscribe 2 x2", "subscribe 3 x1"])
        for id in 1...3 { driver.acknowledge(1, Int64(id)) }
        #expect(driver.session.isLive)
        #expect(driver.isComplete == [true, true, true, true, true])
        let foreign = Sample.trade(1, symbol: "DOGEUSDT")
        driver.receive(1, .events([.trade(foreign)]))
        #expect(driver.session.unexpectedEvents == 1)
    }

    @Test func `after a lost connection the missed trades come from REST, in order and once, before those that waited`() throws {
        var driver = Driver([.trades(try Sample.instrument())])
        driver.start()
        driver.open(1)
        driver.acknowledge(1, 1)
        driver.trades(1, 1...5)
        driver.fail(1)
        driver.open(2)
        driver.acknowledge(2, 2)
        driver.trades(2, 9...10)
        #expect(driver.tradeIDs == [1, 2, 3, 4, 5])
        let fill = try #require(driver.fetches.first)
        #expect(fill.what == .trades(try Sample.instrument(), after: 5))
        driver.obey(driver.session.filled(fill.id, trades: (3...9).reversed().map { Sample.trade($0, symbol: "other") }))
        driver.trades(2, 10...11)
        #expect(driver.tradeIDs == Array(1...11))
        #expect(driver.gaps == [.disconnected("cut")])
        #expect(driver.isComplete == [true, true])
    }

    @Test func `what REST does not reach is told as lost`() throws {
        var driver = Driver([.trades(try Sample.instrument())])
        driver.start()
        driver.open(1)
        driver.acknowledge(1, 1)
        driver.trades(1, 1...5)
        driver.fail(1)
        driver.open(2)
        driver.acknowledge(2, 2)
        driver.obey(driver.session.filled(try #require(driver.fetches.last).id, trades: (100...110).map { Sample.trade($0) }))
        #expect(driver.tradeIDs == Array(1...5) + Array(100...110))
        #expect(driver.isComplete == [true, false])
        driver.fail(2)
        driver.open(3)
        driver.acknowledge(3, 3)
        for _ in 0..<5 { driver.obey(driver.session.fillFailed(try #require(driver.fetches.last).id)) }
        #expect(driver.isComplete == [true, false, false])
        #expect(driver.session.isLive)
    }

    @Test func `a message lost in the stream is found by the numbers; numbers that are left out end the search`() throws {
        var driver = Driver([.trades(try Sample.instrument())])
        driver.start()
        driver.open(1)
        driver.acknowledge(1, 1)
        driver.trades(1, 1...2)
        driver.trades(1, 5...5)
        #expect(driver.gaps == [.missing(after: 2, before: 5)])
        // REST is behind the stream: it is asked again.
        driver.obey(driver.session.filled(try #require(driver.fetches.last).id, trades: (1...3).map { Sample.trade($0) }))
        #expect(driver.fetches.count == 2)
        driver.obey(driver.session.filled(try #require(driver.fetches.last).id, trades: (1...5).map { Sample.trade($0) }))
        #expect(driver.tradeIDs == [1, 2, 3, 4, 5])
        for id in [Int64(10), 20, 30, 40, 50] {
            let before = driver.fetches.count
            let last = try #require(driver.tradeIDs.last)
            driver.trades(1, id...id)
            if driver.fetches.count > before {
                driver.obey(
                    driver.session.filled(try #require(driver.fetches.last).id, trades: [Sample.trade(last), Sample.trade(id)]))
            }
        }
        #expect(driver.tradeIDs.suffix(5) == [10, 20, 30, 40, 50])
        #expect(driver.gaps.count == 4)
    }

    @Test func `a candle whose end was not seen comes from REST, each closed candle once`() throws {
        let instrument = try Sample.instrument()
        var driver = Driver([.candles(instrument, .oneMinute)])
        func event(_ minute: Int64, _ closed: Bool?, close: Double) -> StreamInput {
            .events([
                .candle(
                    MarketCandle(
                        symbol: "BTCUSDT", timeframe: .oneMinute, candle: Sample.candle(minute, close: close), isClosed: closed))
            ])
        }
        driver.start()
        driver.open(1)
        driver.acknowledge(1, 1)
        driver.receive(1, event(10, false, close: 1))
        driver.receive(1, event(10, true, close: 2))
        driver.receive(1, event(11, false, close: 3))
        driver.receive(1, event(13, false, close: 9))
        let fill = try #require(driver.fetches.last)
        #expect(fill.what == .candles(instrument, .oneMinute, from: Timestamp(milliseconds: 660_000)))
        driver.obey(
            driver.session.filled(
                fill.id, candles: [Sample.candle(11, close: 4), Sample.candle(12, close: 5), Sample.candle(13, close: 8)],
                isCut: false))
        let closed = driver.candles.filter { $0.isClosed == true }
        #expect(closed.map(\.candle.close) == [2, 4, 5])
        #expect(driver.candles.last?.candle.close == 9)
        #expect(driver.isComplete == [true, true])
        driver.receive(1, event(13, true, close: 9))
        driver.receive(1, event(13, true, close: 9))
        driver.receive(1, event(12, true, close: 5))
        #expect(driver.candles.filter { $0.isClosed == true }.count == 4)
    }

    @Test func `where the venue does not tell, a candle ends when the next begins`() throws {
        var driver = Driver([.candles(try Sample.instrument(), .oneMinute)])
        driver.start()
        driver.open(1)
        driver.acknowledge(1, 1)
        for (minute, close) in [(1, 1.0), (1, 2.0), (2, 3.0), (3, 4.0)] as [(Int64, Double)] {
            driver.receive(
                1,
                .events([
                    .candle(
                        MarketCandle(
                            symbol: "btcusdt", timeframe: .oneMinute, candle: Sample.candle(minute, close: close), isClosed: nil))
                ]))
        }
        #expect(driver.candles.filter { $0.isClosed == true }.map(\.candle.close) == [2, 3])
        #expect(driver.fetches.isEmpty)
    }

    @Test func `silence is first asked about, then ends the connection; so does a missing answer`() throws {
        var driver = Driver([.quote(try Sample.instrument())])
        driver.start()
        driver.open(1)
        driver.acknowledge(1, 1)
        driver.wait(.seconds(15))
        #expect(driver.pings == [1])
        driver.wait(.seconds(14))
        #expect(driver.closed.isEmpty)
        driver.wait(.seconds(1))
        #expect(driver.closed == [1])
        driver.open(2)
        driver.wait(.seconds(10))
        #expect(driver.closed == [1, 2])
        driver.wait(.seconds(16))
        #expect(driver.closed == [1, 2, 3])
    }

    /// Time goes on from deadline to deadline, as in the shell.
    @Test(arguments: [Duration.seconds(5), .seconds(60), .seconds(200)])
    func `a venue silent past its limit is connected to anew and what was missed is filled in`(limit: Duration) throws {
        var driver = Driver([.trades(try Sample.instrument())]) { $0.silenceLimit = limit }
        driver.start()
        driver.open(1)
        driver.acknowledge(1, 1)
        driver.trades(1, 1...3)
        let heard = driver.now
        while driver.connects == [1], let next = driver.session.nextDeadline {
            driver.wait(next - driver.now)
        }
        #expect(driver.now == heard + limit)
        #expect(driver.pings == [1] && driver.closed == [1] && driver.connects == [1, 2])
        #expect(driver.gaps == [.disconnected("nothing heard for \(limit.wholeMilliseconds) ms")])
        driver.open(2)
        driver.acknowledge(2, 2)
        let fill = try #require(driver.fetches.last)
        driver.obey(driver.session.filled(fill.id, trades: (1...6).map { Sample.trade($0) }))
        driver.trades(2, 7...8)
        #expect(driver.tradeIDs == Array(1...8))
        #expect(driver.isComplete == [true, true])
    }

    @Test func `a venue that answers pings and says nothing else is kept`() throws {
        var driver = Driver([.trades(try Sample.instrument())]) { $0.silenceLimit = .seconds(5) }
        driver.start()
        driver.open(1)
        driver.acknowledge(1, 1)
        for count in 1...100 {
            while driver.pings.count < count, let next = driver.session.nextDeadline { driver.wait(next - driver.now) }
            driver.session.heard(1, now: driver.now)
        }
        #expect(driver.connects == [1] && driver.closed.isEmpty && driver.now >= .seconds(240))
    }

    @Test(arguments: [true, false]) func `the next connection runs beside the old one before it takes over`(announced: Bool)
        throws
    {
        var driver = Driver([.trades(try Sample.instrument())]) { $0.silenceLimit = .seconds(100_000) }
        driver.start()
        driver.open(1)
        driver.acknowledge(1, 1)
        driver.trades(1, 1...3)
        if announced { driver.receive(1, .closingSoon) } else { driver.wait(.seconds(23 * 3600)) }
        #expect(driver.connects == [1, 2])
        driver.open(2)
        driver.acknowledge(2, 2)
        driver.trades(2, 4...6)
        driver.trades(1, 4...5)
        driver.wait(.seconds(2))
        #expect(driver.closed == [1])
        driver.trades(2, 7...8)
        #expect(driver.tradeIDs == Array(1...8))
        #expect(driver.gaps.isEmpty)
    }

    @Test func `when the old connection breaks early the next one takes over with what it brought`() throws {
        var driver = Driver([.trades(try Sample.instrument())])
        driver.start()
        driver.open(1)
        driver.acknowledge(1, 1)
        driver.trades(1, 1...3)
        driver.receive(1, .closingSoon)
        driver.open(2)
        driver.trades(2, 5...6)
        driver.fail(1)
        driver.acknowledge(2, 2)
        driver.obey(driver.session.filled(try #require(driver.fetches.last).id, trades: (2...5).map { Sample.trade($0) }))
        #expect(driver.tradeIDs == Array(1...6))
        #expect(driver.isComplete == [true, true])
        #expect(driver.connects == [1, 2])
    }

    @Test func `an unreadable message is told and the connection made anew; a refusal for good is told and the rest goes on`()
        throws
    {
        var driver = Driver([.trades(try Sample.instrument())])
        driver.start()
        driver.open(1)
        driver.receive(1, .acknowledged(id: 1, error: VenueError(.badSymbol, .permanent, code: "x", message: "no such symbol")))
        #expect(driver.session.isLive)
        let error = VenueError(.malformedAnswer, .retryable(after: nil), code: "malformed", message: "bytes")
        driver.obey(driver.session.unreadable(1, error, now: driver.now, random: 0))
        #expect(driver.closed == [1])
        #expect(driver.connects == [1, 2])
        #expect(driver.told.contains(.unreadable(error)))
        #expect(driver.gaps.count == 1)
        #expect(driver.session.unreadableMessages == 1)
    }

    /// A venue with numbered trades over a wire that loses, doubles and cuts.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    func `whatever the wire does, each trade comes once and in order, or its loss is told`(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var driver = Driver([.trades(try Sample.instrument())]) { $0.maximumAge = .seconds(60) }
        var last: Int64 = 0
        var open: [Int: Bool] = [:]
        var handled = (connects: 0, sent: 0, closed: 0, fetches: 0)
        driver.start()
        for _ in 0..<6000 {
            driver.now += .milliseconds(random.below(200))
            driver.tick()
            for id in driver.closed[handled.closed...] { open[id] = nil }
            handled.closed = driver.closed.count
            if handled.connects < driver.connects.count, random.chance(30) {
                let id = driver.connects[handled.connects]
                handled.connects += 1
                if random.chance(70) {
                    open[id] = false
                    driver.open(id)
                } else {
                    driver.fail(id)
                }
            }
            if handled.sent < driver.sent.count, random.chance(60) {
                let (id, text) = driver.sent[handled.sent]
                handled.sent += 1
                if open[id] != nil {
                    open[id] = true
                    let number = Int64(text.split(separator: " ")[1])
                    if random.chance(97) { driver.receive(id, .acknowledged(id: number, error: nil)) }
                }
            }
            for _ in 0..<random.below(4) {
                last += 1
                for (id, subscribed) in open.sorted(by: { $0.key < $1.key }) where subscribed {
                    if random.chance(98) { driver.trades(id, last...last) }
                    if random.chance(2) { driver.trades(id, last...last) }
                }
            }
            if random.chance(1), let id = open.keys.sorted().first {
                open[id] = nil
                driver.fail(id)
            }
            if handled.fetches < driver.fetches.count, random.chance(40) {
                let fill = driver.fetches[handled.fetches]
                handled.fetches += 1
                if random.chance(20) {
                    driver.obey(driver.session.fillFailed(fill.id))
                } else if last > 0 {
                    driver.obey(driver.session.filled(fill.id, trades: (max(1, last - 60)...last).map { Sample.trade($0) }))
                }
            }
        }
        let ids = driver.tradeIDs
        #expect(ids.count > 3000)
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        // Between two trades that do not follow each other somebody was told of a loss.
        var before: Int64?
        var toldLoss = true
        for event in driver.told {
            switch event {
            case .market(.trade(let trade)):
                if let before, trade.tradeID != before + 1 { #expect(toldLoss) }
                before = trade.tradeID
                toldLoss = false
            case .gap: toldLoss = true
            case .resumed(_, let complete): toldLoss = toldLoss || !complete
            default: break
            }
        }
        #expect(driver.gaps.count > 10)
    }
}
