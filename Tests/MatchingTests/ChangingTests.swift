import Testing

@testable import Matching

@Suite("Cancels, amendments, deadlines, histories")
struct ChangingTests {
    @Test func `an order is canceled by either id, once, by its owner`() throws {
        var venue = try Venue()
        var request = venue.limit(venue.alice, .buy, 100, 5)
        request.clientID = try #require(ClientID("first"))
        let order = try venue.engine.place(request)
        #expect(throws: Rejection.unknownOrder) { try venue.engine.cancel(.id(order.id), of: venue.bob) }
        #expect(throws: Rejection.unknownOrder) { try venue.engine.cancel(.client(request.clientID), of: venue.bob) }
        let canceled = try venue.engine.cancel(.client(request.clientID), of: venue.alice)
        #expect(canceled.id == order.id && canceled.status == .canceled && canceled.reason == .request)
        #expect(venue.quote(venue.alice) == Balance(free: 1_000_000))
        #expect(throws: Rejection.unknownOrder) { try venue.engine.cancel(.id(order.id), of: venue.alice) }
        #expect(throws: Rejection.unknownOrder) { try venue.engine.cancel(.client(.none), of: venue.alice) }
    }

    @Test func `a client id is free again once its order ended, and then names the newer one`() throws {
        var venue = try Venue()
        var request = venue.limit(venue.alice, .buy, 100, 5)
        request.clientID = try #require(ClientID("0123456789abcdef0123456789abcdef0123456"))
        let first = try venue.engine.place(request)
        #expect(throws: Rejection.duplicateClientID) { try venue.engine.place(request) }
        var other = request
        other.account = venue.bob
        #expect(try venue.engine.place(other).status == .new)
        _ = try venue.engine.cancel(.id(first.id), of: venue.alice)
        let second = try venue.engine.place(request)
        #expect(venue.engine.order(.client(request.clientID), of: venue.alice)?.id == second.id)
        #expect(venue.engine.order(.id(first.id), of: venue.alice)?.status == .canceled)
    }

    @Test func `client ids keep their text, up to their length`() throws {
        for text in ["a", "12345678", "x-TKT5PX2Fabc", "äöü€", String(repeating: "z", count: 39)] {
            #expect(try #require(ClientID(text)).description == text)
        }
        #expect(ClientID("") == nil && ClientID(String(repeating: "z", count: 40)) == nil)
        #expect(ClientID("ab") != ClientID("ab\0") && ClientID("ab") != ClientID("ba") && ClientID.none.isNone)
    }

    @Test func `cancel-all takes one account's orders, of one instrument if asked`() throws {
        var venue = try Venue()
        for price in Int64(90)...94 { try venue.rest(venue.alice, .buy, price, 1) }
        try venue.rest(venue.bob, .buy, 90, 1)
        #expect(venue.engine.cancelAll(of: venue.alice, InstrumentID(7)) == 0)
        #expect(venue.engine.cancelAll(of: venue.alice) == 5)
        #expect(venue.engine.depth(venue.pair, levels: 10).bids == [DepthLevel(price: 90, quantity: 1)])
    }

    @Test func `less quantity keeps the place in the queue, anything else loses it`() throws {
        var venue = try Venue()
        let first = try venue.rest(venue.alice, .buy, 100, 5)
        let second = try venue.rest(venue.bob, .buy, 100, 5)
        let less = try venue.engine.amend(.id(first.id), of: venue.alice, quantity: 3)
        #expect(less.quantity == 3 && venue.quote(venue.alice).locked == 3000)
        try venue.rest(venue.house, .sell, 100, 1)
        #expect(venue.engine.trades.last?.buyOrder == first.id)
        let more = try venue.engine.amend(.id(first.id), of: venue.alice, quantity: 4)
        #expect(more.filled == 1 && venue.quote(venue.alice).locked == 3000)
        try venue.rest(venue.house, .sell, 100, 1)
        #expect(venue.engine.trades.last?.buyOrder == second.id)
        #expect(throws: Rejection.noChange) { try venue.engine.amend(.id(first.id), of: venue.alice, quantity: 4) }
        #expect(throws: Rejection.quantityOutOfRange) { try venue.engine.amend(.id(first.id), of: venue.alice, quantity: 1) }
    }

    @Test func `a new price may take, and is refused when the money does not suffice`() throws {
        var venue = try Venue()
        try venue.rest(venue.bob, .sell, 110, 2)
        let order = try venue.rest(venue.alice, .buy, 100, 5)
        #expect(throws: Rejection.insufficientBalance) { try venue.engine.amend(.id(order.id), of: venue.alice, price: 20_001) }
        #expect(venue.order(order)?.price == 100)
        let moved = try venue.engine.amend(.id(order.id), of: venue.alice, price: 110)
        #expect(moved.filled == 2 && moved.status == .partiallyFilled)
        #expect(venue.quote(venue.alice) == Balance(free: 1_000_000 - 2200 - 3300, locked: 3300))
    }

    @Test func `an order expires when time reaches its deadline`() throws {
        var venue = try Venue()
        venue.engine.advance(to: 1000)
        var request = venue.limit(venue.alice, .buy, 100, 5)
        request.deadline = 1000
        #expect(throws: Rejection.deadlinePassed) { try venue.engine.place(request) }
        request.deadline = 1010
        let order = try venue.engine.place(request)
        venue.engine.advance(to: 1009)
        #expect(venue.order(order)?.status == .new)
        venue.engine.advance(to: 1010)
        #expect(venue.order(order)?.status == .expired && venue.order(order)?.reason == .deadline)
        venue.engine.advance(to: 5)
        #expect(venue.engine.now == 1010)
    }

