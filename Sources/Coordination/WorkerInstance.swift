/// A worker's logic: a value without I/O, clock or randomness.
///
/// It keeps every result until the coordinator has recorded it, over lost connections and restarts of the coordinator. Its
/// units go on while the coordinator is away; the leases of live jobs end by themselves.
package struct WorkerInstance: Sendable {
    /// A grant and what has become of it here.
    struct Held: Sendable {
        enum Stage: Sendable {
            case waiting
            case running
            /// Told to stop, not stopped yet.
            case stopping(StopCause)
            /// The outcome waits for its acknowledgement.
            case finished(UnitOutcome)
        }
        var assignment: Assignment
        var stage: Stage = .waiting
        var lastSent: Instant?
        /// A live job's lease; nil for other kinds.
        var leaseEnd: Instant?
        var isLeaseOver = false
        /// The records of a dry-run or live job; nil before it has said that it has some.
        var records: RecordFlow?
        /// What the job asked the store for, before it was answered.
        var wanted: RecordRequest?
        /// The reset of a live job's breaker that came before the job began; the newest counts.
        var earlyReset: (by: String, reason: String)?

        var grant: Grant { assignment.grant }
    }

    enum Link: Sendable {
        case disconnected
        /// Hellos were sent and not answered; the next one is due at an instant, after a wait that grows.
        case greeting(next: Instant, wait: Duration)
        case welcomed
    }

    enum Ending: Sendable {
        /// Finish what runs, take nothing new.
        case draining
        /// Stop what runs, give it back, and end at the instant at the latest.
        case stopping(by: Instant)
        /// Goodbye was said: end when the coordinator has answered, and at the instant at the latest.
        case leaving(by: Instant)
        case superseded(by: SessionID)
        case exited
    }

    package let settings: WorkerSettings
    var link = Link.disconnected
    var ending: Ending?
    package internal(set) var isHalted = false
    var health = WorkerHealth()

    /// In the order of their arrival; at most a few thousand.
    var held: [FencingToken: Held] = [:]
    var waiting = RingQueue<FencingToken>()
    var runningCount = 0
    /// Grants that are over, so that a repeated assignment does not run twice.
    var ended = RecentSet<FencingToken>(capacity: 4096)
    /// Tokens up to this one may have left `ended`.
    var endedFloor: FencingToken?
    /// The highest token ever seen. The shell may keep it for later sessions.
    package internal(set) var highestToken: FencingToken?

    var heartbeatInterval = Duration.seconds(1)
    var liveLease = Duration.seconds(60)
    var sequence: UInt64 = 0
    /// When hellos and heartbeats were sent, oldest first: leases are counted from there.
    var sent: [(sequence: UInt64, instant: Instant)] = []
    var nextHeartbeat: Instant
    var lastHeard: Instant
    var lastHello: Instant?

    var now: Moment
    var output: [WorkerDirective] = []

    package init(settings: WorkerSettings, at moment: Moment) {
        self.settings = settings
        now = moment
        nextHeartbeat = moment.instant
        lastHeard = moment.instant
        highestToken = settings.highestToken
    }

    // MARK: - Inputs

    /// The connection to the coordinator is there, or is there again.
    package mutating func connected(at moment: Moment) -> [WorkerDirective] {
        begin(moment)
        greet()
        return takeOutput()
    }

    /// Stops for a halt, or goes on after it. Backtests are stopped and go back; dry-run and live jobs run on, with the
    /// order gate that the halt has closed; nothing new is begun.
    package mutating func setHold(_ hold: Bool, reason: String, at moment: Moment) -> [WorkerDirective] {
        begin(moment)
        guard hold != isHalted, ending == nil || hold else {
            isHalted = hold
            return takeOutput()
        }
        isHalted = hold
        if hold { handBackForHalt() } else { startWaiting() }
        if case .welcomed = link { beat() }
        return takeOutput()
    }

    /// How far a unit is.
    package mutating func unitProgress(
        _ token: FencingToken, _ progress: UnitProgress, at moment: Moment
    ) -> [WorkerDirective] {
        begin(moment)
        if let unit = held[token], case .running = unit.stage, case .welcomed = link { send(.progress(unit.grant, progress)) }
        return takeOutput()
    }

    /// A unit ended: by itself, or because it was stopped. With `succeeded` the shell has its result.
    package mutating func unitFinished(
        _ token: FencingToken, _ outcome: UnitOutcome, at moment: Moment
    ) -> [WorkerDirective] {
        begin(moment)
        conclude(token, outcome)
        startWaiting()
        endIfDone()
        return takeOutput()
    }

    /// The journal of a running job has so many records now; the first call is made as soon as it is open.
    package mutating func recordsWritten(_ token: FencingToken, upTo count: UInt64, at moment: Moment) -> [WorkerDirective] {
        begin(moment)
        if let unit = held[token] {
            var flow = unit.records ?? RecordFlow()
            flow.append(upTo: count)
            held[token]?.records = flow
            askForRecords(token)
        }
        return takeOutput()
    }

    /// The journal of a running job lacks what the store has from this number on. Another number takes the place of what was asked before.
    package mutating func recordsWanted(_ token: FencingToken, from first: UInt64, at moment: Moment) -> [WorkerDirective] {
        begin(moment)
        held[token]?.wanted = RecordRequest(first: first)
        askForStoredRecords(token)
        return takeOutput()
    }

    /// Figures for the next heartbeats.
    package mutating func noteHealth(_ health: WorkerHealth) { self.health = health }

    /// The process shall end (SIGTERM, the end of its supervisor): units are stopped and go back.
    package mutating func shutdown(at moment: Moment) -> [WorkerDirective] {
        begin(moment)
        switch ending {
        case nil, .draining:
            ending = .stopping(by: now.instant.advanced(by: settings.shutdownGrace))
            stopEverything(.shutdown)
            endIfDone()
        case .stopping, .leaving, .superseded, .exited: break
        }
        return takeOutput()
    }

    // MARK: - Display

    /// What it has, for its own status.
    package var heldUnits: [HeldUnit] { held.keys.sorted().compactMap { held[$0].map(Self.describe) } }

    /// Whether the coordinator has answered.
    package var isWelcomed: Bool { if case .welcomed = link { true } else { false } }

    static func describe(_ unit: Held) -> HeldUnit {
        let phase: HeldUnit.Phase =
            switch unit.stage {
            case .waiting: .waiting
            case .running, .stopping: .running
            case .finished: .finished
            }
        return HeldUnit(grant: unit.grant, phase: phase)
    }
}

