import Coordination
import SimulationSupport

// Clients, the supervisor, the person with `declare-dead`, and everything that goes wrong.

extension FleetSimulation {
    // MARK: - Requests

    mutating func request(_ request: ClientRequest, of client: Int) {
        let id = RequestID(clients[client].nextRequest)
        clients[client].nextRequest += 1
        clients[client].open[id] = request
        resend(id, of: client)
    }

    mutating func resend(_ id: RequestID, of client: Int) {
        guard let request = clients[client].open[id] else { return }
        send(.request(id, request), from: client + 1, to: 0)
        time.schedule(.resend(client, id), after: .milliseconds(700))
    }

    mutating func take(_ reply: Reply, to id: RequestID, of client: Int) {
        guard let request = clients[client].open.removeValue(forKey: id) else { return }
        switch (request, reply) {
        case (.submit(let submission, let jobs), .accepted(let accepted)):
            if let earlier = clients[client].answers[submission], earlier != accepted {
                violations.append("a submission is answered in two ways")
            }
            if accepted.count != jobs.count { violations.append("\(accepted.count) answers for \(jobs.count) jobs") }
            clients[client].answers[submission] = accepted
            acknowledged.formUnion(accepted.map(\.id))
        case (.cancel(let job), .job): canceled.insert(job)
        case (.retry, .job(_, .queued)), (.retry, .refused), (.cancel, .refused), (.declareDead, _), (.workerDied, .done):
            break
        default: violations.append("request \(request) is answered with \(reply)")
        }
    }

    // MARK: - Turns

    mutating func takeTurn(_ client: Int) {
        if client == scenario.clientCount { return declareDead() }
        if clients[client].submissionsLeft > 0 {
            clients[client].submissionsLeft -= 1
            submit(client)
        }
        if random.chance(0.3), let (submission, jobs) = anyElement(of: clients[client].submissions) {
            request(.submit(submission, jobs), of: client)
        }
        if random.chance(0.2), let id = anyJob(where: { !$0.isTerminal }) { request(.cancel(id), of: client) }
        // What was canceled stays canceled here, so that the end can be checked.
        if random.chance(0.3), let id = anyJob(where: { $0 == .failed }), !canceled.contains(id) {
            retried.insert(id)
            request(.retry(id), of: client)
        }
        if !faultsAreOver { time.schedule(.clientTurn(client), after: random.milliseconds(200...4000)) }
    }

    private mutating func submit(_ client: Int) {
        let submission = SubmissionID(UInt128(random.next()) << 64 | UInt128(random.next()))
        let jobs = (0..<Int.random(in: 1...4, using: &random)).map { _ in makeJob() }
        clients[client].submissions[submission] = jobs
        request(.submit(submission, jobs), of: client)
    }

    private mutating func makeJob() -> NewJob {
        var kind = JobKind.backtest
        if random.chance(0.25) { kind = .live }
        if scenario.workerClasses.contains(.dryRun), random.chance(0.15) { kind = .dryRun }
        // Some addresses come again, so that jobs attach to others and are answered from the store.
        let isNew = addressCount == 0 || kind != .backtest || random.chance(0.8)
        if isNew { addressCount += 1 }
        let address = isNew ? addressCount : UInt64.random(in: 1...addressCount, using: &random)
        var job = NewJob(
            address: JobAddress(Digest256(words: (seed, address, UInt64(kind.index2), 0))), kind: kind,
            group: "group \(random.next() % 3)", priority: Int.random(in: -1...1, using: &random),
            maxAttempts: Int.random(in: 1...4, using: &random), fresh: random.chance(0.1))
        if kind == .backtest, address % 2 == 0 {
            job.combinationCount = address % 23 + 1
            job.sliceSize = address % 3 + 1
        }
        return job
    }

    private mutating func anyElement(of values: [SubmissionID: [NewJob]]) -> (SubmissionID, [NewJob])? {
        values.sorted { $0.key.rawValue < $1.key.rawValue }.randomElement(using: &random).map { ($0.key, $0.value) }
    }

    private mutating func anyJob(where isMeant: (JobState) -> Bool) -> JobID? {
        acknowledged.sorted().filter { id in store.jobs[id].map { isMeant($0.record.state) } ?? false }
            .randomElement(using: &random)
    }

    /// The person declares holders of lost jobs dead, sometimes wrongly: also then there are never two holders.
    private mutating func declareDead() {
        for id in store.jobs.keys.sorted() {
            guard let job = store.jobs[id], job.record.job.kind == .live, !job.record.state.isTerminal else { continue }
            let isDead = job.out.values.allSatisfy { endedSessions.contains($0.session) }
            guard job.record.state == .lost || (job.record.state == .canceling && isDead) else { continue }
            if isDead ? faultsAreOver || random.chance(0.3) : random.chance(0.05) {
                request(.declareDead(id, by: "test", reason: "lost"), of: scenario.clientCount)
            }
        }
        time.schedule(.clientTurn(scenario.clientCount), after: .milliseconds(1500))
    }

