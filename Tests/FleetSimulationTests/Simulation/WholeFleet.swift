import Coordination
import Halt
import SimulationSupport

/// A whole fleet in virtual time: the coordinator, workers and monitors as processes with the loops that the real ones have, clients, a
/// supervisor, an operator, machines with clocks and `HALT` files, and one network for everything. One seed decides all that happens.
final class WholeFleet {
    enum Phase { case faults, halting, quiet, reopening }

    let seed: UInt64
    let bug: PlantedBug?
    let scenario: Scenario
    var random: SplitMix64
    var time = VirtualTime<Event>()
    var network = UnreliableNetwork()
    var store = ModelStore()
    var hosts: [SimulatedHost] = []
    let coordinator: CoordinatorProcess
    let monitors: [MonitorProcess]
    let workers: [WorkerProcess]
    /// All processes by their node; clients and the operator come after them.
    let processes: [SimulatedProcess]
    var clients: [SimulatedClient]
    var operators = Operator()
    var phase = Phase.faults
    var violations: [String] = []
    var statistics = Statistics()
    // What the checks remember; see `WholeFleet+Stops`.
    var stops: [Stop] = []
    /// When every entry of a monitor was lifted, by the monitor's index.
    var fullRearms: [Int: [Instant]] = [:]
    var rearms: [HaltRequestID: RearmRequest] = [:]
    /// Grants whose unit a halt stopped at its worker.
    var stoppedByHalt: Set<FencingToken> = []
    var endedSessions: Set<SessionID> = []
    /// Jobs that clients were told of, the cancels that were answered, and the jobs that somebody asked to be run again.
    var acknowledged: Set<JobID> = []
    var canceled: Set<JobID> = []
    var retried: Set<JobID> = []
    var addressCount: UInt64 = 0
    var fileCount: UInt64 = 0
    var requestCount: UInt64 = 0
    var quietSince = Instant(nanoseconds: 0)

    struct Statistics {
        var events = 0
        var crashes = 0
        var pauses = 0
        var stops = 0
        var rearms = 0
        var openings = 0
        var heldBack = 0
        var files = 0
        var takeOvers = 0
        var dispatches = 0
        var results = 0
        var lateReports = 0
        var orders = 0
    }

    init(seed: UInt64, bug: PlantedBug? = nil) {
        self.seed = seed
        self.bug = bug
        var random = SplitMix64(seed: seed)
        let scenario = Scenario(using: &random, bug: bug)
        for _ in 0..<2 { hosts.append(SimulatedHost(clock: Self.makeClock(using: &random))) }
        coordinator = CoordinatorProcess(
            node: 0, host: 0, name: "coordinator", role: .coordinator, memberClass: .coordinator, subject: .idle)
        monitors = (0..<scenario.monitorCount).map { MonitorProcess(node: 1 + $0, host: $0 % 2, index: $0) }
        var workers: [WorkerProcess] = []
        for (index, kind) in scenario.workerClasses.enumerated() {
            let account = HaltSubject.Attribute.named("main\(index)")
            let subject = HaltSubject(exchange: .absent, account: account, strategy: .absent, job: .absent)
            workers.append(
                WorkerProcess(
                    node: 1 + scenario.monitorCount + index, host: Int.random(in: 0..<2, using: &random),
                    name: "\(kind.rawValue)-\(index)", workerClass: kind, subject: kind == .backtest ? .idle : subject))
        }
        self.workers = workers
        processes = [coordinator] + monitors + workers
        clients = Array(repeating: SimulatedClient(), count: scenario.clientCount + 1)
        self.scenario = scenario
        self.random = random
        begin()
    }

    private func begin() {
        network.faults = scenario.faults
        for client in 0..<scenario.clientCount {
            clients[client].submissionsLeft = Int.random(in: 1...3, using: &random)
            time.schedule(.clientTurn(client), after: random.milliseconds(0...2000))
        }
        for monitor in monitors {
            let slot = LatchSlot.encode(kind: .monitor, sequence: 1, payload: MonitorLatch.initial(monitor: monitor.id).encoded())
            monitor.disk.slots = [slot, slot]
        }
        for process in processes { time.schedule(.start(process.node), after: random.milliseconds(0...200)) }
        operators = Operator(count: monitors.count)
        time.schedule(.operatorTurn, after: .milliseconds(300))
        time.schedule(.clientTurn(scenario.clientCount), after: .milliseconds(500))
        time.schedule(.trouble, after: random.milliseconds(0...500))
        time.schedule(.phase, after: scenario.faultTime)
    }

    static func makeClock(using random: inout SplitMix64) -> SkewedClock {
        SkewedClock(
            origin: Int64.random(in: 1_000_000_000...1_000_000_000_000, using: &random),
            pacePerThousand: Int64.random(in: 980...1020, using: &random))
    }

    // MARK: - Places

