import Crypto
import Exchange
import Foundation
import Kraken
import Market
import Matching
import Money
import SyntheticMarket
import Testing

@testable import PaperExchange

extension PaperHashes {
    /// swift-crypto's, as the server has them.
    static let real = PaperHashes(
        sha256: { Array(SHA256.hash(data: $0)) },
        hmacSHA256: { Array(HMAC<SHA256>.authenticationCode(for: $0, using: SymmetricKey(data: $1))) },
        hmacSHA512: { Array(HMAC<SHA512>.authenticationCode(for: $0, using: SymmetricKey(data: $1))) })
}

/// A paper venue that speaks Kraken, with the connector as its client. All of it in memory.
final class KrakenBench {
    static let start = Timestamp(milliseconds: 1_750_000_000_000)
    static let secret = Data((0..<64).map { UInt8($0) }).base64EncodedString()

    var core: PaperCore
    var now: Int64
    var nonce: UInt64 = 1_750_000_000_000_000
    let credentials = Credentials(key: "paper-key", secret: KrakenBench.secret)
    let trading = KrakenTrading(tier: .pro, isPaper: true)
    let market = KrakenMarketData(tier: .pro)

    /// BTC/USD and SOL/USDT; the account has 10,000 of each quote currency and a bitcoin.
    static func settings() throws -> PaperVenueSettings {
        let pairs = [try #require(Pair("BTC/USD")), try #require(Pair("SOL/USDT"))]
        let market = try SyntheticMarket(seed: 7, pairs: pairs, start: start.advanced(byMilliseconds: -2 * 86_400_000), days: 5)
        let instruments = pairs.map { pair in
            PaperVenueSettings.Instrument(
                pair: pair, tick: Price(units: 1, decimals: pair.base == "BTC" ? 1 : 2), lot: Quantity(units: 1, decimals: 8),
                minimumQuantity: Quantity(units: 5, decimals: 5), minimumNotional: Amount(units: 5, decimals: 1),
                makerFee: 250_000, takerFee: 400_000, feed: .synthetic(market.stream(pair)))
        }
        let balances = [
            "USD": Amount(units: 10_000, decimals: 0), "USDT": Amount(units: 10_000, decimals: 0),
            "BTC": Amount(units: 1, decimals: 0),
        ]
        var reader = PaperVenueSettings.Account(name: "reader", key: "paper-reader", secret: secret, balances: [:])
        reader.canTrade = false
        var settings = PaperVenueSettings(
            name: "paper-kraken", instruments: instruments,
            accounts: [.init(name: "a", key: "paper-key", secret: secret, balances: balances), reader], start: start, seed: 1)
        settings.feesPaidIn = .quote
        settings.enforcesRateLimits = false
        return settings
    }

    init(_ change: (inout PaperVenueSettings) -> Void = { _ in }) throws {
        var settings = try Self.settings()
        change(&settings)
        core = PaperCore(try PaperVenue(settings), KrakenDialect(hashes: .real, tier: .pro))
        now = settings.start.milliseconds
    }

    var moment: SigningMoment { SigningMoment(now: Timestamp(milliseconds: now), nonce: nonce) }

    func pass(_ milliseconds: Int64) {
        // In steps, as the server's clock does it.
        let end = now + milliseconds
        while now < end {
            now = min(end, now + (milliseconds > 10_000 ? 1000 : 100))
            core.tick(now: now)
        }
    }

    /// What the venue answers; nil where it does not.
    func send(_ request: WebRequest) -> WebResponse? {
        guard case .response(let response) = core.respond(to: request, peer: "127.0.0.1", now: now).reply else { return nil }
        return response
    }

    func call<Answer>(_ call: PublicCall<Answer>) throws -> Answer { try call.decode(try #require(send(call.request))) }

    func call<Answer>(_ call: SignedCall<Answer>) throws -> Answer {
        nonce += 1
        let response = send(try trading.sign(call.draft, with: credentials, at: moment))
        return try call.decode(try #require(response))
    }

    /// A signed call by hand.
    func raw(_ name: String, _ parameters: [(String, String)] = [], key: String = "paper-key") throws -> JSONValue {
        nonce += 1
        let draft = RequestDraft(.post, "/0/private/" + name, parameters.map { .init($0.0, $0.1) })
        let request = try trading.sign(draft, with: Credentials(key: key, secret: Self.secret), at: moment)
        return try JSONValue(parsing: try #require(send(request)).body)
    }

    func get(_ name: String, _ query: String = "") throws -> JSONValue {
        let request = WebRequest(.get, "/0/public/" + name, query: query, headers: [WebHeader("User-Agent", "test")])
        return try JSONValue(parsing: try #require(send(request)).body)
    }

    func instruments() throws -> [TradedInstrument] {
        var answers: [WebResponse] = []
        for call in market.marketList() { answers.append(try self.call(call)) }
        return try market.instruments(from: answers)
    }

    func bitcoin() throws -> TradedInstrument {
        let all = try instruments()
        return try #require(all.first { $0.symbol == "XXBTZUSD" })
    }

    var lastPrice: Price {
        get throws {
            let venue = core.venue
            let trade = try #require(venue.engine.lastTrade(venue.instruments[0].id))
            return venue.instruments[0].price(trade.price)
        }
    }

    /// A price so many parts of a thousand above the last one.
    func price(_ thousandths: Int64) throws -> Price {
        let last = try lastPrice
        return Price(units: last.units + last.units * thousandths / 1000, decimals: Int(last.decimals))
    }

    func place(
        _ side: OrderSide, _ kind: Exchange.OrderKind, _ quantity: String = "0.01", id: String = "swx0001",
        timeInForce: Exchange.TimeInForce = .goodTilCanceled, deadline: Timestamp? = nil
    ) throws -> OrderReport {
        let intent = OrderIntent(
            side, kind, quantity: try #require(Quantity(quantity)), timeInForce: timeInForce, clientOrderID: ClientOrderID(id),
            deadline: deadline)
        let instrument = try bitcoin()
        return try call(try trading.place(intent, instrument, at: Timestamp(milliseconds: now)))
    }

    func query(_ report: OrderReport) throws -> OrderReport {
        let instrument = try bitcoin()
        return try call(trading.order(.venue(report.venueOrderID), instrument))
    }

    // MARK: Streams

    func open(_ path: String = "/v2") throws -> SessionID {
        try #require(opened(path))
    }

    func opened(_ path: String) -> SessionID? { core.open(WebRequest(.get, path), peer: "127.0.0.1", now: now) }

    /// Whether the fault was taken.
    func inject(_ kind: PaperFault.Kind, target: PaperFault.Target = .any, count: Int? = nil) -> Bool {
        core.venue.faults.add(PaperFault(kind, target: target, count: count))
    }

    func say(_ text: String, _ session: SessionID) { core.receive(Array(text.utf8), from: session, now: now) }

    /// What was sent since it was asked last.
    func heard() -> [[UInt8]] {
        core.drainActions().compactMap { if case .send(_, let text) = $0 { text } else { nil } }
    }

    func heardValues() throws -> [JSONValue] { try heard().map { try JSONValue(parsing: $0) } }
}

/// The error that a body throws; records an issue where it throws none.
func krakenError(_ body: () throws -> Void) -> VenueError? {
    do {
        try body()
        Issue.record("no error was thrown")
        return nil
    } catch {
        return error as? VenueError
    }
}

extension KrakenBench {
    /// A request whose body is signed as it is.
    func signed(_ name: String, _ body: [UInt8], isJSON: Bool = false) throws -> WebRequest {
        nonce += 1
        let path = "/0/private/" + name
        let digest = PaperHashes.real.sha256(Array(String(nonce).utf8) + body)
        let key = try #require(Data(base64Encoded: Self.secret))
        let code = PaperHashes.real.hmacSHA512(Array(path.utf8) + digest, Array(key))
        return WebRequest(
            .post, path,
            headers: [
                WebHeader("API-Key", "paper-key"), WebHeader("API-Sign", Data(code).base64EncodedString()),
                WebHeader("Content-Type", isJSON ? "application/json" : "application/x-www-form-urlencoded"),
                WebHeader("User-Agent", "test"),
            ], body: body)
    }

    /// A call with a JSON body, in which NONCE is replaced.
    func json(_ name: String, _ body: String) throws -> JSONValue {
        let bytes = Array(body.replacingOccurrences(of: "NONCE", with: String(nonce + 1)).utf8)
        return try JSONValue(parsing: try #require(send(try signed(name, bytes, isJSON: true))).body)
    }
}
