package import Halt

/// What an order does to risk, as the gate sees it.
package enum OrderIntent: Hashable, Sendable, CaseIterable {
    case adds
    /// It only makes a position smaller and never crosses zero.
    case reduces
    /// An order of the halt procedure itself, which closes a position.
    case flatten
    case cancel
}

/// Whether the fencing token of a job is still the highest one known.
package enum HolderStanding: Hashable, Sendable, CaseIterable {
    case current
    /// The job's lease has run out: the account is kept, and only managed down.
    case leaseOver
    /// Somebody else holds the account with a higher token.
    case superseded
}

/// Why an order does not go out at this instant.
package enum OrderPermitRefusal: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case superseded = "permit.superseded"
    case jobLeaseOver = "permit.job_lease_over"
    case gateReducing = "permit.gate_reducing"
    case gateHalted = "permit.gate_halted"
    case tradingLeaseOver = "permit.trading_lease_over"
    case noEnd = "permit.no_end"
    case endTooLate = "permit.end_too_late"

    package var description: String {
        switch self {
        case .superseded: "another worker holds this job with a later fencing token: this one may only cancel"
        case .jobLeaseOver: "the job's lease has run out: nothing may be added until the coordinator renews it"
        case .gateReducing: "the order gate is at reducing: nothing may be added"
        case .gateHalted: "the order gate is halted: nothing but cancels may go"
        case .tradingLeaseOver: "the trading lease has run out: nothing may be added"
        case .noEnd: "the order adds risk and has no end time, and the venue knows end times"
        case .endTooLate: "the order adds risk and would live longer at the venue than the lease and a second"
        }
    }
}

/// The last question before an order's bytes are written. Asked after time and signature were made, with the clock of that instant.
package enum OrderPermit {
    /// How long after the lease an order that adds risk may still be taken by the venue.
    package static let grace = BootDuration.milliseconds(1_000)

    /// When the venue drops the request unseen, on our clock.
    package enum End: Hashable, Sendable {
        case at(BootInstant)
        case none
        /// The venue has no such thing; docs/security.md says what remains.
        case notAtThisVenue
    }

    /// Why the order does not go; nil: it goes. Cancels always go.
    package static func decide(
        _ intent: OrderIntent, gate: OrderGate, now: BootInstant, leaseEnd: BootInstant, holder: HolderStanding, end: End
    ) -> OrderPermitRefusal? {
        if intent == .cancel { return nil }
        // Two who trade on one account are worse than a position that stays: the other one has it in hand.
        if holder == .superseded { return .superseded }
        switch (intent, gate.mode(at: now)) {
        case (.flatten, _), (.cancel, _): return nil
        case (.reduces, .halted), (.adds, .halted): return .gateHalted
        case (.reduces, .active), (.reduces, .reducing): return nil
        case (.adds, .reducing): return .gateReducing
        case (.adds, .active): break
        }
        if holder == .leaseOver { return .jobLeaseOver }
        guard now < leaseEnd else { return .tradingLeaseOver }
        return checkEnd(end, leaseEnd)
    }

    private static func checkEnd(_ end: End, _ leaseEnd: BootInstant) -> OrderPermitRefusal? {
        switch end {
        case .notAtThisVenue: nil
        case .none: .noEnd
        case .at(let instant): instant <= leaseEnd + grace ? nil : .endTooLate
        }
    }

    /// The end time that an order gets: `wanted`, or the latest one allowed.
    package static func latestEnd(wanted: BootInstant, leaseEnd: BootInstant) -> BootInstant { min(wanted, leaseEnd + grace) }
}
