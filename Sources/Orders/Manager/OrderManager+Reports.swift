package import Exchange
package import Market
import Money

// What the venue says about orders, on whatever way: answers, look-ups, the user stream, lists of open orders.
extension OrderManager {
    /// One event of the user stream, or the report that was asked for by `identify`.
    package mutating func accountEvent(_ event: AccountEvent, now: Timestamp) -> [OrderDirective] {
        var out: Output = []
        switch event {
        case .order(let report, let fill):
            if let fill { take(fill, of: report, &out) }
            take(report, now, &out)
        case .balances(let balances): note(balances)
        case .ended(let reason): loseStream(reason, now, &out)
        }
        finish(now, &out)
        return out
    }

    /// A report of any order of the account.
    mutating func take(_ report: OrderReport, _ now: Timestamp, _ out: inout Output) {
        defer { noteKnown(report, now, &out) }
        if let ticket = ticket(of: report) { return take(report, of: ticket, now, &out) }
        let owner = identity.owner(of: report.clientOrderID)
        switch owner {
        case .thisJob(let code): adopt(report, code, now, &out)
        case .otherFleet, .newerHolder:
            if !hasSecondOwner { out.append(.refuse(Self.refusal(report, owner))) }
            hasSecondOwner = true
            show(report, owner, &out)
        case .otherJob, .stranger: show(report, owner, &out)
        }
    }

    private func ticket(of report: OrderReport) -> OrderTicket? {
        if let id = report.clientOrderID, let ticket = ledger.ticket(of: id) { return ticket }
        return pairs[report.symbol].flatMap { ledger.ticket(of: report.venueOrderID, $0) }
    }

    private mutating func show(_ report: OrderReport, _ owner: OrderOwner, _ out: inout Output) {
        guard !report.status.isFinal, shown.insert(report.venueOrderID).inserted else { return }
        out.append(.foreignOrder(report, owner))
    }

    private static func refusal(_ report: OrderReport, _ owner: OrderOwner) -> String {
        let what = "the account has the order \(report.clientOrderID?.text ?? "") (\(report.venueOrderID) on \(report.symbol))"
        if case .newerHolder(let code) = owner {
            return
                "\(what) of a later holder of this job (token \(code.identity.token)): this process has been replaced and must end"
        }
        return "\(what) of another fleet or account name: one account has one owner; stop the other one, or cancel its orders"
    }

    /// A report of an order of ours.
    mutating func take(
        _ report: OrderReport, of ticket: OrderTicket, isLookUp: Bool = false, _ now: Timestamp, _ out: inout Output
    ) {
        guard let before = ledger.orders[ticket] else { return }
        if work[ticket] == nil, !(before.isQuiet && report.status.isFinal) { work[ticket] = OrderWork() }
        for fill in report.fills { take(fill, of: ticket, &out) }
        let isEnd = report.status.isFinal
        let told = report.filled ?? (report.status == .filled ? before.endQuantity : nil)
        if isEnd, report.status != .rejected, told == nil, !isLookUp, !before.status.isFinal {
            // It ended, but how much of it was filled is not said: ask.
            _ = take(outcome(.opened, report, told, ticket, now), &out)
            work[ticket]?.isMissing = true
            return lookUp(ticket, now, &out)
        }
        guard take(outcome(Self.event(report), report, told, ticket, now), &out) else {
            return contradict(report, before, isLookUp: isLookUp, now, &out)
        }
        work[ticket]?.isMissing = false
        work[ticket]?.absences = 0
        if isEnd { work[ticket]?.isStray = false } else { followUp(ticket, now, &out) }
    }

    private func outcome(
        _ event: OrderEvent, _ report: OrderReport, _ told: Quantity?, _ ticket: OrderTicket, _ now: Timestamp
    ) -> OrderOutcome {
        let reason = report.reason.map { String($0.prefix(500)) }
        return OrderOutcome(
            ticket: ticket, event: event, venueOrderID: report.venueOrderID, filled: told, reason: reason,
            time: report.updatedAt ?? now)
    }

    private static func event(_ report: OrderReport) -> OrderEvent {
        switch report.status {
        case .pending, .open: report.filled?.isPositive ?? false ? .partlyFilled : .opened
        case .partiallyFilled: .partlyFilled
        case .filled: .filled
        case .canceled: .canceled
        case .expired: .expired
        case .rejected: .rejected
        }
    }

    private mutating func contradict(
        _ report: OrderReport, _ before: OrderState, isLookUp: Bool, _ now: Timestamp, _ out: inout Output
    ) {
        out.append(.alarm("order \(before.ticket) is \(before.status.rawValue), yet the venue says \(report.status.rawValue)"))
        if isLookUp { hasContradiction = true } else { lookUp(before.ticket, now, &out) }
    }

