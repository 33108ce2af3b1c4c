package import Exchange
package import Market
import Money
package import Orders

extension TradingInstance {
    /// Begins, after `history` and quotes were given, with what the journal holds: the newest record of each kind and key, and the state of all orders that it knows. An order
    /// that stands in a record and that the journal does not know was never sent.
    package mutating func start(
        records: [TradingRecord] = [], orders: [OrderUpdate] = [], balances: [Balance]? = nil, now time: Timestamp
    ) throws(TradingError) -> [TradingDirective] {
        begin(time)
        isStarted = true
        if let balances { self.balances.update(balances, isComplete: true, at: inputs) }
        var newest: [UInt64: TradingRecord] = [:]
        for record in records {
            switch record.kind {
            case .job: try readJob(record)
            case .trade: newest[record.key] = record
            }
        }
        for record in newest.values.sorted(by: { $0.key < $1.key }) {
            guard let trade = try readTrade(record) else { continue }
            guard pairRules[trade.pair] != nil else { throw .unknownInstrument(trade.pair, trade.number) }
            trades.append(trade)
        }
        catchUp(orders)
        out.append(.wakeAt(now.advanced(byMilliseconds: settings.processThrottle)))
        return end()
    }

    /// Applies what happened to the orders since the records were written.
    private mutating func catchUp(_ orders: [OrderUpdate]) {
        let known = Dictionary(
            orders.map { ($0.ticket, $0) },
            uniquingKeysWith: { first, second in
                second.filled >= first.filled ? second : first
            })
        for order in trades.flatMap(\.orders) where !order.isOver {
            apply(
                known[order.ticket]
                    ?? OrderUpdate(
                        ticket: order.ticket, status: .notPlaced, filled: .zero, cost: .zero, fees: [],
                        reason: "not in the journal", time: now))
        }
        for index in trades.indices {
            for place in trades[index].orders.indices { trades[index].orders[place].cancelAsked = nil }
        }
        slotFreed = false
        // What else waits is the next tick's, as it would have been without the restart.
        for index in trades.indices { askAgain(index) }
    }
}
