import SimulationSupport

@testable import Halt

extension Simulation {
    var wall: Int64 { now / 1_000_000 }

    func start(_ monitor: SimulatedMonitor) {
        guard monitor.instance == nil else { return }
        monitor.run += 1
        monitor.noted = nil
        monitor.disk.open(.monitor)
        monitor.disk.naive = bug == .firstSlotFirst
        monitor.wake = .max
        var latch = MonitorLatch.load(monitor.disk.slots, monitor: monitor.id)
        if latch.sequence < monitor.disk.confirmed { fail("the latch of \(monitor.id) lost a confirmed write") }
        let lost = latch.sequence == 0
        let initial = MonitorLatch.initial(monitor: monitor.id)
        if bug == .monitorForgetsOnRestart, case .valid(_, let sequence, _) = latch {
            latch = .valid(initial, sequence: sequence, whole: true)
        }
        if bug == .missingLatchOpens, latch.sequence == 0 { latch = .valid(initial, sequence: 1, whole: true) }
        var settings = MonitorInstance.Settings()
        settings.forgetAfter = .milliseconds(60_000)
        monitor.instance = MonitorInstance(
            monitor: monitor.id, latch: latch, seed: random.next(), settings: settings, signer: monitor.signer,
            at: local(monitor), wallMilliseconds: wall)
        forgetObligations(of: monitor)
        if lost, monitor.instance?.state.entries.effectiveAction(for: .idle) == nil {
            fail("\(monitor.id) started without a valid latch and is not halted")
        }
        let run = monitor.run
        input(monitor) { instance, now, wall in
            instance.start(haltFile: self.hosts[monitor.host].haltFile, at: now, wallMilliseconds: wall)
        }
        queue.push(.monitorPoll(monitor.index, run: run), at: now + random.milliseconds(1...100))
    }

    func crash(_ monitor: SimulatedMonitor, fault: SimulatedDisk.Fault) {
        guard monitor.instance != nil else { return }
        statistics.crashes += 1
        log("\(monitor.id) crashes, \(fault)")
        monitor.instance = nil
        monitor.disk.crash(&random)
        if fault != .none { statistics.latchFaults += 1 }
        monitor.disk.apply(fault, &random)
    }

    func local(_ monitor: SimulatedMonitor) -> BootInstant { hosts[monitor.host].local(now) }

    func deliver(_ message: MemberMessage, to monitor: SimulatedMonitor) {
        guard monitor.instance != nil else { return }
        if postponed(monitor.pausedUntil, .toMonitor(monitor.index, message)) { return }
        var message = message
        if case .hello(var hello) = message {
            if let held = hello.held, held.signature != simulatedSignature(held.bytes, of: monitor.id) {
                fail("\(hello.member) shows a state with a wrong signature")
            }
            if bug == .lostStateIsNotShown { hello.held = nil }
            message = .hello(hello)
        }
        if case .grantRequest(var request) = message, bug == .lostStateIsNotShown {
            request.seen = .zero
            message = .grantRequest(request)
        }
        input(monitor) { instance, now, wall in instance.receive(message, at: now, wallMilliseconds: wall) }
    }

    func deliver(_ message: OperatorMessage, to monitor: SimulatedMonitor) {
        guard let before = monitor.instance?.state else { return }
        if postponed(monitor.pausedUntil, .operatorRequest(monitor.index, message)) { return }
        var message = message
        if case .rearm(var request) = message, bug == .rearmNeedsNoEpoch {
            request.epoch = before.epoch
            message = .rearm(request)
        }
        if case .memberDied(var death) = message, bug == .deathOfTheName {
            // As if a death were told by the name alone.
            let name = members[Int(death.run.high)].identity.name
            death.run = monitor.instance?.members[name]?.run ?? death.run
            message = .memberDied(death)
        }
        input(monitor) { instance, now, wall in instance.receive(message, at: now, wallMilliseconds: wall) }
        if case .stop(let stop) = message, let state = monitor.instance?.state {
            let wanted = HaltEntry(
                id: 0, scope: stop.scope, action: stop.action, reason: "", operator: "", wallMilliseconds: 0)
            let known = stops[stop.request].map { $0.at != .max } ?? false
            if !known { stops[stop.request]?.at = now }
            if !known, !state.entries.implies([wanted]) { fail("\(monitor.id) took the stop \(stop) and does not stop it") }
        }
    }

    func wake(_ monitor: SimulatedMonitor, _ run: Int) {
        guard monitor.run == run, monitor.instance != nil, monitor.wake <= now else { return }
        if postponed(monitor.pausedUntil, .monitorWake(monitor.index, run: run)) { return }
        monitor.wake = .max
        input(monitor) { instance, now, _ in instance.tick(at: now) }
    }

