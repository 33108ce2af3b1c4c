import Exchange
import Market
import Money

/// The envelope of every REST answer: `{"error":[...],"result":...}`, with status 200 even for errors.
enum KrakenAnswer {
    /// The result; throws what the error list, the status or the bytes tell.
    static func result(_ response: WebResponse, changesState: Bool) throws(VenueError) -> JSONValue {
        guard let answer = try? JSONValue(parsing: response.body), answer.members != nil else {
            throw withoutEnvelope(response, changesState: changesState)
        }
        let now = response.header("date").flatMap { KrakenHTTPDate.parse($0) }
        let texts = (answer["error"]?.elements ?? []).compactMap(\.text)
        // A gateway's 5xx stays unknown for a change, whatever it says.
        if !(500...599).contains(response.status), let error = KrakenErrors.first(texts, changesState: changesState, now: now) {
            throw error
        }
        guard response.status == 200 else { throw withoutEnvelope(response, changesState: changesState) }
        guard let result = answer["result"], !result.isNull else { throw missing("result", changesState: changesState) }
        return result
    }

    /// Something else than Kraken's JSON: a gateway's page, an empty body, half an answer.
    private static func withoutEnvelope(_ response: WebResponse, changesState: Bool) -> VenueError {
        let unknown: VenueError.Handling = changesState ? .outcomeUnknown : .retryable(after: nil)
        let code = "HTTP \(response.status)"
        let wait = response.header("retry-after").flatMap { Int64($0) }.map { Duration.seconds(min(max($0, 0), 3600)) }
        switch response.status {
        case 200:
            return VenueError(.malformedAnswer, unknown, code: "malformed", message: "the answer is not Kraken's JSON")
        case 429: return VenueError(.rateLimited, .retryable(after: wait), code: code, message: "too many requests")
        case 403:
            return VenueError(
                .banned, .retryable(after: wait ?? .seconds(600)), code: code,
                message: "the request was refused before it reached Kraken's API")
        case 400, 404, 405, 413, 415: return VenueError(.badRequest, .permanent, code: code, message: "the request was refused")
        case 401: return VenueError(.authentication, .fatal, code: code, message: "the request was refused")
        default: return VenueError(.unavailable, unknown, code: code, message: "Kraken does not answer as it should")
        }
    }

    static func missing(_ name: String, changesState: Bool) -> VenueError {
        VenueError(
            .malformedAnswer, changesState ? .outcomeUnknown : .retryable(after: nil), code: "malformed",
            message: "the answer has no valid \"\(name.prefix(60))\"")
    }
}

/// Reads members that must be there. What is missing is named in the error.
struct KrakenReader {
    let value: JSONValue
    let changesState: Bool

    func require<T>(_ name: String, _ read: (JSONValue) -> T?) throws(VenueError) -> T {
        guard let member = value[name], let result = read(member) else {
            throw KrakenAnswer.missing(name, changesState: changesState)
        }
        return result
    }

    func text(_ name: String) throws(VenueError) -> String { try require(name) { $0.text } }

    /// Seconds with decimals, as REST has times.
    func time(_ name: String) throws(VenueError) -> Timestamp {
        try require(name) { $0.fixedPoint(KrakenTime.Seconds.self).flatMap { KrakenTime.seconds($0) } }
    }

    /// As `time`, nil for none and for 0.
    func optionalTime(_ name: String) -> Timestamp? {
        guard let time = value[name]?.fixedPoint(KrakenTime.Seconds.self), time.isPositive else { return nil }
        return KrakenTime.seconds(time)
    }
}
