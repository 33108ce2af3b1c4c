import Binance
import Crypto
import Exchange
import Foundation
import Kraken
import Market
import Matching
import Money
import SyntheticMarket

@testable import PaperExchange

extension PaperHashes {
    static let real = PaperHashes(
        sha256: { Array(SHA256.hash(data: $0)) },
        hmacSHA256: { Array(HMAC<SHA256>.authenticationCode(for: $0, using: SymmetricKey(data: $1))) },
        hmacSHA512: { Array(HMAC<SHA512>.authenticationCode(for: $0, using: SymmetricKey(data: $1))) })
}

/// A paper venue in memory that speaks Binance or Kraken, asked through the connectors' own encoders and decoders.
struct SimExchange {
    enum Dialect: CaseIterable { case binance, kraken }

    static let start = Timestamp(milliseconds: 1_750_000_020_000)
    static let secret = Data((0..<64).map { UInt8($0) }).base64EncodedString()

    let dialect: Dialect
    let trading: any TradingVenue
    let market: any MarketDataVenue
    var core: PaperCore
    var nonce: UInt64 = 1_750_000_000_000_000
    private(set) var instruments: [TradedInstrument] = []
    /// All candles of each pair, those before the start included.
    let candles: [Pair: [Candle]]
    private let credentials = Credentials(key: "paper-key", secret: SimExchange.secret)
    let startBalances: [String: Amount]

    static let historyRows = 45

    init(_ dialect: Dialect, seed: UInt64, minutes: Int) throws {
        self.dialect = dialect
        var random = SplitMix64(seed: SplitMix64.mixed(seed ^ 0xCAFE))
        let names = dialect == .binance ? ["BTC/USDT", "ETH/USDT"] : ["BTC/USD", "ETH/USD"]
        let pairs = names.compactMap { Pair($0) }
        let quote = dialect == .binance ? "USDT" : "USD"
        var candles: [Pair: [Candle]] = [:]
        var listed: [PaperVenueSettings.Instrument] = []
        for pair in pairs {
            let rows = Self.walk(pair.base == "BTC" ? 40_000 : 2_500, Self.historyRows + minutes, &random)
            candles[pair] = rows
            listed.append(
                PaperVenueSettings.Instrument(
                    pair: pair, tick: Price(units: 1, decimals: dialect == .binance ? 2 : 1),
                    lot: Quantity(units: 1, decimals: dialect == .binance ? 5 : 8),
                    minimumQuantity: Quantity(units: 5, decimals: 5), minimumNotional: Amount(units: 5, decimals: 0),
                    makerFee: dialect == .binance ? 100_000 : 250_000, takerFee: dialect == .binance ? 100_000 : 400_000,
                    feed: .recorded(rows)))
        }
        self.candles = candles
        // The account owns coins that are none of the job's business.
        startBalances = [quote: Amount(units: 10_000, decimals: 0), "BTC": Amount(units: 3, decimals: 2)]
        let account = PaperVenueSettings.Account(name: "a", key: "paper-key", secret: Self.secret, balances: startBalances)
        var settings = PaperVenueSettings(
            name: "paper-sim", instruments: listed, accounts: [account], start: Self.start, seed: seed)
        settings.feesPaidIn = dialect == .binance ? .received : .quote
        settings.enforcesRateLimits = false
        settings.stepMilliseconds = 4000
        settings.depthLevels = 4
        settings.levelValue = Amount(units: 400, decimals: 0)
        let venue = try PaperVenue(settings)
        switch dialect {
        case .binance:
            core = PaperCore(venue, BinanceDialect(hashes: .real))
            trading = BinanceSpotTrading()
            market = BinanceSpotMarketData()
        case .kraken:
            core = PaperCore(venue, KrakenDialect(hashes: .real, tier: .pro))
            trading = KrakenTrading(tier: .pro, isPaper: true)
            market = KrakenMarketData(tier: .pro)
        }
        var answers: [WebResponse] = []
        for call in market.marketList() { answers.append(try ask(call)) }
        instruments = try market.instruments(from: answers).filter { pairs.contains($0.pair) }
    }

