package import Market

extension OrderManager {
    /// To be called at `nextDeadline` at the latest; earlier or more often does no harm.
    package mutating func tick(now: Timestamp) -> [OrderDirective] {
        var out: Output = []
        for ticket in work.keys.sorted() {
            loseAnswer(ticket, now, &out)
            continueLookUp(ticket, now, &out)
            continueCancel(ticket, now, &out)
            if let due = work[ticket]?.fillsDue, due <= now {
                work[ticket]?.fillsDue = now.later(settings.longestWait)
                requestReconciliation(now, after: .zero, &out)
            }
        }
        if let at = reconciliation.nextAt, at <= now {
            // Either it is time for the next one, or the last one was never answered.
            reconciliation.isUnderWay = false
            requestReconciliation(now, after: .zero, &out)
        }
        askForUnknown(now, &out)
        finish(now, &out)
        return out
    }

    /// The shell never told what became of a request, and its time is over.
    private mutating func loseAnswer(_ ticket: OrderTicket, _ now: Timestamp, _ out: inout Output) {
        guard let order = ledger.orders[ticket], work[ticket]?.awaitsAnswer == true, conclusion(of: order) <= now else { return }
        work[ticket]?.awaitsAnswer = false
        guard order.status == .intended || order.status == .submitted else { return }
        let outcome = OrderOutcome(ticket: ticket, event: .outcomeLost, reason: "no answer came", time: now)
        if take(outcome, &out) { lookUp(ticket, now, &out) }
    }

    private mutating func continueLookUp(_ ticket: OrderTicket, _ now: Timestamp, _ out: inout Output) {
        guard let order = ledger.orders[ticket], let item = work[ticket] else { return }
        if let attempt = item.lookUp {
            guard attempt.nextAt <= now else { return }
            work[ticket]?.lookUp = nil
            lookUp(ticket, now, &out)
        } else if order.status == .unknown || item.isMissing || item.isStray && item.cancel == nil {
            lookUp(ticket, now, &out)
        }
    }

    /// When `tick` has something to do; nil: only other inputs can change anything.
    package var nextDeadline: Timestamp? {
        var times: [Timestamp] = []
        if let at = reconciliation.nextAt { times.append(at) }
        if isRecovering, let at = recovery?.nextAt { times.append(at) }
        for (ticket, item) in work {
            if let attempt = item.lookUp { times.append(attempt.nextAt) }
            if let attempt = item.cancel { times.append(attempt.nextAt) }
            if let due = item.fillsDue { times.append(due) }
            if item.awaitsAnswer, let order = ledger.orders[ticket] { times.append(conclusion(of: order)) }
        }
        return times.min()
    }
}
