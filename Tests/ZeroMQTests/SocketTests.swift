import Glibc
import Synchronization
import Testing
import ZeroMQ

@Suite struct SocketTests {
    @Test func `a message of several frames passes whole`() throws {
        let context = try Context()
        let pull = try Socket(context, .pull)
        let push = try Socket(context, .push)
        try pull.bind("inproc://a")
        try push.connect("inproc://a")
        #expect(try push.send(message: [[1, 2], [], [3]]) == .sent)
        #expect(try pull.receiveMessage(wait: true) == [[1, 2], [], [3]])
        #expect(try pull.receiveMessage() == nil)
        #expect(try !pull.events().contains(.readable))
    }

    @Test func `frames can be looked at without a copy`() throws {
        let context = try Context()
        let pull = try Socket(context, .pull)
        let push = try Socket(context, .push)
        try pull.bind("inproc://b")
        try push.connect("inproc://b")
        #expect(try push.send(message: [[7, 8, 9], [1]]) == .sent)
        #expect(try pull.receiveFrame(wait: true))
        let (size, hasMore, sum) = (pull.frameSize, pull.hasMore, pull.withFrame { $0.reduce(0) { $0 + Int($1) } })
        #expect(size == 3 && hasMore && sum == 24)
        let bytes = pull.frameBytes()
        #expect(bytes == [7, 8, 9])
        let user = pull.property("User-Id")
        #expect(user == nil)
        #expect(try pull.receiveFrame())
        let isLast = !pull.hasMore
        #expect(isLast)
    }

    @Test func `a full queue and an absent peer are outcomes`() throws {
        let context = try Context()
        var options = SocketOptions()
        options.sendHighWaterMark = 2
        options.receiveHighWaterMark = 2
        let pull = try Socket(context, .pull, options: options)
        let push = try Socket(context, .push, options: options)
        #expect(try push.send([1], more: false) == .full)
        try pull.bind("inproc://c")
        try push.connect("inproc://c")
        var sent = 0
        while try push.send([1], more: false) == .sent { sent += 1 }
        #expect(sent == 4)
        options.routerMandatory = true
        let router = try Socket(context, .router, options: options)
        try router.bind("tcp://127.0.0.1:*")
        #expect(try router.send(message: [[0, 1, 2, 3, 4], [1]]) == .unreachable)
    }

