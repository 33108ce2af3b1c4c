import Market
import Money
import Testing

@testable import Risk

@Suite struct SizingTests {
    private let policy = RiskPolicy()

    private func record(_ wins: Int, _ won: Double, _ losses: Int, _ lost: Double, even: Int = 0) -> TradeRecord {
        TradeRecord(
            returns: [Double](repeating: won, count: wins) + [Double](repeating: -lost, count: losses)
                + [Double](repeating: 0, count: even))
    }

    // MARK: - Kelly

    @Test func `Kelly's fraction is what is computed by hand`() {
        // p 0.6, b 1.5: (1.5 x 0.6 - 0.4) / 1.5 = 1/3; a quarter of it is 8.3333 %.
        let estimate = KellySizing.estimate(record(60, 0.03, 40, 0.02), policy: policy)
        #expect(estimate.verdict == .edge && abs(estimate.full - 1.0 / 3) < 1e-12)
        #expect(estimate.fraction == RiskRatio(millionths: 83_333))
        // p 0.55, b 1: 0.1; a quarter is 2.5 %.
        #expect(abs(Double(KellySizing.estimate(record(55, 0.01, 45, 0.01), policy: policy).fraction.millionths) - 25_000) <= 1)
        // Even trades are part of the count and of neither part: p 0.5, q 0.3, b 1: 0.2.
        #expect(abs(KellySizing.estimate(record(50, 0.01, 30, 0.01, even: 20), policy: policy).full - 0.2) < 1e-12)
    }

    @Test func `few trades shrink it by the root of their hundredth and too few say nothing`() {
        // 36 trades: 0.6 of 8.3333 %... p 2/3, b 1: 1/3, a quarter is 8.3333 %, x 0.6 = 5 %.
        let some = KellySizing.estimate(record(24, 0.02, 12, 0.02), policy: policy)
        #expect(abs(Double(some.fraction.millionths) - 50_000) <= 1)
        #expect(KellySizing.estimate(record(20, 0.02, 9, 0.02), policy: policy).verdict == .tooFewTrades)
        #expect(KellySizing.estimate(record(20, 0.02, 10, 0.02), policy: policy).verdict == .edge)
        #expect(KellySizing.estimate(TradeRecord(), policy: policy).fraction == .zero)
    }

    /// Defect of the original: a floor let a negative edge trade one percent.
    @Test func `a negative edge is no size at all`() {
        for losing in [
            record(40, 0.01, 60, 0.01), record(50, 0.01, 50, 0.01), record(1, 0.01, 99, 0.05), record(70, 0.01, 30, 0.03),
        ] {
            let estimate = KellySizing.estimate(losing, policy: policy)
            #expect(estimate.verdict == .noEdge && estimate.fraction == .zero && estimate.full <= 0)
        }
        #expect(KellySizing.estimate(record(0, 0, 100, 0.02), policy: policy).verdict == .noWins)
    }

    /// Defect of the original: all winners made p = 1, which was replaced by one half, and the floor traded.
    @Test func `a record without a loss says nothing of the size of one`() {
        let estimate = KellySizing.estimate(record(100, 0.02, 0, 0), policy: policy)
        #expect(estimate.verdict == .noLosses && estimate.fraction == .zero)
    }

    /// Defect of the original: the fraction was taken as money at risk, so that p 0.6, b 1.5 and a stop of 2 % made a leverage of 12.5.
    @Test func `the fraction is the value of the position and never above its cap`() {
        let estimate = KellySizing.estimate(record(60, 0.03, 40, 0.02), policy: policy)
        #expect(PositionSizing.kelly(equity: money("10000"), estimate) == money("833.33"))
        let best = KellySizing.estimate(record(99, 0.5, 1, 0.0001), policy: policy)
        #expect(best.fraction == policy.maxKellyPosition)
        #expect(PositionSizing.kelly(equity: money("10000"), best) == money("2000"))
    }

    @Test func `returns that are no numbers make no record`() {
        var record = TradeRecord(returns: [.nan, .infinity, -.infinity, 0.1, -0.1, 0, -0.0])
        record.take(.nan)
        #expect(record.count == 4 && record.wins == 1 && record.losses == 1 && record.even == 2)
    }

    // MARK: - The rule that a policy names

