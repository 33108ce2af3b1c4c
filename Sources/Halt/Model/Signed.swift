/// A monitor's halt state with the bytes that were signed. The shell checks the signature before it hands one in; the bytes are kept, so that it
/// can be shown again as proof.
package struct SignedHaltState: Hashable, Sendable {
    /// The signed bytes: `MonitorHaltState.encoded()`.
    package var bytes: [UInt8]
    package var signature: [UInt8]
    /// What the bytes say.
    package var state: MonitorHaltState

    /// Only for bytes that encode exactly `state`.
    package init(bytes: [UInt8], signature: [UInt8], state: MonitorHaltState) {
        self.bytes = bytes
        self.signature = signature
        self.state = state
    }
}

/// A monitor's answer to one nonce: proof that its state was this after the question was asked, and, for a live worker, the permission to trade for a
/// short time, counted from when the worker sent the nonce.
package struct Grant: Hashable, Sendable {
    package var monitor: MonitorID
    package var member: MemberName
    package var session: MemberSession
    package var nonce: HaltNonce
    /// 0: no permission to trade, only a fresh state (backtest and dry-run workers, the coordinator).
    package var leaseMilliseconds: UInt32
    package var state: SignedHaltState

    package init(
        monitor: MonitorID, member: MemberName, session: MemberSession, nonce: HaltNonce, leaseMilliseconds: UInt32,
        state: SignedHaltState
    ) {
        self.monitor = monitor
        self.member = member
        self.session = session
        self.nonce = nonce
        self.leaseMilliseconds = leaseMilliseconds
        self.state = state
    }
}

/// A grant with the bytes that were signed: `Grant.encoded()`, which holds the signed state too.
package struct SignedGrant: Hashable, Sendable {
    package var bytes: [UInt8]
    package var signature: [UInt8]
    package var grant: Grant

    /// Only for bytes that encode exactly `grant`.
    package init(bytes: [UInt8], signature: [UInt8], grant: Grant) {
        self.bytes = bytes
        self.signature = signature
        self.grant = grant
    }
}

/// Makes the signature of a monitor over the given bytes.
package typealias HaltSigner = @Sendable ([UInt8]) -> [UInt8]
