import Exchange
import Matching

// The WebSocket API: the same requests as over REST, and the account's events.

extension BinanceDialect {
    /// Answers one request, with what the faults make of it.
    mutating func ask(_ message: [UInt8], _ session: SessionID, _ venue: inout PaperVenue) -> [StreamMessage] {
        guard message.count <= BinanceSession.maximumMessageLength, let json = try? JSONValue(parsing: message),
            case .object = json, Self.isID(json["id"] ?? .null)
        else {
            let error = BinanceFailure(-1135, "Invalid JSON Request: an object with 'id', 'method' and 'params' is expected.")
            return [StreamMessage(session, Self.reply(.null, error, []), isData: false)]
        }
        let id = json["id"] ?? .null
        guard let endpoint = json["method"]?.text.flatMap(BinanceEndpoint.socket) else {
            let error = BinanceFailure(-1099, "Not found, unauthenticated, or unauthorized.", status: 404)
            return [StreamMessage(session, Self.reply(id, error, []), isData: false)]
        }
        let fate = venue.faults.fate(of: endpoint.target, at: venue.now)
        if fate.isCutBefore { return [closing(session)] }
        if let refusal = fate.refusal {
            return [StreamMessage(session, Self.reply(id, Self.failure(refusal, venue), []), isData: false)]
        }
        let reply = carryOut(endpoint, json["params"] ?? [:], id, session, &venue)
        if fate.isCutAfter { return [closing(session)] }
        if fate.isSilent { return [] }
        if fate.isBackendTimeout { return [StreamMessage(session, Self.reply(id, .backendTimeout, []), isData: false)] }
        return [StreamMessage(session, reply, isData: false)]
    }

    private func closing(_ session: SessionID) -> StreamMessage {
        StreamMessage(session, ["event": ["e": "serverShutdown"]], isData: false, closeCode: 1006)
    }

    private mutating func carryOut(
        _ endpoint: BinanceEndpoint, _ json: JSONValue, _ id: JSONValue, _ session: SessionID, _ venue: inout PaperVenue
    ) -> JSONValue {
        var caller = BinanceCaller(peer: sessions[session]?.peer ?? "", session: session)
        var tellsLimits = true
        do throws(BinanceFailure) {
            let parameters = try BinanceParameters(json)
            tellsLimits = parameters["returnRateLimits"] != "false"
            try spend(endpoint, parameters, &caller, venue)
            try parameters.check(only: endpoint.parameters)
            if endpoint.access == .signed { try authorize(endpoint, parameters, &caller, venue) }
            let value = try answer(endpoint, parameters, caller, &venue)
            var members: [JSONValue.Member] = [.init("id", id), .init("status", 200), .init("result", value)]
            if tellsLimits { members.append(.init("rateLimits", .array(rateLimits(caller, venue)))) }
            return .object(members)
        } catch {
            return Self.reply(id, error, tellsLimits ? rateLimits(caller, venue) : [])
        }
    }

    static func reply(_ id: JSONValue, _ error: BinanceFailure, _ limits: [JSONValue]) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("id", id), .init("status", .integer(Int64(error.status))), .init("error", error.json),
        ]
        if !limits.isEmpty { members.append(.init("rateLimits", .array(limits))) }
        return .object(members)
    }

    private func rateLimits(_ caller: BinanceCaller, _ venue: PaperVenue) -> [JSONValue] {
        let weight = limits.weight(of: caller.peer, at: venue.now)
        let usual = Self.limit("REQUEST_WEIGHT", "MINUTE", 1, BinanceLimits.weightPerMinute, count: weight)
        guard let account = caller.account, caller.isOrder else { return [usual] }
        return (orderRates(account, venue).elements ?? []) + [usual]
    }

    /// The signature is over all other parameters, sorted by name, values as they are.
    private mutating func authorize(
        _ endpoint: BinanceEndpoint, _ parameters: BinanceParameters, _ caller: inout BinanceCaller, _ venue: PaperVenue
    ) throws(BinanceFailure) {
        let account = try Self.account(parameters["apiKey"], venue)
        let signature = try parameters.required("signature")
        _ = try parameters.required("timestamp")
        let signed = parameters.entries.filter { $0.name != "signature" }.sorted { $0.name < $1.name }
            .map { $0.name + "=" + $0.value }.joined(separator: "&")
        guard isSignature(signature, of: Array(signed.utf8), venue.accounts[account]) else { throw .signature }
        try Self.checkTime(parameters, venue)
        caller.account = account
        try spendOrders(endpoint, account, venue)
    }
}

// MARK: - Sessions

extension BinanceDialect {
    mutating func subscribeUserData(_ account: PaperVenue.Account, _ caller: BinanceCaller) throws(BinanceFailure) -> JSONValue {
        guard let session = caller.session, var state = sessions[session] else { throw .combination }
        guard !state.accounts.contains(where: { $0.account == account.id }) else {
            throw BinanceFailure(-2035, "User Data Stream subscription already active.")
        }
        guard state.nextSubscription < BinanceSession.maximumAccounts else {
            throw BinanceFailure(-2035, "Too many subscriptions on this connection.")
        }
        let id = state.nextSubscription
        state.accounts.append((id, account.id))
        state.nextSubscription += 1
        sessions[session] = state
        return ["subscriptionId": .integer(id)]
    }

    mutating func session(
        _ call: BinanceCall, _ parameters: BinanceParameters, _ caller: BinanceCaller, _ venue: PaperVenue
    ) throws(BinanceFailure) -> JSONValue {
        guard let session = caller.session, let state = sessions[session] else { throw .combination }
        switch call {
        case .unsubscribeUserData:
            let id = try parameters.integer("subscriptionId")
            sessions[session]?.accounts.removeAll { id == nil || $0.id == id }
            return [:]
        case .subscriptions: return .array(state.accounts.map { ["subscriptionId": .integer($0.id)] })
        case .sessionStatus:
            return [
                "apiKey": .null, "authorizedSince": .null, "connectedSince": .integer(venue.clock), "returnRateLimits": true,
                "serverTime": .integer(venue.clock), "userDataStream": .bool(!state.accounts.isEmpty),
            ]
        default: throw BinanceFailure(-4056, "HMAC_SHA256 API key is not supported.")
        }
    }
}
