import Testing
import Transport

/// What every transport does. In memory and over libzmq, plain and with keys.
@Suite struct ConformanceTests {
    @Test(arguments: Wire.allCases)
    func `a message reaches the server and its answer the sender`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let (client, _) = try bench.connected(to: server)
        let (other, _) = try bench.connected(to: server)
        bench.forget()
        let frames = Frames([1, 2, 3], rest: [[], [4]])
        #expect(bench.transport.send(frames, on: client, to: .only) == .sent)
        try bench.run { !$0.messages.isEmpty }
        let message = try #require(bench.batch.messages.first)
        #expect(message.frames == frames)
        #expect(message.endpoint == server)
        #expect(message.user?.name == (wire.hasKeys ? "worker-1" : nil))
        #expect(message.user?.role == (wire.hasKeys ? "worker" : nil))
        #expect(message.user?.publicKey == (wire.hasKeys ? bench.clientKeys.publicKey : nil))
        #expect(bench.transport.send(Frames([], rest: [[9]]), on: server, to: message.peer) == .sent)
        try bench.run { $0.messages.count == 2 }
        #expect(bench.batch.messages[1] == Message(endpoint: client, frames: Frames([], rest: [[9]])))
        #expect(bench.transport.counters(of: client).received == 1)
        #expect(bench.transport.counters(of: other).received == 0)
        #expect(bench.transport.counters(of: server).sentBytes == 1)
    }

    @Test(arguments: Wire.allCases)
    func `messages of one peer arrive in order and whole`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let (client, _) = try bench.connected(to: server)
        bench.forget()
        for index in 0..<3000 {
            #expect(bench.transport.send(Frames(body(index, padding: index % 97)), on: client, to: .only) == .sent)
        }
        try bench.run(limit: 100) { $0.messages.count == 3000 }
        #expect(bench.bodies(at: server) == (0..<3000).map { body($0, padding: $0 % 97) })
    }

    @Test(arguments: Wire.allCases)
    func `large messages pass both ways`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let (client, peer) = try bench.connected(to: server)
        bench.forget()
        let large = [UInt8](repeating: 0xA5, count: 9 << 20)
        #expect(bench.transport.send(Frames(large, rest: [large]), on: client, to: .only) == .sent)
        #expect(bench.transport.send(Frames(large), on: server, to: peer) == .sent)
        try bench.run { $0.messages.count == 2 }
        #expect(bench.batch.messages.first { $0.endpoint == server }?.frames == Frames(large, rest: [large]))
        #expect(bench.batch.messages.first { $0.endpoint == client }?.frames == Frames(large))
    }

    @Test(arguments: Wire.allCases)
    func `a message larger than the own limit is not taken`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let (client, _) = try bench.connected(to: server) { $0.maxMessageSize = 1024 }
        let large = [UInt8](repeating: 1, count: 1025)
        #expect(bench.transport.send(Frames(large), on: client, to: .only) == .tooLarge)
        #expect(bench.transport.send(Frames([], rest: [large]), on: client, to: .only) == .tooLarge)
        #expect(bench.transport.send(Frames(Array(large.dropLast())), on: client, to: .only) == .sent)
    }

    @Test(arguments: Wire.allCases)
    func `a message larger than the receiver's limit breaks the sender's connection and nothing else`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server { $0.maxMessageSize = 1024 }
        let (client, _) = try bench.connected(to: server)
        let (other, _) = try bench.connected(to: server)
        bench.forget()
        #expect(bench.transport.send(Frames([UInt8](repeating: 1, count: 1025)), on: client, to: .only) == .sent)
        try bench.run { _ in bench.kinds(of: client) == [.disconnected, .connected] }
        _ = try bench.hello(from: client, to: server)
        _ = try bench.hello(from: other, to: server)
        #expect(bench.bodies(at: server).allSatisfy { $0.count < 1024 })
        #expect(bench.kinds(of: other).isEmpty)
    }

    @Test(arguments: Wire.allCases)
    func `a message with too many frames is dropped and counted`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server { $0.maxFrames = 3 }
        let (client, _) = try bench.connected(to: server)
        #expect(bench.transport.send(Frames([1], rest: [[2], [3], [4], [5]]), on: client, to: .only) == .sent)
        #expect(bench.transport.send(Frames([1], rest: [[2], [3]]), on: client, to: .only) == .sent)
        try bench.run { _ in bench.bodies(at: server).count == 2 }
        #expect(bench.batch.messages.last?.frames.count == 3)
        #expect(bench.transport.counters(of: server).malformed == 1)
    }

    @Test(arguments: Wire.allCases)
    func `a peer that is not there is reported`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let (client, peer) = try bench.connected(to: server)
        #expect(bench.transport.send(Frames([1]), on: server, to: PeerID(raw: 4_000_000_000)) == .unreachable)
        #expect(bench.transport.send(Frames([1]), on: server, to: .only) == .unreachable)
        bench.transport.close(client)
        // A server hears of the end a moment later; until then its messages are taken.
        var result = SendResult.sent
        while result == .sent {
            result = bench.transport.send(Frames([1]), on: server, to: peer)
            try bench.transport.wait(until: MonotonicClock.now() + 1_000_000)
        }
        #expect(result == .unreachable)
        #expect(bench.transport.counters(of: server).unreachable == 3)
    }

    @Test(arguments: Wire.allCases)
    func `closing twice and sending on a closed endpoint do no harm`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let (client, _) = try bench.connected(to: server)
        bench.transport.close(client)
        bench.transport.close(client)
        #expect(bench.transport.send(Frames([1]), on: client, to: .only) == .closed)
        #expect(bench.transport.address(of: client) == nil)
        #expect(bench.transport.counters(of: client) == EndpointCounters())
        #expect(!bench.transport.isConnected(client))
    }

    @Test(arguments: Wire.allCases)
    func `a restarted server is found again and answers`(wire: Wire) throws {
        let bench = try Bench(wire)
        var server = try bench.server()
        let address = try #require(bench.transport.address(of: server))
        let (client, former) = try bench.connected(to: server)
        for _ in 1...3 {
            bench.forget()
            bench.transport.close(server)
            try bench.waitUntilNobodyListens(at: address)
            try bench.run { _ in bench.kinds(of: client).last == .disconnected }
            #expect(bench.transport.send(Frames([1]), on: client, to: .only) == .unreachable)
            #expect(!bench.transport.isConnected(client))
            server = try bench.server(at: address)
            try bench.run { _ in bench.kinds(of: client).last == .connected }
            #expect(bench.transport.isConnected(client))
            let peer = try bench.hello(from: client, to: server)
            #expect(peer != former)
            #expect(bench.transport.send(Frames([2]), on: server, to: peer) == .sent)
            try bench.run { _ in bench.bodies(at: client) == [[2]] }
        }
    }

    /// libzmq's IMMEDIATE option, which would keep a client from queueing without a server, breaks this.
    @Test(arguments: Wire.allCases)
    func `what a server sent before it ended is read whole, even after the connection is lost`(wire: Wire) throws {
        // The case is only there where the end of the connection is seen with messages unread. Which of two threads is first cannot
        // be ordered from here, so it is looked for; a wire on which it never comes up has not been tested.
        var wasSeenEarly = false
        for _ in 1...20 where !wasSeenEarly { wasSeenEarly = try readsWholeAfterTheEnd(wire) }
        #expect(wasSeenEarly)
    }

    /// Sends, closes, reads everything; whether the end of the connection was seen with messages unread.
    private func readsWholeAfterTheEnd(_ wire: Wire) throws -> Bool {
        let bench = try Bench(wire)
        let server = try bench.server { $0.linger = .seconds(30) }
        let (client, peer) = try bench.connected(to: server)
        bench.forget()
        for index in 0..<3000 {
            #expect(bench.transport.send(Frames(body(index), rest: [[1]]), on: server, to: peer) == .sent)
        }
        bench.transport.close(server)
        // One message a turn, so that the end of the connection is seen with most of them unread.
        try bench.run(limit: 1) { _ in bench.kinds(of: client).last == .disconnected }
        let wasSeenEarly = bench.batch.messages.count < 3000
        try bench.run { $0.messages.count == 3000 }
        #expect(bench.batch.messages.map(\.frames) == (0..<3000).map { Frames(body($0), rest: [[1]]) })
        return wasSeenEarly
    }

    @Test(arguments: Wire.allCases)
    func `many clients are told apart`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let clients = try (0..<150).map { _ in try bench.client(of: server) }
        try bench.run { $0.changes.count { $0.kind == .connected } == clients.count }
        for client in clients { #expect(bench.transport.send(Frames(body(client.index)), on: client, to: .only) == .sent) }
        try bench.run { $0.messages.count == clients.count }
        #expect(Set(bench.batch.messages.map(\.peer)).count == clients.count)
        for message in bench.batch.messages {
            #expect(bench.transport.send(message.frames, on: server, to: message.peer) == .sent)
        }
        try bench.run { $0.messages.count == 2 * clients.count }
        for client in clients { #expect(bench.bodies(at: client) == [body(client.index)]) }
    }

    @Test(arguments: Wire.allCases)
    func `a turn takes a limited number from each endpoint`(wire: Wire) throws {
        let bench = try Bench(wire)
        let first = try bench.server()
        let second = try bench.server(at: bench.place("second"))
        let (a, _) = try bench.connected(to: first)
        let (b, _) = try bench.connected(to: second)
        for index in 0..<100 {
            #expect(bench.transport.send(Frames(body(index)), on: a, to: .only) == .sent)
            #expect(bench.transport.send(Frames(body(index)), on: b, to: .only) == .sent)
        }
        bench.forget()
        var seen = 0
        while seen < 200 {
            try bench.transport.wait(until: nil)
            var batch = Batch()
            _ = try bench.transport.receive(into: &batch, limit: 10)
            #expect(batch.messages.count { $0.endpoint == first } <= 10)
            #expect(batch.messages.count { $0.endpoint == second } <= 10)
            // Endpoints in the order they were opened.
            #expect(batch.messages.map(\.endpoint.index) == batch.messages.map(\.endpoint.index).sorted())
            seen += batch.messages.count
        }
        #expect(seen == 200)
    }
}

