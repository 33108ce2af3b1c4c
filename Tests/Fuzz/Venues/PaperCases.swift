import Exchange
import Foundation
import Market
import Matching
import Money
import PaperExchange
import SyntheticMarket

// Requests and messages of hostile clients, to a paper exchange.

let paperCases: [FuzzCase] = [
    FuzzCase("paper binance", seeds: binanceSeeds) { PaperShell.binance.answers($0) },
    FuzzCase("paper kraken", seeds: krakenSeeds) { PaperShell.kraken.answers($0) },
]

/// One client of a venue. The first byte of each record says what it does.
private struct PaperShell: Sendable {
    enum Form { case binance, kraken }

    /// Made once: every input begins with a copy.
    static let binance = PaperShell(.binance)
    static let kraken = PaperShell(.kraken)

    private static let secret = Data((0..<64).map { UInt8($0) }).base64EncodedString()
    private let form: Form
    private var core: PaperCore
    private var now: Int64
    private var nonce: UInt64 = 1
    private var sessions: [SessionID] = []

    private init(_ form: Form) {
        self.form = form
        do {
            let settings = try Self.settings(form)
            now = settings.start.milliseconds
            let dialect: any PaperDialect =
                form == .binance ? BinanceDialect(hashes: Self.hashes) : KrakenDialect(hashes: Self.hashes, tier: .pro)
            core = PaperCore(try PaperVenue(settings), dialect)
        } catch { preconditionFailure("no paper venue: \(error)") }
        now += 1000
        core.tick(now: now)
        _ = core.drainActions()
    }

    private static func settings(_ form: Form) throws -> PaperVenueSettings {
        let start = Timestamp(milliseconds: 1_750_000_000_000)
        let pairs = [form == .binance ? "SOL/USDT" : "BTC/USD"].compactMap { Pair($0) }
        let market = try SyntheticMarket(seed: 7, pairs: pairs, start: start.advanced(byMilliseconds: -3_600_000), days: 2)
        let instruments = pairs.map { pair in
            PaperVenueSettings.Instrument(
                pair: pair, tick: Price(units: 1, decimals: 1), lot: Quantity(units: 1, decimals: 5),
                minimumQuantity: Quantity(units: 1, decimals: 5), minimumNotional: Amount(units: 5, decimals: 1),
                makerFee: 100_000, takerFee: 100_000, feed: .synthetic(market.stream(pair)))
        }
        var balances: [String: Amount] = [:]
        for pair in pairs {
            balances[pair.base] = Amount(units: 100, decimals: 0)
            balances[pair.quote] = Amount(units: 1_000_000, decimals: 0)
        }
        let account = PaperVenueSettings.Account(name: "a", key: "paper-key", secret: secret, balances: balances)
        var settings = PaperVenueSettings(
            name: "paper", instruments: instruments, accounts: [account], start: start, seed: 1)
        settings.enforcesRateLimits = false
        settings.historyCandles = 500
        if form == .kraken { settings.feesPaidIn = .quote }
        return settings
    }

    /// No cryptography: 32 bytes that depend on all of key and data.
    private static let hashes = PaperHashes(sha256: { mix($0, []) }, hmacSHA256: { mix($0, $1) }, hmacSHA512: { mix($0, $1) })

