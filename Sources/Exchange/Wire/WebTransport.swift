/// Where requests go: scheme, host and port. Only a venue file of the worker's own machine makes one; a job never does.
package struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Sendable { case http, https, ws, wss }

    package var scheme: Scheme
    /// A name or an IP literal, IPv6 without brackets.
    package var host: String
    package var port: Int
    /// Put before each request's path; empty, or begins with "/" and does not end with one.
    package var basePath: String

    package init(scheme: Scheme, host: String, port: Int? = nil, basePath: String = "") {
        self.scheme = scheme
        self.host = host
        self.port = port ?? (scheme.isEncrypted ? 443 : 80)
        self.basePath = basePath
    }

    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        let usual = scheme.isEncrypted ? 443 : 80
        return "\(scheme.rawValue)://\(name)\(port == usual ? "" : ":\(port)")\(basePath)"
    }
}

extension WebOrigin.Scheme {
    package var isEncrypted: Bool { self == .https || self == .wss }
}

/// Why a request or a connection came to nothing. What matters is whether the venue may have acted on it.
package enum WebFailure: Error, Hashable, Sendable {
    /// Nothing of the request reached the venue: no connection, name not found, certificate refused. The text says which.
    case notSent(String)
    /// The request may have reached the venue and its answer was lost: timeout, connection broken, answer not understood as HTTP.
    case outcomeUnknown(String)
    /// The answer or message is larger than allowed; limit in bytes. The venue did act.
    case tooLarge(limit: Int)
    /// The other side closed a WebSocket; its code and reason, 1006 where it broke without one.
    case closed(code: UInt16, reason: String)
}

/// The seam under every REST client: `HTTPWebClient` in production, a table of answers in tests.
package protocol WebClient: Sendable {
    /// Sends and waits at most `timeout` for the whole answer; any HTTP status is an answer, not a failure.
    func send(_ request: WebRequest, to origin: WebOrigin, timeout: Duration) async throws(WebFailure) -> WebResponse
}

/// One message of a WebSocket. Pings are answered below this level.
package enum WebSocketMessage: Hashable, Sendable {
    case text([UInt8])
    case binary([UInt8])
}

/// One open WebSocket, either side.
package protocol WebSocketConnection: Sendable {
    /// The next message; suspends until there is one. Memory is bounded: the peer is slowed down by TCP.
    /// Throws `.closed` at the end, again and again. One reader at a time.
    func receive() async throws(WebFailure) -> WebSocketMessage
    /// Sends in order; suspends while the peer does not read.
    func send(_ message: WebSocketMessage) async throws(WebFailure)
    /// Sends a ping; the answer counts as a sign of life (`lastHeard`).
    func ping() async throws(WebFailure)
    /// When the last frame of any kind came from the peer.
    var lastHeard: ContinuousClock.Instant { get }
    /// Closes with this code (1000 = done) and waits briefly for the peer's close.
    func close(code: UInt16, reason: String) async
    /// Cuts the connection without a word, as a broken network does.
    func abort()
}

/// The seam under every stream client.
package protocol WebSocketDialer: Sendable {
    /// Connects to `origin.basePath + path`; `path` may carry a query.
    func connect(
        to origin: WebOrigin, path: String, headers: [WebHeader], timeout: Duration
    ) async throws(WebFailure) -> any WebSocketConnection
}

/// What a server does with one request.
package enum WebReply: Sendable {
    case response(WebResponse)
    /// The connection is cut without an answer.
    case cut
    /// No answer ever; the connection stays until the client gives up.
    case silence
}

/// What a server is made of.
package protocol WebHandler: Sendable {
    /// Answers a plain HTTP request. `peer` is the client's address without the port.
    func respond(to request: WebRequest, peer: String) async -> WebReply
    /// Whether a WebSocket may be opened at this path; nil: yes, else the refusal to send.
    func refuseWebSocket(_ request: WebRequest, peer: String) -> WebResponse?
    /// Serves one WebSocket until it returns; the connection is closed after that.
    func serve(_ socket: any WebSocketConnection, request: WebRequest, peer: String) async
}
