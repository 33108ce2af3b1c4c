import Exchange
import NIOCore
import NIOHTTP1
import NIOSSL

/// One HTTP connection of a server: puts requests together and answers them one after the other.
///
/// What is asked for waits in `queue`, in order, also refusals of what could not be understood: an answer never overtakes.
final class ServerConnection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    enum Item {
        case ask(WebRequest, keepAlive: Bool)
        case upgrade(WebRequest, HTTPRequestHead)
        /// Answered without the handler, and the connection closed.
        case refuse(WebResponse)
    }

    let configuration: ServerConfiguration
    let handler: any WebHandler
    let executor: LoopExecutor
    let codec: [any RemovableChannelHandler]
    var peer = ""
    var queue = FIFO<Item>()
    /// An answer is awaited, or never will come.
    var isBusy = false
    var task: Task<Void, Never>?
    /// What still comes in is thrown away: the connection is at its end.
    var isDeaf = false
    var isQuitting = false

    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isReadHeld = false
    private var waitsSince = NIODeadline.now()
    private var idleTimer: Scheduled<Void>?
    private let mostQueued = 16

    private init(
        _ configuration: ServerConfiguration, _ handler: any WebHandler, loop: any EventLoop, codec: [any RemovableChannelHandler]
    ) {
        self.configuration = configuration
        self.handler = handler
        self.codec = codec
        executor = LoopExecutor(loop)
    }

    static func install(
        on channel: any Channel, context: NIOSSLContext?, configuration: ServerConfiguration, handler: any WebHandler
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(CutHandler())
        if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = configuration.largestHead
        limits.maxHeaderListSize = configuration.largestHead
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
        let connection = ServerConnection(configuration, handler, loop: channel.eventLoop, codec: [encoder, decoder])
        try pipeline.addHandlers([encoder, decoder, connection])
    }

    // MARK: The channel

    func channelActive(context: ChannelHandlerContext) {
        peer = context.remoteAddress?.ipAddress ?? ""
        waitsSince = .now()
        watchIdleness(context, in: TimeAmount(configuration.idleTimeout))
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    private func leave() {
        idleTimer?.cancel()
        idleTimer = nil
        isDeaf = true
        task?.cancel()
        task = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let parsing = error as? HTTPParserError else {
            return context.triggerUserOutboundEvent(CutConnection(), promise: nil)
        }
        if isDeaf { return }
        let isTooLarge = parsing == .headerOverflow
        refuse(context, isTooLarge ? 431 : 400, isTooLarge ? "the head of the request is too large" : "this is no HTTP request")
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Quiesce else { return context.fireUserInboundEventTriggered(event) }
        isQuitting = true
        if !isBusy, queue.isEmpty, head == nil { context.close(promise: nil) }
    }

    func read(context: ChannelHandlerContext) {
        if queue.count < mostQueued || isDeaf { context.read() } else { isReadHeld = true }
    }

    /// Lets a held read go; asked after each answer.
    func releaseRead(_ context: ChannelHandlerContext) {
        guard isReadHeld else { return }
        isReadHeld = false
        context.read()
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDeaf { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(context, head)
        case .body(let part): extend(context, part)
        case .end: complete(context)
        }
    }

    private func begin(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        guard
            head.uri.utf8.count + head.headers.reduce(0, { $0 + $1.name.utf8.count + $1.value.utf8.count })
                <= configuration.largestHead
        else { return refuse(context, 431, "the head of the request is too large") }
        guard WebRequest.Method(rawValue: head.method.rawValue) != nil else {
            return refuse(context, 405, "this method is not served")
        }
        guard head.uri.utf8.first == UInt8(ascii: "/") else { return refuse(context, 400, "the target must begin with '/'") }
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        guard announced <= configuration.largestBody else { return refuse(context, 413, "the body of the request is too large") }
        self.head = head
        body = []
        body.reserveCapacity(max(0, announced))
        if head.headers.first(name: "expect")?.lowercased() == "100-continue", !isBusy, queue.isEmpty {
            context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
        }
    }

    private func extend(_ context: ChannelHandlerContext, _ part: ByteBuffer) {
        guard head != nil else { return }
        guard body.count + part.readableBytes <= configuration.largestBody else {
            return refuse(context, 413, "the body of the request is too large")
        }
        body.append(contentsOf: part.readableBytesView)
    }

    private func complete(_ context: ChannelHandlerContext) {
        guard let head, let method = WebRequest.Method(rawValue: head.method.rawValue) else { return }
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = WebRequest(
            method, String(parts.first ?? ""), query: parts.count > 1 ? String(parts[1]) : "",
            headers: head.headers.map { WebHeader($0.name, $0.value) }, body: body)
        self.head = nil
        body = []
        guard head.asksForUpgrade else { return enqueue(context, .ask(request, keepAlive: head.isKeepAlive)) }
        // The decoder reads nothing after this, whatever becomes of it.
        let isSocket = head.method == .GET && head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
        enqueue(context, isSocket ? .upgrade(request, head) : .ask(request, keepAlive: false))
        isDeaf = true
    }

    private func refuse(_ context: ChannelHandlerContext, _ status: Int, _ text: String) {
        isDeaf = true
        head = nil
        body = []
        enqueue(
            context, .refuse(WebResponse(status: status, headers: [.init("Content-Type", "text/plain")], body: Array(text.utf8))))
    }

    private func enqueue(_ context: ChannelHandlerContext, _ item: Item) {
        queue.append(item)
        if !isBusy { next(context) }
    }

    // MARK: Idleness

    func waitsAgain() { waitsSince = .now() }

    /// One timer per connection, looked at seldom; bytes that trickle in do not push it on, only complete requests do.
    private func watchIdleness(_ context: ChannelHandlerContext, in delay: TimeAmount) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        idleTimer = context.eventLoop.scheduleTask(in: delay) {
            let (connection, context) = bound.value
            connection.checkIdleness(context)
        }
    }

    private func checkIdleness(_ context: ChannelHandlerContext) {
        let whole = TimeAmount(configuration.idleTimeout)
        if isBusy { return watchIdleness(context, in: whole) }
        let left = waitsSince + whole - .now()
        if left > .nanoseconds(0) { return watchIdleness(context, in: left) }
        context.triggerUserOutboundEvent(CutConnection(), promise: nil)
    }
}

extension HTTPRequestHead {
    /// Where this is true the decoder takes all that follows for another protocol.
    fileprivate var asksForUpgrade: Bool {
        method == .CONNECT
            || headers.contains(name: "upgrade") && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }
}