    private func bound(
        _ rule: SizingRule, equity: String? = "10000", _ record: TradeRecord = TradeRecord(), volatility: Double? = nil
    ) -> Amount? {
        var policy = policy
        policy.sizing = rule
        return PositionSizing.bound(policy, equity: equity.map { money($0) }, record: record, volatility: volatility)
    }

    @Test func `a fixed size has no bound but the stake and the limits`() {
        #expect(bound(.fixed) == nil && bound(.fixed, equity: nil, record(0, 0, 100, 0.1)) == nil)
    }

    @Test func `Kelly bounds by the cap until the record says something, and by the record from then on`() {
        #expect(bound(.kelly) == money("2000"))
        #expect(bound(.kelly, record(0, 0, 29, 0.02)) == money("2000"))
        #expect(bound(.kelly, record(100, 0.02, 0, 0)) == money("2000"))
        #expect(bound(.kelly, record(60, 0.03, 40, 0.02)) == money("833.33"))
        for losing in [record(0, 0, 30, 0.02), record(10, 0.01, 20, 0.01), record(50, 0.01, 50, 0.01)] {
            #expect(bound(.kelly, losing) == .zero)
        }
        #expect(bound(.kelly, equity: nil) == .zero && bound(.kelly, equity: "-1") == .zero)
    }

    @Test func `volatility bounds by the usual movement, and by nothing at all where that is not known`() {
        // 0.1 % of 10 000 are 10; a candle that usually moves by 0.5 %: 2 000.
        let rule = SizingRule.volatility(target: RiskRatio(millionths: 1000))
        #expect(bound(rule, volatility: 0.005) == money("2000"))
        #expect(bound(rule, volatility: nil) == .zero && bound(rule, equity: nil, volatility: 0.005) == .zero)
        #expect(bound(rule, volatility: .nan) == .zero && bound(rule, volatility: 0) == .zero)
    }

    // MARK: - Stop distance and volatility

