import SimulationSupport

@testable import Halt

/// One seeded run: monitors, members, an operator and an attacker who replays, over a bad network; then everything heals and has to open again.
final class Simulation {
    enum Event {
        case toMember(Int, run: Int?, SimulatedMessage)
        case toMonitor(Int, MemberMessage)
        case operatorRequest(Int, OperatorMessage)
        case memberDisk(Int, run: Int, sequence: UInt64)
        case monitorDisk(Int, run: Int, sequence: UInt64)
        case memberWake(Int, run: Int)
        case monitorWake(Int, run: Int)
        case memberPoll(Int, run: Int)
        case monitorPoll(Int, run: Int)
        case memberStart(Int)
        case monitorStart(Int)
        case chaos
        case check
    }

    enum SimulatedMessage {
        case monitor(MonitorID, MonitorMessage)
        case beacon(HaltBeacon)

        /// Whoever has it can send it to anybody.
        var isSigned: Bool {
            switch self {
            case .beacon, .monitor(_, .state), .monitor(_, .grant): true
            case .monitor: false
            }
        }
    }

    let seed: UInt64
    let bug: PlantedBug?
    let trace: Bool
    var random: SimulationRandom
    var queue = SimulationQueue<Event>()
    var now: Int64 = 0
    var hosts: [SimulatedHost] = []
    var monitors: [SimulatedMonitor] = []
    var members: [SimulatedMember] = []
    var faults: SimulationFaults
    var obligations: [Obligation] = []
    /// Accepted re-arms of everything, per monitor.
    var fullRearms: [Int: [Int64]] = [:]
    var stops: [HaltRequestID: (monitor: Int, scope: HaltScope, action: HaltAction, at: Int64)] = [:]
    /// What was stopped last.
    var lastStop: (scope: HaltScope, action: HaltAction, reason: String)?
    var rearms: [HaltRequestID: RearmRequest] = [:]
    var requestCount: UInt64 = 0
    var fileCount: UInt64 = 0
    /// When each `HALT` file was made.
    var fileMade: [UInt64: Int64] = [:]
    var toldDurable: Set<HaltRequestID> = []
    /// Monitors of which some entries were lifted one by one.
    var partlyRearmed: Set<Int> = []
    var sentOnce: Set<String> = []
    /// What the attacker recorded.
    var tape: [Event] = []
    var healed = false
    var failure: SimulationFailure?
    /// What was reached, so that a test can see that the runs do something.
    var statistics = SimulationStatistics()

    static let lease: Int64 = 1_000_000_000
    static let timeout: Int64 = 1_000_000_000
    static let chaosEnd: Int64 = 6_000_000_000

    init(seed: UInt64, bug: PlantedBug? = nil, trace: Bool = false) {
        self.seed = seed
        self.trace = trace
        self.bug = bug
        random = SimulationRandom(seed: seed)
        faults = SimulationFaults(&random)
        build()
    }

    private func build() {
        for _ in 0..<3 {
            hosts.append(SimulatedHost(offset: random.milliseconds(1...9_000_000), drift: Int64(random.below(400)) - 200))
        }
        for index in 0..<(1 + random.below(2)) {
            let monitor = SimulatedMonitor(index: index, name: "m\(index)", host: index)
            let latch = MonitorLatch.initial(monitor: monitor.id).encoded()
            let slot = LatchSlot.encode(kind: .monitor, sequence: 1, payload: latch)
            monitor.disk.slots = [slot, slot]
            monitor.disk.backup = [slot, slot]
            monitors.append(monitor)
            queue.push(.monitorStart(index), at: random.milliseconds(0...50))
        }
        add("coordinator", .coordinator, .coordinator, .idle)
        for index in 0..<(1 + random.below(2)) {
            add("live\(index)", .worker, .live, subject("binance", "main\(index)", "l\(index)"))
        }
        for index in 0..<(1 + random.below(2)) { add("back\(index)", .worker, .backtest, subject("kraken", nil, "b\(index)")) }
        if random.chance(50) { add("dry", .worker, .dryRun, subject("binance", "paper", "d")) }
        queue.push(.chaos, at: random.milliseconds(100...400))
        queue.push(.check, at: 1_000_000)
    }

    private func subject(_ exchange: String, _ account: String?, _ job: String) -> HaltSubject {
        HaltSubject(
            exchange: .named(exchange), account: account.map { .named($0) } ?? .absent, strategy: .named("Ema"), job: .named(job))
    }

    private func add(_ name: String, _ role: MemberRole, _ memberClass: MemberClass, _ subject: HaltSubject) {
        let member = SimulatedMember(
            index: members.count, name: name, role: role, memberClass: memberClass, host: random.below(3), subject: subject)
        members.append(member)
        queue.push(.memberStart(member.index), at: random.milliseconds(0...300))
    }

    /// Runs to the end. Throws the first thing that must not be.
    func run() throws(SimulationFailure) {
        try advance(to: Self.chaosEnd)
        heal()
        try advance(to: now + 3_500_000_000)
        try expectAgreement()
        try expectReopening()
    }

    func advance(to end: Int64) throws(SimulationFailure) {
        while let time = queue.next, time <= end, let event = queue.pop() {
            now = time
            statistics.events += 1
            handle(event)
            if let failure { throw failure }
        }
        now = end
    }

    /// Prints what happens, in a replay.
    func log(_ text: @autoclosure () -> String) {
        if trace { print(now / 1_000_000, text()) }
    }

    func fail(_ what: String) {
        if failure == nil { failure = SimulationFailure(time: now, what: what) }
    }

    private func handle(_ event: Event) {
        switch event {
        case .toMember(let index, let run, let message): deliver(message, to: members[index], run: run)
        case .toMonitor(let index, let message): deliver(message, to: monitors[index])
        case .operatorRequest(let index, let message): deliver(message, to: monitors[index])
        case .memberDisk(let index, let run, let sequence): diskStep(members[index], run, sequence)
        case .monitorDisk(let index, let run, let sequence): diskStep(monitors[index], run, sequence)
        case .memberWake(let index, let run): wake(members[index], run)
        case .monitorWake(let index, let run): wake(monitors[index], run)
        case .memberPoll(let index, let run): poll(members[index], run)
        case .monitorPoll(let index, let run): poll(monitors[index], run)
        case .memberStart(let index): start(members[index])
        case .monitorStart(let index): start(monitors[index])
        case .chaos: chaos()
        case .check:
            for member in members { check(member) }
            queue.push(.check, at: now + 40_000_000)
        }
    }

    /// Postpones what comes to a paused process; true where that was done.
    func postponed(_ pausedUntil: Int64, _ event: Event) -> Bool {
        guard pausedUntil > now else { return false }
        queue.push(event, at: pausedUntil)
        return true
    }
}

struct SimulationStatistics {
    var events = 0
    var stops = 0
    var rearms = 0
    var proofs = 0
    var openings = 0
    var crashes = 0
    var latchFaults = 0
    var replays = 0
    var takeOvers = 0
    var files = 0
    /// Reports of deaths, and proofs that a death was needed for.
    var deaths = 0
    var proofsByDeath = 0
}
