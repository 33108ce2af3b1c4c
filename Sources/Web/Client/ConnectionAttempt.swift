import Exchange
import NIOCore
import NIOPosix
import NIOSSL

/// Makes one connection: name, TCP to the first address that answers, TLS; within one time.
final class ConnectionAttempt: NIOScheduledCallbackHandler {
    private let id: ConnectionPool.ConnectionID
    private let site: ClientSite
    private var connection: ClientConnection?
    private var timer: NIOScheduledCallback?
    private var isOver = false

    init(_ id: ConnectionPool.ConnectionID, site: ClientSite) {
        self.id = id
        self.site = site
    }

    func start() {
        timer = try? site.loop.assumeIsolated().scheduleCallback(in: site.connectTimeout, handler: self)
        let bootstrap = ClientBootstrap(group: site.loop)
            .connectTimeout(site.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { [endpoint = site.endpoint, context = site.context] channel in
                channel.eventLoop.makeCompletedFuture { try Self.configure(channel, endpoint, context) }
            }
        bootstrap.connect(host: site.endpoint.host, port: site.endpoint.port).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.connected(channel)
            case .failure(let error): self.end(explain(error))
            }
        }
    }

    /// What lies under the `ClientConnection`. Several channels are made where a name has several addresses.
    private static func configure(_ channel: any Channel, _ endpoint: Endpoint, _ context: NIOSSLContext?) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(CutHandler())
        guard let context else { return }
        // Server name indication takes names only; an address is checked against the certificate all the same.
        let name = (try? SocketAddress(ipAddress: endpoint.host, port: 0)) == nil ? endpoint.host : nil
        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
    }

    /// TCP is up, and nothing was read yet.
    private func connected(_ channel: any Channel) {
        // A connection that comes after time is up is not left open.
        if isOver { return channel.triggerUserOutboundEvent(CutConnection(), promise: nil) }
        let connection = ClientConnection(id, channel, site: site, attempt: self)
        self.connection = connection
        site.adopted(connection)
        do { try channel.pipeline.syncOperations.addHandler(connection) } catch { end(explain(error)) }
    }

    /// The connection can be written to.
    func succeed(_ connection: ClientConnection) {
        if isOver { return }
        finish()
        site.opened(connection)
    }

    /// The attempt failed, or nobody wants the connection any more.
    func end(_ text: String) {
        if isOver { return }
        finish()
        // First, so that the end of the connection does not become the reason.
        site.couldNotConnect(id, text)
        connection?.cut()
    }

    private func finish() {
        isOver = true
        timer?.cancel()
        timer = nil
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        timer = nil
        end(connection == nil ? NetworkText.noConnection : NetworkText.noHandshake)
    }
}
