package import Connectors
internal import Exchange
package import Halt
package import LiveGates
internal import LiveJob
internal import Market

/// What the last question before an order needs to know of the account, read at one instant.
package struct AccountPermit: Hashable, Sendable {
    /// The boot clock of that instant.
    package var now: BootInstant
    package var gate: OrderGate
    /// The end of the shortest trading lease.
    package var leaseEnd: BootInstant
    package var holder: HolderStanding
    /// Anything else that keeps orders that add risk from going (a gate of live trading that is missing now); nil: nothing.
    package var missing: String?

    package init(
        now: BootInstant, gate: OrderGate, leaseEnd: BootInstant, holder: HolderStanding = .current, missing: String? = nil
    ) {
        self.now = now
        self.gate = gate
        self.leaseEnd = leaseEnd
        self.holder = holder
        self.missing = missing
    }
}

/// The last question, asked by the connector right before an order's bytes are written.
package enum LivePermission {
    struct Question: Sendable {
        var effect: LiveGates.OrderIntent
        var end: OrderPermit.End
        /// Called with the answer: either the bytes go now, or they never do.
        var isAnswered: @Sendable () -> Void = {}
    }

    /// The order that the current task is about to write.
    @TaskLocal static var question: Question?

    /// For `TradingClient`: a request that changes something and that nobody asked about does not go.
    package static func permit(_ ask: @escaping @Sendable () -> AccountPermit) -> TradingClient.Permit {
        { changesState, isCancel in
            guard changesState, !isCancel else { return nil }
            guard let question else {
                return refusal("permit.unknown", "a request that changes something at the venue, of which the job knows nothing")
            }
            defer { question.isAnswered() }
            return Self.refusal(of: question, ask())
        }
    }

    private static func refusal(of question: Question, _ permit: AccountPermit) -> VenueError? {
        if let refusal = OrderPermit.decide(
            question.effect, gate: permit.gate, now: permit.now, leaseEnd: permit.leaseEnd, holder: permit.holder,
            end: question.end)
        {
            return Self.refusal(refusal.rawValue, refusal.description)
        }
        guard question.effect == .adds, let missing = permit.missing else { return nil }
        return refusal("permit.gate_missing", missing)
    }

    private static func refusal(_ code: String, _ text: String) -> VenueError {
        VenueError(.rejected, .permanent, code: code, message: text)
    }
}
