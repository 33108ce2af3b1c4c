import Exchange
import NIOCore
import NIOEmbedded
import NIOPosix
import Synchronization
import Testing

@testable import Web

@Suite struct ClientConnectionTests {
    // MARK: Writing

    @Test func `head and body of a request are one write`() async throws {
        let origin = WebOrigin(scheme: .http, host: "x", port: 80)
        let request = WebRequest(.post, "/order", body: Array("a=1".utf8))
        let bytes = RequestBytes(request, try RequestTarget(origin, path: request.path, query: ""), userAgent: "t")
        let order = RequestOrder(id: 1, origin: origin, request: bytes, deadline: .distantFuture, context: nil)
        let written = Mutex<[String]>([])
        let result = await withCheckedContinuation { (waiter: ClientRequest.Waiter) in
            let channel = EmbeddedChannel()
            let site = ClientSite(loop: channel.embeddedEventLoop, order.endpoint, nil, .init(version: "1"))
            let connection = ClientConnection(1, channel, site: site, attempt: ConnectionAttempt(1, site: site))
            #expect(throws: Never.self) {
                try channel.pipeline.syncOperations.addHandler(connection)
                try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
                #expect(connection.write(ClientRequest(order, waiter, site: site)))
                while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
                    written.withLock { $0.append(String(buffer: buffer)) }
                }
                try channel.writeInbound(ByteBuffer(Script.ok))
            }
        }
        #expect(try result.get().body == Array("ok".utf8))
        #expect(
            written.withLock { $0 } == ["POST /order HTTP/1.1\r\nHost: x\r\nUser-Agent: t\r\nContent-Length: 3\r\n\r\na=1"])
    }

    @Test func `what goes over the wire is what venues always saw`() async throws {
        let script = try await Script { _, _ in .say(Script.ok) }
        try await withClient { client in
            let header = WebHeader("X-Key", "k")
            for request in [
                WebRequest(.get, "/a", query: "b=2&c=%2B"), WebRequest(.post, "/a"), WebRequest(.put, "/a"),
                WebRequest(.delete, "/a"),
                WebRequest(.post, "/a", headers: [header], body: Array("x=1".utf8)), WebRequest(.get, "/a", body: [66]),
                WebRequest(.get, "/a", headers: [.init("user-agent", "me"), .init("host", "h"), .init("content-length", "9")]),
            ] {
                _ = try await client.send(request, to: .local(script.port), timeout: .seconds(20))
            }
        }
        let ends = "Host: 127.0.0.1:\(script.port)\r\nUser-Agent: pragma/9.9\r\n"
        #expect(
            script.seen.withLock { $0.map(\.text) } == [
                "GET /a?b=2&c=%2B HTTP/1.1\r\n\(ends)\r\n", "POST /a HTTP/1.1\r\n\(ends)Content-Length: 0\r\n\r\n",
                "PUT /a HTTP/1.1\r\n\(ends)Content-Length: 0\r\n\r\n", "DELETE /a HTTP/1.1\r\n\(ends)\r\n",
                "POST /a HTTP/1.1\r\nX-Key: k\r\n\(ends)Content-Length: 3\r\n\r\nx=1",
                "GET /a HTTP/1.1\r\n\(ends)Content-Length: 1\r\n\r\nB",
                "GET /a HTTP/1.1\r\nuser-agent: me\r\nhost: h\r\n\r\n",
            ])
        await script.stop()
    }

    // MARK: Keeping connections

    @Test func `requests one after another go over one connection, and one that the client is to close is not kept`() async throws
    {
        let script = try await Script { _, _ in .say(Script.ok) }
        try await withClient { client in
            for _ in 0..<20 { try await client.getOK(script) }
            // A time without end is as good as any.
            let answer = try await client.get(script, "/", .seconds(Int64.max))
            #expect(answer.status == 200)
            #expect(script.connections == 1)
            let last = WebRequest(.get, "/", headers: [.init("Connection", "close")])
            let lastAnswer = try await client.send(last, to: .local(script.port), timeout: .seconds(20))
            #expect(lastAnswer.status == 200)
            await script.anEnd.wait()
            try await client.getOK(script)
            #expect(script.connections == 2)
        }
        await script.stop()
    }

    @Test func `a kept connection that the server closed is not used again, and nothing is lost`() async throws {
        let other = try await Script { _, _ in .say(Script.ok) }
        let script = try await Script { _, request in request == 0 ? .part(Script.ok) : .say(Script.ok) }
        try await withClient { client in
            for round in 1...5 {
                try await client.getOK(script)
                while script.ended.withLock({ $0 }) < round { try await client.settle(other) }
                try await client.settle(other)
            }
        }
        #expect(script.seen.withLock { $0.map(\.connection) } == [0, 1, 2, 3, 4])
        await script.stop()
        await other.stop()
    }

    @Test func `bytes behind an answer end its connection, and are no answer to the next request`() async throws {
        let evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
        for garbage in ["\r\n", "x", evil, String(evil.prefix(20)), String(evil.dropLast())] {
            let script = try await Script { connection, _ in .say(connection == 0 ? Script.ok + garbage : Script.ok) }
            try await withClient { client in
                for _ in 0..<3 { try await client.getOK(script) }
            }
            #expect(script.seen.withLock { $0.map(\.connection) } == [0, 1, 1], "\(garbage)")
            await script.stop()
        }
    }

    @Test func `bytes on an idle connection end it, a farewell with status 408 for instance`() async throws {
        let other = try await Script { _, _ in .say(Script.ok) }
        for farewell in ["HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 2", "\0"] {
            let later = Signal()
            let script = try await Script { connection, _ in
                connection == 0 ? .sayLater(Script.ok, later, farewell) : .say(Script.ok)
            }
            try await withClient { client in
                try await client.getOK(script)
                later.fire()
                await script.anEnd.wait()
                try await client.settle(other)
                try await client.getOK(script)
            }
            #expect(script.seen.withLock { $0.map(\.connection) } == [0, 1])
            await script.stop()
        }
        await other.stop()
    }

    @Test func `an unused connection is closed after its time`() async throws {
        let script = try await Script { _, _ in .say(Script.ok) }
        try await withClient({ $0.keepAlive = .milliseconds(1) }) { client in
            try await client.getOK(script)
            await script.anEnd.wait()
            try await client.getOK(script)
        }
        #expect(script.connections == 2)
        await script.stop()
    }

    @Test(arguments: [
        "HTTP/1.1 100 Continue\r\n\r\n" + Script.ok,
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\nA: b\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok",
    ])
    func `answers that keep the connection`(_ answer: String) async throws {
        let script = try await Script { _, _ in .say(answer) }
        try await withClient { client in
            for _ in 0..<3 {
                try await client.getOK(script)
            }
        }
        #expect(script.connections == 1)
        await script.stop()
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\n\r\nok", "HTTP/1.0 200 OK\r\n\r\nok",
    ])
    func `answers that end the connection`(_ answer: String) async throws {
        let script = try await Script { _, _ in answer.contains("ength") ? .say(answer) : .part(answer) }
        try await withClient { client in
            for _ in 0..<3 {
                try await client.getOK(script)
            }
        }
        #expect(script.connections == 3)
        await script.stop()
    }

    @Test func `an answer that comes before the request was taken is an answer, and its connection is not used again`()
        async throws
    {
        let connections = Mutex(0)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.withLock { $0 += 1 }
                    try channel.pipeline.syncOperations.addHandler(EarlyAnswer())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let origin = WebOrigin.local(listener.localAddress?.port ?? 0)
        try await withClient { client in
            for _ in 0..<2 {
                // More than what both sides' kernels hold.
                let large = WebRequest(.post, "/", body: [UInt8](repeating: 1, count: 64 << 20))
                let answer = try await client.send(large, to: origin, timeout: .seconds(20))
                #expect(answer.status == 413)
            }
        }
        #expect(connections.withLock { $0 } == 2)
        try await listener.close()
    }
}

/// Reads once, answers, and reads nothing more.
private final class EarlyAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) { context.read() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")), promise: nil)
    }
}
