import Coordination
import Halt
import SimulationSupport

// The workers' processes.

extension WholeFleet {
    func start(_ process: WorkerProcess) {
        process.session = SessionID(UInt128(random.next()) << 64 | UInt128(random.next()))
        var settings = WorkerSettings(
            worker: WorkerID(process.name), session: process.session, workerClass: process.workerClass,
            executable: ExecutableHash(Digest256(words: (1, 2, 3, 4))),
            capacity: process.workerClass == .backtest ? Int.random(in: 1...3, using: &random) : 1)
        settings.shutdownGrace = .seconds(1)
        var instance = WorkerInstance(settings: settings, at: moment(process))
        // Held until a monitor has said that nothing stands against it.
        if bug != .startsReleased {
            _ = instance.setHold(true, reason: "no monitor has told the halt state yet", at: moment(process))
        }
        process.instance = instance
        (process.isHeld, process.heldNumber) = (bug != .startsReleased, 0)
        (process.active, process.results, process.leases, process.keptUnits) = ([:], [:], [:], [])
        startGuard(of: process)
        post(.connected, to: process, after: random.milliseconds(1...50))
    }

    func ended(_ process: WorkerProcess) {
        process.instance = nil
        process.active = [:]
        endedGuard(of: process)
        endedSessions.insert(process.session)
    }

    /// The supervisor sees how the process ended, where there is one.
    func reportDeath(of process: WorkerProcess, _ proof: DeathProof) {
        if scenario.hasSupervisor { request(.workerDied(process.session, proof), of: supervisor) }
    }

    func happen(_ event: ProcessEvent, to process: WorkerProcess) {
        if happenToGuard(event, of: process) { return }
        switch event {
        case .message(let message, let from):
            process.inbox.append((message, from))
            scheduleWork(process)
        case .mail(let mail):
            process.mails.append(mail)
            scheduleWork(process)
        case .work: turn(process)
        case .order(let token): order(token, process)
        default: break
        }
    }

    /// One turn of the fleet loop, as its shell makes it.
    private func turn(_ process: WorkerProcess) {
        process.isWorkScheduled = false
        if let planned = process.tickAt, planned <= time.now { process.tickAt = nil }
        guard var instance = process.instance else { return }
        process.instance = nil
        let moment = moment(process)
        var output: [WorkerDirective] = []
        var tells = false
        let (inbox, mails) = (process.inbox, process.mails)
        (process.inbox, process.mails) = ([], [])
        for case .connected in mails { output += instance.connected(at: moment) }
        for case (.toWorker(let message), _) in inbox { output += instance.receive(message, at: moment) }
        for mail in mails {
            switch mail {
            case .connected: break
            case .hold(let hold, let number):
                tells = true
                process.isHeld = hold
                process.heldNumber = number
                if bug != .workerIgnoresHold || !hold { output += instance.setHold(hold, reason: "test", at: moment) }
            case .ended(let token, let outcome):
                tells = true
                output += endUnit(token, outcome, process, &instance)
            case .shutdown: output += instance.shutdown(at: moment)
            }
            if tells, bug == .saysStoppedMidTurn { tellStopped(process) }
        }
        output += instance.tick(at: moment)
        process.instance = instance
        for directive in output where process.isAlive { carryOut(directive, process) }
        guard process.isAlive else { return }
        // Said only now: what this turn began is counted.
        if tells { tellStopped(process) }
        scheduleTick(process, process.instance?.nextDeadline)
    }

    private func tellStopped(_ process: WorkerProcess) {
        let stopped = process.active.isEmpty || bug == .workerIgnoresHold
        guard process.isHeld, stopped else { return }
        let delay = bug == .oldWorkStopped ? random.milliseconds(1...600) : .zero
        post(.workStopped(number: process.heldNumber), to: process, after: delay)
    }

