import Backtesting
import Configuration
import DryRun
import Fleet
import Market
import Money
import Risk
import Testing
import TradingLoop

@testable import TradingJobs

@Suite struct SettingsTests {
    private func settings(_ more: String) throws -> TradingSettings { TradingSettings(try Sample.configuration(more)) }

    @Test func `without a word about orders everything is as in freqtrade`() throws {
        let settings = try settings("")
        var expected = TradingSettings(rules: settings.rules)
        expected.candleLimit = settings.candleLimit
        #expect(settings == expected)
        #expect(settings.rules.entryOrderType == .limit && settings.processThrottle == 5000)
        #expect(settings.ignoreBuyingExpiredCandleAfter == nil && settings.problems.isEmpty)
    }

    @Test func `at a venue whose time goes faster the account's value counts as long as on the machine`() {
        var policy = RiskPolicy()
        policy.pace(1)
        #expect(policy == RiskPolicy())
        policy.pace(60)
        #expect(policy.maxEquityAge == 60 * RiskPolicy().maxEquityAge)
        policy.maxEquityAge = RiskPolicy().maxEquityAge
        #expect(policy == RiskPolicy())
    }

    @Test func `every key of orders arrives at the loop`() throws {
        let settings = try settings(
            """
            , "order_types": {"entry": "limit", "exit": "market", "stoploss": "market", "emergency_exit": "limit", "force_exit": "market",
              "stoploss_on_exchange": true, "stoploss_on_exchange_interval": 30, "stoploss_on_exchange_limit_ratio": 0.97},
            "entry_pricing": {"price_side": "same", "use_order_book": true, "order_book_top": 3, "price_last_balance": 0.25},
            "exit_pricing": {"price_side": "other"},
            "order_time_in_force": {"entry": "PO", "exit": "IOC"},
            "unfilledtimeout": {"entry": 10, "exit": 20, "unit": "seconds", "exit_timeout_count": 2},
            "ignore_buying_expired_candle_after": 40, "cancel_open_orders_on_exit": true, "internals": {"process_throttle_secs": 2.5}
            """)
        #expect(settings.rules.entryOrderType == .limit && settings.rules.exitOrderType == .market)
        #expect(settings.orderTypes.stoploss == .market && settings.orderTypes.emergencyExit == .limit)
        #expect(settings.orderTypes.forceExit == .market && settings.orderTypes.stoplossOnExchange)
        #expect(
            settings.orderTypes.stoplossOnExchangeInterval == 30_000 && settings.orderTypes.stoplossOnExchangeLimitRatio == 0.97)
        #expect(settings.entryPricing.usesOrderBook && settings.entryPricing.orderBookTop == 3)
        #expect(settings.entryPricing.lastBalance == 0.25 && settings.entryPricing.side == .same)
        #expect(settings.exitPricing.side == .other && !settings.exitPricing.usesOrderBook)
        #expect(settings.entryTimeInForce == .postOnly && settings.exitTimeInForce == .immediateOrCancel)
        #expect(settings.rules.unfilledTimeout.entry == 10_000 && settings.rules.unfilledTimeout.exit == 20_000)
        #expect(settings.exitTimeoutCount == 2 && settings.ignoreBuyingExpiredCandleAfter == 40_000)
        #expect(settings.cancelOpenOrdersOnExit && settings.processThrottle == 2500)
    }

    private func policy(_ more: String) throws -> RiskPolicy {
        let configuration = try Sample.configuration(", \"risk\": {\(more)}")
        return try RiskPolicy(try #require(configuration.risk))
    }

    @Test func `limits that are left out have the policy's defaults`() throws {
        #expect(try policy("") == RiskPolicy())
    }

    @Test func `every key of risk arrives at the policy`() throws {
        var expected = RiskPolicy()
        expected.maxDrawdown = .percent(8)
        expected.maxDailyLoss = .percent(4)
        expected.maxPositionRisk = .percent(1)
        expected.maxTotalExposure = .percent(70)
        expected.maxLeverage = .percent(90)
        expected.maxConsecutiveLosses = 3
        expected.maxVolatilityRatio = .percent(250)
        expected.kellyFraction = .percent(50)
        expected.maxKellyPosition = .percent(10)
        expected.maxOpenOrders = 7
        expected.maxOrdersPerMinute = 8
        expected.priceCollar = .percent(2)
        expected.maxOrderValue = Amount("250.1")
        expected.maxPositionValue = Amount("1000.000000001")
        expected.maxEquityAge = 120_000
        expected.maxCorrelation = .percent(60)
        expected.maxCorrelatedExposure = .percent(40)
        expected.sizing = .volatility(target: RiskRatio(millionths: 1500))
        let text = """
            "max_drawdown": 0.08, "max_daily_loss": 0.04, "max_position_risk": 0.01, "max_total_exposure": 0.7, "max_leverage": 0.9,
            "max_consecutive_losses": 3, "max_volatility_ratio": 2.5, "kelly_fraction": 0.5, "max_kelly_position": 0.1,
            "max_open_orders": 7, "max_orders_per_minute": 8, "price_collar": 0.02, "max_order_value": 250.1,
            "max_position_value": 1000.000000001, "max_equity_age": "2m", "max_correlation": 0.6, "max_correlated_exposure": 0.4,
            "sizing": "volatility", "target_volatility": 0.0015
            """
        let found = try policy(text)
        #expect(found == expected)
        #expect(found.maxOrderValue?.description == "250.1" && found.maxPositionValue?.description == "1000.000000001")
        for name in RiskLimits.keys + RiskLimits.optionalKeys { #expect(text.contains("\"\(name)\""), "\(name)") }
        #expect(try policy("\"sizing\": \"kelly\"").sizing == .kelly && policy("\"sizing\": \"fixed\"").sizing == .fixed)
    }

    @Test func `a plan has the wallet, the fee and the pairs of its configuration`() throws {
        let plan = try DryRunPlan(
            try Sample.configuration(", \"fee\": 0.00075"), registry: try Sample.registry())
        #expect(plan.wallet.free("USDT") == Amount("1000") && plan.rules.fee == Amount("0.00075"))
        #expect(plan.pairs.map(\.description) == ["BTC/USDT"] && plan.exchange == "paper-binance")
        #expect(plan.job.bookDepth == 25 && plan.job.historyCount(candleLimit: 720) == 720)
        let deep = try DryRunPlan(
            try Sample.configuration(", \"exit_pricing\": {\"use_order_book\": true, \"order_book_top\": 40}"),
            registry: try Sample.registry())
        #expect(deep.job.bookDepth == 100 && deep.rules.fee == nil)
    }

    @Test(arguments: [0.1, 1000, 12345.678, 1e-7, 5e14]) func `doubles become money by their shortest text`(value: Double) throws
    {
        let amount = try #require(Amount(decimal: value))
        #expect(amount.approximation == value)
    }
}
