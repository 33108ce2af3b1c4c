import Backtesting
import Exchange
import LiveGates
import Market
import Money
import Orders
import Risk
import Strategies
import SyntheticMarket
import Testing
import Trading
import TradingJournal
import TradingLoop

@testable import LiveJob

/// A live job by hand: one pair, a book, candles that say buy, and answers as a test wants them.
struct LiveBench {
    let pair: Pair
    var setup: LiveSetup
    var instance: LiveInstance
    var journal: [[UInt8]] = []
    var now = Timestamp(milliseconds: 1_750_000_020_000)
    var last = LiveInstance.Output()

    init(_ change: (inout LiveSetup) -> Void = { _ in }) throws {
        var random = SplitMix64(seed: 5)
        pair = try #require(Pair("BTC/USDT"))
        setup = LiveSetup(&random)
        setup.trading.rules.stakeAmount = .fixed(150)
        setup.trading.rules.maxOpenTrades = 1
        setup.trading.rules.entryOrderType = .limit
        setup.trading.entryPricing.side = .other
        setup.trading.orderTypes.stoplossOnExchange = false
        setup.policy = RiskPolicy()
        change(&setup)
        instance = try Self.make(setup, pair)
    }

    static func make(_ setup: LiveSetup, _ pair: Pair) throws -> LiveInstance {
        var listing = TradedInstrument(
            pair: pair, symbol: "BTCUSDT", streamSymbol: "BTCUSDT", priceTick: Price(units: 1, decimals: 2),
            quantityStep: Quantity(units: 1, decimals: 5))
        listing.minimumNotional = Amount("5")
        var trading = setup.trading
        trading.rules.stakeCurrency = "USDT"
        var settings = LiveInstance.Settings()
        settings.deadMan = setup.deadMan
        return try LiveInstance(
            settings: settings, trading: trading, strategy: Flicker(values: .init(defaultsOf: [])), whitelist: [pair],
            instruments: [listing],
            identity: OrderIdentity(owner: 1, job: 2, token: 3), account: "paper-binance/main", policy: setup.policy,
            budget: .policyOnly)
    }

    var instant: RiskInstant { RiskInstant(time: now, clock: now.milliseconds * 1_000_000) }

    /// What the value answered; its records are committed.
    @discardableResult
    mutating func feed(_ body: (inout LiveInstance, RiskInstant) throws -> LiveInstance.Output) rethrows -> LiveInstance.Output {
        last = try body(&instance, instant)
        journal += last.records.map { $0.encoded }
        return last
    }

    mutating func pass(_ milliseconds: Int64) { now = now.advanced(byMilliseconds: milliseconds) }

    mutating func start() throws {
        var books = TradingBooks()
        for bytes in journal { try books.take(bytes) }
        let candles = (0..<31).map { row in
            let time = Timestamp(milliseconds: Timeframe.oneMinute.floor(now).milliseconds - Int64(31 - row) * 60_000)
            let price = 20_000 + Double(row % 3)
            return Candle(time: time, open: price, high: price + 1, low: price - 1, close: price, volume: 1)
        }
        let pair = pair
        feed { $0.history(pair, Candles(candles), now: $1) }
        book("20000")
        try feed { try $0.start(books, now: $1) }
    }

    mutating func book(_ bid: String) {
        guard let price = Price(bid), let ask = price.adding(Price(units: 1, decimals: 2)), let size = Quantity("10") else {
            return
        }
        let pair = pair
        feed { $0.book(pair, bids: [BookLevel(price, size)], asks: [BookLevel(ask, size)], now: $1) }
    }

    /// Answers the newest request for a reading.
    mutating func read(_ usdt: String = "1000", btc: String = "0", open: [OrderReport] = [], fills: [Fill] = []) {
        guard let number = readings.last else { return }
        let balances = [("BTC", btc), ("USDT", usdt)].map { Balance(asset: $0.0, free: Amount($0.1) ?? .zero, locked: .zero) }
        feed { $0.reconciled(.init(openOrders: open, fills: fills, balances: balances), number: number, now: $1) }
    }