    func client(_ index: Int) -> Int { processes.count + index }
    var supervisor: Int { scenario.clientCount }
    var operatorNode: Int { processes.count + clients.count }
    func moment(_ process: SimulatedProcess) -> Moment { hosts[process.host].clock.moment(time.now) }
    func local(_ process: SimulatedProcess) -> Instant { hosts[process.host].clock.local(time.now) }
    func boot(_ process: SimulatedProcess) -> BootInstant { BootInstant(nanoseconds: local(process).nanoseconds) }
    func members() -> [MemberProcess] { [coordinator] + workers }

    func fail(_ what: String) { violations.append("at \(time.now.nanoseconds / 1_000_000) ms: \(what)") }

    // MARK: - Running

    /// Runs until everything is done, and returns what was violated.
    func run() -> [String] {
        let limit = Instant(nanoseconds: 0).advanced(by: scenario.faultTime + scenario.settlingTime)
        // Looking whether everything is done costs more than an event: it need not be known at once.
        while violations.isEmpty, store.violations.isEmpty, statistics.events % 64 != 0 || !isDone {
            guard let event = time.next(until: limit) else {
                fail("stuck: " + describeOpenWork())
                break
            }
            statistics.events += 1
            handle(event)
        }
        if violations.isEmpty, store.violations.isEmpty { checkEnd() }
        statistics.results = store.jobs.values.reduce(0) { $0 + $1.results.count }
        statistics.lateReports = store.lateReports
        return violations + store.violations
    }

    private func handle(_ event: Event) {
        switch event {
        case .deliver(let message, let from, let to, let life): deliver(message, from: from, to: to, life: life)
        case .process(let node, let life, let event): if processes[node].life == life { happen(event, to: processes[node]) }
        case .start(let node): start(processes[node])
        case .resume(let node): resume(processes[node])
        case .clientTurn(let client): takeTurn(client)
        case .resend(let client, let request): resend(request, of: client)
        case .operatorTurn: operatorTurn()
        case .heal(let from, let to): network.heal(from: from, to: to)
        case .trouble: makeTrouble()
        case .phase: enterPhase()
        }
    }

    func send(_ message: Message, from: Sender, to: Int, life: Int? = nil) {
        for delay in network.deliveries(from: from.node, to: to, using: &random) {
            time.schedule(.deliver(message, from: from, to: to, life: life), after: delay)
        }
    }

    func send(_ message: Message, from process: SimulatedProcess, to: Int, life: Int? = nil) {
        send(message, from: Sender(node: process.node, life: process.life), to: to, life: life)
    }

    private func deliver(_ message: Message, from: Sender, to: Int, life: Int?) {
        if to < processes.count {
            let process = processes[to]
            if let life, life != process.life { return }
            happen(.message(message, from: from), to: process)
        } else if case .reply(let request, let reply) = message {
            take(reply, to: request, of: to - processes.count)
        } else if case .told(let monitor, let reply) = message {
            hear(reply, from: monitor)
        }
    }

    /// A process that is stopped (SIGSTOP) gets everything when it goes on.
    func happen(_ event: ProcessEvent, to process: SimulatedProcess) {
        guard process.isAlive else { return }
        if process.isPaused { return process.deferred.append(event) }
        switch process {
        case let coordinator as CoordinatorProcess: happen(event, to: coordinator)
        case let worker as WorkerProcess: happen(event, to: worker)
        case let monitor as MonitorProcess: happen(event, to: monitor)
        default: break
        }
    }

    func schedule(_ event: ProcessEvent, for process: SimulatedProcess, after delay: Duration) {
        time.schedule(.process(process.node, life: process.life, event), after: delay)
    }

    private func start(_ process: SimulatedProcess) {
        guard !process.isAlive else { return }
        process.life += 1
        process.isAlive = true
        process.wakeAt = nil
        switch process {
        case let coordinator as CoordinatorProcess: start(coordinator)
        case let worker as WorkerProcess: start(worker)
        case let monitor as MonitorProcess: start(monitor)
        default: break
        }
    }

    /// SIGKILL: whatever is in memory is gone, and what is being written is torn.
    func kill(_ process: SimulatedProcess) {
        guard process.isAlive else { return }
        statistics.crashes += 1
        end(process)
        time.schedule(.start(process.node), after: random.milliseconds(10...2000))
    }

    func end(_ process: SimulatedProcess) {
        process.isAlive = false
        process.isPaused = false
        process.deferred = []
        process.disk.crash(&random)
        switch process {
        case let coordinator as CoordinatorProcess: ended(coordinator)
        case let worker as WorkerProcess: ended(worker)
        case let monitor as MonitorProcess: monitor.instance = nil
        default: break
        }
    }

    /// How long it takes until another thread of the process takes notice.
    func threadDelay() -> Duration { random.chance(0.03) ? random.milliseconds(1...30) : random.milliseconds(0.005...0.5) }
}
