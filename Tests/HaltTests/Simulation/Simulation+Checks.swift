import SimulationSupport

@testable import Halt

extension Simulation {
    // MARK: - What an outsider remembers

    /// Every entry in force is an obligation from the moment the monitor has it.
    func noteEntries(of monitor: SimulatedMonitor) {
        guard let state = monitor.instance?.state, monitor.noted != state.epoch else { return }
        monitor.noted = state.epoch
        for entry in state.entries {
            let known = obligations.contains {
                !$0.over && !$0.forgotten && $0.monitor == monitor.index && $0.entry == entry
            }
            if known { continue }
            obligations.append(
                Obligation(
                    id: obligations.count, monitor: monitor.index, entry: entry, acceptedAt: now, durableAt: nil,
                    covered: members.map { entry.scope.covers($0.subject) }))
        }
        for index in obligations.indices where obligations[index].monitor == monitor.index {
            let one = obligations[index]
            if one.stands, !one.forgotten, !state.entries.implies([one.entry]) {
                fail("\(monitor.id) dropped the stop \(one.entry) without a re-arm")
            }
        }
    }

    func noteDurable(_ monitor: SimulatedMonitor) {
        guard case .valid(let latch, _, _) = MonitorLatch.load(monitor.disk.slots, monitor: monitor.id) else { return }
        for index in obligations.indices where obligations[index].monitor == monitor.index {
            let one = obligations[index]
            if one.stands, one.durableAt == nil, latch.state.entries.contains(one.entry) { obligations[index].durableAt = now }
        }
    }

    func note(_ directive: MonitorDirective, of monitor: SimulatedMonitor, before: MonitorHaltState) {
        guard case .record(let event) = directive else { return }
        log("\(monitor.id) \(event)")
        switch event {
        case .rearmAccepted(let request):
            statistics.rearms += 1
            if let original = rearms[request.request], original.epoch != before.epoch || original.monitor != monitor.id {
                fail("\(monitor.id) at \(before.epoch) accepted a re-arm that names \(original.monitor) at \(original.epoch)")
            }
            lift(request, monitor)
        case .refused(let refusal) where refusal.code == .overtaken || refusal.code == .notDurable:
            for index in obligations.indices where obligations[index].liftedBy == refusal.request {
                obligations[index].liftedBy = nil
            }
        case .rearmDone(let request, _):
            for index in obligations.indices where obligations[index].liftedBy == request { obligations[index].over = true }
        case .foreignState: statistics.takeOvers += 1
        default: break
        }
    }

    private func lift(_ request: RearmRequest, _ monitor: SimulatedMonitor) {
        guard let state = monitor.instance?.state else { return }
        if request.selection == .all { fullRearms[monitor.index, default: []].append(now) }
        for index in obligations.indices where obligations[index].monitor == monitor.index && !obligations[index].over {
            let entry = obligations[index].entry
            switch request.selection {
            case .all: if state.entries.implies([entry]) { obligations[index].lift(request.request) }
            case .entries(let ids):
                // A state that was taken over brings its entries under new numbers.
                let named = state.entries.contains { ids.contains($0.id) && $0.isSame(as: entry) }
                if named { obligations[index].lift(request.request) }
            }
        }
    }

    /// A start that does not know of a durable stop: only what destroyed its latch excuses that.
    func forgetObligations(of monitor: SimulatedMonitor) {
        guard let state = monitor.instance?.state else { return }
        for index in obligations.indices where obligations[index].monitor == monitor.index {
            let one = obligations[index]
            if state.entries.contains(one.entry) {
                // A re-arm that was accepted and did not get to the disk: the stop stands as if it were new.
                if !one.stands, !one.over { obligations[index].over = true }
                continue
            }
            if one.stands, !one.forgotten, one.durableAt != nil, monitor.disk.confirmed > 0 {
                fail("the restart of \(monitor.id) forgot the durable stop \(one.entry)")
            }
            // Only what was lost with the latch can be missing here.
            obligations[index].forgotten = true
            if !one.stands { obligations[index].over = true }
            // A copy of the latch that was made while an accepted re-arm was being written holds that re-arm, even if it was refused later.
            if monitor.disk.confirmed == 0, let rearm = one.acceptedRearm {
                (obligations[index].liftedBy, obligations[index].over) = (rearm, true)
            }
        }
    }

