import Exchange
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The client's side of a WebSocket handshake: asks, judges the answer, and hands the channel over to a `NIOSocket`.
final class UpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: String
    private let promise: EventLoopPromise<NIOSocket>
    private let judge: NIOWebSocketClientUpgrader
    private let limits: WebSocketLimits
    private let now: @Sendable () -> ContinuousClock.Instant
    private var received: [UInt8] = []
    private var isOver = false

    init(
        path: String, headers: HTTPHeaders, promise: EventLoopPromise<NIOSocket>, limits: WebSocketLimits,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        judge = NIOWebSocketClientUpgrader { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
        var all = headers
        all.replaceOrAdd(name: "Upgrade", value: "websocket")
        all.replaceOrAdd(name: "Connection", value: "Upgrade")
        judge.addCustom(upgradeRequestHeaders: &all)
        request = "GET \(path) HTTP/1.1\r\n" + all.map { "\($0.name): \($0.value)\r\n" }.joined() + "\r\n"
        self.promise = promise
        self.limits = limits
        self.now = now
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: request)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isOver { return }
        received += Array(unwrapInboundIn(data).readableBytesView)
        switch HandshakeAnswer.read(received) {
        case .incomplete: break
        case .malformed(let text): fail(context, text)
        case .head(let answer, let length):
            if let refusal = refusal(answer) {
                fail(context, refusal)
            } else {
                handOver(context, rest: received.dropFirst(length))
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context, explain(error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, "the other side closed the connection before it answered")
        context.fireChannelInactive()
    }

    private func refusal(_ answer: HTTPResponseHead) -> String? {
        guard answer.status == .switchingProtocols else {
            return "no WebSocket: the answer is \(answer.status.code) \(answer.status.reasonPhrase)"
        }
        let upgrade = answer.headers[canonicalForm: "upgrade"].map { $0.lowercased() }
        let connection = answer.headers[canonicalForm: "connection"].map { $0.lowercased() }
        guard upgrade == ["websocket"], connection.contains("upgrade"), judge.shouldAllowUpgrade(upgradeResponse: answer) else {
            return "no WebSocket: the answer 101 does not belong to the request"
        }
        guard !answer.headers.contains(name: "sec-websocket-extensions"), !answer.headers.contains(name: "sec-websocket-protocol")
        else {
            return "no WebSocket: the server wants an extension or protocol that was not offered"
        }
        return nil
    }

    /// Frames that came in the same read as the answer are handed on at once.
    private func handOver(_ context: ChannelHandlerContext, rest: ArraySlice<UInt8>) {
        do {
            isOver = true
            let socket = try NIOSocket.install(on: context.channel, isClient: true, limits: limits, now: now)
            promise.succeed(socket)
            if !rest.isEmpty { context.fireChannelRead(NIOAny(context.channel.allocator.buffer(bytes: rest))) }
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            fail(context, explain(error))
        }
    }

    private func fail(_ context: ChannelHandlerContext, _ text: String) {
        isOver = true
        promise.fail(WebFailure.notSent(text))
        context.triggerUserOutboundEvent(CutConnection(), promise: nil)
    }
}
