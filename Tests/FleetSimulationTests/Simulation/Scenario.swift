import Coordination
import SimulationSupport

/// What one seed makes of a fleet: its size and everything that goes wrong.
struct Scenario {
    var settings = CoordinatorSettings()
    var workerClasses: [WorkerClass]
    var monitorCount: Int
    var clientCount: Int
    var hasSupervisor: Bool
    var faults: UnreliableNetwork.Faults
    /// How often, per virtual second, each of these happens.
    var coordinatorCrashes: Double
    var monitorCrashes: Double
    var workerCrashes: Double
    var shutdowns: Double
    var pauses: Double
    var partitions: Double
    /// In milliseconds.
    var longestCut = 5_000.0
    /// How long live and dry units take, in milliseconds.
    var liveLength = 1_000.0...8_000.0
    var stops: Double
    var rearms: Double
    var haltFiles: Double
    var wallJumps: Double
    var diskFailures: Double
    /// After the faults the whole fleet is stopped once more, and looked at, before it is opened again.
    var endsWithStop: Bool
    var faultTime = Duration.seconds(5)
    /// After the faults everything must be done within this.
    var settlingTime = Duration.seconds(180)

    /// - Parameter bug: what the run shall notice; the trouble that shows it comes more often.
    init(using random: inout SplitMix64, bug: PlantedBug?) {
        settings.heartbeatInterval = .milliseconds(400)
        settings.workerLease = .milliseconds(1500)
        settings.liveLease = .seconds(3)
        settings.backOff = .milliseconds(100)
        settings.maxBackOff = .seconds(1)
        settings.resendInterval = .milliseconds(1000)
        settings.maxFailedUnits = 4
        workerClasses = Array(repeating: .backtest, count: Int.random(in: 1...2, using: &random)) + [.live]
        if random.chance(0.6) { workerClasses.append(.live) }
        if random.chance(0.2) { workerClasses.append(.dryRun) }
        monitorCount = Int.random(in: 1...2, using: &random) + (random.chance(0.2) ? 1 : 0)
        clientCount = Int.random(in: 1...2, using: &random)
        hasSupervisor = random.chance(0.7)
        /// Each kind of trouble is absent in about half of the runs, so that every mixture occurs.
        func rate(_ most: Double) -> Double { random.chance(0.5) ? 0 : Double.random(in: 0...most, using: &random) }
        faults = UnreliableNetwork.Faults(drop: rate(0.2), duplicate: rate(0.2), delay: rate(0.15))
        coordinatorCrashes = rate(0.4)
        monitorCrashes = rate(0.5)
        workerCrashes = rate(0.5)
        shutdowns = rate(0.2)
        pauses = rate(0.4)
        partitions = rate(0.5)
        stops = random.chance(0.2) ? 0 : Double.random(in: 0.1...0.6, using: &random)
        rearms = Double.random(in: 0.2...0.9, using: &random)
        haltFiles = rate(0.2)
        wallJumps = rate(0.2)
        diskFailures = random.chance(0.8) ? 0 : 0.2
        endsWithStop = random.chance(0.5)
        if let bug { emphasize(bug) }
    }

    private mutating func emphasize(_ bug: PlantedBug) {
        switch bug {
        case .answersBeforeCommit: coordinatorCrashes = 2
        case .confirmsLatchEarly: (monitorCrashes, stops) = (2, 1)
        case .anyGrantAnswers:
            faults = UnreliableNetwork.Faults(drop: 0.2, duplicate: 0.3, delay: 0.4)
            (stops, partitions) = (1, 1)
        case .keepsHeldUnits: endsWithStop = true
        case .startsReleased: (coordinatorCrashes, workerCrashes, stops, rearms) = (1, 1, 1, 0.5)
        case .lengthensLeases:
            (workerClasses, stops, haltFiles, partitions, pauses) = ([.backtest, .live, .live], 0, 0, 1, 1)
            (faultTime, longestCut, liveLength) = (.seconds(20), 12_000, 6_000...20_000)
        case .silenceStaysOpen: (workerClasses, stops, partitions) = ([.backtest, .live, .live], 0.6, 2)
        case .saysStoppedMidTurn: (pauses, stops, rearms) = (3, 1.5, 3)
        case .oldWorkStopped: (pauses, stops, rearms) = (3, 3, 4)
        default: break
        }
    }
}

/// A bug that is planted around the instances, to show that the invariants notice it.
enum PlantedBug: String, CaseIterable, Sendable {
    /// The coordinator's shell answers before it commits.
    case answersBeforeCommit
    /// After a crash the coordinator's shell commits the last batch once more.
    case commitsTwice
    /// The coordinator's shell never calls `tick`.
    case forgetsTimers
    /// Workers are told leases three times as long as the coordinator counts.
    case lengthensLeases
    /// The coordinator's shell acknowledges a hold without passing it on.
    case coordinatorIgnoresHold
    /// The worker's shell acknowledges a hold without passing it on.
    case workerIgnoresHold
    /// The worker's shell says that nothing runs before it has carried out what the same turn began.
    case saysStoppedMidTurn
    /// The guard takes the end of an earlier hold's work for that of the present one.
    case oldWorkStopped
    /// A unit that a halt stopped is reported as failed.
    case reportsHeldAsFailed
    /// The worker's shell keeps what a halt gives back, and goes on saying that it has it.
    case keepsHeldUnits
    /// A process begins released instead of held.
    case startsReleased
    /// A monitor forgets its latch when it starts.
    case monitorForgets
    /// A monitor's shell confirms its latch before it is written.
    case confirmsLatchEarly
    /// Any grant counts as the answer to the last question.
    case anyGrantAnswers
    /// A live worker's gate stays open when no lease comes.
    case silenceStaysOpen
    /// No process looks for a `HALT` file.
    case ignoresHaltFile
    /// A re-arm is taken to name the present epoch.
    case rearmNeedsNoEpoch
    /// The end of a hold is not passed on.
    case staysHeld
}

extension PlantedBug {
    /// What the invariants say about it, in the words of the violations.
    var symptoms: [String] {
        switch self {
        case .answersBeforeCommit: ["lost: "]
        case .commitsTwice: ["has its result recorded twice", "is succeeded and becomes succeeded"]
        case .forgetsTimers: ["stuck: "]
        case .lengthensLeases: ["two holders: "]
        case .coordinatorIgnoresHold: ["coordinator sends work under a stop"]
        case .keepsHeldUnits: ["although everybody holds"]
        case .workerIgnoresHold: ["runs work under a stop"]
        case .saysStoppedMidTurn, .oldWorkStopped: ["runs work under a stop"]
        case .reportsHeldAsFailed: ["counts as an attempt although a halt stopped it"]
        case .startsReleased: ["under a stop"]
        case .monitorForgets, .confirmsLatchEarly: ["forgot the stop"]
        case .anyGrantAnswers: ["opens although"]
        case .silenceStaysOpen: ["orders longer than a lease after"]
        case .ignoresHaltFile: ["after it saw a HALT file"]
        case .rearmNeedsNoEpoch: ["accepted a re-arm that names"]
        case .staysHeld: ["stuck: "]
        }
    }
}
