import Exchange

// Who may ask, and how often.

extension BinanceDialect {
    /// Counts what a request costs; refuses it beyond the limits where the venue enforces them.
    mutating func spend(
        _ endpoint: BinanceEndpoint, _ parameters: BinanceParameters, _ caller: inout BinanceCaller, _ venue: PaperVenue
    ) throws(BinanceFailure) {
        caller.isOrder = endpoint.orders > 0
        do throws(BinanceFailure) {
            try limits.take(endpoint.weight(of: parameters), from: caller.peer, at: venue.now, clock: venue.clock)
        } catch {
            if venue.settings.enforcesRateLimits { throw error }
        }
    }

    /// Counts the orders of a signed request.
    mutating func spendOrders(_ endpoint: BinanceEndpoint, _ account: Int, _ venue: PaperVenue) throws(BinanceFailure) {
        guard endpoint.orders > 0 else { return }
        if venue.settings.enforcesRateLimits {
            try limits.take(orders: endpoint.orders, of: account, at: venue.now)
        } else {
            limits.add(orders: endpoint.orders, of: account, at: venue.now)
        }
    }

    /// Checks the parameters' names, and key, signature and time of a signed request.
    mutating func authorize(
        _ endpoint: BinanceEndpoint, _ parameters: BinanceParameters, _ request: WebRequest, _ caller: inout BinanceCaller,
        _ venue: PaperVenue
    ) throws(BinanceFailure) {
        try parameters.check(only: endpoint.parameters)
        guard endpoint.access == .signed else { return }
        let account = try Self.account(request.header("X-MBX-APIKEY"), venue)
        let signature = try parameters.required("signature")
        _ = try parameters.required("timestamp")
        let signed = Self.withoutSignature(Array(request.query.utf8)) + Self.withoutSignature(request.body)
        guard isSignature(signature, of: signed, venue.accounts[account]) else { throw .signature }
        try Self.checkTime(parameters, venue)
        caller.account = account
        try spendOrders(endpoint, account, venue)
    }

    static func account(_ key: String?, _ venue: PaperVenue) throws(BinanceFailure) -> Int {
        guard let key, 1...128 ~= key.utf8.count,
            key.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            })
        else { throw .keyFormat }
        guard let index = venue.accountIndex(key: key) else { throw .key }
        return index
    }

    func isSignature(_ signature: String, of data: [UInt8], _ account: PaperVenue.Account) -> Bool {
        let digits = Array("0123456789abcdef".utf8)
        let expected = hashes.hmacSHA256(data, Array(account.settings.secret.utf8)).flatMap { byte in
            [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        let given = Array(signature.lowercased().utf8)
        guard given.count == expected.count else { return false }
        return zip(given, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// The bytes as they were sent, but for the signature and the `&` that joins it.
    static func withoutSignature(_ bytes: [UInt8]) -> [UInt8] {
        let name = Array("signature=".utf8)
        let parts = bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        guard let place = parts.firstIndex(where: { $0.starts(with: name) }) else { return bytes }
        var kept = parts
        kept.remove(at: place)
        return Array(kept.joined(separator: [UInt8(ascii: "&")]))
    }

    /// The request's time must be near the venue's; in an accelerated venue the window is as much wider.
    static func checkTime(_ parameters: BinanceParameters, _ venue: PaperVenue) throws(BinanceFailure) {
        guard var time = try parameters.integer("timestamp") else { throw .missing("timestamp") }
        // Microseconds are taken too.
        if time > 100_000_000_000_000 { time /= 1000 }
        let window = try receiveWindow(parameters)
        let speed = max(1, venue.settings.speed)
        let server = venue.clock
        guard Double(time) < Double(server) + 1000 * speed else {
            throw BinanceFailure(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        }
        guard Double(server) - Double(time) <= window * speed else {
            throw BinanceFailure(-1021, "Timestamp for this request is outside of the recvWindow.")
        }
    }

    /// In milliseconds; up to three decimals.
    private static func receiveWindow(_ parameters: BinanceParameters) throws(BinanceFailure) -> Double {
        guard let text = try parameters.text("recvWindow") else { return 5000 }
        let isNumber = text.utf8.count <= 10 && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == 0x2E }
        guard isNumber, let value = Double(text) else { throw .illegal("recvWindow", "^[0-9]{1,5}(\\.[0-9]{1,3})?$") }
        guard value <= 60_000 else { throw BinanceFailure(-1131, "recvWindow must be less than 60000") }
        return value
    }
}
