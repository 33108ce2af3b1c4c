/// What a member holds of one monitor, and its conversation with it.
struct HaltLink: Sendable {
    /// A nonce that was sent and not answered.
    struct Question: Sendable {
        var nonce: HaltNonce
        var sentAt: BootInstant
        /// The epoch of which it asks whether the monitor knows it.
        var asked: HaltEpoch
        /// The `HALT` file that was known of when it was sent.
        var haltFile: UInt64?
    }

    let monitor: MonitorID
    /// In the configured set. One that is not keeps what it stopped, but is not asked for leases.
    let configured: Bool

    var newest: SignedHaltState?
    var entries: [HaltEntry] = []
    /// A nonce of this session was answered: without that nothing is known of what the monitor stopped meanwhile.
    var answered = false
    var conflict = false
    /// States of other incarnations than the newest that the monitor has not yet said to know. A monitor that came back with an old copy of its
    /// latch does not know what it stopped meanwhile: it has to be shown these before it can loosen anything.
    var doubts: [SignedHaltState] = []
    /// What the monitor of this incarnation has said to know.
    var confirmer: UInt64 = 0
    var confirmed: [HaltEpoch] = []
    /// What is held is the newest state and nothing more.
    var exact = false

    /// Until when the last timely answer is young enough to release a hold on.
    var freshUntil = BootInstant.never
    /// The end of the trading lease; `.never`: none.
    var leaseEnd = BootInstant.never
    var questions: [Question] = []
    var helloDue = false
    var requestDue = BootInstant.never
    var lastRequest: BootInstant?
    /// A re-arm was seen that came after the `HALT` file.
    var rearmedAfterFile = false

    /// The latch version that holds the last change of this link.
    var changedIn: UInt64 = 0
    var lastAck: (epoch: HaltEpoch, stage: AckStage)?
    var ackWanted = false

    init(monitor: MonitorID, configured: Bool) {
        self.monitor = monitor
        self.configured = configured
    }

    var seen: HaltEpoch { newest?.state.epoch ?? .zero }

    mutating func adopt(_ held: MemberLatch.Held) {
        newest = held.newest
        entries = held.entries
        conflict = held.conflict
        exact = newest.map { $0.state.entries == entries } ?? false
        doubts = held.doubts
    }

    /// Takes a state in. Returns whether anything changed that the latch must hold.
    ///
    /// - Parameter asked: where the state is the timely answer to a nonce, the epoch that the question named: the monitor has said that it is in
    ///   its past. Nil for every other path.
    mutating func take(_ signed: SignedHaltState, answering asked: HaltEpoch?) -> Bool {
        let before = (newest, entries, conflict, doubts)
        let current = signed.state.epoch >= seen
        if let asked, current { confirm(asked, by: signed.state.epoch) }
        if let newest, newest.state.epoch == signed.state.epoch, newest.state != signed.state {
            conflict = true
            widen(with: signed.state.entries)
        } else if asked != nil, current, isKnownWhole, !(conflict && signed.state.epoch == seen) {
            (newest, entries) = (newest == nil || signed.state.epoch > seen ? signed : newest, signed.state.entries)
            (answered, conflict, exact) = (true, false, true)
        } else {
            tighten(with: signed)
        }
        return before.0 != newest || before.1 != entries || before.2 != conflict || before.3 != doubts
    }

    private mutating func tighten(with signed: SignedHaltState) {
        let newer = signed.state.epoch > seen || newest == nil
        let other = newer ? newest : signed
        if newer { newest = signed }
        if let other { doubt(other) }
        if newer, !conflict, signed.state.entries.implies(entries) {
            entries = signed.state.entries
            exact = true
        } else {
            widen(with: signed.state.entries)
        }
    }

    /// Adds entries without giving up any; too many become wider ones.
    private mutating func widen(with other: [HaltEntry]) {
        let current = newest?.state.entries ?? []
        entries = current.union(entries).union(other).widened(toFit: 2 * HaltLimits.stateBytes)
        exact = entries == current && !conflict
    }

    /// Whether an answer to a nonce is wanted: without one this link stays as it is.
    func needsFresh(haltFile: HaltFileLatch?) -> Bool {
        guard answered, exact, !conflict, doubts.isEmpty else { return true }
        return haltFile != nil && !rearmedAfterFile
    }
}
