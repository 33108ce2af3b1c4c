import Exchange
import Market
import Money

/// The outer members of a stream message. What `data` holds is read once the channel is known; it comes first in practice.
struct KrakenEnvelope {
    enum Channel { case trade, book, ohlc, ticker, executions, balances, status, heartbeat, other }

    var channel: Channel?
    var isSnapshot = false
    /// Stands before the value of `data`.
    var data: JSONScanner?
    /// Members of answers to requests.
    var isReply = false
    var isPong = false
    var requestID: Int64?
    var success: Bool?
    var error: String?

    /// Reads all but `data`, which is checked for its structure only, unless `readData` reads it: it gets what stood before.
    init(
        _ message: [UInt8], readData: (inout JSONScanner, Self) throws(JSONError) -> Void = { (_, _) throws(JSONError) in }
    ) throws(JSONError) {
        var scanner = JSONScanner(message)
        var envelope = Self()
        try scanner.object { (scanner, key) throws(JSONError) in
            guard scanner.isKey(key, "data") else { return try envelope.member(&scanner, key) }
            envelope.data = scanner
            try readData(&scanner, envelope)
        }
        try scanner.end()
        self = envelope
    }

    private init() {}

    private mutating func member(_ scanner: inout JSONScanner, _ key: JSONScanner.Key) throws(JSONError) {
        if scanner.isKey(key, "channel") {
            channel = Self.channel(&scanner, try scanner.rawString())
        } else if scanner.isKey(key, "type") {
            let range = try scanner.rawString()
            isSnapshot = scanner.equals(range, "snapshot")
        } else {
            try reply(&scanner, key)
        }
    }

    private mutating func reply(_ scanner: inout JSONScanner, _ key: JSONScanner.Key) throws(JSONError) {
        if scanner.isKey(key, "method") {
            let range = try scanner.rawString()
            isReply = true
            isPong = scanner.equals(range, "pong")
        } else if scanner.isKey(key, "req_id") {
            if !scanner.null() { requestID = try scanner.integer() }
        } else if scanner.isKey(key, "success") {
            success = try scanner.bool()
        } else if scanner.isKey(key, "error") {
            if !scanner.null() { error = try scanner.string() }
        }
    }

    private static func channel(_ scanner: inout JSONScanner, _ range: Range<Int>) -> Channel {
        if scanner.equals(range, "book") { return .book }
        if scanner.equals(range, "trade") { return .trade }
        if scanner.equals(range, "ticker") { return .ticker }
        if scanner.equals(range, "ohlc") { return .ohlc }
        if scanner.equals(range, "heartbeat") { return .heartbeat }
        if scanner.equals(range, "executions") { return .executions }
        if scanner.equals(range, "balances") { return .balances }
        return scanner.equals(range, "status") ? .status : .other
    }

    /// The error of an answer to a request; nil: it was accepted.
    var failure: VenueError? {
        if let error { return KrakenErrors.error(error, changesState: false, now: nil) }
        guard success == false else { return nil }
        return VenueError(.rejected, .permanent, code: "no-success", message: "Kraken refused the request and gave no reason")
    }

    /// The state in a message of the status channel.
    func systemStatus() throws(JSONError) -> KrakenSystemStatus? {
        guard var scanner = data else { return nil }
        var status: KrakenSystemStatus?
        try scanner.array { (scanner, _) throws(JSONError) in
            try scanner.object { (scanner, key) throws(JSONError) in
                if scanner.isKey(key, "system") { status = KrakenSystemStatus(try scanner.string()) }
            }
        }
        return status
    }
}

extension JSONScanner {
    /// RFC 3339 in quotes.
    mutating func krakenTime() throws(JSONError) -> Timestamp {
        let range = try rawString()
        guard let time = KrakenTime.rfc3339(self[range]) else {
            throw JSONError(.expected("a time in UTC"), at: range.lowerBound)
        }
        return time
    }

    /// `buy` or `sell`.
    mutating func krakenSide() throws(JSONError) -> OrderSide {
        let range = try rawString()
        if equals(range, "buy") { return .buy }
        guard equals(range, "sell") else { throw JSONError(.expected("buy or sell"), at: range.lowerBound) }
        return .sell
    }

    /// A finite double, bare or in quotes.
    mutating func krakenDouble() throws(JSONError) -> Double {
        let range = try digits()
        guard let value = Double(String(decoding: self[range], as: UTF8.self)), value.isFinite else {
            throw JSONError(.invalidNumber, at: range.lowerBound)
        }
        return value
    }
}

extension Optional {
    /// The member, which must have been there.
    func member(_ name: JSONError.StaticText, at offset: Int) throws(JSONError) -> Wrapped {
        guard let self else { throw JSONError(.missing(name), at: offset) }
        return self
    }
}