    func noteReach(_ state: MonitorHaltState, _ member: SimulatedMember) {
        let note = (state.epoch, obligations.count)
        if let last = member.noted[state.monitor], last == note { return }
        member.noted[state.monitor] = note
        for one in obligations where one.stands && monitors[one.monitor].id == state.monitor {
            if state.entries.contains(one.entry) {
                if member.reached.insert(one.id).inserted {
                    log(
                        "\(member.identity.name) hears of stop \(one.id) at \(state.epoch), has seen \(member.instance?.seen(of: state.monitor) ?? .zero)"
                    )
                }
            }
        }
    }

    // MARK: - Invariants

    func mode(of member: SimulatedMember) -> MemberRestriction.Mode {
        guard member.instance != nil else { return .halted }
        if member.usesGate { return member.gate.mode(at: local(member)) }
        return member.holding ? .halted : .active
    }

    /// Nothing that a stop closed is open.
    func check(_ member: SimulatedMember) {
        let mode = mode(of: member)
        let opened = mode == .active && member.lastMode != .active
        if opened { statistics.openings += 1 }
        if mode != member.lastMode {
            let causes = member.instance?.restriction(at: local(member)).causes.rawValue ?? 0
            log("\(member.identity.name) is \(mode), causes \(causes)")
        }
        member.lastMode = mode
        for one in obligations where one.stands && one.covered[member.index] {
            check(one, member, mode, opened)
        }
        if let saw = member.sawFile { checkFile(saw, member, mode) }
    }

    private func check(
        _ one: Obligation, _ member: SimulatedMember, _ mode: MemberRestriction.Mode, _ opened: Bool
    ) {
        let needed = member.usesGate ? one.entry.action.mode : .halted
        if member.reached.contains(one.id) {
            if mode < needed { fail("\(member.identity.name) is \(mode) after \(one.entry) had come to it") }
            return
        }
        guard let durableAt = one.durableAt, !one.forgotten else { return }
        let margin: Int64 = 1_000_000
        if opened, now > max(durableAt, one.acceptedAt + Self.timeout + margin) {
            fail("\(member.identity.name) opened after \(one.entry) was durable")
        }
        if member.identity.memberClass == .live, mode == .active, now > max(durableAt, one.acceptedAt + Self.lease + margin) {
            fail("\(member.identity.name) is still active longer than a lease after \(one.entry)")
        }
    }

    private func checkFile(
        _ saw: (file: HaltFile, made: Int64), _ member: SimulatedMember, _ mode: MemberRestriction.Mode
    ) {
        let rearmed = monitors.allSatisfy { (fullRearms[$0.index]?.last ?? -1) > saw.made }
        let gone = hosts[member.host].haltFile?.identity != saw.file.identity
        if rearmed, gone { return }
        let needed = member.usesGate ? saw.file.action.mode : .halted
        if mode < needed { fail("\(member.identity.name) is \(mode) after it saw a HALT file that no re-arm followed") }
    }

    /// A gate is never open longer than the shortest lease, each counted from when it was asked for.
    func checkLease(_ gate: OrderGate, of member: SimulatedMember) {
        guard member.identity.memberClass == .live, gate.activeUntil != .never else { return }
        for monitor in monitors where gate.activeUntil > member.bestLease[monitor.id] ?? .never {
            fail("\(member.identity.name) is open beyond its lease of \(monitor.id)")
        }
    }

    /// "Durable" is only said of what is on disk.
    func checkAck(_ ack: HaltAck, of member: SimulatedMember, to monitor: SimulatedMonitor) {
        guard ack.stage.rank >= AckStage.durable.rank else { return }
        let instance = member.instance
        guard case .valid(let latch, _, _) = MemberLatch.load(member.disk.slots),
            let onDisk = latch.held.first(where: { $0.monitor == monitor.id }),
            (onDisk.newest?.state.epoch ?? .zero) >= ack.epoch,
            onDisk.entries.implies(instance?.heldState.monitors[monitor.id]?.entries ?? [])
        else {
            return fail("\(member.identity.name) acknowledged \(ack.epoch) as durable and it is not on disk")
        }
        member.reachedOnDisk.formUnion(member.reached.filter { monitors[obligations[$0].monitor].id == monitor.id })
    }

