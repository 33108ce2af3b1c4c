import Backtesting
import Exchange
import Market
import Money
import Orders
import Trading

/// The loop's state as JSON, both ways. Doubles stand as their shortest text and read back to the same bits.
extension TradingInstance {
    var jobRecord: TradingRecord {
        func times(_ table: [Pair: Timestamp]) -> JSONValue {
            .object(table.sorted { $0.key < $1.key }.map { .init($0.key.description, .integer($0.value.milliseconds)) })
        }
        let value: JSONValue = [
            "next_ticket": .number(String(nextTicket)), "next_trade": .number(String(nextTrade)),
            "closed_profit": .string(closedProfit.description), "locks": times(locks), "refused": times(refusedEntries),
        ]
        return TradingRecord(kind: .job, key: 0, bytes: value.bytes)
    }

    func record(of trade: LiveTrade, state: TradeReport.State) -> TradingRecord {
        let stop = trade.rules.stopState
        let value: JSONValue = [
            "state": .string(state.rawValue), "pair": .string(trade.pair.description), "enter_tag": .string(trade.enterTag),
            "opened": .integer(trade.opened.milliseconds), "exit_reason": .string(trade.exitReason),
            "canceled_exits": .integer(Int64(trade.canceledExits)), "retry_at": .integer(trade.retryAt.milliseconds),
            "fee": .double(trade.rules.feeRatio), "stake": .double(trade.rules.stake), "rate": .double(trade.rules.openRate),
            "stop": .double(stop.stop), "stop_ratio": .double(stop.ratio), "initial_stop": .double(stop.initial),
            "initial_stop_ratio": stop.initialRatio.map { .double($0) } ?? .null, "trailing": .bool(stop.isTrailing),
            "highest": .double(stop.highest), "lowest": .double(stop.lowest), "has_extremes": .bool(stop.hasExtremes),
            "plan": trade.plan.map(Self.json) ?? .null,
            "seen": .object(trade.seenReasons.sorted { $0.key < $1.key }.map { .init($0.key, .integer($0.value.milliseconds)) }),
            "orders": .array(trade.orders.map(Self.json)), "forgotten_orders": .integer(Int64(trade.forgottenOrders)),
        ]
        return TradingRecord(kind: .trade, key: trade.number.number, bytes: value.bytes)
    }

    private static func json(_ plan: ExitPlan) -> JSONValue {
        ["reason": .string(plan.reason), "purpose": .string(plan.purpose.rawValue), "market": .bool(plan.isMarket)]
    }

    private static func json(_ order: LoopOrder) -> JSONValue {
        [
            "ticket": .number(String(order.ticket.number)), "purpose": .string(order.purpose.rawValue),
            "quantity": .text(order.quantity), "price": .text(order.price), "trigger": order.trigger.map { .text($0) } ?? .null,
            "market": .bool(order.isMarket), "placed": .integer(order.placed.milliseconds), "tag": .string(order.tag),
            "status": .string(order.status.rawValue), "filled": .text(order.filled), "cost": .string(order.cost.description),
            "fees": .array(order.fees.map { ["asset": .string($0.asset), "amount": .string($0.amount.description)] }),
            "ended": order.ended.map { .integer($0.milliseconds) } ?? .null,
            "canceling": order.canceling.map { .string($0.rawValue) } ?? .null,
        ]
    }
}

extension JSONValue {
    static func double(_ value: Double) -> JSONValue { .number(value.description) }
}
