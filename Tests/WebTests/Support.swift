import Exchange
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Web

/// A small generator whose seed is printed, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 24) } }
}

/// A one-shot event that tests wait for instead of sleeping.
final class Signal: Sendable {
    private let state = Mutex<(fired: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    func fire() {
        let waiters = state.withLock { state in
            state.fired = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let fired = state.withLock { state in
                if !state.fired { state.waiters.append(continuation) }
                return state.fired
            }
            if fired { continuation.resume() }
        }
    }
}

/// Answers by path; WebSockets echo, or do what their path says.
final class TestHandler: WebHandler {
    let requests = Mutex<[WebRequest]>([])
    let held = Signal()
    let release = Signal()
    let served = Mutex(0)
    private let socket: @Sendable (any WebSocketConnection, WebRequest) async -> Void

    init(socket: @escaping @Sendable (any WebSocketConnection, WebRequest) async -> Void = TestHandler.echo) {
        self.socket = socket
    }

    func respond(to request: WebRequest, peer: String) async -> WebReply {
        requests.withLock { $0.append(request) }
        switch request.path {
        case "/echo":
            let text = "\(request.method.rawValue) \(request.path)?\(request.query) "
            return .response(.init(status: 200, headers: [.init("X-Peer", peer)], body: Array(text.utf8) + request.body))
        case "/status": return .response(.init(status: Int(request.query) ?? 500, body: Array("as asked".utf8)))
        case "/agent": return .response(.init(status: 200, body: Array((request.header("user-agent") ?? "").utf8)))
        case "/host": return .response(.init(status: 200, body: Array((request.header("host") ?? "").utf8)))
        case "/big": return .response(.init(status: 200, body: [UInt8](repeating: 97, count: Int(request.query) ?? 0)))
        case "/moved": return .response(.init(status: 307, headers: [.init("Location", "/echo")]))
        case "/cut": return .cut
        case "/silence":
            held.fire()
            return .silence
        case "/hold":
            held.fire()
            await release.wait()
            return .response(.init(status: 200, body: Array("released".utf8)))
        case "/evil": return .response(.init(status: 200, headers: [.init("X", "a\r\nSet-Cookie: b")]))
        default: return .response(.init(status: 404))
        }
    }

    func refuseWebSocket(_ request: WebRequest, peer: String) -> WebResponse? {
        request.path == "/ws" ? nil : WebResponse(status: 403, body: Array("no WebSocket here".utf8))
    }

    func serve(_ socket: any WebSocketConnection, request: WebRequest, peer: String) async {
        served.withLock { $0 += 1 }
        await self.socket(socket, request)
    }

    static let echo: @Sendable (any WebSocketConnection, WebRequest) async -> Void = { socket, _ in
        do { while true { try await socket.send(try await socket.receive()) } } catch {}
    }
}

extension WebOrigin {
    static func local(_ port: Int, _ scheme: Scheme = .http) -> WebOrigin {
        WebOrigin(scheme: scheme, host: "127.0.0.1", port: port)
    }
}

func withServer(
    _ handler: any WebHandler, _ configuration: ServerConfiguration = ServerConfiguration(),
    _ body: (WebServer) async throws -> Void
) async throws {
    let server = try await WebServer.start(configuration, handler: handler)
    do { try await body(server) } catch {
        await server.shutdown(grace: .zero)
        throw error
    }
    await server.shutdown(grace: .zero)
}

func withClient(_ change: (inout HTTPWebClient.Configuration) -> Void = { _ in }, _ body: (HTTPWebClient) async throws -> Void)
    async throws
{
    var configuration = HTTPWebClient.Configuration(version: "9.9")
    change(&configuration)
    let client = try HTTPWebClient(configuration)
    do { try await body(client) } catch {
        await client.shutdown()
        throw error
    }
    await client.shutdown()
}

/// The failure of what must fail.
func failure<T>(of body: () async throws(WebFailure) -> T) async -> WebFailure? {
    do {
        _ = try await body()
        return nil
    } catch { return error }
}

extension WebFailure {
    var isNotSent: Bool { if case .notSent = self { true } else { false } }
    var isUnknown: Bool { if case .outcomeUnknown = self { true } else { false } }
    var code: UInt16? { if case .closed(let code, _) = self { code } else { nil } }
    var text: String {
        switch self {
        case .notSent(let text), .outcomeUnknown(let text): text
        default: "\(self)"
        }
    }
}

extension WebSocketMessage {
    static func text(_ string: String) -> WebSocketMessage { .text(Array(string.utf8)) }
}

/// Bytes over TCP, by hand: the other side of what is tested.
final class RawConnection: Sendable {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
    init(_ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>) { self.channel = channel }

    /// Sends `bytes` and returns all that comes until the other side closes, or `until` is in it.
    static func exchange(port: Int, _ bytes: [UInt8], until: String? = nil) async throws -> [UInt8] {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try? await outbound.write(ByteBuffer(bytes: bytes))
            var all: [UInt8] = []
            do {
                for try await part in inbound {
                    all += Array(part.readableBytesView)
                    if let until, String(decoding: all, as: UTF8.self).contains(until) { break }
                }
            } catch {}
            return all
        }
    }
}

/// A TCP server that does with each connection what the closure says.
final class RawServer: Sendable {
    typealias Serve =
        @Sendable (_ inbound: AsyncThrowingStream<ByteBuffer, any Error>, _ outbound: RawWriter, _ number: Int) async throws ->
        Void

    let port: Int
    private let listener: any Channel
    private let task: Task<Void, Never>

    init(_ serve: @escaping Serve) async throws {
        let (connections, accepted) = AsyncStream<(AsyncThrowingStream<ByteBuffer, any Error>, RawWriter)>.makeStream()
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (inbound, input) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
                    try channel.pipeline.syncOperations.addHandler(RawReader(input))
                    // One that comes after the end is closed with the stream that nobody reads any more.
                    if case .terminated = accepted.yield((inbound, RawWriter(channel: channel))) { channel.close(promise: nil) }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
        task = Task {
            await withDiscardingTaskGroup { group in
                var number = 0
                for await (inbound, outbound) in connections {
                    let index = number
                    number += 1
                    group.addTask {
                        try? await serve(inbound, outbound, index)
                        try? await outbound.channel.close()
                    }
                }
                group.cancelAll()
            }
        }
    }

    func stop() async {
        task.cancel()
        try? await listener.close()
        await task.value
    }

    deinit {
        task.cancel()
        listener.close(promise: nil)
    }
}

/// What a `RawServer` writes to one connection.
struct RawWriter: Sendable {
    let channel: any Channel
    func write(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }
}

/// Hands on what comes over one connection.
private final class RawReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let input: AsyncThrowingStream<ByteBuffer, any Error>.Continuation

    init(_ input: AsyncThrowingStream<ByteBuffer, any Error>.Continuation) { self.input = input }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { input.yield(unwrapInboundIn(data)) }
    func channelInactive(context: ChannelHandlerContext) { input.finish() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { input.finish(throwing: error) }
}

extension ByteBuffer {
    init(_ text: String) { self.init(string: text) }
}
