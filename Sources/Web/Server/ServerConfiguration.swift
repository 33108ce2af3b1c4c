/// Bounds and place of a `WebServer`.
package struct ServerConfiguration: Sendable {
    /// An address of this machine; by default nobody else can connect.
    package var host = "127.0.0.1"
    /// 0: any free port.
    package var port = 0
    /// Nil: plain HTTP.
    package var identity: ServerIdentity?
    /// Names and values of the headers and the request line together, in bytes; 431 beyond.
    package var largestHead = 64 << 10
    /// The body of a request, in bytes; 413 beyond.
    package var largestBody = 1 << 20
    /// Further connections are closed as they come.
    package var mostConnections = 1024
    /// A connection on which no request becomes complete for this long is closed. WebSockets are their handler's affair.
    package var idleTimeout: Duration = .seconds(60)
    package var socketLimits = WebSocketLimits()
    /// Dates the signs of life of WebSockets.
    package var now: @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }

    package init() {}
}

/// Tells all connections of a server to come to an end: after the answer under way, a WebSocket with 1001.
struct Quiesce: Sendable {}
