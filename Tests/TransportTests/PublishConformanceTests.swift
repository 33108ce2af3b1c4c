import Testing
import Transport

/// Publishers and subscribers, whoever listens, on every wire.
@Suite struct PublishConformanceTests {
    @Test(arguments: Wire.allCases)
    func `subscribers hear what they subscribed to`(wire: Wire) throws {
        let bench = try Bench(wire)
        let publisher = try bench.transport.open(.publisher(try bench.place(), security: bench.serverSecurity))
        let address = try #require(bench.transport.address(of: publisher))
        let all = try bench.transport.open(.subscriber(address, security: bench.clientSecurity))
        let some = try bench.transport.open(
            .subscriber(address, topics: [Array("job.".utf8), Array("halt".utf8)], security: bench.clientSecurity))
        try bench.run { _ in bench.kinds(of: publisher).count == 3 }
        #expect(
            Set(bench.kinds(of: publisher)) == [
                .subscribed([]), .subscribed(Array("job.".utf8)), .subscribed(Array("halt".utf8)),
            ])
        let topics = ["job.1", "jobs", "halt", "x", "job."]
        for topic in topics {
            #expect(bench.transport.send(Frames(Array(topic.utf8), rest: [[1]]), on: publisher, to: .only) == .sent)
        }
        try bench.run { $0.messages.count == 8 }
        #expect(bench.bodies(at: all).map { String(decoding: $0, as: UTF8.self) } == topics)
        #expect(bench.bodies(at: some).map { String(decoding: $0, as: UTF8.self) } == ["job.1", "halt", "job."])
        #expect(bench.batch.messages.allSatisfy { $0.frames.rest == [[1]] && $0.peer == .only })
        bench.transport.close(some)
        try bench.run { _ in bench.kinds(of: publisher).count == 5 }
        #expect(bench.kinds(of: publisher).contains(.unsubscribed(Array("halt".utf8))))
    }

    @Test(arguments: Wire.allCases)
    func `many publishers report to one subscriber that listens`(wire: Wire) throws {
        let bench = try Bench(wire)
        let subscriber = try bench.transport.open(
            .subscriber(try bench.place(), .bind, security: bench.serverSecurity))
        let address = try #require(bench.transport.address(of: subscriber))
        let publishers = try (0..<20).map { _ in
            try bench.transport.open(.publisher(address, .connect, security: bench.clientSecurity))
        }
        try bench.run { $0.changes.count { $0.kind == .subscribed([]) } == publishers.count }
        for publisher in publishers {
            #expect(bench.transport.isConnected(publisher))
            #expect(bench.transport.send(Frames(body(publisher.index)), on: publisher, to: .only) == .sent)
        }
        try bench.run { $0.messages.count == publishers.count }
        #expect(Set(bench.bodies(at: subscriber).map(number)) == Set(publishers.map(\.index)))
        #expect(bench.batch.messages.allSatisfy { $0.user?.name == (wire.hasKeys ? "worker-1" : nil) })
    }
}
