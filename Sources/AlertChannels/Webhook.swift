import Alerts
import Configuration
import Exchange

/// The webhook as a channel: one request, one outcome. Its description shows neither path nor query.
struct Webhook: Sendable, CustomStringConvertible {
    private let client: any WebClient
    private let origin: WebOrigin
    private let path: String
    private let query: String

    /// Of a request as a whole.
    private static let timeout = Duration.seconds(10)

    init(_ address: WebhookAddress, _ client: any WebClient) {
        self.client = client
        origin = WebOrigin(scheme: address.isEncrypted ? .https : .http, host: address.host, port: address.port)
        path = address.path
        query = address.query
    }

    var description: String { "\(origin)/..." }

    /// Posts a body. The second value says what went wrong; it has no secret.
    func post(_ body: [UInt8]) async -> (AlertOutbox.Outcome, String?) {
        let request = WebRequest(
            .post, path, query: query, headers: [WebHeader("Content-Type", "application/json")], body: body)
        do throws(WebFailure) {
            let answer = try await client.send(request, to: origin, timeout: Self.timeout)
            return Self.outcome(answer.status)
        } catch {
            switch error {
            case .notSent(let text), .outcomeUnknown(let text): return (.failed, text)
            // It was taken: its answer is of no interest.
            case .tooLarge: return (.delivered, nil)
            case .closed(let code, _): return (.failed, "the connection was closed with code \(code)")
            }
        }
    }

    private static func outcome(_ status: Int) -> (AlertOutbox.Outcome, String?) {
        switch status {
        case 200..<300: (.delivered, nil)
        case 408, 425, 429, 500...: (.failed, "it answers with status \(status)")
        case 300..<400:
            (.refused, "it answers with status \(status), a redirect, which is not followed: configure the address it leads to")
        default: (.refused, "it answers with status \(status): check alerts.webhook")
        }
    }
}
