import Exchange
import Market
import Matching
import Money
import SyntheticMarket
import Testing

@testable import PaperExchange

/// A paper Binance with one account, asked as a client asks it, without a network.
struct BinanceBench {
    var core: PaperCore
    var now: Int64
    var timeOffset: Int64 = 0
    var key = "paper-key"
    var secret = "secret"
    private var inbox: [SessionID: [JSONValue]] = [:]
    private(set) var closed: [SessionID: UInt16?] = [:]

    init(_ change: (inout PaperVenueSettings) -> Void = { _ in }) throws {
        var settings = try MarketTests.settings()
        change(&settings)
        now = settings.start.milliseconds
        core = PaperCore(try PaperVenue(settings), BinanceDialect(hashes: Self.hashes))
        // A second of market, so that there are trades.
        advance(1000)
    }

    /// No cryptography: 32 bytes that depend on all of key and data.
    static let hashes = PaperHashes(sha256: { mix($0, []) }, hmacSHA256: { mix($0, $1) }, hmacSHA512: { mix($0, $1) })

    private static func mix(_ data: [UInt8], _ key: [UInt8]) -> [UInt8] {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key + [0xFF] + data { state = (state ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        var random = SplitMix64(seed: state)
        return (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    var instrument: PaperInstrument { core.venue.instruments[0] }
    var account: AccountID { core.venue.accounts[0].id }
    var last: Int64 { core.venue.engine.lastTrade(InstrumentID(0))?.price ?? 0 }

    func price(_ percent: Int64) -> String { instrument.binancePrice(last * percent / 100) }

    mutating func advance(_ milliseconds: Int64) {
        let end = now + milliseconds
        while now < end {
            now = min(now + 100, end)
            core.tick(now: now)
        }
        sort()
    }

    /// Time goes on with a single tick at its end.
    mutating func jump(_ milliseconds: Int64) {
        now += milliseconds
        core.tick(now: now)
        sort()
    }

    // MARK: - REST

    static func query(_ parameters: [(String, String)]) -> String {
        parameters.map { $0.0 + "=" + encoded($0.1) }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) { return String(character) }
            let hex = String(byte, radix: 16, uppercase: true)
            return "%" + (hex.count < 2 ? "0" : "") + hex
        }.joined()
    }

    func signature(_ text: String) -> String {
        Self.hashes.hmacSHA256(Array(text.utf8), Array(secret.utf8)).map { byte in
            let hex = String(byte, radix: 16)
            return hex.count < 2 ? "0" + hex : hex
        }.joined()
    }

    mutating func send(_ request: WebRequest) -> WebResponse {
        let answer = core.respond(to: request, peer: "127.0.0.1", now: now)
        sort()
        if case .response(let response) = answer.reply { return response }
        return WebResponse(status: 599)
    }

    mutating func get(_ path: String, _ parameters: [(String, String)] = []) throws -> JSONValue {
        let response = send(WebRequest(.get, path, query: Self.query(parameters)))
        return try JSONValue(parsing: response.body)
    }

    func signedRequest(
        _ method: WebRequest.Method, _ path: String, _ parameters: [(String, String)], recvWindow: Int64 = 5000
    ) -> WebRequest {
        let all = parameters + [("timestamp", String(now + timeOffset)), ("recvWindow", String(recvWindow))]
        let text = Self.query(all)
        let signed = text + "&signature=" + signature(text)
        let headers = [WebHeader("X-MBX-APIKEY", key)]
        return method == .post
            ? WebRequest(method, path, headers: headers, body: Array(signed.utf8))
            : WebRequest(method, path, query: signed, headers: headers)
    }

    mutating func signedResponse(
        _ method: WebRequest.Method, _ path: String, _ parameters: [(String, String)] = []
    ) -> WebResponse {
        send(signedRequest(method, path, parameters))
    }

    mutating func signed(
        _ method: WebRequest.Method, _ path: String, _ parameters: [(String, String)] = []
    ) throws -> JSONValue {
        try JSONValue(parsing: signedResponse(method, path, parameters).body)
    }

    /// A new order of `BTCUSDT`.
    mutating func order(_ side: String, _ type: String, _ more: [(String, String)]) throws -> JSONValue {
        try signed(.post, "/api/v3/order", [("symbol", "BTCUSDT"), ("side", side), ("type", type)] + more)
    }

    mutating func limit(_ side: String, _ percent: Int64, _ quantity: String = "0.01", id: String? = nil) throws -> JSONValue {
        try order(
            side, "LIMIT",
            [("timeInForce", "GTC"), ("quantity", quantity), ("price", price(percent))]
                + (id.map { [("newClientOrderId", $0)] } ?? []))
    }

    // MARK: - Streams

    mutating func open(_ path: String, query: String = "") throws -> SessionID {
        let session = core.open(WebRequest(.get, path, query: query), peer: "127.0.0.1", now: now)
        sort()
        return try #require(session)
    }

    mutating func say(_ text: String, _ session: SessionID) {
        core.receive(Array(text.utf8), from: session, now: now)
        sort()
    }

    /// Signed as ccxt signs it: sorted by name.
    mutating func ask(
        _ method: String, _ parameters: [String: String], _ session: SessionID, isSigned: Bool = true
    ) throws -> JSONValue {
        var all = parameters
        if isSigned {
            all["apiKey"] = key
            all["timestamp"] = String(now + timeOffset)
            let text = all.sorted { $0.key < $1.key }.map { $0.key + "=" + $0.value }.joined(separator: "&")
            all["signature"] = signature(text)
        }
        let members = all.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
        let request: JSONValue = ["id": "7", "method": .string(method), "params": .object(members)]
        say(String(decoding: request.bytes, as: UTF8.self), session)
        let answer = inbox[session]?.first { $0["id"]?.text == "7" }
        inbox[session]?.removeAll { $0["id"]?.text == "7" }
        return try #require(answer)
    }

    /// What came over a stream since it was asked last.
    mutating func messages(_ session: SessionID) -> [JSONValue] { inbox.removeValue(forKey: session) ?? [] }

    private mutating func sort() {
        for action in core.drainActions() {
            switch action {
            case .send(let session, let text):
                guard let json = try? JSONValue(parsing: text) else {
                    Issue.record("no JSON: \(String(decoding: text, as: UTF8.self))")
                    continue
                }
                inbox[session, default: []].append(json)
            case .close(let session, let code): closed[session] = .some(code)
            }
        }
    }
}

extension JSONValue {
    var code: Int64? { self["code"]?.integer }
    var message: String? { self["msg"]?.text }
}
