import Exchange
import Foundation
import Market
import Money
import Orders
import Testing

@testable import DryRun

/// A small generator whose seed is printed, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

enum Seed {
    /// `PRAGMA_SEED`, or a fixed one; printed either way.
    static func announced(_ what: String) -> UInt64 {
        let seed = ProcessInfo.processInfo.environment["PRAGMA_SEED"].flatMap { UInt64($0) } ?? 20_261_001
        print("\(what): seed \(seed) (PRAGMA_SEED)")
        return seed
    }
}

enum Sample {
    static func price(_ text: String) throws -> Price { try #require(Price(text)) }
    static func quantity(_ text: String) throws -> Quantity { try #require(Quantity(text)) }
    static func amount(_ text: String) throws -> Amount { try #require(Amount(text)) }
    static func pair(_ text: String = "BTC/USDT") throws -> Pair { try #require(Pair(text)) }

    static func levels(_ text: [(String, String)]) throws -> [BookLevel] {
        try text.map { BookLevel(try price($0.0), try quantity($0.1)) }
    }

    /// Tick 0.01, step 0.001, fees 0.1 % and 0.2 %, at least 5 USDT.
    static func instrument(_ text: String = "BTC/USDT") throws -> TradedInstrument {
        let pair = try pair(text)
        var instrument = TradedInstrument(
            pair: pair, symbol: pair.base + pair.quote, streamSymbol: pair.base + pair.quote, priceTick: try price("0.01"),
            quantityStep: try quantity("0.001"))
        instrument.minimumQuantity = try quantity("0.001")
        instrument.maximumQuantity = try quantity("9000")
        instrument.minimumNotional = try amount("5")
        instrument.makerFee = try amount("0.001")
        instrument.takerFee = try amount("0.002")
        return instrument
    }

    static let now = Timestamp(seconds: 1_760_000_000)
}

/// A venue with one pair, for tests that tell a story.
struct Scene {
    var venue: DryRunVenue
    var instrument: TradedInstrument
    var ticket: UInt64 = 0
    var pair: Pair { instrument.pair }

    init(usdt: String = "1000", btc: String = "10", fee: String? = nil) throws {
        instrument = try Sample.instrument()
        let wallet = try DryRunWallet(["USDT": try Sample.amount(usdt), "BTC": try Sample.amount(btc)])
        venue = DryRunVenue(wallet: wallet, rules: DryRunRules(fee: try fee.map(Sample.amount)))
    }

    /// Bids at 99 and 98, asks at 100 and 101, one BTC each.
    mutating func usualBook() throws { _ = try book([("99", "1"), ("98", "1")], [("100", "1"), ("101", "1")]) }

    mutating func book(_ bids: [(String, String)], _ asks: [(String, String)]) throws -> [OrderUpdate] {
        venue.book(pair, bids: try Sample.levels(bids), asks: try Sample.levels(asks), at: Sample.now)
    }

    func request(
        _ side: OrderSide, _ kind: OrderKind, _ quantity: String, _ force: TimeInForce = .goodTilCanceled, ticket: UInt64
    )
        throws -> OrderRequest
    {
        OrderRequest(
            ticket: OrderTicket(ticket), trade: TradeNumber(1), pair: pair, side: side, kind: kind,
            quantity: try Sample.quantity(quantity), timeInForce: force, purpose: side == .buy ? .entry : .exit,
            tag: "a tag, 100 %")
    }

    mutating func place(
        _ side: OrderSide, _ kind: OrderKind, _ quantity: String, _ force: TimeInForce = .goodTilCanceled,
        reference: String? = nil
    ) throws -> OrderUpdate {
        ticket += 1
        let updates = venue.place(
            try request(side, kind, quantity, force, ticket: ticket), on: instrument, reference: try reference.map(Sample.price),
            at: Sample.now)
        try #require(updates.count == 1)
        return updates[0]
    }

    mutating func limit(_ side: OrderSide, _ price: String, _ quantity: String, _ force: TimeInForce = .goodTilCanceled) throws
        -> OrderUpdate
    {
        try place(side, .limit(try Sample.price(price)), quantity, force)
    }

    func free(_ asset: String) -> String { "\(venue.wallet.free(asset))" }
    func locked(_ asset: String) -> String { "\(venue.wallet.locked(asset))" }
}
