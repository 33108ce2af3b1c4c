import Testing

@testable import Matching

@Suite("Stops and lists")
struct StopTests {
    private func stop(
        _ venue: Venue, _ kind: OrderKind, _ side: Side, trigger: Int64, price: Int64? = nil, quantity: Int64 = 5
    ) -> OrderRequest {
        var result = OrderRequest(account: venue.alice, instrument: venue.pair, side: side, kind: kind)
        result.triggerPrice = trigger
        result.price = price
        result.quantity = quantity
        return result
    }

    @Test(arguments: [
        (OrderKind.stopLoss, Side.sell, Int64(90)), (.stopLoss, .buy, 110), (.takeProfit, .sell, 110), (.takeProfit, .buy, 90),
    ])
    func `a stop waits for its price and then trades at the market`(kind: OrderKind, side: Side, trigger: Int64) throws {
        var venue = try Venue()
        try venue.setLast(100)
        let order = try venue.engine.place(stop(venue, kind, side, trigger: trigger))
        #expect(order.status == .new && !order.isWorking)
        #expect(side == .sell ? venue.base(venue.alice).locked == 5000 : venue.quote(venue.alice).locked == 50 * Int128(trigger))
        try venue.setLast(trigger == 90 ? 91 : 109)
        #expect(venue.order(order)?.isTriggered == false)
        try venue.rest(venue.house, side.opposite, side == .sell ? 80 : 120, 5)
        try venue.setLast(trigger)
        let done = try #require(venue.order(order))
        #expect(done.isTriggered && done.status == .filled && done.quoteFilled == (side == .sell ? 4000 : 6000))
        #expect(venue.base(venue.alice).locked == 0 && venue.quote(venue.alice).locked == 0)
        #expect(Invariants.violations(venue.engine) == [])
    }

    @Test(arguments: [
        (OrderKind.stopLoss, Side.sell, Int64(100)), (.stopLoss, .buy, 100), (.takeProfit, .sell, 99), (.takeProfit, .buy, 101),
    ])
    func `a stop whose price is reached already is rejected`(kind: OrderKind, side: Side, trigger: Int64) throws {
        var venue = try Venue()
        try venue.setLast(100)
        #expect(throws: Rejection.wouldTrigger) { try venue.engine.place(stop(venue, kind, side, trigger: trigger)) }
    }

    @Test func `a triggered stop with a limit rests at its limit`() throws {
        var venue = try Venue()
        try venue.setLast(100)
        let order = try venue.engine.place(stop(venue, .stopLossLimit, .sell, trigger: 95, price: 94))
        try venue.setLast(95)
        let now = try #require(venue.order(order))
        #expect(now.status == .new && now.isTriggered && now.isWorking)
        #expect(venue.engine.bestAsk(venue.pair) == DepthLevel(price: 94, quantity: 5))
        let buy = try venue.engine.place(stop(venue, .takeProfitLimit, .buy, trigger: 90, price: 91))
        #expect(venue.quote(venue.alice).locked == 91 * 50)
        _ = try venue.engine.cancel(.id(buy.id), of: venue.alice)
        #expect(venue.quote(venue.alice).locked == 0)
    }

    @Test func `one stop's trades trigger the next`() throws {
        var venue = try Venue()
        try venue.setLast(100)
        for price in Int64(90)...95 { try venue.rest(venue.house, .buy, price, 5) }
        var ids: [OrderID] = []
        for trigger in [Int64(91), 93, 95] {
            ids.append(try venue.engine.place(stop(venue, .stopLoss, .sell, trigger: trigger)).id)
        }
        venue.engine.removeEvents()
        try venue.rest(venue.house, .sell, 95, 1)
        let triggered = venue.engine.updates.filter { $0.kind == .triggered }.map(\.order.id)
        #expect(triggered == [ids[2]])
        try venue.rest(venue.house, .sell, 93, 5)
        #expect(venue.engine.updates.filter { $0.kind == .triggered }.map(\.order.id) == [ids[2], ids[1]])
    }

    @Test func `a triggered order to buy at the market is filled as far as its money goes`() throws {
        var venue = try Venue()
        try venue.setLast(100)
        let order = try venue.engine.place(stop(venue, .stopLoss, .buy, trigger: 900, quantity: 100))
        try venue.rest(venue.house, .sell, 900, 1)
        try venue.rest(venue.house, .sell, 2_000, 200)
        try venue.rest(venue.house, .buy, 900, 1)
        let done = try #require(venue.order(order))
        #expect(done.status == .expired && done.reason == .insufficientBalance && done.filled == 50)
        #expect(venue.quote(venue.alice) == Balance(free: 0))
    }

