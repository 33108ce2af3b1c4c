import Market
import Strategies
import Testing
import Trading

@testable import Configuration

@Suite struct EffectiveConfigurationTests {
    @Test func `what is not written has freqtrade's defaults`() throws {
        let configuration = try #require(try check(minimal).configuration)
        #expect(configuration.sizing.wallet == 1000)
        #expect(configuration.sizing.tradableBalanceRatio == 0.99)
        #expect(configuration.sizing.stakeAmount == .fixed(100))
        #expect(configuration.sizing.maxOpenTrades == 3)
        #expect(configuration.sizing.amountReservePercent == 0.05)
        #expect(configuration.timerange == .all)
        #expect(configuration.orders == OrderSettings())
        #expect(configuration.rules.minimalROI == [0: 0.1])
        #expect(configuration.parameters.description == "average=ema fastExit=false level=0.2 period=14")
    }

    @Test func `a configuration key wins over the strategy's rule, and the rules see the parameters`() throws {
        let text = try changed(
            try changed(try changed(minimal, "minimal_roi", "{\"0\": 0.02, \"30\": 0}"), "timeframe", "\"15m\""),
            "strategy_parameters", "{\"period\": 20}")
        let configuration = try #require(try check(text).configuration)
        #expect(configuration.rules.minimalROI == [0: 0.02, 30: 0])
        #expect(configuration.rules.timeframe == Timeframe("15m"))
        #expect(configuration.rules.startupCandleCount == 40)
        #expect(configuration.rules.stoploss == StrategyRules(timeframe: "5m").stoploss)
    }

