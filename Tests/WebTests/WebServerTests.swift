import Exchange
import NIOCore
import Synchronization
import Testing

@testable import Web

@Suite struct WebServerTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `pipelined requests are answered in order on one connection`() async throws {
        let handler = TestHandler()
        try await withServer(handler) { server in
            var bytes = "POST /echo?n=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
            for number in 1..<60 { bytes += "GET /echo?n=\(number)&raw=%2b+ HTTP/1.1\r\nHost: x\r\n\r\n" }
            bytes += "GET /echo?last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let answer = text(try await RawConnection.exchange(port: server.port, Array(bytes.utf8)))
            let bodies = answer.components(of: "HTTP/1.1 200 OK\r\n").dropFirst().map { $0.components(of: "\r\n\r\n").last ?? "" }
            let asked = ["POST /echo?n=0 abc"] + (1..<60).map { "GET /echo?n=\($0)&raw=%2b+ " } + ["GET /echo?last "]
            #expect(bodies == asked)
            #expect(answer.lowercased().contains("connection: close"))
        }
    }

    @Test func `what is no request, too large or not served is refused with its status`() async throws {
        var configuration = ServerConfiguration()
        configuration.largestBody = 100
        let cases: [(String, Int)] = [
            ("nonsense\r\n\r\n", 400),
            ("GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            ("PATCH / HTTP/1.1\r\nHost: x\r\n\r\n", 405),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n", 413),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + String(repeating: "x", count: 101)
                    + "\r\n0\r\n\r\n", 413
            ),
            ("GET / HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "y", count: 70_000) + "\r\n\r\n", 431),
            ("GET /" + String(repeating: "y", count: 70_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431),
            ("GET / HTTP/1.1\r\n" + (0..<5_000).map { "X\($0): 0123456789\r\n" }.joined() + "\r\n", 431),
            (
                "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: eA==\r\n\r\n",
                426
            ),
            (
                "GET /no HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n",
                403
            ),
            ("GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 200),
            ("GET /evil HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 500),
        ]
        try await withServer(TestHandler(), configuration) { server in
            for (request, status) in cases {
                let answer = text(try await RawConnection.exchange(port: server.port, Array(request.utf8)))
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(request.prefix(40)): \(answer.prefix(60))")
                #expect(answer.components(of: "HTTP/1.1 ").count == 2, "one answer only")
                #expect(!answer.contains("Set-Cookie"))
            }
        }
    }

    @Test func `a client that asks for leave to send gets it`() async throws {
        try await withServer(TestHandler()) { server in
            let head =
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\nhi"
            let answer = text(try await RawConnection.exchange(port: server.port, Array(head.utf8)))
            #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK") && answer.hasSuffix("hi"))
        }
    }

    @Test func `a connection without a complete request is closed after the idle time, one with a silent answer is not`()
        async throws
    {
        var configuration = ServerConfiguration()
        configuration.idleTimeout = .milliseconds(300)
        let handler = TestHandler()
        try await withServer(handler, configuration) { server in
            for started in [
                "", "GET /echo HT", "GET /echo HTTP/1.1\r\nX: y\r\n", "POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc",
            ] {
                #expect(try await RawConnection.exchange(port: server.port, Array(started.utf8)).isEmpty)
            }
            try await withClient { client in
                async let slow = client.send(.init(.get, "/hold"), to: .local(server.port), timeout: .seconds(60))
                await handler.held.wait()
                let other = try await RawConnection.exchange(port: server.port, [])
                #expect(other.isEmpty, "this one waits longer than the idle time")
                handler.release.fire()
                let answer = try await slow
                #expect(answer.status == 200)
            }
        }
    }

    @Test func `more connections than allowed are closed at once`() async throws {
        var configuration = ServerConfiguration()
        configuration.mostConnections = 2
        let handler = TestHandler()
        try await withServer(handler, configuration) { server in
            let dialer = try NIOWebSocketDialer(version: "1")
            let origin = WebOrigin.local(server.port, .ws)
            let one = try await dialer.connect(to: origin, path: "/ws", headers: [], timeout: .seconds(20))
            let two = try await dialer.connect(to: origin, path: "/ws", headers: [], timeout: .seconds(20))
            let third = await failure { () async throws(WebFailure) in
                try await dialer.connect(to: origin, path: "/ws", headers: [], timeout: .seconds(20))
            }
            #expect(third?.isNotSent == true)
            await one.close(code: 1000, reason: "")
            while server.connectionCount > 1 { await Task.yield() }
            let fourth = try await dialer.connect(to: origin, path: "/ws", headers: [], timeout: .seconds(20))
            await fourth.close(code: 1000, reason: "")
            await two.close(code: 1000, reason: "")
        }
    }

    @Test func `shutdown lets an answer go out, says goodbye to WebSockets and closes the rest`() async throws {
        let handler = TestHandler()
        let server = try await WebServer.start(ServerConfiguration(), handler: handler)
        let dialer = try NIOWebSocketDialer(version: "1")
        let socket = try await dialer.connect(to: .local(server.port, .ws), path: "/ws", headers: [], timeout: .seconds(20))
        try await withClient { client in
            _ = try await client.send(.init(.get, "/echo"), to: .local(server.port), timeout: .seconds(20))
            async let slow = client.send(.init(.get, "/hold"), to: .local(server.port), timeout: .seconds(60))
            await handler.held.wait()
            async let done: Void = server.shutdown(grace: .seconds(60))
            #expect(await failure { () async throws(WebFailure) in try await socket.receive() }?.code == 1001)
            handler.release.fire()
            #expect(try await slow.body == Array("released".utf8))
            await done
            #expect(server.connectionCount == 0)
            let after = await failure { () async throws(WebFailure) in
                try await client.send(.init(.get, "/echo"), to: .local(server.port), timeout: .seconds(20))
            }
            #expect(after?.isNotSent == true)
        }
    }

    @Test func `a handler that waits for something else is canceled when its WebSocket is gone`() async throws {
        let canceled = Signal()
        let never = AsyncStream<Int>.makeStream()
        let handler = TestHandler { _, _ in
            for await _ in never.stream {}
            canceled.fire()
        }
        try await withServer(handler) { server in
            let dialer = try NIOWebSocketDialer(version: "1")
            let socket = try await dialer.connect(to: .local(server.port, .ws), path: "/ws", headers: [], timeout: .seconds(20))
            socket.abort()
            await canceled.wait()
        }
        never.continuation.finish()
    }

    @Test func `an address that is taken is told`() async throws {
        try await withServer(TestHandler()) { server in
            var configuration = ServerConfiguration()
            configuration.port = server.port
            await #expect(throws: WebSetupError.self) { try await WebServer.start(configuration, handler: TestHandler()) }
        }
    }

    @Test func `random bytes and mangled requests never stop the server`() async throws {
        let seed: UInt64 = 99
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        let good = Array("POST /echo?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc".utf8)
        let upgrade = Array(
            "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                .utf8)
        var configuration = ServerConfiguration()
        configuration.idleTimeout = .milliseconds(5)
        configuration.socketLimits.closeTimeout = .milliseconds(5)
        try await withServer(TestHandler(), configuration) { server in
            for round in 0..<400 {
                var bytes: [UInt8]
                switch round % 4 {
                case 0: bytes = random.bytes(Int.random(in: 1...300, using: &random))
                case 1, 2:
                    bytes = round % 4 == 1 ? good : upgrade
                    for _ in 0..<Int.random(in: 1...4, using: &random) {
                        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                    }
                // A good handshake with frames of chance behind it, and a goodbye in the end.
                default:
                    bytes =
                        upgrade + random.bytes(Int.random(in: 1...100, using: &random)) + [0x88, 0x80, 0, 0, 0, 0] + [0xff, 0xff]
                }
                let until = round % 4 == 2 ? "101 Switching" : nil
                if round % 4 == 3 {
                    _ = try await RawConnection.exchange(port: server.port, bytes, until: "Accept")
                } else {
                    _ = try await RawConnection.exchange(port: server.port, bytes, until: until)
                }
            }
            // On a busy machine a good request, too, may be later than the short idle time.
            var answer = ""
            for _ in 0..<1000 where answer.isEmpty { answer = text(try await RawConnection.exchange(port: server.port, good)) }
            #expect(answer.hasSuffix("POST /echo?a=1 abc"))
        }
    }
}

extension String {
    func components(of separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let found = rest.firstRange(of: separator) {
            parts.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return parts + [String(rest)]
    }
}
