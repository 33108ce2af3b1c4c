package import Exchange
import Market
import Money
package import Orders
package import Risk
import TradingJournal
import TradingLoop

/// What the venue says.
extension LiveInstance {
    package mutating func sendResult(
        _ ticket: OrderTicket, _ result: Result<OrderReport, VenueError>, now instant: RiskInstant
    ) -> Output {
        begin(instant)
        manage { $0.sendResult(ticket, result, now: $1) }
        return endOfAnswer()
    }

    /// The last question kept the order from being written, or it came too late to be asked.
    package mutating func denied(_ ticket: OrderTicket, _ reason: String, now instant: RiskInstant) -> Output {
        begin(instant)
        manage { $0.denied(ticket, reason, now: $1) }
        return endOfAnswer()
    }

    package mutating func cancelResult(
        _ ticket: OrderTicket, _ result: Result<OrderReport?, VenueError>, now instant: RiskInstant
    ) -> Output {
        begin(instant)
        manage { $0.cancelResult(ticket, result, now: $1) }
        return endOfAnswer()
    }

    package mutating func lookUpResult(_ ticket: OrderTicket, _ answer: LookUpAnswer, now instant: RiskInstant) -> Output {
        begin(instant)
        manage { $0.lookUpResult(ticket, answer, now: $1) }
        return endOfAnswer()
    }

    /// One event of the account's stream, or the report that was asked for by `identify`.
    package mutating func accountEvent(_ event: AccountEvent, now instant: RiskInstant) -> Output {
        begin(instant)
        if case .ended = event { pauseForStream() }
        manage { $0.accountEvent(event, now: $1) }
        return endOfAnswer()
    }

    /// What the stream would have said from now on is lost. No entries until `streamReady`.
    package mutating func streamLost(_ reason: String, now instant: RiskInstant) -> Output {
        begin(instant)
        guard isStarted else { return end() }
        pauseForStream()
        manage { $0.streamLost(reason, now: $1) }
        return end()
    }

    /// The stream tells everything from now on. What was missed is read once more: only now nothing can fall between.
    package mutating func streamReady(now instant: RiskInstant) -> Output {
        begin(instant)
        guard isStarted, !isStreamReady else { return end() }
        isStreamReady = true
        manage { $0.streamLost("it was connected anew", now: $1) }
        ask { $0.resumeEntries(Self.streamPause, now: $1) }
        return end()
    }

    private mutating func pauseForStream() {
        isStreamReady = false
        ask { $0.pauseEntries(Self.streamPause, now: $1) }
    }

    /// `number`: of the request that this answers; nil: what the account's stream read by itself.
    package mutating func reconciled(_ snapshot: ReconciliationSnapshot, number: Int?, now instant: RiskInstant) -> Output {
        begin(instant)
        guard isStarted else { return end() }
        let isNewest = number == newestRequest
        let isStale = fillsSinceRequest > 0
        manage { $0.reconciled(snapshot, number: number, now: $1) }
        if isNewest { takeReading(snapshot, isStale: isStale) }
        return endOfAnswer()
    }

    package mutating func reconciliationFailed(_ error: VenueError, number: Int, now instant: RiskInstant) -> Output {
        begin(instant)
        manage { $0.reconciliationFailed(error, number: number, now: $1) }
        return end()
    }

    private mutating func takeReading(_ snapshot: ReconciliationSnapshot, isStale: Bool) {
        drain()
        account.reading = AccountView.Reading(balances: snapshot.balances, time: now.time)
        cancelReading?.take(snapshot, number: newestRequest)
        if !isStale, orders.isReconciled, orders.unsettledOrders.isEmpty { findTransfers(snapshot.balances) }
        valueAccount()
        if recordsBalances {
            recordsBalances = false
            let held = snapshot.balances.filter { !$0.free.isZero || !$0.locked.isZero }
            out.records.append(JournalNote.startBalances(held).record)
        }
        // Until it is known whose fills were read, a position may be another one.
        if !hasRead, !orders.isRecovering {
            hasRead = true
            openGate()
        }
        // Fills were heard while it was read: whether the balances have them nobody knows.
        if isStale, cancelReading == nil { manage { $0.refresh(now: $1) } }
    }

    /// The loop hears of the balances after the orders that changed them.
    private mutating func endOfAnswer() -> Output {
        drain()
        if account.told != orders.balances, !orders.balances.isEmpty {
            account.told = orders.balances
            let balances = orders.balances
            ask { $0.wallet(balances, isComplete: true, now: $1) }
        }
        return end()
    }
}
