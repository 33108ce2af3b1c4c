import Market
import Money
import Testing

@testable import Risk

@Suite struct CheckTests {
    private let policy = RiskPolicy()

    private func code(
        _ state: RiskState, _ order: OrderProposal, _ policy: RiskPolicy? = nil, _ budget: BudgetRule = .policyOnly,
        at now: RiskInstant = instant(noon)
    ) -> RiskCode? {
        state.check(order, policy: policy ?? self.policy, budget: budget, at: now)?.code
    }

    /// Holds 10 BTC at 100.
    private var holding: RiskState {
        var one = state()
        one.setPosition(btc, to: money("10"))
        one.mark(btc, at: price("100"))
        return one
    }

    // MARK: - Reducing

    @Test func `an order that reduces passes whatever else is wrong`() {
        var one = holding
        one.apply(.equity(money("1")), at: noon, policy: policy)
        one.apply(.trip, at: noon, policy: policy)
        for _ in 0..<100 { one.accepted(buy(UInt64(one.orders.count + 10), eth, "1"), at: noon, policy: policy) }
        one.isUnreliable = true
        for order in [sell(1, btc, "10"), sell(1, btc, "4", at: "1"), sell(1, btc, "4", at: nil, reference: nil)] {
            #expect(code(one, order, nil, .allotted(nil), at: instant(minutes(900))) == nil)
        }
        // Malformed it is refused all the same.
        for order in [sell(1, btc, "0"), sell(1, btc, "-1"), sell(1, btc, "1", at: "0"), sell(10, btc, "1")] {
            #expect(code(one, order) == .malformed)
        }
    }

    @Test func `with the working orders of its side it must not go beyond zero`() {
        var one = holding
        #expect(one.reduces(sell(1, btc, "10")) && !one.reduces(sell(1, btc, "10.00000001")) && !one.reduces(buy("1")))
        one.accepted(sell(1, btc, "6"), at: noon, policy: policy)
        #expect(one.reduces(sell(2, btc, "4")) && !one.reduces(sell(2, btc, "4.1")))
        #expect(code(one, sell(2, btc, "4.1")) == .notCovered)
        // Working buys are no cover: they may never be filled.
        one.accepted(buy(3, "5"), at: noon, policy: policy)
        #expect(code(one, sell(2, btc, "4.1")) == .notCovered)
        one.ended(order: 1)
        #expect(one.reduces(sell(2, btc, "10")))
        var short = RiskState(account: "a", currency: "USDT")
        short.setPosition(btc, to: money("-2"))
        #expect(short.reduces(buy("2")) && !short.reduces(buy("3")) && !short.reduces(sell(1, btc, "1")))
    }

    // MARK: - Each limit alone

    @Test func `a usual order passes`() {
        #expect(code(state(), buy("10")) == nil)
        #expect(code(state(), buy(1, btc, "10", at: nil)) == nil)
    }

    @Test func `what cannot be is malformed`() {
        let one = state()
        for order in [
            buy("0"), buy("-1"), buy(1, btc, "1", at: "-1"), buy(1, btc, "1", reference: "0"), buy(1, btc, "1", stop: "0"),
            buy(1, btc, "1", stop: "100"), buy(1, btc, "1", stop: "101"), buy(1, btc, "1", at: nil, stop: "100"),
        ] {
            #expect(code(one, order) == .malformed, "\(order)")
        }
        #expect(code(one, buy(1, btc, "1", reference: nil)) == .referenceUnknown)
        #expect(code(one, buy(1, btc, "1", at: nil, reference: nil)) == .referenceUnknown)
        #expect(code(one, buy(1, pair("ETH/BTC"), "1")) == .currency)
        let huge = OrderProposal(
            id: 1, pair: btc, side: .buy, quantity: Quantity(units: .max, decimals: 0), limit: Price(units: .max, decimals: 0),
            reference: Price(units: .max, decimals: 0), stop: Price(units: 1, decimals: 0))
        #expect(code(one, huge) != nil)
        let fine = OrderProposal(
            id: 1, pair: btc, side: .buy, quantity: Quantity(units: 3, decimals: 18), limit: Price(units: 3, decimals: 18),
            reference: Price(units: 3, decimals: 18), stop: Price(units: 2, decimals: 18))
        #expect(code(one, fine) == nil)
    }

