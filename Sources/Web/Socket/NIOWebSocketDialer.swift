package import Exchange
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Opens WebSockets over TCP or TLS. Opening one asks for nothing but the connection: every failure is `notSent`.
package struct NIOWebSocketDialer: WebSocketDialer {
    private let encryption: ClientEncryption
    private let userAgent: String
    private let limits: WebSocketLimits
    private let home: WebLoop?
    private let now: @Sendable () -> ContinuousClock.Instant

    /// `version` is that of this program; `now` dates signs of life; all connections are on `home`, or on the process's threads in turn.
    /// Throws where the file of certificates cannot be used.
    package init(
        version: String, roots: TrustRoots = .system, limits: WebSocketLimits = WebSocketLimits(), on home: WebLoop? = nil,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) throws(WebSetupError) {
        encryption = try ClientEncryption(roots)
        userAgent = "pragma/" + version
        self.limits = limits
        self.home = home
        self.now = now
    }

    package func connect(
        to origin: WebOrigin, path: String, headers: [WebHeader], timeout: Duration
    ) async throws(WebFailure) -> any WebSocketConnection {
        let attempt = try prepare(origin, path: path, headers: headers)
        do {
            return try await withTaskCancellationHandler {
                try await attempt.run(timeout: TimeAmount(timeout))
            } onCancel: {
                attempt.promise.fail(WebFailure.notSent("canceled"))
            }
        } catch {
            throw .notSent("\(origin): \(explain(error))")
        }
    }

    private func prepare(_ origin: WebOrigin, path: String, headers: [WebHeader]) throws(WebFailure) -> DialAttempt {
        guard origin.scheme == .ws || origin.scheme == .wss else { throw .notSent("\(origin): WebSockets are at ws or wss") }
        if let name = headers.unsendable { throw .notSent("\(origin): the header '\(name)' has a forbidden character") }
        let parts = path.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? String(parts[1]) : ""
        let target = try RequestTarget(origin, path: String(parts.first ?? ""), query: query)
        var all = HTTPHeaders(headers.map { ($0.name, $0.value) })
        if !all.contains(name: "host") { all.add(name: "Host", value: target.host) }
        if !all.contains(name: "user-agent") { all.add(name: "User-Agent", value: userAgent) }
        let loop = (home ?? WebLoop()).loop
        return DialAttempt(
            loop: loop, promise: loop.makePromise(), origin: origin, path: origin.basePath + path, headers: all,
            context: origin.scheme == .wss ? try encryption.context(for: origin) : nil, limits: limits, now: now)
    }
}

/// One attempt to open a WebSocket.
private struct DialAttempt: Sendable {
    let loop: any EventLoop
    let promise: EventLoopPromise<NIOSocket>
    let origin: WebOrigin
    let path: String
    let headers: HTTPHeaders
    let context: NIOSSLContext?
    let limits: WebSocketLimits
    let now: @Sendable () -> ContinuousClock.Instant

    func run(timeout: TimeAmount) async throws -> NIOSocket {
        let timer = loop.scheduleTask(in: timeout) {
            promise.fail(WebFailure.notSent("no WebSocket within \(timeout.nanoseconds / 1_000_000) ms"))
        }
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try configure(channel) } }
        bootstrap.connect(host: origin.host, port: origin.port).whenComplete { result in
            switch result {
            case .failure(let error): promise.fail(error)
            // A connection that comes after time is up is not left open.
            case .success(let channel):
                promise.futureResult.whenFailure { _ in channel.triggerUserOutboundEvent(CutConnection(), promise: nil) }
            }
        }
        defer { timer.cancel() }
        return try await promise.futureResult.get()
    }

    private func configure(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(CutHandler())
        if let context {
            // Server name indication takes names only; an address is checked against the certificate all the same.
            let name = (try? SocketAddress(ipAddress: origin.host, port: 0)) == nil ? origin.host : nil
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
        }
        try pipeline.addHandler(UpgradeHandler(path: path, headers: headers, promise: promise, limits: limits, now: now))
    }
}
