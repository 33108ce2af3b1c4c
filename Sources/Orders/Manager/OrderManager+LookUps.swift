import Exchange
package import Market

// An order of unknown outcome is looked up with growing waits until it is found, or until it was asked for after its end and the venue's
// own time were over. It is never sent again.
extension OrderManager {
    /// Starts to look an order up, unless that is under way.
    mutating func lookUp(_ ticket: OrderTicket, _ now: Timestamp, _ out: inout Output) {
        guard let order = ledger.orders[ticket], work[ticket] != nil, work[ticket]?.lookUp == nil else { return }
        ask(order, after: .zero, next: settings.firstWait, now, &out)
    }

    private mutating func ask(
        _ order: OrderState, after wait: Duration, next: Duration, _ now: Timestamp, _ out: inout Output
    ) {
        let patience = now.later(wait + settings.answerTimeout)
        work[order.ticket]?.lookUp = Attempt(wait: next, nextAt: patience, isUnderWay: true)
        out.append(.lookUp(order.ticket, order.reference, after: wait))
    }

    private mutating func askAgain(_ order: OrderState, _ now: Timestamp, _ out: inout Output) {
        let wait = work[order.ticket]?.lookUp?.wait ?? settings.firstWait
        ask(order, after: wait, next: min(wait * 2, settings.longestWait), now, &out)
    }

    package mutating func lookUpResult(_ ticket: OrderTicket, _ answer: LookUpAnswer, now: Timestamp) -> [OrderDirective] {
        guard let order = ledger.orders[ticket] else { return [] }
        var out: Output = []
        switch answer {
        case .found(let report):
            work[ticket]?.lookUp = nil
            take(report, of: ticket, isLookUp: true, now, &out)
        case .absent(let asked): absent(order, asked, now, &out)
        case .unanswered: if work[ticket]?.lookUp != nil { askAgain(order, now, &out) }
        }
        finish(now, &out)
        return out
    }

    private mutating func absent(_ order: OrderState, _ asked: Timestamp, _ now: Timestamp, _ out: inout Output) {
        let ticket = order.ticket
        guard let item = work[ticket], item.lookUp != nil else { return }
        let isConclusive = asked > conclusion(of: order)
        switch order.status {
        case .unknown where isConclusive:
            work[ticket]?.lookUp = nil
            let reason = "the venue does not have it"
            _ = take(OrderOutcome(ticket: ticket, event: .provedAbsent, reason: order.reason ?? reason, time: now), &out)
        case .unknown: askAgain(order, now, &out)
        // Its answer is still to come.
        case .intended, .submitted: work[ticket]?.lookUp = nil
        case .open, .partiallyFilled: missing(order, now, &out)
        case .filled, .canceled, .expired, .rejected, .denied, .notPlaced:
            guard item.isStray, !isConclusive else {
                work[ticket]?.lookUp = nil
                work[ticket]?.isStray = false
                return
            }
            askAgain(order, now, &out)
        }
    }

    /// The venue had it and has it no more, not even among the ended ones. Nothing is guessed: entries stay blocked until it is found.
    private mutating func missing(_ order: OrderState, _ now: Timestamp, _ out: inout Output) {
        guard var item = work[order.ticket] else { return }
        item.isMissing = true
        item.absences += 1
        let isNews = item.absences >= settings.patience && !item.isAlarmed
        item.isAlarmed = item.isAlarmed || isNews
        work[order.ticket] = item
        if isNews {
            out.append(
                .alarm(
                    "order \(order.ticket) (\(order.clientOrderID)) was \(order.status.rawValue) at the venue, which does not find it any more; "
                        + "no entries are placed until it does"))
        }
        askAgain(order, now, &out)
    }

    /// An order that is not there when it is asked for after this moment never will be.
    func conclusion(of order: OrderState) -> Timestamp {
        order.deadline.later(settings.backendTimeout + settings.clockMargin)
    }
}
