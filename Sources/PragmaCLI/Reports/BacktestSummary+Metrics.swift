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

    /// Best and worst pair by profit in stake currency, best and worst trade by its ratio; of equals the first.
    var pairMetrics: Rows {
        var rows: Rows = []
        for (title, name) in [("Best pair", "best_pair"), ("Worst pair", "worst_pair")] {
            let line = statistics[name]
            if line["profit_total"].number != nil { rows.append((title, line["key"].text + " " + line["profit_total"].percent)) }
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

    /// Figures of the account's worth at each candle, open positions included.
    var walletMetrics: Rows {
        let wallet = statistics["wallet_stats"]
        guard wallet["start_balance"].number != nil else { return [] }
        func pair(_ a: String, _ b: String) -> String { a + " / " + b }
        return [
            (
                "Min/Max balance (wallet balance)",
                pair(wallet["low_balance"].amount(currency), wallet["high_balance"].amount(currency))
            ),
            ("Min/Max balance dates (wallet balance)", pair(wallet["low_date"].time, wallet["high_date"].time)),
            ("Max % of account underwater (balance)", wallet["max_relative_drawdown"].percent),
            (
                "Absolute drawdown (wallet balance)",
                wallet["max_drawdown_abs"].amount(currency) + " (" + wallet["max_drawdown_account"].percent + ")"
            ),
            ("Drawdown start (wallet balance)", wallet["drawdown_start"].time),
            ("Drawdown end (wallet balance)", wallet["drawdown_end"].time),
            (
                "Drawdown duration (wallet balance)",
                wallet["drawdown_duration_s"].number.flatMap { Int(exactly: $0) }.map { Format.duration(minutes: $0 / 60) } ?? "-"
            ),
            ("Profit at drawdown start (wallet balance)", wallet["max_drawdown_high"].amount(currency)),
            ("Profit at drawdown end (wallet balance)", wallet["max_drawdown_low"].amount(currency)),
            ("Sharpe (daily wallet balance)", wallet["sharpe"].fixed(2)),
            ("Sortino (daily wallet balance)", wallet["sortino"].fixed(2)),
            ("Calmar (daily wallet balance)", wallet["calmar"].fixed(2)),
        ]
    }
}
