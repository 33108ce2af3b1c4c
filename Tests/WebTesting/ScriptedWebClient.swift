package import Exchange
import Synchronization

/// A `WebClient` without a network: a closure answers, and all requests are kept to look at.
package final class ScriptedWebClient: WebClient {
    package struct Call: Hashable, Sendable {
        package var request: WebRequest
        package var origin: String
        package var timeout: Duration
    }

    package typealias Answer = @Sendable (_ request: WebRequest, _ number: Int) async -> Result<WebResponse, WebFailure>

    private let recorded = Mutex<[Call]>([])
    private let answer: Answer

    /// `answer` is given the request and how many came before it.
    package init(_ answer: @escaping Answer) { self.answer = answer }

    /// A table by method and path with query ("GET /api?x=1"), else by method and path; what is not in it is answered with 404.
    package convenience init(table: [String: WebResponse]) {
        self.init { request, _ in
            let short = "\(request.method.rawValue) \(request.path)"
            return .success(table["\(short)?\(request.query)"] ?? table[short] ?? WebResponse(status: 404))
        }
    }

    /// One answer after the other; after the last, `.notSent`.
    package convenience init(answers: [Result<WebResponse, WebFailure>]) {
        self.init { _, number in
            number < answers.count ? answers[number] : .failure(.notSent("the script has \(answers.count) answers and no more"))
        }
    }

    /// What was sent until now, in order.
    package var calls: [Call] { recorded.withLock { $0 } }
    package var requests: [WebRequest] { calls.map(\.request) }

    package func send(_ request: WebRequest, to origin: WebOrigin, timeout: Duration) async throws(WebFailure) -> WebResponse {
        let number = recorded.withLock { calls in
            calls.append(Call(request: request, origin: origin.description, timeout: timeout))
            return calls.count - 1
        }
        return try await answer(request, number).get()
    }
}
