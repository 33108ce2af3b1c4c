import Exchange
import Market
import Money

@testable import Binance
@testable import Kraken

// Answers, messages of streams and errors, each with every decoder that the venue's code has for them.

let venueCases: [FuzzCase] =
    marketCases("spot", BinanceSpotMarketData(), FuzzInstrument.spot, answers: binanceAnswers, messages: binanceMessages)
    + tradingCases("spot", BinanceSpotTrading(), FuzzInstrument.spot, answers: binanceAnswers, messages: binanceMessages)
    + marketCases("usdm", BinanceUSDMMarketData(), FuzzInstrument.perpetual, answers: binanceAnswers, messages: binanceMessages)
    + tradingCases("usdm", BinanceUSDMTrading(), FuzzInstrument.perpetual, answers: binanceAnswers, messages: binanceMessages)
    + marketCases("kraken", KrakenMarketData(), FuzzInstrument.kraken, answers: krakenAnswers, messages: krakenMessages)
    + tradingCases("kraken", KrakenTrading(), FuzzInstrument.kraken, answers: krakenAnswers, messages: krakenMessages)
    + binanceOnlyCases + krakenOnlyCases

enum FuzzInstrument {
    static let spot = instrument("SOL", "USDT", "SOLUSDT", "SOLUSDT")
    static let perpetual = instrument("SOL", "USDT", "SOLUSDT", "SOLUSDT")
    static let kraken: TradedInstrument = {
        var result = instrument("BTC", "USD", "XXBTZUSD", "BTC/USD")
        result.aliases = ["XBTUSD", "XBT/USD"]
        result.costDecimals = 5
        return result
    }()

    private static func instrument(_ base: String, _ quote: String, _ symbol: String, _ stream: String) -> TradedInstrument {
        guard let pair = Pair(base + "/" + quote) else { preconditionFailure("\(base)/\(quote) is no pair") }
        return TradedInstrument(
            pair: pair, symbol: symbol, streamSymbol: stream, priceTick: Price(units: 1, decimals: 1),
            quantityStep: Quantity(units: 1, decimals: 5))
    }
}

