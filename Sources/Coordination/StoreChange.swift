// What the coordinator writes to its store, and what it asks of it. The shell commits all changes of a batch of inputs in
// one transaction before it sends, replies or publishes anything of that batch.

/// A job as the store has it. Its payload is kept beside it, under the job's id.
package struct JobRecord: Hashable, Sendable {
    package var id: JobID
    package var submission: SubmissionID
    /// Its place in the submission, counted from 0: it says which payload belongs to the job.
    package var submissionIndex: Int
    package var job: NewJob
    package var state: JobState
    package var submittedAtMilliseconds: Int64
    package init(
        id: JobID, submission: SubmissionID, submissionIndex: Int, job: NewJob, state: JobState, submittedAtMilliseconds: Int64
    ) {
        self.id = id
        self.submission = submission
        self.submissionIndex = submissionIndex
        self.job = job
        self.state = state
        self.submittedAtMilliseconds = submittedAtMilliseconds
    }
}

/// A unit that is out with a worker.
package struct UnitDispatch: Hashable, Sendable {
    package var grant: Grant
    /// Counts from 1.
    package var attempt: Int
    package var worker: WorkerID
    package var session: SessionID
    package var dispatchedAtMilliseconds: Int64
    package init(grant: Grant, attempt: Int, worker: WorkerID, session: SessionID, dispatchedAtMilliseconds: Int64) {
        self.grant = grant
        self.attempt = attempt
        self.worker = worker
        self.session = session
        self.dispatchedAtMilliseconds = dispatchedAtMilliseconds
    }
}

/// A unit that waits again after at least one attempt or return.
package struct PendingUnit: Hashable, Sendable {
    package var unit: UnitID
    /// Attempts that count, so far.
    package var attempts: Int
    /// Wall time before which it shall not be dispatched again; nil: at once.
    package var notBeforeMilliseconds: Int64?
    package init(unit: UnitID, attempts: Int, notBeforeMilliseconds: Int64? = nil) {
        self.unit = unit
        self.attempts = attempts
        self.notBeforeMilliseconds = notBeforeMilliseconds
    }
}

/// A report that came with a token that is not the current one, or for a canceled job: noted and refused.
package struct LateReport: Hashable, Sendable {
    package var grant: Grant
    package var worker: WorkerID
    package var session: SessionID
    package var outcome: UnitOutcome
    package init(grant: Grant, worker: WorkerID, session: SessionID, outcome: UnitOutcome) {
        self.grant = grant
        self.worker = worker
        self.session = session
        self.outcome = outcome
    }
}

/// A session of a worker that the coordinator knows, as a restart finds it again.
package struct WorkerSession: Hashable, Sendable {
    package var worker: WorkerID
    package var session: SessionID
    package var workerClass: WorkerClass
    /// As its hello said; 0: not told.
    package var start: UInt64
    package init(worker: WorkerID, session: SessionID, workerClass: WorkerClass, start: UInt64) {
        self.worker = worker
        self.session = session
        self.workerClass = workerClass
        self.start = start
    }
}

/// One change of the store. Applying a batch of them is one transaction; none of them is ever applied twice.
///
/// The large cases are boxed, so that the frequent ones are cheap to move.
package enum StoreChange: Hashable, Sendable {
    /// A new job; the shell stores its payload, which it finds by submission and index, in the same transaction.
    indirect case jobInserted(JobRecord)
    /// The submission was accepted as these jobs: the same submission again gets this answer.
    case submissionRecorded(SubmissionID, [AcceptedJob], wallMilliseconds: Int64)
    case jobStateChanged(JobID, JobState, StateReason, wallMilliseconds: Int64)
    /// Back to `queued`: units that failed wait again, all attempts are forgotten, recorded results stay.
    case jobRetried(JobID, wallMilliseconds: Int64)
    case unitDispatched(UnitDispatch)
    /// The dispatch is closed with this outcome, which is final for the unit. With `succeeded` the shell stores the result's
    /// bytes in the same transaction. `canceled` leaves the unit neither completed nor failed: a retry runs it.
    case unitFinished(Grant, UnitOutcome, wallMilliseconds: Int64)
    /// The dispatch of the grant is closed without a result and the unit waits again.
    indirect case unitRequeued(Grant, PendingUnit, StateReason, wallMilliseconds: Int64)
    /// The records of the job from the number `first` on, which follow those that the store has.
    case recordsAdded(JobID, first: UInt64, [[UInt8]])
    indirect case lateReport(LateReport, wallMilliseconds: Int64)
    /// A worker showed a higher token than this store knows (it was restored from a backup): the next opening must give
    /// an incarnation above this one.
    case incarnationRaised(UInt64)
    indirect case workerJoined(WorkerSession)
    /// The session is known no more: it said goodbye, was lost, replaced or proved dead.
    case workerLeft(SessionID)
    /// The death of this session was proved. The store keeps the last `StoreSnapshot.deadSessionLimit` of them.
    case workerDied(SessionID)
}

/// A job that is not finished, as a restart loads it.
package struct StoredJob: Hashable, Sendable {
    package var record: JobRecord
    /// Units with a recorded result.
    package var completedUnits: RangeSet<UInt64>
    /// Units that failed for good.
    package var failedUnits: RangeSet<UInt64>
    /// Units that wait again after a failed or returned attempt.
    package var pendingUnits: [PendingUnit]
    /// Units that are out with workers.
    package var dispatches: [UnitDispatch]
    /// How many records the store has of a dry-run or live job.
    package var recordCount: UInt64
    package init(
        record: JobRecord, completedUnits: RangeSet<UInt64> = RangeSet(), failedUnits: RangeSet<UInt64> = RangeSet(),
        pendingUnits: [PendingUnit] = [], dispatches: [UnitDispatch] = [], recordCount: UInt64 = 0
    ) {
        self.record = record
        self.completedUnits = completedUnits
        self.failedUnits = failedUnits
        self.pendingUnits = pendingUnits
        self.dispatches = dispatches
        self.recordCount = recordCount
    }
}

/// What a starting coordinator reads from its store.
package struct StoreSnapshot: Hashable, Sendable {
    /// Raised by the store at every opening, before anything else is done with it.
    package var incarnation: UInt64
    package var nextJobID: JobID
    /// The jobs that are not terminal, in the order of their ids.
    package var jobs: [StoredJob]
    /// The sessions that were known, in the order in which they joined.
    package var workers: [WorkerSession]
    /// The last ones whose death was proved, oldest first.
    package var deadSessions: [SessionID]

    /// How many dead sessions are kept: more than can die while a hello is under way.
    package static let deadSessionLimit = 4096

    package init(
        incarnation: UInt64, nextJobID: JobID, jobs: [StoredJob], workers: [WorkerSession] = [], deadSessions: [SessionID] = []
    ) {
        self.incarnation = incarnation
        self.nextJobID = nextJobID
        self.jobs = jobs
        self.workers = workers
        self.deadSessions = deadSessions
    }
}

/// Questions that the coordinator asks its store while it handles a client's request. Answers show all committed changes;
/// of changes that are not committed yet the instance knows by itself.
package protocol AddressLookup {
    /// The newest job of this address that succeeded.
    func succeededJob(at address: JobAddress) -> JobID?
    /// How a submission was answered; nil: it is not known.
    func acceptedJobs(of submission: SubmissionID) -> [AcceptedJob]?
    /// A report of success, or of failure, was recorded under exactly this grant.
    func isRecorded(_ grant: Grant, succeeded: Bool) -> Bool
    /// Any job, finished ones too.
    func storedJob(_ id: JobID) -> StoredJob?
}
