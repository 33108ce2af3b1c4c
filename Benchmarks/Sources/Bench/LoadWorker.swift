import Coordination
import FleetProtocol
import Foundation
import Synchronization
import ZeroMQ

/// What the threads of a load generator tell each other.
final class LoadCounts: Sendable {
    /// Workers that were welcomed by the present coordinator.
    let welcomed = Atomic<Int>(0)
    /// Results that the coordinator has recorded.
    let recorded = Atomic<Int>(0)
    let isEnding = Atomic<Bool>(false)
    /// Tells workers to forget their welcome: the coordinator was killed.
    let generation = Atomic<Int>(0)
    let failure = Mutex<String?>(nil)

    var welcomedWorkers: Int { welcomed.load(ordering: .relaxed) }
    var recordedResults: Int { recorded.load(ordering: .relaxed) }
    var hasEnded: Bool { isEnding.load(ordering: .relaxed) }

    /// The coordinator was killed: every worker has to be welcomed anew.
    func forgetWelcomes() {
        welcomed.store(0, ordering: .relaxed)
        generation.add(1, ordering: .relaxed)
    }

    func fail(_ error: any Error) { failure.withLock { if $0 == nil { $0 = "\(error)" } } }

    /// Waits until a condition holds.
    func wait(_ what: String, atMost seconds: Double = 120, every pause: UInt32 = 500, until holds: () -> Bool) throws {
        let end = Machine.now + seconds
        while !holds() {
            if let text = failure.withLock({ $0 }) { throw BenchError(text) }
            if Machine.now > end { throw BenchError("waited \(Int(seconds)) s in vain: \(what)") }
            usleep(pause)
        }
    }
}

/// A worker as the coordinator sees it: its messages and its manners, but each unit is done as soon as it arrives.
struct LoadWorker: ~Copyable {
    let socket: Socket
    private let name: String
    private let executable: ExecutableHash
    private let capacity: Int
    private let counts: LoadCounts
    private let session = SessionID(UInt128.random(in: 1 ... .max))
    private var sequence: UInt64 = 0
    private var highest: FencingToken?
    private var generation = 0
    private(set) var isWelcomed = false
    private var nextSign = 0.0
    private var helloPause = 0.25

    init(_ context: Context, _ fleet: LoadTarget, name: String, capacity: Int, counts: LoadCounts) throws {
        self.name = name
        self.capacity = capacity
        self.counts = counts
        executable = fleet.executable
        socket = try Self.connected(context, fleet)
    }

    private static func connected(_ context: Context, _ target: LoadTarget) throws -> Socket {
        var options = SocketOptions()
        options.sendHighWaterMark = 100_000
        options.receiveHighWaterMark = 100_000
        options.maxMessageSize = 64 << 20
        options.reconnectInterval = .milliseconds(100)
        options.reconnectIntervalMax = .milliseconds(200)
        options.curve = target.workerKeys
        let socket = try Socket(context, .dealer, options: options)
        try socket.connect(target.jobs)
        return socket
    }

    /// Takes everything that has come and sends what is due.
    mutating func turn(now: Double) throws {
        while try socket.receiveFrame() { try take(JobsWire.coordinatorMessage(socket.frameBytes()).message) }
        let current = counts.generation.load(ordering: .relaxed)
        if current != generation {
            generation = current
            isWelcomed = false
            helloPause = 0.25
            nextSign = now
        }
        guard now >= nextSign else { return }
        try isWelcomed ? heartbeat() : hello()
    }

    private mutating func take(_ message: CoordinatorToWorker) throws {
        switch message {
        case .welcome:
            if !isWelcomed { counts.welcomed.add(1, ordering: .relaxed) }
            isWelcomed = true
            nextSign = Machine.now + 1
        case .whoAreYou: try hello()
        case .assign(let batch):
            for assignment in batch.assignments {
                highest = max(highest ?? assignment.grant.token, assignment.grant.token)
                _ = try socket.send(JobsWire.bytes(.finished(assignment.grant, .succeeded), result: Self.result), more: false)
            }
        case .recorded(let reports): counts.recorded.add(reports.count { $0.accepted }, ordering: .relaxed)
        case .rejected(let text): throw BenchError("the coordinator rejected a worker: \(text)")
        case .superseded: throw BenchError("a worker was superseded")
        case .cancel, .drain, .farewell, .heartbeatAck, .recordsKept, .storedRecords, .resetBreaker: break
        }
    }

    private static let result = [UInt8](repeating: 0x78, count: 64)

    private mutating func hello() throws {
        sequence += 1
        nextSign = Machine.now + helloPause
        helloPause = min(helloPause * 2, 4)
        let hello = WorkerHello(
            worker: WorkerID(name), session: session, workerClass: .backtest, executable: executable, capacity: capacity,
            highestToken: highest, sequence: sequence)
        _ = try socket.send(JobsWire.bytes(.hello(hello)), more: false)
    }

    private mutating func heartbeat() throws {
        sequence += 1
        nextSign = Machine.now + 1
        let beat = WorkerHeartbeat(session: session, sequence: sequence, held: [], health: WorkerHealth())
        _ = try socket.send(JobsWire.bytes(.heartbeat(beat)), more: false)
    }
}

/// Runs load workers on threads of their own.
final class LoadWorkers {
    let counts = LoadCounts()
    private var done: [DispatchSemaphore] = []

    /// One worker and one ZeroMQ context per thread, as if each were a process.
    func start(_ count: Int, capacity: Int, on target: LoadTarget) {
        let counts = counts
        for index in 0..<count {
            thread("worker \(index)") {
                var worker = try LoadWorker(
                    try Context(), target, name: "worker-\(index)", capacity: capacity, counts: counts)
                var poller = Poller()
                poller.add(worker.socket)
                while !counts.isEnding.load(ordering: .relaxed) {
                    _ = try poller.wait(timeout: .milliseconds(100))
                    try worker.turn(now: Machine.now)
                }
            }
        }
    }

    func thread(_ name: String, _ body: @escaping @Sendable () throws -> Void) {
        let counts = counts
        let end = DispatchSemaphore(value: 0)
        let thread = Thread {
            do { try body() } catch { counts.fail(error) }
            end.signal()
        }
        thread.name = name
        thread.start()
        done.append(end)
    }

    func end() {
        counts.isEnding.store(true, ordering: .relaxed)
        for one in done { one.wait() }
    }
}
