import Exchange
import Market
import Orders
package import Risk
import TradingLoop

/// The cancels of a halt, until the venue was read after them.
struct CancelReading: Sendable {
    /// When what is left is told, whatever it is.
    var patienceEnd: Timestamp
    /// The reading that was asked for after every cancel was confirmed.
    var request: Int?
    var awaitsNumber = false
    /// Open orders of that reading; nil: it was not answered.
    var open: [OrderReport]?
    var hasTold = false

    var nextStep: Timestamp? { hasTold ? nil : patienceEnd }

    mutating func asked(_ number: Int) {
        guard awaitsNumber else { return }
        awaitsNumber = false
        request = number
    }

    mutating func take(_ snapshot: ReconciliationSnapshot, number: Int) {
        guard number == request else { return }
        open = snapshot.openOrders
    }
}

extension LiveInstance {
    /// Cancels every working order of ours, stops included, whatever the gate; `canceled` tells what is left once the venue was read after
    /// that, or when the patience is over. The gate should be closed before, so that none is placed again.
    package mutating func cancelOrders(now instant: RiskInstant) -> Output {
        begin(instant)
        cancelReading = CancelReading(patienceEnd: now.time.later(settings.cancelPatience))
        isCanceling = true
        guard isStarted else { return end() }
        manage { $0.cancelAll(now: $1) }
        return end()
    }

    /// Orders of ours that may be at the venue.
    private var workingOrders: [OrderState] { orders.unsettledOrders.filter { !$0.status.isFinal || $0.wantsCancel } }

    /// Goes on with the reading after the cancels.
    mutating func readBack() {
        guard isStarted, let reading = cancelReading else { return }
        let working = workingOrders
        if let open = reading.open {
            let foreign = open.filter { orders.ledger.ticket(of: $0) == nil }
            return tellCanceled(foreign.map { Self.left($0) } + working.map { left($0) }, isOver: working.isEmpty)
        }
        if !working.isEmpty {
            // Each is canceled again and again by itself; a later one, adopted or found, too.
            cancelReading?.request = nil
            for order in working where !order.wantsCancel && !order.status.isFinal {
                let ticket = order.ticket
                manage { $0.cancel(ticket, now: $1) }
            }
        } else if reading.request == nil {
            cancelReading?.awaitsNumber = true
            manage { $0.refresh(now: $1) }
            return
        }
        if now.time >= reading.patienceEnd, !reading.hasTold {
            let unread = [OrderLeft(pair: "", order: "", reason: "the venue was not read after the cancels")]
            tellCanceled(working.isEmpty ? unread : working.map { left($0) }, isOver: false)
        }
    }

    private mutating func tellCanceled(_ remaining: [OrderLeft], isOver: Bool) {
        out.directives.append(.canceled(remaining: remaining))
        if isOver {
            cancelReading = nil
        } else {
            cancelReading?.hasTold = true
            cancelReading?.open = nil
            cancelReading?.request = nil
        }
    }

    private func left(_ order: OrderState) -> OrderLeft {
        OrderLeft(
            pair: "\(order.request.pair)", order: order.venueOrderID?.text ?? order.clientOrderID.text,
            reason: order.status == .unknown || order.status == .intended
                ? "nobody knows whether the venue has it; it is looked up and canceled" : "its cancel is not confirmed")
    }

    private static func left(_ report: OrderReport) -> OrderLeft {
        OrderLeft(pair: report.symbol, order: report.venueOrderID.text, reason: "an order of somebody else")
    }

    // MARK: - The end

    /// A job that was stopped ends once no answer is on its way and no cancel unconfirmed, or when that takes too long.
    mutating func finishIfDone() {
        guard let since = stopping else { return }
        let areOrdersQuiet = !isStarted || loop.hasFinished && !orders.unsettledOrders.contains(where: \.isOnItsWay)
        let isQuiet = areOrdersQuiet && isDeadManSettled
        let isOver = since.later(settings.stopPatience) <= now.time
        guard isQuiet || isOver else { return }
        if !isDeadManSettled {
            let end = deadMan.endsBy ?? now.time.later(settings.deadMan?.timeout ?? .zero)
            out.alarms.append(
                "the job ends and could not switch the dead-man timer of \(risk.account) off: the venue cancels every order by \(end)"
            )
        }
        if !areOrdersQuiet {
            let tickets = orders.unsettledOrders.filter(\.isOnItsWay).map { "\($0.ticket)" }.joined(separator: ", ")
            out.alarms.append("the job ends while these orders are not settled: \(tickets); look at the account")
        }
        out.isFinished = true
    }
}

extension OrderState {
    /// What became of it, or of its cancel, is not known yet.
    var isOnItsWay: Bool {
        switch status {
        case .intended, .submitted, .unknown: true
        case .open, .partiallyFilled: wantsCancel || lacksFills
        case .filled, .canceled, .expired, .rejected, .denied, .notPlaced: lacksFills
        }
    }
}

extension OrderLedger {
    func ticket(of report: OrderReport) -> OrderTicket? {
        report.clientOrderID.flatMap { ticket(of: $0) }
    }
}