    /// The order is at the venue now: what we wanted to do about it is done.
    private mutating func followUp(_ ticket: OrderTicket, _ now: Timestamp, _ out: inout Output) {
        guard let order = ledger.orders[ticket] else { return }
        switch order.status {
        case .denied, .rejected, .notPlaced:
            if work[ticket]?.isStray == false {
                out.append(.alarm("order \(ticket), taken for \(order.status.rawValue), is at the venue; it is canceled"))
            }
            work[ticket]?.isStray = true
            if !order.wantsCancel { _ = record(.cancelRequested(ticket, now), &out) }
            sendCancel(ticket, now, &out)
        case .open, .partiallyFilled:
            // One that was accepted is given its time.
            if order.wantsCancel, work[ticket]?.cancel.map({ $0.nextAt <= now }) ?? true { sendCancel(ticket, now, &out) }
        default: break
        }
    }
}

// MARK: - Fills

extension OrderManager {
    /// A fill that came with a report.
    mutating func take(_ fill: Fill, of report: OrderReport, _ out: inout Output) {
        if let ticket = ticket(of: report) { return take(fill, of: ticket, &out) }
        var fill = fill
        fill.venueOrderID = fill.venueOrderID ?? report.venueOrderID
        fill.clientOrderID = fill.clientOrderID ?? report.clientOrderID
        take(fill, &out)
    }

    /// A fill of any order of the account.
    mutating func take(_ fill: Fill, _ out: inout Output) {
        if let id = fill.clientOrderID, let ticket = ledger.ticket(of: id) { return take(fill, of: ticket, &out) }
        guard let pair = pairs[fill.symbol], let id = fill.venueOrderID else { return }
        if let ticket = ledger.ticket(of: id, pair) { return take(fill, of: ticket, &out) }
        let key = OrderLedger.VenueKey(pair: pair, id: id)
        guard orphans[key]?.contains(where: { $0.tradeID == fill.tradeID }) != true else { return }
        if orphanCount >= Self.orphanLimit {
            // Those of ours among them are read again: their orders say that fills are missing.
            (orphans, orphanCount, identified) = ([:], 0, [])
        }
        orphans[key, default: []].append(fill)
        orphanCount += 1
        guard mayBeOurs(fill.clientOrderID), identified.insert(key).inserted else { return }
        noteUnknown(key)
        out.append(.identify(pair, id))
    }

    /// Whether an order that the journal does not know may be one of this job.
    private func mayBeOurs(_ id: ClientOrderID?) -> Bool {
        guard let id else { return true }
        if case .thisJob = identity.owner(of: id) { return true }
        return false
    }

    /// The venue's id of an order has become known: its fills may have been here before.
    mutating func adoptOrphans(of ticket: OrderTicket, _ out: inout Output) {
        guard let order = ledger.orders[ticket], let id = order.venueOrderID else { return }
        let key = OrderLedger.VenueKey(pair: order.request.pair, id: id)
        guard let fills = orphans.removeValue(forKey: key) else { return }
        orphanCount -= fills.count
        for fill in fills { take(fill, of: ticket, &out) }
    }
}

// MARK: - Orders of ours that the journal does not know

extension OrderManager {
    /// The journal was lost or is an old copy. A resting exit protects a position, so that it is kept; an entry nobody wants any more is
    /// canceled. On spot a sale is an exit; of contracts only a stop is taken for one, because the side alone does not tell.
    private mutating func adopt(_ report: OrderReport, _ code: ClientOrderCode, _ now: Timestamp, _ out: inout Output) {
        if code.identity.token == identity.token { ledger.raiseTickets(above: code.ticket) }
        let isOver = report.status.isFinal && !(report.filled?.isPositive ?? false)
        guard !isOver, let id = report.clientOrderID else { return }
        guard let pair = pairs[report.symbol], let side = report.side else {
            return show(report, .thisJob(code), &out)
        }
        let isStop = report.triggerPrice != nil
        let isExit = pair.settle == nil ? side == .sell : isStop
        let kind: OrderKind = report.price.map { .limit($0) } ?? report.triggerPrice.map { .stopLoss(trigger: $0) } ?? .market
        let request = OrderRequest(
            ticket: ledger.nextAdopted, trade: TradeNumber(0), pair: pair, side: side, kind: kind,
            quantity: report.quantity ?? report.filled ?? .zero,
            purpose: isExit ? (isStop ? .stopLoss : .exit) : .entry, tag: "adopted")
        let time = report.createdAt ?? report.updatedAt ?? now
        let order = IntendedOrder(request: request, clientOrderID: id, deadline: now, time: time)
        guard record(.adopted(order), &out) else { return }
        work[request.ticket] = OrderWork()
        out.append(.adopted(request))
        out.append(
            .alarm(
                "\(id) on \(pair) is an order of this job that its journal does not know; it is \(isExit ? "kept" : "canceled")"))
        if !isExit { _ = record(.cancelRequested(request.ticket, now), &out) }
        take(report, of: request.ticket, now, &out)
    }
}
