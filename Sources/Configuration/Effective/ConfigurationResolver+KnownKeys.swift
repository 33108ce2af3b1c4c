/// The keys that are known: freqtrade's schema, the seed's and our own. What is not in the lists is most likely misspelt.
extension ConfigurationResolver {
    static let knownKeys: [String] = ownKeys + sizingKeys + exitKeys + dataKeys + operationKeys + searchKeys

    private static let ownKeys = ["execution", "risk", "account", "strategy_parameters", "strategy_parameters_file", "alerts"]

    private static let sizingKeys = [
        "max_open_trades", "stake_currency", "stake_amount", "tradable_balance_ratio", "available_capital",
        "amend_last_stake_amount", "last_stake_amount_min_ratio", "amount_reserve_percent", "dry_run", "dry_run_wallet", "fee",
        "fiat_display_currency", "position_adjustment_enable", "max_entry_position_adjustment", "proxy_coin",
        "minimum_trade_amount", "targeted_trade_amount",
    ]

    private static let exitKeys = [
        "minimal_roi", "stoploss", "trailing_stop", "trailing_stop_positive", "trailing_stop_positive_offset",
        "trailing_only_offset_is_reached", "use_exit_signal", "exit_profit_only", "exit_profit_offset",
        "ignore_roi_if_entry_signal", "ignore_buying_expired_candle_after", "unfilledtimeout", "order_types",
        "order_time_in_force", "entry_pricing", "exit_pricing", "custom_price_max_distance_ratio",
        "cancel_open_orders_on_exit", "process_only_new_candles", "trading_mode", "margin_mode", "liquidation_buffer",
        "liquidation_warn_ratio", "futures_funding_rate", "enable_protections", "protections", "startup_candle_count",
    ]

    private static let dataKeys = [
        "exchange", "pairlists", "timeframe", "timeframe_detail", "timerange", "strategy", "strategy_list", "strategy_path",
        "recursive_strategy_search", "user_data_dir", "datadir", "db_url", "dataformat_ohlcv", "dataformat_trades",
        "backtest_cache", "backtest_breakdown", "export", "exportfilename", "reduce_df_footprint", "freqai", "freqaimodel",
        "freqaimodel_path", "new_pairs_days", "download_trades", "disable_dataframe_checks", "orderflow", "startup_candle",
        "disableparamexport", "lookahead_analysis_exportfilename", "skip_wallet_history_migration",
    ]

    private static let operationKeys = [
        "bot_name", "initial_state", "force_entry_enable", "internals", "api_server", "telegram", "webhook", "discord",
        "external_message_consumer", "log_config", "logfile", "verbosity", "add_config_files", "config_files", "experimental",
        "coingecko", "edge", "$schema",
    ]

    private static let searchKeys = [
        "hyperopt_path", "epochs", "early_stop", "spaces", "analyze_per_epoch", "print_all", "hyperopt_jobs",
        "hyperopt_random_state", "hyperopt_min_trades", "hyperopt_loss",
    ]

    static let exchangeKeys =
        SecretKeys.credentialFields + [
            "name", "pair_whitelist", "pair_blacklist", "log_responses", "enable_ws", "unknown_fee_rate", "outdated_offset",
            "markets_refresh_interval", "ccxt_config", "ccxt_sync_config", "ccxt_async_config", "sandbox", "_ft_has_params",
            "only_from_ccxt", "skip_open_order_update", "use_public_trades",
        ]
}
