import Coordination
import SimulationSupport

/// A coordinator on a model store, one input at a time: what a shell does, without its waits.
struct CoordinatorRig {
    var store = ModelStore()
    var coordinator: CoordinatorInstance
    /// Everything that came out of the last call.
    var output: [CoordinatorDirective] = []
    var nanoseconds: Int64 = 1_000_000_000
    var wallOffset: Int64 = 1_700_000_000_000
    var requests: UInt64 = 0
    var sequences: [SessionID: UInt64] = [:]

    static let executable = ExecutableHash(Digest256(words: (9, 9, 9, 9)))

    init(_ change: (inout CoordinatorSettings) -> Void = { _ in }) {
        var settings = CoordinatorSettings()
        change(&settings)
        coordinator = CoordinatorInstance(
            settings: settings, snapshot: store.open(),
            at: Moment(instant: Instant(nanoseconds: 0), wallMilliseconds: 0))
    }

    var now: Moment {
        Moment(instant: Instant(nanoseconds: nanoseconds), wallMilliseconds: wallOffset + nanoseconds / 1_000_000)
    }

    // MARK: - Batches

    /// Hands in one input as a batch of its own and commits it.
    mutating func batch(_ input: (inout CoordinatorInstance, ModelStore, Moment) -> [CoordinatorDirective]) {
        output = input(&coordinator, store, now)
        output += coordinator.endBatch(at: now)
        let number = coordinator.closeBatch()
        let tokens = output.compactMap { directive -> (FencingToken, UInt64)? in
            guard case .persist(.unitFinished(let grant, .succeeded, _)) = directive,
                let job = store.jobs[grant.unit.job]?.record.job
            else { return nil }
            return (grant.token, resultOfWork(at: job.address, job.combinations(ofUnit: grant.unit.index)))
        }
        store.commit(changes, results: Dictionary(uniqueKeysWithValues: tokens))
        coordinator.committed(through: number)
    }

    /// Lets time pass without any message, with the timers that fire on the way.
    mutating func pass(_ duration: Duration) {
        let end = nanoseconds + duration.wholeNanoseconds
        var all: [CoordinatorDirective] = []
        while let deadline = coordinator.nextDeadline, deadline.nanoseconds <= end {
            nanoseconds = max(nanoseconds, deadline.nanoseconds)
            batch { instance, _, now in instance.tick(at: now) }
            all += output
        }
        nanoseconds = end
        output = all
    }

    /// The process dies and starts again on the same store.
    mutating func restart() {
        coordinator = CoordinatorInstance(settings: coordinator.settings, snapshot: store.open(), at: now)
        batch { _, _, _ in [] }
    }

    // MARK: - Inputs

    mutating func request(_ request: ClientRequest) -> Reply? {
        requests += 1
        let id = RequestID(requests)
        batch { instance, store, now in instance.receive(request, id: id, from: PeerID(1), lookup: store, at: now) }
        return output.lazy.compactMap { if case .reply(PeerID(1), id, let reply) = $0 { reply } else { nil } }.first
    }

    @discardableResult
    mutating func submit(_ jobs: NewJob..., as submission: UInt128? = nil) -> [JobID] {
        let id = SubmissionID(submission ?? UInt128(requests + 1000))
        guard case .accepted(let accepted) = request(.submit(id, jobs)) else { return [] }
        return accepted.map(\.id)
    }

    mutating func send(_ message: WorkerToCoordinator, from worker: Worker) {
        batch { instance, store, now in instance.receive(message, from: worker.peer, lookup: store, at: now) }
    }

    /// A worker as the coordinator sees it.
    struct Worker {
        var name: String
        var session: SessionID
        var peer: PeerID
        var workerClass: WorkerClass
    }

    mutating func join(
        _ name: String = "w", session: UInt128 = 1, peer: UInt64? = nil, _ workerClass: WorkerClass = .backtest,
        capacity: Int = 1, memory: UInt64 = 0, held: [HeldUnit] = [], highest: FencingToken? = nil, isHalted: Bool = false,
        executable: ExecutableHash = CoordinatorRig.executable, start: UInt64 = 0
    ) -> Worker {
        let worker = Worker(
            name: name, session: SessionID(session), peer: PeerID(peer ?? UInt64(session) + 100), workerClass: workerClass)
        sequences[worker.session, default: 0] += 1
        send(
            .hello(
                WorkerHello(
                    worker: WorkerID(name), session: worker.session, workerClass: workerClass, executable: executable,
                    capacity: capacity, memoryBytes: memory, highestToken: highest,
                    sequence: sequences[worker.session] ?? 1, held: held, isHalted: isHalted, start: start)),
            from: worker)
        return worker
    }

    mutating func beat(_ worker: Worker, held: [HeldUnit] = [], isHalted: Bool = false) {
        sequences[worker.session, default: 0] += 1
        send(
            .heartbeat(
                WorkerHeartbeat(
                    session: worker.session, sequence: sequences[worker.session] ?? 1, held: held, health: WorkerHealth(),
                    isHalted: isHalted)), from: worker)
    }

    // MARK: - Outputs

    var changes: [StoreChange] { output.compactMap { if case .persist(let change) = $0 { change } else { nil } } }

    func messages(to worker: Worker) -> [CoordinatorToWorker] {
        output.compactMap { if case .send(worker.peer, let message) = $0 { message } else { nil } }
    }

    func assignments(to worker: Worker) -> [Assignment] {
        messages(to: worker).flatMap { message -> [Assignment] in
            if case .assign(let batch) = message { batch.assignments } else { [] }
        }
    }

    func recorded(by worker: Worker) -> [RecordedReport] {
        messages(to: worker).flatMap { message -> [RecordedReport] in
            if case .recorded(let reports) = message { reports } else { [] }
        }
    }

    func state(_ job: JobID) -> JobState? { store.jobs[job]?.record.state }
}

/// A job whose address is a number.
func job(
    _ address: UInt64, _ kind: JobKind = .backtest, group: String = "g", priority: Int = 0, combinations: UInt64 = 1,
    slice: UInt64 = 1, attempts: Int = 3, fresh: Bool = false, memory: UInt64? = nil, expires: Int64? = nil
) -> NewJob {
    NewJob(
        address: JobAddress(Digest256(words: (address, 0, 0, 0))), kind: kind, group: group, priority: priority,
        combinationCount: combinations, sliceSize: slice, maxAttempts: attempts, fresh: fresh, memoryEstimate: memory,
        expiresAtMilliseconds: expires)
}

func held(_ assignment: Assignment, _ phase: HeldUnit.Phase = .running) -> HeldUnit {
    HeldUnit(grant: assignment.grant, phase: phase)
}
