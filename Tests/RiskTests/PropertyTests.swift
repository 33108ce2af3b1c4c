import Market
import Money
import Testing

@testable import Risk

/// A market with random orders, fills and cancels, and a book of its own in whole numbers to judge by.
private struct Walk {
    var random: SplitMix64
    var policy = RiskPolicy()
    var state = Risk.RiskState(account: "paper-binance/main", currency: "USDT")
    var now = noon
    var nextID: UInt64 = 1
    let pairs = [btc, eth, sol]
    /// In hundredths of a unit, and in whole prices.
    var held: [Pair: Int] = [:]
    var open: [UInt64: (pair: Pair, isBuy: Bool, left: Int, price: Int)] = [:]
    var prices: [Pair: Int]
    var equity = 10_000
    var allowed = 0
    var refused: [RiskCode: Int] = [:]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        prices = [btc: 100, eth: 50, sol: 20]
        policy.maxCorrelatedExposure = .percent(60)
        policy.maxOrdersPerMinute = 30
        // Every second market is a calm one, in which the breaker stays closed and positions grow.
        if seed.isMultiple(of: 2) {
            policy.maxConsecutiveLosses = 1_000
            policy.maxDrawdown = .percent(95)
            policy.maxDailyLoss = .percent(95)
        }
        report()
    }

    mutating func report() {
        state.apply(.equity(Amount(units: Int128(equity), decimals: 0)), at: now, policy: policy)
        for pair in pairs { state.mark(pair, at: Price(units: Int64(prices[pair] ?? 1), decimals: 0)) }
    }

    /// What all holdings and open orders could be worth, in hundredths: an oracle with nothing of the code under test.
    var exposure: Int {
        pairs.reduce(0) { sum, pair in
            let mark = prices[pair] ?? 1
            let buys = open.values.filter { $0.pair == pair && $0.isBuy }.reduce(0) { $0 + $1.left * max($1.price, mark) }
            return sum + (held[pair] ?? 0) * mark + buys
        }
    }

    mutating func proposal() -> OrderProposal {
        let pair = pairs[random.below(3)]
        let mark = prices[pair] ?? 1
        let isBuy = random.below(3) > 0
        let price = max(1, mark + random.below(9) - 4)
        let size = 1 + random.below(random.below(4) == 0 ? 20_000 : 1_500)
        return OrderProposal(
            id: nextID, pair: pair, side: isBuy ? .buy : .sell, quantity: Quantity(units: Int64(size), decimals: 2),
            limit: Price(units: Int64(price), decimals: 0), reference: Price(units: Int64(mark), decimals: 0),
            stop: Price(units: Int64(max(1, price - 1)), decimals: 0))
    }

    mutating func order() {
        let order = proposal()
        let before = state
        let refusal = state.check(order, policy: policy, budget: .policyOnly, at: RiskInstant(time: now, clock: 0))
        if state != before { Issue.record("a check changed the state") }
        let isEntry = order.side == .buy
        if let refusal {
            refused[refusal.code, default: 0] += 1
            return
        }
        if isEntry { if case .open = state.breaker.phase { Issue.record("an entry passed an open breaker") } }
        allowed += 1
        nextID += 1
        state.accepted(order, at: now, policy: policy)
        open[order.id] = (order.pair, isEntry, Int(order.quantity.units), Int(order.limit?.units ?? 0))
        guard isEntry else { return }
        let part = if case .halfOpen = state.breaker.phase { 20 } else { 80 }
        if exposure > equity * part { Issue.record("exposure \(exposure) of \(equity)") }
    }

    mutating func fill() {
        guard let id = open.keys.sorted().randomElement(using: &random), var order = open[id] else { return }
        let part = 1 + random.below(order.left)
        let before = exposure
        let price = order.isBuy ? max(1, order.price - random.below(2)) : order.price + random.below(2)
        state.filled(
            order: id, pair: order.pair, side: order.isBuy ? .buy : .sell, quantity: Quantity(units: Int64(part), decimals: 2),
            price: Price(units: Int64(price), decimals: 0))
        held[order.pair, default: 0] += order.isBuy ? part : -part
        order.left -= part
        open[id] = order.left == 0 ? nil : order
        // A fill turns what could be into what is, and never into more.
        if exposure > before || (held[order.pair] ?? 0) < 0 { Issue.record("a fill made it more") }
    }

    mutating func step() {
        now = now.advanced(byMilliseconds: Int64(random.below(20_000)))
        switch random.below(20) {
        case 0...8: order()
        case 9...13: fill()
        case 14:
            guard let id = open.keys.sorted().randomElement(using: &random) else { return }
            open[id] = nil
            state.ended(order: id)
        case 15:
            let pair = pairs[random.below(3)]
            prices[pair] = max(5, (prices[pair] ?? 5) + random.below(5) - 2)
            report()
        case 16:
            equity = max(1, equity + random.below(200) - 101)
            report()
        case 17:
            state.apply(.tradeClosed(profit: Amount(units: Int128(random.below(7) - 3), decimals: 0)), at: now, policy: policy)
        case 18:
            for pair in pairs {
                let price = Double((prices[pair] ?? 1) * 100 + random.below(50))
                state.closed(.init(time: now, price: price), of: pair, policy: policy)
                state.apply(.volatility(Double(1 + random.below(4)), pair), at: now, policy: policy)
            }
        default:
            if random.below(10) == 0 { state.apply(.reset(by: "ann", reason: "goes on"), at: now, policy: policy) }
            report()
        }
        let sum = pairs.reduce(0) { $0 + (held[$1] ?? 0) * (prices[$1] ?? 0) }
        if open.isEmpty, exposure != sum { Issue.record("the oracle is wrong") }
        if state.exposure != Amount(units: Int128(exposure), decimals: 2) { Issue.record("\(exposure), not \(state)") }
    }
}

