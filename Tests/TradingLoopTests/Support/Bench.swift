import Backtesting
import Exchange
import Market
import Money
import Orders
import Testing

@testable import TradingLoop

/// One loop on a table: a test plays the venue by hand.
struct Bench {
    var loop: TradingInstance
    var now = Timestamp(seconds: 1_700_000_100)
    var records: [TradingRecord] = []
    let pairs: [Pair]
    let settings: TradingSettings
    let listings: [TradedInstrument]
    static let frame: Int64 = 300_000

    init(_ settings: TradingSettings, pairs names: [String] = ["BTC/USDT"], gate: GateMode = .active) throws {
        self.settings = settings
        listings = try names.map(listing)
        pairs = listings.map(\.pair)
        loop = try TradingInstance(
            settings: settings, strategy: VolumeSignals(), whitelist: pairs, instruments: listings, gate: gate)
        now = settings.rules.timeframe.floor(now)
        for pair in pairs {
            _ = loop.quote(pair, bid: price("100"), ask: price("100"), now: now)
        }
        try start()
    }

    mutating func start(_ records: [TradingRecord] = [], orders: [OrderUpdate] = []) throws {
        self.records += try loop.start(
            records: records, orders: orders,
            balances: [Balance(asset: "USDT", free: amount("1000"), locked: .zero)], now: now
        ).records
    }

    var pair: Pair { pairs[0] }

    mutating func keep(_ directives: [TradingDirective]) -> [TradingDirective] {
        records += directives.records
        return directives
    }

    /// The candle that ends now.
    mutating func candle(_ signal: Double = 0, _ index: Int = 0, close: Double = 100) -> [TradingDirective] {
        let candle = Candle(
            time: now.advanced(byMilliseconds: -Self.frame), open: close, high: close, low: close, close: close, volume: signal)
        return keep(loop.candle(pairs[index], candle, now: now))
    }

    mutating func quote(_ bid: String, _ ask: String? = nil, _ index: Int = 0) throws -> [TradingDirective] {
        keep(loop.quote(pairs[index], bid: price(bid), ask: price(ask ?? bid), now: now))
    }

    mutating func pass(_ seconds: Double) { now = now.advanced(byMilliseconds: Int64(seconds * 1000)) }

    mutating func tick(after seconds: Double = 5) -> [TradingDirective] {
        pass(seconds)
        return keep(loop.tick(now: now))
    }

    mutating func update(
        _ request: OrderRequest, _ status: OrderStatus, filled: String = "0", at price: String = "100", fee: String? = nil,
        in asset: String = "USDT", reason: String? = nil
    ) throws -> [TradingDirective] {
        let quantity = filled == "all" ? request.quantity : quantity(filled)
        let fees = fee.map { [FeeTotal(asset: asset, amount: amount($0))] } ?? []
        return keep(
            loop.orderUpdate(
                OrderUpdate(
                    ticket: request.ticket, status: status, filled: quantity,
                    cost: Amount(TradingLoopTests.price(price), times: quantity),
                    fees: fees, reason: reason, time: now),
                now: now))
    }

    mutating func wallet(_ free: String, _ asset: String = "USDT", isComplete: Bool = false) throws -> [TradingDirective] {
        keep(loop.wallet([Balance(asset: asset, free: amount(free), locked: .zero)], isComplete: isComplete, now: now))
    }

    /// A position of the whole stake, bought at `price`.
    mutating func enter(at price: String = "100", _ index: Int = 0) throws -> OrderRequest {
        let request = try #require(candle(1, index).placed.first)
        _ = try update(request, .filled, filled: "all", at: price)
        return request
    }
}
