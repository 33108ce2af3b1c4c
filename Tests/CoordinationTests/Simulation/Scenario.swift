import Coordination
import SimulationSupport

/// A bug that is planted around the instances, to show that the invariants notice it.
enum PlantedBug: String, CaseIterable, Sendable {
    /// The coordinator's shell answers before it commits.
    case answersBeforeCommit
    /// The shell loses every tenth change of a commit.
    case losesChanges
    /// After a crash the shell commits the last batch once more.
    case commitsTwice
    /// The shell never calls `tick`.
    case forgetsTimers
    /// Workers are told leases three times as long as the coordinator counts.
    case lengthensLeases
    /// The shell does not pass a halt on to the coordinator.
    case ignoresHold
    /// The worker's shell does not pass a halt on.
    case workerIgnoresHold
    /// A restart of the store forgets which units are done.
    case forgetsResults
    /// A restart of the store forgets how often a unit was tried.
    case forgetsAttempts
    /// The coordinator's shell gives the report of an old grant the token of the current one, but not the result's bytes.
    case rewritesTokens
    /// The coordinator's shell sends a job's last assignment to another worker as well.
    case assignsToTwo
}

extension PlantedBug {
    /// What the invariants say about it, in the words of the violations.
    var symptoms: [String] {
        switch self {
        case .answersBeforeCommit: ["lost: job"]
        case .losesChanges: ["succeeds without all of its results"]
        case .commitsTwice: ["has its result recorded twice", "is succeeded and becomes succeeded"]
        case .forgetsTimers: ["stuck: "]
        case .lengthensLeases, .assignsToTwo: ["two holders: "]
        case .ignoresHold: ["goes out under a halt"]
        case .workerIgnoresHold: ["under a halt"]
        case .forgetsResults: ["goes out although its result is recorded"]
        case .forgetsAttempts: ["has attempt 1 after"]
        case .rewritesTokens: ["has a wrong result"]
        }
    }
}

/// What one seed makes of a fleet: its size, its jobs and everything that goes wrong.
struct Scenario {
    var settings = CoordinatorSettings()
    var workerClasses: [WorkerClass]
    var clientCount: Int
    var hasSupervisor: Bool
    var pipelinesCommits: Bool
    var faults: UnreliableNetwork.Faults
    /// How often, per virtual second, each of these happens.
    var coordinatorCrashes: Double
    var workerCrashes: Double
    var pauses: Double
    var partitions: Double
    var halts: Double
    var twins: Double
    var wallJumps: Double
    var faultTime = Duration.seconds(20)
    /// After the faults everything must be done within this.
    var settlingTime = Duration.seconds(240)

    init(using random: inout SplitMix64) {
        settings.heartbeatInterval = .milliseconds(400)
        settings.workerLease = .seconds(2)
        settings.liveLease = .seconds(4)
        settings.backOff = .milliseconds(100)
        settings.maxBackOff = .seconds(1)
        settings.resendInterval = .milliseconds(1200)
        settings.maxFailedUnits = 4
        let backtesters = Int.random(in: 1...3, using: &random)
        workerClasses = Array(repeating: .backtest, count: backtesters) + [.live, .live]
        if random.chance(0.5) { workerClasses.append(.dryRun) }
        clientCount = Int.random(in: 1...2, using: &random)
        hasSupervisor = random.chance(0.7)
        pipelinesCommits = random.chance(0.5)
        /// Each kind of trouble is absent in about half of the runs, so that every mixture occurs.
        func rate(_ most: Double) -> Double { random.chance(0.5) ? 0 : Double.random(in: 0...most, using: &random) }
        faults = UnreliableNetwork.Faults(drop: rate(0.2), duplicate: rate(0.2), delay: rate(0.15))
        coordinatorCrashes = rate(0.3)
        workerCrashes = rate(0.3)
        pauses = rate(0.2)
        partitions = rate(0.3)
        halts = rate(0.1)
        twins = rate(0.05)
        wallJumps = rate(0.2)
    }
}
