import Exchange
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The client's side of a WebSocket handshake: asks, judges the answer, and hands the channel over to a `NIOSocket`.
final class UpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let promise: EventLoopPromise<NIOSocket>
    private let judge: NIOWebSocketClientUpgrader
    private let limits: WebSocketLimits
    private let now: @Sendable () -> ContinuousClock.Instant
    private let codec: [any RemovableChannelHandler]
    private var isAccepted = false

    /// `codec`: the handlers of HTTP that go when the WebSocket comes.
    init(
        path: String, headers: HTTPHeaders, promise: EventLoopPromise<NIOSocket>, codec: [any RemovableChannelHandler],
        limits: WebSocketLimits, now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        judge = NIOWebSocketClientUpgrader { channel, _ in channel.eventLoop.makeSucceededVoidFuture() }
        var all = headers
        all.replaceOrAdd(name: "Upgrade", value: "websocket")
        all.replaceOrAdd(name: "Connection", value: "Upgrade")
        judge.addCustom(upgradeRequestHeaders: &all)
        head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: all)
        self.promise = promise
        self.codec = codec
        self.limits = limits
        self.now = now
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let answer):
            if let refusal = refusal(answer) { fail(context, refusal) } else { isAccepted = true }
        case .body: break
        case .end: if isAccepted { handOver(context) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context, error is HTTPParserError ? "the answer is no HTTP (\(error))" : explain(error))
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
        guard !answer.headers.contains(name: "sec-websocket-extensions"), !answer.headers.contains(name: "sec-websocket-protocol") else {
            return "no WebSocket: the server wants an extension or protocol that was not offered"
        }
        return nil
    }

    /// Frames that came in the same read as the answer lie in the HTTP decoder, which hands them on as it leaves.
    private func handOver(_ context: ChannelHandlerContext) {
        do {
            let socket = try NIOSocket.install(on: context.channel, isClient: true, limits: limits, now: now)
            let pipeline = context.pipeline.syncOperations
            pipeline.removeHandler(self, promise: nil)
            for handler in codec { pipeline.removeHandler(handler, promise: nil) }
            promise.succeed(socket)
        } catch {
            fail(context, explain(error))
        }
    }

    private func fail(_ context: ChannelHandlerContext, _ text: String) {
        promise.fail(WebFailure.notSent(text))
        context.triggerUserOutboundEvent(CutConnection(), promise: nil)
    }
}
