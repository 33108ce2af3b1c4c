import Coordination
import SimulationSupport

// The workers' shells.

extension FleetSimulation {
    mutating func startWorker(id: WorkerID, _ workerClass: WorkerClass) {
        let session = SessionID(UInt128(random.next()) << 64 | UInt128(random.next()))
        let clock = Self.makeClock(using: &random)
        var settings = WorkerSettings(
            worker: id, session: session, workerClass: workerClass, executable: Self.executable,
            capacity: workerClass == .backtest ? Int.random(in: 1...3, using: &random) : 1)
        settings.shutdownGrace = .seconds(1)
        let instance = WorkerInstance(settings: settings, at: clock.moment(time.now))
        workers.append(
            SimulatedWorker(workerClass: workerClass, id: id, session: session, clock: clock, instance: instance))
        let worker = workers.count - 1
        // A halt is latched on the machine: a new process begins with it.
        if latchedHalts.contains(id) { setHold(true, of: worker) }
        drive(worker) { $0.connected(at: $1) }
    }

    static var executable: ExecutableHash { ExecutableHash(Digest256(words: (1, 2, 3, 4))) }

    mutating func crashWorker(_ worker: Int) {
        guard workers[worker].isAlive else { return }
        statistics.crashes += 1
        end(worker)
        time.schedule(.startWorker(like: worker), after: random.milliseconds(10...3000))
    }

    private mutating func end(_ worker: Int) {
        workers[worker].isAlive = false
        workers[worker].active = [:]
        workers[worker].leases = [:]
        workers[worker].deferred = []
        endedSessions.insert(workers[worker].session)
        if scenario.hasSupervisor {
            request(.workerDied(workers[worker].session, DeathProof(supervisor: "up", signal: 9)), of: supervisor - 1)
        }
    }

    mutating func workerEvent(_ event: SimulatedEvent, _ worker: Int) {
        guard workers[worker].isAlive else { return }
        if workers[worker].isPaused {
            workers[worker].deferred.append(event)
            return
        }
        switch event {
        case .deliver(.toWorker(let message), _, _): drive(worker) { $0.receive(message, at: $1) }
        case .workerTick:
            workers[worker].nextTick = nil
            drive(worker) { $0.tick(at: $1) }
        case .hold(_, let hold): setHold(hold, of: worker)
        case .unitEnds(_, let token, let outcome): endUnit(token, outcome, of: worker)
        default: preconditionFailure("not an event of a worker")
        }
    }

    mutating func setHold(_ hold: Bool, of worker: Int) {
        guard workers[worker].isAlive, workers[worker].isHalted != hold else { return }
        workers[worker].isHalted = hold
        if hold, bug == .workerIgnoresHold { return }
        drive(worker) { $0.setHold(hold, reason: "test", at: $1) }
    }

    private mutating func endUnit(_ token: FencingToken, _ outcome: UnitOutcome, of worker: Int) {
        guard let assignment = workers[worker].active.removeValue(forKey: token) else { return }
        workers[worker].leases[token] = nil
        if outcome == .succeeded {
            workers[worker].results[token] = resultOfWork(at: assignment.address, assignment.combinations)
        }
        drive(worker) { $0.unitFinished(token, outcome, at: $1) }
        if !workers[worker].kept.contains(token) { workers[worker].results[token] = nil }
    }

    /// Hands an input to a worker's instance and does what it says.
    mutating func drive(_ worker: Int, _ input: (inout WorkerInstance, Moment) -> [WorkerDirective]) {
        let directives = input(&workers[worker].instance, workers[worker].clock.moment(time.now))
        for directive in directives where workers[worker].isAlive { carryOut(directive, worker) }
        guard workers[worker].isAlive, let deadline = workers[worker].instance.nextDeadline else { return }
        let instant = workers[worker].clock.virtual(deadline)
        if let next = workers[worker].nextTick, next <= instant { return }
        workers[worker].nextTick = instant
        time.schedule(.workerTick(worker), at: instant)
    }

    private mutating func carryOut(_ directive: WorkerDirective, _ worker: Int) {
        switch directive {
        case .send(let message):
            noteSequence(of: message, worker)
            var result: UInt64?
            if case .finished(let grant, .succeeded) = message { result = workers[worker].results[grant.token] }
            send(.toCoordinator(message, result: result), from: worker + firstWorker, to: 0)
        case .start(let assignment): start(assignment, worker)
        case .stop(let grant, _):
            time.schedule(
                .unitEnds(worker: worker, grant.token, .canceled), after: random.milliseconds(0.1...60))
        case .dropPayload: break
        // Backtests have none of these; JobRecordTests has a simulation of its own.
        case .sendRecords, .recordsKept, .storedRecords, .resetBreaker: break
        case .keepResult(let token): workers[worker].kept.insert(token)
        case .dropResult(let token):
            workers[worker].kept.remove(token)
            workers[worker].results[token] = nil
        case .leaseExtended(let grant, let end):
            workers[worker].leases[grant.token] = end
            checkHolders(of: grant.unit)
        case .leaseExpired(let grant): workers[worker].leases[grant.token] = nil
        case .exit:
            end(worker)
            let isReplaced = workers.dropFirst(worker + 1).contains { $0.id == workers[worker].id }
            if !isReplaced { time.schedule(.startWorker(like: worker), after: random.milliseconds(10...1000)) }
        }
    }

    private mutating func noteSequence(of message: WorkerToCoordinator, _ worker: Int) {
        switch message {
        case .hello(let hello): workers[worker].lastSequence = hello.sequence
        case .heartbeat(let heartbeat): workers[worker].lastSequence = heartbeat.sequence
        default: break
        }
    }

    private mutating func start(_ assignment: Assignment, _ worker: Int) {
        if workers[worker].isHalted {
            violations.append("held: \(workers[worker].id) begins unit \(assignment.grant.unit) under a halt")
        }
        if workers[worker].active.values.contains(where: { $0.grant.unit == assignment.grant.unit }) {
            violations.append("\(workers[worker].id) runs unit \(assignment.grant.unit) twice at once")
        }
        workers[worker].active[assignment.grant.token] = assignment
        checkHolders(of: assignment.grant.unit)
        let isLong = assignment.kind != .backtest
        if isLong { statistics.liveGrants += 1 }
        let length = isLong ? random.milliseconds(2000...15000) : random.milliseconds(1...700)
        time.schedule(.unitEnds(worker: worker, assignment.grant.token, drawOutcome()), after: length)
    }

    private mutating func drawOutcome() -> UnitOutcome {
        let draw = random.next() % 100
        if draw < 85 { return .succeeded }
        let code: FailureCode =
            switch draw {
            case 85..<95: .internalError
            case 95..<98: .strategyError
            default: .badConfiguration
            }
        return .failed(UnitFailure(code: code, message: "simulated"))
    }

    /// At most one worker may trade for a live job: it works on it and its lease runs by its own clock.
    private mutating func checkHolders(of unit: UnitID) {
        let holders = workers.indices.filter { worker in
            workers[worker].isAlive
                && workers[worker].active.values.contains { assignment in
                    guard assignment.grant.unit == unit, assignment.kind == .live else { return false }
                    let end = workers[worker].leases[assignment.grant.token]
                    return end.map { $0 > workers[worker].clock.local(time.now) } ?? false
                }
        }
        if holders.count > 1 {
            violations.append("two holders: \(holders.map { workers[$0].id.name }) hold live job \(unit.job)")
        }
    }
}
