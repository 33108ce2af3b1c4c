import Exchange
import NIOCore
import NIOHTTP1
import NIOWebSocket

extension ServerConnection {
    /// Takes up what is first in the queue.
    func next(_ context: ChannelHandlerContext) {
        guard let item = queue.popFirst() else {
            waitsAgain()
            return releaseRead(context)
        }
        isBusy = true
        switch item {
        case .ask(let request, let keepAlive): ask(context, request, keepAlive: keepAlive)
        case .upgrade(let request, let head): upgrade(context, request, head)
        case .refuse(let response): write(context, response, keepAlive: false)
        }
    }

    private func ask(_ context: ChannelHandlerContext, _ request: WebRequest, keepAlive: Bool) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let (handler, peer, loop) = (handler, peer, context.eventLoop)
        task = Task(executorPreference: executor) {
            let reply = await handler.respond(to: request, peer: peer)
            guard !loop.inEventLoop else { return bound.value.0.finish(bound.value.1, reply, keepAlive: keepAlive) }
            loop.execute { bound.value.0.finish(bound.value.1, reply, keepAlive: keepAlive) }
        }
    }

    private func finish(_ context: ChannelHandlerContext, _ reply: WebReply, keepAlive: Bool) {
        // The client is gone.
        guard task != nil else { return }
        task = nil
        switch reply {
        case .response(let response): write(context, response, keepAlive: keepAlive)
        case .cut: context.triggerUserOutboundEvent(CutConnection(), promise: nil)
        // Stays busy: nothing is answered any more; that the client leaves is noticed by reading on.
        case .silence:
            isDeaf = true
            releaseRead(context)
        }
    }

    private func write(_ context: ChannelHandlerContext, _ response: WebResponse, keepAlive: Bool) {
        let stays = keepAlive && !isQuitting
        let answer =
            response.isSendable ? response : WebResponse(status: 500, body: Array("the handler's answer is no HTTP".utf8))
        var headers = HTTPHeaders(answer.headers.map { ($0.name, $0.value) })
        headers.remove(name: "Transfer-Encoding")
        let hasBody = answer.status != 204 && answer.status != 304
        if hasBody { headers.replaceOrAdd(name: "Content-Length", value: String(answer.body.count)) }
        if !stays { headers.replaceOrAdd(name: "Connection", value: "close") }
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if hasBody, !answer.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: answer.body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        guard stays else { return closeGently(context) }
        isBusy = false
        next(context)
    }

    /// Closing at once while the client still sends would tear the answer down with it: it gets a moment to read it and leave.
    private func closeGently(_ context: ChannelHandlerContext) {
        isDeaf = true
        queue.removeAll()
        releaseRead(context)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let timer = context.eventLoop.scheduleTask(in: .seconds(1)) { bound.value.close(promise: nil) }
        context.channel.closeFuture.whenComplete { _ in timer.cancel() }
        context.close(mode: .output, promise: nil)
    }

    // MARK: WebSocket

    private func upgrade(_ context: ChannelHandlerContext, _ request: WebRequest, _ head: HTTPRequestHead) {
        if let refusal = handler.refuseWebSocket(request, peer: peer) { return write(context, refusal, keepAlive: false) }
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        upgrader.buildUpgradeResponse(channel: context.channel, upgradeRequest: head, initialResponseHeaders: [:])
            .whenComplete { result in
                let (connection, context) = bound.value
                switch result {
                case .success(let headers): connection.accept(context, request, headers)
                case .failure:
                    let text = "a WebSocket needs one Sec-WebSocket-Key and Sec-WebSocket-Version 13"
                    let wanted = WebHeader("Sec-WebSocket-Version", "13")
                    connection.write(context, .init(status: 426, headers: [wanted], body: Array(text.utf8)), keepAlive: false)
                }
            }
    }

    private func accept(_ context: ChannelHandlerContext, _ request: WebRequest, _ headers: HTTPHeaders) {
        let answer = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let (channel, handler, peer, executor) = (context.channel, handler, peer, executor)
        do {
            let socket = try NIOSocket.install(
                on: channel, isClient: false, limits: configuration.socketLimits, now: configuration.now)
            let pipeline = context.pipeline.syncOperations
            pipeline.removeHandler(self, promise: nil)
            for part in codec { pipeline.removeHandler(part, promise: nil) }
            channel.read()
            if isQuitting { socket.beginClose(code: 1001, reason: "the server shuts down") }
            let task = Task(executorPreference: executor) {
                await handler.serve(socket, request: request, peer: peer)
                await socket.close(code: 1000, reason: "")
            }
            // A handler that waits for something else than its socket learns of the end by cancellation.
            channel.closeFuture.whenComplete { _ in task.cancel() }
        } catch {
            context.triggerUserOutboundEvent(CutConnection(), promise: nil)
        }
    }
}

extension WebResponse {
    /// Final status and headers without control characters.
    fileprivate var isSendable: Bool { (200...599).contains(status) && headers.unsendable == nil }
}
