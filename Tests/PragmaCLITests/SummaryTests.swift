import ArgumentParser
import Configuration
import Testing

@testable import PragmaCLI

@Suite("The summary of a backtest")
struct SummaryTests {
    private func value(_ text: String) throws -> ConfigValue { try JSONReader.read(Array(text.utf8), origin: .none).value }

    private static let line = """
        {"key": "KEY", "trades": 3, "wins": 2, "draws": 0, "losses": 1, "winrate": 0.6666666666666666, "profit_mean": 0.0123,
         "profit_total": 0.05, "profit_total_abs": 50.25, "duration_avg_minutes": 262}
        """

    private static func line(_ key: String, _ profit: Double) -> String {
        line.replacing("KEY", with: key).replacing("\"profit_total\": 0.05", with: "\"profit_total\": \(profit)")
    }

    private static let report = """
        {"strategy": "EmaCross", "parameters": {"slow": "36", "fast": "12"}, "timeframe": "5m", "stake_currency": "USDT",
         "statistics": {
           "backtest_start": "2024-01-01T05:00:00+00:00", "backtest_end": "2024-02-01T00:00:00+00:00", "backtest_days": 30,
           "total_trades": 3, "trades_per_day": 0.1, "starting_balance": 1000, "final_balance": 1050.25, "profit_total": 0.05025,
           "profit_total_abs": 50.25, "cagr": 0.8, "sharpe": 1.234, "sortino": null, "calmar": -100, "sqn": 2.5, "p_value": 0.25,
           "profit_factor": 3, "expectancy": 16.75, "expectancy_ratio": 1.333, "avg_stake_amount": 100, "total_volume": 600,
           "backtest_best_day_abs": 40, "backtest_worst_day_abs": -10, "winning_days": 2, "draw_days": 27, "losing_days": 1,
           "wins": 2, "draws": 0, "losses": 1, "winrate": 0.6666666666666666, "holding_avg_minutes": 262,
           "winner_holding_avg_minutes": 100, "loser_holding_avg_minutes": 1500, "max_consecutive_wins": 2,
           "max_consecutive_losses": 1, "csum_min": 990, "csum_max": 1060, "max_relative_drawdown": 0.02,
           "max_drawdown_abs": 20, "max_drawdown_account": 0.019, "max_drawdown_high": 60, "max_drawdown_low": 40,
           "drawdown_start": "2024-01-05T00:00:00+00:00", "drawdown_end": "2024-01-06T12:30:00+00:00", "market_change": -0.1,
           "results_per_pair": [\(line("ETH/USDT", 0.04)), \(line("BTC/USDT", 0.01)), \(line("TOTAL", 0.05))],
           "best_pair": \(line("ETH/USDT", 0.04)), "worst_pair": \(line("BTC/USDT", 0.01)),
           "mix_tag_stats": [\(line("x", 0.05).replacing("\"x\"", with: "[\"\", \"roi\"]"))],
           "wallet_stats": {"start_balance": 1000, "low_balance": 980.5, "high_balance": 1070.25,
             "low_date": "2024-01-06T12:00:00+00:00", "high_date": "2024-01-31T00:00:00+00:00", "max_relative_drawdown": 0.031,
             "max_drawdown_abs": 33.5, "max_drawdown_account": 0.0325, "drawdown_start": "2024-01-05T01:00:00+00:00",
             "drawdown_end": "2024-01-06T12:00:00+00:00", "drawdown_duration_s": 126000, "max_drawdown_high": 14,
             "max_drawdown_low": -19.5, "sharpe": 3.5, "sortino": 4.25, "calmar": 70.125},
           "periodic_breakdown": {
             "month": [{"date": "31/01/2024", "date_ts": 1706659200000, "profit_abs": 50.25, "wins": 2, "draws": 0, "losses": 1,
               "trades": 3, "profit_factor": 6.5}],
             "weekday": [{"date": "Monday", "date_ts": 0, "profit_abs": 0, "wins": 0, "draws": 0, "losses": 0, "trades": 0,
               "profit_factor": 0}]},
           "left_open_trades": [], "results_per_enter_tag": [\(line("", 0.05))], "exit_reason_summary": [\(line("roi", 0.05))]},
         "counters": {"rejected_signals": 7, "timedout_entry_orders": 0, "timedout_exit_orders": 1},
         "trades": [{"pair": "ETH/USDT", "profit_ratio": 0.03}, {"pair": "BTC/USDT", "profit_ratio": -0.025}]}
        """

    @Test func `tables by pair, tag and reason have freqtrade's columns`() throws {
        let text = BacktestSummary(try value(Self.report)).text
        let expected = """
            BACKTESTING REPORT
            Pair      Trades  Avg Profit %  Tot Profit USDT  Tot Profit %  Avg Duration  Win  Draw  Loss  Win%
            --------  ------  ------------  ---------------  ------------  ------------  ---  ----  ----  ----
            ETH/USDT       3          1.23           50.250          4.00       4:22:00    2     0     1  66.7
            BTC/USDT       3          1.23           50.250          1.00       4:22:00    2     0     1  66.7
            TOTAL          3          1.23           50.250          5.00       4:22:00    2     0     1  66.7
            """
        #expect(text.hasPrefix(expected), "\(text)")
        for title in ["LEFT OPEN TRADES REPORT", "ENTER TAG STATS", "EXIT REASON STATS", "MIXED TAG STATS", "SUMMARY METRICS"] {
            #expect(text.contains("\n\n" + title + "\n"))
        }
        #expect(text.contains("\nOTHER "))
        #expect(text.contains("\nOTHER / roi "))
        #expect(!text.contains("BREAKDOWN"))
    }

