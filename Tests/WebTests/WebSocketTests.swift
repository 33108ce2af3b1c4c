import Exchange
import Foundation
import NIOCore
import Synchronization
import Testing

@testable import Web

@Suite struct WebSocketTests {
    /// A server by hand: completes the handshake, sends `frames` in the same write as its answer, then keeps all it is sent.
    private func rawSocketServer(
        _ frames: [UInt8], received: @escaping @Sendable (ByteBuffer) -> Void = { _ in }, closes: Bool = false
    )
        async throws -> RawServer
    {
        try await RawServer { inbound, outbound, _ in
            var request = ""
            for try await part in inbound {
                if request.hasSuffix("\r\n\r\n") {
                    received(part)
                    continue
                }
                request += String(decoding: part.readableBytesView, as: UTF8.self)
                guard request.hasSuffix("\r\n\r\n") else { continue }
                try await outbound.write(ByteBuffer(bytes: Array(handshake(answering: request).utf8) + frames))
                if closes { break }
            }
        }
    }

    private func dial(_ port: Int, _ limits: WebSocketLimits = WebSocketLimits(), version: String = "1") async throws
        -> any WebSocketConnection
    {
        try await NIOWebSocketDialer(version: version, limits: limits)
            .connect(to: .local(port, .ws), path: "/ws", headers: [], timeout: .seconds(20))
    }

    private var quick: WebSocketLimits {
        var limits = WebSocketLimits()
        limits.closeTimeout = .milliseconds(50)
        return limits
    }

    @Test func `frames that come together with the answer to the handshake are not lost`() async throws {
        let server = try await rawSocketServer([0x81, 2, 104, 105, 0x81, 1, 33])
        for _ in 0..<30 {
            let socket = try await dial(server.port)
            #expect(try await socket.receive() == .text("hi"))
            #expect(try await socket.receive() == .text("!"))
            socket.abort()
        }
        await server.stop()
    }

    @Test func `frames that come together with the request for a WebSocket are not lost`() async throws {
        try await withServer(TestHandler()) { server in
            let request =
                "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            let hello: [UInt8] = [0x81, 0x85, 0, 0, 0, 0] + Array("early".utf8)
            let answer = try await RawConnection.exchange(port: server.port, Array(request.utf8) + hello, until: "early")
            let text = String(decoding: answer, as: UTF8.self)
            #expect(text.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") && text.hasSuffix("early"))
        }
    }

    @Test func `a large frame, a large cut message and a ping inside of it arrive`() async throws {
        let large = [UInt8](repeating: 97, count: 1 << 20)
        let whole: [UInt8] = [0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 0] + large
        let first: [UInt8] = [0x01, 127, 0, 0, 0, 0, 0, 0x10, 0, 0] + large
        let server = try await rawSocketServer(whole + first + [0x89, 2, 1, 2] + [0x80, 1, 98])
        let socket = try await dial(server.port)
        #expect(try await socket.receive() == .binary(large))
        #expect(try await socket.receive() == .text(large + [98]))
        socket.abort()
        await server.stop()
    }

    @Test func `a ping is answered with its payload, masked`() async throws {
        let answer = Mutex<[UInt8]>([])
        let done = Signal()
        let server = try await rawSocketServer(
            [0x89, 4, 1, 2, 3, 4],
            received: { part in
                let all = answer.withLock { bytes in
                    bytes += Array(part.readableBytesView)
                    return bytes.count
                }
                if all >= 10 { done.fire() }
            })
        let socket = try await dial(server.port)
        await done.wait()
        let bytes = answer.withLock { $0 }
        #expect(bytes[0] == 0x8a && bytes[1] == 0x84)
        #expect((0..<4).map { bytes[6 + $0] ^ bytes[2 + $0] } == [1, 2, 3, 4])
        socket.abort()
        await server.stop()
    }

    @Test func `what is malformed ends with 1002, 1007 or 1009 and is told to the peer`() async throws {
        let cases: [([UInt8], UInt16)] = [
            ([0x83, 0], 1002), ([0xc1, 0], 1002), ([0x81, 0x80, 1, 2, 3, 4], 1002), ([0x80, 0], 1002),
            ([0x89, 126, 0, 200], 1002),
            ([0x09, 0], 1002), ([0x81, 1, 0xff], 1007), ([0x88, 1, 3], 1002), ([0x88, 2, 3, 0xee], 1002),
            ([0x88, 3, 3, 0xe8, 0xff], 1007),
            ([0x82, 127, 0, 0, 0, 0, 1, 0, 0, 1], 1009), ([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255], 1009),
            ([0x01, 1, 65, 0x01, 1, 65], 1002),
        ]
        for (frames, code) in cases {
            let told = Mutex<[UInt8]>([])
            let done = Signal()
            let server = try await rawSocketServer(
                frames + [0x81, 1, 65],
                received: { part in
                    let count = told.withLock { bytes in
                        bytes += Array(part.readableBytesView)
                        return bytes.count
                    }
                    if count >= 8 { done.fire() }
                })
            let socket = try await dial(server.port, quick)
            #expect(await failure { () async throws(WebFailure) in try await socket.receive() }?.code == code, "\(frames)")
            await done.wait()
            let bytes = told.withLock { $0 }
            #expect(bytes[0] == 0x88 && UInt16(bytes[6] ^ bytes[2]) << 8 | UInt16(bytes[7] ^ bytes[3]) == code, "\(frames)")
            await server.stop()
        }
    }

