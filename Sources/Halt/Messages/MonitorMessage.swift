/// What a monitor sends to one member on its `guard` socket.
package enum MonitorMessage: Hashable, Sendable {
    /// The monitor's state, repeated until acknowledged as received. May tighten only.
    case state(SignedHaltState)
    /// The answer to a nonce; the only thing that loosens or opens.
    case grant(SignedGrant)
    /// The monitor does not know this session or an epoch that the member named: send a hello with what is held.
    case showState(MonitorID)
    /// A newer session of this name has said hello: this one is no longer heard.
    case sessionReplaced(newest: MemberSession)
}

/// What a monitor publishes: the same state by a second path, which may tighten only.
package struct HaltBeacon: Hashable, Sendable {
    /// Grows by one with each beacon of a monitor's run; a gap means loss.
    package var sequence: UInt64
    package var state: SignedHaltState

    package init(sequence: UInt64, state: SignedHaltState) {
        self.sequence = sequence
        self.state = state
    }
}
