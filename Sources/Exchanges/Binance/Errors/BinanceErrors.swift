package import Exchange

/// Turns refusals into what a caller must know: what went wrong and whether the venue may have acted.
package enum BinanceErrors {
    /// The error in an answer, nil where it is none.
    package static func error(
        in response: WebResponse, system: Binance.System, changesState: Bool
    ) -> VenueError? {
        if (200...299).contains(response.status) { return hiddenError(response, system: system, changesState: changesState) }
        let body = try? JSONValue(parsing: response.body)
        let code = body?["code"]?.integer
        let text = body?["msg"]?.text ?? ""
        return VenueError(
            status: response.status, code: code, text: text, retryAfter: seconds(response.header("Retry-After")),
            system: system, changesState: changesState)
    }

    /// A success by its status that carries an error: the WebSocket-like `{"code":-1121,"msg":...}`. 200 in `code` is success (futures).
    private static func hiddenError(_ response: WebResponse, system: Binance.System, changesState: Bool) -> VenueError? {
        guard response.body.count < 1000, let body = try? JSONValue(parsing: response.body), let code = body["code"]?.integer,
            code < 0
        else { return nil }
        return VenueError(
            status: 400, code: code, text: body["msg"]?.text ?? "", retryAfter: nil, system: system, changesState: changesState)
    }

    /// The error object of the WebSocket API or of a stream: `{"code":..,"msg":..}`; `status` is what HTTP would have said.
    package static func error(
        in object: JSONValue, status: Int, system: Binance.System, changesState: Bool
    ) -> VenueError {
        var after: Duration?
        if let now = object["data"]?["serverTime"]?.integer, let then = object["data"]?["retryAfter"]?.integer, then >= now {
            let (wait, overflow) = then.subtractingReportingOverflow(now)
            if !overflow { after = .milliseconds(min(wait, 30 * 86_400_000)) }
        }
        return VenueError(
            status: status, code: object["code"]?.integer, text: object["msg"]?.text ?? "", retryAfter: after, system: system,
            changesState: changesState)
    }

    /// Whole seconds of a `Retry-After` header, at most 30 days.
    private static func seconds(_ header: String?) -> Duration? {
        guard let header, let value = Int64(header), value >= 0 else { return nil }
        return .seconds(min(value, 30 * 86_400))
    }
}

extension VenueError {
    /// The meaning of an HTTP status with the venue's own number and text, as far as it sent them.
    init(
        status: Int, code: Int64?, text: String, retryAfter: Duration?, system: Binance.System, changesState: Bool
    ) {
        let name = code.map(String.init) ?? "HTTP \(status)"
        let own = code.map { BinanceErrorCodes.kind($0, text: text, system: system) }
        let unknown: Handling = changesState ? .outcomeUnknown : .retryable(after: retryAfter)
        switch status {
        case 429: self.init(.rateLimited, .retryable(after: retryAfter), code: name, message: text)
        case 418: self.init(.banned, .retryable(after: retryAfter ?? .seconds(120)), code: name, message: text)
        case 403 where code == nil:
            self.init(
                .banned, .retryable(after: retryAfter ?? .seconds(120)), code: name,
                message: "refused by the venue's web application firewall")
        case 451:
            self.init(.permissionDenied, .fatal, code: name, message: text.isEmpty ? "not served from this place" : text)
        case 409: self.init(.partlyDone, .outcomeUnknown, code: name, message: text)
        case 500...599: self.init(own ?? .unavailable, unknown, code: name, message: text)
        case 400...499:
            guard let own, let code else {
                self.init(.badRequest, .permanent, code: name, message: text)
                return
            }
            let handling = BinanceErrorHandling.handling(
                own, code: code, text: text, retryAfter: retryAfter, changesState: changesState)
            self.init(own, handling, code: name, message: text)
        default: self.init(.malformedAnswer, unknown, code: name, message: text)
        }
    }
}

/// What to do about an error that the venue's own software sent.
enum BinanceErrorHandling {
    static func handling(
        _ kind: VenueError.Kind, code: Int64, text: String, retryAfter: Duration?, changesState: Bool
    ) -> VenueError.Handling {
        if outcomeUnknown.contains(code), changesState { return .outcomeUnknown }
        switch kind {
        case .partlyDone: return .outcomeUnknown
        case .rateLimited, .banned, .unavailable, .onMaintenance, .invalidNonce, .requestTimeout, .network, .malformedAnswer:
            return .retryable(after: retryAfter)
        case .authentication, .accountSuspended:
            // A listen key that has run out is made again, with the same API key.
            return code == -1125 ? .permanent : .fatal
        case .permissionDenied: return ofKey.contains(text) ? .fatal : .permanent
        default: return .permanent
        }
    }

    /// The order may be in the book: no answer from the engine (-1006, -1007), and errors that name no cause at all.
    private static let outcomeUnknown: Set<Int64> = [-1000, -1001, -1006, -1007, -1010]

    /// Refusals of the key or the account, not of the one request.
    private static let ofKey: Set<String> = [
        "Rest API trading is not enabled.", "This account may not place or cancel orders.", "You don't have permission.",
    ]
}
