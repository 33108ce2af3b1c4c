import Coordination
import Halt
import SimulationSupport

// The guard loops of workers and the coordinator.

extension WholeFleet {
    func startGuard(of process: MemberProcess) {
        process.disk.open(.member)
        let latch = MemberLatch.load(process.disk.slots)
        if latch.sequence < process.disk.confirmed { fail("the latch of \(process.name) lost a confirmed write") }
        let identity = HaltMember.Identity(
            name: MemberName(process.name), session: MemberSession(UInt64(process.life)), role: process.role,
            memberClass: process.memberClass, processID: Int32(process.life))
        var settings = HaltMember.Settings()
        settings.haltAfter = .milliseconds(2_000)
        settings.refreshInterval = .milliseconds(2_000)
        process.member = HaltMember(
            identity: identity, monitors: monitors.map(\.id), latch: latch, subject: process.subject, settings: settings)
        (process.gate, process.holds, process.holdNumber) = (.halted, bug != .startsReleased, 0)
        (process.isOpen, process.noted, process.lastQuestion) = (false, [:], [:])
        (process.inbox, process.mails, process.isWorkScheduled, process.tickAt) = ([], [], false, nil)
        let file = look(process)
        guardTurn(process) { $0.start(haltFile: file, at: $1) }
        schedule(.look(again: true), for: process, after: .milliseconds(1000))
    }

    func endedGuard(of process: MemberProcess) {
        process.member = nil
        (process.reached, process.acknowledged) = (process.acknowledgedOnDisk, process.acknowledgedOnDisk)
        if let saw = process.sawFile, fileOnDisk(process) != saw.file.identity { process.sawFile = nil }
    }

    private func fileOnDisk(_ process: MemberProcess) -> UInt64? {
        guard case .valid(let latch, _, _) = MemberLatch.load(process.disk.slots) else { return nil }
        return latch.haltFile?.file.identity
    }

    /// What happens to a guard loop; false: the event is none of its.
    func happenToGuard(_ event: ProcessEvent, of process: MemberProcess) -> Bool {
        switch event {
        case .message(.toMember(let monitor, let message), _): receive(message, of: monitor, process)
        case .message(.beacon(let beacon), _):
            noteReach(beacon.state.state, process)
            guardTurn(process) { $0.receive(beacon, at: $1) }
        case .guardTick:
            guard woken(process) else { break }
            guardTurn(process) { _, _ in [] }
        case .guardMail(.workStopped(let number)):
            guard number == process.holdNumber || bug == .oldWorkStopped else { break }
            guardTurn(process) { $0.workStopped(at: $1) }
        case .guardMail(.exchangeRead(let stage, let order)):
            guard order == process.orderNumber else { break }
            guardTurn(process) { $0.exchangeRead(stage, at: $1) }
        case .disk(let sequence): diskStep(process, sequence)
        case .look(let again):
            let file = look(process)
            guardTurn(process) { $0.haltFile(file, at: $1) }
            if again { schedule(.look(again: true), for: process, after: .milliseconds(1000)) }
        default: return false
        }
        return true
    }

    private func receive(_ message: MonitorMessage, of monitor: MonitorID, _ process: MemberProcess) {
        var message = message
        switch message {
        case .state(let signed): noteReach(signed.state, process)
        case .grant(var signed):
            noteReach(signed.grant.state.state, process)
            if bug == .anyGrantAnswers, let nonce = process.lastQuestion[monitor] {
                signed.grant.nonce = nonce
                signed.grant.session = MemberSession(UInt64(process.life))
                message = .grant(signed)
            }
        case .showState, .sessionReplaced: break
        }
        guardTurn(process) { $0.receive(message, from: monitor, at: $1) }
    }

    private func look(_ process: MemberProcess) -> HaltFile? {
        guard let found = hosts[process.host].haltFile else { return nil }
        if process.sawFile?.file.identity != found.file.identity { process.sawFile = found }
        return bug == .ignoresHaltFile ? nil : found.file
    }

    private func diskStep(_ process: MemberProcess, _ sequence: UInt64) {
        let failure = writeStep(process, sequence)
        guard let failure else { return }
        guardTurn(process) { $0.latchWritten(sequence: sequence, failure: failure.text, at: $1) }
    }

    /// How the write of a latch ended; nil: there is another slot to write.
    func writeStep(_ process: SimulatedProcess, _ sequence: UInt64) -> (text: String?, Void)? {
        if phase == .faults, random.chance(scenario.diskFailures) {
            process.disk.fail(&random)
            return ("no space is left", ())
        }
        guard process.disk.step() else {
            schedule(.disk(sequence: sequence), for: process, after: diskDelay())
            return nil
        }
        process.disk.confirm(sequence)
        return (nil, ())
    }

    func diskDelay() -> Duration { random.chance(0.05) ? random.milliseconds(5...200) : random.milliseconds(0.1...6) }

