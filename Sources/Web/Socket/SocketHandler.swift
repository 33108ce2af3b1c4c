import Exchange
import NIOCore
import NIOWebSocket

/// Cuts a connection under all layers: see `CutHandler`.
struct CutConnection: Sendable {}

/// The lowest handler of a pipeline: closes at once upon `CutConnection`, without what TLS says and waits for at the end.
final class CutHandler: ChannelOutboundHandler {
    typealias OutboundIn = NIOAny

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is CutConnection else { return context.triggerUserOutboundEvent(event, promise: promise) }
        context.close(promise: promise)
    }
}

/// The end of a WebSocket's pipeline: frames in, and the valve that holds reading back.
final class SocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let socket: NIOSocket
    private var assembler: MessageAssembler
    private var hasHeard = false
    /// After a violation nothing of the peer counts any more but its leaving.
    private var isDeaf = false

    init(socket: NIOSocket, limits: WebSocketLimits) {
        self.socket = socket
        assembler = MessageAssembler(expectsMask: !socket.isClient, limit: limits.largestMessage)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !hasHeard {
            hasHeard = true
            socket.heard()
        }
        let frame = unwrapInboundIn(data)
        if isDeaf { return }
        let event = assembler.take(
            IncomingFrame(
                isFinal: frame.fin, opcode: UInt8(webSocketOpcode: frame.opcode),
                hasReservedBits: frame.rsv1 || frame.rsv2 || frame.rsv3,
                isMasked: frame.maskKey != nil, payload: Array(frame.unmaskedData.readableBytesView)))
        if case .violation = event { isDeaf = true }
        if let event { socket.handle(event) }
    }

    func channelReadComplete(context: ChannelHandlerContext) { hasHeard = false }

    func read(context: ChannelHandlerContext) {
        if socket.mayRead() { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let failure = error as? NIOWebSocketError {
            isDeaf = true
            let isTooBig = failure == .invalidFrameLength
            socket.fail(code: isTooBig ? 1009 : 1002, reason: isTooBig ? "a frame is too large" : "a frame is malformed")
        } else {
            socket.cut(reason: explain(error))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Quiesce { socket.beginClose(code: 1001, reason: "the server shuts down") }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        socket.connectionIsGone()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { socket.connectionIsGone() }
}

extension NIOSocket {
    /// Puts the frames' codec and the socket at the end of the pipeline; what was there must be taken out by the caller.
    static func install(
        on channel: any Channel, isClient: Bool, limits: WebSocketLimits, now: @escaping @Sendable () -> ContinuousClock.Instant
    ) throws -> NIOSocket {
        let socket = NIOSocket(channel: channel, isClient: isClient, limits: limits, now: now)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers([
            WebSocketFrameEncoder(),
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: min(max(limits.largestMessage, 125), Int(UInt32.max)))),
            SocketHandler(socket: socket, limits: limits),
        ])
        return socket
    }
}
