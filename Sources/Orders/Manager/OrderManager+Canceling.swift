package import Exchange
package import Market

// A canceled order stays on the list until the venue has said that it has ended: cancels are tried again and again, over restarts.
extension OrderManager {
    package mutating func cancel(_ ticket: OrderTicket, now: Timestamp) -> [OrderDirective] {
        var out: Output = []
        requestCancel(ticket, now, &out)
        finish(now, &out)
        return out
    }

    /// Cancels every order that may still be filled, but those for these purposes (protective stops that are to rest at the venue).
    package mutating func cancelAll(keeping: Set<OrderPurpose> = [], now: Timestamp) -> [OrderDirective] {
        var out: Output = []
        for ticket in work.keys.sorted() {
            guard let order = ledger.orders[ticket], !keeping.contains(order.request.purpose) else { continue }
            requestCancel(ticket, now, &out)
        }
        finish(now, &out)
        return out
    }

    private mutating func requestCancel(_ ticket: OrderTicket, _ now: Timestamp, _ out: inout Output) {
        guard let order = ledger.orders[ticket], !order.status.isFinal else { return }
        if !order.wantsCancel { _ = record(.cancelRequested(ticket, now), &out) }
        // Asked for again: at once, whatever the wait.
        if work[ticket]?.cancel?.isUnderWay == false { work[ticket]?.cancel = nil }
        sendCancel(ticket, now, &out)
    }

    /// Sends a cancel where one is wanted, possible and not under way.
    mutating func sendCancel(_ ticket: OrderTicket, _ now: Timestamp, _ out: inout Output) {
        guard let order = ledger.orders[ticket], order.wantsCancel, var item = work[ticket] else { return }
        guard !order.status.isFinal || item.isStray, item.cancel?.isUnderWay != true else { return }
        // The venue may not have it: it is looked up first, and canceled when it is found.
        if order.status == .unknown { return lookUp(ticket, now, &out) }
        let wait = item.cancel?.wait ?? settings.firstWait
        item.cancel = Attempt(wait: wait, nextAt: now.later(settings.answerTimeout), isUnderWay: true)
        work[ticket] = item
        out.append(.cancel(ticket, order.reference))
    }

    package mutating func cancelResult(
        _ ticket: OrderTicket, _ result: Result<OrderReport?, VenueError>, now: Timestamp
    ) -> [OrderDirective] {
        guard ledger.orders[ticket] != nil else { return [] }
        var out: Output = []
        work[ticket]?.cancel?.isUnderWay = false
        switch result {
        case .success(let report):
            // Accepted; what counts is the order's own end.
            work[ticket]?.cancel?.wait = settings.firstWait
            work[ticket]?.cancel?.nextAt = now.later(settings.cancelConfirmation)
            if let report { take(report, of: ticket, now, &out) }
        case .failure(let error): cancelFailed(ticket, error, now, &out)
        }
        finish(now, &out)
        return out
    }

    private mutating func cancelFailed(_ ticket: OrderTicket, _ error: VenueError, _ now: Timestamp, _ out: inout Output) {
        guard let order = ledger.orders[ticket], let attempt = work[ticket]?.cancel else { return }
        work[ticket]?.cancel?.nextAt = now.later(attempt.wait)
        work[ticket]?.cancel?.wait = min(attempt.wait * 2, settings.longestWait)
        if error.handling == .fatal, work[ticket]?.isAlarmed == false {
            work[ticket]?.isAlarmed = true
            out.append(.alarm("order \(ticket) cannot be canceled: \(error)"))
        }
        // Not there: not yet (its answer is still to come), or not any more.
        if error.kind == .orderNotFound, order.status != .intended, order.status != .submitted { lookUp(ticket, now, &out) }
    }

    /// The next step of a cancel whose time has come.
    mutating func continueCancel(_ ticket: OrderTicket, _ now: Timestamp, _ out: inout Output) {
        guard let attempt = work[ticket]?.cancel, attempt.nextAt <= now else { return }
        work[ticket]?.cancel?.isUnderWay = false
        sendCancel(ticket, now, &out)
        // The venue accepted it, or never answered: whether the order is still there is asked, too.
        if let order = ledger.orders[ticket], order.status != .intended, order.status != .submitted { lookUp(ticket, now, &out) }
    }
}
