import Coordination
import FleetProtocol
import Halt
import Money

extension GoldenSamples {
    private static func reply(_ reply: Reply) -> Sample {
        .outbound(ControlWire.Outbound(request: request, content: .reply(reply)))
    }

    private static func answer(_ answer: QueryAnswer) -> Sample {
        .outbound(ControlWire.Outbound(request: request, content: .answer(answer)))
    }

    static let line = JobLine(
        id: JobID(42), address: JobAddress(digest), kind: .backtest, group: "farm", priority: 5, state: .running,
        combinationCount: 100, unitCount: 10, completedUnits: 4, failedUnits: 1, unitsOut: 2,
        submittedAtMilliseconds: 1_795_000_000_000, changedAtMilliseconds: 1_795_000_000_001)

    static let jobAnswer = JobAnswer(
        line: line, log: [JobAnswer.LogLine(state: .queued, reason: StateReason(.accepted), wallMilliseconds: 1)],
        attempts: [
            JobAnswer.AttemptLine(
                unit: 7, token: token, attempt: 1, worker: WorkerID("worker-1"), dispatchedAtMilliseconds: 2,
                endedAtMilliseconds: 3, ending: "outOfMemory", message: "killed")
        ], payload: [1], lateReports: 1)

    static let status = StatusAnswer(
        fleet: "fleet", version: "0.1.0", processID: 77, incarnation: 3, uptimeMilliseconds: 1_000, residentBytes: 4,
        cpuNanoseconds: 5,
        holdReason: "stopped by ann", isDraining: true, jobCounts: [.queued: 10, .failed: 1], unitsOut: 2,
        workers: [
            StatusAnswer.WorkerLine(
                id: WorkerID("worker-1"), session: session, workerClass: .backtest, capacity: 2, unitsHeld: 1, isConnected: true,
                isHalted: true, isDraining: true, isSilent: true, executableMatches: true, sinceLastHeardMilliseconds: 12,
                health: health)
        ])

    private static func limits(_ exposure: Int128, _ orders: Int, _ loss: Int128) -> PortfolioAnswer.Limits {
        PortfolioAnswer.Limits(
            exposure: Amount(units: exposure, decimals: 0), openOrders: orders, dailyLoss: Amount(units: loss, decimals: 0))
    }

    private static let portfolio = PortfolioAnswer(
        currency: "USDT", limits: limits(900, 9, 90), opensIn: .seconds(3),
        accounts: [
            PortfolioAnswer.Account(
                name: "main", weight: 2, part: limits(600, 6, 60), allotted: limits(500, 5, 60), left: .seconds(42),
                job: JobID(42), hasOtherCurrency: true),
            PortfolioAnswer.Account(name: "side", weight: 1, part: limits(300, 3, 30)),
        ])

    static let answers: [(name: String, sample: Sample)] = [
        ("accepted", reply(.accepted([AcceptedJob(id: JobID(42), isExisting: true)]))),
        ("job-state", reply(.job(JobID(42), .canceling))), ("done", reply(.done)),
        (
            "live-confirmation",
            reply(.confirmation(LiveConfirmation(token: SubmissionID(session.rawValue), validMilliseconds: 60_000)))
        ),
        ("refused", reply(.refused(Refusal(.liveNotRetried, "start it anew")))), ("job-list", answer(.jobs([line]))),
        ("job", answer(.job(jobAnswer))), ("status-answer", answer(.status(status))),
        ("watching", answer(.watching(incarnation: 3, sequence: 99, jobs: [line]))),
        ("backup-answer", answer(.backedUp(bytes: 1 << 40))),
        (
            "results-page",
            answer(.results(ResultsPage(job: JobID(42), results: [ResultsPage.Result(unit: 7, bytes: [5])], next: 8)))
        ), ("records-page", answer(.records(RecordsPage(job: JobID(42), first: 7, records: [[1, 2]], hasMore: true)))),
        ("portfolio-answer", answer(.portfolio(portfolio))), ("no-portfolio-answer", answer(.portfolio(nil))),
        ("query-refused", answer(.refused(Refusal(.unknownJob, "there is no job 42")))),
        ("fault", .outbound(ControlWire.Outbound(request: RequestID(0), content: .error("not understood")))),
    ]

    private static func event(_ body: JobEvent.Body) -> Sample {
        .event(JobEvent(incarnation: 3, sequence: 100, wallMilliseconds: 1_795_000_000_000, body: body))
    }

    static let events: [(name: String, sample: Sample)] = [
        ("event-job", event(.job(JobID(42), .failed, StateReason(.tooManyFailedUnits, "11 of 100")))),
        ("event-progress", event(.progress(JobID(42), completed: 4, failed: 1, total: 10))),
        ("event-unit", event(.unitProgress(grant.unit, UnitProgress(done: 1, total: 2)))),
        ("event-worker", event(.worker(WorkerID("worker-1"), .executableMismatch))),
        ("event-hold", event(.hold(true, reason: "stopped by ann"))),
        (
            "health",
            .health(
                HealthRecord(
                    role: .worker, name: "worker-1", session: session, processID: 9, sequence: 1, wallMilliseconds: 2,
                    uptimeMilliseconds: 3, cpuNanoseconds: 4, residentBytes: 5, jobs: [JobID(42)],
                    metrics: [HealthRecord.Metric(name: "units_per_second", value: 12.5)]))
        ),
    ]

    static let jobs: [(name: String, sample: Sample)] = [
        (
            "specification",
            .job(
                JobSpecification(
                    kind: "backtest", configuration: Array(#"{"stake_amount":100}"#.utf8), sweep: Array(#"{"fast":[5,8]}"#.utf8),
                    dataFolder: "/data/kraken",
                    dataFiles: [
                        JobSpecification.DataFile(path: "kraken/BTC_USDT-5m.feather", sha256: digest.description),
                        JobSpecification.DataFile(path: "kraken/ETH_USDT-5m.feather", sha256: digest.description),
                    ], seed: 11, executable: digest.bytes))
        ),
        (
            "specification-live",
            .job(
                JobSpecification(
                    kind: "live", configuration: [], dataFolder: "", dataFiles: [], executable: digest.bytes,
                    submission: session.bytes))
        ),
        (
            "specification-admitted",
            .job(
                JobSpecification(
                    kind: "live", configuration: [], dataFolder: "", dataFiles: [], executable: digest.bytes,
                    submission: session.bytes, live: Array(#"{"by":"ann"}"#.utf8), admission: Array(#"{"at":1}"#.utf8)))
        ),
        (
            "specification-probe",
            .job(
                JobSpecification(
                    kind: "probe", configuration: Array(#"{"duration_ms":500}"#.utf8), dataFolder: "", dataFiles: [],
                    executable: digest.bytes, submission: session.bytes))
        ),
    ]
}
