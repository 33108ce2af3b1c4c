// What a worker tells the coordinator. Payloads and results travel beside these messages.

/// One grant of one unit.
package struct Grant: Hashable, Sendable {
    package var unit: UnitID
    package var token: FencingToken
    package init(unit: UnitID, token: FencingToken) {
        self.unit = unit
        self.token = token
    }
}

/// A grant that a worker still has, and how far it is.
package struct HeldUnit: Hashable, Sendable {
    package enum Phase: String, CaseIterable, Hashable, Sendable {
        /// Accepted, not begun.
        case waiting
        case running
        /// Finished; the result waits at the worker until it is acknowledged.
        case finished
    }
    package var grant: Grant
    package var phase: Phase
    package init(grant: Grant, phase: Phase) {
        self.grant = grant
        self.phase = phase
    }
}

/// The first message of a worker on every connection, and its answer to `whoAreYou`.
package struct WorkerHello: Hashable, Sendable {
    package var worker: WorkerID
    package var session: SessionID
    package var workerClass: WorkerClass
    package var executable: ExecutableHash
    /// How many units it wants to have at once: 1...1024.
    package var capacity: Int
    /// How many bytes of memory it may use for units; 0: not known, no limit applies.
    package var memoryBytes: UInt64
    /// The highest token it ever saw, over all of its sessions that it knows of.
    package var highestToken: FencingToken?
    /// Hellos and heartbeats of one session share one sequence: see `WorkerHeartbeat.sequence`.
    package var sequence: UInt64
    package var held: [HeldUnit]
    /// A halt holds this worker: it takes nothing until a heartbeat says otherwise.
    package var isHalted: Bool
    /// Grows with each start of a process of this name: says which of two is the newer one, in whatever order they are heard. 0: not told.
    package var start: UInt64

    package init(
        worker: WorkerID, session: SessionID, workerClass: WorkerClass, executable: ExecutableHash, capacity: Int,
        memoryBytes: UInt64 = 0, highestToken: FencingToken? = nil, sequence: UInt64, held: [HeldUnit] = [],
        isHalted: Bool = false, start: UInt64 = 0
    ) {
        self.worker = worker
        self.session = session
        self.workerClass = workerClass
        self.executable = executable
        self.capacity = capacity
        self.memoryBytes = memoryBytes
        self.highestToken = highestToken
        self.sequence = sequence
        self.held = held
        self.isHalted = isHalted
        self.start = start
    }
}

/// How a worker process is doing, for display and for the monitor's rules.
package struct WorkerHealth: Hashable, Sendable {
    package var residentBytes: UInt64
    /// CPU time of the process so far, in nanoseconds.
    package var cpuNanoseconds: UInt64
    package var unitsCompleted: UInt64
    package var errorCount: UInt64
    package init(residentBytes: UInt64 = 0, cpuNanoseconds: UInt64 = 0, unitsCompleted: UInt64 = 0, errorCount: UInt64 = 0) {
        self.residentBytes = residentBytes
        self.cpuNanoseconds = cpuNanoseconds
        self.unitsCompleted = unitsCompleted
        self.errorCount = errorCount
    }
}

/// A sign of life; its acknowledgement renews the worker's leases.
package struct WorkerHeartbeat: Hashable, Sendable {
    package var session: SessionID
    /// Counts the hellos and heartbeats of one session from 1. A worker keeps the instant at which it sent each one: a
    /// lease runs from the sending of what was acknowledged, never from the receipt of the acknowledgement.
    package var sequence: UInt64
    package var held: [HeldUnit]
    package var health: WorkerHealth
    /// A halt holds this worker: it takes nothing until a heartbeat says otherwise.
    package var isHalted: Bool
    package init(
        session: SessionID, sequence: UInt64, held: [HeldUnit], health: WorkerHealth, isHalted: Bool = false
    ) {
        self.session = session
        self.sequence = sequence
        self.held = held
        self.health = health
        self.isHalted = isHalted
    }
}

/// How far a unit is, in steps that the executor chooses.
package struct UnitProgress: Hashable, Sendable {
    package var done: UInt64
    package var total: UInt64
    package init(done: UInt64, total: UInt64) {
        self.done = done
        self.total = total
    }
}

/// Why a worker gives a unit back unfinished. None of these counts as an attempt.
package enum ReturnReason: Hashable, Sendable {
    /// A halt holds the worker.
    case held
    /// The worker is shutting down.
    case draining
    /// The worker does not take this unit.
    case refused(AssignmentRefusal)
}

/// Why a worker does not take an assignment.
package enum AssignmentRefusal: String, CaseIterable, Hashable, Sendable {
    /// It has more units than it asked for.
    case noCapacity
    /// The unit is of another class.
    case wrongClass
    /// It has seen a higher token for this unit.
    case oldToken
    /// The lease was over when the assignment arrived.
    case leaseOver
    /// Its executable is another one than the job was made for.
    case wrongExecutable
}

/// What a worker sends to the coordinator.
package enum WorkerToCoordinator: Hashable, Sendable {
    case hello(WorkerHello)
    case started(Grant)
    case progress(Grant, UnitProgress)
    /// The result's bytes travel beside it. Sent again on every connection until `recorded` names the token.
    case finished(Grant, UnitOutcome)
    case returned(Grant, ReturnReason)
    case heartbeat(WorkerHeartbeat)
    /// Of a dry-run or live job that the worker has. Answered with `recordsKept` when they are in the store.
    case records(RecordBatch)
    /// Of a dry-run or live job that the worker has, whose journal lacks them. Answered with `storedRecords`.
    case fetchRecords(Grant, from: UInt64)
    /// The worker ends on purpose and holds nothing that is not listed as held in its last message.
    case goodbye(SessionID)
}
