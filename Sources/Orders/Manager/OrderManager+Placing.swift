package import Exchange
package import Market
import Money

extension OrderManager {
    /// Places an order, or denies it. `deadline`: the last moment, in the venue's time, at which the venue is to take it.
    package mutating func place(
        _ request: OrderRequest, _ instrument: TradedInstrument, deadline: Timestamp, now: Timestamp
    ) -> [OrderDirective] {
        var out: Output = []
        know(instrument)
        let id: ClientOrderID
        do {
            id = try ClientOrderCode(identity, request.ticket).id
        } catch {
            return [.update(Self.denial(of: request, error.description, now)), .alarm(error.description)]
        }
        guard request.ticket >= ledger.nextTicket else {
            let reason = "order number \(request.ticket) was used before; the next free one is \(ledger.nextTicket)"
            // An update would be taken for one of the order that has the number.
            return [.alarm(reason)]
        }
        var request = request
        request.tag = Self.cut(request.tag)
        let intended = IntendedOrder(request: request, clientOrderID: id, deadline: deadline, time: now)
        guard record(.intended(intended), &out) else { return out }
        if let refusal = refusal(of: request, deadline, now) {
            _ = take(OrderOutcome(ticket: request.ticket, event: .denied, reason: refusal, time: now), &out)
        } else {
            work[request.ticket] = OrderWork(awaitsAnswer: true)
            out.append(.send(request.ticket, Self.intent(of: intended)))
        }
        finish(now, &out)
        return out
    }

    private func refusal(of request: OrderRequest, _ deadline: Timestamp, _ now: Timestamp) -> String? {
        if !request.purpose.reduces, !blocked.isEmpty {
            let reasons = blocked.map(\.rawValue).sorted().joined(separator: ", ")
            return "no entries are placed now: \(reasons)"
        }
        if hasSecondOwner { return "the account has another owner" }
        if deadline <= now { return "its deadline has passed" }
        switch request.kind {
        case .marketByCost(let cost) where cost.isZero || cost.isNegative: return "its cost is not above zero"
        case .marketByCost: return nil
        default: return request.quantity.isPositive ? nil : "its quantity is not above zero"
        }
    }

    private static func denial(of request: OrderRequest, _ reason: String, _ now: Timestamp) -> OrderUpdate {
        OrderUpdate(
            ticket: request.ticket, status: .denied, filled: .zero, cost: .zero, fees: [], reason: reason, time: now)
    }

    /// At most 255 bytes, whole characters.
    static func cut(_ tag: String) -> String {
        var tag = tag
        while tag.utf8.count > 255 { tag.removeLast() }
        return tag
    }

    private static func intent(of order: IntendedOrder) -> OrderIntent {
        let request = order.request
        // Spot has no such flag: there nothing can be sold that is not held.
        let reduceOnly = request.pair.settle != nil && request.purpose.reduces
        return OrderIntent(
            request.side, request.kind, quantity: request.quantity, timeInForce: request.timeInForce,
            clientOrderID: order.clientOrderID, reduceOnly: reduceOnly, deadline: order.deadline)
    }

    /// A gate, a limit or a lost lease kept the order from being written. It never left this process.
    package mutating func denied(_ ticket: OrderTicket, _ reason: String, now: Timestamp) -> [OrderDirective] {
        var out: Output = []
        work[ticket]?.awaitsAnswer = false
        conclude(ticket, .denied, reason, now, &out)
        finish(now, &out)
        return out
    }

    /// The order was written to the network.
    package mutating func handedOver(_ ticket: OrderTicket, now: Timestamp) -> [OrderDirective] {
        guard let before = ledger.orders[ticket], before.status == .intended else { return [] }
        var out: Output = []
        if record(.sent(ticket, now), &out), let order = ledger.orders[ticket] { out.append(.update(order.update(time: now))) }
        return out
    }

    package mutating func sendResult(
        _ ticket: OrderTicket, _ result: Result<OrderReport, VenueError>, now: Timestamp
    ) -> [OrderDirective] {
        guard ledger.orders[ticket] != nil else { return [] }
        var out: Output = []
        work[ticket]?.awaitsAnswer = false
        switch result {
        case .success(let report): take(report, of: ticket, now, &out)
        case .failure(let error): sendFailed(ticket, error, now, &out)
        }
        finish(now, &out)
        return out
    }

    private mutating func sendFailed(_ ticket: OrderTicket, _ error: VenueError, _ now: Timestamp, _ out: inout Output) {
        // A duplicate means that the venue has an order of this id: it is looked up.
        if error.handling == .outcomeUnknown || error.kind == .duplicateClientOrderID {
            _ = take(OrderOutcome(ticket: ticket, event: .outcomeLost, reason: error.description, time: now), &out)
            if ledger.orders[ticket]?.status == .unknown { lookUp(ticket, now, &out) }
            return
        }
        conclude(ticket, Self.neverLeft(error) ? .notSent : .rejected, error.description, now, &out)
    }

    /// Whether the error says that nothing was written: our own codes, where the venue was not asked.
    private static func neverLeft(_ error: VenueError) -> Bool {
        ["not-sent", "deadline", "not-supported", "credentials"].contains(error.code) || error.code.hasPrefix("gate")
            || error.code.hasPrefix("permit.")
    }

    /// An order came to nothing, unless the venue told otherwise before: then it is looked up.
    private mutating func conclude(
        _ ticket: OrderTicket, _ event: OrderEvent, _ reason: String, _ now: Timestamp, _ out: inout Output
    ) {
        guard let order = ledger.orders[ticket] else { return }
        let isAtVenue = order.status == .open || order.status == .partiallyFilled
        let outcome = OrderOutcome(ticket: ticket, event: event, reason: String(reason.prefix(500)), time: now)
        if isAtVenue || !take(outcome, &out) {
            out.append(.alarm("order \(ticket) is \(order.status.rawValue), yet its placing was answered with: \(reason)"))
            if work[ticket] == nil { work[ticket] = OrderWork() }
            work[ticket]?.isMissing = true
            lookUp(ticket, now, &out)
        }
    }
}
