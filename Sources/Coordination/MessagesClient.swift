// What clients (command line, dashboard) ask of the coordinator, and its answers. Every request travels with a RequestID
// and its reply carries the same one.

/// A request that changes something; the coordinator instance answers it.
package enum ClientRequest: Hashable, Sendable {
    /// Jobs; their payloads travel beside them, one each, in the same order.
    case submit(SubmissionID, [NewJob])
    case cancel(JobID)
    case retry(JobID)
    /// A named person states that the holder of a lost live job is dead.
    case declareDead(JobID, by: String, reason: String)
    /// A named person forgives what opened the circuit breaker of a live job's account. Its holder is told; what came of it is in the job's records.
    case resetBreaker(JobID, by: String, reason: String)
    /// A supervisor saw the process of this session end (`waitpid`).
    case workerDied(SessionID, DeathProof)
    /// Somebody is about to submit a live job and asks for the confirmation that it needs. The shell answers: the token is random.
    case confirmLive(by: String)
    /// Tells one worker, or all with nil, to finish what it has and to end.
    case drain(WorkerID?)
}

/// How a supervisor knows that the process which it started is no more.
package struct DeathProof: Hashable, Sendable {
    /// Who saw it.
    package var supervisor: String
    /// The exit status, when the process exited by itself.
    package var exitStatus: Int32?
    /// The signal that ended it.
    package var signal: Int32?
    /// The kernel or a limit killed it for its memory.
    package var outOfMemory: Bool
    package init(supervisor: String, exitStatus: Int32? = nil, signal: Int32? = nil, outOfMemory: Bool = false) {
        self.supervisor = supervisor
        self.exitStatus = exitStatus
        self.signal = signal
        self.outOfMemory = outOfMemory
    }
}

/// A question; the coordinator's shell answers it from the store and the instance's snapshot.
package enum ClientQuery: Hashable, Sendable {
    case list(JobFilter)
    case show(JobID)
    case status
    /// Ask for everything about these jobs from now on (all with an empty list); the answer says where the events stand.
    case watch([JobID])
    /// The results of a job from this unit on, as many as fit into one answer.
    case results(JobID, from: UInt64)
    /// The records of a dry-run or live job from this number on (1: all), as many as fit into one answer.
    case records(JobID, from: UInt64)
    /// The limits of all accounts together, and whose parts they are.
    case portfolio
    /// Copies the store into a new file at this absolute path of the coordinator's machine, while it goes on.
    case backup(to: String)
}

/// Which jobs a list shall hold.
package struct JobFilter: Hashable, Sendable {
    /// Empty: all.
    package var states: [JobState]
    /// Empty: all.
    package var kinds: [JobKind]
    package var group: String?
    /// Only jobs below this id, newest first: the way to the next page.
    package var before: JobID?
    /// 1...10,000.
    package var limit: Int
    package init(
        states: [JobState] = [], kinds: [JobKind] = [], group: String? = nil, before: JobID? = nil, limit: Int = 100
    ) {
        self.states = states
        self.kinds = kinds
        self.group = group
        self.before = before
        self.limit = limit
    }
}

/// What became of one job of a submission.
package struct AcceptedJob: Hashable, Sendable {
    package var id: JobID
    /// True: the job was there already; nothing new was queued for it.
    package var isExisting: Bool
    package init(id: JobID, isExisting: Bool) {
        self.id = id
        self.isExisting = isExisting
    }
}

/// Why a request was not done.
package struct Refusal: Error, Hashable, Sendable {
    package enum Code: String, CaseIterable, Hashable, Sendable {
        /// A value of the request is out of its range.
        case invalidRequest
        case unknownJob
        case unknownWorker
        /// The job is in a state in which that is not possible.
        case wrongState
        /// Live jobs are started anew, with a new confirmation, never retried.
        case liveNotRetried
        /// The queue is full.
        case tooManyJobs
        /// The coordinator is shutting down.
        case draining
    }
    package var code: Code
    package var message: String
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// What a live job is submitted with: given once, good for one job, and for a short while.
package struct LiveConfirmation: Hashable, Sendable {
    /// The submission number of the job's specification.
    package var token: SubmissionID
    /// From the answer on.
    package var validMilliseconds: UInt64
    package init(token: SubmissionID, validMilliseconds: UInt64) {
        self.token = token
        self.validMilliseconds = validMilliseconds
    }
}

/// The coordinator's answer to a request.
package enum Reply: Hashable, Sendable {
    /// One entry per submitted job, in order.
    case accepted([AcceptedJob])
    /// The state of the job that the request was about, after it.
    case job(JobID, JobState)
    case done
    case confirmation(LiveConfirmation)
    case refused(Refusal)
}
