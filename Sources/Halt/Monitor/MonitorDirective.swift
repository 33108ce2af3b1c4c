/// What the shell of a monitor must do, in the order given.
package enum MonitorDirective: Hashable, Sendable {
    /// Send to one session of a member. May be lost: it is repeated as long as it matters.
    case send(MemberName, MemberSession, MonitorMessage)
    /// Publish on the beacon.
    case publish(HaltBeacon)
    /// Write both slots (`LatchSlot`), then call `latchWritten`.
    case persistLatch(sequence: UInt64, payload: [UInt8])
    /// Answer whoever sent the request that the reply names; a program that has gone is no reason to stop.
    case reply(OperatorReply)
    /// Remove the `HALT` file of the home if it still is this one: it was lifted by a re-arm.
    case removeHaltFile(identity: UInt64)
    /// Write to the audit log.
    case record(MonitorEvent)
}

/// What belongs into the audit log.
package enum MonitorEvent: Hashable, Sendable {
    case started(HaltEpoch, latch: String)
    case stopAccepted(HaltEntry, HaltEpoch)
    case rearmAccepted(RearmRequest)
    case rearmDone(HaltRequestID, HaltEpoch)
    case refused(HaltRefusal)
    case latchFailed(String)
    /// A member showed a signed state of this monitor that its latch knows nothing of.
    case foreignState(MemberName, HaltEpoch)
    case memberReplaced(MemberName, from: MemberSession, to: MemberSession)
    case memberLost(MemberName, MemberSession)
    case memberDied(MemberName, MemberSession)
}