    @Test func `a wildcard port is resolved and a second bind is an error that names it`() throws {
        let context = try Context()
        let first = try Socket(context, .router)
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        let error = #expect(throws: ZeroMQError.self) {
            let second = try Socket(context, .router)
            try second.bind(endpoint)
        }
        #expect(error?.code == .addressInUse)
        #expect(error?.errno == EADDRINUSE)
        #expect(error?.description.contains(endpoint) == true)
        try first.unbind(endpoint)
        #expect(throws: ZeroMQError.self) { try first.unbind(endpoint) }
    }

    @Test(arguments: [
        ("nonsense", ZeroMQError.Code.invalid), ("tcp://300.1.1.1:1", .addressNotAvailable), ("warp://x", .invalid),
        ("ipc:///no/such/folder/s", .notFound), ("ipc://" + String(repeating: "x", count: 200), .nameTooLong),
    ])
    func `an endpoint that cannot be bound says why`(endpoint: String, code: ZeroMQError.Code) throws {
        let context = try Context()
        let error = #expect(throws: ZeroMQError.self) {
            let socket = try Socket(context, .router)
            try socket.bind(endpoint)
        }
        #expect(error?.code == code)
        #expect(error?.endpoint == endpoint)
    }

    @Test func `an option that libzmq refuses is named, a key never shown`() throws {
        let context = try Context()
        var options = SocketOptions()
        options.routingID = []
        let error = #expect(throws: ZeroMQError.self) { _ = try Socket(context, .router, options: options).type }
        #expect(error?.operation == "set ZMQ_ROUTING_ID")
        var keys = SocketOptions()
        keys.curve = .server(secretKey: "secret")
        let refusal = #expect(throws: ZeroMQError.self) { _ = try Socket(context, .router, options: keys).type }
        #expect(refusal?.description.contains("ZMQ_CURVE_SECRETKEY") == true)
        #expect(refusal?.description.contains("'secret'") == false)
    }

    @Test func `every option is accepted by this libzmq`() throws {
        let context = try Context()
        var options = SocketOptions()
        options.linger = nil
        options.sendHighWaterMark = 1
        options.receiveHighWaterMark = 1
        options.maxMessageSize = nil
        options.handshakeInterval = .seconds(1)
        options.backlog = 5
        options.routingID = [1]
        options.immediate = true
        options.reconnectInterval = .microseconds(1500)
        options.reconnectIntervalMax = .seconds(1)
        options.connectTimeout = .seconds(1)
        options.ipv6 = true
        options.zapDomain = "d"
        options.keepAlive = .init(idle: .seconds(10), interval: .seconds(1), count: 3)
        options.heartbeat = .init(interval: .seconds(1), timeout: .seconds(3))
        options.sendTimeout = .zero
        options.receiveTimeout = .milliseconds(1)
        options.routerMandatory = true
        options.routerHandover = true
        let router = try Socket(context, .router, options: options)
        #expect(try router.receiveMessage(wait: true) == nil)
        var publishing = SocketOptions()
        publishing.verboseSubscriptions = true
        publishing.publisherRefusesWhenFull = true
        let publisher = try Socket(context, .extendedPublisher, options: publishing)
        try publisher.bind("inproc://every")
        var hearing = SocketOptions()
        hearing.subscriptions = [[], [1]]
        let subscriber = try Socket(context, .subscriber, options: hearing)
        try subscriber.subscribe(to: [2])
        try subscriber.unsubscribe(from: [1])
    }

    @Test func `a context outlives its sockets, in whatever order they are released`() throws {
        var context: Context? = try Context()
        let socket = try Socket(try #require(context), .router)
        context = nil
        #expect(try socket.receiveMessage() == nil)
    }

    @Test func `a context that was shut down ends waiting and further calls`() throws {
        let context = try Context()
        let socket = try Socket(context, .router)
        context.shutdown()
        #expect(throws: ZeroMQError(errno: 156_384_712 + 53, operation: "receive")) { try socket.receiveMessage(wait: true) }
        var poller = Poller()
        poller.add(socket)
        let error = #expect(throws: ZeroMQError.self) { try poller.wait(timeout: nil) }
        #expect(error?.code == .contextTerminated)
    }

    @Test func `too many sockets are an error`() throws {
        let context = try Context(maxSockets: 2)
        let first = try Socket(context, .pair)
        let second = try Socket(context, .pair)
        let error = #expect(throws: ZeroMQError.self) { _ = try Socket(context, .pair).type }
        #expect(error?.code == .tooManyOpenFiles)
        for type in [first.type, second.type] { #expect(type == .pair) }
    }

    @Test func `a poller that is told of every use misses nothing`() throws {
        let context = try Context()
        let left = try Socket(context, .pair)
        let right = try Socket(context, .pair)
        try left.bind("inproc://told")
        try right.connect("inproc://told")
        var poller = Poller(isTold: true)
        let index = poller.add(left)
        #expect(try poller.wait(timeout: .zero) == 0)
        for round in 0..<200 as Range<UInt8> {
            // One message is left behind every other time: the socket is not settled then, and its descriptor shows nothing.
            #expect(try right.send([round], more: false) == .sent)
            #expect(try right.send([round, round], more: false) == .sent)
            #expect(try poller.wait(timeout: nil) == 1)
            #expect(poller.events(at: index) == .readable)
            #expect(try left.receiveMessage() == [[round]])
            if round % 2 == 0 { #expect(try poller.wait(timeout: nil) == 1) }
            #expect(try left.receiveMessage() == [[round, round]])
            #expect(try left.receiveMessage() == nil)
            poller.settle(at: index)
            #expect(try poller.wait(timeout: .zero) == 0)
            // To send may take in that something has come, which the descriptor then shows no more.
            #expect(try right.send([round], more: false) == .sent)
            #expect(try left.send([round], more: false) == .sent)
            poller.touch(at: index)
            #expect(try poller.wait(timeout: nil) == 1)
            #expect(try left.receiveMessage() == [[round]])
            #expect(try left.receiveMessage() == nil)
            poller.settle(at: index)
        }
    }

    @Test func `a poller waits no longer than it was told`() throws {
        let context = try Context()
        let socket = try Socket(context, .pair)
        try socket.bind("inproc://quiet")
        var poller = Poller()
        poller.add(socket)
        #expect(try poller.wait(timeout: .milliseconds(5)) == 0)
    }

    @Test func `a poller tells sockets and descriptors apart`() throws {
        let context = try Context()
        let pull = try Socket(context, .pull)
        let push = try Socket(context, .push)
        try pull.bind("inproc://p")
        try push.connect("inproc://p")
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var poller = Poller()
        let socketIndex = poller.add(pull)
        let pipeIndex = poller.add(descriptor: ends[0])
        #expect(try poller.wait(timeout: .zero) == 0)
        var byte: UInt8 = 1
        #expect(write(ends[1], &byte, 1) == 1)
        #expect(try poller.wait(timeout: nil) == 1)
        #expect(poller.events(at: pipeIndex) == .readable)
        #expect(poller.events(at: socketIndex).isEmpty)
        #expect(read(ends[0], &byte, 1) == 1)
        #expect(try push.send([1], more: false) == .sent)
        #expect(try poller.wait(timeout: nil) == 1)
        #expect(poller.events(at: socketIndex) == .readable)
        poller.setEvents(.writable, at: socketIndex)
        #expect(try poller.wait(timeout: .zero) == 0)
        poller.removeAll()
        #expect(poller.count == 0)
    }

    @Test func `a signal ends neither a waiting receive nor a send`() throws {
        let context = try Context()
        let waiting = WaitingReceiver(context)
        let push = try Socket(context, .push)
        try push.bind("inproc://signals")
        // Made before the handler needs it.
        #expect(signalCount.load(ordering: .relaxed) == 0)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in signalCount.add(1, ordering: .relaxed) }
        #expect(sigaction(SIGUSR2, &action, nil) == 0)
        let thread = try waiting.start()
        while waiting.state.load(ordering: .acquiring) == .starting { sched_yield() }
        // Each is handled before the next is sent; from the second on the thread was back in its wait, or is on its way there.
        for count in 1...200 {
            pthread_kill(thread, SIGUSR2)
            while signalCount.load(ordering: .relaxed) < count, waiting.state.load(ordering: .acquiring) == .waiting {
                sched_yield()
            }
        }
        let isWaiting = waiting.state.load(ordering: .acquiring) == .waiting
        #expect(isWaiting)
        if isWaiting { #expect(try push.send(message: [[1], [2, 3]], wait: true) == .sent) }
        pthread_join(thread, nil)
        #expect(waiting.state.load(ordering: .acquiring) == .received)
    }
}

private let signalCount = Atomic<Int>(0)

/// A thread that waits for one message of two frames.
private final class WaitingReceiver: Sendable {
    enum State: Int, AtomicRepresentable { case starting, waiting, received, failed }

    let state = Atomic<State>(.starting)
    private let context: Context

    init(_ context: Context) { self.context = context }

    func start() throws -> pthread_t {
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<WaitingReceiver>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        try #require(result == 0)
        return thread
    }

    private func run() {
        // Threads of the pool that runs tests block it, and hand that on.
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        sigaddset(&unblocked, SIGUSR2)
        pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
        do {
            let pull = try Socket(context, .pull)
            try pull.connect("inproc://signals")
            state.store(.waiting, ordering: .releasing)
            let message = try pull.receiveMessage(wait: true)
            state.store(message == [[1], [2, 3]] ? .received : .failed, ordering: .releasing)
        } catch {
            state.store(.failed, ordering: .releasing)
        }
    }
}
