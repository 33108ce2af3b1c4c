import Foundation
import Testing

@testable import Matching

/// Sebastiano Vigna's SplitMix64.
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

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
    mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &self)] }
}

/// What the environment says about property tests: PRAGMA_MATCHING_SEED repeats a run, PRAGMA_MATCHING_COUNT sets its length.
enum Scale {
    static func announced(_ name: String, count usual: Int) -> (seed: UInt64, count: Int) {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["PRAGMA_MATCHING_SEED"].flatMap { UInt64($0) } ?? UInt64(Date().timeIntervalSince1970 * 1000)
        let count = environment["PRAGMA_MATCHING_COUNT"].flatMap { Int($0) } ?? usual
        print("matching, \(name): PRAGMA_MATCHING_SEED=\(seed) PRAGMA_MATCHING_COUNT=\(count)")
        return (seed, count)
    }
}

/// A small venue: asset 0 is the base (8 decimals), asset 1 the quote (8 decimals); a tick is 0.01, a lot 0.00001, so that a tick times
/// a lot is 10 units.
struct Venue {
    static let base = AssetID(0)
    static let quote = AssetID(1)

    var engine: MatchingEngine
    let pair: InstrumentID
    let alice: AccountID
    let bob: AccountID
    let house: AccountID

    init(
        fees: FeeSchedule = FeeSchedule(), openOrders: Int = 200, history: Int = 100, fills: Int = 100,
        notional: ClosedRange<Int128> = 0...Bounds.order
    ) throws {
        var settings = MatchingEngine.Settings(assetCount: 2)
        settings.openOrders = openOrders
        var engine = try MatchingEngine(settings)
        pair = try engine.addInstrument(
            InstrumentRules(
                base: Self.base, quote: Self.quote, tickValue: 10, lotValue: 1000, price: 1...1_000_000_000,
                quantity: 1...1_000_000_000, notional: notional, fees: fees))
        alice = try engine.addAccount(history: history, fills: fills)
        bob = try engine.addAccount(history: history, fills: fills)
        house = try engine.addAccount(.house, history: 0, fills: 0, isReported: false)
        for account in [alice, bob] {
            try engine.deposit(1_000_000, Self.base, to: account)
            try engine.deposit(1_000_000, Self.quote, to: account)
        }
        self.engine = engine
    }

    func limit(_ account: AccountID, _ side: Side, _ price: Int64, _ quantity: Int64) -> OrderRequest {
        .limit(account, pair, side, price: price, quantity: quantity)
    }

    @discardableResult
    mutating func rest(_ account: AccountID, _ side: Side, _ price: Int64, _ quantity: Int64) throws -> Order {
        try engine.place(limit(account, side, price, quantity))
    }

    /// A trade of the house with itself sets the last price.
    mutating func setLast(_ price: Int64) throws {
        try rest(house, .sell, price, 1)
        try rest(house, .buy, price, 1)
        engine.removeEvents()
    }

    func base(_ account: AccountID) -> Balance { engine.balance(account, Self.base) }
    func quote(_ account: AccountID) -> Balance { engine.balance(account, Self.quote) }
    func order(_ order: Order) -> Order? { engine.order(.id(order.id), of: order.account) }
}

extension Rejection {
    /// What a request is refused with; nil: it was carried out.
    static func of(_ body: () throws -> Void) -> Rejection? {
        do { try body() } catch let rejection as Rejection { return rejection } catch { Issue.record(error) }
        return nil
    }
}
