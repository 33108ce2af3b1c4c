import Coordination
import Testing

/// A worker instance with a hand for the coordinator's side.
struct WorkerRig {
    var worker: WorkerInstance
    var output: [WorkerDirective] = []
    var nanoseconds: Int64 = 5_000_000_000
    var counter: UInt64 = 0

    init(_ kind: WorkerClass = .backtest, capacity: Int = 2, parallelism: Int = 1, isWelcomed: Bool = true) {
        let settings = WorkerSettings(
            worker: WorkerID("w"), session: SessionID(1), workerClass: kind, executable: CoordinatorRig.executable,
            capacity: capacity, parallelism: parallelism)
        worker = WorkerInstance(
            settings: settings, at: Moment(instant: Instant(nanoseconds: 0), wallMilliseconds: 0))
        call { $0.connected(at: $1) }
        if isWelcomed { welcome() }
    }

    var now: Moment { Moment(instant: Instant(nanoseconds: nanoseconds), wallMilliseconds: 0) }

    mutating func call(_ input: (inout WorkerInstance, Moment) -> [WorkerDirective]) { output = input(&worker, now) }

    mutating func receive(_ message: CoordinatorToWorker) { call { $0.receive(message, at: $1) } }

    mutating func welcome(renewed: [FencingToken] = [], revoked: [FencingToken] = []) {
        receive(
            .welcome(
                Welcome(
                    session: SessionID(1), incarnation: 1, heartbeatInterval: .seconds(1), workerLease: .seconds(10),
                    liveLease: .seconds(60), sequence: lastSequence, renewed: renewed, revoked: revoked)))
    }

    /// Of the last hello or heartbeat, as the worker counts: one per hello and heartbeat.
    var lastSequence: UInt64 = 1

    mutating func pass(_ duration: Duration) {
        let end = nanoseconds + duration.wholeNanoseconds
        var all: [WorkerDirective] = []
        while let deadline = worker.nextDeadline, deadline.nanoseconds <= end {
            nanoseconds = max(nanoseconds, deadline.nanoseconds)
            call { $0.tick(at: $1) }
            all += output
            for case .send(let message) in output {
                if case .heartbeat(let heartbeat) = message { lastSequence = heartbeat.sequence }
                if case .hello(let hello) = message { lastSequence = hello.sequence }
            }
        }
        nanoseconds = end
        output = all
    }

    mutating func assignment(
        job: Int64 = 1, unit: UInt64 = 0, _ kind: JobKind = .backtest, token: UInt64? = nil
    ) -> Assignment {
        counter += 1
        return Assignment(
            grant: Grant(
                unit: UnitID(job: JobID(job), index: unit),
                token: FencingToken(incarnation: 1, counter: token ?? counter)), attempt: 1, kind: kind,
            address: JobAddress(Digest256(words: (1, 0, 0, 0))), combinations: 0..<1,
            lease: kind == .live ? .seconds(60) : .seconds(10))
    }

    mutating func assign(_ assignments: Assignment..., basis: UInt64? = nil) {
        receive(
            .assign(
                AssignmentBatch(session: SessionID(1), basis: basis ?? lastSequence, assignments: assignments)))
    }

    mutating func finish(_ assignment: Assignment, _ outcome: UnitOutcome = .succeeded) {
        call { $0.unitFinished(assignment.grant.token, outcome, at: $1) }
    }

    var sent: [WorkerToCoordinator] { output.compactMap { if case .send(let message) = $0 { message } else { nil } } }
    var started: [Assignment] { output.compactMap { if case .start(let assignment) = $0 { assignment } else { nil } } }
}
