internal import Backtesting
internal import Configuration
internal import Market

/// What happened over time: the account's worth and the periods of the calendar, under freqtrade's names.
extension StatisticsJSON {
    static func curve(_ statistics: BacktestStatistics, _ result: BacktestResult) -> Members {
        let periods = PeriodLine.Unit.allCases.map { unit in
            (unit.rawValue, ConfigValue(.array(BacktestStatistics.periods(result, by: unit).map(value))))
        }
        let days = statistics.daily.days.map { day in
            ConfigValue(.array([ResultJSON.text(day.date.isoDate), number(day.profitAbs)]))
        }
        return [
            ("wallet_stats", statistics.wallet.map(value) ?? ConfigValue(.null)),
            ("periodic_breakdown", ResultJSON.object(periods)),
            ("daily_profit", ConfigValue(.array(days))),
        ]
    }

    private static func value(_ wallet: WalletStatistics) -> ConfigValue {
        let duration = (wallet.drawdownEnd.milliseconds - wallet.drawdownStart.milliseconds) / 1000
        return ResultJSON.object(
            [
                ("start_balance", number(wallet.startBalance)), ("end_balance", number(wallet.endBalance)),
                ("high_balance", number(wallet.highBalance)), ("low_balance", number(wallet.lowBalance)),
                ("sharpe", number(wallet.sharpe)), ("sortino", number(wallet.sortino)), ("calmar", number(wallet.calmar)),
                ("max_drawdown_account", number(wallet.maxDrawdownAccount)),
                ("max_relative_drawdown", number(wallet.maxRelativeDrawdown)),
                ("max_drawdown_abs", number(wallet.maxDrawdownAbs)), ("max_drawdown_low", number(wallet.maxDrawdownLow)),
                ("max_drawdown_high", number(wallet.maxDrawdownHigh)), ("drawdown_duration_s", ResultJSON.integer(duration)),
            ] + date("low_date", "low_ts", wallet.lowDate) + date("high_date", "high_ts", wallet.highDate)
                + date("drawdown_start", "drawdown_start_ts", wallet.drawdownStart)
                + date("drawdown_end", "drawdown_end_ts", wallet.drawdownEnd))
    }

    private static func date(_ name: String, _ stampName: String, _ time: Timestamp) -> Members {
        [(name, ResultJSON.date(time)), (stampName, ResultJSON.integer(time.milliseconds))]
    }

    private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    private static func value(_ line: PeriodLine) -> ConfigValue {
        let name = line.date.map(dayMonthYear) ?? weekdays[line.weekday ?? 0]
        let stamp = line.date?.milliseconds ?? Int64(line.weekday ?? 0)
        return ResultJSON.object([
            ("date", ResultJSON.text(name)), ("date_ts", ResultJSON.integer(stamp)), ("profit_abs", number(line.profitAbs)),
            ("wins", count(line.wins)), ("draws", count(line.draws)), ("losses", count(line.losses)),
            ("trades", count(line.trades)), ("profit_factor", number(line.profitFactor)),
        ])
    }

    /// A day as freqtrade's tables have it: `31/01/2024`.
    private static func dayMonthYear(_ time: Timestamp) -> String {
        time.isoDate.split(separator: "-").reversed().joined(separator: "/")
    }
}
