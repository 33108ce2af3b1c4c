import Exchange
import Market
import Money
import Orders

// The shell of the process: commits, then carries out; it may die between any two steps.
extension SimWorld {
    /// Feeds one input. True: what it gave rise to is in the journal.
    @discardableResult
    mutating func input(_ body: (inout OrderManager, Timestamp) -> [OrderDirective]) -> Bool {
        guard var manager else { return false }
        let wasBlocked = !manager.isReconciled
        let directives = body(&manager, now)
        self.manager = manager
        for case .send(let ticket, _) in directives where wasBlocked && manager.order(ticket)?.request.purpose == .entry {
            violations.append("entry \(ticket) was sent while entries were blocked")
        }
        for case .alarm(let text) in directives { violations.append("alarm: \(text)") }
        return carryOut(directives)
    }

    private mutating func carryOut(_ directives: [OrderDirective]) -> Bool {
        if plant == .sendsBeforeJournal { for directive in directives { carryOut(directive) } }
        if dies() { return false }
        for case .journal(let record) in directives {
            if plant == .forgetsCancels, case .cancelRequested = record { continue }
            journal.append(record.encoded)
            if case .intended(let order) = record { journaledIDs.insert(order.clientOrderID) }
        }
        // The batch is committed, whatever becomes of the process now.
        for directive in directives {
            if dies() { break }
            if plant != .sendsBeforeJournal { carryOut(directive) }
        }
        scheduleTick()
        return true
    }

    private mutating func dies() -> Bool {
        guard !isHealed, random.below(120) == 0 else { return manager == nil }
        manager = nil
        epoch += 1
        connection += 1
        crashes += 1
        after(1 + random.below(2000), .restart)
        return true
    }

    private mutating func scheduleTick() {
        guard let at = manager?.nextDeadline else { return }
        after(Int(max(1, at.milliseconds - now.milliseconds)), .tick(epoch: epoch))
    }

    private mutating func carryOut(_ directive: OrderDirective) {
        switch directive {
        case .send(let ticket, let intent): send(ticket, intent)
        case .cancel(let ticket, let reference):
            if loses(15) {
                cancelTimeout(ticket, epoch)
            } else {
                after(1 + random.below(400), .arriveCancel(ticket, reference, epoch: epoch))
            }
        case .lookUp(let ticket, let reference, let wait):
            after(Int(wait.wholeMilliseconds) + 1 + random.below(200), .ask(ticket, reference, epoch: epoch))
        case .identify(_, let id): after(1 + random.below(200), .identify(id, epoch: epoch))
        case .requestReconciliation(let request, let wait):
            if plant == .neverReconciles, request.number > 1 {
                let empty = ReconciliationSnapshot(openOrders: venue.openOrders, fills: [], balances: [])
                return after(1, .snapshot(empty, request.number, epoch: epoch))
            }
            after(Int(wait.wholeMilliseconds) + 1 + random.below(200), .readOrders(request, epoch: epoch))
        case .refuse(let text): violations.append("refused: \(text)")
        case .foreignOrder(let report, _): violations.append("foreign: \(report.venueOrderID)")
        case .adopted(let request): violations.append("adopted \(request.ticket)")
        case .journal, .update, .blockEntries, .unblockEntries, .alarm: break
        }
    }

    private mutating func send(_ ticket: OrderTicket, _ intent: OrderIntent) {
        if !journaledIDs.contains(intent.clientOrderID) {
            violations.append("order \(ticket) was sent before the journal had it")
        }
        let unknown = VenueError(.requestTimeout, .outcomeUnknown, code: "no-answer", message: "")
        if random.chance(30) { input { $0.handedOver(ticket, now: $1) } }
        if loses(4) {
            let error = VenueError(.network, .retryable(after: nil), code: "not-sent", message: "refused")
            return after(1 + random.below(50), .sent(ticket, .failure(error), epoch: epoch))
        }
        if loses(15) {
            after(1500, .sent(ticket, .failure(unknown), epoch: epoch))
            if plant == .resends { after(1501, .arrive(ticket, intent, epoch: epoch, isLate: false)) }
            return
        }
        if loses(8) {
            // Taken in time, and come to effect late: what the venue's own timeout is about.
            after(1500, .sent(ticket, .failure(unknown), epoch: epoch))
            return after(1000 + random.below(9000), .arrive(ticket, intent, epoch: epoch, isLate: true))
        }
        after(1 + random.below(random.chance(10) ? 5000 : 300), .arrive(ticket, intent, epoch: epoch, isLate: false))
        if plant == .resends, random.chance(10) { after(400, .arrive(ticket, intent, epoch: epoch, isLate: false)) }
    }

