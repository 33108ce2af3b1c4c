/// What a monitor knows of one member.
struct MonitoredMember: Sendable {
    let name: MemberName
    var session: MemberSession
    var role: MemberRole
    var memberClass: MemberClass
    var processID: Int32
    var run: MemberRun?
    var lastHeard: BootInstant
    /// On the monitor's clock, no earlier than the lease ends on the member's.
    var leaseEnd = BootInstant.never
    /// Its death was told and nothing was heard of it since.
    var dead = false
    /// It has said, as its last word, that it is ending: nothing runs, and nothing opens in this session any more.
    var left = false
    /// The end of the last lease of this name's earlier sessions, whose process may still live.
    var formerLeaseEnd = BootInstant.never
    /// Its silence was recorded.
    var reportedLost = false
    /// The epoch it says it has seen.
    var seen = HaltEpoch.zero
    /// Its furthest acknowledgement.
    var received = HaltEpoch.zero
    var settled = HaltEpoch.zero
    var health: MemberHealth?

    var pushDue = BootInstant.never
    var pushDelay: BootDuration

    init(_ hello: MemberHello, at now: BootInstant, pushDelay: BootDuration) {
        name = hello.member
        session = hello.session
        role = hello.role
        memberClass = hello.memberClass
        processID = hello.processID
        run = hello.run
        lastHeard = now
        self.pushDelay = pushDelay
    }

    func isLost(_ now: BootInstant, after limit: BootDuration) -> Bool { dead || now >= lastHeard + limit }

    /// Nothing runs or begins in this session any more.
    var isGone: Bool { dead || left }

    /// Until when a process of this name may hold a lease, an earlier one's included.
    var lastLeaseEnd: BootInstant { max(leaseEnd, formerLeaseEnd) }

    func leaseMilliseconds(_ now: BootInstant) -> UInt32 {
        lastLeaseEnd <= now ? 0 : UInt32(clamping: (lastLeaseEnd - now).milliseconds + 1)
    }
}

/// A stop or re-arm that was accepted and is followed to its end.
struct TrackedRequest: Sendable {
    let request: HaltRequestID
    let kind: HaltProgress.Kind
    var epoch: HaltEpoch
    /// What a stop asked for.
    let entry: HaltEntry?
    /// The furthest stage of each member's session.
    var stages: [MemberName: AckStage] = [:]
    /// The re-arm failed; said as soon as that is certain.
    var refusalDue: HaltRefusal.Code?
    var refused: HaltRefusal?
    var lastProgress: HaltProgress?
    var reportDue = BootInstant.never
    let acceptedAt: BootInstant

    init(
        request: HaltRequestID, kind: HaltProgress.Kind, epoch: HaltEpoch, entry: HaltEntry?, at now: BootInstant
    ) {
        acceptedAt = now
        self.request = request
        self.kind = kind
        self.epoch = epoch
        self.entry = entry
    }

    /// The last answer is sent again.
    mutating func repeatReply() {
        lastProgress = nil
        reportDue = .never
    }

    var isFinished: Bool { refused != nil || lastProgress?.complete == true }

    /// How far a member has to come.
    func required(of memberClass: MemberClass) -> Int {
        guard kind == .stop, memberClass == .live, let action = entry?.action else { return AckStage.durable.rank }
        return switch action {
        case .halt: AckStage.durable.rank
        case .cancel: AckStage.ordersCanceled(remaining: []).rank
        case .flatten: AckStage.flat(remaining: []).rank
        }
    }

    mutating func note(_ ack: HaltAck) {
        guard ack.epoch >= epoch else { return }
        if ack.stage.rank >= stages[ack.member]?.rank ?? 0 { stages[ack.member] = ack.stage }
    }
}
