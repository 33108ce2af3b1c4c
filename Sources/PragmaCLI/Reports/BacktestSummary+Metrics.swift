internal import Configuration

/// The rows of the summary, in freqtrade's order.
extension BacktestSummary {
    typealias Rows = [(String, String)]

    var runMetrics: Rows {
        var rows: Rows = [("Strategy", report["strategy"].text)]
        let parameters = (report["parameters"].value?.object ?? [:]).sorted { $0.key < $1.key }
        if !parameters.isEmpty {
            rows.append(("Parameters", parameters.map { "\($0.key)=\($0.value.string ?? "-")" }.joined(separator: " ")))
        }
        return rows + [
            ("Timeframe", report["timeframe"].text), ("Backtesting from", statistics["backtest_start"].time),
            ("Backtesting to", statistics["backtest_end"].time), ("Days", statistics["backtest_days"].count),
            (
                "Total/Daily Avg Trades",
                statistics["total_trades"].count + " / " + (statistics["trades_per_day"].value?.number?.canonicalText ?? "-")
            ),
        ]
    }

    var balanceMetrics: Rows {
        let expectancy = statistics["expectancy"].fixed(currency.digits) + " (" + statistics["expectancy_ratio"].fixed(2) + ")"
        return [
            ("Starting balance", statistics["starting_balance"].amount(currency)),
            ("Final balance", statistics["final_balance"].amount(currency)),
            ("Absolute profit", statistics["profit_total_abs"].amount(currency)),
            ("Total profit %", statistics["profit_total"].percent), ("CAGR %", statistics["cagr"].percent),
            ("Sharpe", statistics["sharpe"].fixed(2)), ("Sortino", statistics["sortino"].fixed(2)),
            ("Calmar", statistics["calmar"].fixed(2)), ("SQN", statistics["sqn"].fixed(2)),
            ("P value", statistics["p_value"].fixed(4)), ("Profit factor", statistics["profit_factor"].fixed(2)),
            ("Expectancy (Ratio)", expectancy), ("Avg. stake amount", statistics["avg_stake_amount"].amount(currency)),
            ("Total trade volume", statistics["total_volume"].amount(currency)),
        ]
    }

    /// Best and worst by profit in stake currency, the first of equals.
    var pairMetrics: Rows {
        let pairs = statistics["results_per_pair"].lines.filter { $0["key"].text != "TOTAL" && $0["profit_total"].number != nil }
        func profit(_ line: ReportReader) -> Double { line["profit_total"].number ?? 0 }
        var rows: Rows = []
        if let best = pairs.max(by: { profit($0) < profit($1) }), let worst = pairs.min(by: { profit($0) < profit($1) }) {
            rows.append(("Best pair", best["key"].text + " " + best["profit_total"].percent))
            rows.append(("Worst pair", worst["key"].text + " " + worst["profit_total"].percent))
        }
        let trades = report["trades"].lines.filter { $0["profit_ratio"].number != nil }
        func ratio(_ trade: ReportReader) -> Double { trade["profit_ratio"].number ?? 0 }
        if let best = trades.max(by: { ratio($0) < ratio($1) }), let worst = trades.min(by: { ratio($0) < ratio($1) }) {
            rows.append(("Best trade", best["pair"].text + " " + best["profit_ratio"].percent))
            rows.append(("Worst trade", worst["pair"].text + " " + worst["profit_ratio"].percent))
        }
        return rows
    }

    var dayMetrics: Rows {
        func triple(_ names: String...) -> String { names.map { statistics[$0].count }.joined(separator: " / ") }
        return [
            ("Best day", statistics["backtest_best_day_abs"].amount(currency)),
            ("Worst day", statistics["backtest_worst_day_abs"].amount(currency)),
            ("Days win/draw/lose", triple("winning_days", "draw_days", "losing_days")),
            ("Trades win/draw/lose", triple("wins", "draws", "losses")), ("Win rate", statistics["winrate"].percent),
            ("Avg. duration", statistics["holding_avg_minutes"].duration),
            ("Avg. duration winners", statistics["winner_holding_avg_minutes"].duration),
            ("Avg. duration losers", statistics["loser_holding_avg_minutes"].duration),
            ("Max consecutive wins / losses", triple("max_consecutive_wins", "max_consecutive_losses")),
            ("Rejected entry signals", report["counters", "rejected_signals"].count),
            (
                "Entry/exit timeouts",
                report["counters", "timedout_entry_orders"].count + " / " + report["counters", "timedout_exit_orders"].count
            ),
        ]
    }

    var drawdownMetrics: Rows {
        var rows: Rows = [
            ("Min balance", statistics["csum_min"].amount(currency)), ("Max balance", statistics["csum_max"].amount(currency)),
            ("Max % of account underwater", statistics["max_relative_drawdown"].percent),
            (
                "Absolute drawdown",
                statistics["max_drawdown_abs"].amount(currency) + " (" + statistics["max_drawdown_account"].percent + ")"
            ),
        ]
        if statistics["drawdown_start"].value?.string != nil {
            rows += [
                ("Drawdown high", statistics["max_drawdown_high"].amount(currency)),
                ("Drawdown low", statistics["max_drawdown_low"].amount(currency)),
                ("Drawdown start", statistics["drawdown_start"].time), ("Drawdown end", statistics["drawdown_end"].time),
            ]
        }
        return rows + [("Market change", statistics["market_change"].percent)]
    }
}