    @Test func `tables by period are shown where they are asked for, in the order of the question`() throws {
        let text = BacktestSummary(try value(Self.report), breakdowns: [.weekday, .month]).text
        let expected = """


            WEEKDAY BREAKDOWN
            Weekday  Trades  Tot Profit USDT  Profit Factor  Win  Draw  Loss  Win%
            -------  ------  ---------------  -------------  ---  ----  ----  ----
            Monday        0            0.000           0.00    0     0     0     0

            MONTH BREAKDOWN
            Month       Trades  Tot Profit USDT  Profit Factor  Win  Draw  Loss  Win%
            ----------  ------  ---------------  -------------  ---  ----  ----  ----
            31/01/2024       3           50.250           6.50    2     0     1  66.7

            SUMMARY METRICS
            """
        #expect(text.contains(expected), "\(text)")
    }

    @Test(arguments: [
        ("Strategy", "EmaCross"), ("Parameters", "fast=12 slow=36"), ("Backtesting from", "2024-01-01 05:00"),
        ("Total/Daily Avg Trades", "3 / 0.1"), ("Starting balance", "1000.000 USDT"), ("Final balance", "1050.250 USDT"),
        ("Absolute profit", "50.250 USDT"), ("Total profit %", "5.03%"), ("CAGR %", "80.00%"), ("Sharpe", "1.23"),
        ("Sortino", "-"), ("Calmar", "-100.00"), ("SQN", "2.50"), ("Profit factor", "3.00"),
        ("Expectancy (Ratio)", "16.750 (1.33)"), ("Avg. stake amount", "100.000 USDT"), ("Best pair", "ETH/USDT 4.00%"),
        ("Worst pair", "BTC/USDT 1.00%"), ("Best trade", "ETH/USDT 3.00%"), ("Worst trade", "BTC/USDT -2.50%"),
        ("Best day", "40.000 USDT"), ("Worst day", "-10.000 USDT"), ("Days win/draw/lose", "2 / 27 / 1"),
        ("Trades win/draw/lose", "2 / 0 / 1"), ("Avg. duration losers", "1 day, 1:00:00"), ("Rejected entry signals", "7"),
        ("Entry/exit timeouts", "0 / 1"), ("Min balance", "990.000 USDT"), ("Max % of account underwater", "2.00%"),
        ("Absolute drawdown", "20.000 USDT (1.90%)"), ("Drawdown start", "2024-01-05 00:00"),
        ("Drawdown end", "2024-01-06 12:30"), ("Market change", "-10.00%"),
        ("Min/Max balance (wallet balance)", "980.500 USDT / 1070.250 USDT"),
        ("Min/Max balance dates (wallet balance)", "2024-01-06 12:00 / 2024-01-31 00:00"),
        ("Max % of account underwater (balance)", "3.10%"), ("Absolute drawdown (wallet balance)", "33.500 USDT (3.25%)"),
        ("Drawdown start (wallet balance)", "2024-01-05 01:00"), ("Drawdown end (wallet balance)", "2024-01-06 12:00"),
        ("Drawdown duration (wallet balance)", "1 day, 11:00:00"), ("Profit at drawdown start (wallet balance)", "14.000 USDT"),
        ("Profit at drawdown end (wallet balance)", "-19.500 USDT"), ("Sharpe (daily wallet balance)", "3.50"),
        ("Sortino (daily wallet balance)", "4.25"),
    ])
    func `the summary shows each figure`(name: String, shown: String) throws {
        let text = BacktestSummary(try value(Self.report)).text
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + "  ") })
        #expect(line.dropFirst(name.count).trimmingPrefix { $0 == " " } == shown)
    }

    @Test func `a report from the fleet may have more values than a configuration`() throws {
        let text = "[" + Array(repeating: "1", count: 250_000).joined(separator: ",") + "]"
        #expect(try FleetBacktest.report(Array(text.utf8)).array?.count == 250_000)
    }

    @Test func `--breakdown takes freqtrade's periods`() throws {
        let command = try Pragma.parseAsRoot(["backtest", "-c", "a.json", "--breakdown", "day", "week", "--local"])
        #expect((command as? BacktestCommand)?.breakdown == [.day, .week])
        #expect(throws: (any Error).self) { try Pragma.parseAsRoot(["backtest", "-c", "a.json", "--breakdown", "hour"]) }
    }

    @Test func `digits follow the stake currency`() throws {
        #expect(Currency(name: "BTC").text(0.5) == "0.50000000 BTC")
        #expect(Currency(name: "ETH").text(0.5) == "0.50000 ETH")
        #expect(Currency(name: "EUR").text(0.5) == "0.500 EUR")
    }

    @Test(arguments: ["{}", "[]", "null", "{\"statistics\": 5}", "{\"statistics\": {\"results_per_pair\": [1, {}]}}"])
    func `a report with holes shows dashes and never traps`(text: String) throws {
        let shown = BacktestSummary(try value(text)).text
        #expect(shown.contains("Starting balance") && shown.contains("  -"))
    }
}
