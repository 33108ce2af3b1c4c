import Exchange
import Market
import Money
import Orders
import TradingLoop

// Notes as JSON: money as exact text, doubles as their shortest text, times in milliseconds.

extension TradeReport {
    var json: JSONValue {
        [
            "number": .number(String(number.number)), "pair": .string(pair.description), "state": .string(state.rawValue),
            "enter_tag": .string(enterTag), "exit_reason": .string(exitReason), "open_time": .integer(openTime.milliseconds),
            "close_time": closeTime.map { .integer($0.milliseconds) } ?? .null, "held": .string(held.description),
            "dust": .string(dust.description), "open_rate": .double(openRate), "close_rate": .double(closeRate),
            "stake": .double(stake), "stop": .double(stop), "initial_stop": .double(initialStop),
            "is_stop_trailing": .bool(isStopTrailing), "profit_ratio": .double(profitRatio), "profit": .double(profit),
            "cash_flow": .string(cashFlow.description),
            "fees": .array(fees.map { ["asset": .string($0.asset), "amount": .string($0.amount.description)] }),
            "order_count": .integer(Int64(orderCount)),
        ]
    }
}

extension Decision {
    var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "pair": pair.map { .string($0.description) } ?? .null,
            "trade": trade.map { .number(String($0.number)) } ?? .null, "text": .string(text),
            "time": .integer(time.milliseconds),
        ]
    }
}

extension Candle {
    func json(_ pair: Pair) -> JSONValue {
        [
            "pair": .string(pair.description), "time": .integer(time.milliseconds),
            "ohlcv": .array([open, high, low, close, volume].map { .double($0) }),
        ]
    }
}

extension Candle {
    static func json(_ pair: Pair, _ candles: [Candle]) -> JSONValue {
        [
            "pair": .string(pair.description),
            "candles": .array(
                candles.map { candle in
                    .array(
                        [.integer(candle.time.milliseconds)]
                            + [candle.open, candle.high, candle.low, candle.close, candle.volume].map { .double($0) })
                }),
        ]
    }
}

extension Balance {
    static func json(_ balances: [Balance]) -> JSONValue {
        [
            "balances": .array(
                balances.map {
                    [
                        "asset": .string($0.asset), "free": .string($0.free.description),
                        "locked": .string($0.locked.description),
                    ]
                })
        ]
    }
}

extension Instrument {
    var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
        func limits(_ limits: Limits) -> JSONValue { .array([number(limits.minimum), number(limits.maximum)]) }
        return [
            "pair": .string(pair.description), "precision_mode": .integer(Int64(precisionMode.rawValue)),
            "amount_precision": number(amountPrecision), "price_precision": number(pricePrecision),
            "amount_limits": limits(amountLimits), "price_limits": limits(priceLimits), "cost_limits": limits(costLimits),
            "maker_fee": number(makerFee), "taker_fee": number(takerFee),
        ]
    }
}

extension JSONValue {
    /// Swift's shortest text, which reads back to the same bits; null for what is no finite number.
    static func double(_ value: Double) -> JSONValue { value.isFinite ? .number(value.description) : .null }
}

/// Reads notes; everything in them is checked.
struct NoteReader {
    let kind: UInt16
    let value: JSONValue

    func failure(_ name: String) -> JournalNoteError { JournalNoteError(kind: kind, problem: "\(name) is missing or wrong") }

    func get<Value>(_ name: String, _ read: (JSONValue) -> Value?) throws(JournalNoteError) -> Value {
        guard let member = value[name], let found = read(member) else { throw failure(name) }
        return found
    }

    func text(_ name: String) throws(JournalNoteError) -> String { try get(name) { $0.text } }
    func double(_ name: String) throws(JournalNoteError) -> Double { try get(name) { $0.double } }
    func amount(_ name: String) throws(JournalNoteError) -> Amount { try get(name) { $0.amount } }
    func time(_ name: String) throws(JournalNoteError) -> Timestamp {
        Timestamp(milliseconds: try get(name) { $0.integer })
    }
    func natural(_ name: String) throws(JournalNoteError) -> UInt64 { try get(name) { $0.digits.flatMap { UInt64($0) } } }
    func pair(_ name: String) throws(JournalNoteError) -> Pair { try get(name) { $0.text.flatMap { Pair($0) } } }

