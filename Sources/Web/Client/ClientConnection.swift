import Exchange
import NIOCore
import NIOTLS

/// The end of a connection's pipeline: writes one request at a time, and reads its answer.
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let id: ConnectionPool.ConnectionID
    private let channel: any Channel
    private let site: ClientSite
    /// Until the connection can be written to.
    private var attempt: ConnectionAttempt?
    private var context: ChannelHandlerContext?
    /// What is under way.
    private var request: ClientRequest?
    private var parser: AnswerParser
    /// All of the request has left this process. A server may answer earlier, and then does not read the rest.
    private var isWritten = false

    init(_ id: ConnectionPool.ConnectionID, _ channel: any Channel, site: ClientSite, attempt: ConnectionAttempt) {
        self.id = id
        self.channel = channel
        self.site = site
        self.attempt = attempt
        parser = AnswerParser(limit: site.largestAnswer)
    }

    // MARK: What the site asks for

    var closeFuture: EventLoopFuture<Void> { channel.closeFuture }

    /// False: the connection is gone, and nothing was written.
    func write(_ request: ClientRequest) -> Bool {
        guard let context, channel.isActive else { return false }
        self.request = request
        request.connection = self
        parser = AnswerParser(limit: site.largestAnswer)
        isWritten = false
        context.writeAndFlush(wrapOutboundOut(request.order.request.bytes)).assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.isWritten = true
            case .failure(let error): self.fail(explain(error))
            }
        }
        return true
    }

    /// Says goodbye where TLS does.
    func leave() { context?.close(promise: nil) }

    /// Closes at once; what was under way is no longer of interest.
    func cut() {
        request = nil
        attempt = nil
        channel.triggerUserOutboundEvent(CutConnection(), promise: nil)
    }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive, site.context == nil { open() }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        if site.context == nil { open() }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { open() }
        context.fireUserInboundEventTriggered(event)
    }

    private func open() {
        guard let attempt else { return }
        self.attempt = nil
        attempt.succeed(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Nobody asked: the bytes would be taken for the beginning of the next answer. (A farewell with status 408, for instance.)
        guard let request else { return site.drop(self) }
        var bytes = unwrapInboundIn(data)
        let progress = parser.take(&bytes)
        if case .failed(let fault) = progress { return fail(request, fault) }
        end(request, progress, isUsable: bytes.readableBytes == 0 && isWritten && !request.order.request.isLast)
    }

    /// Hands on the answer where it is complete.
    private func end(_ request: ClientRequest, _ progress: AnswerParser.Progress, isUsable: Bool) {
        guard case .complete(let answer, let isKept) = progress else { return }
        self.request = nil
        parser = AnswerParser(limit: site.largestAnswer)
        site.answered(self, request, answer, isReusable: isKept && isUsable)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let attempt { return attempt.end(explain(error)) }
        if request == nil { site.drop(self) } else { fail(explain(error)) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let attempt { attempt.end(NetworkText.closed) }
        if let request { end(request, parser.finish(), isUsable: false) }
        fail(NetworkText.closed)
        site.closed(self)
        context.fireChannelInactive()
    }

    private func fail(_ request: ClientRequest, _ fault: AnswerFault) {
        switch fault {
        case .tooLarge: site.fail(self, request, .tooLarge(limit: site.largestAnswer))
        case .malformed(let text): fail("the answer cannot be read: \(text)")
        }
    }

    private func fail(_ text: String) {
        if let request { site.fail(self, request, request.order.outcomeUnknown(text)) }
    }
}
