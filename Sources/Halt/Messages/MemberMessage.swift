/// What a member sends to a monitor on its `guard` socket.
package enum MemberMessage: Hashable, Sendable {
    case hello(MemberHello)
    case grantRequest(GrantRequest)
    case ack(HaltAck)
    case health(MemberHealth)
}

extension MemberMessage {
    /// Who says that he sent it.
    package var member: MemberName {
        switch self {
        case .hello(let hello): hello.member
        case .grantRequest(let request): request.member
        case .ack(let ack): ack.member
        case .health(let health): health.member
        }
    }

    /// The session that sent it.
    package var session: MemberSession {
        switch self {
        case .hello(let hello): hello.session
        case .grantRequest(let request): request.session
        case .ack(let ack): ack.session
        case .health(let health): health.session
        }
    }
}

/// The part that a process has in the fleet.
package enum MemberRole: UInt8, Hashable, Sendable, CaseIterable {
    case coordinator = 1
    case worker = 2
}

/// What a member may do, which decides whether it needs a lease.
package enum MemberClass: UInt8, Hashable, Sendable, CaseIterable {
    /// Sends no orders itself: obeys the halt, needs no lease.
    case coordinator = 1
    case backtest = 2
    case dryRun = 3
    /// Trades only while it holds a lease of every monitor.
    case live = 4

    package var needsLease: Bool { self == .live }
}

/// Introduces a member's session and shows what it holds of the addressed monitor. Sent on every (re)connection and when the monitor asks.
package struct MemberHello: Hashable, Sendable {
    package var member: MemberName
    package var session: MemberSession
    package var role: MemberRole
    package var memberClass: MemberClass
    package var processID: Int32
    /// The newest state of the addressed monitor that the member has seen, with its signature: a monitor that lost its latch learns from it. nil: none.
    package var held: SignedHaltState?
    /// The run of its process; nil: a program of an earlier version, whose death cannot be told.
    package var run: MemberRun?

    package init(
        member: MemberName, session: MemberSession, role: MemberRole, memberClass: MemberClass, processID: Int32,
        held: SignedHaltState?, run: MemberRun? = nil
    ) {
        self.member = member
        self.session = session
        self.role = role
        self.memberClass = memberClass
        self.processID = processID
        self.held = held
        self.run = run
    }
}

/// Asks for a grant.
package struct GrantRequest: Hashable, Sendable {
    package var member: MemberName
    package var session: MemberSession
    package var nonce: HaltNonce
    /// The highest epoch that the member has seen of the addressed monitor; `.zero`: none.
    package var seen: HaltEpoch

    package init(member: MemberName, session: MemberSession, nonce: HaltNonce, seen: HaltEpoch) {
        self.member = member
        self.session = session
        self.nonce = nonce
        self.seen = seen
    }
}

/// How far a member has come with a halt state.
package enum AckStage: Hashable, Sendable {
    /// The state has arrived and is in force in memory.
    case received
    /// The order gate is closed as the state demands, or the held work has stopped.
    case blocked
    /// The latch could not be written: blocked in memory only, so not proved over a restart. The text says why.
    case notDurable(String)
    /// The latch is on disk.
    case durable
    /// Read from the exchange: no working order is left but those listed.
    case ordersCanceled(remaining: [HaltOrder])
    /// Read from the exchange: no position is left but those listed.
    case flat(remaining: [HaltResidual])

    /// The order in which stages are reached; `notDurable` stands between `blocked` and `durable`.
    package var rank: Int {
        switch self {
        case .received: 1
        case .blocked: 2
        case .notDurable: 3
        case .durable: 4
        case .ordersCanceled: 5
        case .flat: 6
        }
    }
}

/// A working order that remains after the cancels.
package struct HaltOrder: Hashable, Sendable {
    package var account: String
    package var pair: String
    /// The venue's id where there is one, else ours.
    package var order: String
    package var reason: String

    package init(account: String, pair: String, order: String, reason: String) {
        self.account = account
        self.pair = pair
        self.order = order
        self.reason = reason
    }
}

/// A position that remains after flattening: dust, below the minimum, a closed market.
package struct HaltResidual: Hashable, Sendable {
    package var account: String
    package var asset: String
    /// The amount as a decimal number, in units of the asset.
    package var amount: String
    package var reason: String

    package init(account: String, asset: String, amount: String, reason: String) {
        self.account = account
        self.asset = asset
        self.amount = amount
        self.reason = reason
    }
}

/// A member's acknowledgement of one state of the addressed monitor.
package struct HaltAck: Hashable, Sendable {
    package var member: MemberName
    package var session: MemberSession
    package var epoch: HaltEpoch
    package var stage: AckStage

    package init(member: MemberName, session: MemberSession, epoch: HaltEpoch, stage: AckStage) {
        self.member = member
        self.session = session
        self.epoch = epoch
        self.stage = stage
    }
}

/// What a member does at the moment, for `pragma status`; lossy and repeated.
package struct MemberHealth: Hashable, Sendable {
    package var member: MemberName
    package var session: MemberSession
    package var restriction: MemberRestriction
    /// The highest epoch seen of the addressed monitor.
    package var seen: HaltEpoch
    package var jobsRunning: UInt32
    /// Resident memory in bytes.
    package var residentBytes: UInt64
    /// Processor time used since the process started, milliseconds.
    package var processorMilliseconds: UInt64

    package init(
        member: MemberName, session: MemberSession, restriction: MemberRestriction, seen: HaltEpoch, jobsRunning: UInt32,
        residentBytes: UInt64, processorMilliseconds: UInt64
    ) {
        self.member = member
        self.session = session
        self.restriction = restriction
        self.seen = seen
        self.jobsRunning = jobsRunning
        self.residentBytes = residentBytes
        self.processorMilliseconds = processorMilliseconds
    }
}

/// What a member's order gate or hold is, and what keeps it there.
package struct MemberRestriction: Hashable, Sendable {
    package enum Mode: UInt8, Hashable, Comparable, Sendable, CaseIterable {
        case active = 1
        case reducing = 2
        case halted = 3
        package static func < (a: Mode, b: Mode) -> Bool { a.rawValue < b.rawValue }
    }

    /// The reasons why a gate or hold is not open; several may hold at once.
    package struct Causes: OptionSet, Hashable, Sendable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        /// An entry of a monitor covers the subject.
        package static let entry = Causes(rawValue: 1)
        /// Some monitor has not answered a nonce of this session yet, or not lately enough to open on.
        package static let unknownState = Causes(rawValue: 2)
        /// The lease of some monitor has ended.
        package static let noLease = Causes(rawValue: 4)
        /// A `HALT` file is there.
        package static let haltFile = Causes(rawValue: 8)
        /// A `HALT` file was there and no re-arm came after it.
        package static let haltFileSeen = Causes(rawValue: 16)
        /// The process is shutting down.
        package static let localStop = Causes(rawValue: 32)
        /// The monitors contradict themselves: one epoch with two contents.
        package static let conflict = Causes(rawValue: 64)
    }

    package var mode: Mode
    package var causes: Causes

    package init(mode: Mode, causes: Causes) {
        self.mode = mode
        self.causes = causes
    }
}
