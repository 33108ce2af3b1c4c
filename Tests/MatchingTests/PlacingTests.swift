import Testing

@testable import Matching

@Suite("Limit and market orders")
struct PlacingTests {
    @Test func `a limit order rests and locks what it costs`() throws {
        var venue = try Venue()
        let buy = try venue.rest(venue.alice, .buy, 100, 5)
        let sell = try venue.rest(venue.bob, .sell, 101, 7)
        #expect(buy.status == .new && sell.status == .new)
        #expect(venue.quote(venue.alice) == Balance(free: 995_000, locked: 5000))
        #expect(venue.base(venue.bob) == Balance(free: 993_000, locked: 7000))
        #expect(venue.engine.bestBid(venue.pair) == DepthLevel(price: 100, quantity: 5))
        #expect(venue.engine.bestAsk(venue.pair) == DepthLevel(price: 101, quantity: 7))
        #expect(venue.engine.updates.map(\.kind) == [.new, .new])
    }

    @Test func `a crossing order trades at the maker's price and the rest of the lock comes back`() throws {
        var venue = try Venue()
        let maker = try venue.rest(venue.bob, .sell, 90, 4)
        let taker = try venue.rest(venue.alice, .buy, 100, 10)
        #expect(taker.status == .partiallyFilled && taker.filled == 4 && taker.quoteFilled == 3600)
        #expect(venue.order(maker)?.status == .filled)
        #expect(venue.quote(venue.alice) == Balance(free: 1_000_000 - 3600 - 6000, locked: 6000))
        #expect(venue.base(venue.alice).free == 1_004_000)
        #expect(venue.quote(venue.bob).free == 1_003_600)
        #expect(venue.base(venue.bob) == Balance(free: 996_000, locked: 0))
        #expect(venue.engine.trades.map(\.id.rawValue) == [1])
        #expect(venue.engine.trades.first?.takerSide == .buy)
        #expect(venue.engine.lastTrade(venue.pair)?.price == 90)
    }

    @Test func `trades are numbered without gaps for each instrument, and their ids are unique over all`() throws {
        var venue = try Venue()
        let rules = try #require(venue.engine.rules(venue.pair))
        let other = try venue.engine.addInstrument(rules)
        for pair in [venue.pair, other, other, venue.pair] {
            _ = try venue.engine.place(.limit(venue.bob, pair, .sell, price: 100, quantity: 1))
            _ = try venue.engine.place(.limit(venue.alice, pair, .buy, price: 100, quantity: 1))
        }
        #expect(venue.engine.trades.map(\.number) == [1, 1, 2, 2])
        #expect(venue.engine.trades.map(\.id.rawValue) == [1, 2, 3, 4])
        #expect(venue.engine.fills(of: venue.alice).map(\.number) == [1, 1, 2, 2])
    }

    @Test func `the best price trades first, at one price the oldest`() throws {
        var venue = try Venue()
        let late = try venue.rest(venue.bob, .sell, 102, 1)
        let first = try venue.rest(venue.bob, .sell, 101, 1)
        let second = try venue.rest(venue.bob, .sell, 101, 1)
        try venue.rest(venue.alice, .buy, 102, 3)
        #expect(venue.engine.trades.map(\.sellOrder) == [first.id, second.id, late.id])
        #expect(venue.engine.trades.map(\.id.rawValue) == [1, 2, 3])
    }

    @Test func `an average price is what was paid for what was filled`() throws {
        var venue = try Venue()
        try venue.rest(venue.bob, .sell, 101, 1)
        try venue.rest(venue.bob, .sell, 104, 2)
        let order = try venue.rest(venue.alice, .buy, 104, 3)
        let rules = try #require(venue.engine.rules(venue.pair))
        #expect(order.averagePrice(rules) == 103)
        let other = try venue.rest(venue.alice, .buy, 50, 1)
        #expect(other.averagePrice(rules) == nil)
        #expect(order.averagePrice(rules, parts: .max) == Int128(Int64.max) * 103)
    }

    @Test func `a market order takes what there is and the rest expires`() throws {
        var venue = try Venue()
        try venue.rest(venue.bob, .sell, 100, 3)
        let order = try venue.engine.place(.market(venue.alice, venue.pair, .buy, quantity: 5))
        #expect(order.status == .expired && order.reason == .nothingLeft && order.filled == 3)
        #expect(venue.quote(venue.alice) == Balance(free: 997_000))
        try venue.rest(venue.bob, .buy, 90, 5)
        let sale = try venue.engine.place(.market(venue.alice, venue.pair, .sell, quantity: 5))
        #expect(sale.status == .filled)
    }

    @Test func `a market order finds an empty book`() throws {
        var venue = try Venue()
        let market = OrderRequest.market(venue.alice, venue.pair, .buy, quantity: 5)
        #expect(throws: Rejection.noLiquidity) { try venue.engine.place(market) }
        #expect(venue.engine.updates.map(\.kind) == [.rejected(.noLiquidity)])
        #expect(venue.engine.updates.first?.order.status == .rejected)
    }

