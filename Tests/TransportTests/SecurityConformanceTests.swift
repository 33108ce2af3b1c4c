import Testing
import Transport

/// Keys, on every wire that has them.
@Suite struct SecurityConformanceTests {
    @Test(arguments: Wire.withKeys)
    func `an unknown key is refused, counted and admitted once it is in the table`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let stranger = try KeyPair.generate()
        let client = try bench.client(of: server) {
            $0.security = .client(stranger, server: bench.serverKeys.publicKey)
            $0.handshakeRetryInterval = .milliseconds(5)
        }
        try bench.run { _ in bench.kinds(of: client).contains(.refused(status: 400)) }
        #expect(bench.transport.send(Frames([1]), on: client, to: .only) == .unreachable)
        #expect(bench.authenticator.counters.unknownKey >= 1)
        #expect(bench.authenticator.counters.accepted == 0)
        let refusal = try #require(bench.authenticator.recentRefusals.first)
        #expect(refusal.publicKey == stranger.publicKey)
        #expect(refusal.domain == Bench.domain)
        bench.authenticator.replace([
            .init(publicKey: stranger.publicKey, name: "new", role: "cli", domains: ["other", Bench.domain])
        ])
        try bench.run { _ in bench.kinds(of: client).last == .connected }
        _ = try bench.hello(from: client, to: server)
        #expect(bench.batch.messages.last?.user?.role == "cli")
    }

    @Test(arguments: Wire.withKeys)
    func `a key of another domain is refused`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server { $0.security = .server(bench.serverKeys, domain: "control") }
        let client = try bench.client(of: server)
        try bench.run { _ in bench.kinds(of: client).contains(.refused(status: 400)) }
        #expect(bench.authenticator.counters.wrongDomain >= 1)
        #expect(bench.authenticator.counters.unknownKey == 0)
    }

    @Test(arguments: Wire.withKeys)
    func `each message says who sent it`(wire: Wire) throws {
        let bench = try Bench(wire)
        let second = try KeyPair.generate()
        bench.authenticator.replace([
            .init(publicKey: bench.clientKeys.publicKey, name: "worker-1", role: "worker", domains: [Bench.domain]),
            .init(publicKey: second.publicKey, name: "operator", role: "cli", domains: [Bench.domain]),
        ])
        let server = try bench.server()
        let (worker, _) = try bench.connected(to: server)
        let (cli, _) = try bench.connected(to: server) { $0.security = .client(second, server: bench.serverKeys.publicKey) }
        bench.forget()
        for index in 0..<50 {
            #expect(bench.transport.send(Frames(body(index)), on: index % 2 == 0 ? worker : cli, to: .only) == .sent)
        }
        try bench.run { $0.messages.count == 50 }
        for message in bench.batch.messages {
            #expect(message.user?.name == (number(message.frames.first) % 2 == 0 ? "worker-1" : "operator"))
        }
    }

    @Test(arguments: Wire.withKeys)
    func `a key that is taken out of the table is no longer heard, one with a new role has it at once`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let (client, _) = try bench.connected(to: server)
        bench.forget()
        bench.authenticator.replace([
            .init(publicKey: bench.clientKeys.publicKey, name: "worker-1", role: "reader", domains: [Bench.domain])
        ])
        _ = try bench.hello(from: client, to: server)
        #expect(bench.batch.messages.last?.user?.role == "reader")
        bench.authenticator.replace([])
        bench.forget()
        #expect(bench.transport.send(Frames([1]), on: client, to: .only) == .sent)
        try bench.run { _ in bench.transport.counters(of: server).revoked == 1 }
        #expect(bench.batch.messages.isEmpty)
    }

    @Test(arguments: Wire.withKeys)
    func `a plain client cannot talk to a server with keys`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server()
        let client = try bench.client(of: server) { $0.security = .none }
        try bench.run { _ in bench.kinds(of: client).contains(.handshakeFailed) }
        #expect(bench.transport.send(Frames([1]), on: client, to: .only) == .unreachable)
        // One with a key gets through meanwhile; nothing of the other was heard.
        let (_, _) = try bench.connected(to: server)
        #expect(bench.batch.messages.count == 1)
        #expect(bench.transport.counters(of: server).received == 1)
    }

    @Test(arguments: Wire.withKeys)
    func `a client with keys does not talk to a plain server`(wire: Wire) throws {
        let bench = try Bench(wire)
        let server = try bench.server { $0.security = .none }
        let client = try bench.client(of: server)
        try bench.run { _ in bench.kinds(of: client).contains(.handshakeFailed) }
        #expect(bench.transport.send(Frames([1]), on: client, to: .only) == .unreachable)
    }

    @Test(arguments: Wire.allCases)
    func `what is not safe is refused with a reason`(wire: Wire) throws {
        let bench = try Bench(wire)
        let wide = try Address("tcp://0.0.0.0:0")
        func refusal(_ options: EndpointOptions) -> TransportError? {
            #expect(throws: TransportError.self) { _ = try bench.transport.open(options) }
        }
        #expect(refusal(.server(wide))?.code == .insecure)
        #expect(refusal(.server(wide))?.description.contains("tcp://0.0.0.0:*") == true)
        #expect(try refusal(.client(Address("tcp://example.org:5000")))?.code == .insecure)
        #expect(try refusal(.subscriber(Address("tcp://10.0.0.1:5000")))?.code == .insecure)
        let client = EndpointOptions.Security.client(bench.clientKeys, server: bench.serverKeys.publicKey)
        #expect(refusal(.server(.loopback(), security: client))?.code == .insecure)
        let server = EndpointOptions.Security.server(bench.serverKeys, domain: "jobs")
        #expect(refusal(.client(.loopback(port: 5000), security: server))?.code == .insecure)
        #expect(refusal(.server(.loopback(), security: .server(bench.serverKeys, domain: "")))?.code == .insecure)
        #expect(refusal(.client(.loopback()))?.code == .invalidAddress)
        #expect(
            refusal(EndpointOptions(role: .server, address: .loopback(port: 1), attachment: .connect, security: .none)) != nil)
        #expect(refusal(EndpointOptions(role: .client, address: .loopback(port: 1), attachment: .bind, security: .none)) != nil)
        let bare: any Transport = wire.isMemory ? try MemoryTransport(MemoryNetwork()) : try ZeroMQTransport()
        let error = #expect(throws: TransportError.self) { _ = try bare.open(.server(.loopback(), security: server)) }
        #expect(error?.code == .insecure)
        let admitted = try bench.transport.open(.server(wide, security: server))
        #expect(bench.transport.address(of: admitted) != nil)
    }
}

@Suite struct WrongServerKeyTests {
    @Test func `a client that was given another server key stays outside and sends nothing`() throws {
        let bench = try Bench(.tcpCurve)
        let wrong = try KeyPair.generate()
        // Only the client's own limit is short: the other client's handshake may take its time on a busy machine.
        let server = try bench.server()
        let client = try bench.client(of: server) {
            $0.security = .client(bench.clientKeys, server: wrong.publicKey)
            $0.handshakeInterval = .milliseconds(50)
        }
        // The right one connects after it; by then the other had its chance.
        _ = try bench.connected(to: server)
        #expect(bench.transport.send(Frames([1]), on: client, to: .only) == .unreachable)
        #expect(!bench.kinds(of: client).contains(.connected))
        #expect(bench.authenticator.counters.accepted == 1)
    }
}
