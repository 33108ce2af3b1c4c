import SimulationSupport

@testable import Halt

extension Simulation {
    func local(_ member: SimulatedMember) -> BootInstant { hosts[member.host].local(now) }

    func start(_ member: SimulatedMember) {
        guard member.instance == nil else { return }
        member.run += 1
        member.noted = [:]
        member.disk.open(.member)
        member.disk.naive = bug == .firstSlotFirst
        member.wake = .max
        let latch = MemberLatch.load(member.disk.slots)
        log("\(member.identity.name) starts, latch \(latch.sequence), confirmed \(member.disk.confirmed)")
        if latch.sequence < member.disk.confirmed { fail("the latch of \(member.identity.name) lost a confirmed write") }
        let identity = HaltMember.Identity(
            name: member.identity.name, session: MemberSession(UInt64(member.run)), role: member.identity.role,
            memberClass: member.identity.memberClass, processID: Int32(member.run),
            run: Self.name(member.index, run: member.run))
        var settings = HaltMember.Settings()
        settings.haltAfter = .milliseconds(2_000)
        settings.refreshInterval = .milliseconds(2_000)
        if bug == .stopIsSentOnce { settings.refreshInterval = .milliseconds(1_000_000) }
        var instance = HaltMember(
            identity: identity, monitors: monitors.map(\.id), latch: latch, subject: member.subject, settings: settings)
        if bug == .startsOpen {
            for index in instance.links.indices {
                (instance.links[index].answered, instance.links[index].freshUntil) = (true, .distantFuture)
            }
        }
        member.instance = instance
        (member.gate, member.holding, member.lastMode) = (.halted, true, .halted)
        (member.sentAt, member.bestLease) = ([:], [:])
        seeFile(member)
        input(member) { instance, now, _ in instance.start(haltFile: self.hosts[member.host].haltFile, at: now) }
        queue.push(.memberPoll(member.index, run: member.run), at: now + random.milliseconds(1...100))
    }

    func crash(_ member: SimulatedMember, fault: SimulatedDisk.Fault) {
        guard member.instance != nil else { return }
        statistics.crashes += 1
        log("\(member.identity.name) crashes, \(fault)")
        member.instance = nil
        reportDeath(of: member)
        member.disk.crash(&random)
        if fault != .none { statistics.latchFaults += 1 }
        member.disk.apply(fault, &random)
        if fault == .missing || fault == .stale {
            (member.reachedOnDisk, member.sawFile) = ([], nil)
        }
        member.reached = member.reachedOnDisk
        let onDisk = fileOnDisk(member)
        if let saw = member.sawFile, onDisk != saw.file.identity { member.sawFile = nil }
    }

    private func fileOnDisk(_ member: SimulatedMember) -> UInt64? {
        if case .valid(let latch, _, _) = MemberLatch.load(member.disk.slots) { latch.haltFile?.file.identity } else { nil }
    }

    func deliver(_ message: SimulatedMessage, to member: SimulatedMember, run: Int?) {
        guard member.instance != nil, run == nil || run == member.run else { return }
        if postponed(member.pausedUntil, .toMember(member.index, run: run, message)) { return }
        switch message {
        case .beacon(let beacon):
            guard let state = verified(beacon.state) else { return }
            noteReach(state.state, member)
            input(member) { instance, now, _ in
                instance.receive(HaltBeacon(sequence: beacon.sequence, state: state), at: now)
            }
            plantAfter(state, member)
        case .monitor(let monitor, let message): deliver(message, of: monitor, to: member)
        }
        check(member)
    }

    private func deliver(_ message: MonitorMessage, of monitor: MonitorID, to member: SimulatedMember) {
        var message = message
        switch message {
        case .state(let signed):
            guard let state = verified(signed) else { return }
            noteReach(state.state, member)
            message = .state(state)
        case .grant(let signed):
            guard signed.signature == simulatedSignature(signed.bytes, of: monitor),
                let grant = try? SignedGrant(verified: signed.bytes, signature: signed.signature), grant == signed
            else { return fail("a grant of \(monitor) cannot be read again") }
            if bug == .memberNeverAsks, !member.usesGate { return }
            noteGrant(grant.grant, member)
            noteReach(grant.grant.state.state, member)
            message = .grant(grant)
        case .showState, .sessionReplaced: break
        }
        input(member) { instance, now, _ in instance.receive(message, from: monitor, at: now) }
        if case .state(let signed) = message { plantAfter(signed, member) }
        if case .grant(let signed) = message { plantAfter(signed.grant, member) }
    }

    private func verified(_ signed: SignedHaltState) -> SignedHaltState? {
        guard signed.signature == simulatedSignature(signed.bytes, of: signed.state.monitor),
            let state = try? SignedHaltState(verified: signed.bytes, signature: signed.signature), state == signed
        else {
            fail("a state of \(signed.state.monitor) cannot be read again")
            return nil
        }
        return state
    }

