import Exchange
import NIOCore
import NIOSSL
import Synchronization

/// What a caller wants sent, as it crosses to the client's event loop.
final class RequestOrder: Sendable {
    let id: UInt64
    let origin: WebOrigin
    let request: RequestBytes
    /// For everything: waiting for a connection, making it, writing, and the whole answer.
    let deadline: NIODeadline
    /// Nil: without TLS.
    let context: NIOSSLContext?
    /// The caller's task was canceled.
    let isCanceled = Atomic<Bool>(false)

    init(id: UInt64, origin: WebOrigin, request: RequestBytes, deadline: NIODeadline, context: NIOSSLContext?) {
        self.id = id
        self.origin = origin
        self.request = request
        self.deadline = deadline
        self.context = context
    }

    var endpoint: Endpoint { Endpoint(host: origin.host, port: origin.port, isEncrypted: context != nil) }

    func notSent(_ text: String) -> WebFailure { .notSent("\(origin): \(text)") }
    func outcomeUnknown(_ text: String) -> WebFailure { .outcomeUnknown("\(origin): \(text)") }
}

/// Whom connections are shared for.
struct Endpoint: Hashable, Sendable {
    var host: String
    var port: Int
    var isEncrypted: Bool
}

/// One request on the client's event loop, until it has an answer or failed.
final class ClientRequest: NIOScheduledCallbackHandler {
    typealias Waiter = CheckedContinuation<Result<WebResponse, WebFailure>, Never>

    let order: RequestOrder
    /// What it was handed to; from then on a byte of it may have left.
    var connection: ClientConnection?
    private let site: ClientSite
    private var waiter: Waiter?
    private var timer: NIOScheduledCallback?

    init(_ order: RequestOrder, _ waiter: Waiter, site: ClientSite) {
        self.order = order
        self.waiter = waiter
        self.site = site
    }

    var id: UInt64 { order.id }

    /// Starts the clock, unless the request is over already.
    func startTimer(_ loop: any EventLoop) {
        guard waiter != nil else { return }
        timer = try? loop.assumeIsolated().scheduleCallback(at: order.deadline, handler: self)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        timer = nil
        site.timeIsUp(self)
    }

    /// Tells the caller; once.
    func finish(_ result: Result<WebResponse, WebFailure>) {
        waiter?.resume(returning: result)
        waiter = nil
        timer?.cancel()
        timer = nil
        connection = nil
    }
}