let binanceAnswers = Samples.all.sorted { $0.key < $1.key }.map { Array($0.value.utf8) }
let binanceMessages = (Samples.market.sorted { $0.key < $1.key } + Samples.user.sorted { $0.key < $1.key }).map {
    Array($0.value.utf8)
}
let krakenMessages = (Messages.market + Messages.account).map { Array($0.utf8) }
let krakenAnswers: [[UInt8]] = [
    Answers.assets, Answers.pairs, Answers.time, Answers.status, Answers.candles, Answers.trades, Answers.depth,
    Answers.balances, Answers.placed, Answers.validated, Answers.canceled, Answers.timer, Answers.open, Answers.closed,
    Answers.queried, Answers.history, Answers.token, Answers.rights,
].map { Array((#"{"error":[],"result":"# + $0 + "}").utf8) }

// MARK: - Answers

/// An answer out of bytes: the first one says its status and whether the first line is what each header has.
struct HostileAnswer {
    private static let statuses = [200, 200, 200, 201, 400, 401, 403, 404, 409, 418, 429, 500, 503, 504, -1, .max]
    private static let headers = ["Retry-After", "X-MBX-USED-WEIGHT-1M", "X-MBX-ORDER-COUNT-10S", "Date"]

    var response: WebResponse

    init(_ bytes: [UInt8]) {
        let first = bytes.first ?? 0
        var body = bytes.dropFirst()
        var headers: [WebHeader] = []
        if first & 0x10 != 0, let end = body.firstIndex(of: UInt8(ascii: "\n")) {
            let value = String(decoding: body[..<end], as: UTF8.self)
            headers = Self.headers.map { WebHeader($0, value) }
            body = body[(end + 1)...]
        }
        response = WebResponse(status: Self.statuses[Int(first & 0x0F)], headers: headers, body: Array(body))
    }

    /// Good answers with these bodies, each alone and as the one element of a list, and one that carries headers.
    static func seeds(_ bodies: [[UInt8]]) -> [[UInt8]] {
        bodies.map { [0] + $0 } + bodies.map { [0] + Array("[".utf8) + $0 + Array("]".utf8) }
            + bodies.prefix(1).map { [0x10] + Array("120\n".utf8) + $0 }
    }
}

/// Whether the answer was read; what is refused has a text of bounded length.
@discardableResult
func isRead<Answer>(_ bytes: [UInt8], _ decode: (WebResponse) throws(VenueError) -> Answer) -> Bool {
    do throws(VenueError) {
        let answer = try decode(HostileAnswer(bytes).response)
        if let value = answer as? any Hashable { _ = value.hashValue }
        return true
    } catch {
        checkError(error)
        return false
    }
}

func checkError(_ error: VenueError) {
    precondition(error.message.count <= 500 && error.code.count <= 500, "an error's text is bounded")
    _ = error.description.utf8.count
}

private func open<Answer>(_ name: String, _ seeds: [[UInt8]], _ call: PublicCall<Answer>) -> FuzzCase {
    FuzzCase("\(name) \(call.request.path)", seeds: HostileAnswer.seeds(seeds)) { isRead($0, call.decode) }
}

private func signed<Answer>(_ name: String, _ seeds: [[UInt8]], _ call: SignedCall<Answer>?) -> [FuzzCase] {
    guard let call else { return [] }
    return [
        FuzzCase("\(name) \(call.draft.method.rawValue) \(call.draft.path)", seeds: HostileAnswer.seeds(seeds)) {
            isRead($0, call.decode)
        }
    ]
}

// MARK: - The public half

private func marketCases<Venue: MarketDataVenue>(
    _ name: String, _ venue: Venue, _ instrument: TradedInstrument, answers: [[UInt8]], messages: [[UInt8]]
) -> [FuzzCase] {
    [
        FuzzCase("\(name) time", seeds: HostileAnswer.seeds(answers)) { bytes in
            isRead(bytes) { response throws(VenueError) in
                let time = try venue.serverTime().decode(response)
                useClock(time)
                return time
            }
        },
        open(name, answers, venue.candles(instrument, .oneMinute, from: nil, limit: 5)),
        open(name, answers, venue.recentTrades(instrument, limit: 5)), open(name, answers, venue.book(instrument, depth: 5)),
        FuzzCase("\(name) market list", seeds: listSeeds(answers, venue.marketList().count)) { bytes in
            let parts = bytes.split(separator: recordSeparator, omittingEmptySubsequences: false)
            return isRead(bytes) { response throws(VenueError) in
                let responses = parts.map { HostileAnswer(Array($0)).response }
                _ = venue.budgetLimits(inMarketList: response)
                let instruments = try venue.instruments(from: responses)
                for instrument in instruments.prefix(8) { use(instrument, venue) }
                return instruments
            }
        },
        FuzzCase("\(name) headers", seeds: HostileAnswer.seeds(answers)) { bytes in
            var budget = RateBudget(venue.budgetLimits + venue.budgetLimits(inMarketList: HostileAnswer(bytes).response))
            let usages = venue.usage(in: HostileAnswer(bytes).response)
            let now = Timestamp(milliseconds: 1_750_000_000_000)
            budget.correct(usages, sent: now, now: now)
            _ = budget.admit(venue.serverTime().charges, now: now)
            return true
        },
        FuzzCase("\(name) stream", seeds: messages) { bytes in
            do throws(VenueError) {
                return touched(try venue.decode(bytes))
            } catch {
                checkError(error)
                return false
            }
        },
    ]
}

/// Every answer for each of the list's calls, and all of them in pairs where there are two.
private func listSeeds(_ answers: [[UInt8]], _ calls: Int) -> [[UInt8]] {
    guard calls > 1 else { return answers.map { [0] + $0 } }
    return answers.flatMap { first in answers.map { [0] + first + [recordSeparator, 0] + $0 } }
}

/// What a venue says of an instrument is computed with.
private func use(_ instrument: TradedInstrument, _ venue: some MarketDataVenue) {
    _ = instrument.instrument
    _ = venue.subscribe([.trades(instrument), .candles(instrument, .oneMinute), .book(instrument, depth: 10)], id: 1)
    _ = venue.book(instrument, depth: 10).request
    let levels = [BookLevel(Price(units: 105_000_1, decimals: 1), Quantity(units: 25, decimals: 2))]
    _ = venue.bookChecksum(bids: levels, asks: levels, of: instrument)
    _ = Price(units: 105_000_1, decimals: 1).rounded(toMultipleOf: instrument.priceTick, .down)
    _ = Quantity(units: 25, decimals: 2).rounded(toMultipleOf: instrument.quantityStep, .nearest)
}

/// What a venue says of the time is computed with.
private func useClock(_ time: Timestamp) {
    var clock = VenueClock()
    clock.add(time, sent: .seconds(1), received: .seconds(2))
    let reading = ClockReading(uptime: .seconds(100), wall: noon)
    _ = clock.now(uptime: .seconds(86_400))
    _ = clock.offset(reading)
    _ = clock.skew(reading, limit: .seconds(1))?.description
}

// MARK: - The private half

private let ours = OrderReference.client(ClientOrderID("swx0001"))
private let noon = Timestamp(milliseconds: 1_750_000_000_123)

private func tradingCases<Venue: TradingVenue>(
    _ name: String, _ venue: Venue, _ instrument: TradedInstrument, answers: [[UInt8]], messages: [[UInt8]]
) -> [FuzzCase] {
    let price = Price(units: 100, decimals: 0)
    let quantity = Quantity(units: 1, decimals: 0)
    let id = ClientOrderID("swx0001")
    let intent = OrderIntent(.sell, .limit(price), quantity: quantity, clientOrderID: id)
    let oco = OCOIntent(
        side: .sell, quantity: quantity, limitPrice: price, stopTrigger: price, stopPrice: nil, listID: id, limitID: id,
        stopID: id)
    var result = signed(name, answers, venue.balances()) + signed(name, answers, venue.accountRights())
    result +=
        signed(name, answers, try? venue.place(intent, instrument, at: noon))
        + signed(name, answers, venue.place(oco, instrument))
    result += signed(name, answers, try? venue.validate(intent, instrument, at: noon))
    result += signed(name, answers, venue.cancel(ours, instrument, age: nil)) + signed(name, answers, venue.cancelAll(instrument))
    result += signed(name, answers, venue.cancelAll(nil)) + signed(name, answers, venue.openOrders(nil))
    for call in venue.orderLookups(ours, instrument) + [venue.order(.venue(VenueOrderID("OJJJJJ-KKKKK-LLLLLL")), instrument)] {
        result += signed(name, answers, call)
    }
    result += signed(name, answers, venue.fills(instrument, after: nil, from: nil))
    result += signed(name, answers, venue.fillPage(instrument, after: nil, from: nil, offset: .max))
    result += signed(name, answers, venue.deadManTimer(.seconds(1), instrument))
    result.append(tokenCase(name, venue, answers: answers))
    result.append(
        FuzzCase("\(name) user stream", seeds: messages) { bytes in
            do throws(VenueError) {
                return touched(try venue.decodeAccount(bytes))
            } catch {
                checkError(error)
                return false
            }
        })
    return result
}

/// A token goes into a path and into messages.
private func tokenCase<Venue: TradingVenue>(_ name: String, _ venue: Venue, answers: [[UInt8]]) -> FuzzCase {
    let credentials = Credentials(key: "theKey", secret: "dGhlU2VjcmV0")
    let moment = SigningMoment(now: noon, nonce: 1)
    return FuzzCase("\(name) token", seeds: HostileAnswer.seeds(answers)) { bytes in
        isRead(bytes) { response throws(VenueError) in
            let token = try venue.streamToken()?.decode(response)
            _ = venue.accountStreamPath(token: token)
            _ = venue.renewStreamToken(token ?? "")?.call.draft
            return try venue.subscribeToAccount(token: token, credentials: credentials, at: moment, id: 1)
        }
    }
}

// MARK: - What only one venue has

private let binanceOnlyCases: [FuzzCase] = {
    let (data, trading, spot) = (BinanceUSDMMarketData(), BinanceUSDMTrading(), BinanceSpotTrading())
    let instrument = FuzzInstrument.perpetual
    var result = [
        open("usdm", binanceAnswers, data.fundingHistory(instrument, from: nil, limit: 5)),
        open("usdm", binanceAnswers, data.nextFunding(instrument)),
        FuzzCase("usdm positions of a message", seeds: binanceMessages) { touched(try? trading.positions(in: $0)) },
    ]
    result += signed("spot", binanceAnswers, spot.accountPermissions())
    result +=
        signed("usdm", binanceAnswers, trading.positions(nil))
        + signed("usdm", binanceAnswers, trading.setLeverage(5, instrument))
    result += signed("usdm", binanceAnswers, trading.setIsolatedMargin(true, instrument))
    result += signed("usdm", binanceAnswers, trading.conditionalOrder(ours))
    result += signed("usdm", binanceAnswers, trading.cancelConditional(ours))
    result += signed("usdm", binanceAnswers, trading.cancelAllConditional(instrument))
    result += signed("usdm", binanceAnswers, trading.openConditionalOrders(nil))
    for system in Binance.System.allCases {
        result.append(
            FuzzCase("\(system) errors", seeds: binanceAnswers.map { [4] + $0 }) { bytes in
                let error = BinanceErrors.error(in: HostileAnswer(bytes).response, system: system, changesState: true)
                if let error { checkError(error) }
                return error != nil
            })
    }
    return result
}()

private let krakenOnlyCases: [FuzzCase] = {
    let (data, trading) = (KrakenMarketData(), KrakenTrading())
    let texts = ["EOrder:Insufficient funds", "EService:Throttled: 1750000060", "EAPI:Invalid nonce", "cl_ord_id already in use"]
    return [
        open("kraken", krakenAnswers, data.systemStatus()),
        FuzzCase("kraken errors", seeds: texts.map { Array($0.utf8) }) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            checkError(KrakenErrors.error(text, changesState: true, now: noon))
            return KrakenErrors.first([text, "W" + text], changesState: false, now: nil) != nil
        },
    ] + signed("kraken", krakenAnswers, trading.closedOrders(from: nil))
}()
