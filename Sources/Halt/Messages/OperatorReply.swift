/// What a monitor answers the command line.
package enum OperatorReply: Hashable, Sendable {
    /// A stop or re-arm goes on; sent when something changes, the last one with `complete`.
    case progress(HaltProgress)
    case refused(HaltRefusal)
    case status(HaltStatus)
    /// What needs no other answer was done.
    case done(HaltRequestID)
}

/// How far a stop or a re-arm has come.
package struct HaltProgress: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case stop = 1
        case rearm = 2
    }

    package var request: HaltRequestID
    package var kind: Kind
    package var monitor: MonitorID
    /// The epoch that the request made.
    package var epoch: HaltEpoch
    /// The monitor's latch is on disk. Only then was the request done.
    package var durable: Bool
    /// Why the latch is not on disk, where writing failed; empty otherwise.
    package var latchFailure: String
    /// The monitor's latch is on disk, and every member has come as far as the request needs. For a stop of action `halt` an ended trading lease and
    /// a member's last word that it ends stand in for that; silence never does.
    package var complete: Bool
    /// For how long a lease that this monitor granted before its last start may still run somewhere, milliseconds; 0: none can.
    package var formerLeasesMilliseconds: UInt32
    package var members: [MemberProgress]

    package init(
        request: HaltRequestID, kind: Kind, monitor: MonitorID, epoch: HaltEpoch, durable: Bool, latchFailure: String,
        complete: Bool, formerLeasesMilliseconds: UInt32, members: [MemberProgress]
    ) {
        self.request = request
        self.kind = kind
        self.monitor = monitor
        self.epoch = epoch
        self.durable = durable
        self.latchFailure = latchFailure
        self.complete = complete
        self.formerLeasesMilliseconds = formerLeasesMilliseconds
        self.members = members
    }
}

/// One member's part in a stop or a re-arm.
package struct MemberProgress: Hashable, Sendable {
    package var member: MemberName
    package var session: MemberSession
    package var memberClass: MemberClass
    /// The furthest stage that was acknowledged for this or a later epoch; nil: nothing.
    package var stage: AckStage?
    /// Silent for longer than the limit.
    package var lost: Bool
    /// For how long its lease can run at most, milliseconds; 0: it has none (any more).
    package var leaseMilliseconds: UInt32

    package init(
        member: MemberName, session: MemberSession, memberClass: MemberClass, stage: AckStage?, lost: Bool,
        leaseMilliseconds: UInt32
    ) {
        self.member = member
        self.session = session
        self.memberClass = memberClass
        self.stage = stage
        self.lost = lost
        self.leaseMilliseconds = leaseMilliseconds
    }
}

/// Why a request was not carried out.
package struct HaltRefusal: Hashable, Sendable {
    package enum Code: UInt8, Hashable, Sendable, CaseIterable {
        /// The re-arm names another monitor.
        case wrongMonitor = 1
        /// The re-arm names an epoch that is not the current one.
        case wrongEpoch = 2
        /// Some named entries do not exist.
        case unknownEntries = 3
        /// A reason and an operator are required.
        case reasonMissing = 4
        /// Another re-arm is being written.
        case busy = 5
        /// A stop came while the re-arm was being written; or a re-arm lifted the stop that is asked about.
        case overtaken = 6
        /// The latch could not be written; nothing was lifted.
        case notDurable = 7
        /// A text is too long, or the request is not understood.
        case malformed = 8
        /// No request of this id is remembered.
        case unknownRequest = 9
    }

    package var request: HaltRequestID
    package var code: Code
    package var monitor: MonitorID
    /// The monitor's current epoch: what a re-arm has to name.
    package var current: HaltEpoch
    /// A sentence that says what is wrong and what to do.
    package var message: String

    package init(request: HaltRequestID, code: Code, monitor: MonitorID, current: HaltEpoch, message: String) {
        self.request = request
        self.code = code
        self.monitor = monitor
        self.current = current
        self.message = message
    }
}

/// What a monitor knows, for `pragma status`.
package struct HaltStatus: Hashable, Sendable {
    package var request: HaltRequestID
    package var state: MonitorHaltState
    package var durable: Bool
    /// Why the latch is not on disk, where writing failed; empty otherwise.
    package var latchFailure: String
    package var members: [MemberStatus]
    /// How many members are left out because the list is bounded.
    package var leftOut: UInt32
    /// Of the monitor itself; 0: not told. The shell knows it.
    package var processID: Int32

    package init(
        request: HaltRequestID, state: MonitorHaltState, durable: Bool, latchFailure: String, members: [MemberStatus],
        leftOut: UInt32, processID: Int32 = 0
    ) {
        self.request = request
        self.state = state
        self.durable = durable
        self.latchFailure = latchFailure
        self.members = members
        self.leftOut = leftOut
        self.processID = processID
    }
}

/// What a monitor knows of one member.
package struct MemberStatus: Hashable, Sendable {
    package var member: MemberName
    package var session: MemberSession
    package var role: MemberRole
    package var memberClass: MemberClass
    package var processID: Int32
    /// Milliseconds since anything was heard of it.
    package var silentMilliseconds: UInt64
    package var lost: Bool
    /// For how long its lease can run at most, milliseconds; 0: none.
    package var leaseMilliseconds: UInt32
    /// The highest epoch that it says it has seen.
    package var seen: HaltEpoch
    /// nil: no health message yet.
    package var health: MemberHealth?
    /// The run of its process; nil: not told.
    package var run: MemberRun?

    package init(
        member: MemberName, session: MemberSession, role: MemberRole, memberClass: MemberClass, processID: Int32,
        silentMilliseconds: UInt64, lost: Bool, leaseMilliseconds: UInt32, seen: HaltEpoch, health: MemberHealth?,
        run: MemberRun? = nil
    ) {
        self.member = member
        self.session = session
        self.role = role
        self.memberClass = memberClass
        self.processID = processID
        self.silentMilliseconds = silentMilliseconds
        self.lost = lost
        self.leaseMilliseconds = leaseMilliseconds
        self.seen = seen
        self.health = health
        self.run = run
    }
}