    @Test func `the command line wins over the environment, and that over files`() throws {
        var overrides = CommandLineOverrides()
        overrides.timerange = "20240301-"
        overrides.parameters = ["period=30", "level=0.4"]
        overrides.pairs = ["ETH/USDT"]
        overrides.dataFolder = "elsewhere"
        let text = try changed(
            try changed(try changed(minimal, "execution.timerange", "\"20240101-20240201\""), "execution.data_path", "\"here\""),
            "strategy_parameters", "{\"period\": 20, \"average\": \"sma\"}")
        let (result, problems) = try check(
            text, environment: ["FREQTRADE__STAKE_AMOUNT": "50", "FREQTRADE__TIMERANGE": "20230101-"], overrides: overrides)
        let configuration = try #require(result, "\(problems)")
        #expect(configuration.timerange == (try TimeRange(parsing: "20240301-")))
        #expect(configuration.sizing.stakeAmount == .fixed(50))
        #expect(configuration.parameters.description == "average=sma fastExit=false level=0.4 period=30")
        #expect(configuration.exchange.pairs.map(\.description) == ["ETH/USDT"])
        #expect(configuration.dataFolder == "elsewhere")
        overrides.parameters = ["period=99", "perod=7", "level"]
        #expect(
            summary(try check(text, overrides: overrides).problems) == [
                "error strategy.invalidParameter ", "error strategy.invalidParameter period",
                "error strategy.unknownParameter perod",
            ])
    }

    @Test func `a parameter file stands between the configuration and the strategy`() throws {
        let file = """
            {"strategy_name": "Probe", "params": {"buy": {"period": 33, "level": 0.5}, "sell": {"average": "sma"},
             "roi": {"0": 0.07}, "stoploss": {"stoploss": -0.2}, "trailing": {"trailing_stop": true, "trailing_stop_positive": 0.01,
             "trailing_stop_positive_offset": 0.02, "trailing_only_offset_is_reached": true}, "max_open_trades": {"max_open_trades": 9}},
             "ft_stratparam_v": 1, "export_time": "2024-01-01"}
            """
        let text = try changed(
            try changed(minimal, "strategy_parameters_file", "\"Probe.json\""), "strategy_parameters", "{\"level\": 0.3}")
        let (result, problems) = try check(text, files: ["Probe.json": file])
        let configuration = try #require(result, "\(problems)")
        #expect(configuration.parameters.description == "average=sma fastExit=false level=0.3 period=33")
        #expect(configuration.rules.minimalROI == [0: 0.07])
        #expect(configuration.rules.stoploss == -0.2)
        #expect(configuration.rules.trailingStopPositive == 0.01)
        #expect(configuration.sizing.maxOpenTrades == 3)
        let other = try check(text, files: ["Probe.json": "{\"strategy_name\": \"Other\", \"params\": {}}"]).problems
        #expect(summary(other) == ["error value.conflict strategy_name"])
        #expect(summary(try check(text).problems) == ["error file.unreadable "])
    }

    @Test func `an absent mode follows the seed's rule`() throws {
        let plain = try changed(minimal, "execution", nil)
        #expect(try check(plain).configuration?.mode == .dryRun)
        #expect(try check(try changed(plain, "timerange", "\"20240101-\"")).configuration?.mode == .backtest)
        #expect(
            summary(try check(try changed(plain, "dry_run", "false")).problems).contains(
                "error live.confirmLive execution.confirm_live"))
    }

    @Test func `two time ranges that differ are a conflict, equal ones are not`() throws {
        let one = try changed(minimal, "timerange", "\"20240101-\"")
        #expect(try check(try changed(one, "execution.timerange", "\"20240101T0000-\"")).problems == [])
        let problems = try check(try changed(one, "execution.timerange", "\"20240102-\"")).problems
        #expect(summary(problems) == ["error value.conflict execution.timerange"])
    }

    @Test func `how orders are placed and priced is read, and the same at the worker`() throws {
        var text = minimal
        for (key, value) in [
            (
                "order_types",
                """
                {"entry": "market", "stoploss": "market", "force_exit": "market", "stoploss_on_exchange": true,
                 "stoploss_on_exchange_interval": 30, "stoploss_on_exchange_limit_ratio": 0.98}
                """
            ),
            ("order_time_in_force", "{\"entry\": \"fok\", \"exit\": \"IOC\"}"),
            ("entry_pricing", "{\"price_side\": \"other\", \"price_last_balance\": 0.5}"),
            ("exit_pricing", "{\"price_side\": \"bid\", \"use_order_book\": true, \"order_book_top\": 3}"),
            ("unfilledtimeout", "{\"entry\": 2, \"exit\": 30, \"unit\": \"minutes\", \"exit_timeout_count\": 2}"),
            ("ignore_buying_expired_candle_after", "90"), ("cancel_open_orders_on_exit", "true"),
            ("internals", "{\"process_throttle_secs\": 0.5}"), ("execution.mode", "\"dry-run\""), ("timerange", nil),
        ] { text = try changed(text, key, value) }
        let configuration = try #require(try check(text).configuration)
        let orders = configuration.orders
        #expect(orders.entry == .market && orders.exit == .limit && orders.stoploss == .market)
        #expect(orders.emergencyExit == .market && orders.forceEntry == nil && orders.forceExit == .market)
        #expect(orders.stoplossOnExchange && orders.stoplossOnExchangeInterval == 30)
        #expect(orders.stoplossOnExchangeLimitRatio == 0.98)
        #expect(orders.entryTimeInForce == .fillOrKill && orders.exitTimeInForce == .immediateOrCancel)
        #expect(orders.entryPricing.side == .other && orders.entryPricing.lastBalance == 0.5)
        #expect(orders.exitPricing.side == .bid && orders.exitPricing.usesOrderBook && orders.exitPricing.orderBookTop == 3)
        #expect(orders.entryTimeout == 120 && orders.exitTimeout == 1800 && orders.exitTimeoutCount == 2)
        #expect(orders.ignoreExpiredCandleAfter == 90 && orders.cancelOpenOrdersOnExit && orders.throttleMilliseconds == 500)
        let again = try EffectiveConfiguration.decode(canonical: configuration.canonicalBytes, registry: try registry())
        #expect(again.orders == orders)
    }

    @Test func `the pairs of a blacklist are left out`() throws {
        let text = try changed(
            try changed(minimal, "exchange.pair_whitelist", "[\"BTC/USDT\", \"BNB/USDT\", \"ETH/USDT\"]"),
            "exchange.pair_blacklist", "[\"bnb/.*\", \"DOGE/USDT\"]")
        let configuration = try #require(try check(text).configuration)
        #expect(configuration.exchange.pairs.map(\.description) == ["BTC/USDT", "ETH/USDT"])
    }

    @Test func `the corpus runs' configurations are read`() throws {
        for run in ["EmaCross", "EmaCross-xrp_eth"] {
            guard let folder = corpus() else { return }
            var overrides = CommandLineOverrides()
            overrides.strategy = "EmaCross"
            let (result, problems) = EffectiveConfiguration.check(
                files: [folder + "/runs/\(run)/config.json"], overrides: overrides, registry: try registry(), purpose: .backtest)
            let configuration = try #require(result, "\(problems)")
            #expect(problems == [])
            #expect(configuration.orders.entryTimeout == 600)
            #expect(configuration.sizing.tradableBalanceRatio == 0.99)
        }
        print("corpus configurations read: 2")
    }
}

/// The corpus, where it is there.
func corpus() -> String? {
    let place = environmentValue("PRAGMA_CORPUS") ?? Place.package + "/../shared/corpus"
    guard (try? FileSource.disk.read(place + "/freqtrade/runs/EmaCross/config.json", 1 << 20)) != nil else {
        print("no corpus at \(place): skipped")
        return nil
    }
    return place + "/freqtrade"
}
