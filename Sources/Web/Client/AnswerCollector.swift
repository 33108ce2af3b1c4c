import AsyncHTTPClient
import Exchange
import NIOCore
import NIOHTTP1
import Synchronization

/// Follows one request of async-http-client: whether it began to leave, and its answer up to a limit.
final class AnswerCollector: HTTPClientResponseDelegate {
    typealias Response = WebResponse

    private struct State {
        var sent = false
        var answer: WebResponse?
    }

    private let state = Mutex(State())
    /// The largest body that is taken, in bytes.
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Whether the request's head was written: from then on the venue may act on it.
    var wasSent: Bool { state.withLock { $0.sent } }

    func didSendRequestHead(task: HTTPClient.Task<WebResponse>, _ head: HTTPRequestHead) {
        state.withLock { $0.sent = true }
    }

    func didReceiveHead(task: HTTPClient.Task<WebResponse>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        guard announced <= limit else { return task.eventLoop.makeFailedFuture(WebFailure.tooLarge(limit: limit)) }
        var answer = WebResponse(status: Int(head.status.code), headers: head.headers.map { WebHeader($0.name, $0.value) })
        answer.body.reserveCapacity(max(announced, 0))
        state.withLock { $0.answer = answer }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<WebResponse>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let fits = state.withLock { state in
            guard let length = state.answer?.body.count, length + buffer.readableBytes <= limit else { return false }
            state.answer?.body.append(contentsOf: buffer.readableBytesView)
            return true
        }
        return fits
            ? task.eventLoop.makeSucceededVoidFuture() : task.eventLoop.makeFailedFuture(WebFailure.tooLarge(limit: limit))
    }

    func didFinishRequest(task: HTTPClient.Task<WebResponse>) throws -> WebResponse {
        let answer = state.withLock { state in
            defer { state.answer = nil }
            return state.answer
        }
        guard let answer else { throw WebFailure.outcomeUnknown("an answer without a head") }
        return answer
    }
}