    private static func mix(_ data: [UInt8], _ key: [UInt8]) -> [UInt8] {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key + [0xFF] + data { state = (state ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        return (0..<32).map { UInt8(truncatingIfNeeded: (state &* 0x9E37_79B9_7F4A_7C15) >> UInt64($0)) }
    }
}

// MARK: - What a client does

extension PaperShell {
    /// Whether each request of the input was answered well.
    func answers(_ bytes: [UInt8]) -> Bool {
        var shell = self
        var isGood = true
        for record in bytes.split(separator: recordSeparator, omittingEmptySubsequences: false).prefix(50) {
            isGood = shell.carryOut(record) && isGood
        }
        shell.finish()
        return isGood
    }

    private mutating func carryOut(_ record: ArraySlice<UInt8>) -> Bool {
        let text = Array(record.dropFirst())
        now += 7
        switch (record.first ?? 0) % 6 {
        case 0: return send(request(text))
        case 1: return send(signed(text))
        case 2:
            let request = request(text)
            guard let session = core.open(WebRequest(.get, request.path, query: request.query), peer: "127.0.0.1", now: now)
            else { return false }
            sessions.append(session)
        case 3: return say(text)
        case 4: return say(signedMessage(text))
        default:
            now += Int64(text.first ?? 0) * 25
            core.tick(now: now)
        }
        return true
    }

    private mutating func say(_ text: [UInt8]) -> Bool {
        guard let session = sessions.last else { return false }
        core.receive(text, from: session, now: now)
        return true
    }

    private mutating func send(_ request: WebRequest) -> Bool {
        guard case .response(let response) = core.respond(to: request, peer: "127.0.0.1", now: now).reply else { return false }
        precondition((200...599).contains(response.status), "status \(response.status)")
        let answer = try? JSONValue(parsing: response.body)
        // Binance answers paths that it does not have with a page.
        precondition(
            answer != nil || response.status == 404, "an answer is JSON: \(String(decoding: response.body, as: UTF8.self))")
        return response.status == 200 && answer?["error"]?.elements?.isEmpty ?? true
    }

    /// All that is sent is JSON, and no money came or went.
    private mutating func finish() {
        core.tick(now: now + 100)
        for action in core.drainActions() {
            guard case .send(_, let text) = action else { continue }
            precondition((try? JSONValue(parsing: text)) != nil, "a message is JSON: \(String(decoding: text, as: UTF8.self))")
        }
        for asset in core.venue.assets {
            precondition(core.venue.engine.total(asset.id) == core.venue.engine.deposited(asset.id), "money of \(asset.name)")
        }
        for session in sessions { core.close(session) }
    }
}

// MARK: - Requests

extension PaperShell {
    /// A letter for the method, the path, then behind `?` the query and in the next line the body.
    private func request(_ bytes: [UInt8]) -> WebRequest {
        let methods: [UInt8: WebRequest.Method] = [0x50: .post, 0x55: .put, 0x44: .delete]
        let head = bytes.dropFirst().prefix { $0 != 0x0A }
        let body = bytes.dropFirst(head.count + 2)
        let parts = head.split(separator: 0x3F, maxSplits: 1, omittingEmptySubsequences: false)
        return WebRequest(
            methods[bytes.first ?? 0] ?? .get, String(decoding: parts.first ?? [], as: UTF8.self),
            query: parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : "", headers: headers(isJSON: body.first == 0x7B),
            body: Array(body))
    }

    private func headers(isJSON: Bool) -> [WebHeader] {
        [
            WebHeader("X-MBX-APIKEY", "paper-key"), WebHeader("API-Key", "paper-key"), WebHeader("User-Agent", "fuzz"),
            WebHeader("Content-Type", isJSON ? "application/json" : "application/x-www-form-urlencoded"),
        ]
    }

    /// As before, with time or nonce and the right signature.
    private mutating func signed(_ bytes: [UInt8]) -> WebRequest {
        var result = request(bytes)
        nonce += 1
        switch form {
        case .binance:
            let isInBody = !result.body.isEmpty
            let all = (isInBody ? String(decoding: result.body, as: UTF8.self) : result.query) + "&timestamp=\(now)"
            let text = all.hasPrefix("&") ? String(all.dropFirst()) : all
            let signature = Self.hex(
                Self.hashes.hmacSHA256(Array(((isInBody ? result.query : "") + text).utf8), Array(Self.secret.utf8)))
            let whole = text + "&signature=" + signature
            if isInBody { result.body = Array(whole.utf8) } else { result.query = whole }
        case .kraken:
            if result.body.first == 0x7B {
                result.body = Array("{\"nonce\":\(nonce),".utf8) + result.body.dropFirst()
            } else {
                result.body = Array("nonce=\(nonce)&".utf8) + result.body
            }
            let digest = Self.hashes.sha256(Array(String(nonce).utf8) + result.body)
            let key = Array(Data(base64Encoded: Self.secret) ?? Data())
            let code = Self.hashes.hmacSHA512(Array(result.path.utf8) + digest, key)
            result.headers.append(WebHeader("API-Sign", Data(code).base64EncodedString()))
        }
        return result
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// A message of a WebSocket API with key, time and signature; on Kraken with a token that a signed call yields.
    private mutating func signedMessage(_ bytes: [UInt8]) -> [UInt8] {
        guard let message = try? JSONValue(parsing: bytes), var members = message.members,
            let place = members.firstIndex(where: { $0.name == "params" }), var parameters = members[place].value.members
        else { return bytes }
        switch form {
        case .binance:
            parameters += [.init("apiKey", .string("paper-key")), .init("timestamp", .integer(now))]
            let text = parameters.sorted { $0.name < $1.name }.map { $0.name + "=" + ($0.value.digits ?? "") }.joined(
                separator: "&")
            let signature = Self.hashes.hmacSHA256(Array(text.utf8), Array(Self.secret.utf8))
            parameters.append(.init("signature", .string(Self.hex(signature))))
        case .kraken:
            let call = signed(Array("P/0/private/GetWebSocketsToken\n".utf8))
            guard case .response(let response) = core.respond(to: call, peer: "127.0.0.1", now: now).reply,
                let token = (try? JSONValue(parsing: response.body))?["result"]?["token"]
            else { return bytes }
            parameters.append(.init("token", token))
        }
        members[place].value = .object(parameters)
        return JSONValue.object(members).bytes
    }
}
