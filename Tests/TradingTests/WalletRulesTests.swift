import Market
import Money
import Testing

@testable import Trading

@Suite("Wallet rules")
struct WalletRulesTests {
    private func rules(_ stake: StakeAmount, trades: Int? = 3) -> WalletRules<Double> {
        WalletRules(stake: stake, maxOpenTrades: trades)
    }

    @Test func `the ratio holds for the whole balance, not for what is left`() {
        let rules = rules(.fixed(100))
        #expect(rules.available(free: 1000, tied: 0, closedProfit: 0) == 990)
        #expect(rules.available(free: 500, tied: 500, closedProfit: 0) == 490)
        #expect(rules.available(free: 5, tied: 995, closedProfit: 0) < 0)
    }

    @Test func `available capital replaces the ratio and grows with profits`() {
        var rules = rules(.fixed(100))
        rules.availableCapital = 300
        #expect(rules.available(free: 1000, tied: 0, closedProfit: 20) == 320)
        #expect(rules.available(free: 1000, tied: 120, closedProfit: 20) == 200)
        #expect(rules.available(free: 50, tied: 120, closedProfit: 20) == 50)
    }

    @Test func `an unlimited stake is an equal share`() {
        let rules = rules(.unlimited)
        #expect(rules.nextStake(available: 900, tied: 0) == 300)
        #expect(rules.nextStake(available: 600, tied: 300) == 300)
        #expect(rules.nextStake(available: 100, tied: 800) == 100)
        #expect(self.rules(.unlimited, trades: nil).nextStake(available: 900, tied: 0) == 0)
    }

    @Test func `a stake that is not there is refused, or amended where that is wanted`() {
        var rules = rules(.fixed(100))
        #expect(rules.nextStake(available: 99, tied: 0) == nil)
        rules.amendLastStakeAmount = true
        #expect(rules.nextStake(available: 99, tied: 0) == 99)
        #expect(rules.nextStake(available: 51, tied: 0) == 51)
        #expect(rules.nextStake(available: 50, tied: 0) == 0)
    }

    @Test func `a small stake is raised by thirty percent at most`() {
        let limits = StakeLimits<Double>(minimum: 10, maximum: 50)
        #expect(WalletRules.limited(8, limits: limits, available: 100) == 10)
        #expect(WalletRules.limited(7.6, limits: limits, available: 100) == nil)
        #expect(WalletRules.limited(60, limits: limits, available: 100) == 50)
        #expect(WalletRules.limited(60, limits: limits, available: 40) == 40)
        #expect(WalletRules.limited(60, limits: limits, available: 9) == nil)
        #expect(WalletRules.limited(30, limits: limits, available: 100, inTrade: 35) == 15)
        #expect(WalletRules.limited(0, limits: limits, available: 100) == nil)
    }

    @Test func `limits of the venue leave room to close again`() throws {
        let instrument = Instrument(
            pair: try #require(Pair("ETH/BTC")), amountPrecision: nil, pricePrecision: nil,
            amountLimits: .init(minimum: 0.01, maximum: 100), costLimits: .init(minimum: 0.001, maximum: nil))
        let limits = StakeLimits<Double>(instrument: instrument, price: 0.05, leverage: 1, amountReserve: 0.05, lossReserve: 0.05)
        #expect(limits.minimum == 0.001 * (1.05 / 0.95))
        #expect(limits.maximum == 5)
        let high = StakeLimits<Double>(instrument: instrument, price: 1, leverage: 2, amountReserve: 0.05, lossReserve: 0)
        #expect(high.minimum == 0.0105 / 2)
        let doubled = StakeLimits<Double>(instrument: instrument, price: 0.05, leverage: 1, amountReserve: 0.6, lossReserve: 0.5)
        #expect(doubled.minimum == 0.0015)
    }

    @Test func `exact numbers follow the same rules`() {
        let rules = WalletRules<ExactDecimal>(stake: .unlimited, maxOpenTrades: 3)
        let free = WalletRules.free(start: ExactDecimal(1000), profit: ExactDecimal(0.1), tied: ExactDecimal(0.2))
        #expect(free == ExactDecimal(999.9))
        let available = rules.available(free: free, tied: ExactDecimal(0.2), closedProfit: .zero)
        #expect(available == ExactDecimal(989.899))
        #expect(rules.nextStake(available: available, tied: ExactDecimal(0.2)) == ExactDecimal(990.099) / ExactDecimal(3))
    }
}
