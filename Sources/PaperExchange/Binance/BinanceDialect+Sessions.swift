package import Exchange
import Matching

// WebSockets: opened, asked, closed.

extension BinanceDialect {
    package mutating func open(
        _ session: SessionID, _ request: WebRequest, peer: String, venue: inout PaperVenue
    ) -> [StreamMessage]? {
        let path = request.path
        if path == "/ws-api/v3" || path == "/ws-api/v3/" {
            sessions[session] = BinanceSession(kind: .api, peer: peer, isCombined: false)
            return []
        }
        let isCombined = path == "/stream" || path == "/stream/"
        guard isCombined || path == "/ws" || path.hasPrefix("/ws/") else { return nil }
        sessions[session] = BinanceSession(kind: .streams, peer: peer, isCombined: isCombined)
        var names = path.dropFirst(4)[...]
        if isCombined {
            guard let parameters = try? BinanceParameters(query: request.query, form: []) else { return [] }
            names = (parameters["streams"] ?? "")[...]
        }
        // Names that are none are passed over, as `/ws/0` of ccxt.
        for name in names.split(separator: "/").prefix(BinanceSession.maximumStreams) {
            guard let stream = BinanceStream(String(name), venue) else { continue }
            subscribe(session, stream, String(name))
        }
        return []
    }

    package mutating func close(_ session: SessionID) {
        guard let ended = sessions.removeValue(forKey: session) else { return }
        for stream in ended.order { forget(stream, session) }
    }

    private mutating func subscribe(_ session: SessionID, _ stream: BinanceStream, _ name: String) {
        guard sessions[session]?.names[stream] == nil else { return }
        sessions[session]?.names[stream] = name
        sessions[session]?.order.append(stream)
        feeds.subscribers[stream, default: []].append(session)
    }

    private mutating func unsubscribe(_ session: SessionID, _ stream: BinanceStream) {
        guard sessions[session]?.names.removeValue(forKey: stream) != nil else { return }
        sessions[session]?.order.removeAll { $0 == stream }
        forget(stream, session)
    }

    private mutating func forget(_ stream: BinanceStream, _ session: SessionID) {
        feeds.subscribers[stream]?.removeAll { $0 == session }
        guard feeds.subscribers[stream]?.isEmpty == true else { return }
        feeds.subscribers[stream] = nil
        feeds.versions[stream] = nil
        if case .kline(let instrument, let interval) = stream {
            feeds.openCandles[.init(instrument: instrument, interval: interval)] = nil
        }
    }

    package mutating func receive(_ message: [UInt8], from session: SessionID, venue: inout PaperVenue) -> [StreamMessage] {
        guard var state = sessions[session] else { return [] }
        if state.kind == .api { return ask(message, session, &venue) }
        let second = Int64(1000 * max(1, venue.settings.speed))
        if venue.now - second >= state.secondStart {
            state.secondStart = venue.now
            state.received = 0
        }
        state.received += 1
        sessions[session] = state
        if venue.settings.enforcesRateLimits, state.received > BinanceSession.maximumMessagesPerSecond {
            return [StreamMessage(session, Self.streamError(2, "Too many requests", .null), isData: false, closeCode: 1008)]
        }
        return [StreamMessage(session, control(message, session, venue), isData: false)]
    }

    private static func streamError(_ code: Int64, _ text: String, _ id: JSONValue) -> JSONValue {
        ["error": ["code": .integer(code), "msg": .string(text)], "id": id]
    }

    private mutating func control(_ message: [UInt8], _ session: SessionID, _ venue: PaperVenue) -> JSONValue {
        guard message.count <= BinanceSession.maximumMessageLength else {
            return Self.streamError(2, "Invalid request: too long", .null)
        }
        let json: JSONValue
        do { json = try JSONValue(parsing: message) } catch {
            return Self.streamError(3, "Invalid JSON: expected value at line 1 column \(error.offset + 1)", .null)
        }
        guard case .object = json else { return Self.streamError(2, "Invalid request: request must be an object", .null) }
        let id = json["id"] ?? .null
        guard Self.isID(id) else {
            return Self.streamError(2, "Invalid request: request ID must be an unsigned integer, a string or null", .null)
        }
        guard let method = json["method"]?.text else {
            return Self.streamError(2, "Invalid request: missing field `method` at line 1 column \(message.count)", id)
        }
        return answer(method, json["params"], id, session, venue)
    }

    static func isID(_ id: JSONValue) -> Bool {
        switch id {
        case .null: true
        case .number: (id.integer ?? -1) >= 0
        case .string(let text): text.utf8.count <= 36
        default: false
        }
    }

    private mutating func answer(
        _ method: String, _ parameters: JSONValue?, _ id: JSONValue, _ session: SessionID, _ venue: PaperVenue
    ) -> JSONValue {
        var result = JSONValue.null
        switch method {
        case "SUBSCRIBE", "UNSUBSCRIBE":
            if let error = change(method == "SUBSCRIBE", parameters, session, venue) { return Self.streamError(2, error, id) }
        case "LIST_SUBSCRIPTIONS":
            let state = sessions[session]
            result = .array((state?.order ?? []).compactMap { state?.names[$0].map { .string($0) } })
        case "GET_PROPERTY": result = .bool(sessions[session]?.isCombined ?? false)
        case "SET_PROPERTY":
            guard parameters?[0]?.text == "combined" else { return Self.streamError(0, "Unknown property", id) }
            guard let value = parameters?[1]?.bool else {
                return Self.streamError(1, "Invalid value type: expected Boolean", id)
            }
            sessions[session]?.isCombined = value
        default:
            return Self.streamError(
                2,
                "Invalid request: unknown variant `\(method.prefix(40))`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, "
                    + "`LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`", id)
        }
        return ["result": result, "id": id]
    }

    /// Subscribes to all of the streams or to none; nil: done.
    private mutating func change(
        _ isNew: Bool, _ parameters: JSONValue?, _ session: SessionID, _ venue: PaperVenue
    ) -> String? {
        guard let names = parameters?.elements, !names.isEmpty else { return "Invalid request: params must be a list of streams" }
        guard names.count <= BinanceSession.maximumStreams else { return "Invalid request: too many parameters" }
        var streams: [(BinanceStream, String)] = []
        for name in names {
            guard let text = name.text else { return "Invalid request: stream names must be strings" }
            guard let stream = BinanceStream(text, venue) else { return "Invalid request: invalid stream" }
            streams.append((stream, text))
        }
        let now = sessions[session]?.order.count ?? 0
        if isNew, now + streams.count > BinanceSession.maximumStreams { return "Invalid request: too many subscriptions" }
        for (stream, name) in streams {
            if isNew { subscribe(session, stream, name) } else { unsubscribe(session, stream) }
        }
        return nil
    }

    /// The event that announces that the venue is about to close all streams, for each of them.
    package func serverShutdown(_ venue: PaperVenue) -> [StreamMessage] {
        let event: JSONValue = ["e": "serverShutdown", "E": .integer(venue.clock)]
        return sessions.sorted { $0.key.rawValue < $1.key.rawValue }.map { session, state in
            StreamMessage(session, state.kind == .api ? ["event": event] : event, isData: true)
        }
    }
}
