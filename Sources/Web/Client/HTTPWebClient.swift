package import Exchange
import NIOCore
import Synchronization

/// REST over HTTP/1.1, over connections that are kept.
///
/// Nothing is sent twice: redirects are answers, a broken connection is a failure, and only the venue's connector decides
/// what to do about it. There is no proxy, no compression, no cookie, and the environment is not looked at.
///
/// All of a client runs on one event loop (`ClientCore`). Thereby "the request was handed to a connection" and "time is up" cannot
/// cross: a request that was not handed over when it failed was not sent. A call changes threads twice: to the loop, and back
/// with the answer.
package final class HTTPWebClient: WebClient {
    package struct Configuration: Sendable {
        package var roots: TrustRoots = .system
        /// The largest body of an answer, in bytes. Binance's exchangeInfo has more than ten million.
        package var largestAnswer = 64 << 20
        /// Sent with every request that brings none; Kraken refuses requests without.
        package var userAgent: String
        /// How long making a connection may take, TLS included, within the time of the whole request.
        package var connectTimeout: Duration = .seconds(10)
        /// Unused connections are closed after this. Short, since a venue that closes first can swallow a request.
        package var keepAlive: Duration = .seconds(30)
        /// More requests than this to one host at one time wait for a connection.
        package var connectionsPerHost = 16

        /// `version` is that of this program.
        package init(version: String) { userAgent = "pragma/" + version }
    }

    private let configuration: Configuration
    private let encryption: ClientEncryption
    private let loop: any EventLoop
    private let core: NIOLoopBoundBox<ClientCore>
    private let lastRequest = Atomic<UInt64>(0)

    /// All connections are on `home`. Throws where the file of certificates cannot be used.
    package init(_ configuration: Configuration, on home: WebLoop = WebLoop()) throws(WebSetupError) {
        self.configuration = configuration
        encryption = try ClientEncryption(configuration.roots)
        loop = home.loop
        core = NIOLoopBoundBox.makeBoxSendingValue(ClientCore(loop: loop, configuration), eventLoop: loop)
    }

    /// Cuts what is under way and closes all connections. A client should be shut down before it is let go: its connections stay
    /// open until they were unused for `keepAlive` otherwise. Again does nothing.
    package func shutdown() async {
        try? await loop.flatSubmit { [core] in core.value.shutdown() }.get()
    }

    package func send(_ request: WebRequest, to origin: WebOrigin, timeout: Duration) async throws(WebFailure) -> WebResponse {
        let order = try prepare(request, to: origin, deadline: .now() + TimeAmount(timeout))
        if Task.isCancelled { throw order.notSent(NetworkText.canceled) }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // On its own thread the request is written before this returns, or waits for a connection.
                if loop.inEventLoop {
                    core.value.begin(order, continuation)
                } else {
                    loop.execute { [core] in core.value.begin(order, continuation) }
                }
            }
        } onCancel: {
            // The loop may hear of the end before it hears of the beginning.
            order.isCanceled.store(true, ordering: .relaxed)
            loop.execute { [core] in core.value.cancel(order) }
        }
        return try result.get()
    }

    private func prepare(_ request: WebRequest, to origin: WebOrigin, deadline: NIODeadline) throws(WebFailure) -> RequestOrder {
        guard origin.scheme == .http || origin.scheme == .https else {
            throw .notSent("\(origin): requests go to http or https")
        }
        if let name = request.headers.unsendable { throw .notSent("\(origin): the header '\(name)' has a forbidden character") }
        let target = try RequestTarget(origin, path: request.path, query: request.query)
        return RequestOrder(
            id: lastRequest.add(1, ordering: .relaxed).newValue, origin: origin,
            request: RequestBytes(request, target, userAgent: configuration.userAgent), deadline: deadline,
            context: origin.scheme == .https ? try encryption.context(for: origin) : nil)
    }
}
