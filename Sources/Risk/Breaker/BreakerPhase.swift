package import Market

/// Why a breaker is open; several reasons may hold at once. The values stand in snapshots.
package struct BreakerReasons: OptionSet, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let drawdown = BreakerReasons(rawValue: 1)
    package static let dailyLoss = BreakerReasons(rawValue: 2)
    package static let lossRun = BreakerReasons(rawValue: 4)
    package static let volatility = BreakerReasons(rawValue: 8)
    /// A trade of the half-open state lost, or equity fell in it.
    package static let trial = BreakerReasons(rawValue: 16)
    package static let manual = BreakerReasons(rawValue: 32)

    static let all: BreakerReasons = [.drawdown, .dailyLoss, .lossRun, .volatility, .trial, .manual]
    /// What no passing of time ends: a fall from the peak does not heal without trades, and what a person did a person undoes.
    static let needReset: BreakerReasons = [.drawdown, .manual]

    private static let names: [(BreakerReasons, String)] = [
        (.drawdown, "drawdown"), (.dailyLoss, "daily loss"), (.lossRun, "losses in a row"), (.volatility, "volatility"),
        (.trial, "a loss while half-open"), (.manual, "opened by hand"),
    ]

    package var description: String { Self.names.filter { contains($0.0) }.map(\.1).joined(separator: ", ") }
}

/// A breaker that is open.
package struct BreakerTrip: Hashable, Sendable {
    /// All that has come up since it opened.
    package var reasons: BreakerReasons
    package var since: Timestamp
    /// Not half-open before this.
    package var until: Timestamp
    /// How often it has opened since it was closed, from 1.
    package var count: Int

    /// Only a reset by a named person ends it.
    package var needsReset: Bool { !reasons.isDisjoint(with: .needReset) }
}

/// A breaker that lets a little through, to see.
package struct BreakerTrial: Hashable, Sendable {
    package var since: Timestamp
    /// Trades won since then; the first that is lost opens the breaker.
    package var wins: Int
    /// The count of the trip before.
    package var count: Int
}

/// What happened, as the transition sees it.
package struct BreakerInput: Hashable, Sendable {
    package enum Trade: Hashable, Sendable, CaseIterable { case none, won, even, lost }

    package var time: Timestamp
    /// The conditions that hold now.
    package var faults: BreakerReasons
    package var trade: Trade
    /// A named person resets: drawdown and manual reasons end.
    package var isReset: Bool

    package init(time: Timestamp, faults: BreakerReasons = [], trade: Trade = .none, isReset: Bool = false) {
        self.time = time
        self.faults = faults
        self.trade = trade
        self.isReset = isReset
    }
}

/// The state of a circuit breaker.
package enum BreakerPhase: Hashable, Sendable {
    /// Entries may go, within the limits.
    case closed
    /// No entry goes.
    case open(BreakerTrip)
    /// One trade at a time may go at a part of the usual size.
    case halfOpen(BreakerTrial)

    /// The state after an input: total, and the only place where a breaker changes.
    package func next(_ input: BreakerInput, policy: RiskPolicy) -> BreakerPhase {
        switch self {
        case .closed: input.faults.isEmpty ? .closed : Self.opened(input.faults, 1, input.time, policy)
        case .open(let trip): Self.next(trip, input, policy)
        case .halfOpen(let trial): Self.next(trial, input, policy)
        }
    }

    private static func opened(_ reasons: BreakerReasons, _ count: Int, _ now: Timestamp, _ policy: RiskPolicy) -> BreakerPhase {
        .open(BreakerTrip(reasons: reasons, since: now, until: end(now, count, policy), count: count))
    }

    private static func next(_ trip: BreakerTrip, _ input: BreakerInput, _ policy: RiskPolicy) -> BreakerPhase {
        var trip = trip
        if input.isReset { trip.reasons.subtract(.needReset) }
        if !trip.reasons.isSuperset(of: input.faults) {
            trip.reasons.formUnion(input.faults)
            trip.until = max(trip.until, end(input.time, trip.count, policy))
        }
        // A reset by hand does not wait for the time, and yet leads to half-open only.
        let isOver = input.isReset || input.time >= trip.until
        guard isOver, input.faults.isEmpty, !trip.needsReset else { return .open(trip) }
        return .halfOpen(BreakerTrial(since: input.time, wins: 0, count: trip.count))
    }

    private static func next(_ trial: BreakerTrial, _ input: BreakerInput, _ policy: RiskPolicy) -> BreakerPhase {
        var faults = input.faults
        if input.trade == .lost { faults.insert(.trial) }
        guard faults.isEmpty else { return opened(faults, min(trial.count, .max - 1) + 1, input.time, policy) }
        var trial = trial
        if input.trade == .won { trial.wins += 1 }
        return trial.wins >= max(policy.trialWins, 1) ? .closed : .halfOpen(trial)
    }

    /// The end of the wait: the cool-down, doubled with each trip after the first.
    private static func end(_ now: Timestamp, _ count: Int, _ policy: RiskPolicy) -> Timestamp {
        let most = max(policy.maxCooldown, policy.cooldown)
        var wait = max(policy.cooldown, 0)
        for _ in 1..<min(max(count, 1), 63) where wait < most { wait = wait > most / 2 ? most : wait * 2 }
        let (sum, overflow) = now.milliseconds.addingReportingOverflow(min(wait, most))
        return Timestamp(milliseconds: overflow ? .max : sum)
    }
}