    private static func walk(_ begin: Double, _ count: Int, _ random: inout SplitMix64) -> [Candle] {
        var price = begin
        let first = Timeframe.oneMinute.floor(start).milliseconds - Int64(historyRows) * 60_000
        return (0..<count).map { row in
            func move(_ scale: Double) -> Double { (Double(random.next() >> 11) * 0x1p-53 - 0.5) * scale }
            let open = price
            let close = open * (1 + move(0.012))
            let high = max(open, close) * (1 + abs(move(0.006)))
            let low = min(open, close) * (1 - abs(move(0.006)))
            price = close
            let time = Timestamp(milliseconds: first + Int64(row) * 60_000)
            return Candle(time: time, open: open, high: high, low: low, close: close, volume: 5)
        }
    }

    // MARK: - Requests

    private mutating func ask<Answer>(_ call: PublicCall<Answer>) throws -> Answer {
        guard case .response(let response) = core.respond(to: call.request, peer: "p", now: Self.start.milliseconds).reply else {
            throw VenueError(.network, .permanent, code: "k", message: "")
        }
        return try call.decode(response)
    }

    /// Signs at this moment of the client's clock and asks; the answer comes so many milliseconds later than usual.
    mutating func perform<Answer>(
        _ call: SignedCall<Answer>, at now: Timestamp, clock: Timestamp, delay: inout Int
    ) -> Result<Answer, VenueError> {
        do throws(VenueError) {
            nonce += 1
            let request = try trading.sign(call.draft, with: credentials, at: SigningMoment(now: clock, nonce: nonce))
            let answer = core.respond(to: request, peer: "p", now: now.milliseconds)
            delay += Int(answer.delay)
            switch answer.reply {
            case .response(let response): return .success(try call.decode(response))
            case .cut, .silence: throw VenueError(WebFailure.outcomeUnknown("no answer"), changesState: call.changesState)
            }
        } catch { return .failure(error) }
    }

    func subscriptions(_ token: String?, _ clock: Timestamp) throws(VenueError) -> [String] {
        try trading.subscribeToAccount(
            token: token, credentials: credentials, at: SigningMoment(now: clock, nonce: nonce), id: 1)
    }

    // MARK: - The venue's own books

    var account: AccountID { core.venue.accounts[0].id }

    var venueOrders: [Matching.Order] {
        core.venue.engine.openOrders(of: account) + core.venue.engine.endedOrders(of: account)
    }

    func total(_ asset: String) -> Amount {
        guard let known = core.venue.asset(named: asset) else { return .zero }
        let balance = core.venue.engine.balance(account, known.id)
        return known.amount(balance.free + balance.locked)
    }

    /// When the venue's dead-man timer of the account cancels everything; nil: it is off.
    var deadManEnd: Int64? { (core.dialect as? KrakenDialect)?.deadManTimers[account] }

    func listing(_ pair: Pair) -> TradedInstrument? { instruments.first { $0.pair == pair } }

    func book(_ pair: Pair) -> (bids: [BookLevel], asks: [BookLevel])? {
        guard let instrument = core.venue.instruments.first(where: { $0.pair == pair }) else { return nil }
        let depth = core.venue.engine.depth(instrument.id, levels: 5)
        func levels(_ side: [DepthLevel]) -> [BookLevel] {
            side.map { BookLevel(instrument.price($0.price), instrument.quantity($0.quantity)) }
        }
        return (levels(depth.bids), levels(depth.asks))
    }

    /// An order of a stranger, by hand, far from the market.
    mutating func placeForeign() -> Bool {
        guard let instrument = core.venue.instruments.first, let bid = core.venue.engine.bestBid(instrument.id) else {
            return false
        }
        var request = Matching.OrderRequest.limit(
            account, instrument.id, .buy, price: bid.price / 2, quantity: dialect == .binance ? 100 : 100_000)
        request.clientID = ClientID("by-hand") ?? .none
        if case .success = core.venue.place(request) { return true }
        return false
    }
}