    @Test func `a market order for more than the money buys is rejected whole`() throws {
        var venue = try Venue()
        try venue.rest(venue.house, .sell, 50_000, 1)
        try venue.rest(venue.house, .sell, 60_000, 1)
        let market = OrderRequest.market(venue.alice, venue.pair, .buy, quantity: 2)
        #expect(throws: Rejection.insufficientBalance) { try venue.engine.place(market) }
        #expect(venue.quote(venue.alice) == Balance(free: 1_000_000))
        #expect(try venue.engine.place(.market(venue.alice, venue.pair, .buy, quantity: 1)).status == .filled)
    }

    @Test func `a market order spends a quote amount as far as whole lots go`() throws {
        var venue = try Venue()
        try venue.rest(venue.house, .sell, 100, 2)
        try venue.rest(venue.house, .sell, 110, 9)
        let order = try venue.engine.place(.market(venue.alice, venue.pair, .buy, quoteQuantity: 5000))
        #expect(order.status == .filled && order.filled == 4 && order.quantity == 4 && order.quoteFilled == 4200)
        #expect(venue.engine.trades.suffix(2).map(\.quantity) == [2, 2])
        // Used up exactly at the end of a level, but for less than the next price.
        let exact = try venue.engine.place(.market(venue.alice, venue.pair, .buy, quoteQuantity: 1100 * 7 + 5))
        #expect(exact.status == .filled && exact.filled == 7)
        #expect(throws: Rejection.noLiquidity) {
            try venue.engine.place(.market(venue.alice, venue.pair, .buy, quoteQuantity: 5000))
        }
    }

    @Test func `a market order that could buy no lot for its amount is rejected`() throws {
        var venue = try Venue()
        try venue.rest(venue.house, .sell, 100, 2)
        let order = OrderRequest.market(venue.alice, venue.pair, .buy, quoteQuantity: 999)
        #expect(throws: Rejection.quantityOutOfRange) { try venue.engine.place(order) }
        let rich = OrderRequest.market(venue.alice, venue.pair, .buy, quoteQuantity: 1_000_001)
        #expect(throws: Rejection.insufficientBalance) { try venue.engine.place(rich) }
    }

    @Test func `a market order sells for a quote amount`() throws {
        var venue = try Venue()
        try venue.rest(venue.house, .buy, 100, 20)
        let order = try venue.engine.place(.market(venue.alice, venue.pair, .sell, quoteQuantity: 7_500))
        #expect(order.status == .filled && order.filled == 7)
        #expect(venue.base(venue.alice) == Balance(free: 993_000))
        #expect(venue.quote(venue.alice) == Balance(free: 1_007_000))
    }

    @Test func `what is not filled at once of an immediate-or-cancel order expires`() throws {
        var venue = try Venue()
        try venue.rest(venue.bob, .sell, 100, 3)
        var request = venue.limit(venue.alice, .buy, 100, 5)
        request.timeInForce = .immediateOrCancel
        let order = try venue.engine.place(request)
        #expect(order.status == .expired && order.filled == 3 && order.reason == .nothingLeft)
        #expect(venue.engine.bestBid(venue.pair) == nil)
        #expect(venue.quote(venue.alice) == Balance(free: 997_000))
    }

    @Test func `a fill-or-kill order is filled whole or not at all`() throws {
        var venue = try Venue()
        try venue.rest(venue.bob, .sell, 100, 3)
        try venue.rest(venue.bob, .sell, 101, 3)
        var request = venue.limit(venue.alice, .buy, 101, 7)
        request.timeInForce = .fillOrKill
        let killed = try venue.engine.place(request)
        #expect(killed.status == .expired && killed.filled == 0 && killed.reason == .notFillable)
        #expect(venue.engine.trades.isEmpty)
        request.quantity = 6
        #expect(try venue.engine.place(request).status == .filled)
    }

    @Test func `a post-only order never takes`() throws {
        var venue = try Venue()
        try venue.rest(venue.bob, .sell, 100, 3)
        var request = venue.limit(venue.alice, .buy, 100, 5)
        request.isPostOnly = true
        #expect(throws: Rejection.wouldTake) { try venue.engine.place(request) }
        request.price = 99
        #expect(try venue.engine.place(request).status == .new)
    }

    @Test(arguments: [
        (SelfTradePrevention.none, OrderStatus.filled, OrderStatus.filled), (.expireTaker, .expired, .new),
        (.expireMaker, .filled, .expired), (.expireBoth, .expired, .expired),
    ])
    func `an order that meets one of its own account`(
        mode: SelfTradePrevention, taker: OrderStatus, maker: OrderStatus
    ) throws {
        var venue = try Venue()
        let own = try venue.rest(venue.alice, .sell, 100, 5)
        try venue.rest(venue.bob, .sell, 101, 5)
        var request = venue.limit(venue.alice, .buy, 101, 5)
        request.selfTrade = mode
        let order = try venue.engine.place(request)
        #expect(order.status == taker)
        #expect(venue.order(own)?.status == maker)
        if taker == .expired { #expect(order.reason == .selfTrade && order.filled == 0) }
        if maker == .expired { #expect(venue.order(own)?.reason == .selfTrade) }
        #expect(Invariants.violations(venue.engine) == [])
    }
}
