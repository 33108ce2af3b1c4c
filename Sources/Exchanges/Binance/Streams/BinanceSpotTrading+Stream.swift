package import Exchange
import Market

extension BinanceSpotTrading {
    /// The subscription is signed itself.
    package func streamToken() -> SignedCall<String>? { nil }
    package func renewStreamToken(_ token: String) -> (every: Duration, call: SignedCall<Void>)? { nil }
    /// Of the WebSocket API, which has a host of its own.
    package func accountStreamPath(token: String?) -> String { "/ws-api/v3" }

    package func subscribeToAccount(
        token: String?, credentials: Credentials, at moment: SigningMoment, id: Int64
    ) throws(VenueError) -> [String] {
        [
            try webSocketRequest(
                "userDataStream.subscribe.signature", [:], credentials: credentials, at: moment, id: id)
        ]
    }

    /// A signed request of the WebSocket API. The signature is over key, time stamp, receive window and `parameters`, sorted by name.
    ///
    /// Values are texts, numbers or booleans; what a list or an object would be signed as, the venue does not say.
    package func webSocketRequest(
        _ method: String, _ parameters: [String: JSONValue], credentials: Credentials, at moment: SigningMoment, id: Int64
    ) throws(VenueError) -> String {
        var all = parameters
        all["apiKey"] = .string(credentials.key)
        all["recvWindow"] = all["recvWindow"] ?? .integer(Int64(receiveWindow))
        all["timestamp"] = all["timestamp"] ?? .integer(moment.now.milliseconds)
        let sorted = all.sorted { $0.key < $1.key }
        let text = BinanceEncoding.form(sorted.map { .init($0.key, Self.text($0.value)) })
        let signature = try BinanceSigner(secret: credentials.secret).signature(of: text)
        let members = sorted.map { JSONValue.Member($0.key, $0.value) } + [.init("signature", .string(signature))]
        let message: JSONValue = ["id": .string(String(id)), "method": .string(method), "params": .object(members)]
        return String(decoding: message.bytes, as: UTF8.self)
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text), .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        default: String(decoding: value.bytes, as: UTF8.self)
        }
    }

    package func decodeAccount(_ message: [UInt8]) throws(VenueError) -> AccountInput {
        // A message of the stream that cannot be read is no answer to a request: read it again over REST.
        let json = try Self.reading.read { () throws(JSONError) in try JSONValue(parsing: message) }
        if let event = json["event"] { return try Self.input(event) }
        if json.has("e") { return try Self.input(json) }
        return BinanceUserStream.acknowledgement(json, system: .spot)
    }

    private static func input(_ event: JSONValue) throws(VenueError) -> AccountInput {
        try reading.read { () throws(JSONError) in
            switch event["e"]?.text {
            case "executionReport": .events([try BinanceExecutionReport.event(event)])
            case "outboundAccountPosition": .events([.balances(try balances(event))])
            case "eventStreamTerminated": .events([.ended(reason: "the venue ended the user stream")])
            case "serverShutdown": .closingSoon
            // `balanceUpdate` (a transfer) and `listStatus` (an OCO) say nothing that the events with them do not say.
            default: .ignored
            }
        }
    }

    private static func balances(_ event: JSONValue) throws(JSONError) -> [Balance] {
        var balances: [Balance] = []
        for entry in try event.required("B", { $0.elements }) {
            balances.append(
                Balance(asset: try entry.text("a"), free: try entry.amount("f"), locked: try entry.amount("l")))
        }
        return balances
    }
}