// MARK: - Output

extension WorkerInstance {
    mutating func begin(_ moment: Moment) {
        now = Moment(instant: max(now.instant, moment.instant), wallMilliseconds: moment.wallMilliseconds)
    }

    mutating func takeOutput() -> [WorkerDirective] {
        defer { output = [] }
        return output
    }

    mutating func send(_ message: WorkerToCoordinator) { output.append(.send(message)) }

    /// Numbers a hello or heartbeat and keeps when it was sent, for as long as a lease may depend on it.
    mutating func nextSequence() -> UInt64 {
        sequence += 1
        sent.append((sequence, now.instant))
        let oldest = now.instant.advanced(by: .zero - liveLease)
        if let first = sent.first, first.instant < oldest {
            sent.removeAll { $0.instant < oldest }
        }
        return sequence
    }

    /// When the hello or heartbeat of this number was sent; nil: it is too long ago, or none was.
    package func sendingInstant(of sequence: UInt64) -> Instant? {
        sent.last { $0.sequence == sequence }?.instant
    }

    mutating func greet() {
        guard !isOver else { return }
        let wait: Duration =
            if case .greeting(_, let last) = link { min(last * 2, settings.maxHelloInterval) } else { settings.helloInterval }
        link = .greeting(next: now.instant.advanced(by: wait), wait: wait)
        lastHello = now.instant
        send(
            .hello(
                WorkerHello(
                    worker: settings.worker, session: settings.session, workerClass: settings.workerClass,
                    executable: settings.executable, capacity: settings.capacity, memoryBytes: settings.memoryBytes,
                    highestToken: highestToken, sequence: nextSequence(), held: heldUnits, isHalted: isHalted,
                    start: settings.start)))
    }

    mutating func beat() {
        nextHeartbeat = now.instant.advanced(by: heartbeatInterval)
        send(
            .heartbeat(
                WorkerHeartbeat(
                    session: settings.session, sequence: nextSequence(), held: heldUnits, health: health,
                    isHalted: isHalted)))
    }

    var isOver: Bool {
        if case .exited = ending { true } else { false }
    }
}
