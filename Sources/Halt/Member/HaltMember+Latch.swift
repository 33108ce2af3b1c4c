/// The writes of a member's latch: one at a time, the newest content next.
struct MemberLatchWriter: Sendable {
    /// Grows with each change that the latch must hold.
    private(set) var version: UInt64 = 0
    /// Everything up to this version is on disk.
    private(set) var durableVersion: UInt64 = 0
    /// Why the last write failed; nil: it did not.
    private(set) var failure: String?
    private var sequence: UInt64
    private var writing: (sequence: UInt64, version: UInt64)?
    private var retryAt = BootInstant.never

    init(sequence: UInt64) { self.sequence = sequence }

    mutating func touch() { version += 1 }

    /// The sequence number of a write to start now; nil where there is nothing to write, or one is under way.
    mutating func begin(_ now: BootInstant) -> UInt64? {
        guard writing == nil, durableVersion < version, failure == nil || now >= retryAt else { return nil }
        sequence += 1
        writing = (sequence, version)
        return sequence
    }

    mutating func finish(_ finished: UInt64, failure: String?, retryAt: BootInstant) {
        guard let writing, writing.sequence == finished else { return }
        self.writing = nil
        self.failure = failure
        self.retryAt = retryAt
        if failure == nil { durableVersion = writing.version }
    }

    /// When a failed write is to be tried again; nil: nothing to try.
    var nextTry: BootInstant? { writing == nil && durableVersion < version ? retryAt : nil }
}

extension HaltMember {
    /// The write that `persistLatch` asked for has ended.
    ///
    /// - Parameter failure: nil where both slots are on disk; else what went wrong, for the operator.
    package mutating func latchWritten(
        sequence: UInt64, failure: String?, at now: BootInstant
    ) -> [HaltMemberDirective] {
        var directives: [HaltMemberDirective] = []
        latch.finish(sequence, failure: failure, retryAt: now + settings.latchRetry)
        settle(now, &directives)
        return directives
    }

    mutating func settleLatch(_ now: BootInstant, _ directives: inout [HaltMemberDirective]) {
        guard let sequence = latch.begin(now) else { return }
        directives.append(.persistLatch(sequence: sequence, payload: latchContent.encoded()))
    }

    /// Everything that is held is in the latch.
    package var isDurable: Bool { latch.durableVersion >= latch.version }

    /// What the latch has to hold now.
    package var latchContent: MemberLatch {
        let held = links.filter { $0.newest != nil }.map {
            MemberLatch.Held(
                monitor: $0.monitor, newest: $0.newest, entries: $0.entries, conflict: $0.conflict, doubts: $0.doubts)
        }
        return MemberLatch(held: held, haltFile: haltFile)
    }

    /// Acknowledges whatever has come further since the last acknowledgement, and what was sent again.
    mutating func settleAcks(_ directives: inout [HaltMemberDirective]) {
        for index in links.indices where links[index].configured && links[index].newest != nil {
            let stage = stage(of: links[index])
            let epoch = links[index].seen
            let same = links[index].lastAck.map { $0.epoch == epoch && $0.stage == stage } ?? false
            if same, !links[index].ackWanted { continue }
            links[index].lastAck = (epoch, stage)
            links[index].ackWanted = false
            let ack = HaltAck(member: identity.name, session: identity.session, epoch: epoch, stage: stage)
            directives.append(.send(links[index].monitor, .ack(ack)))
        }
    }

    /// How far the member has come with the newest state of a monitor. While more is held than that state says, it is only received.
    private func stage(of link: HaltLink) -> AckStage {
        guard link.exact else { return .received }
        if !usesGate, holding, !workStopped { return .received }
        guard latch.durableVersion >= link.changedIn else {
            return latch.failure.map { .notDurable($0) } ?? .blocked
        }
        return exchangeStage ?? .durable
    }
}