    /// One turn of a guard loop, as its shell makes it: the input, then what is due by the clock.
    func guardTurn(_ process: MemberProcess, _ input: (inout HaltMember, BootInstant) -> [HaltMemberDirective]) {
        guard var member = process.member else { return }
        process.member = nil
        let now = boot(process)
        var directives = input(&member, now)
        directives += member.tick(at: now, random: &random)
        let next = member.nextTick
        process.member = member
        if next <= now { fail("the guard of \(process.name) spins: it asks to be called again at once") }
        for directive in directives { carryOut(directive, of: process) }
        settleHold(process)
        check(process)
        wake(process, at: next)
    }

    /// Whether the wake that was planned last is due; earlier plans are void.
    func woken(_ process: SimulatedProcess) -> Bool {
        guard let planned = process.wakeAt, planned <= time.now else { return false }
        process.wakeAt = nil
        return true
    }

    func wake(_ process: SimulatedProcess, at next: BootInstant) {
        guard next != .distantFuture else { return }
        let due = hosts[process.host].clock.virtual(Instant(nanoseconds: next.nanoseconds))
        let at = max(time.now.advanced(by: .microseconds(500)), due)
        if let planned = process.wakeAt, planned <= at { return }
        process.wakeAt = at
        time.schedule(.process(process.node, life: process.life, .guardTick), at: at)
    }

    private func carryOut(_ directive: HaltMemberDirective, of process: MemberProcess) {
        switch directive {
        case .setGate(let gate):
            process.gate = gate
            if bug == .silenceStaysOpen, gate.activeUntil != .never { process.gate.activeUntil = .distantFuture }
        case .setHold(let hold): pass(hold, to: process)
        case .persistLatch(let sequence, let payload):
            if process.disk.writing != nil { fail("\(process.name) writes its latch twice at once") }
            process.disk.begin(LatchSlot.encode(kind: .member, sequence: sequence, payload: payload))
            schedule(.disk(sequence: sequence), for: process, after: diskDelay())
        case .send(let id, let message):
            guard let monitor = monitors.first(where: { $0.id == id }) else { return }
            if case .grantRequest(let request) = message { process.lastQuestion[id] = request.nonce }
            if case .ack(let ack) = message { note(ack, of: process, to: monitor) }
            send(.toMonitor(message), from: process, to: monitor.node)
        case .cancelOrders(let action):
            let stage: AckStage = action == .flatten ? .flat(remaining: []) : .ordersCanceled(remaining: [])
            process.orderNumber += 1
            post(.exchangeRead(stage, order: process.orderNumber), to: process, after: random.milliseconds(5...200))
        case .haltChanged: break
        case .sessionReplaced(let newest): fail("\(process.name) was replaced by \(newest.number)")
        case .conflict(let monitor, let epoch): fail("\(monitor) made two states of epoch \(epoch)")
        }
    }

    /// A process with an order gate begins nothing new while the gate is not open.
    private func settleHold(_ process: MemberProcess) {
        guard process.usesGate else { return }
        let hold = process.gate.mode(at: boot(process)) != .active
        if hold != process.holds || process.holdNumber == 0 { pass(hold, to: process) }
    }

    private func pass(_ hold: Bool, to process: MemberProcess) {
        process.holds = hold
        process.holdNumber += 1
        if bug == .startsReleased, process.holdNumber == 1 { return post(.workStopped(number: 1), to: process) }
        if bug == .staysHeld, !hold { return }
        post(.hold(hold, number: process.holdNumber), to: process)
    }

    // MARK: - Mailboxes

    /// Mails keep their order.
    func post(_ mail: Mail, to process: MemberProcess, after delay: Duration = .zero) {
        process.mailDue = max(process.mailDue.advanced(by: .nanoseconds(1)), time.now.advanced(by: threadDelay()))
        let due = delay == .zero ? process.mailDue : time.now.advanced(by: delay)
        time.schedule(.process(process.node, life: process.life, .mail(mail)), at: due)
    }

    func post(_ mail: GuardMail, to process: MemberProcess, after delay: Duration = .zero) {
        process.guardMailDue = max(process.guardMailDue.advanced(by: .nanoseconds(1)), time.now.advanced(by: threadDelay()))
        let due = delay == .zero ? process.guardMailDue : time.now.advanced(by: delay)
        time.schedule(.process(process.node, life: process.life, .guardMail(mail)), at: due)
    }

    func scheduleWork(_ process: MemberProcess) {
        guard !process.isWorkScheduled else { return }
        process.isWorkScheduled = true
        schedule(.work, for: process, after: random.chance(0.05) ? random.milliseconds(1...40) : random.milliseconds(0.005...1))
    }

    /// Turns a fleet loop when its instance wants to be called.
    func scheduleTick(_ process: MemberProcess, _ deadline: Instant?) {
        guard let deadline else { return }
        let due = max(time.now.advanced(by: .microseconds(100)), hosts[process.host].clock.virtual(deadline))
        if let planned = process.tickAt, planned <= due { return }
        process.tickAt = due
        time.schedule(.process(process.node, life: process.life, .work), at: due)
    }
}