    @Test func `histories are as long as was asked, and memory does not grow`() throws {
        var venue = try Venue(history: 3, fills: 2)
        for _ in 0..<1_000 {
            var request = venue.limit(venue.alice, .buy, 100, 5)
            request.clientID = try #require(ClientID("again"))
            request.deadline = 1_000_000
            let order = try venue.engine.place(request)
            _ = try venue.engine.cancel(.id(order.id), of: venue.alice)
            try venue.setLast(100)
            try venue.rest(venue.bob, .sell, 50, 1)
            try venue.rest(venue.house, .buy, 50, 1)
        }
        #expect(venue.engine.endedOrders(of: venue.alice).map(\.id.rawValue) == [4986, 4991, 4996])
        #expect(venue.engine.fills(of: venue.bob).count == 2)
        #expect(venue.engine.recentTrades(venue.pair).count == 1000)
        #expect(venue.engine.records.count < 20 && venue.engine.deadlines.count < 100)
        #expect(venue.engine.order(.id(OrderID(1)), of: venue.alice) == nil)
        #expect(Invariants.violations(venue.engine) == [])
    }

    @Test func `an account has as many open orders as it may`() throws {
        var venue = try Venue(openOrders: 2)
        try venue.rest(venue.alice, .buy, 100, 1)
        let oco = OCORequest(
            account: venue.alice, instrument: venue.pair, side: .sell, quantity: 1, price: 110, triggerPrice: 90)
        #expect(throws: Rejection.tooManyOpenOrders) { try venue.engine.place(oco) }
        try venue.rest(venue.alice, .buy, 100, 1)
        #expect(throws: Rejection.tooManyOpenOrders) { try venue.engine.place(venue.limit(venue.alice, .buy, 99, 1)) }
    }

    // MARK: - Fees and money

    @Test func `fees come from what is received and go to the venue`() throws {
        var venue = try Venue(fees: FeeSchedule(maker: 100_000, taker: 250_000))
        try venue.rest(venue.bob, .sell, 777, 3)
        let order = try venue.rest(venue.alice, .buy, 777, 3)
        // 0.25 % of 3000 is 7.5, 0.1 % of 23,310 is 23.31: both rounded down.
        #expect(order.fees == 7 && venue.engine.feeAsset(of: order) == Venue.base)
        #expect(venue.base(venue.alice).free == 1_002_993)
        #expect(venue.quote(venue.bob).free == 1_000_000 + 23_310 - 23)
        #expect(venue.base(.fees).free == 7 && venue.quote(.fees).free == 23)
        try venue.engine.withdraw(7, Venue.base, from: .fees)
        #expect(venue.engine.total(Venue.base) == venue.engine.deposited(Venue.base))
        #expect(venue.engine.deposited(Venue.base) == 1_999_993)
    }

    @Test func `fees in quote are paid on top by a buyer, who locks them`() throws {
        var venue = try Venue(fees: FeeSchedule(maker: 100_000, taker: 250_000, rounding: .up, paidIn: .quote))
        try venue.rest(venue.bob, .sell, 777, 3)
        let resting = try venue.rest(venue.alice, .buy, 700, 1)
        // 0.25 % of 7000 is 17.5.
        #expect(venue.quote(venue.alice).locked == 7018)
        _ = try venue.engine.cancel(.id(resting.id), of: venue.alice)
        let order = try venue.rest(venue.alice, .buy, 800, 3)
        #expect(order.fees == 59 && venue.engine.feeAsset(of: order) == Venue.quote)
        #expect(venue.quote(venue.alice) == Balance(free: 1_000_000 - 23_310 - 59))
        #expect(venue.base(venue.alice).free == 1_003_000)
    }

    @Test func `money comes and goes within bounds`() throws {
        var venue = try Venue()
        try venue.rest(venue.alice, .buy, 100, 5)
        #expect(throws: Rejection.insufficientBalance) { try venue.engine.withdraw(995_001, Venue.quote, from: venue.alice) }
        try venue.engine.withdraw(995_000, Venue.quote, from: venue.alice)
        #expect(throws: Rejection.insufficientBalance) { try venue.engine.place(venue.limit(venue.alice, .buy, 1, 1)) }
        #expect(throws: Rejection.amountOutOfRange) { try venue.engine.deposit(.max, Venue.quote, to: venue.alice) }
        #expect(throws: Rejection.amountOutOfRange) { try venue.engine.deposit(0, Venue.quote, to: venue.alice) }
        #expect(throws: Rejection.unknownAccount) { try venue.engine.deposit(1, Venue.quote, to: AccountID(9)) }
        #expect(throws: Rejection.unknownAsset) { try venue.engine.deposit(1, AssetID(2), to: venue.alice) }
    }

    @Test func `the house spends what it does not have, and the sum stays`() throws {
        var venue = try Venue()
        try venue.rest(venue.house, .sell, 100, 50)
        #expect(venue.base(venue.house) == Balance())
        try venue.rest(venue.alice, .buy, 100, 50)
        #expect(venue.base(venue.house).free == -50_000 && venue.quote(venue.house).free == 50_000)
        #expect(venue.engine.total(Venue.base) == 2_000_000 && venue.engine.total(Venue.quote) == 2_000_000)
        #expect(venue.engine.updates.allSatisfy { $0.order.account == venue.alice })
    }
}
