import Exchange
import Synchronization
import Testing

@testable import Web

@Suite struct ClientEndingTests {
    @Test func `a connection that ends in the middle of an answer, or without one, leaves the outcome unknown`() async throws {
        for answer in [
            "", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        ] {
            let script = try await Script { _, _ in .part(answer) }
            try await withClient { client in
                #expect(
                    await client.lose(script)
                        == .outcomeUnknown("http://127.0.0.1:\(script.port): the other side closed the connection"))
            }
            await script.stop()
        }
    }

    @Test func `a head without end is refused`() async throws {
        let script = try await Script { _, _ in .say("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 100_000)) }
        try await withClient { client in
            let failure = await client.lose(script)
            #expect(failure?.isUnknown == true && failure?.text.contains("its head is larger than") == true)
        }
        await script.stop()
    }

    @Test func `more requests than connections wait, and all are answered over those`() async throws {
        let script = try await Script { _, _ in .say(Script.ok) }
        try await withClient({ $0.connectionsPerHost = 3 }) { client in
            let origin = WebOrigin.local(script.port)
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask { try await client.send(.init(.get, "/\(number)"), to: origin, timeout: .seconds(60)).status }
                }
                return try await group.reduce(into: 0) { $0 += $1 == 200 ? 1 : 0 }
            }
            #expect(answers == 200)
        }
        #expect(script.count == 200 && script.connections <= 3)
        await script.stop()
    }

    @Test func `who is canceled while waiting for a connection was not sent`() async throws {
        let release = Signal()
        let script = try await Script { _, _ in .wait(release, thenSay: Script.ok) }
        try await withClient({ $0.connectionsPerHost = 1 }) { client in
            async let first = client.get(script, "/first")
            while script.count == 0 { await Task.yield() }
            let second = Task { await client.lose(script, .seconds(600)) }
            second.cancel()
            #expect(await second.value == .notSent("http://127.0.0.1:\(script.port): canceled"))
            release.fire()
            let answer = try await first
            #expect(answer.status == 200)
        }
        #expect(script.count == 1)
        await script.stop()
    }

    @Test func `who is canceled after sending cuts the connection, and the late answer reaches nobody`() async throws {
        let release = Signal()
        let script = try await Script { connection, _ in
            connection == 0 ? .wait(release, thenSay: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate") : .say(Script.ok)
        }
        try await withClient({ $0.connectionsPerHost = 1 }) { client in
            let first = Task { await client.lose(script, .seconds(600)) }
            while script.count == 0 { await Task.yield() }
            first.cancel()
            #expect(await first.value == .outcomeUnknown("http://127.0.0.1:\(script.port): canceled"))
            release.fire()
            try await client.getOK(script)
        }
        #expect(script.seen.withLock { $0.map(\.connection) } == [0, 1])
        await script.stop()
    }

    @Test func `a deadline before anything could be done, and one while all connections are busy, sent nothing`() async throws {
        let release = Signal()
        let script = try await Script { _, _ in .wait(release, thenSay: Script.ok) }
        try await withClient({ $0.connectionsPerHost = 1 }) { client in
            let origin = "http://127.0.0.1:\(script.port)"
            #expect(await client.lose(script, .zero) == .notSent("\(origin): no answer in time"))
            #expect(await client.lose(script, .seconds(-5)) == .notSent("\(origin): no answer in time"))
            async let first = client.get(script)
            while script.count == 0 { await Task.yield() }
            let busy = WebFailure.notSent("\(origin): all connections to this host stayed busy")
            #expect(await HTTPWebClient.growing(until: busy) { await client.lose(script, $0) } == busy)
            release.fire()
            let answer = try await first
            #expect(answer.status == 200)
        }
        #expect(script.count == 1)
        await script.stop()
    }

    @Test func `a deadline while TLS is made sent nothing, whichever time ends first`() async throws {
        let script = try await Script { _, _ in .silence }
        let other = try await Script { _, _ in .say(Script.ok) }
        let origin = WebOrigin.local(script.port, .https)
        let slow = WebFailure.notSent("\(origin): no connection in time")
        let mute = WebFailure.notSent("\(origin): no TLS handshake in time")
        let request = { (client: HTTPWebClient, time: Duration) in
            await failure { () async throws(WebFailure) in try await client.send(.init(.get, "/"), to: origin, timeout: time) }
        }
        try await withClient({ $0.connectTimeout = .seconds(60) }) { client in
            #expect(await HTTPWebClient.growing(until: slow) { await request(client, $0) } == slow)
            try await client.settle(other)
        }
        var outcome: WebFailure?
        for milliseconds in [50, 200, 800, 3200, 12_800] where outcome != mute {
            try await withClient({ $0.connectTimeout = .milliseconds(milliseconds) }) { client in
                outcome = await request(client, .seconds(60))
                #expect(outcome == mute || outcome == slow)
                try await client.settle(other)
            }
        }
        #expect(outcome == mute)
        await other.stop()
        await script.stop()
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhal"])
    func `a deadline during the answer leaves the outcome unknown and ends the connection`(_ begun: String) async throws {
        let script = try await Script { _, _ in begun.isEmpty ? .silence : .say(begun) }
        try await withClient({ $0.connectionsPerHost = 1 }) { client in
            let lost = WebFailure.outcomeUnknown("http://127.0.0.1:\(script.port): no answer in time")
            #expect(await HTTPWebClient.growing(until: lost) { await client.lose(script, $0) } == lost)
            await script.anEnd.wait()
        }
        await script.stop()
    }

    @Test func `shutdown ends what is under way and what waits, and closes all connections`() async throws {
        let script = try await Script { _, _ in .silence }
        try await withClient({ $0.connectionsPerHost = 1 }) { client in
            async let sent = client.lose(script, .seconds(600))
            while script.count == 0 { await Task.yield() }
            async let waiting = client.lose(script, .seconds(600))
            async let opening = failure { () async throws(WebFailure) in
                try await client.send(.init(.get, "/"), to: .local(script.port, .https), timeout: .seconds(600))
            }
            // The second connection has come: its TLS handshake is never answered.
            while script.connections < 2 { await Task.yield() }
            await client.shutdown()
            let origin = "127.0.0.1:\(script.port)"
            #expect(await sent == .outcomeUnknown("http://\(origin): this client is shut down"))
            #expect(await waiting == .notSent("http://\(origin): this client is shut down"))
            #expect(await opening == .notSent("https://\(origin): this client is shut down"))
            #expect(await client.lose(script) == .notSent("http://\(origin): this client is shut down"))
            while script.ended.withLock({ $0 }) < 2 { await Task.yield() }
        }
        await script.stop()
    }

    @Test func `hostile bytes end in an answer or in an error`() async throws {
        let seed: UInt64 = 31
        print("seed \(seed)")
        let random = Mutex(SplitMix64(seed: seed))
        let answers = (0..<200).map { _ in
            random.withLock { random -> String in
                var bytes = Array(Script.ok.utf8)
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...127, using: &random)
                }
                return String(decoding: bytes, as: UTF8.self)
            }
        }
        let next = Mutex(0)
        let script = try await Script { _, _ in
            .part(
                answers[
                    next.withLock { number in
                        defer { number += 1 }; return number % answers.count
                    }])
        }
        var (good, bad) = (0, 0)
        try await withClient { client in
            for _ in answers {
                switch await client.lose(script) {
                case nil: good += 1
                case .outcomeUnknown, .tooLarge: bad += 1
                case let other: Issue.record("\(String(describing: other))")
                }
            }
        }
        print("answers: \(good), errors: \(bad)")
        #expect(good > 0 && bad > 50)
        await script.stop()
    }

    @Test func `TLS connections are kept, and carry large bodies both ways`() async throws {
        guard let authority = Authority.shared else { return print("no openssl: skipped") }
        var configuration = ServerConfiguration()
        configuration.identity = authority.server
        try await withServer(TestHandler(), configuration) { server in
            try await withClient({ $0.roots = .file(authority.root) }) { client in
                let origin = WebOrigin(scheme: .https, host: "localhost", port: server.port)
                for size in [0, 1, 1000, 500_000, 1000] {
                    let body = [UInt8](repeating: 9, count: size)
                    let answer = try await client.send(.init(.post, "/echo", body: body), to: origin, timeout: .seconds(20))
                    #expect(answer.body == Array("POST /echo? ".utf8) + body)
                }
                #expect(server.connectionCount == 1)
            }
        }
    }
}