    var readings: [Int] {
        last.directives.compactMap { if case .reconcile(let request, _) = $0 { request.number } else { nil } }
    }

    /// Up to where entries are made: read, the stream ready, read again, the gate open.
    mutating func ready(_ usdt: String = "1000", gate: GateMode = .active) throws {
        try start()
        read(usdt)
        feed { $0.streamReady(now: $1) }
        read(usdt)
        feed { $0.gate(gate, now: $1) }
        pass(6000)
    }

    /// Ticks until the loop asks for something, a minute at most.
    mutating func tick() -> [OrderSending] {
        var result: [OrderSending] = []
        for _ in 0..<12 where result.isEmpty {
            feed { $0.tick(now: $1) }
            result = sent
            if result.isEmpty { pass(5000) }
        }
        return result
    }

    var sent: [OrderSending] { last.directives.compactMap { if case .place(let sending) = $0 { sending } else { nil } } }
    var canceled: [[OrderLeft]] {
        last.directives.compactMap { if case .canceled(let remaining) = $0 { remaining } else { nil } }
    }

    func report(_ sending: OrderSending, _ status: OrderReport.Status, filled: Quantity? = nil) -> OrderReport {
        var report = OrderReport(
            venueOrderID: VenueOrderID("V\(sending.ticket)"), clientOrderID: sending.intent.clientOrderID, symbol: "BTCUSDT",
            status: status, side: sending.intent.side, type: "limit")
        report.quantity = sending.intent.quantity
        report.filled = filled ?? (status == .filled ? sending.intent.quantity : .zero)
        return report
    }

    /// The venue fills all of an order at a price.
    mutating func fill(_ sending: OrderSending, _ price: String) {
        let fill = Fill(
            tradeID: "T\(sending.ticket)", venueOrderID: VenueOrderID("V\(sending.ticket)"),
            clientOrderID: sending.intent.clientOrderID, symbol: "BTCUSDT", side: sending.intent.side,
            price: Price(price) ?? .zero, quantity: sending.intent.quantity, fee: .zero, feeAsset: "USDT", isMaker: true,
            time: now)
        let report = report(sending, .filled)
        feed { $0.accountEvent(.order(report, fill: fill), now: $1) }
    }

    func books() throws -> TradingBooks {
        var books = TradingBooks()
        for bytes in journal { try books.take(bytes) }
        return books
    }

    var statuses: [Orders.OrderStatus] {
        instance.orders.ledger.orders.values.sorted { $0.ticket < $1.ticket }.map(\.status)
    }
}

