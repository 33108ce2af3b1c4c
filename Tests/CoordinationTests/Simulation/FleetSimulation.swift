import Coordination
import SimulationSupport

/// A whole fleet in virtual time: one seed decides everything that happens.
///
/// Nodes: 0 is the coordinator, then come the clients (the last of them is the supervisor and the person who declares holders
/// dead), then the workers, in the order in which their processes started.
struct FleetSimulation {
    let seed: UInt64
    let bug: PlantedBug?
    let scenario: Scenario
    var random: SplitMix64
    var time = VirtualTime<SimulatedEvent>()
    var network = UnreliableNetwork()
    var store = ModelStore()
    var coordinator: SimulatedCoordinator
    var clients: [SimulatedClient]
    var workers: [SimulatedWorker] = []
    var faultsAreOver = false
    var violations: [String] = []
    /// Jobs that clients were told of, and the cancels that were answered.
    var acknowledged: Set<JobID> = []
    var canceled: Set<JobID> = []
    /// Jobs that somebody asked to be run again: a repeated request may do that after a cancel.
    var retried: Set<JobID> = []
    var addressCount: UInt64 = 0
    /// Sessions whose process has ended, for the supervisor.
    var endedSessions: Set<SessionID> = []
    /// Workers whose machine has a halt on disk.
    var latchedHalts: Set<WorkerID> = []
    var statistics = Statistics()

    struct Statistics {
        var events = 0
        var dispatches = 0
        var crashes = 0
        var results = 0
        var lateReports = 0
        var liveGrants = 0
    }

    var firstWorker: Int { 1 + clients.count }
    var supervisor: Int { clients.count }

    init(seed: UInt64, bug: PlantedBug? = nil) {
        self.seed = seed
        self.bug = bug
        random = SplitMix64(seed: seed)
        scenario = Scenario(using: &random)
        network.faults = scenario.faults
        coordinator = SimulatedCoordinator(clock: Self.makeClock(using: &random))
        clients = Array(repeating: SimulatedClient(), count: scenario.clientCount + 1)
        for client in 0..<scenario.clientCount {
            clients[client].submissionsLeft = Int.random(in: 1...5, using: &random)
            time.schedule(.clientTurn(client), after: random.milliseconds(0...2000))
        }
        store.forgetsResults = bug == .forgetsResults
        store.forgetsAttempts = bug == .forgetsAttempts
        startCoordinator()
        for workerClass in scenario.workerClasses {
            startWorker(id: WorkerID("\(workerClass.rawValue)-\(workers.count)"), workerClass)
        }
        time.schedule(.trouble, after: random.milliseconds(0...500))
        time.schedule(.clientTurn(scenario.clientCount), after: .milliseconds(500))
        time.schedule(.faultsEnd, after: scenario.faultTime)
    }

    static func makeClock(using random: inout SplitMix64) -> SkewedClock {
        SkewedClock(
            origin: Int64.random(in: 0...1_000_000_000_000, using: &random),
            pacePerThousand: Int64.random(in: 975...1025, using: &random))
    }

    // MARK: - Running

    /// Runs until everything is done, and returns what was violated.
    mutating func run() -> [String] {
        let limit = Instant(nanoseconds: 0).advanced(by: scenario.faultTime + scenario.settlingTime)
        // Looking whether everything is done costs more than an event: it need not be known at once.
        while violations.isEmpty, store.violations.isEmpty, statistics.events % 64 != 0 || !isDone {
            guard let event = time.next(until: limit) else {
                violations.append("stuck: " + describeOpenWork())
                break
            }
            statistics.events += 1
            handle(event)
        }
        let found = violations + store.violations
        if found.isEmpty { checkEnd() }
        statistics.results = store.jobs.values.reduce(0) { $0 + $1.results.count }
        statistics.lateReports = store.lateReports
        return violations + store.violations
    }

    private mutating func handle(_ event: SimulatedEvent) {
        switch event {
        case .deliver(let message, let from, let to): deliver(message, from: from, to: to)
        case .coordinatorWork(let life): if life == coordinator.life { coordinatorEvent(event) }
        case .coordinatorTick(let life): if life == coordinator.life { coordinatorEvent(event) }
        case .commit(let life): if life == coordinator.life { coordinatorEvent(event) }
        case .startCoordinator: if coordinator.instance == nil { startCoordinator() }
        case .workerTick(let worker), .hold(let worker, _), .unitEnds(let worker, _, _): workerEvent(event, worker)
        case .startWorker(let worker): startWorker(id: workers[worker].id, workers[worker].workerClass)
        case .clientTurn(let client): takeTurn(client)
        case .resend(let client, let request): resend(request, of: client)
        case .resume(let node): resume(node)
        case .heal(let from, let to): network.heal(from: from, to: to)
        case .release(let worker):
            if let worker { tell(worker, hold: false) } else { setHold(false) }
        case .trouble: makeTrouble()
        case .faultsEnd: endFaults()
        }
    }

    mutating func send(_ message: SimulatedMessage, from: Int, to: Int) {
        for delay in network.deliveries(from: from, to: to, using: &random) {
            time.schedule(.deliver(message, from: from, to: to), after: delay)
        }
    }

    private mutating func deliver(_ message: SimulatedMessage, from: Int, to: Int) {
        switch message {
        case .toCoordinator, .request:
            guard coordinator.instance != nil else { return }
            coordinator.inbox.append((message, from))
            scheduleCoordinatorWork()
        case .toWorker: workerEvent(.deliver(message, from: from, to: to), to - firstWorker)
        case .reply(let request, let reply): take(reply, to: request, of: to - 1)
        }
    }

    // MARK: - The end

    /// Everything that was asked for is done and every process knows it.
    private var isDone: Bool {
        guard faultsAreOver, clients.allSatisfy({ $0.open.isEmpty && $0.submissionsLeft == 0 }),
            let instance = coordinator.instance, instance.snapshot().jobCounts.isEmpty, coordinator.batches.isEmpty
        else { return false }
        return workers.allSatisfy { !$0.isAlive || ($0.results.isEmpty && $0.instance.heldUnits.isEmpty) }
    }

    private mutating func checkEnd() {
        for id in acknowledged.sorted() {
            guard let job = store.jobs[id] else {
                violations.append("lost: job \(id) was acknowledged and is not in the store")
                continue
            }
            if !job.record.state.isTerminal { violations.append("stuck: job \(id) ends as \(job.record.state.rawValue)") }
            if canceled.contains(id), !retried.contains(id), job.record.state != .canceled {
                violations.append("job \(id) was canceled and ends as \(job.record.state.rawValue)")
            }
        }
        for client in clients {
            for (submission, answer) in client.answers where store.submissions[submission] != answer {
                violations.append("lost: a submission was answered and is not in the store as it was")
            }
        }
    }

    private func describeOpenWork() -> String {
        let open = store.jobs.values.filter { !$0.record.state.isTerminal }.sorted { $0.record.id < $1.record.id }
        let jobs = open.map { job in
            "job \(job.record.id) (\(job.record.job.kind.rawValue)) is \(job.record.state.rawValue) with \(job.out.count) units out"
        }
        let held = workers.indices.filter { workers[$0].isAlive && !workers[$0].instance.heldUnits.isEmpty }
        let requests = clients.map { $0.open.count }
        return (jobs + held.map { "\(workers[$0].id) holds \(workers[$0].instance.heldUnits)" }).joined(separator: "; ")
            + "; open requests \(requests), coordinator \(coordinator.instance == nil ? "down" : "up")"
    }
}
