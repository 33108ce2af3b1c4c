import Testing

@testable import Configuration

/// One change to a good configuration, and the one problem it makes.
@Suite struct ProblemTableTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var base: String
        var path: String
        var value: String?
        var expected: [String]
        var testDescription: String { "\(path) = \(value ?? "nothing")" }
    }

    static func backtest(_ path: String, _ value: String?, _ expected: String...) -> Case {
        Case(base: minimal, path: path, value: value, expected: expected)
    }

    static func live(_ path: String, _ value: String?, _ expected: String...) -> Case {
        Case(base: minimalLive, path: path, value: value, expected: expected)
    }

    static let keys: [Case] = [
        backtest("strategy", nil, "error key.missing strategy", "error key.missing timeframe"),
        backtest("strategy", "7", "error value.type strategy", "error key.missing timeframe"),
        backtest("strategy", "\"\"", "error value.outOfRange strategy", "error key.missing timeframe"),
        backtest("strategy", "\"ShortProbe\"", "error feature.unsupported strategy"),
        backtest("strategy", "\"Emacross\"", "error strategy.unknown strategy", "error key.missing timeframe"),
        backtest("stake_currency", nil, "error key.missing stake_currency"),
        backtest("stake_currency", "1", "error value.type stake_currency"),
        backtest("stake_currency", "\"BTC\"", "error pair.quote exchange.pair_whitelist[0]"),
        backtest("exchange", nil, "error key.missing exchange"),
        backtest("exchange", "\"binance\"", "error value.type exchange"),
        backtest("exchange.name", nil, "error key.missing exchange.name"),
        backtest("exchange.name", "\"../x\"", "error value.notAllowed exchange.name"),
        backtest("stake_ammount", "5", "warning key.unknown stake_ammount"),
        backtest("exchange.pair_whitlist", "[]", "warning key.unknown exchange.pair_whitlist"),
        backtest("execution.mod", "1", "warning key.unknown execution.mod"),
        backtest("execution", "[]", "error value.type execution"),
        backtest("timeframe", "\"5x\"", "error timeframe.invalid timeframe"),
        backtest("timeframe", "5", "error value.type timeframe"),
        backtest("timeframe", "\"6d\""),
        backtest("timeframe", "\"1w\""),
        backtest("timeframe", "\"7d\""),
        backtest("timeframe", "\"10001m\"", "error timeframe.invalid timeframe"),
        backtest("timeframe", "\"2w\"", "error timeframe.invalid timeframe"),
        backtest("fee", "NaN", "error value.notFinite fee"),
        backtest("unknown_thing", "Infinity", "error value.notFinite unknown_thing", "warning key.unknown unknown_thing"),
    ]

    static let market: [Case] = [
        backtest("exchange.pair_whitelist", nil, "error key.missing exchange.pair_whitelist"),
        backtest("exchange.pair_whitelist", "[]", "error pair.none exchange.pair_whitelist"),
        backtest("exchange.pair_whitelist", "\"BTC/USDT\"", "error value.type exchange.pair_whitelist"),
        backtest("exchange.pair_whitelist", "[1, \"BTC/USDT\"]", "error value.type exchange.pair_whitelist[0]"),
        backtest("exchange.pair_whitelist", "[\"BTCUSDT\"]", "error pair.form exchange.pair_whitelist[0]"),
        backtest("exchange.pair_whitelist", "[\".*/USDT\"]", "error pair.pattern exchange.pair_whitelist[0]"),
        backtest("exchange.pair_whitelist", "[\"BTC/USDT:USDT\"]", "error feature.unsupported exchange.pair_whitelist[0]"),
        backtest("exchange.pair_whitelist", "[\"BTC/USDT\", \"BTC/USDT\"]", "warning pair.twice exchange.pair_whitelist[1]"),
        backtest("exchange.pair_whitelist", "[\"BTC/USDT\", \"ETH/BTC\"]", "error pair.quote exchange.pair_whitelist[1]"),
        backtest("exchange.pair_blacklist", "[\"BNB/.*\"]"),
        backtest("exchange.pair_blacklist", "[\"BTC/.*\"]", "error pair.none exchange.pair_whitelist"),
        backtest("exchange.pair_blacklist", "[\"(\"]", "error pair.pattern exchange.pair_blacklist[0]"),
        backtest("timerange", "\"20240101-20240201\""),
        backtest("timerange", "\"2024\"", "error timerange.invalid timerange"),
        backtest("timerange", "\"20240230-\"", "error timerange.invalid timerange"),
        backtest("timerange", "\"20240201-20240101\"", "error timerange.invalid timerange"),
        backtest("execution.timerange", "20240101", "error value.type execution.timerange"),
        backtest("pairlists", "[{\"method\": \"StaticPairList\"}]"),
        backtest("pairlists", "[{\"method\": \"VolumePairList\"}]", "error feature.unsupported pairlists[0].method"),
        backtest("pairlists", "[{}]", "error key.missing pairlists[0].method"),
        backtest("dataformat_ohlcv", "\"json\"", "error feature.unsupported dataformat_ohlcv"),
    ]

    static let sizing: [Case] = [
        backtest("stake_amount", nil, "error key.missing stake_amount"),
        backtest("stake_amount", "\"all\"", "error value.type stake_amount"),
        backtest("stake_amount", "0", "error value.outOfRange stake_amount"),
        backtest("stake_amount", "-5", "error value.outOfRange stake_amount"),
        backtest("stake_amount", "1001", "warning sizing.stakeOverWallet stake_amount"),
        backtest("stake_amount", "995", "warning sizing.stakeOverWallet stake_amount"),
        backtest("stake_amount", "990"),
        backtest("available_capital", "99", "warning sizing.stakeOverWallet stake_amount"),
        backtest("available_capital", "100"),
        backtest("stake_amount", "1.1e15", "error value.outOfRange stake_amount"),
        backtest("dry_run_wallet", "1.1e15", "error value.outOfRange dry_run_wallet"),
        backtest("dry_run_wallet", "{\"USDT\": 1e16}", "error value.outOfRange dry_run_wallet.USDT"),
        backtest("available_capital", "1.1e15", "error value.outOfRange available_capital"),
        backtest("stake_amount", "\"unlimited\""),
        backtest("max_open_trades", nil, "warning sizing.maxOpenTradesUnset max_open_trades"),
        backtest("max_open_trades", "-1"),
        backtest("max_open_trades", "Infinity"),
        backtest("max_open_trades", "-2", "error value.outOfRange max_open_trades"),
        backtest("max_open_trades", "2.5", "error value.type max_open_trades"),
        backtest("max_open_trades", "\"3\"", "error value.type max_open_trades"),
        backtest("tradable_balance_ratio", "1.1", "error value.outOfRange tradable_balance_ratio"),
        backtest("tradable_balance_ratio", "0", "error value.outOfRange tradable_balance_ratio"),
        backtest("dry_run_wallet", "{\"USDT\": 500, \"BTC\": 1}"),
        backtest("dry_run_wallet", "{\"BTC\": 1}", "error sizing.walletCurrency dry_run_wallet"),
        backtest("dry_run_wallet", "0", "error value.outOfRange dry_run_wallet"),
        backtest("dry_run_wallet", "{\"USDT\": 0, \"BTC\": 1}", "error value.outOfRange dry_run_wallet.USDT"),
        backtest("dry_run_wallet", "{\"USDT\": 200, \"BTC\": 0}"),
        backtest("dry_run_wallet", "-1", "error value.outOfRange dry_run_wallet"),
        backtest("fee", "0.2", "error value.outOfRange fee"),
        backtest("amend_last_stake_amount", "1", "error value.type amend_last_stake_amount"),
        backtest(
            "unfilledtimeout", "{\"entry\": 10, \"exit\": 5, \"unit\": \"minuten\"}",
            "error value.notAllowed unfilledtimeout.unit"),
        backtest("unfilledtimeout", "{\"entry\": 0}", "error value.outOfRange unfilledtimeout.entry"),
        backtest("unfilledtimeout", "{\"buy\": 10}", "warning key.unknown unfilledtimeout.buy"),
        backtest("order_types", "{\"entry\": \"limit\", \"exit\": \"stop\"}", "error value.notAllowed order_types.exit"),
        backtest("order_types", "{\"entry\": \"market\"}", "error value.conflict entry_pricing.price_side"),
        backtest(
            "order_types.stoploss_on_exchange_interval", "0", "error value.outOfRange order_types.stoploss_on_exchange_interval"),
        backtest("order_types.emergency_exit", "\"stop\"", "error value.notAllowed order_types.emergency_exit"),
        backtest("order_time_in_force.entry", "\"GTX\"", "error value.notAllowed order_time_in_force.entry"),
        backtest("entry_pricing", "{\"price_side\": \"middle\"}", "error value.notAllowed entry_pricing.price_side"),
        backtest("exit_pricing", "{\"order_book_top\": 51}", "error value.outOfRange exit_pricing.order_book_top"),
        backtest("exit_pricing", "{\"order_book\": true}", "warning key.unknown exit_pricing.order_book"),
        backtest("entry_pricing", "{\"check_depth_of_market\": {\"enabled\": true}}"),
        live(
            "entry_pricing", "{\"check_depth_of_market\": {\"enabled\": true}}",
            "error feature.unsupported entry_pricing.check_depth_of_market.enabled"),
        live("order_time_in_force", "{\"entry\": \"PO\", \"exit\": \"ioc\"}"),
        live("ignore_buying_expired_candle_after", "300"),
        backtest("ignore_buying_expired_candle_after", "-1", "error value.outOfRange ignore_buying_expired_candle_after"),
        backtest("internals.process_throttle_secs", "0", "error value.outOfRange internals.process_throttle_secs"),
        backtest("cancel_open_orders_on_exit", "1", "error value.type cancel_open_orders_on_exit"),
    ]

    static let exits: [Case] = [
        backtest("stoploss", "0.05", "error exit.stoplossSign stoploss"),
        backtest("stoploss", "0", "error exit.stoplossSign stoploss"),
        backtest("stoploss", "-5", "error exit.stoplossSign stoploss"),
        backtest("stoploss", "-1"),
        backtest("stoploss", "\"-0.1\"", "error value.type stoploss"),
        backtest("minimal_roi", "{\"0\": 0.1, \"60\": -1}"),
        backtest("minimal_roi", "{}"),
        backtest("minimal_roi", "{\"x\": 0.1}", "error exit.roiTable minimal_roi.x"),
        backtest("minimal_roi", "{\"0.5\": 0.1}", "error exit.roiTable minimal_roi.0.5"),
        backtest("minimal_roi", "{\"0\": \"a\"}", "error value.type minimal_roi.0"),
        backtest("minimal_roi", "{\"0\": 0.1, \"00\": 0.2}", "error exit.roiTable minimal_roi.00"),
        backtest("minimal_roi", "[0.1]", "error value.type minimal_roi"),
        backtest("trailing_stop_positive", "2", "error value.outOfRange trailing_stop_positive"),
        backtest("trailing_stop", "\"yes\"", "error value.type trailing_stop"),
        backtest("strategy_parameters", "{\"period\": 20, \"level\": 0.3, \"average\": \"sma\", \"fastExit\": true}"),
        backtest("strategy_parameters", "{\"period\": 4}", "error strategy.invalidParameter strategy_parameters.period"),
        backtest("strategy_parameters", "{\"periods\": 9}", "error strategy.unknownParameter strategy_parameters.periods"),
        backtest("strategy_parameters", "{\"period\": [9]}", "error value.type strategy_parameters.period"),
    ]

    static let features: [Case] = [
        backtest("trading_mode", "\"spot\""),
        backtest("trading_mode", "\"futures\"", "error feature.unsupported trading_mode"),
        backtest("trading_mode", "\"Spot\"", "error value.notAllowed trading_mode"),
        backtest("position_adjustment_enable", "true", "error feature.unsupported position_adjustment_enable"),
        backtest("position_adjustment_enable", "false"),
        backtest("enable_protections", "true", "error feature.unsupported enable_protections"),
        backtest("protections", "[]", "error feature.unsupported protections"),
        backtest("timeframe_detail", "\"1m\"", "error feature.unsupported timeframe_detail"),
        backtest("freqai", "{\"enabled\": true}", "error feature.unsupported freqai.enabled"),
        backtest("freqai", "{\"enabled\": false}"),
        backtest("edge", "{\"enabled\": true}", "error feature.unsupported edge.enabled"),
        backtest("strategy_list", "[\"A\"]", "error feature.unsupported strategy_list"),
        backtest("telegram", "{\"enabled\": true}", "warning feature.ignored telegram.enabled"),
        backtest("api_server", "{\"enabled\": false}"),
        backtest("strategy_path", "\"user_data\"", "warning feature.ignored strategy_path"),
        backtest("process_only_new_candles", "true"),
    ]

    /// What freqtrade accepts and what changes nothing here.
    static let ignored: [Case] = [
        backtest("reduce_df_footprint", "true", "error feature.unsupported reduce_df_footprint"),
        backtest("reduce_df_footprint", "false"),
        backtest("order_time_in_force", "{\"entry\": \"GTC\", \"exit\": \"gtc\"}"),
        backtest("order_time_in_force", "{\"entry\": \"FOK\"}", "warning feature.ignored order_time_in_force.entry"),
        backtest("order_time_in_force", "{\"exit\": \"IOC\"}", "warning feature.ignored order_time_in_force.exit"),
        backtest("order_time_in_force", "{\"buy\": \"GTC\"}", "warning key.unknown order_time_in_force.buy"),
        backtest("order_types", "{\"entry\": \"limit\", \"stoploss_on_exchange\": false}"),
        backtest("order_types", "{\"buy\": \"limit\"}", "warning key.unknown order_types.buy"),
        backtest("export", "\"signals\"", "warning feature.ignored export"),
        backtest("user_data_dir", "\"user_data\"", "warning feature.ignored user_data_dir"),
        backtest(
            "unfilledtimeout", "{\"exit\": 5, \"exit_timeout_count\": 2}",
            "warning feature.ignored unfilledtimeout.exit_timeout_count"),
        backtest("execution.monitoring", "true"),
        backtest("execution.monitoring", "false", "warning feature.ignored execution.monitoring"),
        backtest("execution.alerts", "true", "warning feature.ignored execution.alerts"),
        live("execution.alerts", "true"),
    ]

    static let modes: [Case] = [
        backtest("execution.mode", "\"simulated\"", "warning mode.alias execution.mode"),
        backtest("execution.mode", "\"backtests\"", "error mode.invalid execution.mode"),
        backtest("execution.mode", "1", "error value.type execution.mode"),
        backtest("dry_run", "false", "error mode.dryRunConflict dry_run"),
        backtest("dry_run", "\"true\"", "error value.type dry_run"),
        backtest("execution.safety_checks", "1", "error value.type execution.safety_checks"),
        backtest("exchange.key", "\"\""),
        backtest("exchange.key", "\"your_key_here\"", "warning credential.placeholder exchange.key"),
        backtest("exchange.secret", "\"<secret>\"", "warning credential.placeholder exchange.secret"),
        backtest("exchange.password", "\"changeme\"", "warning credential.placeholder exchange.password"),
        backtest("exchange.uid", "\"xxxxxxxx\"", "warning credential.placeholder exchange.uid"),
        backtest("exchange.key", "\"latestContestExampledemo9\"", "warning credential.inFile exchange.key"),
        backtest("exchange.key", "12345678", "warning credential.inFile exchange.key"),
        backtest("exchange.ccxt_config", "{\"apiKey\": \"q8Zr\"}", "warning credential.inFile exchange.ccxt_config.apiKey"),
        // A word that only sounds like a test key elsewhere is none.
        backtest("bot_name", "\"test_key\""),
    ]

    static let lives: [Case] = [
        live("execution.confirm_live", nil, "error live.confirmLive execution.confirm_live"),
        live("execution.confirm_live", "false", "error live.confirmLive execution.confirm_live"),
        live("execution.safety_phrase", nil, "error live.safetyPhraseMissing execution.safety_phrase"),
        live("execution.safety_phrase", "\"i understand the risks\"", "error live.safetyPhraseWrong execution.safety_phrase"),
        live("execution.safety_phrase", "\"I_UNDERSTAND_THE RISKS\""),
        live("execution.safety_checks", "false", "error live.safetyChecks execution.safety_checks"),
        live("dry_run", "true", "error live.dryRun dry_run"),
        live("dry_run", nil, "error live.dryRun dry_run"),
        live("risk", nil, "error live.riskMissing risk"),
        live("risk.max_drawdown", nil, "error live.riskLimitMissing risk.max_drawdown"),
        live("risk.max_drawdown", "0", "error value.outOfRange risk.max_drawdown"),
        live("risk.max_consecutive_losses", "2.5", "error value.type risk.max_consecutive_losses"),
        live("risk.max_drawdwn", "0.1", "error key.unknown risk.max_drawdwn"),
        live("risk.max_open_orders", "10"),
        live("risk.max_open_orders", "0", "error value.outOfRange risk.max_open_orders"),
        live("risk.max_open_orders", "10001", "error value.outOfRange risk.max_open_orders"),
        live("risk.max_orders_per_minute", "12"),
        live("risk.max_orders_per_minute", "1.5", "error value.type risk.max_orders_per_minute"),
        live("risk.price_collar", "0.01"),
        live("risk.price_collar", "1.01", "error value.outOfRange risk.price_collar"),
        live("risk.price_collar", "\"1 %\"", "error value.type risk.price_collar"),
        live("risk.max_order_value", "250.5"),
        live("risk.max_order_value", "0", "error value.outOfRange risk.max_order_value"),
        live("risk.max_position_value", "500"),
        live("risk.max_position_value", "1e16", "error value.outOfRange risk.max_position_value"),
        live("risk.max_equity_age", "\"10m\""),
        live("risk.max_equity_age", "120"),
        live("risk.max_equity_age", "\"30s\"", "error value.outOfRange risk.max_equity_age"),
        live("risk.max_equity_age", "\"2h\"", "error value.outOfRange risk.max_equity_age"),
        live("risk.max_equity_age", "\"soon\"", "error duration.invalid risk.max_equity_age"),
        live("risk.max_correlation", "0.5"),
        live("risk.max_correlation", "-0.5", "error value.outOfRange risk.max_correlation"),
        live("risk.max_correlated_exposure", "0.4"),
        live("risk.max_correlated_exposure", "true", "error value.type risk.max_correlated_exposure"),
        live("risk.sizing", "\"fixed\""),
        live("risk.sizing", "\"kelly\""),
        live("risk.sizing", "\"keley\"", "error value.notAllowed risk.sizing"),
        live("risk.sizing", "\"volatility\"", "error key.missing risk.target_volatility"),
        live("risk.sizing", "2", "error value.type risk.sizing"),
        live("risk.target_volatility", "0.001", "error value.conflict risk.target_volatility"),
        backtest("risk", "{\"sizing\": \"fixed\"}"),
        backtest("risk", "{\"sizing\": \"kelly\"}", "warning feature.ignored risk.sizing"),
        backtest(
            "risk", "{\"sizing\": \"volatility\", \"target_volatility\": 0.001}", "warning feature.ignored risk.sizing"),
        backtest(
            "risk", "{\"sizing\": \"volatility\", \"target_volatility\": 2}", "warning feature.ignored risk.sizing",
            "error value.outOfRange risk.target_volatility"),
        live("max_open_trades", nil, "error live.maxOpenTrades max_open_trades"),
        live("max_open_trades", "-1", "error live.maxOpenTrades max_open_trades"),
        live("stake_amount", "\"unlimited\"", "warning live.stakeUnlimited stake_amount"),
        live("account", nil, "error live.account account"),
        live("account", "{}", "error key.missing account.name"),
        live("account", "{\"name\": \"main\", \"exclusive\": true, \"dead_man\": \"entries\"}"),
        live("account", "{\"name\": \"main\", \"exclusive\": true, \"dead_man\": \"all\"}"),
        live("account", "{\"name\": \"main\", \"exclusive\": true}"),
        live("account.dead_man", "\"off\""),
        live("account.dead_man", "\"entries\"", "error live.deadMan account.dead_man"),
        live("account.dead_man", "\"stops\"", "error value.notAllowed account.dead_man"),
        live("account.dead_man", "60", "error value.type account.dead_man"),
        live("account", "{\"name\": \"main\", \"dead_man\": \"all\"}", "error live.deadMan account.dead_man"),
        live("exchange.name", "\"binance\"", "error live.venueNotPaper exchange.name"),
        live("exchange.key", "\"YOUR_LIVE_API_KEY\"", "error credential.placeholder exchange.key"),
        live("exchange.secret", "\"test_secret\"", "error credential.placeholder exchange.secret"),
        live("exchange.key", "\"paperJ8s7\"", "warning credential.inFile exchange.key"),
    ]

    @Test(arguments: [keys, market, sizing, exits, features, ignored, modes, lives].flatMap { $0 })
    func `a change gives exactly its problems`(item: Case) throws {
        let (configuration, problems) = try check(try changed(item.base, item.path, item.value))
        #expect(summary(problems) == item.expected.sorted())
        #expect((configuration == nil) == item.expected.contains { $0.hasPrefix("error") })
        for problem in problems {
            #expect(problem.location.line > 0, "\(problem)")
            #expect(!problem.problem.isEmpty && !problem.remedy.isEmpty)
        }
    }

    @Test func `the two good configurations have no problem`() throws {
        #expect(try check(minimal).problems == [])
        #expect(try check(minimalLive).problems == [])
    }

    @Test(
        arguments: [
            ("\"trailing_stop\": true, \"trailing_only_offset_is_reached\": true", "trailing_only_offset_is_reached"),
            ("\"trailing_stop\": true, \"trailing_stop_positive\": 0", "trailing_stop_positive"),
            (
                "\"trailing_stop\": true, \"trailing_stop_positive\": 0.02, \"trailing_stop_positive_offset\": 0.02",
                "trailing_stop_positive_offset"
            ),
            ("\"trailing_stop\": true, \"trailing_stop_positive\": 0.02, \"trailing_stop_positive_offset\": 0.03", ""),
            ("\"trailing_stop\": false, \"trailing_stop_positive\": 0", ""),
        ])
    func `combinations of the trailing stop follow freqtrade's rules`(members: String, key: String) throws {
        let text = "{" + members + "," + minimal.dropFirst()
        #expect(summary(try check(text).problems) == (key.isEmpty ? [] : ["error exit.trailing \(key)"]))
    }

    @Test func `a warning of a key without effect shows its value`() throws {
        let problems = try check(try changed(minimal, "order_time_in_force", "{\"entry\": \"FOK\"}")).problems
        #expect(problems.first?.description.contains("order_time_in_force.entry \"FOK\": has no effect") == true)
    }

    @Test func `a smaller last trade may use what is there`() throws {
        let text = try changed(try changed(minimal, "amend_last_stake_amount", "true"), "stake_amount", "1500")
        #expect(summary(try check(text).problems) == [])
        let tooLarge = try changed(text, "stake_amount", "2000")
        #expect(summary(try check(tooLarge).problems) == ["warning sizing.stakeOverWallet stake_amount"])
    }

    @Test func `every problem is found at once, errors first and then by place`() throws {
        let text = """
            {"strategy": "EmaCros",
             "timeframe": "5q",
             "stoploss": 3,
             "stake_amount": [],
             "stake_curency": "USDT",
             "exchange": {"name": 5,
              "pair_whitelist": ["BTC"]},
             "execution": {"mode": "bactest"}}
            """
        let problems = try check(text).problems
        #expect(
            problems.map { "\($0.location.line) \($0.code) \($0.key)" } == [
                "1 key.missing stake_currency", "1 strategy.unknown strategy", "2 timeframe.invalid timeframe",
                "3 exit.stoplossSign stoploss", "4 value.type stake_amount", "6 value.type exchange.name",
                "7 pair.form exchange.pair_whitelist[0]", "8 mode.invalid execution.mode", "5 key.unknown stake_curency",
            ])
        #expect(
            problems[1].description.hasPrefix(
                "config.json:1:14: error: strategy \"EmaCros\": there is no such strategy; did you mean \"EmaCross\"?"))
        #expect(problems.last?.remedy.contains("did you mean \"stake_currency\"?") == true)
    }

    @Test func `files that cannot be read give one problem each`() throws {
        let registry = try registry()
        let (_, problems) = EffectiveConfiguration.check(
            files: ["a.json", "b.json", "c.json"], registry: registry,
            source: .memory(["b.json": "{\n \"a\" 1}", "c.json": "[1]"]))
        #expect(summary(problems) == ["error file.notAnObject ", "error file.syntax ", "error file.unreadable "])
        #expect(problems.first { $0.code == .syntax }?.location.description == "b.json:2:6")
    }

    @Test func `an environment variable that makes a configuration live is refused`() throws {
        let text = try changed(minimalLive, "dry_run", "true")
        let problems = try check(text, environment: ["FREQTRADE__DRY_RUN": "false"]).problems
        #expect(summary(problems) == ["error live.dryRunOverride dry_run"])
        #expect(problems.first?.location.description == "environment FREQTRADE__DRY_RUN")
    }

    @Test func `a purpose other than that of the file is refused where one of them is live`() throws {
        #expect(try check(minimal, purpose: .dryRun).configuration?.mode == .dryRun)
        #expect(summary(try check(minimal, purpose: .live).problems).contains("error mode.invalid execution.mode"))
        #expect(summary(try check(minimalLive, purpose: .backtest).problems).contains("error mode.invalid execution.mode"))
    }
}
