import Market
import Strategies
import Testing
import Trading

@testable import Backtesting

/// A case of freqtrade's own table: a few candles with signals, settings, and the trades that must come of them.
struct TableCase {
    static let start: Int64 = 1_538_524_800_000
    static let hour: Int64 = 3_600_000
    let value: Value
    let settings: BacktestSettings
    let callbacks: Callbacks

    /// The callbacks of the table: constants, and one that cancels.
    struct Callbacks: BacktestCallbacks {
        var entry: Double?
        var exit: Double?
        var adjusted: Double?
        var constantLeverage = 1.0
        var stop: Double?

        func entryPrice(_ context: CallbackContext, proposed: Double) -> Double { entry ?? proposed }
        func exitPrice(_ context: CallbackContext, proposed: Double) -> Double { exit ?? proposed }
        func adjustedPrice(_ context: CallbackContext, isEntry: Bool, current: Double) -> Double? {
            isEntry ? adjusted : current
        }
        func leverage(_ context: CallbackContext) -> Double { min(constantLeverage, 100) }
        var usesCustomStoploss: Bool { stop != nil }
        func stoploss(_ context: CallbackContext, rate: Double, profit: Double) -> Double? { stop }
    }

    init(_ value: Value, common: Value) throws {
        self.value = value
        let given = value["settings"]
        var settings = BacktestSettings(rules: StrategyRules(timeframe: try #require(Timeframe("1h"))))
        settings.tradingMode = .margin
        settings.canShort = true
        settings.stoploss = try #require(given["stop_loss"].double)
        for key in given["roi"].keys { settings.minimalROI[try #require(Int(key))] = given["roi"][key].double }
        settings.trailingStop = given["trailing_stop"].isTrue()
        settings.trailingStopPositive = given["trailing_stop_positive"].double
        settings.trailingStopPositiveOffset = given["trailing_stop_positive_offset"].double ?? 0
        settings.trailingOnlyOffsetIsReached = given["trailing_only_offset_is_reached"].isTrue()
        settings.useExitSignal = given["use_exit_signal"].isTrue()
        settings.stakeAmount = .fixed(try #require(common["stake_amount"].double))
        settings.dryRunWallet = try #require(common["dry_run_wallet"].double)
        settings.maxOpenTrades = common["max_open_trades"].int
        settings.fee = common["fee_open"].double
        let minutes = given["timeout_minutes"].int
        settings.unfilledTimeout.entry = Int64(minutes ?? common["unfilledtimeout"]["entry"].int ?? 10) * 60_000
        settings.unfilledTimeout.exit = Int64(minutes ?? common["unfilledtimeout"]["exit"].int ?? 10) * 60_000
        self.settings = settings
        callbacks = Callbacks(
            entry: given["custom_entry_price"].double, exit: given["custom_exit_price"].double,
            adjusted: given["adjust_entry_price"].double, constantLeverage: given["leverage"].double ?? 1,
            stop: given["use_custom_stoploss"].isTrue() ? settings.stoploss : nil)
    }

    func run() throws -> BacktestResult {
        let rows = value["candles"].list
        func column(_ key: String) -> Column<Double> { Column(rows.map { $0[key].double ?? 0 }) }
        let candles = Candles(
            times: Column(rows.indices.map { Self.start + Int64($0) * Self.hour }), open: column("o"), high: column("h"),
            low: column("l"), close: column("c"), volume: column("v"))
        var signals = Signals(count: rows.count)
        let keys: [(String, SignalFlags)] = [
            ("enter_long", .enterLong), ("exit_long", .exitLong), ("enter_short", .enterShort), ("exit_short", .exitShort),
        ]
        for (row, candle) in rows.enumerated() {
            for (key, flag) in keys where candle[key].double == 1 { signals.flags[row].insert(flag) }
            let tag = candle["enter_tag"].text ?? ""
            if !signals.tagNames.contains(tag) { signals.tagNames.append(tag) }
            signals.enterTags.append(UInt16(signals.tagNames.firstIndex(of: tag) ?? 0))
        }
        let instrument = Instrument(
            pair: try #require(Pair("UNITTEST/BTC")), amountPrecision: nil, pricePrecision: nil,
            costLimits: Instrument.Limits(minimum: 1e-5 / StakeReserve.first))
        let frame = try PairFrame(
            instrument: instrument, candles: candles, timeframe: settings.timeframe, priceTicks: PriceTicks.none)
        return try Backtester.run(
            settings: settings, pairs: [BacktestPair(frame: frame, signals: signals)], callbacks: callbacks)
    }

    /// The table names the minimum stake itself; the rules would raise it by this.
    enum StakeReserve { static let first = 1.05 / 0.95 }
}

@Suite("freqtrade's table of backtest cases", .enabled(if: Corpus.isAvailable))
struct TableCaseTests {
    @Test func `all cases give the trades of the table`() throws {
        let table = Value(raw: try Corpus.json("cases.json"))
        var differences = Differences()
        let cases = table["cases"].list
        for value in cases {
            let test = try TableCase(value, common: table["common_settings"])
            differences.context = (value["id"].text ?? "") + " " + (value["description"].text ?? "")
            compare(try test.run(), value, &differences)
        }
        print("table cases: \(cases.count) run, 0 skipped, \(differences.compared) values compared")
        #expect(cases.count == 54)
        #expect(differences.list.isEmpty, "\(differences.list.joined(separator: "\n"))")
    }

    private func compare(_ result: BacktestResult, _ value: Value, _ differences: inout Differences) {
        let expected = value["expected"]
        let sum = result.trades.reduce(0) { $0 + $1.profitRatio }
        let wanted = expected["profit_sum_rounded_3"].double ?? 0
        differences.check("profit sum", (sum * 1000).rounded(), (wanted * 1000).rounded())
        differences.check("trades", result.trades.count, expected["trades"].list.count)
        for (trade, other) in zip(result.trades, expected["trades"].list) {
            differences.check("exit reason", trade.exitReason, other["exit_reason"].text)
            differences.check("opened", tick(trade.openDate), other["open_tick"].int)
            differences.check("closed", tick(trade.closeDate), other["close_tick"].int)
            differences.check("short", trade.isShort, other["is_short"].isTrue())
            differences.check("tag", trade.enterTag, other["enter_tag"].text ?? "")
        }
        let observed = value["observed"]
        for (trade, other) in zip(result.trades, observed["trades"].list) { compare(trade, other, &differences) }
        let counters: [(String, Int)] = [
            ("rejected_signals", result.counters.rejectedSignals),
            ("timedout_entry_orders", result.counters.timedoutEntryOrders),
            ("timedout_exit_orders", result.counters.timedoutExitOrders),
            ("canceled_trade_entries", result.counters.canceledTradeEntries),
            ("canceled_entry_orders", result.counters.canceledEntryOrders),
            ("replaced_entry_orders", result.counters.replacedEntryOrders),
        ]
        for (key, count) in counters { differences.check(key, count, observed[key].int) }
    }

    /// What freqtrade was observed to do beyond what the table asks for, to the last bit.
    private func compare(_ trade: ClosedTrade, _ other: Value, _ differences: inout Differences) {
        let numbers: [(String, Double)] = [
            ("open_rate", trade.openRate), ("close_rate", trade.closeRate), ("amount", trade.amount),
            ("stake_amount", trade.stakeAmount), ("leverage", trade.leverage), ("profit_ratio", trade.profitRatio),
            ("profit_abs", trade.profitAbs), ("initial_stop_loss_abs", trade.initialStopLossAbs),
            ("stop_loss_abs", trade.stopLossAbs), ("min_rate", trade.minRate), ("max_rate", trade.maxRate),
        ]
        for (key, number) in numbers { differences.check(key, number, other[key].double) }
        differences.check("orders", trade.orders.count, other["orders"].list.count)
        for (order, theirs) in zip(trade.orders, other["orders"].list) {
            differences.check("order side", order.isBuy ? "buy" : "sell", theirs["side"].text)
            differences.check("order price", order.price, theirs["price"].double)
            differences.check("order amount", order.amount, theirs["amount"].double)
            differences.check("order placed", tick(order.placed), theirs["placed_tick"].int)
            differences.check("order filled", tick(order.filled), theirs["filled_tick"].int)
        }
    }

    private func tick(_ time: Timestamp) -> Int { Int((time.milliseconds - TableCase.start) / TableCase.hour) }
}
