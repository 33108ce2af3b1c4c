import Exchange
import Market
import Money
import Testing

@testable import Kraken

/// What ccxt.pro subscribes to, how ccxt reads the market list, and what it takes errors for.
struct CorpusTests {
    private static let token = "1Dwc4lzSwNWOAwkMdqhssNNFhs1ed606d1WcF3XfEMw"

    /// Members of `params` that only we send, and why.
    private static let additions: [String: (members: Set<String>, reason: String)] = [
        "ticker": (["event_trigger"], "without it only trades bring a quote, not each change of bid and ask")
    ]

    private static func message(_ name: String, id: Int64) throws -> JSONValue? {
        var instrument = try Sample.instrument
        instrument.streamSymbol = "BTC/USDT"
        let market = KrakenMarketData()
        let text: String?
        switch name {
        case "trades": text = market.subscribe([.trades(instrument)], id: id).first
        case "ohlcv": text = market.subscribe([.candles(instrument, .oneMinute)], id: id).first
        case "orderbook": text = market.subscribe([.book(instrument, depth: 10)], id: id).first
        case "ticker": text = market.subscribe([.quote(instrument)], id: id).first
        case "orders", "balance":
            let messages = try KrakenTrading().subscribeToAccount(
                token: token, credentials: Credentials(key: "", secret: ""), at: SigningMoment(now: Sample.now, nonce: 1),
                id: name == "orders" ? id : id - 1)
            text = name == "orders" ? messages.first : messages.last
        default: text = nil
        }
        return try text.map { try JSONValue(parsing: Array($0.utf8)) }
    }

    private static func set(_ value: JSONValue?) -> Set<JSONValue.Member> { Set(value?.members ?? []) }

    @Test func `every subscription is the one that ccxt pro sends`() throws {
        guard let file = try Corpus.json("ws_messages.json") else { return }
        var count = 0
        var others: [String] = []
        for item in Corpus.cases(file) {
            let name = try #require(item["case"]?.text)
            guard let sent = item["sent"]?[0]?["message"] else { continue }
            guard let ours = try Self.message(name, id: try #require(sent["req_id"]?.integer)) else {
                others.append(name)
                continue
            }
            #expect(ours["method"] == sent["method"], "\(name)")
            #expect(ours["req_id"] == sent["req_id"], "\(name)")
            let (mine, theirs) = (Self.set(ours["params"]), Self.set(sent["params"]))
            #expect(theirs.subtracting(mine).isEmpty, "\(name)")
            #expect(Set(mine.subtracting(theirs).map(\.name)) == Self.additions[name]?.members ?? [], "\(name)")
            count += 1
        }
        // Orders go over REST, where a lost answer has a status.
        #expect(others == ["create_order_ws"])
        #expect(count == 6)
        print("subscriptions of kraken: \(count), not ours: \(others)")
    }

    @Test func `every market has the steps, limits and fees that ccxt reads`() throws {
        guard let markets = try Corpus.json("markets.json")?["kraken"], let assets = Corpus.bytes("raw/kraken_Assets.json"),
            let pairs = Corpus.bytes("raw/kraken_AssetPairs.json")
        else { return }
        let venue = KrakenMarketData()
        let asked = venue.marketList().map { "https://api.kraken.com" + $0.request.path }
        #expect(asked == markets["_requests"]?.elements?.compactMap(\.text))
        let answers = [WebResponse(status: 200, body: assets), WebResponse(status: 200, body: pairs)]
        let instruments = try venue.instruments(from: answers)
        var count = 0
        for market in markets.members ?? [] where !market.name.hasPrefix("_") {
            let instrument = try #require(instruments.first { $0.pair.description == market.name })
            let value = market.value
            #expect(instrument.symbol == value["id"]?.text)
            #expect(instrument.streamSymbol == market.name)
            #expect(instrument.isTrading == value["active"]?.bool)
            #expect(instrument.quantityStep.approximation == value["precision"]?["amount"]?.double)
            #expect(instrument.priceTick.approximation == value["precision"]?["price"]?.double)
            #expect(instrument.minimumQuantity?.approximation == value["limits"]?["amount"]?["min"]?.double)
            #expect(instrument.minimumNotional?.approximation == value["limits"]?["cost"]?["min"]?.double)
            #expect(instrument.takerFee?.approximation == value["taker"]?.double)
            #expect(instrument.makerFee?.approximation == value["maker"]?.double)
            for rounding in markets["_rounding"]?[market.name]?.members ?? [] {
                let words = rounding.name.split(separator: " ")
                let number = try Sample.quantity(String(words[1]))
                let rounded =
                    words[0] == "amount"
                    ? number.rounded(toMultipleOf: instrument.quantityStep, .down)?.description
                    : Price(units: number.units, decimals: Int(number.decimals)).rounded(
                        toMultipleOf: instrument.priceTick, .nearest)?
                        .description
                #expect(rounded == rounding.value.text)
            }
            count += 1
        }
        #expect(count == instruments.count && count == 1)
        print("markets of kraken: \(count)")
    }

    private static let kinds: [String: VenueError.Kind] = [
        "BadSymbol": .badSymbol, "AuthenticationError": .authentication, "InsufficientFunds": .insufficientFunds,
        "ExchangeNotAvailable": .unavailable, "DDoSProtection": .rateLimited, "RateLimitExceeded": .rateLimited,
        "PermissionDenied": .permissionDenied, "InvalidOrder": .invalidOrder, "BadRequest": .badRequest,
        "InvalidNonce": .invalidNonce,
        "OnMaintenance": .onMaintenance, "AccountSuspended": .accountSuspended,
    ]

    private static let errorExceptions: [String: (kind: VenueError.Kind, reason: String)] = [
        "EOrder:Unknown order": (
            .orderNotFound, "ccxt takes it for a wrong order; it is the answer to a cancel or query of none"
        ),
        "EFunding:Unknown withdraw key": (.badRequest, "there is no kind for addresses: nothing here withdraws"),
        ":Cancel pending": (.rejected, "there is no kind for it: the cancel is under way, its outcome open"),
    ]

    @Test func `every error text has the kind that ccxt's class names`() throws {
        guard let errors = try Corpus.json("ccxt_errors.json")?["kraken"] else { return }
        var counts = (same: 0, excepted: 0)
        for table in ["exact", "broad"] {
            for member in errors[table]?.members ?? [] {
                // A part of a text stands behind some category.
                let text = member.name.hasPrefix(":") ? "EOther" + member.name : member.name
                let error = KrakenErrors.error(text, changesState: true, now: nil)
                if let exception = Self.errorExceptions[member.name] {
                    #expect(error.kind == exception.kind, "\(member.name)")
                    counts.excepted += 1
                } else {
                    #expect(error.kind == Self.kinds[member.value.text ?? ""], "\(member.name)")
                    counts.same += 1
                }
            }
        }
        #expect(counts.same + counts.excepted == 34)
        print("error texts of kraken: \(counts.same) as ccxt's classes, \(counts.excepted) exceptions")
    }
}
