package import Coordination

// What the coordinator answers to a `ClientQuery`. These are plain values for the codec and for `--json`; the store's own types never
// cross a process border.

/// The answer to a question of a client.
package enum QueryAnswer: Hashable, Sendable {
    case jobs([JobLine])
    case job(JobAnswer)
    case status(StatusAnswer)
    /// Where the events stand: a watcher that sees another incarnation or a gap after this asks again.
    case watching(incarnation: UInt64, sequence: UInt64, jobs: [JobLine])
    case results(ResultsPage)
    case records(RecordsPage)
    /// Nil: there are no limits of all accounts together.
    case portfolio(PortfolioAnswer?)
    /// The copy is whole and on disk.
    case backedUp(bytes: UInt64)
    case refused(Refusal)
}

/// One line of a job list.
package struct JobLine: Hashable, Sendable {
    package var id: JobID
    package var address: JobAddress
    package var kind: JobKind
    package var group: String
    package var priority: Int
    package var state: JobState
    package var combinationCount: UInt64
    package var unitCount: UInt64
    package var completedUnits: UInt64
    package var failedUnits: UInt64
    /// Units that are with workers now.
    package var unitsOut: UInt64
    package var submittedAtMilliseconds: Int64
    package var changedAtMilliseconds: Int64

    package init(
        id: JobID, address: JobAddress, kind: JobKind, group: String, priority: Int, state: JobState, combinationCount: UInt64,
        unitCount: UInt64, completedUnits: UInt64, failedUnits: UInt64, unitsOut: UInt64, submittedAtMilliseconds: Int64,
        changedAtMilliseconds: Int64
    ) {
        self.id = id
        self.address = address
        self.kind = kind
        self.group = group
        self.priority = priority
        self.state = state
        self.combinationCount = combinationCount
        self.unitCount = unitCount
        self.completedUnits = completedUnits
        self.failedUnits = failedUnits
        self.unitsOut = unitsOut
        self.submittedAtMilliseconds = submittedAtMilliseconds
        self.changedAtMilliseconds = changedAtMilliseconds
    }
}

/// Everything about one job but its results.
package struct JobAnswer: Hashable, Sendable {
    /// A state that the job was in from a time on.
    package struct LogLine: Hashable, Sendable {
        package var state: JobState
        package var reason: StateReason
        package var wallMilliseconds: Int64
        package init(state: JobState, reason: StateReason, wallMilliseconds: Int64) {
            self.state = state
            self.reason = reason
            self.wallMilliseconds = wallMilliseconds
        }
    }

    /// One grant of a unit and what became of it.
    package struct AttemptLine: Hashable, Sendable {
        package var unit: UInt64
        package var token: FencingToken
        package var attempt: Int
        package var worker: WorkerID
        package var dispatchedAtMilliseconds: Int64
        package var endedAtMilliseconds: Int64?
        /// `out`, `succeeded`, `canceled`, `requeued`, or a failure's code.
        package var ending: String
        /// The failure's or requeue's explanation; may be empty.
        package var message: String
        package init(
            unit: UInt64, token: FencingToken, attempt: Int, worker: WorkerID, dispatchedAtMilliseconds: Int64,
            endedAtMilliseconds: Int64?, ending: String, message: String
        ) {
            self.unit = unit
            self.token = token
            self.attempt = attempt
            self.worker = worker
            self.dispatchedAtMilliseconds = dispatchedAtMilliseconds
            self.endedAtMilliseconds = endedAtMilliseconds
            self.ending = ending
            self.message = message
        }
    }

    package var line: JobLine
    package var log: [LogLine]
    package var attempts: [AttemptLine]
    /// The job's `JobSpecification`, encoded.
    package var payload: [UInt8]
    /// Reports that came too late and were refused.
    package var lateReports: UInt64

    package init(line: JobLine, log: [LogLine], attempts: [AttemptLine], payload: [UInt8], lateReports: UInt64) {
        self.line = line
        self.log = log
        self.attempts = attempts
        self.payload = payload
        self.lateReports = lateReports
    }
}

/// The state of the fleet as the coordinator sees it.
package struct StatusAnswer: Hashable, Sendable {
    package struct WorkerLine: Hashable, Sendable {
        package var id: WorkerID
        package var session: SessionID
        package var workerClass: WorkerClass
        package var capacity: Int
        package var unitsHeld: Int
        package var isConnected: Bool
        package var isHalted: Bool
        package var isDraining: Bool
        package var isSilent: Bool
        package var executableMatches: Bool
        package var sinceLastHeardMilliseconds: Int64
        package var health: WorkerHealth
        package init(
            id: WorkerID, session: SessionID, workerClass: WorkerClass, capacity: Int, unitsHeld: Int, isConnected: Bool,
            isHalted: Bool, isDraining: Bool, isSilent: Bool, executableMatches: Bool, sinceLastHeardMilliseconds: Int64,
            health: WorkerHealth
        ) {
            self.id = id
            self.session = session
            self.workerClass = workerClass
            self.capacity = capacity
            self.unitsHeld = unitsHeld
            self.isConnected = isConnected
            self.isHalted = isHalted
            self.isDraining = isDraining
            self.isSilent = isSilent
            self.executableMatches = executableMatches
            self.sinceLastHeardMilliseconds = sinceLastHeardMilliseconds
            self.health = health
        }
    }

    package var fleet: String
    package var version: String
    package var processID: Int32
    package var incarnation: UInt64
    package var uptimeMilliseconds: Int64
    package var residentBytes: UInt64
    package var cpuNanoseconds: UInt64
    /// Why nothing is dispatched; empty: it is.
    package var holdReason: String
    package var isDraining: Bool
    /// How many jobs are in each state, finished ones included.
    package var jobCounts: [JobState: UInt64]
    package var unitsOut: UInt64
    package var workers: [WorkerLine]

    package init(
        fleet: String, version: String, processID: Int32, incarnation: UInt64, uptimeMilliseconds: Int64, residentBytes: UInt64,
        cpuNanoseconds: UInt64, holdReason: String, isDraining: Bool, jobCounts: [JobState: UInt64], unitsOut: UInt64,
        workers: [WorkerLine]
    ) {
        self.fleet = fleet
        self.version = version
        self.processID = processID
        self.incarnation = incarnation
        self.uptimeMilliseconds = uptimeMilliseconds
        self.residentBytes = residentBytes
        self.cpuNanoseconds = cpuNanoseconds
        self.holdReason = holdReason
        self.isDraining = isDraining
        self.jobCounts = jobCounts
        self.unitsOut = unitsOut
        self.workers = workers
    }
}

/// Some of a dry-run or live job's records, in their order.
package struct RecordsPage: Hashable, Sendable {
    package var job: JobID
    /// The number of the first one.
    package var first: UInt64
    package var records: [[UInt8]]
    /// Whether there are more after these.
    package var hasMore: Bool
    package init(job: JobID, first: UInt64, records: [[UInt8]], hasMore: Bool) {
        self.job = job
        self.first = first
        self.records = records
        self.hasMore = hasMore
    }
}

/// Some of a job's results, in the order of their units.
package struct ResultsPage: Hashable, Sendable {
    package struct Result: Hashable, Sendable {
        package var unit: UInt64
        package var bytes: [UInt8]
        package init(unit: UInt64, bytes: [UInt8]) {
            self.unit = unit
            self.bytes = bytes
        }
    }

    package var job: JobID
    package var results: [Result]
    /// The unit to ask for next; nil: there is none.
    package var next: UInt64?
    package init(job: JobID, results: [Result], next: UInt64?) {
        self.job = job
        self.results = results
        self.next = next
    }
}