    func trade() throws(JournalNoteError) -> TradeReport {
        let fees = try get("fees") { value -> [FeeTotal]? in
            var result: [FeeTotal] = []
            for element in value.elements ?? [] {
                guard let asset = element["asset"]?.text, let amount = element["amount"]?.amount else { return nil }
                result.append(FeeTotal(asset: asset, amount: amount))
            }
            return result
        }
        return TradeReport(
            number: TradeNumber(try natural("number")), pair: try pair("pair"),
            state: try get("state") { $0.text.flatMap(TradeReport.State.init) }, enterTag: try text("enter_tag"),
            exitReason: try text("exit_reason"), openTime: try time("open_time"),
            closeTime: value["close_time"]?.integer.map { Timestamp(milliseconds: $0) }, held: try amount("held"),
            dust: try amount("dust"), openRate: try double("open_rate"), closeRate: try double("close_rate"),
            stake: try double("stake"), stop: try double("stop"), initialStop: try double("initial_stop"),
            isStopTrailing: try get("is_stop_trailing") { $0.bool }, profitRatio: try double("profit_ratio"),
            profit: try double("profit"), cashFlow: try amount("cash_flow"), fees: fees,
            orderCount: Int(clamping: try natural("order_count")))
    }

    func decision() throws(JournalNoteError) -> Decision {
        Decision(
            kind: try get("kind") { $0.text.flatMap(Decision.Kind.init) }, pair: value["pair"]?.text.flatMap { Pair($0) },
            trade: value["trade"]?.digits.flatMap { UInt64($0) }.map { TradeNumber($0) }, text: try text("text"),
            time: try time("time"))
    }

    func candle() throws(JournalNoteError) -> JournalNote {
        let numbers = try get("ohlcv") { value -> [Double]? in
            let found = (value.elements ?? []).compactMap(\.double)
            return found.count == 5 ? found : nil
        }
        return .candle(
            try pair("pair"),
            Candle(
                time: try time("time"), open: numbers[0], high: numbers[1], low: numbers[2], close: numbers[3], volume: numbers[4]
            ))
    }

    func history() throws(JournalNoteError) -> JournalNote {
        let candles = try get("candles") { value -> [Candle]? in
            var result: [Candle] = []
            for row in value.elements ?? [] {
                let cells = row.elements ?? []
                let numbers = cells.dropFirst().compactMap(\.double)
                guard cells.count == 6, numbers.count == 5, let time = cells[0].integer else { return nil }
                result.append(
                    Candle(
                        time: Timestamp(milliseconds: time), open: numbers[0], high: numbers[1], low: numbers[2],
                        close: numbers[3],
                        volume: numbers[4]))
            }
            return result.isEmpty ? nil : result
        }
        return .history(try pair("pair"), candles)
    }

    func balances() throws(JournalNoteError) -> [Balance] {
        try get("balances") { value -> [Balance]? in
            guard let elements = value.elements else { return nil }
            var result: [Balance] = []
            for element in elements {
                guard let asset = element["asset"]?.text, let free = element["free"]?.amount,
                    let locked = element["locked"]?.amount
                else { return nil }
                result.append(Balance(asset: asset, free: free, locked: locked))
            }
            return result
        }
    }

    func instrument() throws(JournalNoteError) -> Instrument {
        Instrument(
            pair: try pair("pair"),
            precisionMode: try get("precision_mode") {
                $0.integer.flatMap { Int(exactly: $0) }.flatMap(Instrument.PrecisionMode.init)
            },
            amountPrecision: try number("amount_precision"), pricePrecision: try number("price_precision"),
            amountLimits: try limits("amount_limits"), priceLimits: try limits("price_limits"),
            costLimits: try limits("cost_limits"), makerFee: try number("maker_fee"), takerFee: try number("taker_fee"))
    }

    /// A number; null is none.
    private func number(_ name: String) throws(JournalNoteError) -> Double? {
        guard let member = value[name] else { throw failure(name) }
        if member.isNull { return nil }
        guard let number = member.double else { throw failure(name) }
        return number
    }

    private func limits(_ name: String) throws(JournalNoteError) -> Instrument.Limits {
        try get(name) { value -> Instrument.Limits? in
            guard let cells = value.elements, cells.count == 2, cells.allSatisfy({ $0.isNull || $0.double != nil }) else {
                return nil
            }
            return Instrument.Limits(minimum: cells[0].double, maximum: cells[1].double)
        }
    }
}
