import Testing

@testable import Matching

/// Each invariant is shown an engine with a mistake planted in its inside, and must name it.
@Suite("Planted mistakes")
struct PlantedTests {
    /// A book with two bids at one price, an ask, a stop, and an ended order.
    private func venue() throws -> Venue {
        var venue = try Venue()
        try venue.setLast(100)
        try venue.rest(venue.alice, .buy, 99, 5)
        try venue.rest(venue.bob, .buy, 99, 6)
        try venue.rest(venue.bob, .sell, 101, 7)
        var stop = OrderRequest(account: venue.alice, instrument: venue.pair, side: .sell, kind: .stopLoss)
        stop.quantity = 3
        stop.triggerPrice = 90
        _ = try venue.engine.place(stop)
        let gone = try venue.rest(venue.alice, .buy, 98, 1)
        _ = try venue.engine.cancel(.id(gone.id), of: venue.alice)
        try #require(Invariants.violations(venue.engine) == [])
        return venue
    }

    private func found(_ venue: Venue) -> String { Invariants.violations(venue.engine).joined(separator: "; ") }

    @Test func `a unit from nowhere breaks conservation`() throws {
        var venue = try venue()
        venue.engine.ledger[venue.alice, Venue.quote].free += 1
        #expect(found(venue).contains("conservation"))
    }

    @Test func `a fee that nobody received breaks conservation`() throws {
        var venue = try venue()
        venue.engine.ledger[.fees, Venue.base].free -= 1
        #expect(found(venue).contains("conservation"))
    }

    @Test func `spending more than there is shows as less than nothing free`() throws {
        var venue = try venue()
        venue.engine.ledger[venue.alice, Venue.quote].free -= 2_000_000
        venue.engine.ledger[venue.bob, Venue.quote].free += 2_000_000
        #expect(found(venue).contains("free"))
        #expect(!found(venue).contains("conservation"))
    }

    @Test func `a negative lock shows`() throws {
        var venue = try venue()
        venue.engine.ledger.unlock(10_000_000, venue.alice, Venue.quote)
        #expect(Invariants.money(venue.engine).joined().contains("locked"))
    }

    @Test func `a lock that no order needs shows`() throws {
        var venue = try venue()
        venue.engine.ledger.lock(1, venue.alice, Venue.quote)
        #expect(found(venue).contains("locked: account 1"))
    }

    @Test func `an order that locks too little shows`() throws {
        var venue = try venue()
        venue.engine.ledger.unlock(1000, venue.bob, Venue.base)
        #expect(found(venue).contains("locked: account 2"))
    }

    @Test func `a crossed book shows`() throws {
        var venue = try venue()
        let (alice, _) = try ids(venue)
        let slot = try #require(venue.engine.openSlot(alice))
        venue.engine.leaveQueue(slot)
        venue.engine.records[slot].order.price = 101
        venue.engine.rest(slot)
        #expect(found(venue).contains("crossed"))
    }

    @Test func `a level with a wrong total shows`() throws {
        var venue = try venue()
        let slot = try #require(venue.engine.openSlot(try ids(venue).0))
        venue.engine.markets[0].bids.reduce(venue.engine.records[slot].level, by: 1)
        #expect(found(venue).contains("level 99"))
    }

    @Test func `an ended order left in the book shows`() throws {
        var venue = try venue()
        let slot = try #require(venue.engine.openSlot(try ids(venue).0))
        venue.engine.end(slot, .canceled, .request)
        #expect(found(venue).contains("does not belong"))
    }

    @Test func `a lost place of the pool shows`() throws {
        var venue = try venue()
        venue.engine.records.append(venue.engine.records[0])
        #expect(found(venue).contains("pool"))
    }

    @Test func `a forgotten id shows`() throws {
        var venue = try venue()
        let id = try ids(venue).0
        let slot = try #require(venue.engine.openSlot(id))
        venue.engine.orderTable.remove(venue.engine.orderHash(id), Int32(slot))
        #expect(found(venue).contains("table"))
    }

    /// Two bids at 99: Alice's was first. With the queue turned round Bob's would trade first.
    @Test(arguments: [false, true])
    func `an order that is passed over shows`(isPlanted: Bool) throws {
        var venue = try venue()
        var watch = PriorityWatch()
        #expect(watch.violations(venue.engine.updates) == [])
        venue.engine.removeEvents()
        if isPlanted {
            let slot = try #require(venue.engine.openSlot(try ids(venue).0))
            venue.engine.leaveQueue(slot)
            venue.engine.rest(slot)
        }
        try venue.rest(venue.house, .sell, 99, 2)
        #expect(watch.violations(venue.engine.updates).isEmpty == !isPlanted)
    }

    private func ids(_ venue: Venue) throws -> (OrderID, OrderID) {
        let mine = try #require(venue.engine.openOrders(of: venue.alice).first)
        let theirs = try #require(venue.engine.openOrders(of: venue.bob).first)
        return (mine.id, theirs.id)
    }
}