    @Test func `a stop that finds nothing at the market expires`() throws {
        var venue = try Venue()
        try venue.setLast(100)
        let order = try venue.engine.place(stop(venue, .stopLoss, .sell, trigger: 95))
        try venue.setLast(95)
        #expect(venue.order(order)?.status == .expired && venue.order(order)?.reason == .nothingLeft)
        #expect(venue.base(venue.alice) == Balance(free: 1_000_000))
    }

    // MARK: - Lists

    private func oco(_ venue: Venue, limit: Int64? = nil) -> OCORequest {
        OCORequest(
            account: venue.alice, instrument: venue.pair, side: .sell, quantity: 5, price: 110, triggerPrice: 90,
            stopLimitPrice: limit)
    }

    @Test func `a list locks once, and a fill of its limit order ends its stop`() throws {
        var venue = try Venue()
        try venue.setLast(100)
        var request = oco(venue)
        request.clientID = try #require(ClientID("my list"))
        let list = try venue.engine.place(request)
        #expect(venue.base(venue.alice).locked == 5000)
        #expect(venue.engine.openOrders(of: venue.alice).map(\.list) == [list.id, list.id])
        try venue.rest(venue.bob, .buy, 110, 2)
        #expect(venue.engine.order(.id(list.stopOrder), of: venue.alice)?.reason == .otherLeg)
        #expect(venue.engine.order(.id(list.limitOrder), of: venue.alice)?.status == .partiallyFilled)
        #expect(venue.engine.list(list.id, of: venue.alice)?.isOpen == true)
        #expect(venue.base(venue.alice).locked == 3000)
        try venue.rest(venue.bob, .buy, 110, 3)
        #expect(venue.engine.list(request.clientID, of: venue.alice)?.isOpen == false)
        #expect(venue.engine.listUpdates.map(\.isOpen) == [true, false])
        #expect(venue.engine.openLists(of: venue.alice).isEmpty)
    }

    @Test func `a list's stop ends its limit order`() throws {
        var venue = try Venue()
        try venue.setLast(100)
        let list = try venue.engine.place(oco(venue, limit: 89))
        try venue.setLast(90)
        #expect(venue.engine.order(.id(list.limitOrder), of: venue.alice)?.status == .expired)
        #expect(venue.engine.bestAsk(venue.pair) == DepthLevel(price: 89, quantity: 5))
        #expect(venue.base(venue.alice).locked == 5000)
        _ = try venue.engine.cancel(.id(list.stopOrder), of: venue.alice)
        #expect(venue.base(venue.alice).locked == 0)
        #expect(venue.engine.list(list.id, of: venue.alice)?.isOpen == false)
    }

    @Test func `canceling one order of a list cancels both`() throws {
        var venue = try Venue()
        try venue.setLast(100)
        let list = try venue.engine.place(oco(venue))
        _ = try venue.engine.cancel(.id(list.stopOrder), of: venue.alice)
        #expect(venue.engine.endedOrders(of: venue.alice).map(\.status) == [.canceled, .canceled])
        let second = try venue.engine.place(oco(venue))
        #expect(try venue.engine.cancelList(second.id, of: venue.alice).isOpen == false)
        #expect(throws: Rejection.unknownList) { try venue.engine.cancelList(second.id, of: venue.alice) }
        #expect(throws: Rejection.unknownList) { try venue.engine.cancelList(list.id, of: venue.bob) }
        #expect(venue.base(venue.alice) == Balance(free: 1_000_000))
    }

    @Test func `a list to buy locks the dearer of its orders`() throws {
        var venue = try Venue()
        try venue.setLast(100)
        var request = oco(venue, limit: 112)
        request.side = .buy
        (request.price, request.triggerPrice) = (90, 110)
        let list = try venue.engine.place(request)
        #expect(venue.quote(venue.alice).locked == 112 * 50)
        try venue.rest(venue.bob, .sell, 90, 1)
        #expect(venue.quote(venue.alice).locked == 90 * 40)
        #expect(venue.engine.order(.id(list.stopOrder), of: venue.alice)?.status == .expired)
    }

    @Test func `a list with its prices on the wrong side is rejected whole`() throws {
        var venue = try Venue()
        try venue.setLast(100)
        for (price, trigger) in [(Int64(100), Int64(90)), (110, 100), (90, 110), (110, 111)] {
            var request = oco(venue)
            (request.price, request.triggerPrice) = (price, trigger)
            #expect(throws: Rejection.pricesOutOfOrder) { try venue.engine.place(request) }
        }
        try venue.rest(venue.bob, .buy, 110, 1)
        #expect(throws: Rejection.wouldTake) { try venue.engine.place(oco(venue)) }
        #expect(venue.base(venue.alice) == Balance(free: 1_000_000))
        #expect(venue.engine.openOrderCount(of: venue.alice) == 0)
    }
}