    @Test func `a server refuses frames that are not masked`() async throws {
        let end = Mutex<UInt16?>(nil)
        let done = Signal()
        let handler = TestHandler { socket, _ in
            let failed = await failure { () async throws(WebFailure) in try await socket.receive() }
            end.withLock { $0 = failed?.code }
            done.fire()
        }
        try await withServer(handler) { server in
            let request =
                "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            _ = try await RawConnection.exchange(port: server.port, Array(request.utf8) + [0x81, 1, 65], until: "mask")
            await done.wait()
            #expect(end.withLock { $0 } == 1002)
        }
    }

    @Test func `a goodbye is answered, and its code and reason are told after what came before`() async throws {
        let server = try await rawSocketServer([0x81, 1, 65, 0x88, 5, 3, 0xf4, 98, 121, 101])
        let socket = try await dial(server.port, quick)
        #expect(try await socket.receive() == .text("A"))
        #expect(await failure { () async throws(WebFailure) in try await socket.receive() } == .closed(code: 1012, reason: "bye"))
        await server.stop()
    }

    @Test func `a connection that breaks ends with 1006, a peer that never answers a goodbye is cut`() async throws {
        let breaking = try await rawSocketServer([0x81, 1, 65], closes: true)
        let one = try await dial(breaking.port)
        #expect(try await one.receive() == .text("A"))
        #expect(await failure { () async throws(WebFailure) in try await one.receive() }?.code == 1006)
        await breaking.stop()
        let mute = try await rawSocketServer([])
        let two = try await dial(mute.port, quick)
        await two.close(code: 1000, reason: "")
        #expect(await failure { () async throws(WebFailure) in try await two.receive() }?.code == 1006)
        await mute.stop()
    }

