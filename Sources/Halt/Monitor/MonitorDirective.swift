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
    /// Remove the `HALT` file of the home if it still is this one: it was lifted by a re-arm. Then call `haltFileRemoved`.
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
    /// A re-arm has lifted the `HALT` file, which could not be removed: the fleet is stopped again.
    case haltFileStays(String)
    /// A hello was not taken: a session that may still live has this name and another class.
    case classRefused(MemberName, known: MemberClass, said: MemberClass)
    case latchFailed(String)
    /// A member showed a signed state of this monitor that its latch knows nothing of.
    case foreignState(MemberName, HaltEpoch)
    case memberReplaced(MemberName, from: MemberSession, to: MemberSession)
    case memberLost(MemberName, MemberSession)
    /// Its death was told, with who says so and how it is known.
    case memberDied(MemberName, MemberSession, by: String, reason: String, witnessed: Bool)
    /// A member that was said to be dead is heard: it counts again.
    case memberHeardAgain(MemberName, MemberSession)
}
