import Coordination
import FleetProtocol
import Halt
import Money

/// One fixed value of every message. The values never change: a new field gets a new sample.
enum GoldenSamples {
    static let session = SessionID(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10)
    static let digest = Digest256(words: (1, 0x8000_0000_0000_0000, 3, 0xffff_ffff_ffff_fffe))
    static let token = FencingToken(incarnation: 3, counter: 1_000)
    static let grant = Coordination.Grant(unit: UnitID(job: JobID(42), index: 7), token: token)
    static let request = RequestID(0x1122_3344_5566_7788)
    static let haltRequest = HaltRequestID(high: 5, low: 6)
    static let epoch = HaltEpoch(incarnation: 2, counter: 9)
    static let failure = UnitFailure(code: .outOfMemory, message: "killed at 2 GiB")
    static let health = WorkerHealth(residentBytes: 1 << 28, cpuNanoseconds: 5, unitsCompleted: 6, errorCount: 7)
    static let member = MemberName("worker-1")
    static let monitor = MonitorID("monitor")
    static let held = [HeldUnit(grant: grant, phase: .running)]

    static let all: [(name: String, sample: Sample)] =
        worker + coordinator + requests + answers + events + members + monitors + operators + jobs

    private static func worker(_ message: WorkerToCoordinator, _ result: [UInt8]? = nil) -> Sample {
        .worker(JobsWire.FromWorker(message: message, result: result))
    }

    static let worker: [(name: String, sample: Sample)] = [
        (
            "hello",
            worker(
                .hello(
                    WorkerHello(
                        worker: WorkerID("worker-1"), session: session, workerClass: .live, executable: ExecutableHash(digest),
                        capacity: 4, memoryBytes: 1 << 33, highestToken: token, sequence: 1, held: held, isHalted: true)))
        ),
        (
            "hello-of-a-start",
            worker(
                .hello(
                    WorkerHello(
                        worker: WorkerID("worker-1"), session: session, workerClass: .backtest,
                        executable: ExecutableHash(digest), capacity: 1, sequence: 1, start: 7 << 40)))
        ), ("started", worker(.started(grant))), ("progress", worker(.progress(grant, UnitProgress(done: 1, total: 3)))),
        ("finished-succeeded", worker(.finished(grant, .succeeded), [1, 2, 3])),
        ("finished-failed", worker(.finished(grant, .failed(failure)))),
        ("finished-canceled", worker(.finished(grant, .canceled))),
        ("returned-held", worker(.returned(grant, .held))), ("returned-old", worker(.returned(grant, .refused(.oldToken)))),
        ("heartbeat", worker(.heartbeat(WorkerHeartbeat(session: session, sequence: 9, held: held, health: health)))),
        ("goodbye", worker(.goodbye(session))),
        ("records", worker(.records(RecordBatch(grant: grant, first: 7, records: [[1, 2], [], [3]])))),
        ("fetch-records", worker(.fetchRecords(grant, from: 7))),
    ]

    private static func coordinator(
        _ message: CoordinatorToWorker, _ payloads: [JobID: [UInt8]] = [:], _ budgets: BudgetSheet? = nil
    ) -> Sample {
        .coordinator(JobsWire.FromCoordinator(message: message, payloads: payloads, budgets: budgets))
    }

    static let budgets: BudgetSheet = [
        token: BudgetShare(
            exposure: Amount(units: 123_450, decimals: 2), openOrders: 7, dailyLoss: Amount(units: 50, decimals: 0),
            validity: .seconds(60))
    ]

    static let assignment = Assignment(
        grant: grant, attempt: 2, kind: .backtest, address: JobAddress(digest), combinations: 70..<80, memoryEstimate: 1 << 30,
        lease: .seconds(15))

    /// A job that has records.
    static let restored = Assignment(
        grant: grant, attempt: 2, kind: .live, address: JobAddress(digest), combinations: 0..<1, lease: .seconds(60),
        recordCount: 70_000)