    @Test func `whoever is no WebSocket server is told as not sent, with what it said`() async throws {
        let answers = [
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200"),
            (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: eA==\r\n\r\n",
                "101"
            ),
            ("SSH-2.0-OpenSSH_9.6\r\n", "HTTP"), ("", "closed"), ("HTTP/1.1 503 Busy\r\nContent-Length: 100000\r\n\r\n", "503"),
        ]
        let server = try await RawServer { inbound, outbound, number in
            for try await _ in inbound {
                try await outbound.write(ByteBuffer(answers[number % answers.count].0))
                break
            }
        }
        for (answer, word) in answers {
            let refusal = await failure { () async throws(WebFailure) in
                do { _ = try await dial(server.port) } catch let failure as WebFailure { throw failure } catch {
                    Issue.record("\(error)")
                }
            }
            #expect(
                refusal?.isNotSent == true && refusal?.text.contains(word) == true, "\(answer): \(String(describing: refusal))")
        }
        await server.stop()
    }

    @Test func `dialing a silent server ends with its time, and a canceled dial at once`() async throws {
        let asked = Signal()
        let server = try await RawServer { inbound, _, _ in for try await _ in inbound { asked.fire() } }
        let dialer = try NIOWebSocketDialer(version: "1")
        let late = await failure { () async throws(WebFailure) in
            try await dialer.connect(to: .local(server.port, .ws), path: "/ws", headers: [], timeout: .milliseconds(40))
        }
        #expect(late?.isNotSent == true && late?.text.contains("40 ms") == true)
        let task = Task { () async -> WebFailure? in
            await failure { () async throws(WebFailure) in
                try await dialer.connect(to: .local(server.port, .ws), path: "/ws", headers: [], timeout: .seconds(600))
            }
        }
        await asked.wait()
        task.cancel()
        #expect(await task.value?.isNotSent == true)
        await server.stop()
    }

    @Test func `reading stops while nobody receives, and nothing is lost when it goes on`() async throws {
        var configuration = ServerConfiguration()
        configuration.socketLimits.outboxBytes = 1 << 16
        var limits = WebSocketLimits()
        limits.inboxMessages = 64
        limits.inboxBytes = 1 << 20
        let total = 4000
        let sent = Mutex(0)
        let stalled = Signal()
        let go = Signal()
        let handler = TestHandler { socket, _ in
            guard let queue = socket as? any QueuedWebSocket else { return }
            let piece = [UInt8](repeating: 5, count: 10_000)
            do {
                // Forty megabytes do not fit into the buffers of loopback and of a client that does not read.
                for _ in 0..<total {
                    if try !queue.trySend(.binary(piece)) {
                        stalled.fire()
                        await go.wait()
                        try await queue.send(.binary(piece))
                    }
                    sent.withLock { $0 += 1 }
                    await Task.yield()
                }
                _ = try await queue.receive()
            } catch {}
        }
        try await withServer(handler, configuration) { server in
            let socket = try await dial(server.port, limits)
            await stalled.wait()
            let before = sent.withLock { $0 }
            #expect(before < total, "the sender was slowed down")
            go.fire()
            for _ in 0..<total { #expect(try await socket.receive() == .binary([UInt8](repeating: 5, count: 10_000))) }
            await socket.close(code: 1000, reason: "")
        }
    }

    @Test func `signs of life are dated by the clock given`() async throws {
        let start = ContinuousClock.now
        let clock = Mutex(start)
        let dialer = try NIOWebSocketDialer(version: "1", now: { clock.withLock { $0 } })
        try await withServer(TestHandler()) { server in
            let socket = try await dialer.connect(to: .local(server.port, .ws), path: "/ws", headers: [], timeout: .seconds(20))
            clock.withLock { $0 = start + .seconds(60) }
            #expect(socket.lastHeard == start)
            try await socket.ping()
            while socket.lastHeard == start { await Task.yield() }
            #expect(socket.lastHeard == start + .seconds(60), "a pong is a sign of life")
            await socket.close(code: 1000, reason: "")
        }
    }

    @Test func `a canceled sender comes back, and its message is not sent`() async throws {
        var configuration = ServerConfiguration()
        configuration.socketLimits.outboxBytes = 1000
        let result = Mutex<WebFailure?>(nil)
        let over = Signal()
        let handler = TestHandler { socket, _ in
            guard let queue = socket as? any QueuedWebSocket else { return }
            do {
                while try queue.trySend(.binary([UInt8](repeating: 1, count: 50_000))) || queue.queuedBytes == 0 {
                    await Task.yield()
                }
            } catch {}
            let waiting = Task { await failure { () async throws(WebFailure) in try await queue.send(.text("never")) } }
            waiting.cancel()
            let failed = await waiting.value
            result.withLock { $0 = failed }
            over.fire()
            queue.abort()
        }
        try await withServer(handler, configuration) { server in
            var limits = WebSocketLimits()
            limits.inboxMessages = 1
            let socket = try await dial(server.port, limits)
            await over.wait()
            #expect(result.withLock { $0?.isNotSent } == true)
            while true { do { #expect(try await socket.receive() != .text("never")) } catch { break } }
        }
    }

    @Test func `random bytes from a server never stop the client`() async throws {
        let seed: UInt64 = 31
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var ends: [UInt16: Int] = [:]
        for round in 0..<150 {
            var bytes = random.bytes(Int.random(in: 0...400, using: &random))
            if round % 2 == 0, bytes.count > 2 {
                bytes.replaceSubrange(0..<2, with: [[0x81, 0x82, 0x01, 0x89, 0x88].randomElement(using: &random) ?? 0x81, 5])
            }
            let server = try await rawSocketServer(bytes, closes: true)
            let socket = try await dial(server.port, quick)
            let end = await failure { () async throws(WebFailure) in while true { _ = try await socket.receive() } }
            ends[end?.code ?? 0, default: 0] += 1
            await server.stop()
        }
        print("ends \(ends)")
        #expect(ends[0] == nil && ends.values.reduce(0, +) == 150 && ends.count > 1)
    }
}

/// The answer 101 that belongs to a client's request.
func handshake(answering request: String) -> String {
    let lines = request.components(of: "\r\n")
    let key = lines.first { $0.lowercased().hasPrefix("sec-websocket-key: ") }.map { String($0.dropFirst(19)) } ?? ""
    let accept = base64(sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    return
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \(accept)\r\n\r\n"
}

/// FIPS 180-4; the client's own comes from a library, so this is a second opinion.
private func sha1(_ message: [UInt8]) -> [UInt8] {
    var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    var bytes = message + [0x80]
    while bytes.count % 64 != 56 { bytes.append(0) }
    bytes += (0..<8).map { UInt8(truncatingIfNeeded: (message.count * 8) >> (56 - 8 * $0)) }
    func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
    for start in stride(from: 0, to: bytes.count, by: 64) {
        var words = (0..<16).map { index in (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[start + 4 * index + $1]) } }
        for index in 16..<80 {
            words.append(rotate(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1))
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for index in 0..<80 {
            let (f, k): (UInt32, UInt32) =
                switch index {
                case ..<20: (b & c | ~b & d, 0x5a82_7999)
                case ..<40: (b ^ c ^ d, 0x6ed9_eba1)
                case ..<60: (b & c | b & d | c & d, 0x8f1b_bcdc)
                default: (b ^ c ^ d, 0xca62_c1d6)
                }
            let next = rotate(a, 5) &+ f &+ e &+ k &+ words[index]
            (e, d, c, b, a) = (d, c, rotate(b, 30), a, next)
        }
        for (index, word) in [a, b, c, d, e].enumerated() { state[index] &+= word }
    }
    return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
}

private func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
