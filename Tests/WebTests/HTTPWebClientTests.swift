import Exchange
import NIOCore
import Synchronization
import Testing

@testable import Web

@Suite struct HTTPWebClientTests {
    private func fails(
        _ client: HTTPWebClient, _ origin: WebOrigin, _ request: WebRequest = .init(.post, "/x"),
        _ timeout: Duration = .seconds(20)
    )
        async -> WebFailure?
    {
        await failure { () async throws(WebFailure) in try await client.send(request, to: origin, timeout: timeout) }
    }

    @Test func `what never left is told as not sent, with the cause`() async throws {
        let gone = try await WebServer.start(ServerConfiguration(), handler: TestHandler())
        let port = gone.port
        await gone.shutdown()
        try await withClient { client in
            let refused = await fails(client, .local(port))
            #expect(
                refused?.isNotSent == true && refused?.text.contains("nobody listens there") == true,
                "\(String(describing: refused))")
            let unknown = await fails(client, WebOrigin(scheme: .http, host: "no-such-host.invalid"))
            #expect(
                unknown?.isNotSent == true && unknown?.text.contains("no-such-host.invalid") == true,
                "\(String(describing: unknown))")
            for request in [
                WebRequest(.get, "relative"), WebRequest(.get, "/a b"), WebRequest(.get, "/a?b"), WebRequest(.get, "/a%2"),
                WebRequest(.get, "/a", query: "ä=1"), WebRequest(.get, "/a", query: "x#y"), WebRequest(.get, "/a", query: "[1]"),
                WebRequest(.get, "/a", headers: [.init("X", "1\r\nY: 2")]), WebRequest(.get, "/a", headers: [.init("X Y", "1")]),
            ] {
                #expect(await fails(client, .local(port), request)?.isNotSent == true, "\(request)")
            }
            #expect(await fails(client, .local(port, .ws))?.isNotSent == true)
        }
    }

    @Test func `an answer that does not come, breaks off or is no HTTP leaves the outcome unknown`() async throws {
        let answers = [
            "", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "this is no HTTP\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Le",
        ]
        let server = try await RawServer { inbound, outbound, number in
            for try await _ in inbound {
                try await outbound.write(ByteBuffer(answers[number % answers.count]))
                break
            }
        }
        try await withClient { client in
            for answer in answers {
                let failure = await fails(client, .local(server.port), .init(.get, "/x"))
                #expect(failure?.isUnknown == true, "\(answer): \(String(describing: failure))")
            }
        }
        await server.stop()
    }

    @Test func `nothing is sent twice, whatever the method, where a kept connection closes upon the next request`() async throws {
        let heads = Mutex<[String]>([])
        let connections = Mutex(0)
        let server = try await RawServer { inbound, outbound, number in
            connections.withLock { $0 += 1 }
            var answered = false
            for try await part in inbound {
                heads.withLock { $0.append(String(decoding: part.readableBytesView.prefix(12), as: UTF8.self)) }
                // The second request on a connection finds it closed, as after a venue's idle timeout.
                if answered { break }
                answered = true
                try await outbound.write(ByteBuffer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
            }
        }
        try await withClient { client in
            for method in [WebRequest.Method.get, .post, .put, .delete] {
                let before = connections.withLock { $0 }
                let first = try await client.send(.init(method, "/1"), to: .local(server.port), timeout: .seconds(20))
                #expect(first.status == 200)
                let lost = await fails(client, .local(server.port), .init(method, "/2"))
                #expect(lost?.isUnknown == true, "\(String(describing: lost))")
                #expect(
                    connections.withLock { $0 } == before + 1, "the second request went over the kept connection, and only there")
            }
        }
        await server.stop()
        #expect(heads.withLock { $0.count } == 8, "\(heads.withLock { $0 })")
    }

    @Test func `redirects are answers and are not followed`() async throws {
        let handler = TestHandler()
        try await withServer(handler) { server in
            try await withClient { client in
                let answer = try await client.send(.init(.get, "/moved"), to: .local(server.port), timeout: .seconds(20))
                #expect(answer.status == 307 && answer.header("location") == "/echo")
                #expect(handler.requests.withLock { $0.count } == 1)
            }
        }
    }

    @Test func `every request carries the program's name and the host with its port`() async throws {
        try await withServer(TestHandler()) { server in
            try await withClient { client in
                let origin = WebOrigin.local(server.port)
                let agent = try await client.send(.init(.get, "/agent"), to: origin, timeout: .seconds(20))
                #expect(agent.body == Array("pragma/9.9".utf8))
                let own = try await client.send(
                    .init(.get, "/agent", headers: [.init("User-Agent", "mine")]), to: origin, timeout: .seconds(20))
                #expect(own.body == Array("mine".utf8))
                let host = try await client.send(.init(.get, "/host"), to: origin, timeout: .seconds(20))
                #expect(host.body == Array("127.0.0.1:\(server.port)".utf8))
            }
        }
    }

    @Test func `an answer over the limit is refused, announced or not`() async throws {
        let server = try await RawServer { inbound, outbound, number in
            for try await _ in inbound {
                let chunk = String(repeating: "x", count: 600)
                let head =
                    number == 0
                    ? "Content-Length: 1001\r\n\r\n" : "Transfer-Encoding: chunked\r\n\r\n258\r\n\(chunk)\r\n258\r\n\(chunk)\r\n"
                try await outbound.write(ByteBuffer("HTTP/1.1 200 OK\r\n" + head))
            }
        }
        try await withServer(TestHandler()) { good in
            try await withClient({ $0.largestAnswer = 1000 }) { client in
                #expect(await fails(client, .local(server.port)) == .tooLarge(limit: 1000))
                #expect(await fails(client, .local(server.port)) == .tooLarge(limit: 1000))
                let whole = try await client.send(
                    .init(.get, "/big", query: "1000"), to: .local(good.port), timeout: .seconds(20))
                #expect(whole.body.count == 1000)
                #expect(await fails(client, .local(good.port), .init(.get, "/big", query: "1001")) == .tooLarge(limit: 1000))
            }
        }
        await server.stop()
    }

    @Test func `cancellation gives up at once, and the outcome of what was sent is unknown`() async throws {
        let handler = TestHandler()
        try await withServer(handler) { server in
            try await withClient { client in
                let task = Task { await fails(client, .local(server.port), .init(.post, "/silence"), .seconds(600)) }
                await handler.held.wait()
                task.cancel()
                #expect(await task.value?.isUnknown == true)
                let late = Task { await fails(client, .local(server.port), .init(.post, "/silence"), .seconds(600)) }
                late.cancel()
                #expect(await late.value != nil)
            }
        }
    }

    @Test func `after shutdown nothing is sent, and a second shutdown does nothing`() async throws {
        let client = try HTTPWebClient(.init(version: "1"))
        await client.shutdown()
        await client.shutdown()
        #expect(await fails(client, .local(1))?.isNotSent == true)
    }

    @Test func `path and query arrive byte for byte`() async throws {
        let seed: UInt64 = 5
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        let handler = TestHandler()
        let plain = Array("abcXYZ019-._~!$&'()*+,;=:@/")
        func text(_ more: [Character]) -> String {
            var result = ""
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                let pick = Int.random(in: 0..<(plain.count + more.count + 4), using: &random)
                if pick < plain.count {
                    result.append(plain[pick])
                } else if pick < plain.count + more.count {
                    result.append(more[pick - plain.count])
                } else {
                    result += ["%20", "%2f", "%2F", "%C3%A4"][pick - plain.count - more.count]
                }
            }
            return result
        }
        try await withServer(handler) { server in
            try await withClient { client in
                for _ in 0..<300 {
                    let request = WebRequest(.get, "/" + text([]), query: text(["?"]))
                    _ = try await client.send(request, to: .local(server.port), timeout: .seconds(20))
                    let seen = handler.requests.withLock { $0.last }
                    #expect(seen?.path == request.path && seen?.query == request.query, "\(request.path)?\(request.query)")
                }
            }
        }
    }

    @Test func `a certificate file that cannot be used is told with its name`() {
        #expect(throws: WebSetupError.self) {
            try HTTPWebClient(
                {
                    var c = HTTPWebClient.Configuration(version: "1"); c.roots = .file("/no/such.pem"); return c
                }())
        }
        do { _ = try NIOWebSocketDialer(version: "1", roots: .file("/no/such.pem")) } catch {
            #expect(error.description.contains("/no/such.pem"))
        }
    }
}
