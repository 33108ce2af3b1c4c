import Exchange
import Synchronization
import Testing
import WebTesting

@testable import Web

/// What every carrier owes its users, held against the doubles in memory and the real ones.
enum Carrier: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case memory, tcp, tls

    var testDescription: String { rawValue }

    func run(_ handler: TestHandler, _ body: (any WebClient, any WebSocketDialer, WebOrigin, WebOrigin) async throws -> Void)
        async throws
    {
        if self == .memory {
            let web = InMemoryWeb(handler)
            return try await body(web, web, .local(1), .local(1, .ws))
        }
        var server = ServerConfiguration()
        var roots = TrustRoots.system
        if self == .tls {
            guard let authority = Authority.shared else { return print("no openssl: TLS skipped") }
            server.identity = authority.server
            roots = .file(authority.root)
        }
        let dialer = try NIOWebSocketDialer(version: "1", roots: roots)
        try await withServer(handler, server) { server in
            try await withClient({ $0.roots = roots }) { client in
                try await body(
                    client, dialer, .local(server.port, self == .tls ? .https : .http),
                    .local(server.port, self == .tls ? .wss : .ws))
            }
        }
    }
}

@Suite struct ConformanceTests {
    @Test(arguments: Carrier.allCases) func `a request arrives as it was made and its answer comes back`(_ carrier: Carrier)
        async throws
    {
        let handler = TestHandler()
        try await carrier.run(handler) { client, _, origin, _ in
            var origin = origin
            origin.basePath = "/echo"
            let made = WebRequest(.post, "", query: "b=2&a=%2B1", headers: [.init("X-Key", "k")], body: [0, 255, 10])
            let answer = try await client.send(made, to: origin, timeout: .seconds(20))
            #expect(answer.status == 200 && answer.body == Array("POST /echo?b=2&a=%2B1 ".utf8) + [0, 255, 10])
            #expect(answer.header("x-peer") == "127.0.0.1")
            #expect(handler.requests.withLock { $0.first?.header("x-key") } == "k")
        }
    }

    @Test(arguments: Carrier.allCases) func `any status is an answer`(_ carrier: Carrier) async throws {
        try await carrier.run(TestHandler()) { client, _, origin, _ in
            for status in [200, 302, 400, 418, 429, 503] {
                let answer = try await client.send(
                    .init(.delete, "/status", query: "\(status)"), to: origin, timeout: .seconds(20))
                #expect(answer.status == status && answer.body == Array("as asked".utf8))
            }
        }
    }

    @Test(arguments: Carrier.allCases) func `a cut and a silent server leave the outcome unknown`(_ carrier: Carrier) async throws
    {
        try await carrier.run(TestHandler()) { client, _, origin, _ in
            let cut = await failure { () async throws(WebFailure) in
                try await client.send(.init(.post, "/cut"), to: origin, timeout: .seconds(20))
            }
            #expect(cut?.isUnknown == true, "\(String(describing: cut))")
            // On a busy machine a short time can be over before anything is sent.
            var silent: WebFailure? = .notSent("")
            for milliseconds in [50, 200, 800, 3200, 12_800] where silent?.isNotSent == true {
                silent = await failure { () async throws(WebFailure) in
                    try await client.send(.init(.post, "/silence"), to: origin, timeout: .milliseconds(milliseconds))
                }
            }
            #expect(silent?.isUnknown == true, "\(String(describing: silent))")
        }
    }

    @Test(arguments: Carrier.allCases) func `messages come back whole and in order`(_ carrier: Carrier) async throws {
        try await carrier.run(TestHandler()) { _, dialer, _, origin in
            let socket = try await dialer.connect(to: origin, path: "/ws?x=1", headers: [], timeout: .seconds(20))
            let large = [UInt8](repeating: 120, count: 3 << 20)
            let all: [WebSocketMessage] = (0..<500).map { .text("message \($0)") } + [.binary(large), .text(""), .binary([])]
            async let sent: Void = { for message in all { try await socket.send(message) } }()
            for message in all { #expect(try await socket.receive() == message) }
            try await sent
            try await socket.ping()
            await socket.close(code: 1000, reason: "done")
        }
    }

    @Test(arguments: Carrier.allCases) func `after the end every call says so, again and again`(_ carrier: Carrier) async throws {
        let handler = TestHandler { socket, _ in
            try? await socket.send(.text("last words"))
            await socket.close(code: 4001, reason: "go away")
        }
        try await carrier.run(handler) { _, dialer, _, origin in
            let socket = try await dialer.connect(to: origin, path: "/ws", headers: [], timeout: .seconds(20))
            #expect(try await socket.receive() == .text("last words"))
            for _ in 0..<3 {
                let end = await failure { () async throws(WebFailure) in try await socket.receive() }
                #expect(end == .closed(code: 4001, reason: "go away"))
            }
            #expect(
                await failure { () async throws(WebFailure) in try await socket.send(.text("x")) }
                    == .closed(code: 4001, reason: "go away"))
            #expect(await failure { () async throws(WebFailure) in try await socket.ping() }?.code == 4001)
            await socket.close(code: 1000, reason: "")
            socket.abort()
        }
    }

