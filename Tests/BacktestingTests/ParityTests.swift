import Foundation
import Market
import Testing
import Trading

@testable import Backtesting

@Suite("Parity with freqtrade's own runs", .enabled(if: Corpus.isAvailable))
struct ParityTests {
    /// Long-only spot runs without callbacks, detail timeframe and protections.
    static let runs = ["EmaCross", "EmaCross-xrp_eth", "TrendInformative", "exit_flags", "detail_none"]

    @Test(arguments: runs)
    func `every field of every trade is freqtrade's to the last bit`(name: String) throws {
        let run = try CorpusRun.named(name)
        let result = try Backtester.run(settings: run.settings, pairs: run.pairs)
        var differences = Differences()
        differences.check("trade count", Double(result.trades.count), run.trades.count.doubleValue)
        for (ours, theirs) in zip(result.trades, run.trades) { compare(ours, theirs, &differences) }
        print("\(name): \(result.trades.count) trades, \(differences.compared) values compared, \(differences.list.count) differ")
        #expect(differences.list.isEmpty, "\(differences.list.prefix(20).joined(separator: "\n"))")
    }

    @Test(arguments: runs)
    func `counters, balance and time range are freqtrade's`(name: String) throws {
        let run = try CorpusRun.named(name)
        let result = try Backtester.run(settings: run.settings, pairs: run.pairs)
        let counters = run.run["counters"]
        #expect(result.counters.rejectedSignals == counters["rejected_signals"].int)
        #expect(result.counters.timedoutEntryOrders == counters["timedout_entry_orders"].int)
        #expect(result.counters.timedoutExitOrders == counters["timedout_exit_orders"].int)
        #expect(result.counters.canceledTradeEntries == counters["canceled_trade_entries"].int)
        #expect(result.counters.canceledEntryOrders == counters["canceled_entry_orders"].int)
        #expect(result.counters.replacedEntryOrders == counters["replaced_entry_orders"].int)
        #expect(result.finalBalance == counters["final_balance"].double)
        #expect(result.start == run.run["backtest_start"].time)
        #expect(result.end == run.run["backtest_end"].time)
    }

    @Test(arguments: runs)
    func `price ticks read off the candles are freqtrade's`(name: String) throws {
        let run = try CorpusRun.named(name)
        for pair in run.pairs {
            let theirs = run.run["monthly_price_tick"][pair.frame.pair.description]
            let ours = pair.frame.priceTicks.entries
            #expect(ours.count == theirs.keys.count)
            for (entry, key) in zip(ours, theirs.keys) {
                #expect(entry.start == Value(raw: key).time)
                #expect(entry.tick == theirs[key].double)
            }
        }
    }

    private func compare(_ ours: ClosedTrade, _ theirs: Value, _ differences: inout Differences) {
        differences.context = "trade \(ours.id) \(ours.pair)"
        differences.check("id", Double(ours.id), theirs["id"].double)
        differences.check("pair", ours.pair.description, theirs["pair"].text)
        differences.check("open_date", ours.openDate, theirs["open_date"].time)
        differences.check("close_date", ours.closeDate, theirs["close_date"].time)
        let numbers: [(String, Double)] = [
            ("open_rate", ours.openRate), ("close_rate", ours.closeRate), ("amount", ours.amount),
            ("amount_requested", ours.amountRequested), ("stake_amount", ours.stakeAmount),
            ("max_stake_amount", ours.maxStakeAmount), ("leverage", ours.leverage), ("fee_open", ours.feeOpen),
            ("fee_close", ours.feeClose), ("open_trade_value", ours.openTradeValue), ("profit_abs", ours.profitAbs),
            ("profit_ratio", ours.profitRatio), ("initial_stop_loss_abs", ours.initialStopLossAbs),
            ("initial_stop_loss_ratio", ours.initialStopLossRatio), ("stop_loss_abs", ours.stopLossAbs),
            ("stop_loss_ratio", ours.stopLossRatio), ("min_rate", ours.minRate), ("max_rate", ours.maxRate),
            ("funding_fees", ours.fundingFees),
        ]
        for (key, value) in numbers { differences.check(key, value, theirs[key].double) }
        differences.check("is_short", ours.isShort, theirs["is_short"].isTrue())
        differences.check("price_precision", ours.pricePrecision ?? .nan, theirs["price_precision"].double ?? .nan)
        differences.check("amount_precision", ours.amountPrecision ?? .nan, theirs["amount_precision"].double ?? .nan)
        differences.check("exit_reason", ours.exitReason, theirs["exit_reason"].text)
        differences.check("enter_tag", ours.enterTag, theirs["enter_tag"].text ?? "")
        differences.check("order count", Double(ours.orders.count), theirs["orders"].list.count.doubleValue)
        for (order, other) in zip(ours.orders, theirs["orders"].list) { compare(order, other, &differences) }
    }

    private func compare(_ ours: ClosedTrade.Order, _ theirs: Value, _ differences: inout Differences) {
        differences.check("order side", ours.isBuy ? "buy" : "sell", theirs["side"].text)
        differences.check("order amount", ours.amount, theirs["amount"].double)
        differences.check("order filled", ours.amount, theirs["filled"].double)
        differences.check("order price", ours.price, theirs["price"].double)
        differences.check("order cost", ours.cost, theirs["cost"].double)
        differences.check("order type", ours.type.rawValue, theirs["order_type"].text)
        differences.check("order date", ours.placed, theirs["date"].time)
        differences.check("order filled date", ours.filled, theirs["filled_date"].time)
        differences.check("order tag", ours.tag, theirs["tag"].text ?? "")
        differences.check("order funding fee", ours.fundingFee ?? .nan, theirs["funding_fee"].double ?? .nan)
    }
}

/// Differences found, each with where and what.
struct Differences {
    var context = ""
    var list: [String] = []
    var compared = 0

    mutating func check(_ name: String, _ ours: Double, _ theirs: Double?) {
        compared += 1
        if ours.isNaN, let theirs, theirs.isNaN { return }
        if ours != theirs { list.append("\(context) \(name): \(ours), freqtrade \(theirs.map { "\($0)" } ?? "nothing")") }
    }

    mutating func check<T: Equatable>(_ name: String, _ ours: T, _ theirs: T?) {
        compared += 1
        if ours != theirs { list.append("\(context) \(name): \(ours), freqtrade \(theirs.map { "\($0)" } ?? "nothing")") }
    }
}

extension Int {
    var doubleValue: Double { Double(self) }
}
