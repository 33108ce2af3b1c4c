import Coordination
import SimulationSupport

// The coordinator's shell: batches, commits, crashes at every point between.

extension FleetSimulation {
    mutating func startCoordinator() {
        coordinator.life += 1
        let moment = coordinator.clock.moment(time.now)
        var instance = CoordinatorInstance(settings: scenario.settings, snapshot: store.open(), at: moment)
        var first: [CoordinatorDirective] = []
        if coordinator.isHalted, bug != .ignoresHold {
            first = instance.setHold(true, reason: "latched", at: moment)
        }
        coordinator.instance = instance
        coordinator.inbox = []
        coordinator.batches = []
        coordinator.isWorkScheduled = false
        coordinator.isCommitting = false
        coordinator.crashPoint = nil
        coordinator.lastEvent = nil
        coordinator.nextTick = nil
        finishBatch(first, results: [:])
    }

    mutating func crashCoordinator() {
        guard coordinator.instance != nil else { return }
        statistics.crashes += 1
        coordinator.instance = nil
        coordinator.isPaused = false
        coordinator.deferred = []
        coordinator.life += 1
        if bug == .commitsTwice, let batch = coordinator.lastBatch { commit(batch) }
        time.schedule(.startCoordinator, after: random.milliseconds(10...2000))
    }

    mutating func coordinatorEvent(_ event: SimulatedEvent) {
        guard coordinator.instance != nil else { return }
        if coordinator.isPaused {
            coordinator.deferred.append(event)
            return
        }
        switch event {
        case .coordinatorWork: work()
        case .coordinatorTick:
            coordinator.nextTick = nil
            if bug != .forgetsTimers, let output = coordinator.instance?.tick(at: coordinator.clock.moment(time.now)) {
                finishBatch(output, results: [:])
            }
        case .commit: commitNext()
        default: preconditionFailure("not an event of the coordinator")
        }
    }

    mutating func scheduleCoordinatorWork() {
        guard !coordinator.isWorkScheduled else { return }
        coordinator.isWorkScheduled = true
        time.schedule(.coordinatorWork(life: coordinator.life), after: random.milliseconds(0.01...1))
    }

    private mutating func work() {
        coordinator.isWorkScheduled = false
        // Without pipelining the inbox waits for the commit.
        guard scenario.pipelinesCommits || coordinator.batches.isEmpty else { return }
        let inbox = coordinator.inbox
        coordinator.inbox = []
        var output: [CoordinatorDirective] = []
        var results: [FencingToken: UInt64] = [:]
        let moment = coordinator.clock.moment(time.now)
        for (message, from) in inbox {
            let peer = peer(of: from)
            switch message {
            case .toCoordinator(let message, let result):
                if case .finished(let grant, .succeeded) = message { results[grant.token] = result }
                let message = bug == .rewritesTokens ? withCurrentToken(message) : message
                output += coordinator.instance?.receive(message, from: peer, lookup: store, at: moment) ?? []
            case .request(let id, let request):
                output +=
                    coordinator.instance?.receive(request, id: id, from: peer, lookup: store, at: moment) ?? []
            case .toWorker, .reply: preconditionFailure("not a message for the coordinator")
            }
        }
        finishBatch(output, results: results)
    }

    /// A connection is one life of the coordinator and one node.
    private func peer(of node: Int) -> PeerID { PeerID(UInt64(coordinator.life) << 32 | UInt64(node)) }
    private func node(of peer: PeerID) -> Int { Int(peer.rawValue & 0xFFFF_FFFF) }

    private func withCurrentToken(_ message: WorkerToCoordinator) -> WorkerToCoordinator {
        guard case .finished(let grant, let outcome) = message,
            let current = store.jobs[grant.unit.job]?.out[grant.unit.index]
        else { return message }
        return .finished(current.grant, outcome)
    }

