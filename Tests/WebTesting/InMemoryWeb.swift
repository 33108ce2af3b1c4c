package import Exchange
import Synchronization

/// A network in memory: a `WebHandler` at one end, `WebClient` and `WebSocketDialer` at the other.
package final class InMemoryWeb: WebClient, WebSocketDialer {
    private let handler: any WebHandler
    private let peer: String
    private let capacity: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let open = Mutex<[InMemoryWebSocket]>([])

    /// `capacity`: messages that wait for a reader before `send` suspends.
    package init(
        _ handler: any WebHandler, peer: String = "127.0.0.1", capacity: Int = 4096,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.handler = handler
        self.peer = peer
        self.capacity = capacity
        self.now = now
    }

    /// Breaks all WebSockets, as a network does.
    package func breakWebSockets() {
        let all = open.withLock { sockets in
            defer { sockets = [] }
            return sockets
        }
        for socket in all { socket.abort() }
    }

    /// `.silence` is told at once as a lost answer; nobody waits for `timeout`.
    package func send(_ request: WebRequest, to origin: WebOrigin, timeout: Duration) async throws(WebFailure) -> WebResponse {
        var request = request
        request.path = origin.basePath + request.path
        switch await handler.respond(to: request, peer: peer) {
        case .response(let response): return response
        case .cut: throw .outcomeUnknown("\(origin): the other side closed the connection")
        case .silence: throw .outcomeUnknown("\(origin): no answer in time")
        }
    }

    package func connect(
        to origin: WebOrigin, path: String, headers: [WebHeader], timeout: Duration
    ) async throws(WebFailure) -> any WebSocketConnection {
        let parts = (origin.basePath + path).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = WebRequest(
            .get, String(parts.first ?? "/"), query: parts.count > 1 ? String(parts[1]) : "", headers: headers)
        if let refusal = handler.refuseWebSocket(request, peer: peer) {
            throw .notSent("\(origin): no WebSocket: the answer is \(refusal.status)")
        }
        let (client, server) = InMemoryWebSocket.pair(capacity: capacity, now: now)
        open.withLock { $0.append(client) }
        let (handler, peer) = (handler, peer)
        Task {
            await handler.serve(server, request: request, peer: peer)
            await server.close(code: 1000, reason: "")
        }
        return client
    }
}