    @Test func `sizes by the distance to the stop lose what may be lost and no more`() {
        // 2 % of 10 000 are 200; 100 - 96 = 4 % lost at the stop: 5 000.
        func size(_ price: String, _ stop: String, _ side: RiskSide = .buy) -> Amount {
            PositionSizing.stopDistance(
                equity: money("10000"), risk: .percent(2), side: side, price: parsed(price), stop: parsed(stop))
        }
        #expect(size("100", "96") == money("5000"))
        #expect(size("100", "104", .sell) == money("5000"))
        #expect(size("100", "97") == money("6666.666666666666"))
        // On the wrong side, or at the price: nothing. (The original took one percent of the price for a distance of zero.)
        for (price, stop, side) in [("100", "100", RiskSide.buy), ("100", "101", .buy), ("100", "99", .sell)] {
            #expect(size(price, stop, side) == .zero)
        }
        #expect(
            PositionSizing.stopDistance(equity: money("-1"), risk: .percent(2), side: .buy, price: price("2"), stop: price("1"))
                == .zero)
    }

    @Test func `sizes by volatility move the equity by the target`() {
        func size(_ volatility: Double) -> Amount {
            PositionSizing.volatility(equity: money("10000"), target: .percent(1), volatility: volatility)
        }
        #expect(size(0.02) == money("5000") && size(0.04) == money("2500") && size(0.01) == money("10000"))
        for bad in [0, -1, .nan, .infinity] { #expect(size(bad) == .zero) }
        #expect(PositionSizing.volatility(averageTrueRange: 3, price: 150) == 0.02)
        #expect(PositionSizing.volatility(averageTrueRange: .nan, price: 150) == nil)
        #expect(PositionSizing.volatility(averageTrueRange: 1, price: 0) == nil)
    }

    @Test func `the deviation of log returns is numpy's with one degree less`() throws {
        // numpy.std(numpy.diff(numpy.log([100, 101, 99, 102, 100.5])), ddof=1)
        let deviation = try #require(LogReturns.deviation([100, 101, 99, 102, 100.5]))
        #expect(abs(deviation - 0.023119277928855448) < 1e-15)
        #expect(LogReturns.deviation([1, 2]) == nil)
        #expect(LogReturns.deviation([5, 5, 5, 5]) == 0)
    }

    @Test(arguments: [5, 6]) func `no size by stop distance is ever lossier than told`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<5000 {
            let equity = Amount(units: Int128(1 + random.below(1_000_000_000)), decimals: random.below(5))
            let entry = Price(units: Int64(2 + random.below(1_000_000)), decimals: random.below(8))
            let stop = Price(units: 1 + Int64(random.below(Int(entry.units) - 1)), decimals: Int(entry.decimals))
            let size = PositionSizing.stopDistance(equity: equity, risk: .percent(2), side: .buy, price: entry, stop: stop)
            let lost = size.approximation * (1 - stop.approximation / entry.approximation)
            let wanted = equity.approximation * 0.02
            if lost > wanted * (1 + 1e-9) || lost < wanted * (1 - 1e-3) - 1e-9 {
                Issue.record("seed \(seed): \(lost), not \(wanted)")
            }
        }
    }

    // MARK: - Caps

    @Test func `a wanted size is cut to what the limits leave`() {
        var limits = policy
        limits.maxOrderValue = money("3000")
        var one = state()
        func room(_ policy: RiskPolicy, _ budget: BudgetRule = .policyOnly) -> Amount {
            one.room(for: btc, policy: policy, budget: budget)
        }
        #expect(room(policy) == money("8000") && room(limits) == money("3000"))
        limits.maxPositionValue = money("1000")
        one.setPosition(btc, to: money("6"))
        one.mark(btc, at: price("100"))
        #expect(room(policy) == money("7400") && room(limits) == money("400"))
        let budget = AccountBudget(
            account: one.account, exposure: money("700"), openOrders: 5, dailyLoss: money("9"), deadline: 9)
        #expect(room(policy, .allotted(budget)) == money("100") && room(policy, .allotted(nil)) == .zero)
        #expect(one.capped(money("50"), pair: btc, isMarket: false, policy: policy, budget: .policyOnly) == money("50"))
        #expect(one.capped(money("9999"), pair: btc, isMarket: false, policy: policy, budget: .policyOnly) == money("7400"))
        let market = one.capped(money("9999"), pair: btc, isMarket: true, policy: policy, budget: .policyOnly)
        #expect(market.approximation < 7400 / 1.05 && market.approximation > 7047)
        one.apply(.trip, at: noon, policy: policy)
        #expect(room(policy) == .zero)
        #expect(RiskState(account: "a", currency: "USDT").room(for: btc, policy: policy, budget: .policyOnly) == .zero)
    }

    // MARK: - Arithmetic

    @Test(arguments: [7, 8]) func `wide products agree with division in parts`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            let a = Int128(Int64.random(in: .min ... .max, using: &random))
            let b = Int128(Int64.random(in: 0...Int64.max, using: &random))
            let divisor = Int128(Int64.random(in: 1...Int64.max, using: &random))
            let (quotient, rest) = (a * b).quotientAndRemainder(dividingBy: divisor)
            #expect(WideProduct.divided(a, b, by: divisor, rounding: .down) == quotient)
            let away = rest == 0 ? quotient : quotient + (a < 0 ? -1 : 1)
            #expect(WideProduct.divided(a, b, by: divisor, rounding: .up) == away)
            #expect(
                WideProduct.divided(a, b, by: divisor, rounding: .nearest) == FixedPointRounding.nearest.quotient(a * b, divisor))
            // Beyond 128 bits and back.
            let large = a << 60
            if b > 0 { #expect(WideProduct.divided(large, b, by: b, rounding: .nearest) == large) }
        }
        #expect(WideProduct.divided(.max, .max, by: .max, rounding: .up) == .max)
        #expect(WideProduct.divided(.max, 2, by: 1, rounding: .down) == nil)
        #expect(WideProduct.divided(1, 1, by: 0, rounding: .down) == nil)
    }

    @Test func `ratios are exact in millionths and refuse what is none`() {
        #expect(RiskRatio(0.1) == .percent(10) && RiskRatio(0.000_000_4) == .zero && RiskRatio(125)?.millionths == 125_000_000)
        for bad in [-0.1, .nan, .infinity, 2_000_000] { #expect(RiskRatio(bad) == nil) }
        #expect(RiskRatio(notAbove: 0.019_999_999_9).millionths == 19_999 && RiskRatio(notAbove: .nan) == .zero)
        #expect(RiskRatio.percent(5).description == "5 %" && RiskRatio(millionths: 12_345).description == "1.2345 %")
    }
}

/// `price` is taken as a name where this is used.
private func parsed(_ text: String) -> Price { price(text) }
