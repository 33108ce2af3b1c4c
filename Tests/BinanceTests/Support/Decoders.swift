import Exchange
import Market
import Money
import Testing

@testable import Binance

/// Everything that reads bytes from the venue, each with a sample that it reads.
struct Decoder {
    var name: String
    var sample: String
    /// Throws for bytes that it does not read.
    var read: ([UInt8]) throws -> Void

    private init(_ sample: String, _ name: String, read: @escaping ([UInt8]) throws -> Void) {
        self.name = name
        self.sample = sample
        self.read = read
    }

    private static func signed<Answer>(_ sample: String, _ call: SignedCall<Answer>) -> Decoder {
        Decoder(sample, "\(call.draft.method.rawValue) \(call.draft.path)") { _ = try call.decode(response($0)) }
    }

    private static func open<Answer>(_ sample: String, _ call: PublicCall<Answer>) -> Decoder {
        Decoder(sample, "GET \(call.request.path)") { _ = try call.decode(response($0)) }
    }

    private static func response(_ body: [UInt8]) -> WebResponse { WebResponse(status: 200, headers: [], body: body) }

    static func all() throws -> [Decoder] { try streams() + market() + spot() + usdm() + errors() }

    private static func streams() -> [Decoder] {
        let market = Samples.market.keys.sorted().flatMap { sample in
            [
                Decoder(sample, "spot stream") { _ = try BinanceSpotMarketData().decode($0) },
                Decoder(sample, "futures stream") { _ = try BinanceUSDMMarketData().decode($0) },
            ]
        }
        let user = Samples.user.keys.sorted().flatMap { sample in
            [
                Decoder(sample, "spot user stream") { _ = try BinanceSpotTrading().decodeAccount($0) },
                Decoder(sample, "futures user stream") { _ = try BinanceUSDMTrading().decodeAccount($0) },
                Decoder(sample, "futures positions") { _ = try BinanceUSDMTrading().positions(in: $0) },
            ]
        }
        return market + user
    }

    private static func market() throws -> [Decoder] {
        let (spot, futures) = (BinanceSpotMarketData(), BinanceUSDMMarketData())
        let btc = try Given.spot()
        return [
            open("time", spot.serverTime()), open("klines", spot.candles(btc, .oneMinute, from: nil, limit: 2)),
            open("trades", spot.recentTrades(btc, limit: 1)), open("aggTrades", futures.recentTrades(btc, limit: 1)),
            open("book", spot.book(btc, depth: 5)), open("funding", futures.fundingHistory(btc, from: nil, limit: 1)),
            open("premium", futures.nextFunding(btc)),
            Decoder("exchangeInfo", "spot market list") { _ = try spot.instruments(from: [response($0)]) },
            Decoder("futuresInfo", "futures market list") { _ = try futures.instruments(from: [response($0)]) },
            Decoder("exchangeInfo", "budgets") { _ = spot.budgetLimits(inMarketList: response($0)) },
        ]
    }

    private static func spot() throws -> [Decoder] {
        let spot = BinanceSpotTrading()
        let btc = try Given.spot()
        let order = OrderIntent(.buy, .market, quantity: btc.quantityStep, clientOrderID: Given.id)
        let placed = try spot.place(order, btc, at: Given.now)
        let price = try Given.price("1")
        let oco = OCOIntent(
            side: .sell, quantity: btc.quantityStep, limitPrice: price, stopTrigger: price, stopPrice: nil, listID: Given.id,
            limitID: Given.id, stopID: Given.id)
        return [
            signed("account", spot.balances()), signed("restrictions", try #require(spot.accountRights())),
            signed("account", spot.accountPermissions()), signed("orderAck", placed), signed("orderResult", placed),
            signed("orderFull", placed), signed("canceled", spot.cancel(.client(Given.id), btc, age: nil)),
            signed("canceledAll", try #require(spot.cancelAll(btc))), signed("order", spot.order(.client(Given.id), btc)),
            signed("myTrades", spot.fills(btc, after: nil, from: nil)), signed("oco", try #require(spot.place(oco, btc))),
            signed("done", try spot.validate(order, btc, at: Given.now)),
        ]
    }

    private static func usdm() throws -> [Decoder] {
        let futures = BinanceUSDMTrading()
        let btc = try Given.perpetual()
        return [
            signed("futuresBalance", futures.balances()), signed("accountConfig", try #require(futures.accountRights())),
            signed("userTrades", futures.fills(btc, after: nil, from: nil)),
            signed("futuresOrder", futures.order(.client(Given.id), btc)),
            signed("algoOrder", futures.conditionalOrder(.client(Given.id))), signed("positions", futures.positions(btc)),
            signed("leverage", futures.setLeverage(5, btc)), signed("listenKey", try #require(futures.streamToken())),
            signed("countdown", try #require(futures.deadManTimer(.zero, btc))),
            signed("algoCanceled", futures.cancelConditional(.client(Given.id))),
        ]
    }

    private static func errors() -> [Decoder] {
        [400, 403, 409, 418, 429, 503].map { status in
            Decoder("cancelReplace", "error \(status)") {
                let response = WebResponse(status: status, headers: [WebHeader("Retry-After", String($0.count))], body: $0)
                guard BinanceErrors.error(in: response, system: .spot, changesState: true) != nil else { throw NoError() }
            }
        }
    }

    private struct NoError: Error {}
}

/// Reproducible random numbers (Steele, Lea, Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