    /// What the operator is told is true.
    func hear(_ reply: OperatorReply, from monitor: SimulatedMonitor) {
        guard case .progress(let progress) = reply, progress.durable else { return }
        if progress.complete, progress.kind == .stop { expectStopped(progress, by: monitor) }
        if let stop = stops[progress.request], progress.kind == .stop, !toldDurable.contains(progress.request) {
            toldDurable.insert(progress.request)
            let lifted = fullRearms[monitor.index]?.contains { $0 > stop.at } ?? false
            let wanted = HaltEntry(id: 0, scope: stop.scope, action: stop.action, reason: "", operator: "", wallMilliseconds: 0)
            guard case .valid(let latch, _, _) = MonitorLatch.load(monitor.disk.slots, monitor: monitor.id) else {
                return fail("\(monitor.id) said done without a latch")
            }
            if !lifted, !partlyRearmed.contains(monitor.index), !latch.state.entries.implies([wanted]) {
                fail("\(monitor.id) said that \(stop.scope) was stopped and it is not on disk")
            }
        }
        if let rearm = rearms[progress.request], progress.kind == .rearm, !toldDurable.contains(progress.request) {
            toldDurable.insert(progress.request)
            if case .valid(let latch, _, _) = MonitorLatch.load(monitor.disk.slots, monitor: monitor.id),
                latch.state.epoch < progress.epoch
            {
                fail("\(monitor.id) said that the re-arm \(rearm.epoch) is done and it is not on disk")
            }
            finishRearm(rearm)
        }
    }

    /// "Complete" is only said when nobody of whom the monitor has heard since its start goes on. Of others it cannot know.
    private func expectStopped(_ progress: HaltProgress, by monitor: SimulatedMonitor) {
        guard let stop = stops[progress.request] else { return }
        statistics.proofs += 1
        if monitor.instance?.members.values.contains(where: \.dead) ?? false { statistics.proofsByDeath += 1 }
        for member in members where member.instance != nil && stop.scope.covers(member.subject) {
            guard monitor.instance?.members[member.identity.name] != nil else { continue }
            let needed = member.usesGate ? stop.action.mode : .halted
            if mode(of: member) < needed {
                fail("\(monitor.id) said that the stop \(stop.scope) is complete, and \(member.identity.name) goes on")
            }
        }
    }

    /// After healing, everybody holds what the monitors have.
    func expectAgreement() throws(SimulationFailure) {
        for member in members {
            for monitor in monitors {
                guard let state = monitor.instance?.state, let instance = member.instance,
                    let held = instance.heldState.monitors[monitor.id]
                else { throw SimulationFailure(time: now, what: "\(member.identity.name) or \(monitor.id) is not up") }
                if held.epoch != state.epoch || held.entries != state.entries {
                    throw SimulationFailure(
                        time: now,
                        what: "\(member.identity.name) holds \(held.epoch) of \(monitor.id), which is at \(state.epoch)")
                }
                if monitor.instance?.members[member.identity.name]?.settled != state.epoch {
                    throw SimulationFailure(
                        time: now, what: "\(monitor.id) did not hear from \(member.identity.name) that \(state.epoch) is durable")
                }
            }
        }
    }

    /// After re-arming everything is open again.
    func expectReopening() throws(SimulationFailure) {
        for _ in 0..<4 {
            for host in hosts.indices where !monitors.contains(where: { $0.host == host }) { hosts[host].haltFile = nil }
            for monitor in monitors { rearmNow(monitor) }
            try advance(to: now + 1_500_000_000)
            if members.allSatisfy({ mode(of: $0) == .active }) { return }
        }
        let closed = members.filter { mode(of: $0) != .active }.map { "\($0.identity.name)" }
        throw SimulationFailure(time: now, what: "\(closed) do not open after all was re-armed")
    }
}