extension ConformanceTests {
    @Test(arguments: Wire.allCases)
    func `a wait ends by its deadline and by the waker`(wire: Wire) throws {
        let bench = try Bench(wire)
        _ = try bench.server()
        let deadline = MonotonicClock.now() + 2_000_000
        var batch = Batch()
        while MonotonicClock.now() < deadline { try bench.transport.wait(until: deadline) }
        #expect(try !bench.transport.receive(into: &batch, limit: 10))
        #expect(batch.isEmpty)
        try bench.transport.wait(until: MonotonicClock.now() - 1)
        bench.transport.waker.wake()
        bench.transport.waker.wake()
        try bench.transport.wait(until: nil)
        // Both wakes were one: the next wait runs into its deadline.
        let second = MonotonicClock.now() + 2_000_000
        while MonotonicClock.now() < second { try bench.transport.wait(until: second) }
    }

    @Test(arguments: Wire.allCases)
    func `an address in use is refused and named`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let address = try #require(bench.transport.address(of: server))
        let error = #expect(throws: TransportError.self) { _ = try bench.server(at: address) }
        #expect(error?.code == .addressInUse)
        #expect(error?.description.contains(address.description) == true)
        let (_, _) = try bench.connected(to: server)
        bench.transport.close(server)
    }
}