    private func endUnit(
        _ token: FencingToken, _ outcome: UnitOutcome, _ process: WorkerProcess, _ instance: inout WorkerInstance
    ) -> [WorkerDirective] {
        guard let assignment = process.active.removeValue(forKey: token) else { return [] }
        process.leases[token] = nil
        if outcome == .succeeded { process.results[token] = resultOfWork(at: assignment.address, assignment.combinations) }
        let output = instance.unitFinished(token, outcome, at: moment(process))
        if !output.contains(.keepResult(token)) { process.results[token] = nil }
        return output
    }

    private func carryOut(_ directive: WorkerDirective, _ process: WorkerProcess) {
        switch directive {
        case .send(let message): send(message, process)
        case .start(let assignment): begin(assignment, process)
        case .stop(let grant, let cause):
            if cause == .held { stoppedByHalt.insert(grant.token) }
            post(.ended(grant.token, .canceled), to: process, after: random.milliseconds(0.1...60))
        case .dropPayload, .keepResult, .sendRecords, .recordsKept, .storedRecords, .resetBreaker: break
        case .dropResult(let token): process.results[token] = nil
        case .leaseExtended(let grant, let end):
            process.leases[grant.token] = end
            checkHolders(of: grant.unit)
        case .leaseExpired(let grant): process.leases[grant.token] = nil
        case .exit:
            end(process)
            reportDeath(of: process, DeathProof(supervisor: "up", exitStatus: 0))
            time.schedule(.start(process.node), after: random.milliseconds(10...1000))
        }
    }

    private func send(_ message: WorkerToCoordinator, _ process: WorkerProcess) {
        var message = message
        var result: UInt64?
        if case .finished(let grant, .succeeded) = message { result = process.results[grant.token] }
        if case .returned(let grant, .held) = message {
            statistics.heldBack += 1
            if bug == .keepsHeldUnits { return process.keptUnits.append(HeldUnit(grant: grant, phase: .waiting)) }
            if bug == .reportsHeldAsFailed, stoppedByHalt.contains(grant.token) {
                message = .finished(grant, .failed(UnitFailure(code: .internalError, message: "stopped")))
            }
        }
        if case .heartbeat(var heartbeat) = message, bug == .keepsHeldUnits {
            heartbeat.held += process.keptUnits
            message = .heartbeat(heartbeat)
        }
        send(.toCoordinator(message, result: result), from: process, to: coordinator.node)
    }

    private func begin(_ assignment: Assignment, _ process: WorkerProcess) {
        let grant = assignment.grant
        if process.active.values.contains(where: { $0.grant.unit == grant.unit }) {
            fail("\(process.name) runs unit \(grant.unit) twice at once")
        }
        process.active[grant.token] = assignment
        checkRunning(process)
        checkHolders(of: grant.unit)
        if assignment.kind != .backtest { schedule(.order(grant.token), for: process, after: random.milliseconds(1...100)) }
        let length = assignment.kind == .backtest ? random.milliseconds(1...600) : random.milliseconds(scenario.liveLength)
        post(.ended(grant.token, drawOutcome()), to: process, after: length)
    }

    private func drawOutcome() -> UnitOutcome {
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

    /// A live or dry unit writes an order if its gate lets it.
    private func order(_ token: FencingToken, _ process: WorkerProcess) {
        guard let assignment = process.active[token] else { return }
        let mayTrade = assignment.kind == .dryRun || process.leases[token].map { $0 > local(process) } ?? false
        if mayTrade, process.gate.mode(at: boot(process)) == .active {
            statistics.orders += 1
            checkOrder(process)
        }
        schedule(.order(token), for: process, after: random.milliseconds(30...400))
    }

    /// At most one worker may trade for a live job: it works on it and its lease runs by its own clock.
    private func checkHolders(of unit: UnitID) {
        let holders = workers.filter { worker in
            worker.active.values.contains { assignment in
                guard assignment.grant.unit == unit, assignment.kind == .live else { return false }
                return worker.leases[assignment.grant.token].map { $0 > local(worker) } ?? false
            }
        }
        if holders.count > 1 { fail("two holders: \(holders.map(\.name)) hold live job \(unit.job)") }
    }
}