    static let coordinator: [(name: String, sample: Sample)] = [
        (
            "welcome",
            coordinator(
                .welcome(
                    Welcome(
                        session: session, incarnation: 3, heartbeatInterval: .milliseconds(250), workerLease: .seconds(3),
                        liveLease: .seconds(60), sequence: 1, renewed: [token], revoked: [token])))
        ), ("who-are-you", coordinator(.whoAreYou)),
        (
            "assign",
            coordinator(
                .assign(AssignmentBatch(session: session, basis: 8, assignments: [assignment])), [JobID(42): [9, 9]])
        ), ("cancel-unit", coordinator(.cancel(grant))),
        ("recorded", coordinator(.recorded([RecordedReport(token: token, accepted: true)]))),
        ("superseded", coordinator(.superseded(by: session))), ("rejected", coordinator(.rejected("the name is empty"))),
        ("drain-worker", coordinator(.drain)), ("farewell", coordinator(.farewell(session))),
        ("heartbeat-ack", coordinator(.heartbeatAck(HeartbeatAck(session: session, sequence: 9, renewed: [token], revoked: [])))),
        (
            "heartbeat-ack-budgets",
            coordinator(.heartbeatAck(HeartbeatAck(session: session, sequence: 9, renewed: [token], revoked: [])), [:], budgets)
        ),
        (
            "heartbeat-ack-no-budget",
            coordinator(.heartbeatAck(HeartbeatAck(session: session, sequence: 9, renewed: [token], revoked: [])), [:], [:])
        ),
        (
            "welcome-budgets",
            coordinator(
                .welcome(
                    Welcome(
                        session: session, incarnation: 3, heartbeatInterval: .milliseconds(250), workerLease: .seconds(3),
                        liveLease: .seconds(60), sequence: 1, renewed: [token])), [:], budgets)
        ),
        (
            "assign-budgets",
            coordinator(
                .assign(AssignmentBatch(session: session, basis: 8, assignments: [assignment])), [JobID(42): [9, 9]], budgets)
        ),
        ("stored-records", coordinator(.storedRecords(StoredRecords(token: token, first: 7, records: [[1, 2], [], [3]])))),
        (
            "assign-records",
            coordinator(
                .assign(AssignmentBatch(session: session, basis: 8, assignments: [restored])), [JobID(42): [9, 9]])
        ),
        ("records-kept", coordinator(.recordsKept(RecordsKept(token: token, upTo: 9)))),
        ("reset-unit-breaker", coordinator(.resetBreaker(grant, by: "ann", reason: "looked at"))),
    ]

    private static func request(_ content: ClientRequest, _ payloads: [[UInt8]] = []) -> Sample {
        .inbound(ControlWire.Inbound(request: request, content: .request(content, payloads)))
    }

    private static func query(_ query: ClientQuery) -> Sample {
        .inbound(ControlWire.Inbound(request: request, content: .query(query)))
    }

    static let newJob = NewJob(
        address: JobAddress(digest), kind: .dryRun, group: "farm", priority: -5, combinationCount: 100, sliceSize: 10,
        maxAttempts: 3, fresh: true, memoryEstimate: 1 << 30, expiresAtMilliseconds: 1_795_000_000_000)

    static let requests: [(name: String, sample: Sample)] = [
        ("submit", request(.submit(SubmissionID(session.rawValue), [newJob]), [[1, 2]])), ("cancel", request(.cancel(JobID(42)))),
        ("retry", request(.retry(JobID(42)))), ("declare-dead", request(.declareDead(JobID(42), by: "ann", reason: "unplugged"))),
        ("worker-died", request(.workerDied(session, DeathProof(supervisor: "up", signal: 9, outOfMemory: true)))),
        ("drain-one", request(.drain(WorkerID("worker-1")))), ("drain-all", request(.drain(nil))),
        (
            "list",
            query(.list(JobFilter(states: [.queued, .lost], kinds: [.live], group: "farm", before: JobID(9), limit: 50)))
        ), ("show", query(.show(JobID(42)))), ("status", query(.status)), ("watch", query(.watch([JobID(1), JobID(300)]))),
        ("results", query(.results(JobID(42), from: 7))), ("backup", query(.backup(to: "/b/jobs.sqlite"))),
        ("records-query", query(.records(JobID(42), from: 7))), ("portfolio-query", query(.portfolio)),
        ("confirm-live", request(.confirmLive(by: "ann"))),
        ("reset-breaker", request(.resetBreaker(JobID(42), by: "ann", reason: "looked at"))),
    ]
}
