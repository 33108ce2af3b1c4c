import AsyncHTTPClient
package import Exchange
import NIOCore
import NIOHTTP1
import NIOPosix

/// REST over async-http-client, HTTP/1.1 only.
///
/// Nothing is sent twice: redirects are answers, a broken connection is a failure, and only the venue's connector decides
/// what to do about it. There is no proxy, no compression, no cookie, and the environment is not looked at.
///
/// All of a client runs on one event loop, the only one of its group. Thereby "the head was written" and "time is up" cannot
/// cross: a request that was not marked as sent when it failed was not sent. (Asking for that loop request by request would
/// make the library close each connection after its answer.)
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
    private let client: HTTPClient

    /// Throws where the file of certificates cannot be used.
    package init(_ configuration: Configuration, on home: WebLoop = WebLoop()) throws(WebSetupError) {
        self.configuration = configuration
        var settings = HTTPClient.Configuration()
        settings.tlsConfiguration = try configuration.roots.clientConfiguration()
        settings.redirectConfiguration = .disallow
        settings.httpVersion = .http1Only
        settings.timeout.connect = TimeAmount(configuration.connectTimeout)
        settings.connectionPool.idleTimeout = TimeAmount(configuration.keepAlive)
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, configuration.connectionsPerHost)
        // The connector backs off by its own rules; here a refused connection is told at once.
        settings.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroup: home.loop, configuration: settings)
    }

    /// Cuts what is under way and closes all connections. A client must be shut down before it is let go; again does nothing.
    package func shutdown() async { try? await client.shutdown() }

    package func send(_ request: WebRequest, to origin: WebOrigin, timeout: Duration) async throws(WebFailure) -> WebResponse {
        let prepared = try prepare(request, to: origin)
        let collector = AnswerCollector(limit: configuration.largestAnswer)
        if Task.isCancelled { throw .notSent("\(origin): canceled") }
        let task = client.execute(
            request: prepared, delegate: collector, eventLoop: .indifferent, deadline: .now() + TimeAmount(timeout))
        do {
            return try await withTaskCancellationHandler {
                try await task.futureResult.get()
            } onCancel: {
                task.cancel()
            }
        } catch {
            throw Self.failure(error, sent: collector.wasSent, origin: origin)
        }
    }

    private func prepare(_ request: WebRequest, to origin: WebOrigin) throws(WebFailure) -> HTTPClient.Request {
        guard origin.scheme == .http || origin.scheme == .https else {
            throw .notSent("\(origin): requests go to http or https")
        }
        if let name = request.headers.unsendable { throw .notSent("\(origin): the header '\(name)' has a forbidden character") }
        let target = try RequestTarget(origin, path: request.path, query: request.query)
        var headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        if !headers.contains(name: "host") { headers.add(name: "Host", value: target.host) }
        if !headers.contains(name: "user-agent") { headers.add(name: "User-Agent", value: configuration.userAgent) }
        do {
            return try HTTPClient.Request(
                url: target.url, method: HTTPMethod(rawValue: request.method.rawValue), headers: headers,
                body: request.body.isEmpty ? nil : .byteBuffer(ByteBuffer(bytes: request.body)))
        } catch {
            throw .notSent("\(origin): \(explain(error))")
        }
    }

    /// In doubt the outcome is unknown.
    private static func failure(_ error: any Error, sent: Bool, origin: WebOrigin) -> WebFailure {
        if case .tooLarge(let limit) = error as? WebFailure { return .tooLarge(limit: limit) }
        let text = "\(origin): \(explain(error))"
        return !sent && isBeforeConnection(error) ? .notSent(text) : .outcomeUnknown(text)
    }
}

extension TimeAmount {
    /// Saturates: a very long time is as good as none.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else {
            self = .nanoseconds(seconds < 0 ? 0 : Int64.max / 4)
            return
        }
        self = .nanoseconds(min(max(0, nanoseconds), Int64.max / 4) + attoseconds.magnitude.clampedNanoseconds)
    }
}

extension UInt64 {
    fileprivate var clampedNanoseconds: Int64 { Int64(self / 1_000_000_000) }
}