    func poll(_ monitor: SimulatedMonitor, _ run: Int) {
        guard monitor.run == run, monitor.instance != nil else { return }
        if postponed(monitor.pausedUntil, .monitorPoll(monitor.index, run: run)) { return }
        let file = hosts[monitor.host].haltFile
        input(monitor) { instance, now, wall in instance.haltFile(file, at: now, wallMilliseconds: wall) }
        queue.push(.monitorPoll(monitor.index, run: run), at: now + random.milliseconds(60...120))
    }

    func diskStep(_ monitor: SimulatedMonitor, _ run: Int, _ sequence: UInt64) {
        guard monitor.run == run, monitor.instance != nil else { return }
        if postponed(monitor.pausedUntil, .monitorDisk(monitor.index, run: run, sequence: sequence)) { return }
        if faults.diskFails, !healed, random.chance(20) {
            monitor.disk.fail(&random)
            if bug == .monitorSaysDoneEarly { return }
            input(monitor) { instance, now, _ in
                instance.latchWritten(sequence: sequence, failure: "no space", at: now)
            }
            return
        }
        guard monitor.disk.step() else {
            queue.push(.monitorDisk(monitor.index, run: run, sequence: sequence), at: now + diskDelay())
            return
        }
        monitor.disk.confirm(sequence)
        if bug == .monitorSaysDoneEarly { return }
        noteDurable(monitor)
        input(monitor) { instance, now, _ in instance.latchWritten(sequence: sequence, failure: nil, at: now) }
    }

    func diskDelay() -> Int64 { faults.slowDisk && !healed ? random.milliseconds(1...300) : random.milliseconds(0...6) }

    /// Hands an input to the instance, carries out what it says, and notes what an outsider can see of it.
    func input(
        _ monitor: SimulatedMonitor, _ body: (inout MonitorInstance, BootInstant, Int64) -> [MonitorDirective]
    ) {
        guard var instance = monitor.instance else { return }
        let before = instance.state
        let directives = body(&instance, local(monitor), wall)
        monitor.instance = instance
        for directive in directives { note(directive, of: monitor, before: before) }
        noteEntries(of: monitor)
        for directive in directives { carryOut(directive, of: monitor) }
        guard let next = monitor.instance?.nextTick else { return }
        let time = max(now + 500_000, next == .distantFuture ? .max : hosts[monitor.host].global(next))
        if time < monitor.wake {
            monitor.wake = min(time, now + 2_000_000_000)
            queue.push(.monitorWake(monitor.index, run: monitor.run), at: monitor.wake)
        }
    }

    private func carryOut(_ directive: MonitorDirective, of monitor: SimulatedMonitor) {
        switch directive {
        case .send(let name, _, let message):
            guard let member = members.first(where: { $0.identity.name == name }) else { return }
            if bug == .stopIsSentOnce, case .state(let signed) = message {
                if !sentOnce.insert("\(monitor.id)\(name)\(signed.state.epoch)").inserted { return }
            }
            transmit(.toMember(member.index, run: member.run, .monitor(monitor.id, message)), monitor.index, member.index)
        case .publish(let beacon):
            if bug == .stopIsSentOnce { return }
            for member in members {
                transmit(.toMember(member.index, run: nil, .beacon(beacon)), monitor.index, member.index)
            }
        case .persistLatch(let sequence, let payload):
            if monitor.disk.writing != nil, bug == nil { fail("\(monitor.id) writes twice at once") }
            monitor.disk.begin(LatchSlot.encode(kind: .monitor, sequence: sequence, payload: payload))
            queue.push(.monitorDisk(monitor.index, run: monitor.run, sequence: sequence), at: now + diskDelay())
            if bug == .monitorSaysDoneEarly {
                input(monitor) { instance, now, _ in instance.latchWritten(sequence: sequence, failure: nil, at: now) }
            }
        case .removeHaltFile(let identity):
            let fails = random.chance(healed ? 0 : 10)
            if !fails, hosts[monitor.host].haltFile?.identity == identity { hosts[monitor.host].haltFile = nil }
            // Sometimes the answer is lost.
            if !healed, random.chance(10) { break }
            input(monitor) { instance, now, wall in
                instance.haltFileRemoved(
                    identity: identity, failure: fails ? "read-only" : nil, at: now, wallMilliseconds: wall)
            }
        case .reply(let reply): hear(reply, from: monitor)
        case .record: break
        }
    }
}
