import Testing

@testable import Matching

@Suite("Hostile numbers")
struct HostileTests {
    private static let extremes: [Int64] = [
        .min, .min + 1, -1, 0, 1, 2, 1_000_000_000, 1_000_000_001, 1 << 31, 1 << 32, 1 << 53, 1 << 62, .max - 1, .max,
    ]

    @Test func `enormous prices and quantities are rejected with a reason`() throws {
        var venue = try Venue()
        #expect(throws: Rejection.quantityOutOfRange) { try venue.rest(venue.alice, .buy, 1, .max) }
        #expect(throws: Rejection.priceOutOfRange) { try venue.rest(venue.alice, .buy, .max, .max) }
        #expect(throws: Rejection.insufficientBalance) { try venue.rest(venue.alice, .buy, 1_000_000_000, 1_000_000_000) }
        let amount = OrderRequest.market(venue.alice, venue.pair, .buy, quoteQuantity: .max)
        #expect(throws: Rejection.quoteQuantityOutOfRange) { try venue.engine.place(amount) }
        #expect(throws: Rejection.unknownInstrument) {
            try venue.engine.place(.limit(venue.alice, InstrumentID(.max), .buy, price: 1, quantity: 1))
        }
        #expect(throws: Rejection.unknownAccount) {
            try venue.engine.place(.limit(AccountID(.min), venue.pair, .buy, price: 1, quantity: 1))
        }
        #expect(throws: Rejection.unknownAccount) {
            try venue.engine.place(.limit(.fees, venue.pair, .buy, price: 1, quantity: 1))
        }
    }

    @Test func `rules that could overflow cannot be added`() throws {
        var engine = try MatchingEngine(.init(assetCount: 2))
        func rules(_ price: Int64, _ quantity: Int64, tick: Int64 = 1, lot: Int64 = 1, maker: Int64 = 0) -> InstrumentRules {
            InstrumentRules(
                base: AssetID(0), quote: AssetID(1), tickValue: tick, lotValue: lot, price: 1...price, quantity: 1...quantity,
                fees: FeeSchedule(maker: maker))
        }
        let bad = [
            rules(.max, .max), rules(.max, 1, tick: .max), rules(1, .max, lot: .max), rules(1, 1, tick: 0), rules(1, 1, lot: -1),
            rules(1 << 48, 1 << 48), rules(1, 1, maker: -1), rules(1, 1, maker: .max),
        ]
        for rules in bad { #expect(throws: MatchingEngine.SetupError.self) { try engine.addInstrument(rules) } }
        _ = try engine.addInstrument(rules(1 << 47, 1 << 48))
        _ = try engine.addInstrument(rules(1, .max))
        #expect(throws: MatchingEngine.SetupError.self) { try MatchingEngine(.init(assetCount: 0)) }
    }

    @Test func `many of the largest orders at one price add up without a trap`() throws {
        var engine = try MatchingEngine(.init(assetCount: 2))
        let pair = try engine.addInstrument(
            InstrumentRules(
                base: AssetID(0), quote: AssetID(1), tickValue: 1, lotValue: 1, price: 1...2, quantity: 1...Int64.max))
        let house = try engine.addAccount(.house)
        for _ in 0..<5 { _ = try engine.place(.limit(house, pair, .sell, price: 2, quantity: .max)) }
        #expect(engine.bestAsk(pair)?.quantity == .max)
        for _ in 0..<5 { _ = try engine.place(.limit(house, pair, .buy, price: 2, quantity: .max)) }
        #expect(engine.trades.count == 5 && engine.bestAsk(pair) == nil)
        #expect(Invariants.violations(engine) == [])
    }

    @Test func `an account that holds more than the engine can count on places nothing`() throws {
        var venue = try Venue()
        try venue.engine.deposit(Bounds.account - 1_000_000, Venue.quote, to: venue.alice)
        try venue.rest(venue.house, .buy, 100, 1)
        _ = try venue.engine.place(.market(venue.alice, venue.pair, .sell, quantity: 1))
        #expect(throws: Rejection.accountTooLarge) { try venue.rest(venue.alice, .buy, 1, 1) }
    }

    @Test func `no number whatever traps the engine or breaks an invariant`() throws {
        let (seed, count) = Scale.announced("hostile", count: 50_000)
        var random = SplitMix64(seed: seed)
        var venue = try Venue(
            fees: FeeSchedule(maker: 9_999_999, taker: 10_000_000, rounding: .up, paidIn: .quote), openOrders: 20)
        try venue.engine.deposit(Bounds.account / 2, Venue.base, to: venue.alice)
        try venue.engine.deposit(Bounds.account / 2, Venue.quote, to: venue.alice)
        var rejected: [Rejection: Int] = [:]
        for step in 0..<count {
            if let rejection = Rejection.of({ try request(&venue, &random) }) { rejected[rejection, default: 0] += 1 }
            venue.engine.removeEvents()
            if step % 500 == 0 { try #require(Invariants.violations(venue.engine) == []) }
        }
        print(
            "matching, hostile: \(count) requests, rejections \(rejected.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" })"
        )
        #expect(rejected.count >= 12)
    }

    private func request(_ venue: inout Venue, _ random: inout SplitMix64) throws {
        func number() -> Int64 {
            random.chance(60) ? Int64.random(in: 1...1_000_000_000, using: &random) : random.pick(Self.extremes)
        }
        func optional() -> Int64? { random.chance(70) ? number() : nil }
        let account = random.pick([venue.alice, venue.alice, venue.bob, venue.house, AccountID(99), AccountID(-1)])
        switch random.next() % 20 {
        case 0: _ = try venue.engine.cancel(.id(OrderID(number())), of: account)
        case 1: venue.engine.cancelAll(of: account, random.chance(50) ? venue.pair : nil)
        case 2, 3:
            let id = venue.engine.openOrders(of: account).first?.id ?? OrderID(number())
            _ = try venue.engine.amend(.id(id), of: account, price: optional(), quantity: optional())
        case 4: try venue.engine.withdraw(Int128(number()), AssetID(Int32.random(in: -1...2, using: &random)), from: account)
        case 5:
            _ = try venue.engine.place(
                OCORequest(
                    account: account, instrument: venue.pair, side: random.pick([.buy, .sell]), quantity: number(),
                    price: number(),
                    triggerPrice: number(), stopLimitPrice: optional()))
        case 6: venue.engine.advance(to: Int64.random(in: -5...100_000, using: &random))
        default:
            let kind = random.pick([OrderKind.limit, .market, .stopLoss, .takeProfit, .stopLossLimit, .takeProfitLimit])
            let isNormal = random.chance(80)
            var request = OrderRequest(account: account, instrument: venue.pair, side: random.pick([.buy, .sell]), kind: kind)
            request.price = isNormal ? (kind.hasLimit ? number() : nil) : optional()
            request.triggerPrice = isNormal ? (kind.hasTrigger ? number() : nil) : optional()
            request.quantity = isNormal ? number() : optional()
            if kind == .market, random.chance(50) {
                request.quantity = nil
                request.quoteQuantity = Int128(number()) * Int128(random.pick([Int64(1), 1 << 20, .max]))
            }
            request.timeInForce = random.pick([.goodTillCanceled, .goodTillCanceled, .immediateOrCancel, .fillOrKill])
            request.isPostOnly = random.chance(10)
            request.deadline = random.chance(20) ? number() : nil
            _ = try venue.engine.place(request)
        }
    }
}
