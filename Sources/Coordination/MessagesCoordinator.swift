// What the coordinator tells a worker.

/// The answer to a hello: what the worker must keep to.
package struct Welcome: Hashable, Sendable {
    /// The session that is welcomed.
    package var session: SessionID
    package var incarnation: UInt64
    package var heartbeatInterval: Duration
    /// How long a worker may be silent before its backtests and dry-runs are given to others.
    package var workerLease: Duration
    /// How long a live job's holder may trade after the sending of the last acknowledged heartbeat.
    package var liveLease: Duration
    /// Answers the hello of this sequence: leases of the grants in `renewed` run from its sending.
    package var sequence: UInt64
    package var renewed: [FencingToken]
    /// Grants of the hello that are not the current ones any more: to be stopped. Their results are not wanted.
    package var revoked: [FencingToken]
    /// False: this worker's executable is not the coordinator's, so that it gets no new live work.
    package var executableMatches: Bool

    package init(
        session: SessionID, incarnation: UInt64, heartbeatInterval: Duration, workerLease: Duration, liveLease: Duration,
        sequence: UInt64, renewed: [FencingToken] = [], revoked: [FencingToken] = [], executableMatches: Bool = true
    ) {
        self.session = session
        self.incarnation = incarnation
        self.heartbeatInterval = heartbeatInterval
        self.workerLease = workerLease
        self.liveLease = liveLease
        self.sequence = sequence
        self.renewed = renewed
        self.revoked = revoked
        self.executableMatches = executableMatches
    }
}

/// One unit for one worker. The shell puts the job's payload beside it.
package struct Assignment: Hashable, Sendable {
    package var grant: Grant
    /// Counts from 1.
    package var attempt: Int
    package var kind: JobKind
    /// What the payload must hash to.
    package var address: JobAddress
    package var combinations: Range<UInt64>
    package var memoryEstimate: UInt64?
    /// How long the grant is good for after the sending of the hello or heartbeat that `basis` names.
    package var lease: Duration
    /// How many records the store has of a dry-run or live job; nobody but the holder of this grant can add to them.
    package var recordCount: UInt64

    package init(
        grant: Grant, attempt: Int, kind: JobKind, address: JobAddress, combinations: Range<UInt64>,
        memoryEstimate: UInt64? = nil, lease: Duration, recordCount: UInt64 = 0
    ) {
        self.grant = grant
        self.attempt = attempt
        self.kind = kind
        self.address = address
        self.combinations = combinations
        self.memoryEstimate = memoryEstimate
        self.lease = lease
        self.recordCount = recordCount
    }
}

/// Assignments for one session.
package struct AssignmentBatch: Hashable, Sendable {
    package var session: SessionID
    /// The sequence of the last hello or heartbeat that the coordinator has of this session. The leases run from the
    /// instant at which the worker sent that one, so that a late assignment never brings a lease that is too long.
    package var basis: UInt64
    package var assignments: [Assignment]
    package init(session: SessionID, basis: UInt64, assignments: [Assignment]) {
        self.session = session
        self.basis = basis
        self.assignments = assignments
    }
}

/// The coordinator has dealt with the report of a finished or returned unit: the worker may forget it.
package struct RecordedReport: Hashable, Sendable {
    package var token: FencingToken
    /// False: the token was not the current one, or the job was canceled; the result was refused and noted in the log.
    package var accepted: Bool
    package init(token: FencingToken, accepted: Bool) {
        self.token = token
        self.accepted = accepted
    }
}

/// The answer to a heartbeat.
package struct HeartbeatAck: Hashable, Sendable {
    package var session: SessionID
    /// The heartbeat that is answered.
    package var sequence: UInt64
    /// Grants whose leases now run from the sending of that heartbeat.
    package var renewed: [FencingToken]
    /// Grants that are not the current ones any more: to be stopped. Their results are not wanted.
    package var revoked: [FencingToken]
    package init(session: SessionID, sequence: UInt64, renewed: [FencingToken], revoked: [FencingToken]) {
        self.session = session
        self.sequence = sequence
        self.renewed = renewed
        self.revoked = revoked
    }
}

/// What the coordinator sends to a worker.
package enum CoordinatorToWorker: Hashable, Sendable {
    indirect case welcome(Welcome)
    /// The coordinator does not know the sender (it was restarted): say hello again.
    case whoAreYou
    case assign(AssignmentBatch)
    case cancel(Grant)
    case recorded([RecordedReport])
    /// A newer session of the same worker name has taken over: stop everything and end.
    case superseded(by: SessionID)
    /// The hello cannot be accepted; the message says what to change.
    case rejected(String)
    /// Finish what runs, take nothing new, say goodbye.
    case drain
    /// The goodbye of that session, and all that it had said before, is in the store.
    case farewell(SessionID)
    case heartbeatAck(HeartbeatAck)
    case recordsKept(RecordsKept)
    case storedRecords(StoredRecords)
    /// A named person forgives what opened the circuit breaker of the account of this live job.
    case resetBreaker(Grant, by: String, reason: String)
}
