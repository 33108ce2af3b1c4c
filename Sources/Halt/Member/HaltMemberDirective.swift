/// What the shell of a member must do, in the order given.
package enum HaltMemberDirective: Hashable, Sendable {
    /// Store the gate where every order write reads it. Workers of class live and dry-run only.
    case setGate(OrderGate)
    /// Hold or release work. With `true`: stop what runs, give it back, then call `workStopped`.
    case setHold(Bool)
    /// Cancel every working order, and with `flatten` close the positions afterwards; then report with `exchangeRead`.
    case cancelOrders(HaltAction)
    /// Write both slots (`LatchSlot`), off the guard thread, then call `latchWritten`.
    case persistLatch(sequence: UInt64, payload: [UInt8])
    /// Send to this monitor. May be lost: it is repeated as long as it matters.
    case send(MonitorID, MemberMessage)
    /// What is stopped has changed: ask again (`restriction(for:at:)`) for every job.
    case haltChanged
    /// A newer process bears this name: end. Its session number has to be exceeded to come back.
    case sessionReplaced(newest: MemberSession)
    /// Tell the operator: two states of one epoch came from this monitor, which a sound monitor never makes.
    case conflict(MonitorID, HaltEpoch)
}
