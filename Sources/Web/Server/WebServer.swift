package import Exchange
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP/1.1 and WebSocket server.
///
/// Handlers run on the event loop of their connection, which saves two changes of threads per request: they may suspend as
/// long as they like and must not block.
package final class WebServer: Sendable {
    private let configuration: ServerConfiguration
    private let listener: any Channel
    private let connections: ConnectionTable

    /// Binds and serves at once. Throws where the address is taken or a certificate cannot be used.
    package static func start(_ configuration: ServerConfiguration, handler: any WebHandler) async throws(WebSetupError)
        -> WebServer
    {
        let context = try configuration.identity.map { identity throws(WebSetupError) in
            try identity.serverConfiguration().makeContext()
        }
        let connections = ConnectionTable(most: configuration.mostConnections)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.add(channel) else { throw ChannelError.operationUnsupported }
                    try ServerConnection.install(on: channel, context: context, configuration: configuration, handler: handler)
                }
            }
        do {
            let listener = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
            return WebServer(configuration, listener, connections)
        } catch {
            throw WebSetupError("cannot listen at \(configuration.host) port \(configuration.port): \(error)")
        }
    }

    private init(_ configuration: ServerConfiguration, _ listener: any Channel, _ connections: ConnectionTable) {
        self.configuration = configuration
        self.listener = listener
        self.connections = connections
    }

    /// The port that is listened at.
    package var port: Int { listener.localAddress?.port ?? configuration.port }

    /// Connections that are open now.
    package var connectionCount: Int { connections.all.count }

    /// Takes no more connections, lets requests under way be answered and WebSockets say goodbye for at most `grace`, then
    /// cuts what is left. Returns when all connections are closed.
    package func shutdown(grace: Duration = .seconds(5)) async {
        try? await listener.close().get()
        let open = connections.all
        let loop = listener.eventLoop
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(Quiesce()) }
        let timer = loop.scheduleTask(in: TimeAmount(grace)) {
            for channel in open { channel.triggerUserOutboundEvent(CutConnection(), promise: nil) }
        }
        try? await EventLoopFuture.andAllComplete(open.map(\.closeFuture), on: loop).get()
        timer.cancel()
    }
}

/// The open connections of a server.
final class ConnectionTable: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let most: Int

    init(most: Int) { self.most = most }

    var all: [any Channel] { channels.withLock { Array($0.values) } }

    /// False: there are too many.
    func add(_ channel: any Channel) -> Bool {
        let isAdded = channels.withLock { channels in
            guard channels.count < most else { return false }
            channels[ObjectIdentifier(channel)] = channel
            return true
        }
        if isAdded {
            channel.closeFuture.whenComplete { _ in
                self.channels.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
            }
        }
        return isAdded
    }
}
