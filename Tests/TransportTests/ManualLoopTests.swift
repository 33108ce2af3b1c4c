import Testing
import Transport

/// Greets its server when it is connected and again when asked to, counts the answers.
private struct Greeter: LoopHandler {
    let client: EndpointID
    var answers: [[UInt8]] = []
    var changes: [LinkChange.Kind] = []

    mutating func turn(_ turn: inout Turn<[UInt8]>) -> Int64? {
        changes += turn.changes.map(\.kind)
        for change in turn.changes where change.kind == .connected { turn.send(Frames([0]), on: client) }
        for event in turn.events { turn.send(Frames(event), on: client) }
        answers += turn.messages.map(\.frames.first)
        return nil
    }
}

/// Collects for ten nanoseconds, then answers everything at once.
private struct Grouper: LoopHandler {
    let server: EndpointID
    var waiting: [Message] = []
    var due: Int64?

    mutating func turn(_ turn: inout Turn<Int>) -> Int64? {
        waiting += turn.messages
        if let due, due <= turn.now {
            for message in waiting { turn.send(Frames(message.frames.first + [1]), on: server, to: message.peer) }
            waiting = []
            self.due = nil
        }
        if !waiting.isEmpty && due == nil { due = turn.now + 10 }
        return due
    }
}

@Suite struct ManualLoopTests {
    @Test func `handlers run deterministically without threads and clocks`() throws {
        let network = MemoryNetwork()
        let serverSide = try MemoryTransport(network)
        let server = try serverSide.open(.server(.loopback(port: 7000)))
        let grouper = try ManualLoop(
            transport: serverSide, mailbox: Mailbox(), handler: Grouper(server: server), now: 0)
        let greeters = try (0..<3).map { _ in
            let transport = try MemoryTransport(network)
            let client = try transport.open(.client(.loopback(port: 7000)))
            return try ManualLoop(transport: transport, mailbox: Mailbox(), handler: Greeter(client: client), now: 0)
        }
        #expect(try grouper.runUntilQuiet(now: 100) == 1)
        #expect(grouper.deadline == 110)
        #expect(grouper.handler.waiting.count == 3)
        #expect(try !grouper.step(now: 109))
        #expect(try grouper.step(now: 110))
        #expect(grouper.deadline == nil)
        for greeter in greeters {
            #expect(try greeter.runUntilQuiet(now: 111) == 1)
            #expect(greeter.handler.answers == [[0, 1]])
        }
        network.cut(.loopback(port: 7000))
        for greeter in greeters { try greeter.runUntilQuiet(now: 112) }
        network.mend(.loopback(port: 7000))
        for greeter in greeters {
            try greeter.runUntilQuiet(now: 113)
            #expect(greeter.handler.changes == [.connected, .disconnected, .connected])
        }
        try grouper.runUntilQuiet(now: 120)
        #expect(grouper.handler.waiting.count == 3)
    }

    @Test func `a handler that has finished gets no more turns`() throws {
        struct Finisher: LoopHandler {
            var turns = 0
            mutating func turn(_ turn: inout Turn<Int>) -> Int64? {
                turns += 1
                if !turn.events.isEmpty { turn.finish() }
                return 0
            }
        }
        let mailbox = Mailbox<Int>()
        let loop = try ManualLoop(
            transport: MemoryTransport(MemoryNetwork()), mailbox: mailbox, handler: Finisher(), now: 0)
        mailbox.post(1)
        #expect(try loop.runUntilQuiet(now: 1) == 1)
        #expect(loop.isFinished)
        #expect(loop.handler.turns == 2)
    }
}
