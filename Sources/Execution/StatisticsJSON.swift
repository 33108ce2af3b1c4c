internal import Backtesting
internal import Configuration
internal import Market

/// The statistics of a run under freqtrade's names.
enum StatisticsJSON {
    static func value(_ statistics: BacktestStatistics, _ result: BacktestResult) -> ConfigValue {
        ResultJSON.object(
            totals(statistics, result) + risk(statistics) + days(statistics) + tables(statistics) + curve(statistics, result))
    }

    typealias Members = [(String, ConfigValue)]

    static func number(_ value: Double) -> ConfigValue { ResultJSON.number(value) }
    static func count(_ value: Int) -> ConfigValue { ResultJSON.integer(Int64(value)) }

    private static func totals(_ statistics: BacktestStatistics, _ result: BacktestResult) -> Members {
        let total = statistics.total
        return [
            ("total_trades", count(statistics.totalTrades)), ("trade_count_long", count(statistics.tradeCountLong)),
            ("trade_count_short", count(statistics.tradeCountShort)), ("wins", count(total.wins)), ("draws", count(total.draws)),
            ("losses", count(total.losses)), ("winrate", number(total.winrate)), ("total_volume", number(statistics.totalVolume)),
            ("avg_stake_amount", number(statistics.avgStakeAmount)), ("profit_mean", number(total.profitMean)),
            ("profit_median", number(statistics.profitMedian)), ("profit_total", number(total.profitTotal)),
            ("profit_total_abs", number(total.profitTotalAbs)), ("profit_total_long", number(statistics.profitTotalLong)),
            ("profit_total_short", number(statistics.profitTotalShort)),
            ("profit_total_long_abs", number(statistics.profitTotalLongAbs)),
            ("profit_total_short_abs", number(statistics.profitTotalShortAbs)), ("profit_factor", number(total.profitFactor)),
            ("starting_balance", number(statistics.startingBalance)), ("final_balance", number(statistics.finalBalance)),
            ("market_change", number(statistics.marketChange)), ("backtest_days", count(statistics.backtestDays)),
            ("trades_per_day", number(statistics.tradesPerDay)), ("backtest_start", ResultJSON.date(result.start)),
            ("backtest_end", ResultJSON.date(result.end)), ("backtest_start_ts", ResultJSON.integer(result.start.milliseconds)),
            ("backtest_end_ts", ResultJSON.integer(result.end.milliseconds)),
            ("pairlist", ConfigValue(.array(result.pairs.map { ResultJSON.text($0.description) }))),
        ]
    }

    private static func risk(_ statistics: BacktestStatistics) -> Members {
        let total = statistics.total
        var members: Members = [
            ("cagr", number(statistics.cagr)), ("expectancy", number(total.expectancy)),
            ("expectancy_ratio", number(total.expectancyRatio)), ("sharpe", number(total.sharpe)),
            ("sortino", number(total.sortino)),
            ("calmar", number(total.calmar)), ("sqn", number(total.sqn)), ("p_value", number(total.pValue)),
            ("csum_min", number(statistics.csumMin)), ("csum_max", number(statistics.csumMax)),
            ("max_consecutive_wins", count(statistics.maxConsecutiveWins)),
            ("max_consecutive_losses", count(statistics.maxConsecutiveLosses)),
        ]
        let drawdown = statistics.drawdown
        members += [
            ("max_drawdown_abs", number(drawdown?.absolute ?? 0)), ("max_drawdown_account", number(drawdown?.account ?? 0)),
            ("max_relative_drawdown", number(drawdown?.relative ?? 0)), ("max_drawdown_high", number(drawdown?.high ?? 0)),
            ("max_drawdown_low", number(drawdown?.low ?? 0)),
            ("drawdown_start", drawdown.map { ResultJSON.date($0.start) } ?? ConfigValue(.null)),
            ("drawdown_end", drawdown.map { ResultJSON.date($0.end) } ?? ConfigValue(.null)),
        ]
        return members
    }

    private static func days(_ statistics: BacktestStatistics) -> Members {
        let daily = statistics.daily
        return [
            ("backtest_best_day", number(daily.bestDay)), ("backtest_worst_day", number(daily.worstDay)),
            ("backtest_best_day_abs", number(daily.bestDayAbs)), ("backtest_worst_day_abs", number(daily.worstDayAbs)),
            ("winning_days", count(daily.winningDays)), ("draw_days", count(daily.drawDays)),
            ("losing_days", count(daily.losingDays)),
            ("holding_avg_minutes", count(statistics.holding.average)),
            ("winner_holding_avg_minutes", count(statistics.winnerHolding.average)),
            ("loser_holding_avg_minutes", count(statistics.loserHolding.average)),
        ]
    }

    private static func tables(_ statistics: BacktestStatistics) -> Members {
        [
            ("results_per_pair", ConfigValue(.array(statistics.resultsPerPair.map(line)))),
            ("results_per_enter_tag", ConfigValue(.array(statistics.resultsPerEnterTag.map(line)))),
            ("exit_reason_summary", ConfigValue(.array(statistics.exitReasonSummary.map(line)))),
            ("left_open_trades", ConfigValue(.array(statistics.leftOpenTrades.map(line)))),
            ("mix_tag_stats", ConfigValue(.array(statistics.mixTagStats.map(line)))),
            ("best_pair", statistics.bestPair.map(line) ?? ConfigValue(.null)),
            ("worst_pair", statistics.worstPair.map(line) ?? ConfigValue(.null)),
        ]
    }

    /// Two tags make a list, one stands alone.
    private static func key(_ parts: [String]) -> ConfigValue {
        parts.count == 1 ? ResultJSON.text(parts[0]) : ConfigValue(.array(parts.map(ResultJSON.text)))
    }

    private static func line(_ line: ResultLine) -> ConfigValue {
        ResultJSON.object([
            ("key", key(line.key)), ("trades", count(line.trades)), ("wins", count(line.wins)),
            ("draws", count(line.draws)), ("losses", count(line.losses)), ("winrate", number(line.winrate)),
            ("profit_mean", number(line.profitMean)), ("profit_total", number(line.profitTotal)),
            ("profit_total_abs", number(line.profitTotalAbs)), ("duration_avg_minutes", count(line.durationAverageMinutes)),
            ("sharpe", number(line.sharpe)), ("sortino", number(line.sortino)), ("calmar", number(line.calmar)),
            ("profit_factor", number(line.profitFactor)), ("expectancy", number(line.expectancy)),
            ("max_drawdown_account", number(line.maxDrawdownAccount)), ("max_drawdown_abs", number(line.maxDrawdownAbs)),
        ])
    }
}
