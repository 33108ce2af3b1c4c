import Coordination
import FleetProtocol
import Halt

extension RandomValues {
    /// A random message of a random kind.
    mutating func sample() -> Sample {
        switch below(12) {
        case 0: .worker(fromWorker())
        case 1: .coordinator(fromCoordinator())
        case 2: .inbound(inbound())
        case 3: .outbound(ControlWire.Outbound(request: RequestID(number()), content: outbound()))
        case 4: .event(event())
        case 5: .health(record())
        case 6: .guardInbound(flag() ? .member(member()) : .operator(operatorMessage()))
        case 7: .monitor(monitorMessage())
        case 8: .operatorReply(operatorReply())
        case 9: .beacon(HaltBeacon(sequence: number(), state: TestSignature.signed(haltState())))
        default: .job(specification())
        }
    }

    private mutating func fromWorker() -> JobsWire.FromWorker {
        switch below(9) {
        case 0:
            return JobsWire.FromWorker(
                message: .hello(
                    WorkerHello(
                        worker: WorkerID(name()), session: session(), workerClass: any(WorkerClass.self),
                        executable: ExecutableHash(digest()), capacity: 1 + below(1024), memoryBytes: number(),
                        highestToken: some { $0.token() }, sequence: number(), held: list { $0.held() }, isHalted: flag(),
                        start: number())))
        case 1: return JobsWire.FromWorker(message: .started(grant()))
        case 2: return JobsWire.FromWorker(message: .progress(grant(), UnitProgress(done: number(), total: number())))
        case 3:
            let outcome = outcome()
            return JobsWire.FromWorker(message: .finished(grant(), outcome), result: outcome == .succeeded ? bytes() : nil)
        case 4:
            let reasons: [ReturnReason] = [.held, .draining, .refused(any(AssignmentRefusal.self))]
            return JobsWire.FromWorker(message: .returned(grant(), reasons[below(3)]))
        case 5:
            return JobsWire.FromWorker(
                message: .heartbeat(
                    WorkerHeartbeat(
                        session: session(), sequence: number(), held: list { $0.held() }, health: health(), isHalted: flag())))
        case 6:
            return JobsWire.FromWorker(
                message: .records(RecordBatch(grant: grant(), first: 1 + UInt64(below(1 << 40)), records: list { $0.bytes() })))
        case 7: return JobsWire.FromWorker(message: .fetchRecords(grant(), from: 1 + UInt64(below(1 << 40))))
        default: return JobsWire.FromWorker(message: .goodbye(session()))
        }
    }

    private mutating func fromCoordinator() -> JobsWire.FromCoordinator {
        switch below(13) {
        case 0:
            return JobsWire.FromCoordinator(
                message: .welcome(
                    Welcome(
                        session: session(), incarnation: number(), heartbeatInterval: duration(), workerLease: duration(),
                        liveLease: duration(), sequence: number(), renewed: list { $0.token() }, revoked: list { $0.token() },
                        executableMatches: flag())), budgets: some { $0.budgets() })
        case 1: return JobsWire.FromCoordinator(message: .whoAreYou)
        case 2:
            let batch = AssignmentBatch(session: session(), basis: number(), assignments: list { $0.assignment() })
            let jobs = batch.assignments.map(\.grant.unit.job)
            return JobsWire.FromCoordinator(
                message: .assign(batch), payloads: Dictionary(jobs.map { ($0, bytes()) }) { first, _ in first },
                budgets: some { $0.budgets() })
        case 3: return JobsWire.FromCoordinator(message: .cancel(grant()))
        case 4:
            return JobsWire.FromCoordinator(
                message: .recorded(list { RecordedReport(token: $0.token(), accepted: $0.flag()) }))
        case 5: return JobsWire.FromCoordinator(message: .superseded(by: session()))
        case 6: return JobsWire.FromCoordinator(message: .rejected(text()))
        case 7: return JobsWire.FromCoordinator(message: .drain)
        case 8: return JobsWire.FromCoordinator(message: .farewell(session()))
        case 9: return JobsWire.FromCoordinator(message: .recordsKept(RecordsKept(token: token(), upTo: number())))
        case 10: return JobsWire.FromCoordinator(message: .resetBreaker(grant(), by: name(), reason: text()))
        case 11:
            return JobsWire.FromCoordinator(
                message: .storedRecords(
                    StoredRecords(token: token(), first: 1 + UInt64(below(1 << 40)), records: list { $0.bytes() })))
        default:
            return JobsWire.FromCoordinator(
                message: .heartbeatAck(
                    HeartbeatAck(
                        session: session(), sequence: number(), renewed: list { $0.token() }, revoked: list { $0.token() })),
                budgets: some { $0.budgets() })
        }
    }