    mutating func finishBatch(_ output: [CoordinatorDirective], results: [FencingToken: UInt64]) {
        let moment = coordinator.clock.moment(time.now)
        var directives = output + (coordinator.instance?.endBatch(at: moment) ?? [])
        let number = coordinator.instance?.closeBatch() ?? 0
        checkHold(directives)
        if bug == .losesChanges {
            directives = directives.filter { if case .persist = $0 { !random.chance(0.1) } else { true } }
        }
        if bug == .answersBeforeCommit { carryOut(directives) }
        coordinator.batches.append(
            SimulatedCoordinator.Batch(number: number, directives: directives, results: results))
        scheduleCommit()
        scheduleCoordinatorTick()
    }

    private mutating func scheduleCoordinatorTick() {
        guard let deadline = coordinator.instance?.nextDeadline else { return }
        let instant = coordinator.clock.virtual(deadline)
        if let next = coordinator.nextTick, next <= instant { return }
        coordinator.nextTick = instant
        time.schedule(.coordinatorTick(life: coordinator.life), at: instant)
    }

    // MARK: - Commits

    private mutating func scheduleCommit() {
        guard !coordinator.isCommitting, !coordinator.batches.isEmpty else { return }
        coordinator.isCommitting = true
        let wait = random.chance(0.02) ? random.milliseconds(10...400) : random.milliseconds(0.1...3)
        time.schedule(.commit(life: coordinator.life), after: wait)
    }

    private mutating func commitNext() {
        coordinator.isCommitting = false
        if coordinator.crashPoint == .beforeCommit { return crashCoordinator() }
        let batch = coordinator.batches.removeFirst()
        commit(batch)
        coordinator.lastBatch = batch
        if coordinator.crashPoint == .afterCommit { return crashCoordinator() }
        coordinator.instance?.committed(through: batch.number)
        if coordinator.crashPoint == .amongSends {
            carryOut(Array(batch.directives.prefix(batch.directives.count / 2)))
            return crashCoordinator()
        }
        if bug != .answersBeforeCommit { carryOut(batch.directives) }
        scheduleCommit()
        if !coordinator.inbox.isEmpty { scheduleCoordinatorWork() }
    }

    private mutating func commit(_ batch: SimulatedCoordinator.Batch) {
        let changes = batch.directives.compactMap { if case .persist(let change) = $0 { change } else { nil } }
        statistics.dispatches += changes.count { if case .unitDispatched = $0 { true } else { false } }
        store.commit(changes, results: batch.results)
    }

    private mutating func carryOut(_ directives: [CoordinatorDirective]) {
        for directive in directives {
            switch directive {
            case .persist, .sendRecords: break
            case .send(let peer, let message): sendToWorker(message, to: node(of: peer))
            case .reply(let peer, let id, let reply): send(.reply(id, reply), from: 0, to: node(of: peer))
            case .publish(let event): check(event)
            }
        }
    }

    private mutating func sendToWorker(_ message: CoordinatorToWorker, to node: Int) {
        var message = message
        if bug == .lengthensLeases { message = withLongLease(message) }
        send(.toWorker(message), from: 0, to: node)
        if bug == .assignsToTwo, case .assign(var batch) = message {
            for other in workers.indices where other + firstWorker != node && workers[other].isAlive {
                batch.session = workers[other].session
                batch.basis = workers[other].lastSequence
                send(.toWorker(.assign(batch)), from: 0, to: other + firstWorker)
            }
        }
    }

    private func withLongLease(_ message: CoordinatorToWorker) -> CoordinatorToWorker {
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

    // MARK: - Checks

    /// Nothing is granted while a halt holds the coordinator.
    private mutating func checkHold(_ directives: [CoordinatorDirective]) {
        guard coordinator.isHalted else { return }
        for case .persist(.unitDispatched(let dispatch)) in directives {
            violations.append("held: unit \(dispatch.grant.unit) goes out under a halt")
        }
    }

    /// Events of one life have no gap.
    private mutating func check(_ event: JobEvent) {
        if let last = coordinator.lastEvent, last.incarnation == event.incarnation {
            if event.sequence != last.sequence + 1 {
                violations.append("event \(event.sequence) follows \(last.sequence)")
            }
        } else if event.sequence != 1 {
            violations.append("the events of incarnation \(event.incarnation) begin with \(event.sequence)")
        }
        coordinator.lastEvent = (event.incarnation, event.sequence)
    }
}