    // MARK: - Trouble

    mutating func makeTrouble() {
        guard !faultsAreOver else { return }
        let step = 0.25
        if random.chance(scenario.coordinatorCrashes * step) { crashCoordinatorSomewhere() }
        if random.chance(scenario.workerCrashes * step * 2) { crashWorker(anyWorker()) }
        if random.chance(scenario.pauses * step * 2) { pause() }
        if random.chance(scenario.partitions * step * 2) { cut() }
        if random.chance(scenario.halts * step) { halt() }
        if random.chance(scenario.twins * step) {
            time.schedule(.startWorker(like: anyWorker()), after: .zero)
        }
        if random.chance(scenario.wallJumps * step) {
            coordinator.clock.wallOffsetMilliseconds += Int64.random(in: -100_000_000...100_000_000, using: &random)
        }
        time.schedule(.trouble, after: .milliseconds(Int64(step * 1000)))
    }

    private mutating func anyWorker() -> Int { Int.random(in: 0..<workers.count, using: &random) }

    private mutating func crashCoordinatorSomewhere() {
        let point = SimulatedCoordinator.CrashPoint.allCases.randomElement(using: &random) ?? .now
        if point == .now { crashCoordinator() } else { coordinator.crashPoint = point }
    }

    private mutating func pause() {
        let length = random.milliseconds(100...9000)
        if random.chance(0.2) {
            guard coordinator.instance != nil, !coordinator.isPaused else { return }
            coordinator.isPaused = true
            time.schedule(.resume(0), after: length)
        } else {
            let worker = anyWorker()
            guard workers[worker].isAlive, !workers[worker].isPaused else { return }
            workers[worker].isPaused = true
            time.schedule(.resume(worker + firstWorker), after: length)
        }
    }

    /// Goes on with everything that came meanwhile, in its order.
    mutating func resume(_ node: Int) {
        if node == 0 {
            guard coordinator.isPaused else { return }
            coordinator.isPaused = false
            passHoldOn()
            let events = coordinator.deferred
            coordinator.deferred = []
            for event in events { coordinatorEvent(event) }
        } else {
            let worker = node - firstWorker
            guard workers[worker].isPaused else { return }
            workers[worker].isPaused = false
            let events = workers[worker].deferred
            workers[worker].deferred = []
            for event in events { workerEvent(event, worker) }
        }
    }

    private mutating func cut() {
        let node = Int.random(in: 1..<firstWorker + workers.count, using: &random)
        let length = random.milliseconds(100...10000)
        let directions = random.chance(0.5) ? [(0, node), (node, 0)] : random.chance(0.5) ? [(0, node)] : [(node, 0)]
        for (from, to) in directions {
            network.cut(from: from, to: to)
            time.schedule(.heal(from: from, to: to), after: length)
        }
    }

    private mutating func halt() {
        let length = random.milliseconds(100...5000)
        if random.chance(0.5) {
            setHold(true)
            time.schedule(.release(nil), after: length)
        } else {
            let worker = anyWorker()
            tell(worker, hold: true)
            time.schedule(.release(worker), after: length)
        }
    }

    /// Latches a halt, or its end, on a worker's machine and tells its process.
    mutating func tell(_ worker: Int, hold: Bool) {
        if hold { latchedHalts.insert(workers[worker].id) } else { latchedHalts.remove(workers[worker].id) }
        time.schedule(.hold(worker: worker, hold), after: .zero)
    }

    /// A halt of the whole fleet: coordinator and workers hear of it at once.
    mutating func setHold(_ hold: Bool) {
        for worker in workers.indices { tell(worker, hold: hold) }
        guard coordinator.isHalted != hold else { return }
        coordinator.isHalted = hold
        if !coordinator.isPaused { passHoldOn() }
    }

    private mutating func passHoldOn() {
        guard bug != .ignoresHold, coordinator.instance != nil else { return }
        let hold = coordinator.isHalted
        let moment = coordinator.clock.moment(time.now)
        let output = coordinator.instance?.setHold(hold, reason: "test", at: moment) ?? []
        finishBatch(output, results: [:])
    }

    mutating func endFaults() {
        faultsAreOver = true
        network.healAll()
        resume(0)
        coordinator.crashPoint = nil
        for worker in workers.indices { resume(worker + firstWorker) }
        setHold(false)
        for client in 0..<scenario.clientCount { takeTurns(client) }
    }

    private mutating func takeTurns(_ client: Int) {
        while clients[client].submissionsLeft > 0 {
            clients[client].submissionsLeft -= 1
            submit(client)
        }
    }
}

extension JobKind {
    /// A number for addresses.
    var index2: Int { JobKind.allCases.firstIndex(of: self) ?? 0 }
}
