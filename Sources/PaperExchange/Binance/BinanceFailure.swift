import Exchange

/// A request that Binance would refuse: HTTP status, its own code and text.
struct BinanceFailure: Error, Hashable, Sendable {
    var status: Int
    var code: Int64
    var message: String
    /// Where one half of a request failed: what became of both.
    var data: JSONValue?
    /// Seconds of real time to wait, for the header `Retry-After`.
    var retryAfter: Int?

    init(_ code: Int64, _ message: String, status: Int = 400, data: JSONValue? = nil, retryAfter: Int? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.data = data
        self.retryAfter = retryAfter
    }

    /// `{code, msg}`, as it stands in an answer.
    var json: JSONValue {
        var members: [JSONValue.Member] = [.init("code", .integer(code)), .init("msg", .string(message))]
        if let data { members.append(.init("data", data)) }
        return .object(members)
    }
}

// MARK: - The texts that clients look for

extension BinanceFailure {
    static func missing(_ name: String) -> Self {
        Self(-1102, "Mandatory parameter '\(name)' was not sent, was empty/null, or malformed.")
    }
    static func notRequired(_ name: String) -> Self { Self(-1106, "Parameter '\(name)' sent when not required.") }
    static func illegal(_ name: String, _ range: String) -> Self {
        Self(-1100, "Illegal characters found in parameter '\(name)'; legal range is '\(range)'.")
    }
    static func invalid(_ name: String) -> Self { Self(-1130, "Data sent for parameter '\(name)' is not valid.") }
    static func filter(_ name: String) -> Self { Self(-1013, "Filter failure: \(name)") }
    static let combination = Self(-1128, "Combination of optional parameters invalid.")
    static let symbol = Self(-1121, "Invalid symbol.")
    static let unknownOrder = Self(-2011, "Unknown order sent.")
    static let noSuchOrder = Self(-2013, "Order does not exist.")
    static let keyFormat = Self(-2014, "API-key format invalid.", status: 401)
    static let key = Self(-2015, "Invalid API-key, IP, or permissions for action.", status: 401)
    static let signature = Self(-1022, "Signature for this request is not valid.")
    static let backendTimeout = Self(
        -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown.", status: 504)

    static func tooMuch(limit: Int, retryAfter: Int) -> Self {
        Self(
            -1003,
            "Too much request weight used; current limit is \(limit) request weight per 1 MINUTE. "
                + "Please use WebSocket Streams for live updates to avoid polling the API.",
            status: 429, retryAfter: retryAfter)
    }

    static func banned(until time: Int64, retryAfter: Int) -> Self {
        Self(
            -1003,
            "Way too much request weight used; IP banned until \(time). "
                + "Please use WebSocket Streams for live updates to avoid bans.",
            status: 418, retryAfter: retryAfter)
    }
}
