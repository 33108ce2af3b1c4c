package import Exchange
import Matching

/// Streams of version 2: what clients say.
extension KrakenDialect {
    /// Any path that ends in `/v2` or the like; whether a stream may see an account, its token decides.
    package mutating func open(
        _ session: SessionID, _ request: WebRequest, peer: String, venue: inout PaperVenue
    ) -> [StreamMessage]? {
        prepare(&venue)
        guard request.path.split(separator: "/").last?.hasPrefix("v2") ?? false else { return nil }
        var state = PaperKrakenSession()
        state.lastSent = realTime(venue)
        sessions[session] = state
        let status: JSONValue = [
            "version": "2.0.10", "system": "online", "api_version": "v2",
            "connection_id": .integer(Int64(clamping: session.rawValue)),
        ]
        return [StreamMessage(session, ["channel": "status", "type": "update", "data": [status]], isData: false)]
    }

    package mutating func close(_ session: SessionID) {
        guard let state = sessions.removeValue(forKey: session) else { return }
        for token in [state.executions?.token, state.balances?.token].compactMap({ $0 }) { release(token) }
    }

    /// A token that no subscription uses any more ends when it would have ended unused.
    mutating func release(_ token: String) {
        tokens[token]?.isUsed = sessions.values.contains { $0.executions?.token == token || $0.balances?.token == token }
    }

    package mutating func receive(_ message: [UInt8], from session: SessionID, venue: inout PaperVenue) -> [StreamMessage] {
        prepare(&venue)
        guard sessions[session] != nil else { return [] }
        let came = PaperKrakenTime.stream(venue.clock)
        guard message.count <= PaperKrakenForm.maximumBytes, let value = try? JSONValue(parsing: message), value.members != nil
        else {
            return [
                StreamMessage(session, ["error": "Malformed request", "success": false, "time_in": .string(came)], isData: false)
            ]
        }
        var call = PaperKrakenStreamCall(session, value, came)
        guard let method = value["method"]?.text else { return [call.refusal("Malformed request", venue)] }
        switch method {
        case "ping": call.answer(nil, venue, method: "pong", success: nil)
        case "subscribe": subscribe(&call, &venue)
        case "unsubscribe": unsubscribe(&call, &venue)
        default: trade(method, &call, &venue)
        }
        let now = realTime(venue)
        sessions[session]?.lastSent = now
        return call.messages
    }
}

/// A request on a stream with the answers to it so far.
struct PaperKrakenStreamCall {
    let session: SessionID
    let method: String
    let parameters: JSONValue
    private let id: JSONValue?
    private let came: String
    private(set) var messages: [StreamMessage] = []

    init(_ session: SessionID, _ value: JSONValue, _ came: String) {
        self.session = session
        self.came = came
        method = value["method"]?.text ?? ""
        parameters = value["params"] ?? [:]
        // ccxt's further parameters of orders are beside `params`; what is not known is ignored.
        id = value["req_id"].flatMap { $0.integer == nil ? nil : $0 }
    }

    mutating func answer(_ result: JSONValue?, _ venue: PaperVenue, method: String? = nil, success: Bool? = true) {
        messages.append(message([("result", result)], venue, method: method, success: success))
    }

    mutating func refuse(_ text: String, _ venue: PaperVenue, symbol: String? = nil) {
        messages.append(refusal(text, venue, symbol: symbol))
    }

    mutating func send(_ message: StreamMessage) { messages.append(message) }

    func refusal(_ text: String, _ venue: PaperVenue, symbol: String? = nil) -> StreamMessage {
        message([("error", .string(text)), ("symbol", symbol.map { .string($0) })], venue, method: nil, success: false)
    }

    private func message(
        _ members: [(String, JSONValue?)], _ venue: PaperVenue, method: String?, success: Bool?
    ) -> StreamMessage {
        let name = method ?? self.method
        let value = JSONValue.members(
            [("method", name.isEmpty ? nil : .string(name)), ("req_id", id)] + members + [
                ("success", success.map { .bool($0) }), ("time_in", .string(came)),
                ("time_out", .string(PaperKrakenTime.stream(venue.clock))),
            ])
        return StreamMessage(session, value, isData: false)
    }
}
