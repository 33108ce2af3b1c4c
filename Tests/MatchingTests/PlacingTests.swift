import Testing

@testable import Matching

@Suite("Placing orders")
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
    }
}
