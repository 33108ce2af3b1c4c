import Coordination
import SimulationSupport

/// What travels between the nodes of the simulation; results travel beside the messages, as in the real fleet.
enum SimulatedMessage: Sendable {
    case toCoordinator(WorkerToCoordinator, result: UInt64?)
    case toWorker(CoordinatorToWorker)
    case request(RequestID, ClientRequest)
    case reply(RequestID, Reply)
}

/// What happens in the simulation.
enum SimulatedEvent: Sendable {
    case deliver(SimulatedMessage, from: Int, to: Int)
    case coordinatorWork(life: Int)
    case coordinatorTick(life: Int)
    case commit(life: Int)
    case startCoordinator
    case workerTick(Int)
    case hold(worker: Int, Bool)
    case unitEnds(worker: Int, FencingToken, UnitOutcome)
    case startWorker(like: Int)
    case clientTurn(Int)
    case resend(Int, RequestID)
    case resume(Int)
    case heal(from: Int, to: Int)
    case release(Int?)
    case trouble
    case faultsEnd
}

/// A worker process: its instance and what its shell keeps.
struct SimulatedWorker {
    var workerClass: WorkerClass
    var id: WorkerID
    var session: SessionID
    var clock: SkewedClock
    var instance: WorkerInstance
    var isAlive = true
    var isPaused = false
    var isHalted = false
    /// Events that came while it was paused.
    var deferred: [SimulatedEvent] = []
    var results: [FencingToken: UInt64] = [:]
    var kept: Set<FencingToken> = []
    /// Units at work.
    var active: [FencingToken: Assignment] = [:]
    /// Until when it may trade, by its own clock.
    var leases: [FencingToken: Instant] = [:]
    var nextTick: Instant?
    /// Of its last hello or heartbeat.
    var lastSequence: UInt64 = 0
}

/// The coordinator's process; its store survives it.
struct SimulatedCoordinator {
    /// A batch that waits for its commit.
    struct Batch {
        var number: UInt64
        var directives: [CoordinatorDirective]
        var results: [FencingToken: UInt64]
    }

    /// Where a crash hits.
    enum CrashPoint: CaseIterable {
        case now, beforeCommit, afterCommit, amongSends
    }

    var life = 0
    var instance: CoordinatorInstance?
    var clock: SkewedClock
    var isPaused = false
    var deferred: [SimulatedEvent] = []
    var inbox: [(message: SimulatedMessage, from: Int)] = []
    var batches: [Batch] = []
    var isWorkScheduled = false
    var isCommitting = false
    var crashPoint: CrashPoint?
    var isHalted = false
    var lastEvent: (incarnation: UInt64, sequence: UInt64)?
    var lastBatch: Batch?
    var nextTick: Instant?
}

/// A client, which repeats each request until it is answered.
struct SimulatedClient {
    var nextRequest: UInt64 = 1
    var open: [RequestID: ClientRequest] = [:]
    var submissions: [SubmissionID: [NewJob]] = [:]
    var answers: [SubmissionID: [AcceptedJob]] = [:]
    var submissionsLeft = 0
}
