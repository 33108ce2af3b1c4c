import Exchange
import LiveGates
import Market
import Money
import Orders
import Risk
import TradingJournal
import TradingLoop

/// What the loop wants of the orders, and what the orders tell the loop, to the end.
extension LiveInstance {
    /// More steps in one input would be a fault of ours: the loop and the orders talk in circles.
    private static let stepLimit = 100_000

    mutating func drain() {
        var steps = 0
        while let step = queue.next() {
            steps += 1
            guard steps <= Self.stepLimit else {
                out.refusal = "the trading loop asks for orders without end: this is a fault of the program"
                return
            }
            switch step {
            case .loop(let directive): carryOut(directive)
            case .orders(let directive): carryOut(directive)
            }
        }
    }

    private mutating func carryOut(_ directive: TradingDirective) {
        switch directive {
        case .record(let record): out.records.append(JournalNote.loop(record).record)
        case .place(let request): place(request)
        case .cancel(let ticket, _): manage { $0.cancel(ticket, now: $1) }
        case .trade(let report): take(report)
        case .decision(let decision):
            out.decisions.append(decision)
            out.records.append(JournalNote.decision(decision).record)
        case .wakeAt(let time): loopWake = time
        case .finished: loopWake = nil
        }
    }

    private mutating func take(_ report: TradeReport) {
        out.trades.append(report)
        out.records.append(JournalNote.trade(report).record)
        if report.state == .closed {
            tradeRecord.take(report.profitRatio)
            tellBreaker(.tradeClosed(profit: report.cashFlow))
        }
    }

    // MARK: - Placing

    private mutating func place(_ request: OrderRequest) {
        guard let instrument = instruments[request.pair], request.ticket >= orders.nextTicket else {
            return refuse(request)
        }
        let proposal = proposal(request)
        let reduces = risk.reduces(proposal)
        let effect: LiveGates.OrderIntent = request.purpose == .flatten ? .flatten : reduces ? .reduces : .adds
        let refusal = refusal(of: request, proposal, effect)
        let lifetime = effect == .adds ? settings.entryLifetime : settings.exitLifetime
        var deadline = now.time.later(lifetime)
        if effect == .adds, let leaseEnd { deadline = min(deadline, leaseEnd.later(.milliseconds(Self.leaseGrace))) }
        let directives = orders.place(request, instrument, deadline: deadline, now: now.time)
        guard let refusal else {
            return send(directives, proposal, effect, deadline)
        }
        // The order is written down with the reason why it never left.
        queue.append(directives.filter { !$0.isSend }.map { .orders($0) })
        manage { $0.denied(request.ticket, refusal, now: $1) }
    }

    /// How long after the lease an order that adds risk may still be taken, in milliseconds (`OrderPermit.grace`).
    private static let leaseGrace: Int64 = 1000

    private mutating func send(
        _ directives: [OrderDirective], _ proposal: OrderProposal, _ effect: LiveGates.OrderIntent, _ deadline: Timestamp
    ) {
        for directive in directives {
            guard case .send(let ticket, let intent) = directive else {
                queue.append([.orders(directive)])
                continue
            }
            risk.accepted(proposal, at: now.time, policy: policy)
            riskNote.isDue = true
            out.placed += 1
            out.directives.append(
                .place(OrderSending(ticket: ticket, pair: proposal.pair, intent: intent, effect: effect, end: deadline)))
        }
    }

    /// Why the order may not go; nil: it may. The reasons of the order layer's own come from there.
    private func refusal(of request: OrderRequest, _ proposal: OrderProposal, _ effect: LiveGates.OrderIntent) -> String? {
        if !hasRead { return "not_reconciled: the venue was not read since the start" }
        if effect != .flatten, gate == .halted { return "\(OrderPermitRefusal.gateHalted.rawValue): the order gate is halted" }
        guard effect == .adds else { return risk.check(proposal, policy: policy, budget: budget, at: now)?.description }
        if gate != .active { return "\(OrderPermitRefusal.gateReducing.rawValue): the order gate is \(gate.rawValue)" }
        if !isStreamReady { return "\(Self.streamPause): what the account does is not heard" }
        if let reason = deadManRefusal { return reason }
        return risk.check(proposal, policy: policy, budget: budget, at: now)?.description
    }

    /// The number was used before, or the venue does not list the pair: nothing of it is written down, and the loop hears so.
    private mutating func refuse(_ request: OrderRequest) {
        let reason = "order \(request.ticket) of \(request.pair) cannot be named or is not listed at the venue"
        out.alarms.append(reason)
        let next = orders.nextTicket
        configureLoop { $0.skipTickets(below: next) }
        let update = OrderUpdate(
            ticket: request.ticket, status: .denied, filled: .zero, cost: .zero, fees: [], reason: reason, time: now.time)
        ask { $0.orderUpdate(update, now: $1) }
    }

    // MARK: - What the orders tell

    private mutating func carryOut(_ directive: OrderDirective) {
        switch directive {
        case .journal(let record): out.records.append(record)
        case .send: break
        case .cancel(let ticket, let reference):
            guard let order = orders.order(ticket) else { return }
            out.directives.append(.cancel(ticket, reference, order.request.pair, placed: order.intendedAt))
        case .lookUp(let ticket, let reference, let wait):
            guard let order = orders.order(ticket) else { return }
            out.directives.append(.lookUp(ticket, reference, order.request.pair, after: wait))
        case .identify(let pair, let id): out.directives.append(.identify(pair, id))
        case .requestReconciliation(let request, let wait):
            newestRequest = request.number
            fillsSinceRequest = 0
            cancelReading?.asked(request.number)
            out.directives.append(.reconcile(request, after: wait))
        case .update(let update): take(update)
        case .adopted(let request): adopt(request)
        case .foreignOrder(let report, let owner): out.foreignOrders.append(ForeignOrder(report: report, owner: owner))
        case .blockEntries(let reason): ask { $0.pauseEntries(reason.rawValue, now: $1) }
        case .unblockEntries(let reason): ask { $0.resumeEntries(reason.rawValue, now: $1) }
        case .refuse(let text): out.refusal = text
        case .alarm(let text): out.alarms.append(text)
        }
    }

    private mutating func adopt(_ request: OrderRequest) {
        risk.accepted(proposal(request), at: now.time, policy: policy)
        riskNote.isDue = true
        let next = orders.nextTicket
        configureLoop { $0.skipTickets(below: next) }
    }

    private mutating func take(_ update: OrderUpdate) {
        guard let order = orders.order(update.ticket) else { return }
        if let fill = update.fill {
            out.fills += 1
            fillsSinceRequest += 1
            let pair = order.request.pair
            flows.take(fill, pair)
            risk.filled(
                order: update.ticket.number, pair: pair, side: fill.side == .buy ? .buy : .sell, quantity: fill.quantity,
                price: fill.price, baseFee: fill.feeAsset == pair.base ? fill.fee : .zero)
        }
        if update.status.isFinal { risk.ended(order: update.ticket.number) }
        if update.status == .denied { out.denied += 1 }
        refreshRooms()
        pauseBeforeTradeEnds(order)
        ask { $0.orderUpdate(update, now: $1) }
    }
}

extension OrderDirective {
    var isSend: Bool { if case .send = self { true } else { false } }
}