    mutating func restart() {
        do {
            var records: [JournalRecord] = []
            for bytes in journal { records.append(try JournalRecord(decoding: bytes)) }
            if plant == .forgetsIntended {
                let heard = Set(records.compactMap { if case .outcome(let outcome) = $0 { outcome.ticket } else { nil } })
                records.removeAll { if case .intended(let order) = $0 { !heard.contains(order.request.ticket) } else { false } }
            }
            manager = try OrderManager(Sample.identity, instruments: [Sample.instrument()], replaying: records)
        } catch {
            return violations.append("the journal cannot be replayed: \(error)")
        }
        input { $0.start(now: $1) }
    }

    // MARK: - Planted faults on the way in

    private mutating func renamed(_ fill: Fill) -> Fill {
        guard plant == .countsFillsTwice else { return fill }
        var fill = fill
        deliveries += 1
        fill.tradeID += "/\(deliveries)"
        return fill
    }

    mutating func tampered(_ event: AccountEvent) -> AccountEvent {
        guard case .order(let report, let fill?) = event else { return event }
        return .order(report, fill: renamed(fill))
    }

    mutating func tampered(_ snapshot: ReconciliationSnapshot) -> ReconciliationSnapshot {
        var snapshot = snapshot
        snapshot.fills = snapshot.fills.map { renamed($0) }
        return snapshot
    }
}

// MARK: - What has to be true at the end

extension SimWorld {
    mutating func check() {
        guard let manager else { return violations.append("the process is not there at the end") }
        for (id, count) in venue.placements where count != 1 { violations.append("\(id) was placed \(count) times") }
        if !manager.isReconciled {
            violations.append("entries are blocked at the end: \(manager.blocked.map(\.rawValue).sorted())")
        }
        for order in venue.orders.values { check(order, manager) }
        let atVenue = Set(venue.orders.values.map(\.clientID))
        for order in manager.ledger.orders.values where !atVenue.contains(order.clientOrderID) {
            let isGone = order.status == .denied || order.status == .rejected || order.status == .notPlaced
            if !isGone { violations.append("order \(order.ticket) is \(order.status), but the venue never had it") }
        }
        for ticket in committed where manager.order(ticket) == nil { violations.append("order \(ticket) was forgotten") }
        for ticket in canceled {
            guard let order = manager.order(ticket), let id = venue.find(.client(order.clientOrderID)) else { continue }
            if venue.orders[id]?.status.isFinal == false { violations.append("the cancel of order \(ticket) had no effect") }
        }
        checkMoney(manager)
        checkReplay(manager)
    }

    private mutating func check(_ order: SimVenue.Order, _ manager: OrderManager) {
        guard let ours = manager.ledger.ticket(of: order.clientID).flatMap({ manager.order($0) }) else {
            return violations.append("nobody knows \(order.venueID)")
        }
        let expected: OrderStatus =
            switch order.status {
            case .pending, .open: .open
            case .partiallyFilled: .partiallyFilled
            case .filled: .filled
            case .canceled: .canceled
            case .expired: .expired
            case .rejected: .rejected
            }
        if ours.status != expected { violations.append("order \(ours.ticket) is \(ours.status), at the venue \(order.status)") }
        if ours.filled != order.filled {
            violations.append("order \(ours.ticket) has \(ours.filled), at the venue \(order.filled)")
        }
        if Set(ours.fills.map(\.tradeID)) != Set(order.fills.map(\.tradeID)) {
            violations.append("fills of \(ours.ticket) differ")
        }
    }

    private mutating func checkMoney(_ manager: OrderManager) {
        guard let book = try? ProfitBook(manager.ledger.orders.values), let pair = try? Sample.pair() else {
            return violations.append("positions cannot be added up")
        }
        let position = book.pairs[pair] ?? Position()
        if position.held != venue.base { violations.append("held \(position.held), at the venue \(venue.base)") }
        if position.cash != venue.quote { violations.append("cash \(position.cash), at the venue \(venue.quote)") }
        if position.realised.subtracting(position.cost) != position.cash { violations.append("profit does not add up") }
    }

    private mutating func checkReplay(_ manager: OrderManager) {
        var replayed = OrderLedger()
        for bytes in journal { if let record = try? JournalRecord(decoding: bytes) { try? replayed.apply(record) } }
        // The trades and ids that are known follow from the orders.
        for order in manager.ledger.orders.values where order.status.isFinal && replayed.orders[order.ticket] != order {
            violations.append("order \(order.ticket) is another one after a replay")
        }
    }
}
