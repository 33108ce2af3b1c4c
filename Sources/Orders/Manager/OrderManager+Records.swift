import Exchange
import Market
import Money

/// What an input gives rise to.
typealias Output = [OrderDirective]

// Every change of an order is a record that goes to the journal, and the same record changes the ledger.
extension OrderManager {
    /// False: it contradicts what is known; nothing was changed, and a person is told.
    mutating func record(_ record: JournalRecord, _ out: inout Output) -> Bool {
        do {
            try ledger.apply(record)
        } catch {
            hasContradiction = true
            out.append(.alarm("\(error); nothing was changed by it, and no entries are placed until a restart"))
            return false
        }
        out.append(.journal(record))
        return true
    }

    /// Takes an outcome where it changes something. False: it contradicts what is known.
    mutating func take(_ outcome: OrderOutcome, _ out: inout Output) -> Bool {
        guard let before = ledger.orders[outcome.ticket] else { return false }
        var after = before
        do { try after.take(outcome) } catch { return false }
        let isNew =
            after.status != before.status || after.venueOrderID != before.venueOrderID || after.heldEnd != before.heldEnd
            || after.reportedFilled != before.reportedFilled
        guard isNew else { return true }
        guard record(.outcome(outcome), &out) else { return false }
        if work[outcome.ticket] == nil { work[outcome.ticket] = OrderWork() }
        if after.status != before.status { out.append(.update(after.update(time: outcome.time))) }
        if before.venueOrderID == nil, after.venueOrderID != nil { adoptOrphans(of: outcome.ticket, &out) }
        return true
    }

    /// Takes a fill of an order of ours, unless it is known.
    mutating func take(_ fill: Fill, of ticket: OrderTicket, _ out: inout Output) {
        guard let pair = ledger.orders[ticket]?.request.pair, !ledger.knows(trade: fill.tradeID, pair) else { return }
        guard record(.fill(ticket, fill), &out), let order = ledger.orders[ticket] else { return }
        if work[ticket] == nil { work[ticket] = OrderWork() }
        out.append(.update(order.update(fill: fill, time: fill.time)))
        if let whole = order.endQuantity, order.filled > whole {
            hasContradiction = true
            out.append(.alarm("order \(ticket) of \(whole) \(pair) has fills of \(order.filled): more than it was for"))
        }
    }

    /// Ends every input: brings work and blocks up to date with what is known now.
    mutating func finish(_ now: Timestamp, _ out: inout Output) {
        for ticket in work.keys.sorted() { settle(ticket, now, &out) }
        var reasons: Set<BlockReason> = []
        if !reconciliation.isDone { reasons.insert(.notReconciled) }
        if hasSecondOwner { reasons.insert(.secondOwner) }
        if hasContradiction { reasons.insert(.contradiction) }
        if isRecovering { reasons.insert(.fillsMissing) }
        for (ticket, work) in work {
            guard let order = ledger.orders[ticket] else { continue }
            if order.status == .unknown || work.isMissing || work.isStray { reasons.insert(.orderUnresolved) }
            if order.lacksFills { reasons.insert(.fillsMissing) }
        }
        for reason in BlockReason.allCases where reasons.contains(reason) != blocked.contains(reason) {
            out.append(reasons.contains(reason) ? .blockEntries(reason) : .unblockEntries(reason))
        }
        blocked = reasons
    }

    /// Drops work that is done, and starts what is due by the order's state.
    private mutating func settle(_ ticket: OrderTicket, _ now: Timestamp, _ out: inout Output) {
        guard let order = ledger.orders[ticket], var item = work[ticket] else { return }
        if order.status.isFinal, !item.isStray {
            item.cancel = nil
            item.isMissing = false
            if !order.lacksFills { item.lookUp = nil }
        }
        if order.lacksFills {
            if item.fillsDue == nil { item.fillsDue = now.later(settings.fillGrace) }
        } else {
            item.fillsDue = nil
        }
        let isDone = order.isQuiet && !item.isStray && !item.awaitsAnswer
        work[ticket] = isDone ? nil : item
    }
}