    @Test(arguments: Carrier.allCases) func `a cut connection ends with 1006 on both sides`(_ carrier: Carrier) async throws {
        let heard = Mutex<WebFailure?>(nil)
        let done = Signal()
        let handler = TestHandler { socket, _ in
            let end = await failure { () async throws(WebFailure) in while true { _ = try await socket.receive() } }
            heard.withLock { $0 = end }
            done.fire()
        }
        try await carrier.run(handler) { _, dialer, _, origin in
            let socket = try await dialer.connect(to: origin, path: "/ws", headers: [], timeout: .seconds(20))
            try await socket.send(.text("one"))
            async let waiting = failure { () async throws(WebFailure) in try await socket.receive() }
            socket.abort()
            #expect(await waiting?.code == 1006)
            if carrier == .memory || handler.served.withLock({ $0 }) > 0 {
                await done.wait()
                #expect(heard.withLock { $0?.code } == 1006)
            }
        }
    }

    @Test(arguments: Carrier.allCases) func `a refused WebSocket is told as not sent, with its status`(_ carrier: Carrier)
        async throws
    {
        try await carrier.run(TestHandler()) { _, dialer, _, origin in
            let refusal = await failure { () async throws(WebFailure) in
                try await dialer.connect(to: origin, path: "/elsewhere", headers: [], timeout: .seconds(20))
            }
            #expect(refusal?.isNotSent == true && refusal?.text.contains("403") == true, "\(String(describing: refusal))")
        }
    }

    @Test(arguments: Carrier.allCases) func `a canceled receive comes back and the next one goes on`(_ carrier: Carrier)
        async throws
    {
        try await carrier.run(TestHandler()) { _, dialer, _, origin in
            let socket = try await dialer.connect(to: origin, path: "/ws", headers: [], timeout: .seconds(20))
            let waiting = Task { await failure { () async throws(WebFailure) in try await socket.receive() } }
            waiting.cancel()
            #expect(await waiting.value?.code == 1006)
            try await socket.send(.text("still here"))
            #expect(try await socket.receive() == .text("still here"))
            await socket.close(code: 1000, reason: "")
        }
    }

    @Test(arguments: Carrier.allCases) func `send waits for a reader and trySend refuses`(_ carrier: Carrier) async throws {
        let open = Signal()
        let full = Signal()
        let finished = Mutex(0)
        let handler = TestHandler { socket, _ in
            guard let queue = socket as? any QueuedWebSocket else {
                Issue.record("no QueuedWebSocket")
                return
            }
            let piece = WebSocketMessage.binary([UInt8](repeating: 1, count: 100_000))
            do {
                // In memory the bound is a number of messages, on a network a number of bytes.
                while try queue.trySend(piece) { finished.withLock { $0 += 1 } }
                full.fire()
                for _ in 0..<5 {
                    try await queue.send(piece)
                    finished.withLock { $0 += 1 }
                }
                try await queue.send(.text("end"))
            } catch { Issue.record("\(error)") }
            open.fire()
        }
        try await carrier.run(handler) { _, dialer, _, origin in
            let socket = try await dialer.connect(to: origin, path: "/ws", headers: [], timeout: .seconds(20))
            await full.wait()
            #expect(finished.withLock { $0 } > 10)
            var count = 0
            while case .binary(let bytes) = try await socket.receive() {
                #expect(bytes.count == 100_000)
                count += 1
            }
            await open.wait()
            #expect(count == finished.withLock { $0 })
            await socket.close(code: 1000, reason: "")
        }
    }
}
