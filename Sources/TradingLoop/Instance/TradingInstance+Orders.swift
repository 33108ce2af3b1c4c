import Exchange
import Market
import Money
import Orders

/// Placing and canceling: the only two places where directives to the venue are made.
extension TradingInstance {
    mutating func takeTicket() -> OrderTicket {
        defer { nextTicket += 1 }
        jobIsDirty = true
        return OrderTicket(nextTicket)
    }

    mutating func place(_ order: LoopOrder, _ kind: OrderKind, _ timeInForce: TimeInForce, at index: Int) {
        var order = order
        order.changedAt = inputs
        trades[index].orders.append(order)
        touch(index)
        out.append(
            .place(
                OrderRequest(
                    ticket: order.ticket, trade: trades[index].number, pair: trades[index].pair,
                    side: order.isEntry ? .buy : .sell, kind: kind, quantity: order.quantity, timeInForce: timeInForce,
                    purpose: order.purpose, tag: order.tag)))
    }

    /// Milliseconds after which a cancel that shows no effect is asked for again.
    static var cancelPatience: Int64 { 30_000 }

    /// Asks for the end of an order, once, and again where nothing was heard for long.
    mutating func cancel(_ ticket: OrderTicket, at index: Int, because reason: CancelReason) {
        guard let place = trades[index].orders.firstIndex(where: { $0.ticket == ticket && !$0.isOver }) else { return }
        if let asked = trades[index].orders[place].cancelAsked,
            now.milliseconds - asked.milliseconds < Self.cancelPatience
        {
            return
        }
        // The first reason stays: it says why the order had to go.
        let why = trades[index].orders[place].canceling ?? reason
        trades[index].orders[place].canceling = why
        trades[index].orders[place].cancelAsked = now
        touch(index)
        out.append(.cancel(ticket, why))
    }

    /// Cancels entry orders; what they filled stays a trade.
    mutating func cancelEntries(because reason: CancelReason) {
        for index in trades.indices {
            for order in trades[index].orders where order.isEntry && !order.isOver {
                cancel(order.ticket, at: index, because: reason)
            }
        }
    }
}
