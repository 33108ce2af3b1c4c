import Market
import Testing

@testable import Backtesting

@Suite("Statistics against freqtrade's own result files", .enabled(if: Corpus.isAvailable))
struct StatisticsParityTests {
    @Test(arguments: ParityTests.runs)
    func `every figure is freqtrade's`(name: String) throws {
        let run = try CorpusRun.named(name)
        let result = try Backtester.run(settings: run.settings, pairs: run.pairs)
        let statistics = BacktestStatistics(result)
        let theirs = run.run["statistics"]
        var differences = Differences()
        differences.context = name
        compareTotals(statistics, theirs, &differences)
        compareHolding(statistics, theirs, &differences)
        compareDrawdown(statistics, theirs, &differences)
        compareWallet(try #require(statistics.wallet), theirs["wallet_stats"], &differences)
        compareDays(statistics.daily, theirs, &differences)
        compareTables(statistics, theirs, &differences)
        for unit in PeriodLine.Unit.allCases {
            compare(
                BacktestStatistics.periods(result, by: unit), theirs["periodic_breakdown"][unit.rawValue].list, unit, &differences
            )
        }
        print("\(name): \(differences.compared) figures compared, \(differences.list.count) differ")
        #expect(differences.list.isEmpty, "\(differences.list.prefix(30).joined(separator: "\n"))")
    }

    private func compareTotals(_ ours: BacktestStatistics, _ theirs: Value, _ differences: inout Differences) {
        let numbers: [(String, Double)] = [
            ("total_trades", Double(ours.totalTrades)), ("trade_count_long", Double(ours.tradeCountLong)),
            ("trade_count_short", Double(ours.tradeCountShort)), ("total_volume", ours.totalVolume),
            ("avg_stake_amount", ours.avgStakeAmount), ("profit_mean", ours.total.profitMean),
            ("profit_median", ours.profitMedian), ("profit_total", ours.total.profitTotal),
            ("profit_total_long", ours.profitTotalLong), ("profit_total_short", ours.profitTotalShort),
            ("profit_total_abs", ours.total.profitTotalAbs), ("profit_total_long_abs", ours.profitTotalLongAbs),
            ("profit_total_short_abs", ours.profitTotalShortAbs), ("cagr", ours.cagr),
            ("expectancy", ours.total.expectancy), ("expectancy_ratio", ours.total.expectancyRatio),
            ("sortino", ours.total.sortino), ("sharpe", ours.total.sharpe), ("calmar", ours.total.calmar),
            ("sqn", ours.total.sqn), ("profit_factor", ours.total.profitFactor),
            ("backtest_days", Double(ours.backtestDays)), ("trades_per_day", ours.tradesPerDay),
            ("market_change", ours.marketChange), ("starting_balance", ours.startingBalance),
            ("final_balance", ours.finalBalance), ("wins", Double(ours.total.wins)), ("losses", Double(ours.total.losses)),
            ("draws", Double(ours.total.draws)), ("winrate", ours.total.winrate), ("csum_min", ours.csumMin),
            ("csum_max", ours.csumMax), ("max_consecutive_wins", Double(ours.maxConsecutiveWins)),
            ("max_consecutive_losses", Double(ours.maxConsecutiveLosses)),
        ]
        for (key, value) in numbers { differences.check(key, value, theirs[key].double) }
        differences.checkClose("p_value", ours.total.pValue, theirs["p_value"].double)
        differences.check("best_pair", ours.bestPair?.key.first ?? "", theirs["best_pair"]["key"].text)
        differences.check("worst_pair", ours.worstPair?.key.first ?? "", theirs["worst_pair"]["key"].text)
    }

    private func compareHolding(_ ours: BacktestStatistics, _ theirs: Value, _ differences: inout Differences) {
        let numbers: [(String, Int)] = [
            ("holding_avg_s", ours.holding.average), ("winner_holding_min_s", ours.winnerHolding.minimum),
            ("winner_holding_max_s", ours.winnerHolding.maximum), ("winner_holding_avg_s", ours.winnerHolding.average),
            ("loser_holding_min_s", ours.loserHolding.minimum), ("loser_holding_max_s", ours.loserHolding.maximum),
            ("loser_holding_avg_s", ours.loserHolding.average),
        ]
        for (key, value) in numbers { differences.check(key, Double(value * 60), theirs[key].double) }
    }

    private func compareDrawdown(_ ours: BacktestStatistics, _ theirs: Value, _ differences: inout Differences) {
        guard let drawdown = ours.drawdown else { return }
        differences.check("max_drawdown_account", drawdown.account, theirs["max_drawdown_account"].double)
        differences.check("max_relative_drawdown", drawdown.relative, theirs["max_relative_drawdown"].double)
        differences.check("max_drawdown_abs", drawdown.absolute, theirs["max_drawdown_abs"].double)
        differences.check("max_drawdown_high", drawdown.high, theirs["max_drawdown_high"].double)
        differences.check("max_drawdown_low", drawdown.low, theirs["max_drawdown_low"].double)
        differences.check("drawdown_start", drawdown.start, theirs["drawdown_start"].time)
        differences.check("drawdown_end", drawdown.end, theirs["drawdown_end"].time)
    }

    private func compareWallet(_ ours: WalletStatistics, _ theirs: Value, _ differences: inout Differences) {
        let numbers: [(String, Double)] = [
            ("start_balance", ours.startBalance), ("end_balance", ours.endBalance), ("low_balance", ours.lowBalance),
            ("high_balance", ours.highBalance), ("sharpe", ours.sharpe), ("sortino", ours.sortino), ("calmar", ours.calmar),
            ("max_drawdown_account", ours.maxDrawdownAccount), ("max_relative_drawdown", ours.maxRelativeDrawdown),
            ("max_drawdown_abs", ours.maxDrawdownAbs), ("max_drawdown_low", ours.maxDrawdownLow),
            ("max_drawdown_high", ours.maxDrawdownHigh),
        ]
        for (key, value) in numbers { differences.check("wallet " + key, value, theirs[key].double) }
        let dates: [(String, Timestamp)] = [
            ("low_date", ours.lowDate), ("high_date", ours.highDate), ("drawdown_start", ours.drawdownStart),
            ("drawdown_end", ours.drawdownEnd),
        ]
        for (key, value) in dates { differences.check("wallet " + key, value, theirs[key].time) }
    }

    private func compareDays(_ ours: DailyStatistics, _ theirs: Value, _ differences: inout Differences) {
        let numbers: [(String, Double)] = [
            ("backtest_best_day", ours.bestDay), ("backtest_worst_day", ours.worstDay),
            ("backtest_best_day_abs", ours.bestDayAbs), ("backtest_worst_day_abs", ours.worstDayAbs),
            ("winning_days", Double(ours.winningDays)), ("draw_days", Double(ours.drawDays)),
            ("losing_days", Double(ours.losingDays)),
        ]
        for (key, value) in numbers { differences.check(key, value, theirs[key].double) }
        let days = theirs["daily_profit"].list
        differences.check("days", ours.days.count, days.count)
        for (day, other) in zip(ours.days, days) {
            differences.check("daily profit date", day.date, Value(raw: (other.list[0].text ?? "") + " 00:00:00").time)
            differences.check("daily profit", day.profitAbs, other.list[1].double)
        }
    }

    private func compareTables(_ ours: BacktestStatistics, _ theirs: Value, _ differences: inout Differences) {
        let tables: [(String, [ResultLine])] = [
            ("results_per_pair", ours.resultsPerPair), ("results_per_enter_tag", ours.resultsPerEnterTag),
            ("exit_reason_summary", ours.exitReasonSummary), ("mix_tag_stats", ours.mixTagStats),
            ("left_open_trades", ours.leftOpenTrades),
        ]
        for (name, lines) in tables {
            differences.check(name + " lines", lines.count, theirs[name].list.count)
            for (line, other) in zip(lines, theirs[name].list) {
                differences.context = name + " " + line.key.joined(separator: "/")
                compare(line, other, &differences)
            }
        }
    }

    private func compare(_ ours: ResultLine, _ theirs: Value, _ differences: inout Differences) {
        differences.check("key", ours.key, theirs["key"].text.map { [$0] } ?? theirs["key"].list.compactMap(\.text))
        let numbers: [(String, Double)] = [
            ("trades", Double(ours.trades)), ("profit_mean", ours.profitMean), ("profit_mean_pct", ours.profitMeanPercent),
            ("profit_total_abs", ours.profitTotalAbs), ("profit_total", ours.profitTotal),
            ("profit_total_pct", ours.profitTotalPercent), ("wins", Double(ours.wins)), ("draws", Double(ours.draws)),
            ("losses", Double(ours.losses)), ("winrate", ours.winrate), ("cagr", ours.cagr), ("expectancy", ours.expectancy),
            ("expectancy_ratio", ours.expectancyRatio), ("sortino", ours.sortino), ("sharpe", ours.sharpe),
            ("calmar", ours.calmar), ("sqn", ours.sqn), ("profit_factor", ours.profitFactor),
            ("max_drawdown_account", ours.maxDrawdownAccount), ("max_drawdown_abs", ours.maxDrawdownAbs),
        ]
        for (key, value) in numbers { differences.check(key, value, theirs[key].double) }
        differences.checkClose("p_value", ours.pValue, theirs["p_value"].double)
        differences.check(
            "duration_avg", ours.trades == 0 ? "0:00" : Self.text(minutes: ours.durationAverageMinutes),
            theirs["duration_avg"].text)
    }

    private static func text(minutes: Int) -> String {
        let (days, rest) = (minutes / 1440, minutes % 1440)
        let clock = "\(rest / 60):" + (rest % 60 < 10 ? "0" : "") + "\(rest % 60):00"
        return days == 0 ? clock : "\(days) day\(days == 1 ? "" : "s"), " + clock
    }

    private func compare(_ ours: [PeriodLine], _ theirs: [Value], _ unit: PeriodLine.Unit, _ differences: inout Differences) {
        differences.context = "period \(unit)"
        differences.check("count", ours.count, theirs.count)
        for (line, other) in zip(ours, theirs) {
            let date = line.date.map { Double($0.milliseconds) } ?? Double(line.weekday ?? -1)
            differences.check("date_ts", date, other["date_ts"].double)
            differences.check("profit_abs", line.profitAbs, other["profit_abs"].double)
            differences.check("wins", line.wins, other["wins"].int)
            differences.check("draws", line.draws, other["draws"].int)
            differences.check("losses", line.losses, other["losses"].int)
            differences.check("trades", line.trades, other["trades"].int)
            differences.check("profit_factor", line.profitFactor, other["profit_factor"].double)
        }
    }
}

extension Differences {
    /// For the one figure that comes out of a numeric series: ten digits agree.
    mutating func checkClose(_ name: String, _ ours: Double, _ theirs: Double?) {
        compared += 1
        guard let theirs, (ours - theirs).magnitude > 1e-10 * max(theirs.magnitude, 1e-300) else { return }
        list.append("\(context) \(name): \(ours), freqtrade \(theirs)")
    }
}
