import Testing
import Transport

/// Full queues, by policy, on every wire.
@Suite struct QueueConformanceTests {
    /// Small queues and large messages, so that the kernel's buffers do not hide a full one.
    private func small(_ options: inout EndpointOptions) {
        options.sendHighWaterMark = 8
        options.receiveHighWaterMark = 8
    }

    private let padding = 200_000

    @Test(arguments: Wire.allCases)
    func `a full queue refuses and loses nothing that it took`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server(small)
        let (client, peer) = try bench.connected(to: server, small)
        bench.forget()
        // The client is not read meanwhile.
        var sent = 0
        while bench.transport.send(Frames(body(sent, padding: padding)), on: server, to: peer) == .sent { sent += 1 }
        #expect(sent >= 8)
        #expect(bench.transport.counters(of: server).refused == 1)
        try bench.run { $0.messages.count == sent }
        #expect(bench.bodies(at: client).map(number) == Array(0..<sent))
        // A router learns of the room a moment later.
        var result = SendResult.full
        while result == .full {
            result = bench.transport.send(Frames(body(sent)), on: server, to: peer)
            try bench.transport.wait(until: MonotonicClock.now() + 1_000_000)
        }
        #expect(result == .sent)
        try bench.run { $0.messages.count == sent + 1 }
    }

    @Test(arguments: Wire.allCases)
    func `one full peer does not hold up another`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server(small)
        let (_, slow) = try bench.connected(to: server, small)
        let (quick, other) = try bench.connected(to: server)
        bench.forget()
        while bench.transport.send(Frames(body(0, padding: padding)), on: server, to: slow) == .sent {}
        #expect(bench.transport.send(Frames([5]), on: server, to: other) == .sent)
        try bench.run { _ in bench.bodies(at: quick) == [[5]] }
    }

    @Test(arguments: Wire.allCases)
    func `an outbox that drops the newest keeps the oldest`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server {
            small(&$0)
            $0.whenFull = .dropNewest
            $0.outboxCapacity = 5
        }
        let (client, peer) = try bench.connected(to: server, small)
        bench.forget()
        let (sent, total) = fill(bench, server, peer)
        #expect(total - sent == 5)
        for _ in 0..<3 {
            #expect(bench.transport.send(Frames(body(-1, padding: padding)), on: server, to: peer) == .dropped)
        }
        try bench.run { $0.messages.count == total }
        #expect(bench.bodies(at: client).map(number) == Array(0..<total))
        #expect(bench.transport.counters(of: server).dropped == 4)
    }

    @Test(arguments: Wire.allCases)
    func `an outbox that drops the oldest keeps the newest`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server {
            small(&$0)
            $0.whenFull = .dropOldest
            $0.outboxCapacity = 5
        }
        let (client, peer) = try bench.connected(to: server, small)
        bench.forget()
        var total = 0
        var queued = 0
        while queued < 12 {
            let result = bench.transport.send(Frames(body(total, padding: padding)), on: server, to: peer)
            #expect(result.isTaken)
            queued += result == .queued ? 1 : 0
            total += 1
        }
        let sent = total - queued
        try bench.run { $0.messages.count == sent + 5 }
        #expect(bench.bodies(at: client).map(number) == Array(0..<sent) + Array(total - 5..<total))
        #expect(bench.transport.counters(of: server).dropped == 7)
    }

    /// Sends until an outbox has taken what it can and dropped one; what went to the peer's queue, and that with the outbox.
    private func fill(_ bench: Bench, _ server: EndpointID, _ peer: PeerID) -> (sent: Int, total: Int) {
        var sent = 0
        var total = 0
        while true {
            switch bench.transport.send(Frames(body(total, padding: padding)), on: server, to: peer) {
            case .sent: sent += 1
            case .queued: break
            default: return (sent, total)
            }
            total += 1
        }
    }

    @Test(arguments: Wire.allCases)
    func `a client without a server refuses, or keeps what its outbox holds`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let address = try #require(bench.transport.address(of: server))
        bench.transport.close(server)
        try bench.waitUntilNobodyListens(at: address)
        let refusing = try bench.client(at: address)
        let keeping = try bench.client(at: address) {
            $0.whenFull = .dropOldest
            $0.outboxCapacity = 3
        }
        for index in 0..<10 {
            #expect(bench.transport.send(Frames(body(index)), on: refusing, to: .only) == .unreachable)
            #expect(bench.transport.send(Frames(body(index)), on: keeping, to: .only) == .queued)
        }
        let next = try bench.server(at: address)
        try bench.run { $0.messages.count == 3 }
        #expect(bench.bodies(at: next).map(number) == [7, 8, 9])
        #expect(bench.transport.counters(of: refusing).refused == 10)
        #expect(bench.transport.counters(of: keeping).dropped == 7)
    }

    @Test(arguments: Wire.allCases)
    func `a publisher never waits for a slow subscriber`(wire: Wire) throws {
        let bench = try Bench(wire)
        var options = EndpointOptions.publisher(try bench.place(), security: bench.serverSecurity)
        small(&options)
        let publisher = try bench.transport.open(options)
        var hearing = EndpointOptions.subscriber(
            try #require(bench.transport.address(of: publisher)), security: bench.clientSecurity)
        small(&hearing)
        let subscriber = try bench.transport.open(hearing)
        try bench.run { $0.changes.contains { $0.kind == .subscribed([]) } }
        for index in 0..<400 {
            #expect(bench.transport.send(Frames(body(index, padding: 20_000)), on: publisher, to: .only) == .sent)
        }
        // A subscriber with room hears again.
        var index = 400
        try bench.run { _ in
            _ = bench.transport.send(Frames(body(index)), on: publisher, to: .only)
            index += 1
            bench.transport.waker.wake()
            return bench.bodies(at: subscriber).contains { number($0) >= 400 }
        }
        let heard = bench.bodies(at: subscriber).map(number)
        #expect(heard == heard.sorted())
        #expect(heard.count < index)
    }
}
