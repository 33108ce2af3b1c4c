import Coordination
import Halt
import SimulationSupport

// Everything that goes wrong, its end, and what must be true then.

extension WholeFleet {
    func makeTrouble() {
        guard phase == .faults else { return }
        let step = 0.25
        if random.chance(scenario.coordinatorCrashes * step) { crashCoordinator() }
        if random.chance(scenario.monitorCrashes * step), let monitor = monitors.randomElement(using: &random) { kill(monitor) }
        if random.chance(scenario.workerCrashes * step), let worker = workers.randomElement(using: &random), worker.isAlive {
            kill(worker)
            reportDeath(of: worker, DeathProof(supervisor: "up", signal: 9))
        }
        if random.chance(scenario.shutdowns * step), let worker = workers.randomElement(using: &random), worker.isAlive {
            post(.shutdown, to: worker)
        }
        if random.chance(scenario.pauses * step), let process = processes.randomElement(using: &random) { pause(process) }
        if random.chance(scenario.partitions * step) { cut() }
        if random.chance(scenario.stops * step) { stopEverything() }
        if random.chance(scenario.rearms * step) { rearmEverything() }
        if random.chance(scenario.haltFiles * step) { makeFile() }
        if random.chance(scenario.wallJumps * step) {
            hosts[Int(random.next() % 2)].clock.wallOffsetMilliseconds += Int64.random(
                in: -100_000_000...100_000_000, using: &random)
        }
        time.schedule(.trouble, after: .milliseconds(Int64(step * 1000)))
    }

    private func crashCoordinator() {
        let point = CoordinatorProcess.CrashPoint.allCases.randomElement(using: &random) ?? .now
        if point == .now { kill(coordinator) } else { coordinator.crashPoint = point }
    }

    private func pause(_ process: SimulatedProcess) {
        guard process.isAlive, !process.isPaused else { return }
        statistics.pauses += 1
        process.isPaused = true
        time.schedule(.resume(process.node), after: random.milliseconds(50...4000))
    }

    /// SIGCONT: it goes on with everything that came meanwhile, in its order.
    func resume(_ process: SimulatedProcess) {
        guard process.isPaused else { return }
        process.isPaused = false
        let (events, life) = (process.deferred, process.life)
        process.deferred = []
        for event in events where process.life == life { happen(event, to: process) }
    }

    private func cut() {
        let nodes = operatorNode + 1
        // One end is the coordinator or a monitor: nobody else is connected to.
        let (one, other) = (Int.random(in: 0..<nodes, using: &random), Int.random(in: 0...monitors.count, using: &random))
        let length = random.milliseconds(100...scenario.longestCut)
        let directions = random.chance(0.5) ? [(one, other), (other, one)] : random.chance(0.5) ? [(one, other)] : [(other, one)]
        for (from, to) in directions {
            network.cut(from: from, to: to)
            time.schedule(.heal(from: from, to: to), after: length)
        }
    }

    // MARK: - Phases

    func enterPhase() {
        switch phase {
        case .faults:
            network.healAll()
            coordinator.crashPoint = nil
            phase = scenario.endsWithStop ? .halting : .reopening
            for process in processes { resume(process) }
            for client in 0..<scenario.clientCount { while clients[client].submissionsLeft > 0 { submit(client) } }
            if phase == .halting { stopEverything() } else { rearmEverything() }
        case .halting:
            if operators.isComplete {
                phase = .quiet
                quietSince = time.now
            }
        case .quiet:
            // Long enough for whatever was on its way to be noticed as lost and taken back.
            guard time.now.duration(since: quietSince) >= .seconds(3) else { break }
            checkQuiet()
            phase = .reopening
            rearmEverything()
        case .reopening: return
        }
        time.schedule(.phase, after: .milliseconds(200))
    }

    /// Everybody has acknowledged a stop of the whole fleet: no backtest is out with anybody.
    private func checkQuiet() {
        for worker in workers {
            if worker.workerClass == .backtest, !worker.active.isEmpty { fail("\(worker.name) works although everybody holds") }
        }
        for (id, job) in store.jobs where job.record.job.kind == .backtest && !job.record.state.isTerminal {
            if job.record.state != .queued || !job.out.isEmpty {
                fail("job \(id) is \(job.record.state.rawValue) with \(job.out.count) units out although everybody holds")
            }
        }
    }

    // MARK: - The end

    /// Everything that was asked for is done and every process knows it and is open.
    var isDone: Bool {
        guard phase == .reopening, clients.allSatisfy({ $0.open.isEmpty && $0.submissionsLeft == 0 }),
            let instance = coordinator.instance, instance.snapshot().jobCounts.isEmpty, coordinator.committing == nil
        else { return false }
        let idle = workers.allSatisfy { $0.results.isEmpty && $0.instance?.heldUnits.isEmpty ?? false }
        return idle && members().allSatisfy { $0.isAlive && $0.isOpen }
    }

    func checkEnd() {
        for id in acknowledged.sorted() {
            guard let job = store.jobs[id] else {
                fail("lost: job \(id) was acknowledged and is not in the store")
                continue
            }
            if !job.record.state.isTerminal { fail("stuck: job \(id) ends as \(job.record.state.rawValue)") }
            if canceled.contains(id), !retried.contains(id), job.record.state != .canceled {
                fail("job \(id) was canceled and ends as \(job.record.state.rawValue)")
            }
        }
        for client in clients {
            for (submission, answer) in client.answers where store.submissions[submission] != answer {
                fail("lost: a submission was answered and is not in the store as it was")
            }
        }
    }

    func describeOpenWork() -> String {
        let open = store.jobs.values.filter { !$0.record.state.isTerminal }.sorted { $0.record.id < $1.record.id }
        let jobs = open.map { job in
            "job \(job.record.id) (\(job.record.job.kind.rawValue)) is \(job.record.state.rawValue) with \(job.out.count) units out"
        }
        let held = workers.compactMap { worker in
            worker.instance.map { "\(worker.name) holds \($0.heldUnits.count) units" }
        }
        let closed = members().filter { !$0.isOpen }.map { member in
            let causes = member.member?.restriction(at: boot(member)).causes.rawValue
            return "\(member.name) is closed, causes \(causes.map(String.init) ?? "none: it is down")"
        }
        let wishes = operators.wishes.map { wish in
            wish.map { "\($0.request), durable \($0.isDurable), complete \($0.isComplete): \($0.members)" } ?? "-"
        }
        return (["phase \(phase)"] + jobs + held + closed + ["operator \(wishes)", "requests \(clients.map(\.open.count))"])
            .joined(separator: "; ")
    }
}
