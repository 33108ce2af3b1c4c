import Coordination
import Halt
import SimulationSupport

// The coordinator's process: one turn of its fleet loop is one batch.

extension WholeFleet {
    func start(_ process: CoordinatorProcess) {
        let moment = moment(process)
        var instance = CoordinatorInstance(settings: scenario.settings, snapshot: store.open(), at: moment)
        // Held until a monitor has said that nothing stands against it.
        if bug != .startsReleased {
            var ignored: [CoordinatorDirective] = []
            instance.setHold(true, reason: "no monitor has told the halt state yet", at: moment, into: &ignored)
        }
        process.instance = instance
        process.isHeld = bug != .startsReleased
        (process.committing, process.crashPoint, process.unreachable) = (nil, nil, [])
        startGuard(of: process)
        scheduleWork(process)
        for worker in workers where worker.isAlive && random.chance(0.7) {
            post(.connected, to: worker, after: random.milliseconds(1...500))
        }
    }

    func ended(_ process: CoordinatorProcess) {
        process.instance = nil
        endedGuard(of: process)
        if bug == .commitsTwice, let batch = process.lastBatch { commit(batch) }
    }

    func happen(_ event: ProcessEvent, to process: CoordinatorProcess) {
        if happenToGuard(event, of: process) { return }
        switch event {
        case .message(let message, let from):
            process.inbox.append((message, from))
            scheduleWork(process)
        case .mail(let mail):
            process.mails.append(mail)
            scheduleWork(process)
        case .work: turn(process)
        case .commit: finishCommit(process)
        default: break
        }
    }

    private func peer(_ sender: Sender) -> PeerID { PeerID(UInt64(sender.life) << 16 | UInt64(sender.node)) }
    private func sender(_ peer: PeerID) -> Sender {
        Sender(node: Int(peer.rawValue & 0xFFFF), life: Int(peer.rawValue >> 16))
    }

    private func turn(_ process: CoordinatorProcess) {
        process.isWorkScheduled = false
        if let planned = process.tickAt, planned <= time.now { process.tickAt = nil }
        // What comes while a commit is under way waits for it.
        guard process.committing == nil, var instance = process.instance else { return }
        process.instance = nil
        let moment = moment(process)
        var output: [CoordinatorDirective] = []
        var results: [FencingToken: UInt64] = [:]
        var hold: UInt64?
        for peer in process.unreachable { instance.peerUnreachable(peer, at: moment) }
        for (message, from) in process.inbox {
            switch message {
            case .toCoordinator(let message, let result):
                if case .finished(let grant, .succeeded) = message { results[grant.token] = result }
                instance.receive(message, from: peer(from), lookup: store, at: moment, into: &output)
            case .request(let id, let request):
                instance.receive(request, id: id, from: peer(from), lookup: store, at: moment, into: &output)
            default: break
            }
        }
        for case .hold(let holds, let number) in process.mails {
            hold = holds ? number : nil
            if bug == .coordinatorIgnoresHold, holds { continue }
            process.isHeld = holds
            instance.setHold(holds, reason: "test", at: moment, into: &output)
        }
        (process.unreachable, process.inbox, process.mails) = ([], [], [])
        if bug != .forgetsTimers { instance.tick(at: moment, into: &output) }
        instance.endBatch(at: moment, into: &output)
        let number = instance.closeBatch()
        process.instance = instance
        checkHold(output, process)
        begin(CoordinatorProcess.Batch(number: number, directives: output, results: results, hold: hold), process)
    }

    private func begin(_ batch: CoordinatorProcess.Batch, _ process: CoordinatorProcess) {
        process.committing = batch
        if bug == .answersBeforeCommit { carryOut(batch.directives, process) }
        let changes = batch.directives.contains { if case .persist = $0 { true } else { false } }
        guard changes else { return finishCommit(process) }
        let wait = random.chance(0.02) ? random.milliseconds(10...400) : random.milliseconds(0.1...3)
        schedule(.commit, for: process, after: wait)
    }

    private func finishCommit(_ process: CoordinatorProcess) {
        guard let batch = process.committing else { return }
        if process.crashPoint == .beforeCommit { return kill(process) }
        commit(batch)
        process.lastBatch = batch
        if process.crashPoint == .afterCommit { return kill(process) }
        process.instance?.committed(through: batch.number)
        process.committing = nil
        if process.crashPoint == .amongSends {
            carryOut(Array(batch.directives.prefix(batch.directives.count / 2)), process)
            return kill(process)
        }
        if bug != .answersBeforeCommit { carryOut(batch.directives, process) }
        // Said only now: what this turn still sends goes out before it.
        if let number = batch.hold { post(.workStopped(number: number), to: process) }
        if !process.inbox.isEmpty || !process.mails.isEmpty || !process.unreachable.isEmpty { scheduleWork(process) }
        scheduleTick(process, bug == .forgetsTimers ? nil : process.instance?.nextDeadline)
    }

    private func commit(_ batch: CoordinatorProcess.Batch) {
        let changes = batch.directives.compactMap { if case .persist(let change) = $0 { change } else { nil } }
        if changes.isEmpty { return }
        for change in changes { checkAttempts(change) }
        statistics.dispatches += changes.count { if case .unitDispatched = $0 { true } else { false } }
        store.commit(changes, results: batch.results)
    }

    private func carryOut(_ directives: [CoordinatorDirective], _ process: CoordinatorProcess) {
        for directive in directives {
            switch directive {
            case .persist, .publish, .sendRecords: break
            case .send(let peer, let message):
                let to = sender(peer)
                if case .assign = message { checkStops(process, "sends work") }
                guard processes[to.node].life == to.life, processes[to.node].isAlive else {
                    if random.chance(0.5) { process.unreachable.append(peer) }
                    continue
                }
                send(.toWorker(longer(message)), from: process, to: to.node, life: to.life)
            case .reply(let peer, let id, let reply): send(.reply(id, reply), from: process, to: sender(peer).node)
            }
        }
    }

    private func longer(_ message: CoordinatorToWorker) -> CoordinatorToWorker {
        guard bug == .lengthensLeases else { return message }
        switch message {
        case .welcome(var welcome):
            welcome.liveLease *= 3
            return .welcome(welcome)
        case .assign(var batch):
            for index in batch.assignments.indices { batch.assignments[index].lease *= 3 }
            return .assign(batch)
        default: return message
        }
    }

    /// Nothing new is granted while a halt holds the coordinator.
    private func checkHold(_ directives: [CoordinatorDirective], _ process: CoordinatorProcess) {
        guard process.isHeld else { return }
        for case .persist(.unitDispatched(let dispatch)) in directives {
            fail("held: unit \(dispatch.grant.unit) goes out under a hold")
        }
    }

    /// What a halt stopped counts as no attempt, unless its worker died or was lost before it had said so.
    private func checkAttempts(_ change: StoreChange) {
        var counted: Coordination.Grant?
        if case .unitRequeued(let grant, let pending, let reason, _) = change, reason.code == .attemptFailed {
            let attempt = store.jobs[grant.unit.job]?.out[grant.unit.index]?.attempt
            if pending.attempts == attempt { counted = grant }
        }
        if case .unitFinished(let grant, .failed(let failure), _) = change, failure.code == .internalError { counted = grant }
        if let counted, stoppedByHalt.contains(counted.token) {
            fail("unit \(counted.unit) counts as an attempt although a halt stopped it")
        }
    }
}
