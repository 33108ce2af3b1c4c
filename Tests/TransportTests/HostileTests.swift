import Glibc
import Testing
import Transport
import ZeroMQ

/// Peers that do not keep the rules, against real sockets.
@Suite struct HostileTests {
    /// A plain TCP or Unix connection to an address.
    private func raw(_ address: Address) throws -> Int32 {
        guard case .tcp(_, let port) = address.kind else { throw BenchError("tcp only") }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        target.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw BenchError("connect: \(errno)") }
        return descriptor
    }

    /// A greeting of ZMTP 3.0 with the NULL mechanism and the READY command of a DEALER.
    private static let handshake: [UInt8] =
        [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 0] + Array("NULL".utf8) + [UInt8](repeating: 0, count: 16 + 1 + 31)
        + [4, 28, 5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6] + Array("DEALER".utf8)

    @Test func `bytes that are no ZMTP harm nobody else`() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SplitMix64(state: seed)
        for wire in [Wire.tcp, .tcpCurve] {
            let bench = try Bench(wire)
            let server = try bench.server { $0.handshakeInterval = .milliseconds(100) }
            let address = try #require(bench.transport.address(of: server))
            for round in 0..<60 {
                let descriptor = try raw(address)
                let length = Int(random.next() % 600)
                var bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                if round % 3 == 1 { bytes = Self.handshake + bytes }
                if round % 3 == 2 { bytes = Array(Self.handshake.prefix(Int(random.next() % 90))) }
                _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                close(descriptor)
            }
            let (client, peer) = try bench.connected(to: server)
            #expect(bench.transport.send(Frames([1]), on: server, to: peer) == .sent)
            try bench.run { _ in bench.bodies(at: client) == [[1]] }
        }
    }

    @Test func `a frame that claims to be enormous ends the connection without memory being taken`() throws {
        let bench = try Bench(.tcp)
        let server = try bench.server { $0.maxMessageSize = 4096 }
        let descriptor = try raw(try #require(bench.transport.address(of: server)))
        defer { close(descriptor) }
        // A long frame of 2^62 bytes.
        let bytes = Self.handshake + [2, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]
        #expect(send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
        // The server closes: reading comes to the end.
        var buffer = [UInt8](repeating: 0, count: 4096)
        while read(descriptor, &buffer, buffer.count) > 0 {}
        _ = try bench.connected(to: server)
        #expect(bench.transport.counters(of: server).received == 1)
    }

    @Test func `a peer that chooses its own routing id is not heard`() throws {
        let bench = try Bench(.tcp)
        let server = try bench.server()
        let address = try #require(bench.transport.address(of: server)).description
        let context = try Context()
        for id in [Array("worker-1".utf8), [1, 2, 3, 4, 5], [7]] {
            var options = SocketOptions()
            options.routingID = id
            options.linger = .seconds(5)
            let dealer = try Socket(context, .dealer, options: options)
            try dealer.connect(address)
            #expect(try dealer.send(message: [[1], [2]]) == .sent)
        }
        try bench.run { _ in bench.transport.counters(of: server).malformed == 3 }
        #expect(bench.batch.messages.isEmpty)
    }

    @Test func `a publisher is not disturbed by what is no subscription`() throws {
        let bench = try Bench(.tcp)
        let publisher = try bench.transport.open(.publisher(.loopback()))
        let address = try #require(bench.transport.address(of: publisher))
        let context = try Context()
        let peer = try Socket(context, .extendedSubscriber)
        try peer.connect(address.description)
        #expect(try peer.send(message: [[9, 9]]) == .sent)
        #expect(try peer.send(message: [[]]) == .sent)
        #expect(try peer.send(message: [[1, 65]]) == .sent)
        try bench.run { $0.changes.contains { $0.kind == .subscribed([65]) } }
        #expect(bench.batch.messages.isEmpty)
        #expect(bench.transport.counters(of: publisher).malformed == 2)
    }

    @Test func `where no authenticator answers nobody is admitted`() throws {
        let context = try Context()
        var options = SocketOptions()
        options.zapDomain = "jobs"
        options.handshakeInterval = .milliseconds(50)
        let server = try Socket(context, .router, options: options)
        let address = try server.bind("tcp://127.0.0.1:*")
        let dealer = try Socket(context, .dealer)
        let monitor = try SocketMonitor(of: dealer, name: "t")
        try dealer.connect(address)
        var poller = Poller()
        poller.add(monitor.socket)
        _ = try poller.wait(timeout: .seconds(60))
        let event = try monitor.next()
        #expect(event != nil && event != .connected)
        monitor.stop()
    }
}
