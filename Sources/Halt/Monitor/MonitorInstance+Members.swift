extension MonitorInstance {
    /// A message of a member; the shell has checked that the sender's key belongs to the name in it, that this key may be of the class in it,
    /// and that the signature of a state that is shown is this monitor's own.
    package mutating func receive(
        _ message: MemberMessage, at now: BootInstant, wallMilliseconds: Int64
    ) -> [MonitorDirective] {
        var directives: [MonitorDirective] = []
        guard !isLate(message, now) else { return directives }
        switch message {
        case .hello(let hello): greet(hello, now, wallMilliseconds, &directives)
        case .grantRequest(let request):
            if hear(request.member, request.session, now, &directives) { grant(request, now, &directives) }
        case .ack(let ack):
            if hear(ack.member, ack.session, now, &directives) { note(ack, now) }
        case .health(let health):
            if hear(health.member, health.session, now, &directives) { note(health) }
        }
        settle(now, &directives)
        return directives
    }

    /// The transport knows no way to a member at the moment: it is tried less often until it is heard.
    package mutating func memberUnreachable(_ name: MemberName, session: MemberSession, at now: BootInstant) {
        guard members[name]?.session == session else { return }
        members[name]?.pushDelay = settings.slowPushInterval
        members[name]?.pushDue = now + settings.slowPushInterval
    }

    /// The class of the session that is known by a name; nil: none is known.
    package func memberClass(of name: MemberName) -> MemberClass? { members[name]?.memberClass }

    private mutating func greet(
        _ hello: MemberHello, _ now: BootInstant, _ wall: Int64, _ directives: inout [MonitorDirective]
    ) {
        if let known = members[hello.member] {
            if hello.session < known.session {
                let message = MonitorMessage.sessionReplaced(newest: known.session)
                directives.append(.send(hello.member, hello.session, message))
                return
            }
            // What one class acknowledges proves nothing of another, whose process may still live.
            guard hello.memberClass == known.memberClass || known.isGone else {
                directives.append(.record(.classRefused(known.name, known: known.memberClass, said: hello.memberClass)))
                return
            }
            if hello.session > known.session { replace(known, with: hello, now, &directives) }
        } else {
            guard makeRoom(now) else { return }
            memberOrder.append(hello.member)
            members[hello.member] = MonitoredMember(hello, at: now, pushDelay: settings.pushInterval)
        }
        heard(hello.member, now, &directives)
        // It asks for the current state: sent even where it was acknowledged before.
        members[hello.member]?.received = .zero
        members[hello.member]?.settled = .zero
        pushSoon(hello.member, at: now)
        if let held = hello.held, held.state.monitor == monitor {
            let seen = members[hello.member]?.seen ?? .zero
            members[hello.member]?.seen = max(seen, held.state.epoch)
            if !knows(held.state.epoch) { takeOver(held.state, shownBy: hello.member, now, wall, &directives) }
        }
    }

    private mutating func replace(
        _ known: MonitoredMember, with hello: MemberHello, _ now: BootInstant, _ directives: inout [MonitorDirective]
    ) {
        var member = MonitoredMember(hello, at: now, pushDelay: settings.pushInterval)
        // The older process may still live and hold its lease.
        member.formerLeaseEnd = max(known.leaseEnd, known.formerLeaseEnd)
        members[hello.member] = member
        for index in requests.indices { requests[index].stages[hello.member] = nil }
        directives.append(.record(.memberReplaced(known.name, from: known.session, to: hello.session)))
        directives.append(.send(known.name, known.session, .sessionReplaced(newest: hello.session)))
    }

    /// A state that this monitor signed and knows nothing of: its latch was lost, restored from an old copy, or a write was cut off. Whatever
    /// else the lost part stopped is not known either, so the whole fleet is halted until it is re-armed.
    private mutating func takeOver(
        _ shown: MonitorHaltState, shownBy member: MemberName, _ now: BootInstant, _ wall: Int64,
        _ directives: inout [MonitorDirective]
    ) {
        directives.append(.record(.foreignState(member, shown.epoch)))
        let reason =
            "\(member) showed state \(shown.epoch), which this monitor's latch does not know: it was lost or is an old copy"
        let entry = HaltEntry(
            id: 0, scope: .fleet, action: .halt, reason: reason.prefix(utf8: HaltLimits.reasonBytes), operator: "monitor",
            wallMilliseconds: wall)
        addAncestor(shown.epoch)
        addAncestor(state.epoch)
        var next = state
        if shown.epoch.incarnation >= state.epoch.incarnation {
            next.epoch = Self.epoch(above: shown.epoch.incarnation, &incarnationSeed)
        } else {
            advance(&next)
        }
        for var entry in shown.entries + [entry] where !next.entries.contains(where: { $0.isSame(as: entry) }) {
            entry.id = (next.entries.map(\.id).max() ?? 0) &+ 1
            next.entries.append(entry)
        }
        next.entries = next.entries.widened(toFit: HaltLimits.stateBytes - HaltLimits.nameBytes - 64)
        put(next, now, &directives)
    }

    /// Notes that a session lives. False where it is not the one that is known; then it is told what to do.
    private mutating func hear(
        _ name: MemberName, _ session: MemberSession, _ now: BootInstant, _ directives: inout [MonitorDirective]
    ) -> Bool {
        guard let member = members[name], member.session <= session else {
            let answer = members[name].map { MonitorMessage.sessionReplaced(newest: $0.session) } ?? .showState(monitor)
            directives.append(.send(name, session, answer))
            return false
        }
        if member.session < session {
            directives.append(.send(name, session, .showState(monitor)))
            return false
        }
        heard(name, now, &directives)
        return true
    }

    /// A member that is heard again is tried at the quick pace again.
    private mutating func heard(_ name: MemberName, _ now: BootInstant, _ directives: inout [MonitorDirective]) {
        guard var member = members[name] else { return }
        if member.dead { directives.append(.record(.memberHeardAgain(name, member.session))) }
        member.lastHeard = now
        member.reportedLost = false
        member.dead = false
        let slow = member.pushDelay > settings.pushInterval && member.received != state.epoch
        if slow { member.pushDelay = settings.pushInterval }
        members[name] = member
        if slow { pushSoon(name, at: now + settings.pushInterval) }
    }

    /// Answers a nonce, unless the member has seen a state that is not in this monitor's past, or this start is not on disk yet.
    private mutating func grant(_ request: GrantRequest, _ now: BootInstant, _ directives: inout [MonitorDirective]) {
        guard let member = members[request.member] else { return }
        members[request.member]?.seen = max(member.seen, request.seen)
        guard knows(request.seen) else {
            directives.append(.send(request.member, request.session, .showState(monitor)))
            return
        }
        guard published, latch.incarnation == state.epoch.incarnation else { return }
        let needsLease = member.memberClass.needsLease
        let lease = needsLease ? UInt32(clamping: settings.lease.milliseconds) : 0
        if needsLease {
            members[request.member]?.leaseEnd = max(member.leaseEnd, now + settings.lease)
        }
        let grant = Grant(
            monitor: monitor, member: request.member, session: request.session, nonce: request.nonce,
            leaseMilliseconds: lease, state: signed)
        directives.append(.send(request.member, request.session, .grant(SignedGrant(grant, signer: signer))))
    }

    private mutating func note(_ health: MemberHealth) {
        members[health.member]?.health = health
        // A process that ends closes for the rest of its life; that, and that nothing runs, is its last word.
        let ends = health.restriction.causes.contains(.localStop) && health.restriction.mode > .active
        members[health.member]?.left = ends && health.jobsRunning == 0
    }

    private mutating func note(_ ack: HaltAck, _ now: BootInstant) {
        guard knows(ack.epoch), var member = members[ack.member] else { return }
        member.seen = max(member.seen, ack.epoch)
        member.received = max(member.received, ack.epoch)
        if ack.stage.rank >= AckStage.durable.rank { member.settled = max(member.settled, ack.epoch) }
        if member.received == state.epoch { member.pushDelay = settings.slowPushInterval }
        if member.received == state.epoch { member.pushDue = now + settings.slowPushInterval }
        members[ack.member] = member
        for index in requests.indices { requests[index].note(ack) }
    }

    /// Keeps the memory bounded: a new name takes the place of one that is gone for good; without one it is not let in, which opens nothing.
    private mutating func makeRoom(_ now: BootInstant) -> Bool {
        if memberOrder.count < settings.memberLimit { return true }
        let gone = memberOrder.first { name in
            members[name].map { $0.lastLeaseEnd <= now && ($0.isGone || $0.isLost(now, after: settings.forgetAfter)) } ?? true
        }
        guard let gone else { return false }
        forget(gone)
        return true
    }

    mutating func forget(_ name: MemberName) {
        members[name] = nil
        memberOrder.removeAll { $0 == name }
    }
}
