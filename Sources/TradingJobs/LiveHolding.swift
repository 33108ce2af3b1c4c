internal import Coordination
internal import Fleet
package import Halt
package import LiveGates
internal import Synchronization

/// What the last question before an order needs to know, read at one instant.
package struct LivePermit: Hashable, Sendable {
    package var now: BootInstant
    package var gate: OrderGate
    /// The end of the shortest trading lease.
    package var leaseEnd: BootInstant
    package var holder: HolderStanding
    /// The first gate, of those that can change, that is missing now: nothing that adds risk goes.
    package var missing: LiveRefusal?

    package init(now: BootInstant, gate: OrderGate, leaseEnd: BootInstant, holder: HolderStanding, missing: LiveRefusal?) {
        self.now = now
        self.gate = gate
        self.leaseEnd = leaseEnd
        self.holder = holder
        self.missing = missing
    }

    /// What the gate, the leases and the list let through, without a look at a single order.
    package var mode: MemberRestriction.Mode {
        let mode = gate.mode(at: now)
        guard mode == .active else { return mode }
        return holder == .current && missing == nil ? .active : .reducing
    }
}

extension LiveFacts.Budget {
    /// Where there are no limits of all accounts together, those of the job are the account's.
    init(_ budget: UnitBudget, at now: BootInstant) {
        switch budget {
        case .none: self = .allotted
        case .allotted(nil): self = .absent
        case .allotted(let share?): self = now.nanoseconds < share.deadline ? .allotted : .expired
        }
    }
}

/// What a worker knows of its right to trade while a live job runs: the gate, the leases, and the facts of the start.
package final class LiveHolding: Sendable {
    private let facts: LiveFacts
    private let subject: PromotionSubject
    private let admission: LiveAdmission
    private let trading: TradingGuard
    private let control: UnitControl
    private let wallClock: @Sendable () -> Int64

    /// - Parameter facts: as they were at the start, all there.
    init(
        facts: LiveFacts, subject: PromotionSubject, admission: LiveAdmission, trading: TradingGuard, control: UnitControl,
        wallClock: @escaping @Sendable () -> Int64
    ) {
        self.facts = facts
        self.subject = subject
        self.admission = admission
        self.trading = trading
        self.control = control
        self.wallClock = wallClock
    }

    /// Everything anew, at this instant.
    package var permit: LivePermit {
        let (now, gate) = (trading.now, trading.gate)
        let holder: HolderStanding =
            control.isReplaced ? .superseded : now.nanoseconds < control.leaseEnd ? .current : .leaseOver
        return LivePermit(
            now: now, gate: gate, leaseEnd: gate.activeUntil, holder: holder, missing: LiveCheck.perOrderMissing(facts(gate, now))
        )
    }

    /// The facts of the start with those of now.
    package var newestFacts: LiveFacts { facts(trading.gate, trading.now) }

    private func facts(_ gate: OrderGate, _ now: BootInstant) -> LiveFacts {
        var result = facts
        result.orderGate = gate.mode(at: now)
        result.budget = LiveFacts.Budget(control.budget, at: now)
        result.promotion = .present(admission.promotion.refusal(for: subject, rules: admission.rules, at: wallClock()))
        return result
    }
}
