/// What a worker is set to.
package struct WorkerSettings: Hashable, Sendable {
    package var worker: WorkerID
    package var session: SessionID
    package var workerClass: WorkerClass
    package var executable: ExecutableHash
    /// How many units it asks for at once, those that wait included.
    package var capacity: Int
    /// How many of them run at the same time.
    package var parallelism: Int
    /// 0: no figure.
    package var memoryBytes: UInt64
    /// The highest token that an earlier session of this worker saw, where it was kept.
    package var highestToken: FencingToken?
    /// Grows with each start of a process of this name; 0: not known.
    package var start: UInt64 = 0
    /// The first wait for an answer to a hello; it doubles up to `maxHelloInterval`.
    package var helloInterval: Duration = .milliseconds(250)
    package var maxHelloInterval: Duration = .seconds(4)
    /// How long a shutdown waits for the answer to its last reports.
    package var shutdownGrace: Duration = .seconds(5)

    package init(
        worker: WorkerID, session: SessionID, workerClass: WorkerClass, executable: ExecutableHash, capacity: Int = 2,
        parallelism: Int = 1, memoryBytes: UInt64 = 0, highestToken: FencingToken? = nil
    ) {
        self.worker = worker
        self.session = session
        self.workerClass = workerClass
        self.executable = executable
        self.capacity = capacity
        self.parallelism = parallelism
        self.memoryBytes = memoryBytes
        self.highestToken = highestToken
    }
}

/// What the worker's shell must now do.
package enum WorkerDirective: Hashable, Sendable {
    /// With `finished(_, .succeeded)` the kept result of that token goes along.
    case send(WorkerToCoordinator)
    /// Begin this unit; its payload came beside the assignment.
    case start(Assignment)
    /// Stop this unit and say `unitFinished` when nothing of it runs any more.
    case stop(Grant, StopCause)
    /// The payload of this assignment is not needed (any more).
    case dropPayload(Grant)
    /// Keep the result of this unit until `dropResult`.
    case keepResult(FencingToken)
    /// Send the job's records from this number on (`records`), an empty batch where there are none: the answer comes as `recordsKept`.
    case sendRecords(Grant, from: UInt64)
    /// The coordinator's store has the job's records up to this one.
    case recordsKept(Grant, upTo: UInt64)
    /// What the store has of the job's records from this number on: the answer to `recordsWanted`.
    case storedRecords(Grant, from: UInt64, [[UInt8]])
    /// The circuit breaker of this live job is reset by a named person.
    case resetBreaker(Grant, by: String, reason: String)
    case dropResult(FencingToken)
    /// The holder of this live job may trade until then, by this machine's clock.
    case leaseExtended(Grant, until: Instant)
    /// The lease of this live job ran out: reduce only, and keep the account, until it is extended again.
    case leaseExpired(Grant)
    /// Nothing is left to do.
    case exit(ExitReason)
}

/// Why a unit is stopped.
package enum StopCause: String, CaseIterable, Hashable, Sendable {
    /// A halt holds the worker: the unit goes back.
    case held
    /// The worker shuts down: the unit goes back.
    case shutdown
    /// The job was canceled.
    case canceled
    /// The grant is not current any more; nobody wants the result.
    case revoked
    /// A newer session of this worker is there.
    case superseded
}

/// Why a worker ends.
package enum ExitReason: Hashable, Sendable {
    /// It was told to drain or to shut down.
    case drained
    case superseded(by: SessionID)
    /// The coordinator does not take it; the message says why.
    case rejected(String)
}