@Suite struct LiveInstanceTests {
    @Test func `nothing is placed before the venue was read, the stream tells all and the gate is open`() throws {
        var bench = try LiveBench()
        try bench.start()
        bench.feed { $0.gate(.active, now: $1) }
        #expect(bench.tick().isEmpty)
        bench.feed { $0.streamReady(now: $1) }
        #expect(bench.tick().isEmpty)
        var open = try LiveBench()
        try open.ready(gate: .reducing)
        #expect(open.tick().isEmpty)
        open.feed { $0.gate(.active, now: $1) }
        let sent = open.tick()
        #expect(sent.count == 1)
        let order = try #require(sent.first)
        #expect(order.effect == .adds)
        #expect(order.end == open.now.advanced(byMilliseconds: 1500))
        #expect(order.intent.deadline == order.end)
        // The record stands in the same output, before the order may go out.
        #expect(
            open.last.records.contains {
                if case .intended(let intended) = $0 { intended.request.ticket == order.ticket } else { false }
            })
    }

    @Test func `the end of an entry is at most a second after the trading lease`() throws {
        var bench = try LiveBench()
        try bench.ready()
        bench.instance.leaseEnd = bench.now.advanced(byMilliseconds: 300)
        let order = try #require(bench.tick().first)
        #expect(order.end == bench.now.advanced(byMilliseconds: 1300))
    }

    @Test func `a refusal by a limit is a denied order with its code, of which the loop hears`() throws {
        var bench = try LiveBench {
            $0.policy.maxOrderValue = nil; $0.policy.maxOrdersPerMinute = 0
        }
        try bench.ready()
        #expect(bench.tick().isEmpty)
        #expect(bench.statuses == [.denied])
        let order = try #require(bench.instance.orders.ledger.orders.values.first)
        #expect(order.reason?.hasPrefix("risk.order_rate: ") == true)
        // The trade is gone, the candle is not tried again, and nothing is left in the account's exposure.
        #expect(bench.instance.loop.openTradeCount == 0)
        #expect(bench.instance.risk.exposure == .zero)
        let books = try bench.books()
        #expect(books.trades.values.map(\.state) == [.dropped])
        #expect(books.decisions.contains { $0.kind == .entryFailed && $0.text.contains("risk.order_rate") })
    }

    @Test func `an entry is cut to what the limits leave`() throws {
        // 2 % of 1000 at risk: with a stop at 0.4 % and 0.2 % of slack much more than the stake; with an order value of 40 exactly that.
        var bench = try LiveBench { $0.policy.maxOrderValue = Amount("40") }
        try bench.ready()
        let order = try #require(bench.tick().first)
        let value = order.intent.quantity.approximation * 20_000.01
        #expect(value <= 40 && value > 39)
    }

    @Test func `what the last question refused is denied, and never counts as sent`() throws {
        var bench = try LiveBench()
        try bench.ready()
        let order = try #require(bench.tick().first)
        bench.feed { $0.denied(order.ticket, "permit.gate_reducing: the order gate is at reducing", now: $1) }
        #expect(bench.statuses == [.denied])
        #expect(bench.instance.risk.exposure == .zero)
        #expect(bench.instance.loop.openTradeCount == 0)
    }

    @Test func `losses open the breaker, which outlives a restart and stops entries but no exit`() throws {
        var bench = try LiveBench { $0.policy.maxConsecutiveLosses = 1 }
        try bench.ready()
        let entry = try #require(bench.tick().first)
        bench.fill(entry, "20000.01")
        bench.read("850", btc: "0.00749")
        bench.book("19000")
        let exit = try #require(bench.sent.first ?? bench.tick().first)
        #expect(exit.effect == .reduces)
        bench.fill(exit, "19000")
        #expect(bench.last.alarms.contains { $0.contains("circuit breaker of paper-binance/main is open (losses in a row)") })
        let books = try bench.books()
        #expect(books.closedTrades.count == 1)
        bench.instance = try LiveBench.make(bench.setup, bench.pair)
        try bench.start()
        guard case .open = bench.instance.risk.breaker.phase else {
            Issue.record("the breaker forgot: \(bench.instance.risk.breaker.phase)")
            return
        }
        bench.read()
        bench.feed { $0.streamReady(now: $1) }
        bench.read()
        bench.feed { $0.gate(.active, now: $1) }
        bench.pass(70_000)
        #expect(bench.tick().isEmpty)
        bench.feed { $0.resetBreaker(by: "ada", reason: "seen", now: $1) }
        #expect(bench.instance.risk.breaker.lastReset?.by == "ada")
    }

    @Test func `who reset the breaker is recorded at once, also where it was closed`() throws {
        var bench = try LiveBench()
        try bench.ready()
        bench.feed { $0.resetBreaker(by: "ada", reason: "to see", now: $1) }
        let bytes = try #require(try bench.books().risk)
        let state = try RiskState.restore(
            bytes, account: "paper-binance/main", currency: "USDT", at: Timestamp(milliseconds: .max))
        #expect(state.breaker.lastReset?.by == "ada" && state.breaker.lastReset?.reason == "to see")
        #expect(state.breaker.phase == .closed)
    }

    @Test func `the balances of a stream, told one after the other, are no drawdown`() throws {
        var bench = try LiveBench()
        try bench.ready()
        let entry = try #require(bench.tick().first)
        bench.fill(entry, "20000.01")
        bench.feed { $0.accountEvent(.balances([Balance(asset: "USDT", free: Amount("850") ?? .zero, locked: .zero)]), now: $1) }
        bench.pass(6000)
        bench.feed { $0.tick(now: $1) }
        #expect(bench.instance.risk.breaker.ledger.equity == Amount("1000"))
    }

    @Test func `money that leaves without an order is no drawdown, and somebody is told`() throws {
        var bench = try LiveBench()
        try bench.ready(gate: .reducing)
        bench.pass(61_000)
        bench.feed { $0.tick(now: $1) }
        bench.read("500")
        #expect(bench.last.alarms == ["money came to or left paper-binance/main without an order of this job: -500 USDT"])
        let ledger = bench.instance.risk.breaker.ledger
        #expect(ledger.equity == Amount("500") && ledger.peak == Amount("500") && ledger.lossOfDay == .zero)
        #expect(bench.instance.risk.breaker.phase == .closed)
        // Without a reading that says so, what is missing is lost.
        var lost = try LiveBench()
        try lost.ready(gate: .reducing)
        lost.book("19000")
        lost.pass(61_000)
        lost.feed { $0.tick(now: $1) }
        lost.read("1000")
        #expect(lost.last.alarms.isEmpty)
    }

    @Test func `a halt cancels all, reads the venue after it, and tells what is left`() throws {
        var bench = try LiveBench()
        try bench.ready()
        let entry = try #require(bench.tick().first)
        let open = bench.report(entry, .open)
        bench.feed { $0.sendResult(entry.ticket, .success(open), now: $1) }
        bench.feed { $0.gate(.halted, now: $1) }
        bench.feed { $0.cancelOrders(now: $1) }
        #expect(bench.canceled.isEmpty)
        // Nothing is told while the cancel is not confirmed, until the patience is over.
        bench.pass(6000)
        bench.feed { $0.tick(now: $1) }
        #expect(bench.canceled.first?.map(\.order) == ["V1"])
        let ended = bench.report(entry, .canceled)
        bench.feed { $0.cancelResult(entry.ticket, .success(ended), now: $1) }
        let byHand = OrderReport(
            venueOrderID: VenueOrderID("H"), clientOrderID: nil, symbol: "BTCUSDT", status: .open, side: .buy, type: "limit")
        bench.read(open: [byHand])
        #expect(bench.canceled == [[OrderLeft(pair: "BTCUSDT", order: "H", reason: "an order of somebody else")]])
        #expect(bench.last.directives.allSatisfy { if case .cancel = $0 { false } else { true } })
    }

    @Test func `the job ends when no answer is on its way`() throws {
        var bench = try LiveBench { $0.trading.cancelOpenOrdersOnExit = false }
        try bench.ready()
        let entry = try #require(bench.tick().first)
        bench.feed { $0.stop(now: $1) }
        #expect(!bench.last.isFinished)
        let report = bench.report(entry, .open)
        bench.feed { $0.sendResult(entry.ticket, .success(report), now: $1) }
        #expect(bench.last.isFinished)
        #expect(bench.statuses == [.open])
    }

    @Test func `an order of another fleet ends the job`() throws {
        var bench = try LiveBench()
        try bench.start()
        let foreign = try ClientOrderCode(OrderIdentity(owner: 99, job: 1, token: 1), OrderTicket(1)).id
        let report = OrderReport(
            venueOrderID: VenueOrderID("X"), clientOrderID: foreign, symbol: "BTCUSDT", status: .open, side: .buy, type: "limit")
        bench.read(open: [report])
        #expect(bench.last.refusal?.contains("one account has one owner") == true)
        #expect(bench.last.foreignOrders.count == 1)
        bench.feed { $0.gate(.active, now: $1) }
        #expect(bench.tick().isEmpty)
    }
}