    @Test func `without an equity, with an old one or none left nothing is added`() {
        let none = RiskState(account: "a", currency: "USDT")
        #expect(code(none, buy("1")) == .equityUnknown)
        #expect(code(state(), buy("1"), at: instant(minutes(5))) == nil)
        #expect(code(state(), buy("1"), at: instant(minutes(5).advanced(byMilliseconds: 1))) == .equityStale)
        #expect(code(state(), buy("1"), at: instant(Timestamp(milliseconds: .max))) == .equityStale)
        // A clock that went ahead and was set back: what was seen then is of no known age, and what is seen now is fresh.
        #expect(code(state(), buy("1"), at: instant(minutes(-6))) == .equityStale)
        var back = state()
        back.apply(.equity(money("10000")), at: minutes(-6), policy: policy)
        #expect(
            code(back, buy("1"), at: instant(minutes(-6))) == nil && code(back, buy("1"), at: instant(minutes(0))) == .equityStale
        )
    }

    /// Defect of the original: a flat account was stopped for its daily loss, and one that had lost 20 % was not.
    @Test func `losses stop at the limit and a flat account trades`() {
        #expect(code(state(), buy("1")) == nil)
        for (equity, expected) in [("9501", nil), ("9500", .breakerOpen), ("8000", .breakerOpen)] as [(String, RiskCode?)] {
            var one = state()
            one.apply(.equity(money(equity)), at: noon, policy: policy)
            #expect(code(one, buy("1")) == expected, "\(equity)")
        }
        // The limits count even where the breaker has not been told of a stricter policy.
        var one = state()
        one.apply(.equity(money("9600")), at: noon, policy: policy)
        var strict = policy
        strict.maxDailyLoss = .percent(4)
        #expect(code(one, buy("1"), strict) == .dailyLoss)
        strict.maxDrawdown = .percent(4)
        #expect(code(one, buy("1"), strict) == .drawdown)
    }

    @Test func `the price collar holds in both directions and at its edge`() {
        let one = state()
        for (limit, stop, expected) in [
            ("105", "104", nil), ("105.01", "104", .priceCollar), ("95", "94", nil), ("94.99", "94", .priceCollar),
        ] as [(String, String, RiskCode?)] {
            #expect(code(one, buy(1, btc, "1", at: limit, stop: stop)) == expected, "\(limit)")
        }
    }

    @Test func `open orders and orders a minute are limited`() {
        var limits = policy
        limits.maxOpenOrders = 2
        var one = state()
        for id in 1...2 as ClosedRange<UInt64> { one.accepted(buy(id, "0.1"), at: noon, policy: limits) }
        #expect(code(one, buy(3, "0.1"), limits) == .openOrders)
        one.ended(order: 1)
        #expect(code(one, buy(3, "0.1"), limits) == nil)
        limits.maxOrdersPerMinute = 2
        #expect(code(one, buy(3, "0.1"), limits) == .orderRate)
        #expect(code(one, buy(3, "0.1"), limits, at: instant(noon.advanced(byMilliseconds: 59_999))) == .orderRate)
        #expect(code(one, buy(3, "0.1"), limits, at: instant(noon.advanced(byMilliseconds: 60_000))) == nil)
        // A clock set back frees nothing.
        #expect(code(one, buy(3, "0.1"), limits, at: instant(minutes(-4))) == .orderRate)
    }

    @Test func `order and position values are limited`() {
        var limits = policy
        limits.maxOrderValue = money("500")
        #expect(code(state(), buy("5"), limits) == nil && code(state(), buy("5.01"), limits) == .orderValue)
        limits.maxOrderValue = nil
        limits.maxPositionValue = money("1500")
        #expect(code(holding, buy("5"), limits) == nil && code(holding, buy("5.01"), limits) == .positionValue)
        var one = holding
        one.accepted(buy(7, "3"), at: noon, policy: limits)
        #expect(code(one, buy("2"), limits) == nil && code(one, buy("2.01"), limits) == .positionValue)
        // A market order is taken to fill at the end of the collar.
        limits.maxOrderValue = money("105")
        #expect(code(state(), buy(1, btc, "1", at: nil), limits) == nil)
        #expect(code(state(), buy(1, btc, "1.01", at: nil), limits) == .orderValue)
    }

    @Test func `what is lost until the stop is limited, and without a stop it is all`() {
        // 2 % of 10 000 are 200: 40 x (100 - 95).
        #expect(code(state(), buy(1, btc, "40", stop: "95")) == nil)
        #expect(code(state(), buy(1, btc, "40.1", stop: "95")) == .positionRisk)
        #expect(
            code(state(), buy(1, btc, "2", stop: nil)) == nil && code(state(), buy(1, btc, "2.1", stop: nil)) == .positionRisk)
        // What is held and what is working counts with it.
        #expect(
            code(holding, buy(1, btc, "30", stop: "95")) == nil && code(holding, buy(1, btc, "30.1", stop: "95")) == .positionRisk
        )
        var one = holding
        one.accepted(buy(2, "20"), at: noon, policy: policy)
        #expect(code(one, buy(1, btc, "10", stop: "95")) == nil && code(one, buy(1, btc, "10.1", stop: "95")) == .positionRisk)
    }

    /// Defect of the original: exposure in currency was compared with 0.8.
    @Test func `all exposure together is a part of the equity`() {
        #expect(code(state(), buy("80")) == nil && code(state(), buy("80.01")) == .exposure)
        var one = holding
        one.accepted(buy(5, eth, "20"), at: noon, policy: policy)
        for index in 0..<60 {
            let time = minutes(Int64(index))
            one.closed(.init(time: time, price: 100 + Double(index % 2)), of: btc, policy: policy)
            one.closed(.init(time: time, price: 100 + Double(index / 2 % 2)), of: eth, policy: policy)
        }
        #expect(code(one, buy("50")) == nil && code(one, buy("50.01")) == .exposure)
        var lower = policy
        lower.maxLeverage = .percent(50)
        #expect(
            one.check(buy("21"), policy: lower, budget: .policyOnly, at: instant(noon))?.message.contains("risk.max_leverage")
                == true)
    }

    @Test func `a position without a price makes the exposure unknown and nothing is added`() {
        var one = state()
        one.setPosition(sol, to: money("1"))
        #expect(one.exposure == nil && code(one, buy("1")) == .stateUnreliable)
        one.mark(sol, at: price("0"))
        #expect(one.exposure == nil)
        one.mark(sol, at: price("20"))
        #expect(one.exposure == money("20"))
    }

    // MARK: - Budget

    @Test func `an account without a budget, with another's or an ended one adds nothing`() {
        let one = state()
        func budget(
            _ account: String = "paper-binance/main", exposure: String = "500", orders: Int = 2, loss: String = "100",
            deadline: Int64 = 10
        ) -> BudgetRule {
            .allotted(
                AccountBudget(
                    account: account, exposure: money(exposure), openOrders: orders, dailyLoss: money(loss), deadline: deadline))
        }
        #expect(code(one, buy("5"), nil, budget(), at: instant(noon, clock: 9)) == nil)
        #expect(code(one, buy("5"), nil, .allotted(nil)) == .budgetMissing)
        #expect(code(one, buy("5"), nil, budget("paper-kraken/main")) == .budgetMissing)
        #expect(code(one, buy("5"), nil, budget(), at: instant(noon, clock: 10)) == .budgetExpired)
        #expect(code(one, buy("5.01"), nil, budget()) == .budgetExposure)
        #expect(code(one, buy("1"), nil, budget(orders: 0)) == .budgetOrders)
        #expect(code(one, buy("1"), nil, budget(loss: "0")) == .budgetDailyLoss)
        var lost = one
        lost.apply(.equity(money("9900")), at: noon, policy: policy)
        #expect(code(lost, buy("1"), nil, budget()) == .budgetDailyLoss)
        #expect(code(lost, buy("1"), nil, budget(loss: "100.01")) == nil)
    }

    // MARK: - Correlation

    private func moving(_ together: Bool, count: Int = 60) -> RiskState {
        var one = holding
        var random = SplitMix64(seed: 9)
        var prices = (100.0, 50.0)
        for index in 0..<count {
            let step = Double(random.below(200)) / 10_000 - 0.01
            prices.0 *= 1 + step
            prices.1 *= 1 + (together ? step * 2 : Double(random.below(200)) / 10_000 - 0.01)
            one.closed(.init(time: minutes(Int64(index)), price: prices.0), of: btc, policy: policy)
            one.closed(.init(time: minutes(Int64(index)), price: prices.1), of: eth, policy: policy)
        }
        return one
    }

    /// Defect of the original: correlations were made up by name.
    @Test func `positions that move together count as one and those that do not as several`() {
        // 10 BTC are worth 1 000; the group may be 3 000.
        #expect(code(moving(true), buy(1, eth, "20")) == nil && code(moving(true), buy(1, eth, "20.1")) == .correlation)
        #expect(code(moving(false), buy(1, eth, "20.1")) == nil)
        // Too few returns count as moving along, and so does a pair that did not move at all.
        #expect(code(moving(false, count: 30), buy(1, eth, "20.1")) == .correlation)
        #expect(code(moving(false, count: 31), buy(1, eth, "20.1")) == nil)
        #expect(code(moving(false), buy(1, sol, "20.1")) == .correlation)
        // Alone it is no group.
        #expect(code(state(), buy("40")) == nil)
    }

    @Test func `a short position that moves the other way counts with a long one`() {
        var shorts = policy
        shorts.allowsShort = true
        var one = moving(true)
        #expect(code(one, sell(1, eth, "25", stop: "101"), shorts) == nil, "a hedge is no group")
        one.setPosition(btc, to: money("-10"))
        #expect(code(one, sell(1, eth, "20.1", stop: "101"), shorts) == .correlation)
    }

    @Test func `correlation is numpy's`() throws {
        var history = ReturnHistory()
        let closes: [(Double, Double)] = [(100, 50), (102, 51), (101, 50.2), (105, 52), (103, 51.9), (108, 53)]
        for (index, close) in closes.enumerated() {
            history.take(.init(time: minutes(Int64(index)), price: close.0), of: btc, window: 100)
            history.take(.init(time: minutes(Int64(index)), price: close.1), of: eth, window: 100)
            // Candles that only one has are left out.
            history.take(.init(time: minutes(Int64(index)).advanced(byMilliseconds: 1), price: 77), of: eth, window: 100)
        }
        // numpy.corrcoef of the differences of logarithms.
        let measured = try #require(history.correlation(btc, eth, minSamples: 5))
        #expect(abs(measured - 0.8625310041571614) < 1e-14)
        #expect(history.correlation(eth, btc, minSamples: 5) == measured && history.correlation(btc, eth, minSamples: 6) == nil)
        // Not later, not positive, no number: left out.
        let before = history
        for close in [(minutes(0), 5.0), (minutes(99), 0), (minutes(99), -1), (minutes(99), .nan), (minutes(99), .infinity)] {
            history.take(.init(time: close.0, price: close.1), of: btc, window: 100)
        }
        #expect(history == before)
        for index in 0..<500 { history.take(.init(time: minutes(Int64(1000 + index)), price: 1), of: btc, window: 100) }
        #expect(history.closes[btc]?.count == 101)
    }

    // MARK: - Half-open

    private var trying: RiskState {
        var one = state()
        for _ in 0..<5 { one.apply(.tradeClosed(profit: money("-1")), at: minutes(-70), policy: policy) }
        one.apply(.tick, at: noon, policy: policy)
        one.apply(.tick, at: minutes(60), policy: policy)
        one.apply(.equity(money("10000")), at: minutes(60), policy: policy)
        return one
    }

    /// Defect of the original: half-open had no limits.
    @Test func `half-open lets one pair through at a quarter of each limit`() {
        var one = trying
        let now = instant(minutes(60))
        #expect(one.breaker.isHalfOpen)
        #expect(code(one, buy("20"), at: now) == nil && code(one, buy("20.01"), at: now) == .exposure)
        #expect(code(one, buy(1, btc, "10", stop: "95"), at: now) == nil)
        #expect(code(one, buy(1, btc, "10.1", stop: "95"), at: now) == .positionRisk)
        one.accepted(buy("1"), at: minutes(60), policy: policy)
        #expect(code(one, buy(2, eth, "1"), at: now) == .trialBusy && code(one, buy(2, btc, "1"), at: now) == nil)
        one.filled(order: 1, pair: btc, side: .buy, quantity: quantity("1"), price: price("100"))
        #expect(one.trial == btc && code(one, buy(2, eth, "1"), at: now) == .trialBusy)
        one.accepted(sell(3, btc, "1"), at: minutes(60), policy: policy)
        one.filled(order: 3, pair: btc, side: .sell, quantity: quantity("1"), price: price("101"))
        #expect(one.trial == nil && code(one, buy(2, eth, "1"), at: now) == nil)
        for _ in 0..<3 { one.apply(.tradeClosed(profit: money("1")), at: minutes(60), policy: policy) }
        #expect(code(one, buy("80"), at: now) == nil)
    }

    // MARK: - Sentences

    @Test func `a refusal says limit, value and the key to change`() throws {
        let cases: [(OrderProposal, [String])] = [
            (buy("80.01"), ["8001", "8000", "USDT", "80.01 %", RiskKey.maxTotalExposure]),
            (buy(1, btc, "41", stop: "95"), ["205", "200", RiskKey.maxPositionRisk]),
            (buy(1, btc, "1", at: "106"), ["6 %", "5 %", "100", RiskKey.priceCollar]),
            (buy(1, btc, "3", stop: nil), ["300", "200", "stop", RiskKey.maxPositionRisk]),
        ]
        for (order, words) in cases {
            let refusal = try #require(state().check(order, policy: policy, budget: .policyOnly, at: instant(noon)))
            for word in words { #expect(refusal.message.contains(word), "\(word) is not in: \(refusal)") }
        }
        #expect(Set(RiskCode.allCases.map(\.rawValue)).count == RiskCode.allCases.count)
    }
}
