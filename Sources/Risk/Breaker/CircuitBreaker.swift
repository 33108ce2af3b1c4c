package import Market
package import Money

/// What a breaker is told.
package enum BreakerEvent: Hashable, Sendable {
    /// The account's equity: balances and positions at their marks.
    case equity(Amount)
    /// Money came in (above zero) or went out, and the equity with it.
    case transfer(Amount)
    /// A trade was closed with this profit, fees taken off.
    case tradeClosed(profit: Amount)
    /// The volatility of a pair's last closed candle, in whatever unit, the same one always.
    case volatility(Double, Pair)
    /// A pair is traded no more: its spike holds nobody up.
    case forget(Pair)
    /// Nothing but that time passes.
    case tick
    /// Somebody opens it.
    case trip
    /// A named person resets it: the peak becomes the equity of now.
    case reset(by: String, reason: String)
}

/// A change of the state, for logs and alerts.
package struct BreakerChange: Hashable, Sendable {
    package var from: BreakerPhase
    package var to: BreakerPhase
}

/// Stops entries after losses or in a market that is not itself. Belongs to an account, and is kept over restarts.
///
/// Closed -> open on drawdown, daily loss, losses in a row, a spike of volatility. Open -> half-open after the cool-down and when no reason
/// holds any more; a drawdown or a manual trip needs a reset by name. Half-open: one trade at a time at a part of the usual size; it closes
/// after some wins and opens at the first loss, for twice as long.
package struct CircuitBreaker: Hashable, Sendable {
    /// The last reset, for the audit.
    package struct Reset: Hashable, Sendable {
        package var by: String
        package var reason: String
        package var time: Timestamp
    }

    package internal(set) var phase = BreakerPhase.closed
    package internal(set) var ledger = EquityLedger()
    package internal(set) var volatility = VolatilityWatch()
    /// Trades lost since the last one that was not, or since the breaker opened.
    package internal(set) var lossRun = 0
    package internal(set) var lastReset: Reset?
    /// The latest instant seen: a wall clock that is set back does not turn anything back.
    package internal(set) var latest: Timestamp?

    package init() {}

    /// Takes an event in; nil: the state is the same.
    @discardableResult
    package mutating func apply(_ event: BreakerEvent, at time: Timestamp, policy: RiskPolicy) -> BreakerChange? {
        let now = max(time, latest ?? time)
        latest = now
        ledger.roll(to: now)
        var input = BreakerInput(time: now)
        switch event {
        // By the clock as it is: its age is compared with the same clock.
        case .equity(let amount): ledger.report(amount, at: time)
        case .transfer(let amount): ledger.transfer(amount)
        case .tradeClosed(let profit): input.trade = count(profit)
        case .volatility(let value, let pair): volatility.take(value, of: pair, policy: policy)
        case .forget(let pair): volatility.forget(pair)
        case .tick: break
        case .trip: input.faults = .manual
        case .reset(let by, let reason): input.isReset = reset(by, reason, now)
        }
        input.faults.formUnion(faults(policy))
        return settle(phase.next(input, policy: policy))
    }

    /// The conditions that hold now.
    private func faults(_ policy: RiskPolicy) -> BreakerReasons {
        var result: BreakerReasons = []
        if ledger.hasDrawdown(policy) { result.insert(.drawdown) }
        if ledger.hasDailyLoss(policy) { result.insert(.dailyLoss) }
        if lossRun >= max(policy.maxConsecutiveLosses, 1) { result.insert(.lossRun) }
        if volatility.isSpiking { result.insert(.volatility) }
        if case .halfOpen = phase, ledger.hasTrialLoss(policy) { result.insert(.trial) }
        return result
    }

    private mutating func count(_ profit: Amount) -> BreakerInput.Trade {
        guard profit.isNegative else {
            lossRun = 0
            return profit.isZero ? .even : .won
        }
        lossRun = min(lossRun, .max - 1) + 1
        return .lost
    }

    /// - Returns: false where nobody is named: then it is no reset.
    private mutating func reset(_ by: String, _ reason: String, _ now: Timestamp) -> Bool {
        guard !by.isEmpty, !reason.isEmpty else { return false }
        lastReset = Reset(by: by.cut(utf8: RiskBounds.textBytes), reason: reason.cut(utf8: RiskBounds.textBytes), time: now)
        // While it is closed there is nothing to forgive.
        if case .closed = phase { return true }
        ledger.peak = ledger.equity
        volatility.clearSpikes()
        return true
    }

    private mutating func settle(_ new: BreakerPhase) -> BreakerChange? {
        let old = phase
        phase = new
        guard old != new else { return nil }
        switch (old, new) {
        case (.open, .open), (.halfOpen, .halfOpen): break
        case (_, .halfOpen): ledger.trialStart = ledger.equity
        case (_, .open), (_, .closed):
            // The run has had its effect; what is lost from now on is counted anew.
            lossRun = 0
            ledger.trialStart = nil
        }
        return BreakerChange(from: old, to: new)
    }
}

extension String {
    /// The longest beginning of whole scalars that has at most `utf8` bytes.
    func cut(utf8 limit: Int) -> String {
        if utf8.count <= limit { return self }
        var size = 0
        var end = startIndex
        for index in unicodeScalars.indices {
            size += String(unicodeScalars[index]).utf8.count
            if size > limit { break }
            end = unicodeScalars.index(after: index)
        }
        return String(self[..<end])
    }
}
