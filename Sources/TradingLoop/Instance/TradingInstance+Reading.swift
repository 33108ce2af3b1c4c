import Backtesting
import Exchange
import Market
import Money
import Orders
import Trading

extension TradingInstance {
    mutating func readJob(_ record: TradingRecord) throws(TradingError) {
        let reader = try RecordReader(record)
        nextTicket = try reader.natural("next_ticket")
        nextTrade = try reader.natural("next_trade")
        closedProfit = try reader.value("closed_profit") { $0.amount }
        locks = try pairTimes(reader, "locks")
        refusedEntries = try pairTimes(reader, "refused")
    }

    private func pairTimes(_ reader: RecordReader, _ name: String) throws(TradingError) -> [Pair: Timestamp] {
        var result: [Pair: Timestamp] = [:]
        for member in try reader.value(name, { $0.members }) {
            guard let pair = Pair(member.name), let time = member.value.integer else { throw reader.failure(name) }
            result[pair] = Timestamp(milliseconds: time)
        }
        return result
    }

    /// A trade as it stood; nil for one that is over.
    func readTrade(_ record: TradingRecord) throws(TradingError) -> LiveTrade? {
        let reader = try RecordReader(record)
        let state = try reader.value("state") { $0.text.flatMap(TradeReport.State.init) }
        if state == .closed || state == .dropped { return nil }
        let pair = try reader.value("pair") { $0.text.flatMap { Pair($0) } }
        let opened = Timestamp(milliseconds: try reader.integer("opened"))
        let number = TradeNumber(record.key)
        guard let rules = pairRules[pair] else { throw .unknownInstrument(pair, number) }
        var trade = LiveTrade(
            number: number, pair: pair, enterTag: try reader.text("enter_tag"), opened: opened,
            rules: OpenTrade(
                opened: opened, fee: try reader.double("fee"), priceRule: rules.instrument.priceRule,
                amountRule: rules.instrument.amountRule, stake: try reader.double("stake"), rate: try reader.double("rate"),
                settings: settings.rules))
        trade.exitReason = try reader.text("exit_reason")
        trade.canceledExits = Int(clamping: try reader.natural("canceled_exits"))
        trade.retryAt = Timestamp(milliseconds: try reader.integer("retry_at"))
        trade.plan = try readPlan(reader)
        for member in try reader.value("seen", { $0.members }) {
            guard let time = member.value.integer else { throw reader.failure("seen") }
            trade.seenReasons[member.name] = Timestamp(milliseconds: time)
        }
        for value in try reader.value("orders", { $0.elements }) { trade.orders.append(try readOrder(reader.inner(value))) }
        // Journals of older versions keep every order.
        if reader.optional("forgotten_orders") != nil {
            trade.forgottenOrders = Int(clamping: try reader.natural("forgotten_orders"))
        }
        rebook(&trade)
        trade.rules.stopState = try readStop(reader)
        return trade
    }

    /// Fills the rules' trade anew from the orders that are over, in the order in which they ended.
    private func rebook(_ trade: inout LiveTrade) {
        let ended = trade.orders.filter { $0.isOver && $0.filled.isPositive }
            .sorted { ($0.ended?.milliseconds ?? 0, $0.ticket.number) < ($1.ended?.milliseconds ?? 0, $1.ticket.number) }
        for order in ended {
            guard let rate = order.averagePrice, let time = order.ended else { continue }
            if order.isEntry {
                let bought = ExactDecimal(order.filled) - ExactDecimal(order.fee(in: trade.pair.base))
                trade.rules.bookEntry(amount: Double(bought), rate: Double(rate), at: time)
            } else {
                trade.rules.bookExit(amount: Double(ExactDecimal(order.filled)), rate: Double(rate), at: time, closes: false)
            }
        }
    }

    private func readPlan(_ reader: RecordReader) throws(TradingError) -> ExitPlan? {
        guard let plan = reader.optional("plan") else { return nil }
        let inner = reader.inner(plan)
        return ExitPlan(
            reason: try inner.text("reason"), purpose: try inner.value("purpose") { $0.text.flatMap(OrderPurpose.init) },
            isMarket: try inner.value("market") { $0.bool })
    }

    private func readStop(_ reader: RecordReader) throws(TradingError) -> StopState {
        let initialRatio = reader.optional("initial_stop_ratio") == nil ? nil : try reader.double("initial_stop_ratio")
        return StopState(
            stop: try reader.double("stop"), ratio: try reader.double("stop_ratio"), initial: try reader.double("initial_stop"),
            initialRatio: initialRatio, isTrailing: try reader.value("trailing") { $0.bool },
            highest: try reader.double("highest"), lowest: try reader.double("lowest"),
            hasExtremes: try reader.value("has_extremes") { $0.bool })
    }

    private func readOrder(_ reader: RecordReader) throws(TradingError) -> LoopOrder {
        var order = LoopOrder(
            ticket: OrderTicket(try reader.natural("ticket")),
            purpose: try reader.value("purpose") { $0.text.flatMap(OrderPurpose.init) },
            quantity: try reader.value("quantity") { $0.fixedPoint() }, price: try reader.value("price") { $0.fixedPoint() },
            trigger: try reader.optional("trigger").map { value throws(TradingError) in
                guard let price: Price = value.fixedPoint() else { throw reader.failure("trigger") }
                return price
            },
            isMarket: try reader.value("market") { $0.bool },
            placed: Timestamp(milliseconds: try reader.integer("placed")), tag: try reader.text("tag"))
        order.status = try reader.value("status") { $0.text.flatMap(OrderStatus.init) }
        order.filled = try reader.value("filled") { $0.fixedPoint() }
        order.cost = try reader.value("cost") { $0.amount }
        order.ended = reader.optional("ended")?.integer.map { Timestamp(milliseconds: $0) }
        order.canceling = reader.optional("canceling")?.text.flatMap(CancelReason.init)
        for fee in try reader.value("fees", { $0.elements }) {
            let inner = reader.inner(fee)
            order.fees.append(FeeTotal(asset: try inner.text("asset"), amount: try inner.value("amount") { $0.amount }))
        }
        return order
    }
}

/// Reads members of a record; what is missing or of another kind is an error that names it.
private struct RecordReader {
    let record: TradingRecord
    let json: JSONValue

    init(_ record: TradingRecord) throws(TradingError) {
        self.record = record
        do { json = try JSONValue(parsing: record.bytes) } catch {
            throw .record(kind: record.kind, key: record.key, problem: "\(error)")
        }
    }

    private init(_ record: TradingRecord, _ json: JSONValue) {
        self.record = record
        self.json = json
    }

    func inner(_ value: JSONValue) -> RecordReader { RecordReader(record, value) }

    func failure(_ name: String) -> TradingError {
        .record(kind: record.kind, key: record.key, problem: "'\(name)' is missing or of another kind")
    }

    func value<Value>(_ name: String, _ convert: (JSONValue) -> Value?) throws(TradingError) -> Value {
        guard let found = json[name].flatMap(convert) else { throw failure(name) }
        return found
    }

    /// Nil for what is missing or null.
    func optional(_ name: String) -> JSONValue? { json[name].flatMap { $0.isNull ? nil : $0 } }

    func text(_ name: String) throws(TradingError) -> String { try value(name) { $0.text } }
    func double(_ name: String) throws(TradingError) -> Double { try value(name) { $0.double } }
    func integer(_ name: String) throws(TradingError) -> Int64 { try value(name) { $0.integer } }
    func natural(_ name: String) throws(TradingError) -> UInt64 { try value(name) { $0.digits.flatMap { UInt64($0) } } }
}
