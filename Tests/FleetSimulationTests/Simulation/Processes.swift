import Coordination
import Halt
import SimulationSupport

/// What travels between the nodes; results travel beside the messages, as in the real fleet.
enum Message: Sendable {
    case toCoordinator(WorkerToCoordinator, result: UInt64?)
    case toWorker(CoordinatorToWorker)
    case request(RequestID, ClientRequest)
    case reply(RequestID, Reply)
    case toMonitor(MemberMessage)
    case toMember(MonitorID, MonitorMessage)
    case beacon(HaltBeacon)
    case ask(OperatorMessage)
    case told(Int, OperatorReply)
}

/// Who sent a message: a node and which life of it.
struct Sender: Hashable, Sendable {
    var node: Int
    var life: Int
}

/// What happens in the simulation.
enum Event: Sendable {
    /// `life`: the connection ends with that life of the receiver; nil: whoever is there gets it.
    case deliver(Message, from: Sender, to: Int, life: Int?)
    case process(Int, life: Int, ProcessEvent)
    case start(Int)
    case resume(Int)
    case clientTurn(Int)
    case resend(Int, RequestID)
    case operatorTurn
    case heal(from: Int, to: Int)
    case trouble
    case phase
}

/// What happens to one life of one process.
enum ProcessEvent: Sendable {
    case message(Message, from: Sender)
    /// The fleet loop turns.
    case work
    case commit
    case mail(Mail)
    case guardMail(GuardMail)
    /// The guard loop, or the monitor's, has something to do by its clock.
    case guardTick
    /// One slot of the latch is on disk.
    case disk(sequence: UInt64)
    /// Looks for the `HALT` file; `again`: and goes on doing so.
    case look(again: Bool)
    /// A live unit wants to send an order.
    case order(FencingToken)
}

/// What other threads tell a fleet loop.
enum Mail: Sendable {
    case connected
    case hold(Bool, number: UInt64)
    case ended(FencingToken, UnitOutcome)
    case shutdown
}

/// What other threads tell a guard loop.
enum GuardMail: Sendable {
    case workStopped(number: UInt64)
    case exchangeRead(AckStage, order: UInt64)
}

/// A machine: its clock and the `HALT` file of its home.
struct SimulatedHost {
    var clock: SkewedClock
    var haltFile: (file: HaltFile, made: Instant)?
}

class SimulatedProcess {
    let node: Int
    let host: Int
    let name: String
    /// Counts the starts; a message or event for an earlier life is lost.
    var life = 0
    var isAlive = false
    var isPaused = false
    /// What came while it was paused.
    var deferred: [ProcessEvent] = []
    /// The latch of its guard; survives the process.
    var disk = SimulatedDisk()
    var wakeAt: Instant?

    init(node: Int, host: Int, name: String) {
        self.node = node
        self.host = host
        self.name = name
    }
}

/// A process with a guard loop and a fleet loop.
class MemberProcess: SimulatedProcess {
    let role: MemberRole
    let memberClass: MemberClass
    let subject: HaltSubject
    var member: HaltMember?
    var gate = OrderGate.halted
    /// The hold that was last passed on to the fleet loop, and how often that was done in this life.
    var holds = true
    var holdNumber: UInt64 = 0
    /// Counts what was ordered of the exchange; a newer order replaces an older one.
    var orderNumber: UInt64 = 0
    // The fleet loop's mailbox.
    var inbox: [(message: Message, from: Sender)] = []
    var mails: [Mail] = []
    var mailDue = Instant(nanoseconds: 0)
    var guardMailDue = Instant(nanoseconds: 0)
    var isWorkScheduled = false
    var tickAt: Instant?
    // What the checks remember: stops by their place in `stops`.
    var isOpen = false
    var reached: Set<Int> = []
    var acknowledged: Set<Int> = []
    var acknowledgedOnDisk: Set<Int> = []
    var noted: [MonitorID: (HaltEpoch, Int)] = [:]
    var sawFile: (file: HaltFile, made: Instant)?
    var lastQuestion: [MonitorID: HaltNonce] = [:]

    init(node: Int, host: Int, name: String, role: MemberRole, memberClass: MemberClass, subject: HaltSubject) {
        self.role = role
        self.memberClass = memberClass
        self.subject = subject
        super.init(node: node, host: host, name: name)
    }

    var usesGate: Bool { memberClass == .live || memberClass == .dryRun }
}

final class CoordinatorProcess: MemberProcess {
    struct Batch {
        var number: UInt64
        var directives: [CoordinatorDirective]
        var results: [FencingToken: UInt64]
        /// A hold that is in force when the batch is carried out.
        var hold: UInt64?
    }

    /// Where a crash hits.
    enum CrashPoint: CaseIterable { case now, beforeCommit, afterCommit, amongSends }

    var instance: CoordinatorInstance?
    var committing: Batch?
    var lastBatch: Batch?
    var crashPoint: CrashPoint?
    var unreachable: [PeerID] = []
    var isHeld = true
}

final class WorkerProcess: MemberProcess {
    let workerClass: WorkerClass
    var session = SessionID(0)
    var instance: WorkerInstance?
    var isHeld = true
    var heldNumber: UInt64 = 0
    /// What a planted bug does not give back.
    var keptUnits: [HeldUnit] = []
    /// Units at work.
    var active: [FencingToken: Assignment] = [:]
    var results: [FencingToken: UInt64] = [:]
    /// Until when a live unit may trade, by the machine's clock.
    var leases: [FencingToken: Instant] = [:]

    init(node: Int, host: Int, name: String, workerClass: WorkerClass, subject: HaltSubject) {
        self.workerClass = workerClass
        let memberClass: MemberClass =
            switch workerClass {
            case .backtest: .backtest
            case .dryRun: .dryRun
            case .live: .live
            }
        super.init(node: node, host: host, name: name, role: .worker, memberClass: memberClass, subject: subject)
    }
}

final class MonitorProcess: SimulatedProcess {
    struct Member: Hashable {
        var name: MemberName
        var session: MemberSession
    }

    let index: Int
    let id: MonitorID
    var instance: MonitorInstance?
    /// The connections on which sessions were last heard.
    var peers: [Member: Sender] = [:]
    /// The last state that was looked through.
    var noted: HaltEpoch?

    init(node: Int, host: Int, index: Int) {
        self.index = index
        id = MonitorID("m\(index)")
        super.init(node: node, host: host, name: "m\(index)")
    }

    /// Stands for Ed25519.
    var signer: HaltSigner { { [id] bytes in Array("\(id)\(bytes.count)".utf8) } }
}