    private mutating func inbound() -> ControlWire.Inbound {
        let request = RequestID(number())
        guard flag() else { return ControlWire.Inbound(request: request, content: .query(query())) }
        var payloads: [[UInt8]] = []
        let content: ClientRequest
        switch below(8) {
        case 0:
            let jobs = list { $0.newJob() }
            payloads = jobs.map { _ in bytes() }
            content = .submit(SubmissionID(session().rawValue), jobs)
        case 1: content = .cancel(job())
        case 2: content = .retry(job())
        case 3: content = .declareDead(job(), by: name(), reason: text())
        case 4:
            content = .workerDied(
                session(),
                DeathProof(
                    supervisor: name(), exitStatus: some { Int32(truncatingIfNeeded: $0.signed()) },
                    signal: some { Int32($0.below(65)) }, outOfMemory: flag()))
        case 5: content = .confirmLive(by: name())
        case 6: content = .resetBreaker(job(), by: name(), reason: text())
        default: content = .drain(some { WorkerID($0.name()) })
        }
        return ControlWire.Inbound(request: request, content: .request(content, payloads))
    }

    private mutating func query() -> ClientQuery {
        switch below(8) {
        case 6: .portfolio
        case 5: .records(job(), from: 1 + UInt64(below(1 << 40)))
        case 4: .backup(to: "/" + name())
        case 0:
            .list(
                JobFilter(
                    states: list { $0.any(JobState.self) }, kinds: list { $0.any(JobKind.self) }, group: some { $0.name() },
                    before: some { $0.job() }, limit: 1 + below(10_000)))
        case 1: .show(job())
        case 2: .status
        case 3: .watch(list { $0.job() })
        default: .results(job(), from: number())
        }
    }

    private mutating func outbound() -> ControlWire.Outbound.Content {
        switch below(13) {
        case 11: .answer(.portfolio(some { $0.portfolio() }))
        case 9:
            .answer(
                .records(
                    RecordsPage(job: job(), first: 1 + UInt64(below(1 << 40)), records: list { $0.bytes() }, hasMore: flag())))
        case 8: .answer(.backedUp(bytes: number()))
        case 0: .reply(.accepted(list { AcceptedJob(id: $0.job(), isExisting: $0.flag()) }))
        case 1: .reply(.job(job(), any(JobState.self)))
        case 2:
            .reply(
                flag()
                    ? .done
                    : .confirmation(
                        LiveConfirmation(token: SubmissionID(session().rawValue), validMilliseconds: number())))
        case 3: .reply(.refused(refusal()))
        case 4: .answer(.jobs(list { $0.line() }))
        case 5: .answer(.job(jobAnswer()))
        case 6: .answer(.status(status()))
        case 7: .answer(.watching(incarnation: number(), sequence: number(), jobs: list { $0.line() }))
        default:
            .answer(
                flag()
                    ? .refused(refusal())
                    : .results(
                        ResultsPage(
                            job: job(), results: list { ResultsPage.Result(unit: $0.number(), bytes: $0.bytes()) },
                            next: some { $0.number() })))
        }
    }

    private mutating func jobAnswer() -> JobAnswer {
        JobAnswer(
            line: line(),
            log: list { JobAnswer.LogLine(state: $0.any(JobState.self), reason: $0.reason(), wallMilliseconds: $0.signed()) },
            attempts: list {
                JobAnswer.AttemptLine(
                    unit: $0.number(), token: $0.token(), attempt: $0.below(9), worker: WorkerID($0.name()),
                    dispatchedAtMilliseconds: $0.signed(), endedAtMilliseconds: $0.some { $0.signed() }, ending: $0.name(),
                    message: $0.text())
            }, payload: bytes(), lateReports: number())
    }

    private mutating func status() -> StatusAnswer {
        var counts: [JobState: UInt64] = [:]
        for state in JobState.allCases where flag() { counts[state] = number() }
        return StatusAnswer(
            fleet: name(), version: name(), processID: Int32(below(99_999)), incarnation: number(),
            uptimeMilliseconds: signed(), residentBytes: number(), cpuNanoseconds: number(), holdReason: text(),
            isDraining: flag(), jobCounts: counts, unitsOut: number(),
            workers: list {
                StatusAnswer.WorkerLine(
                    id: WorkerID($0.name()), session: $0.session(), workerClass: $0.any(WorkerClass.self),
                    capacity: $0.below(99), unitsHeld: $0.below(99), isConnected: $0.flag(), isHalted: $0.flag(),
                    isDraining: $0.flag(), isSilent: $0.flag(), executableMatches: $0.flag(),
                    sinceLastHeardMilliseconds: $0.signed(), health: $0.health())
            })
    }

    private mutating func event() -> JobEvent {
        let body: JobEvent.Body =
            switch below(5) {
            case 0: .job(job(), any(JobState.self), reason())
            case 1: .progress(job(), completed: number(), failed: number(), total: number())
            case 2: .unitProgress(UnitID(job: job(), index: number()), UnitProgress(done: number(), total: number()))
            case 3: .worker(WorkerID(name()), any(JobEvent.WorkerChange.self))
            default: .hold(flag(), reason: text())
            }
        return JobEvent(incarnation: number(), sequence: number(), wallMilliseconds: signed(), body: body)
    }

    private mutating func record() -> HealthRecord {
        HealthRecord(
            role: any(HealthRecord.Role.self), name: name(), session: session(), processID: Int32(below(9_999)),
            sequence: number(), wallMilliseconds: signed(), uptimeMilliseconds: number(), cpuNanoseconds: number(),
            residentBytes: number(), jobs: list { $0.job() },
            metrics: list { HealthRecord.Metric(name: $0.name(), value: Double($0.signed()) / 7) })
    }
}
