package import Backtesting
package import Configuration
internal import Market
internal import Strategies

/// Results as JSON under freqtrade's names, in full precision: every number is the shortest text that reads back to the same double.
package enum ResultJSON {
    /// A trade with its orders.
    package static func value(_ trade: ClosedTrade) -> ConfigValue {
        object([
            ("id", number(Double(trade.id))), ("pair", text(trade.pair.description)), ("open_date", date(trade.openDate)),
            ("close_date", date(trade.closeDate)), ("open_timestamp", integer(trade.openDate.milliseconds)),
            ("close_timestamp", integer(trade.closeDate.milliseconds)), ("open_rate", number(trade.openRate)),
            ("close_rate", number(trade.closeRate)), ("amount", number(trade.amount)),
            ("amount_requested", number(trade.amountRequested)), ("stake_amount", number(trade.stakeAmount)),
            ("max_stake_amount", number(trade.maxStakeAmount)), ("leverage", number(trade.leverage)),
            ("is_short", ConfigValue(.boolean(trade.isShort))), ("is_open", ConfigValue(.boolean(false))),
            ("fee_open", number(trade.feeOpen)), ("fee_close", number(trade.feeClose)),
            ("open_trade_value", number(trade.openTradeValue)), ("profit_abs", number(trade.profitAbs)),
            ("profit_ratio", number(trade.profitRatio)), ("trade_duration", integer(trade.durationMinutes)),
            ("exit_reason", text(trade.exitReason)), ("enter_tag", text(trade.enterTag)),
            ("initial_stop_loss_abs", number(trade.initialStopLossAbs)),
            ("initial_stop_loss_ratio", number(trade.initialStopLossRatio)), ("stop_loss_abs", number(trade.stopLossAbs)),
            ("stop_loss_ratio", number(trade.stopLossRatio)), ("min_rate", number(trade.minRate)),
            ("max_rate", number(trade.maxRate)),
            ("liquidation_price", ConfigValue(.null)), ("funding_fees", number(trade.fundingFees)),
            ("price_precision", optional(trade.pricePrecision)), ("amount_precision", optional(trade.amountPrecision)),
            ("orders", ConfigValue(.array(trade.orders.map(value)))),
        ])
    }

    private static func value(_ order: ClosedTrade.Order) -> ConfigValue {
        object([
            ("side", text(order.isBuy ? "buy" : "sell")), ("ft_is_entry", ConfigValue(.boolean(order.isEntry))),
            ("amount", number(order.amount)), ("filled", number(order.amount)), ("price", number(order.price)),
            ("cost", number(order.cost)), ("order_type", text(order.type.rawValue)), ("date", date(order.placed)),
            ("filled_date", date(order.filled)), ("tag", text(order.tag)), ("funding_fee", optional(order.fundingFee)),
        ])
    }

    /// A whole run: who, what came out, every trade.
    package static func report(_ result: BacktestResult, of configuration: EffectiveConfiguration) -> ConfigValue {
        object([
            ("format", integer(1)), ("strategy", text(configuration.strategy)), ("parameters", parameters(configuration)),
            ("timeframe", text(configuration.rules.timeframe.description)),
            ("stake_currency", text(configuration.sizing.stakeCurrency)), ("exchange", text(configuration.exchange.name)),
            ("statistics", StatisticsJSON.value(BacktestStatistics(result), result)), ("counters", counters(result.counters)),
            ("trades", ConfigValue(.array(result.trades.map(value)))),
        ])
    }

    private static func parameters(_ configuration: EffectiveConfiguration) -> ConfigValue {
        let values = configuration.parameters
        return object(zip(values.names, values.values).map { ($0, text("\($1)")) })
    }

    private static func counters(_ counters: BacktestCounters) -> ConfigValue {
        object([
            ("rejected_signals", integer(Int64(counters.rejectedSignals))),
            ("timedout_entry_orders", integer(Int64(counters.timedoutEntryOrders))),
            ("timedout_exit_orders", integer(Int64(counters.timedoutExitOrders))),
            ("canceled_trade_entries", integer(Int64(counters.canceledTradeEntries))),
            ("canceled_entry_orders", integer(Int64(counters.canceledEntryOrders))),
            ("replaced_entry_orders", integer(Int64(counters.replacedEntryOrders))),
        ])
    }

    // MARK: - Parts

    static func object(_ members: [(String, ConfigValue)]) -> ConfigValue {
        ConfigValue(.object(Dictionary(members, uniquingKeysWith: { _, last in last })))
    }

    static func text(_ value: String) -> ConfigValue { ConfigValue(.string(value)) }
    static func date(_ value: Timestamp) -> ConfigValue { text(value.description) }
    static func integer(_ value: Int64) -> ConfigValue { ConfigValue(.number(ConfigNumber(value))) }
    /// A number; null for what is none (JSON has no infinity).
    static func number(_ value: Double) -> ConfigValue {
        value.isFinite ? ConfigValue(.number(ConfigNumber(value))) : ConfigValue(.null)
    }
    static func optional(_ value: Double?) -> ConfigValue { value.map(number) ?? ConfigValue(.null) }
}