    private func noteGrant(_ grant: Grant, _ member: SimulatedMember) {
        guard grant.member == member.identity.name, grant.session.number == UInt64(member.run),
            let sent = member.sentAt[grant.nonce]
        else { return }
        let end = sent + .milliseconds(Int64(grant.leaseMilliseconds))
        member.bestLease[grant.monitor] = max(member.bestLease[grant.monitor] ?? .never, end)
    }

    func wake(_ member: SimulatedMember, _ run: Int) {
        guard member.run == run, member.instance != nil, member.wake <= now else { return }
        if postponed(member.pausedUntil, .memberWake(member.index, run: run)) { return }
        member.wake = .max
        input(member) { instance, now, world in instance.tick(at: now, random: &world.random) }
    }

    func poll(_ member: SimulatedMember, _ run: Int) {
        guard member.run == run, member.instance != nil else { return }
        if postponed(member.pausedUntil, .memberPoll(member.index, run: run)) { return }
        seeFile(member)
        let file = hosts[member.host].haltFile
        input(member) { instance, now, _ in instance.haltFile(file, at: now) }
        if bug == .absentFileOpens, file == nil, member.instance?.haltFile != nil {
            member.instance?.haltFile = nil
            input(member) { instance, now, world in instance.tick(at: now, random: &world.random) }
        }
        if random.chance(20) { sendHealth(member) }
        check(member)
        queue.push(.memberPoll(member.index, run: run), at: now + random.milliseconds(60...120))
    }

    private func sendHealth(_ member: SimulatedMember) {
        for monitor in monitors {
            guard
                let health = member.instance?.health(
                    for: monitor.id, at: local(member), jobsRunning: 1, residentBytes: 1, processorMilliseconds: 1)
            else { return }
            transmit(.toMonitor(monitor.index, health), monitor.index, member.index)
        }
    }

    private func seeFile(_ member: SimulatedMember) {
        if let file = hosts[member.host].haltFile, member.sawFile?.file.identity != file.identity {
            member.sawFile = (file, fileMade[file.identity] ?? 0)
        }
    }

    func diskStep(_ member: SimulatedMember, _ run: Int, _ sequence: UInt64) {
        guard member.run == run, member.instance != nil else { return }
        if postponed(member.pausedUntil, .memberDisk(member.index, run: run, sequence: sequence)) { return }
        if faults.diskFails, !healed, random.chance(20) {
            member.disk.fail(&random)
            if bug == .memberAcknowledgesEarly { return }
            input(member) { instance, now, _ in instance.latchWritten(sequence: sequence, failure: "no space", at: now) }
            return
        }
        guard member.disk.step() else {
            queue.push(.memberDisk(member.index, run: run, sequence: sequence), at: now + diskDelay())
            return
        }
        member.disk.confirm(sequence)
        if bug == .memberAcknowledgesEarly { return }
        input(member) { instance, now, _ in instance.latchWritten(sequence: sequence, failure: nil, at: now) }
    }

    func input(_ member: SimulatedMember, _ body: (inout HaltMember, BootInstant, Simulation) -> [HaltMemberDirective]) {
        guard var instance = member.instance else { return }
        member.instance = nil
        let directives = body(&instance, local(member), self)
        member.instance = instance
        for directive in directives { carryOut(directive, of: member) }
        guard let next = member.instance?.nextTick else { return }
        let time = max(now + 500_000, next == .distantFuture ? .max : hosts[member.host].global(next))
        if time < member.wake {
            member.wake = min(time, now + 2_000_000_000)
            queue.push(.memberWake(member.index, run: member.run), at: member.wake)
        }
    }

    private func carryOut(_ directive: HaltMemberDirective, of member: SimulatedMember) {
        switch directive {
        case .setGate(let gate):
            checkLease(gate, of: member)
            member.gate = gate
            if bug == .silenceStaysOpen, gate.activeUntil != .never { member.gate.activeUntil = .distantFuture }
        case .setHold(let hold):
            member.holding = hold
            if hold { input(member) { instance, now, _ in instance.workStopped(at: now) } }
        case .persistLatch(let sequence, let payload):
            if member.disk.writing != nil, bug == nil { fail("\(member.identity.name) writes twice at once") }
            member.disk.begin(LatchSlot.encode(kind: .member, sequence: sequence, payload: payload))
            queue.push(.memberDisk(member.index, run: member.run, sequence: sequence), at: now + diskDelay())
            if bug == .memberAcknowledgesEarly {
                input(member) { instance, now, _ in instance.latchWritten(sequence: sequence, failure: nil, at: now) }
            }
        case .send(let id, let message):
            guard let monitor = monitors.first(where: { $0.id == id }) else { return }
            if case .grantRequest(let request) = message { member.sentAt[request.nonce] = local(member) }
            if case .ack(let ack) = message { checkAck(ack, of: member, to: monitor) }
            transmit(.toMonitor(monitor.index, message), monitor.index, member.index)
        case .cancelOrders, .haltChanged: break
        case .sessionReplaced(let newest): fail("\(member.identity.name) was replaced by \(newest)")
        case .conflict(let monitor, let epoch): fail("\(monitor) made two states of epoch \(epoch)")
        }
    }
}
