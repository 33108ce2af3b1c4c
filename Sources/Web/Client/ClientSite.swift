import Exchange
import NIOCore
import NIOSSL

/// Requests and connections to one host and port: carries out what the `ConnectionPool` decides.
final class ClientSite: NIOScheduledCallbackHandler {
    let loop: any EventLoop
    let endpoint: Endpoint
    let context: NIOSSLContext?
    let connectTimeout: TimeAmount
    let largestAnswer: Int
    private var pool: ConnectionPool
    private var requests: [ConnectionPool.RequestID: ClientRequest] = [:]
    /// From the first byte to the last, those that are being closed included.
    private var connections: [ConnectionPool.ConnectionID: ClientConnection] = [:]
    private var attempts: [ConnectionPool.ConnectionID: ConnectionAttempt] = [:]
    private var expiry: NIOScheduledCallback?

    init(loop: any EventLoop, _ endpoint: Endpoint, _ context: NIOSSLContext?, _ configuration: HTTPWebClient.Configuration) {
        self.loop = loop
        self.endpoint = endpoint
        self.context = context
        connectTimeout = TimeAmount(configuration.connectTimeout)
        largestAnswer = configuration.largestAnswer
        pool = ConnectionPool(limit: configuration.connectionsPerHost, keepAlive: TimeAmount(configuration.keepAlive))
    }

    // MARK: Requests

    func begin(_ order: RequestOrder, _ waiter: ClientRequest.Waiter) {
        let request = ClientRequest(order, waiter, site: self)
        requests[order.id] = request
        apply(pool.ask(order.id, now: .now()))
        request.startTimer(loop)
    }

    func cancel(_ id: ConnectionPool.RequestID) {
        if let request = requests[id] { giveUp(request, NetworkText.canceled) }
    }

    func timeIsUp(_ request: ClientRequest) {
        let isWaiting = pool.isDialing ? NetworkText.noConnection : NetworkText.allBusy
        giveUp(request, request.connection == nil ? isWaiting : NetworkText.noAnswer)
    }

    /// A connection whose answer nobody waits for any more is cut: the answer must not be taken for that of another request.
    private func giveUp(_ request: ClientRequest, _ text: String) {
        if let connection = request.connection {
            fail(connection, request, request.order.outcomeUnknown(text))
        } else {
            _ = pool.giveUp(request.id)
            finish(request, .failure(request.order.notSent(text)))
        }
    }

    private func finish(_ request: ClientRequest, _ result: Result<WebResponse, WebFailure>) {
        requests[request.id] = nil
        request.finish(result)
    }

    // MARK: What attempts tell

    /// The connection is not ready yet, but has to be closed at the end.
    func adopted(_ connection: ClientConnection) { connections[connection.id] = connection }

    func opened(_ connection: ClientConnection) {
        attempts[connection.id] = nil
        apply(pool.dialed(connection.id, now: .now()))
    }

    func couldNotConnect(_ id: ConnectionPool.ConnectionID, _ text: String) {
        attempts[id] = nil
        apply(pool.dialFailed(id), refusal: text)
    }

    // MARK: What connections tell

    func answered(_ connection: ClientConnection, _ request: ClientRequest, _ answer: WebResponse, isReusable: Bool) {
        finish(request, .success(answer))
        apply(pool.answered(connection.id, isReusable: isReusable, now: .now()))
    }

    /// The request ends without an answer, and the connection with it.
    func fail(_ connection: ClientConnection, _ request: ClientRequest, _ failure: WebFailure) {
        finish(request, .failure(failure))
        drop(connection)
    }

    /// Cuts a connection on which nothing is under way.
    func drop(_ connection: ClientConnection) {
        connection.cut()
        apply(pool.lost(connection.id))
    }

    func closed(_ connection: ClientConnection) {
        connections[connection.id] = nil
        apply(pool.lost(connection.id))
    }

    // MARK: Directives

    private func apply(_ directives: [ConnectionPool.Directive], refusal: String = NetworkText.noConnection) {
        for directive in directives {
            switch directive {
            case .dial(let id): dial(id)
            case .write(let id, let connection): write(id, over: connection)
            case .close(let id): connections[id]?.leave()
            case .refuse(let id):
                if let request = requests[id] { finish(request, .failure(request.order.notSent(refusal))) }
            }
        }
        watchExpiry()
    }

    private func dial(_ id: ConnectionPool.ConnectionID) {
        let attempt = ConnectionAttempt(id, site: self)
        attempts[id] = attempt
        attempt.start()
    }

    private func write(_ id: ConnectionPool.RequestID, over connection: ConnectionPool.ConnectionID) {
        guard let request = requests[id] else { return }
        if let connection = connections[connection], connection.write(request) { return }
        // The connection ended and its handler does not know yet: nothing was handed to it.
        finish(request, .failure(request.order.notSent(NetworkText.closed)))
        apply(pool.lost(connection))
    }

    // MARK: Time

    /// One timer; it is not pushed on with every use of a connection, but looks again when it fires.
    private func watchExpiry() {
        guard expiry == nil, let next = pool.nextExpiry else { return }
        expiry = try? loop.assumeIsolated().scheduleCallback(at: next, handler: self)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        expiry = nil
        apply(pool.expire(.now()))
    }

    /// Ends everything; the futures tell when each connection is closed.
    func shutdown() -> [EventLoopFuture<Void>] {
        let open = connections.values.compactMap(\.closeFuture)
        for request in Array(requests.values) {
            let isSent = request.connection != nil
            _ = pool.giveUp(request.id)
            let text = NetworkText.shutDown
            finish(request, .failure(isSent ? request.order.outcomeUnknown(text) : request.order.notSent(text)))
        }
        for attempt in Array(attempts.values) { attempt.end(NetworkText.shutDown) }
        for connection in Array(connections.values) { drop(connection) }
        expiry?.cancel()
        expiry = nil
        return open
    }
}