@Suite struct PropertyTests {
    @Test(arguments: [101, 102, 103, 104, 105, 106])
    func `whatever happens no order that passed makes the exposure more than allowed`(seed: UInt64) {
        var walk = Walk(seed: seed)
        for _ in 0..<4000 { walk.step() }
        print(
            "seed \(seed): \(walk.allowed) orders passed, refused \(walk.refused.map { "\($0.key.rawValue) \($0.value)" }.sorted())"
        )
        #expect(walk.allowed > 50 && walk.refused.count >= 4)
    }

    @Test(arguments: [201, 202, 203]) func `a state that was saved and read behaves as the one that was not`(seed: UInt64) throws
    {
        var walk = Walk(seed: seed)
        var restored = 0
        for step in 0..<2000 {
            if step % 97 == 0 {
                let bytes = walk.state.snapshot(savedAt: walk.now)
                let read = try RiskState.restore(bytes, account: walk.state.account, currency: "USDT", at: walk.now)
                #expect(read == walk.state && read.snapshot(savedAt: walk.now) == bytes, "seed \(seed)")
                var (one, other) = (walk, walk)
                other.state = read
                for _ in 0..<60 {
                    one.step()
                    other.step()
                    #expect(
                        one.state == other.state && one.refused == other.refused && one.allowed == other.allowed, "seed \(seed)")
                }
                restored += 1
            }
            walk.step()
        }
        #expect(restored == 21)
    }

    // MARK: - Hostile bytes

    private func sample() -> (RiskState, Timestamp) {
        var walk = Walk(seed: 300)
        for _ in 0..<600 { walk.step() }
        walk.state.apply(.reset(by: "ann", reason: "x"), at: walk.now, policy: walk.policy)
        return (walk.state, walk.now)
    }

    private func failure(_ bytes: [UInt8], account: String = "paper-binance/main", currency: String = "USDT", at now: Timestamp)
        -> RiskSnapshotError?
    {
        do throws(RiskSnapshotError) {
            _ = try RiskState.restore(bytes, account: account, currency: currency, at: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func `every cut and every wrong bit is found`() {
        let (state, now) = sample()
        let bytes = state.snapshot(savedAt: now)
        print("a state with its tables: \(bytes.count) bytes")
        #expect(failure(bytes, at: now) == nil)
        for count in stride(from: 0, to: bytes.count, by: bytes.count > 3000 ? 31 : 1) {
            #expect(failure(Array(bytes.prefix(count)), at: now) != nil)
        }
        for index in stride(from: 0, to: bytes.count, by: 7) {
            var bad = bytes
            bad[index] ^= 1 << UInt8(index % 8)
            #expect(failure(bad, at: now) != nil)
        }
    }

    @Test(arguments: [301, 302]) func `bytes with a right checksum and wrong content trap nowhere`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let (state, now) = sample()
        let good = Array(state.snapshot(savedAt: now).dropLast(8))
        var read = 0
        for _ in 0..<1000 {
            var bad = good
            for _ in 0..<(1 + random.below(4)) { bad[random.below(bad.count)] = UInt8(random.below(256)) }
            if random.below(4) == 0 { bad = Array(bad.prefix(random.below(bad.count))) }
            bad += withUnsafeBytes(of: RiskChecksum.value(of: bad).littleEndian) { Array($0) }
            guard var other = try? RiskState.restore(bad, account: state.account, currency: "USDT", at: now) else { continue }
            read += 1
            // What was read can be used.
            _ = other.check(buy("1"), policy: RiskPolicy(), budget: .policyOnly, at: instant(now))
            for event in [BreakerEvent.equity(money("1")), .transfer(money("-1")), .tick, .tradeClosed(profit: money("-1"))] {
                other.apply(event, at: now, policy: RiskPolicy())
            }
            other.filled(order: 1, pair: btc, side: .buy, quantity: quantity("1"), price: price("1"))
            _ = other.snapshot(savedAt: now)
        }
        print("seed \(seed): \(read) of 1000 changed states could be read")
    }

    @Test func `a state of another account, currency or time is refused`() {
        let (state, now) = sample()
        let bytes = state.snapshot(savedAt: now)
        #expect(failure(bytes, account: "x", at: now) == .otherAccount(found: state.account, wanted: "x"))
        #expect(failure(bytes, currency: "EUR", at: now) == .otherCurrency(found: "USDT", wanted: "EUR"))
        let before = now.advanced(byMilliseconds: -5_001)
        #expect(failure(bytes, at: before) == .fromTheFuture(saved: now, now: before))
        #expect(failure(bytes, at: now.advanced(byMilliseconds: -5_000)) == nil)
        #expect(failure(bytes, at: Timestamp(milliseconds: .max)) == nil)
        #expect(failure([], at: now) == .notASnapshot && failure(Array("PRRS".utf8), at: now) != nil)
        var other = bytes
        other[4] = 2
        #expect(failure(other, at: now) == .unsupportedVersion(2))
        #expect(
            failure([UInt8](repeating: 0, count: RiskBounds.stateBytes + 1), at: now)
                == .tooLong(bytes: RiskBounds.stateBytes + 1))
    }

    @Test func `tables do not grow beyond their bounds and say so`() {
        var one = state()
        for index in 0...RiskBounds.pairs {
            one.closed(.init(time: noon, price: 1), of: pair("A\(index)/USDT"), policy: RiskPolicy())
            one.apply(.volatility(1, pair("A\(index)/USDT")), at: noon, policy: RiskPolicy())
        }
        #expect(one.returns.closes.count == RiskBounds.pairs && one.breaker.volatility.series.count == RiskBounds.pairs)
        #expect(!one.isUnreliable)
        for index in 0...RiskBounds.pairs { one.setPosition(pair("A\(index)/USDT"), to: money("1")) }
        #expect(one.isUnreliable && one.positions.count == RiskBounds.pairs)
        #expect(one.check(buy("1"), policy: RiskPolicy(), budget: .policyOnly, at: instant(noon))?.code == .stateUnreliable)
    }

    // MARK: - Portfolio

    @Test func `limits are split by weight and rounded down`() {
        let limits = FleetLimits(exposure: money("1000"), openOrders: 10, dailyLoss: money("100"))
        let result = PortfolioAllocator.allot(
            limits, to: [BudgetClaim(account: "b", weight: 2), BudgetClaim(account: "a")], outstanding: [], at: 0, until: 60)
        #expect(
            result.map(\.account) == ["a", "b"] && result.map(\.openOrders) == [3, 6] && result.map(\.deadline) == [60, 60])
        #expect(result[0].exposure == money("333.333333333333") && result[1].exposure == money("666.666666666666"))
        #expect(
            PortfolioAllocator.allot(limits, to: [BudgetClaim(account: "a", weight: 0)], outstanding: [], at: 0, until: 1)[0]
                .exposure.isZero)
    }

    @Test func `a new account gets its part when the old ones have ended`() {
        let limits = FleetLimits(exposure: money("900"), openOrders: 9, dailyLoss: money("90"))
        let first = PortfolioAllocator.allot(limits, to: [BudgetClaim(account: "a")], outstanding: [], at: 0, until: 60)
        let both = [BudgetClaim(account: "a"), BudgetClaim(account: "b")]
        let second = PortfolioAllocator.allot(limits, to: both, outstanding: first, at: 30, until: 90)
        #expect(second.map(\.exposure) == [money("450"), .zero])
        let third = PortfolioAllocator.allot(limits, to: both, outstanding: first + second, at: 60, until: 120)
        #expect(third.map(\.exposure) == [money("450"), money("450")])
    }

    @Test(arguments: [401, 402, 403]) func `all that may be used together is never more than the whole`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<60 {
            var sent: [AccountBudget] = []
            var now: Int64 = 0
            // Limits only grow here: what was allotted under larger ones counts until its end, by the next test.
            var whole = 100 + random.below(1000)
            for _ in 0..<60 {
                now += Int64(random.below(40))
                if random.below(10) == 0 { whole += random.below(100) }
                let limits = FleetLimits(
                    exposure: Amount(units: Int128(whole), decimals: 1), openOrders: whole / 10,
                    dailyLoss: Amount(units: Int128(whole), decimals: 2))
                let claims = (0..<(1 + random.below(6))).map {
                    BudgetClaim(account: "account-\($0 + random.below(3))", weight: UInt32(random.below(5)))
                }
                sent += PortfolioAllocator.allot(
                    limits, to: claims, outstanding: sent, at: now, until: now + Int64(1 + random.below(100)))
                check(sent, now, limits, "seed \(seed)")
            }
        }
    }

    @Test func `under limits that shrink nobody gets more, and in time all fits`() {
        let claims = (0..<4).map { BudgetClaim(account: "\($0)") }
        let old = PortfolioAllocator.allot(
            FleetLimits(exposure: money("1000"), openOrders: 100, dailyLoss: money("10")), to: claims, outstanding: [], at: 0,
            until: 50)
        let limits = FleetLimits(exposure: money("100"), openOrders: 8, dailyLoss: money("1"))
        let new = PortfolioAllocator.allot(limits, to: claims, outstanding: old, at: 10, until: 60)
        #expect(new.allSatisfy { $0.exposure == money("25") && $0.openOrders == 2 && $0.dailyLoss == money("0.25") })
        check(old + new, 50, limits, "shrunk")
    }

    /// The largest allotment that has not ended, of each account, summed.
    private func check(_ sent: [AccountBudget], _ now: Int64, _ limits: FleetLimits, _ note: String) {
        var largest: [String: (Double, Int, Double)] = [:]
        for budget in sent where budget.deadline > now {
            let other = largest[budget.account] ?? (0, 0, 0)
            largest[budget.account] = (
                max(other.0, budget.exposure.approximation), max(other.1, budget.openOrders),
                max(other.2, budget.dailyLoss.approximation)
            )
        }
        let sum = largest.values.reduce(into: (0.0, 0, 0.0)) { $0 = ($0.0 + $1.0, $0.1 + $1.1, $0.2 + $1.2) }
        let fits =
            sum.0 <= limits.exposure.approximation + 1e-9 && sum.1 <= limits.openOrders
            && sum.2 <= limits.dailyLoss.approximation + 1e-9
        if !fits { Issue.record("\(note): \(sum) of \(limits)") }
    }
}
