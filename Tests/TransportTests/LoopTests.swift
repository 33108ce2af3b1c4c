import Glibc
import Synchronization
import Testing
import Transport

/// Answers every message with what it got; counts; finishes when told.
private struct Echo: LoopHandler {
    enum Event: Sendable { case add(thread: Int, number: Int), finish }

    let server: EndpointID
    let report: Report

    mutating func turn(_ turn: inout Turn<Event>) -> Int64? {
        for message in turn.messages { turn.send(message.frames, on: server, to: message.peer) }
        for event in turn.events {
            switch event {
            case .add(let thread, let number): report.note(thread, number)
            case .finish: turn.finish()
            }
        }
        return nil
    }
}

/// What a loop's handler has seen, for the test's thread.
private final class Report: Sendable {
    let numbers = Mutex<[Int: [Int]]>([:])
    let turns = Mutex<[(now: Int64, events: Int)]>([])

    func note(_ thread: Int, _ number: Int) { numbers.withLock { $0[thread, default: []].append(number) } }
}

@Suite struct LoopTests {
    @Test(arguments: Wire.allCases)
    func `a loop on its thread echoes what a client on another thread sends`(wire: Wire) async throws {
        let folder = try TemporaryFolder()
        let network = MemoryNetwork()
        let server = try KeyPair.generate()
        let client = try KeyPair.generate()
        let table = Authenticator([.init(publicKey: client.publicKey, name: "a", role: "b", domains: ["d"])])
        let address = wire.isIPC ? try Address.ipc(folder.path + "/s") : .loopback()
        let near: any Transport =
            wire.isMemory ? try MemoryTransport(network, authenticator: table) : try ZeroMQTransport(authenticator: table)
        let far: any Transport = wire.isMemory ? try MemoryTransport(network) : try ZeroMQTransport()
        let endpoint = try near.open(.server(address, security: wire.hasKeys ? .server(server, domain: "d") : .none))
        let place = try #require(near.address(of: endpoint))
        let loop = try SocketLoop(
            name: "echo", transport: near, mailbox: Mailbox(), handler: Echo(server: endpoint, report: Report()))
        let id = try far.open(
            .client(place, security: wire.hasKeys ? .client(client, server: server.publicKey) : .none))
        var batch = Batch()
        func receive(until condition: () -> Bool) throws {
            while !condition() {
                try far.wait(until: nil)
                _ = try far.receive(into: &batch, limit: 100)
            }
        }
        try receive { far.isConnected(id) }
        for index in 0..<500 { #expect(far.send(Frames(body(index)), on: id, to: .only) == .sent) }
        try receive { batch.messages.count == 500 }
        #expect(batch.messages.map { number($0.frames.first) } == Array(0..<500))
        loop.post(.finish)
        try await loop.finished()
        // Its endpoints are closed by then.
        try receive { !far.isConnected(id) }
    }

    @Test func `events of several threads arrive once each and in order per thread`() throws {
        let report = Report()
        let loop = try SocketLoop(
            name: "events", transport: ZeroMQTransport(), mailbox: Mailbox(capacity: 100_000),
            handler: Echo(server: EndpointID(index: 0), report: report))
        let threads = (0..<4).map { thread in
            TestThread {
                for number in 0..<5000 { loop.post(.add(thread: thread, number: number)) }
            }
        }
        for thread in threads { thread.join() }
        loop.post(.finish)
        try loop.join()
        #expect(report.numbers.withLock { $0 } == Dictionary(uniqueKeysWithValues: (0..<4).map { ($0, Array(0..<5000)) }))
    }

    @Test func `a full mailbox does what its policy says`() throws {
        for (policy, last) in [
            (FullPolicy.refuse, PushResult.refused), (.dropNewest, .droppedNewest), (.dropOldest, .droppedOldest),
        ] {
            let mailbox = Mailbox<Int>(capacity: 3, whenFull: policy)
            let results = (0..<5).map { mailbox.post($0) }
            #expect(results == [.accepted, .accepted, .accepted, last, last])
            let kept = Collector()
            let loop = try ManualLoop(
                transport: try MemoryTransport(MemoryNetwork()), mailbox: mailbox, handler: kept, now: 0)
            #expect(loop.handler.events == (policy == .dropOldest ? [2, 3, 4] : [0, 1, 2]))
            #expect(mailbox.losses.dropped == (policy == .refuse ? 0 : 2))
            #expect(mailbox.losses.refused == (policy == .refuse ? 2 : 0))
        }
    }

    @Test func `a handler's deadline gives it a turn, not before its time`() throws {
        let report = Report()
        let loop = try SocketLoop(
            name: "timer", transport: ZeroMQTransport(), mailbox: Mailbox(), handler: Ticker(report: report, left: 5))
        try loop.join()
        let turns = report.turns.withLock { $0.map(\.now) }
        #expect(turns.count == 6)
        for (earlier, later) in zip(turns, turns.dropFirst()) { #expect(later >= earlier + Ticker.period) }
    }

    @Test func `stop ends a loop that waits, without asking its handler`() async throws {
        let report = Report()
        let loop = try SocketLoop(
            name: "stop", transport: ZeroMQTransport(), mailbox: Mailbox(),
            handler: Echo(server: EndpointID(index: 0), report: report))
        loop.stop()
        try await loop.finished()
        try loop.join()
        #expect(loop.post(.finish) == .accepted)
    }

    @Test func `a signal does not end a loop's wait`() throws {
        signal(SIGUSR1) { _ in }
        let report = Report()
        let start = Gate()
        let loop = try SocketLoop(
            name: "signals", transport: ZeroMQTransport(), mailbox: Mailbox(), handler: Interrupted(report: report, start: start))
        let thread = start.wait()
        for _ in 0..<200 { pthread_kill(thread, SIGUSR1) }
        loop.post(1)
        try loop.join()
        #expect(report.numbers.withLock { $0[0] } == [1])
    }

    @Test func `a transport that is shut down ends the loop with an error`() async throws {
        let transport = try ZeroMQTransport()
        _ = try transport.open(.server(.loopback()))
        let loop = try SocketLoop(
            name: "shutdown", transport: transport, mailbox: Mailbox(), handler: Shutdown())
        loop.post(0)
        let error = await #expect(throws: TransportError.self) { try await loop.finished() }
        #expect(error?.code == .closed)
        #expect(throws: TransportError.self) { try loop.join() }
    }
}

/// Keeps the events it was given.
private struct Collector: LoopHandler {
    var events: [Int] = []

    mutating func turn(_ turn: inout Turn<Int>) -> Int64? {
        events += turn.events
        return nil
    }
}

/// Wants a turn every two milliseconds, a number of times.
private struct Ticker: LoopHandler {
    static let period: Int64 = 2_000_000
    let report: Report
    var left: Int

    mutating func turn(_ turn: inout Turn<Int>) -> Int64? {
        let now = turn.now
        report.turns.withLock { $0.append((now, 0)) }
        if left == 0 { turn.finish() }
        left -= 1
        return turn.now + Self.period
    }
}

/// Says which thread it runs on, and finishes with the first event.
private struct Interrupted: LoopHandler {
    let report: Report
    let start: Gate

    mutating func turn(_ turn: inout Turn<Int>) -> Int64? {
        start.open(pthread_self())
        for event in turn.events {
            report.note(0, event)
            turn.finish()
        }
        return nil
    }
}

/// Shuts its own transport down.
private struct Shutdown: LoopHandler {
    mutating func turn(_ turn: inout Turn<Int>) -> Int64? {
        if !turn.events.isEmpty { (turn.transport as? ZeroMQTransport)?.shutdown() }
        return nil
    }
}

/// Hands a thread's handle to a waiting one.
private final class Gate: Sendable {
    private let waker = Mutex<pthread_t?>(nil)
    private let ends: (read: Int32, write: Int32)

    init() {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        self.ends = (ends[0], ends[1])
    }

    deinit {
        close(ends.read)
        close(ends.write)
    }

    func open(_ thread: pthread_t) {
        waker.withLock { $0 = thread }
        var byte: UInt8 = 1
        #expect(write(ends.write, &byte, 1) == 1)
    }

    func wait() -> pthread_t {
        var byte: UInt8 = 0
        #expect(read(ends.read, &byte, 1) == 1)
        return waker.withLock { $0 ?? pthread_self() }
    }
}

/// A plain thread of a test.
final class TestThread: Sendable {
    private let handle: pthread_t

    init(_ body: @escaping @Sendable () -> Void) {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { pointer in
                if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
                return nil
            }, Unmanaged.passRetained(Box(body)).toOpaque())
        #expect(result == 0)
        handle = thread
    }

    func join() { pthread_join(handle, nil) }
}
