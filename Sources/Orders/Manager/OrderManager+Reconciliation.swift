package import Exchange
package import Market
import Money

// Open orders, fills since the last known ones and balances are read on start, on each reconnect and from time to time.
extension OrderManager {
    /// Begins after a start. Nothing is placed that adds risk until the venue's state was read.
    package mutating func start(now: Timestamp) -> [OrderDirective] {
        var out: Output = [.blockEntries(.notReconciled)]
        for ticket in work.keys.sorted() {
            loseAnswer(ofEarlierLife: ticket, now, &out)
            guard let order = ledger.orders[ticket], let item = work[ticket] else { continue }
            if order.status == .unknown || item.isStray { lookUp(ticket, now, &out) }
            if order.wantsCancel { sendCancel(ticket, now, &out) }
        }
        requestReconciliation(now, after: .zero, &out)
        finish(now, &out)
        return out
    }

    /// What was on its way when the last process ended may be at the venue or not, even where its sending was never confirmed.
    private mutating func loseAnswer(ofEarlierLife ticket: OrderTicket, _ now: Timestamp, _ out: inout Output) {
        guard let order = ledger.orders[ticket], order.status == .intended || order.status == .submitted else { return }
        let reason = "the process ended before an answer came"
        _ = take(OrderOutcome(ticket: ticket, event: .outcomeLost, reason: reason, time: now), &out)
    }

    /// The stream of the account was lost: what it would have said is read anew.
    package mutating func streamLost(_ reason: String, now: Timestamp) -> [OrderDirective] {
        var out: Output = []
        loseStream(reason, now, &out)
        finish(now, &out)
        return out
    }

    mutating func loseStream(_ reason: String, _ now: Timestamp, _ out: inout Output) {
        reconciliation.isDone = false
        reconciliation.isWide = true
        // What was asked before says nothing about what comes after.
        reconciliation.isUnderWay = false
        requestReconciliation(now, after: .zero, &out)
    }

    /// Reads the venue's state now. What an earlier request that is still under way will answer does not count any more.
    package mutating func refresh(now: Timestamp) -> [OrderDirective] {
        var out: Output = []
        reconciliation.isUnderWay = false
        requestReconciliation(now, after: .zero, &out)
        finish(now, &out)
        return out
    }

    mutating func requestReconciliation(_ now: Timestamp, after wait: Duration, _ out: inout Output) {
        guard !reconciliation.isUnderWay else { return }
        reconciliation.number += 1
        reconciliation.isUnderWay = true
        reconciliation.requestedAt = now
        reconciliation.nextAt = now.later(wait + settings.answerTimeout)
        reconciliation.asked = fillQueries(now)
        out.append(
            .requestReconciliation(
                ReconciliationRequest(number: reconciliation.number, fills: reconciliation.asked), after: wait))
    }

    /// Each pair with orders that may have fills we do not know.
    private func fillQueries(_ now: Timestamp) -> [ReconciliationRequest.Fills] {
        var queries: [Pair: ReconciliationRequest.Fills] = [:]
        for order in ledger.orders.values {
            let isRecent = order.updatedAt.later(settings.fillTail) >= now
            guard reconciliation.isWide || isRecent || work[order.ticket] != nil else { continue }
            let pair = order.request.pair
            let from = order.intendedAt.earlier(settings.fillMargin)
            var query = queries[pair] ?? .init(pair: pair, after: ledger.cursors[pair], from: from)
            query.from = min(query.from, from)
            queries[pair] = query
        }
        for order in ledger.orders.values where order.lacksFills {
            // The missing fill may be before the last known one.
            queries[order.request.pair]?.after = nil
        }
        recoveryQueries(&queries)
        return queries.values.sorted { $0.pair < $1.pair }
    }

    /// `number`: of the request that this answers; nil: a reading that the account's stream made by itself.
    package mutating func reconciled(_ snapshot: ReconciliationSnapshot, number: Int?, now: Timestamp) -> [OrderDirective] {
        var out: Output = []
        let isAnswer = number == reconciliation.number && reconciliation.isUnderWay
        for fill in snapshot.fills { take(fill, &out) }
        askForUnknown(now, &out)
        for report in snapshot.openOrders { take(report, now, &out) }
        let asked = isAnswer ? reconciliation.requestedAt : nil
        findMissing(snapshot, askedAt: asked, now, &out)
        if isAnswer || number == nil {
            mark(snapshot, isAnswer: isAnswer, now, &out)
            reconciliation.isDone = true
        }
        if isAnswer {
            reconciliation.isUnderWay = false
            reconciliation.failures = 0
            reconciliation.isWide = false
            reconciliation.nextAt = now.later(settings.reconcileEvery)
        }
        finish(now, &out)
        return out
    }

    package mutating func reconciliationFailed(_ error: VenueError, number: Int, now: Timestamp) -> [OrderDirective] {
        guard number == reconciliation.number, reconciliation.isUnderWay else { return [] }
        var out: Output = []
        reconciliation.isUnderWay = false
        reconciliation.isDone = false
        reconciliation.failures += 1
        if reconciliation.failures == settings.patience {
            out.append(.alarm("the account cannot be reconciled (\(error)); no entries are placed until it is"))
        }
        let factor = 1 << min(reconciliation.failures - 1, 10)
        requestReconciliation(now, after: min(settings.reconcileRetry * factor, settings.longestReconcileRetry), &out)
        finish(now, &out)
        return out
    }

    /// Orders of ours that are not open any more: what became of them is asked.
    private mutating func findMissing(
        _ snapshot: ReconciliationSnapshot, askedAt: Timestamp?, _ now: Timestamp, _ out: inout Output
    ) {
        let open = Set(snapshot.openOrders.compactMap(\.clientOrderID))
        let openAtVenue = Set(snapshot.openOrders.map(\.venueOrderID))
        for ticket in work.keys.sorted() {
            guard let order = ledger.orders[ticket], order.status == .open || order.status == .partiallyFilled else { continue }
            if open.contains(order.clientOrderID) || order.venueOrderID.map(openAtVenue.contains) ?? false { continue }
            // It came after the question.
            if let askedAt, order.intendedAt >= askedAt { continue }
            work[ticket]?.isMissing = true
            lookUp(ticket, now, &out)
        }
    }

    private mutating func mark(
        _ snapshot: ReconciliationSnapshot, isAnswer: Bool, _ now: Timestamp, _ out: inout Output
    ) {
        var cursors: [Pair: String] = [:]
        if isAnswer {
            for fill in snapshot.fills { if let pair = pairs[fill.symbol] { cursors[pair] = fill.tradeID } }
            let asked = Set(reconciliation.asked.map(\.pair))
            // A fill that nobody owns may turn out to belong to an order whose venue id is not known yet: it is to be read again.
            let open = Set(work.keys.compactMap { ledger.orders[$0] }.filter { $0.venueOrderID == nil }.map(\.request.pair))
            cursors = cursors.filter { asked.contains($0.key) && !open.contains($0.key) && ledger.cursors[$0.key] != $0.value }
        }
        newestBalances = [:]
        note(snapshot.balances)
        guard !cursors.isEmpty || snapshot.balances != ledger.balances else { return }
        let list = cursors.sorted { $0.key < $1.key }.map { ReconciliationMark.Cursor(pair: $0.key, tradeID: $0.value) }
        _ = record(.reconciled(ReconciliationMark(cursors: list, balances: snapshot.balances, time: now)), &out)
    }
}
