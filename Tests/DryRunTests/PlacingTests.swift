import Exchange
import Market
import Money
import Orders
import Testing

@testable import DryRun

@Suite struct PlacingTests {
    @Test func `a market buy pays the average over the levels and the taker's fee`() throws {
        var scene = try Scene()
        try scene.usualBook()
        let update = try scene.place(.buy, .market, "1.5")
        // (1 x 100 + 0.5 x 101) / 1.5 = 100.333...
        #expect(update.status == .filled)
        #expect(update.fill?.price == (try Sample.price("100.33")))
        #expect(update.cost == (try Sample.amount("150.495")))
        #expect(update.fees == [FeeTotal(asset: "USDT", amount: try Sample.amount("0.30099"))])
        #expect(update.fill?.isMaker == false)
        #expect(update.filled == (try Sample.quantity("1.5")))
        #expect(scene.free("USDT") == "849.20401")
        #expect(scene.free("BTC") == "11.5")
        #expect(scene.venue.workingTickets.isEmpty)
    }

    @Test func `a market sell takes the bids, and what the book lacks is taken at the last level`() throws {
        var scene = try Scene()
        try scene.usualBook()
        let update = try scene.place(.sell, .market, "4")
        // (99 + 98 + 2 x 98) / 4
        #expect(update.fill?.price == (try Sample.price("98.25")))
        #expect(scene.free("USDT") == "1392.214")
        #expect(scene.free("BTC") == "6")
    }

    @Test func `slippage ends at five percent of the reference`() throws {
        var scene = try Scene(usdt: "100000")
        _ = try scene.book([("99", "1"), ("50", "100")], [("100", "1"), ("200", "100")])
        #expect(try scene.place(.buy, .market, "10").fill?.price == (try Sample.price("105")))
        #expect(try scene.place(.sell, .market, "10").fill?.price == (try Sample.price("94.05")))
        #expect(try scene.place(.buy, .market, "10", reference: "110").fill?.price == (try Sample.price("115.5")))
        // A reference below the book caps the price there, as freqtrade does.
        #expect(try scene.place(.buy, .market, "0.5", reference: "90").fill?.price == (try Sample.price("94.5")))
    }

    @Test func `a limit that meets the book by less than one percent is filled at its own price by a taker`() throws {
        var scene = try Scene()
        try scene.usualBook()
        let update = try scene.limit(.buy, "101", "5")
        #expect(update.status == .filled)
        #expect(update.fill?.price == (try Sample.price("101")))
        #expect(update.fees.first?.amount == (try Sample.amount("1.01")))
        let sale = try scene.limit(.sell, "98.02", "5")
        #expect(sale.fill?.price == (try Sample.price("98.02")))
        #expect(sale.fill?.isMaker == false)
    }

    @Test func `a limit that meets the book by one percent or more is filled like a market order, but never beyond its limit`()
        throws
    {
        var scene = try Scene(usdt: "100000", btc: "100")
        _ = try scene.book([("101", "1"), ("90", "99")], [("99", "1"), ("110", "99")])
        // 0.99 x 100 = 99: just far enough.
        #expect(try scene.limit(.buy, "100", "1").fill?.price == (try Sample.price("99")))
        #expect(try scene.limit(.buy, "99.99", "1").fill?.price == (try Sample.price("99.99")))
        #expect(try scene.limit(.sell, "100", "1").fill?.price == (try Sample.price("101")))
        #expect(try scene.limit(.sell, "100.01", "1").fill?.price == (try Sample.price("100.01")))
        // freqtrade would fill these at 105 and 95.
        #expect(try scene.limit(.buy, "100", "50").fill?.price == (try Sample.price("100")))
        #expect(try scene.limit(.sell, "100", "50").fill?.price == (try Sample.price("100")))
    }

    @Test func `a limit that waits is filled at its price by a maker when the other side comes to it`() throws {
        var scene = try Scene()
        try scene.usualBook()
        #expect(try scene.limit(.buy, "99.5", "2").status == .open)
        #expect(scene.free("USDT") == "800.602")
        #expect(scene.locked("USDT") == "199.398")
        #expect(try scene.book([("99", "1")], [("99.51", "1")]).isEmpty)
        let updates = try scene.book([("90", "1")], [("95", "0.001")])
        #expect(updates.map(\.status) == [.filled])
        #expect(updates.first?.fill?.price == (try Sample.price("99.5")))
        #expect(updates.first?.fill?.isMaker == true)
        #expect(updates.first?.fees.first?.amount == (try Sample.amount("0.199")))
        #expect(scene.free("USDT") == "800.801")
        #expect(scene.locked("USDT") == "0")
        #expect(scene.free("BTC") == "12")
        #expect(try scene.book([("90", "1")], [("95", "1")]).isEmpty)
    }

    @Test func `orders that one book fills are answered in the order of placing, and each has the whole book`() throws {
        var scene = try Scene()
        try scene.usualBook()
        for price in ["97", "98", "96"] { #expect(try scene.limit(.buy, price, "1").status == .open) }
        let updates = try scene.book([("90", "1")], [("96", "1")])
        #expect(updates.map(\.ticket.number) == [1, 2, 3])
        #expect(updates.allSatisfy { $0.status == .filled })
    }

    @Test func `an order that may not wait is filled whole or expires`() throws {
        var scene = try Scene()
        try scene.usualBook()
        for force in [TimeInForce.immediateOrCancel, .fillOrKill] {
            #expect(try scene.limit(.buy, "100", "2", force).status == .filled)
            let expired = try scene.limit(.buy, "99.99", "2", force)
            #expect(expired.status == .expired)
            #expect(expired.reason?.contains("99.99") == true)
        }
        #expect(scene.locked("USDT") == "0")
    }

    @Test func `a post-only order is rejected where it would take, and else waits`() throws {
        var scene = try Scene()
        try scene.usualBook()
        #expect(try scene.place(.buy, .postOnly(try Sample.price("100")), "1").status == .rejected)
        #expect(try scene.place(.sell, .postOnly(try Sample.price("99")), "1").status == .rejected)
        #expect(try scene.place(.sell, .postOnly(try Sample.price("99.01")), "1").status == .open)
        #expect(try scene.book([("99.01", "1")], [("100", "1")]).first?.fill?.isMaker == true)
    }

    @Test func `a stop waits for the far side of the book, and a market stop gets its trigger`() throws {
        var scene = try Scene()
        try scene.usualBook()
        #expect(try scene.place(.sell, .stopLoss(trigger: try Sample.price("95")), "2").status == .open)
        #expect(scene.locked("BTC") == "2")
        // The bid is below the trigger, the ask is not.
        #expect(try scene.book([("94", "1")], [("95.01", "1")]).isEmpty)
        let updates = try scene.book([("90", "1")], [("95", "1")])
        #expect(updates.first?.fill?.price == (try Sample.price("95")))
        #expect(updates.first?.fill?.isMaker == true)
    }

    @Test func `a stop with a limit gets the average of the book, but not less than the limit`() throws {
        var scene = try Scene(usdt: "2000")
        try scene.usualBook()
        let kind = OrderKind.stopLossLimit(trigger: try Sample.price("95"), price: try Sample.price("94"))
        #expect(try scene.place(.sell, kind, "2").status == .open)
        #expect(try scene.place(.sell, kind, "8").status == .open)
        let updates = try scene.book([("94.9", "1"), ("94.5", "1"), ("80", "9")], [("95", "1")])
        #expect(updates.map { $0.fill?.price } == [try Sample.price("94.7"), try Sample.price("94")])
        let buy = OrderKind.stopLossLimit(trigger: try Sample.price("100"), price: try Sample.price("101"))
        #expect(try scene.place(.buy, buy, "2").status == .open)
        let bought = try scene.book([("100", "1")], [("100.5", "1"), ("100.7", "5")])
        #expect(bought.first?.fill?.price == (try Sample.price("100.6")))
    }

    @Test func `a stop that would trigger at once is rejected`() throws {
        var scene = try Scene()
        try scene.usualBook()
        let sell = try scene.place(.sell, .stopLoss(trigger: try Sample.price("100")), "1")
        #expect(sell.status == .rejected)
        #expect(sell.reason == "the stop at 100 would trigger immediately")
        #expect(try scene.place(.buy, .stopLoss(trigger: try Sample.price("99")), "1").status == .rejected)
        #expect(scene.locked("BTC") == "0")
    }

    @Test func `a canceled order gives back its money, once`() throws {
        var scene = try Scene()
        try scene.usualBook()
        #expect(try scene.limit(.buy, "90", "1").status == .open)
        #expect(scene.venue.cancel(OrderTicket(1), at: Sample.now).map(\.status) == [.canceled])
        #expect(scene.venue.cancel(OrderTicket(1), at: Sample.now).isEmpty)
        #expect(scene.free("USDT") == "1000")
        #expect(try scene.book([("80", "1")], [("85", "1")]).isEmpty)
    }

    @Test func `a ticket is used once, and asked again while it waits it tells that it waits`() throws {
        var scene = try Scene()
        try scene.usualBook()
        #expect(try scene.limit(.buy, "90", "1").status == .open)
        scene.ticket = 0
        #expect(try scene.limit(.buy, "90", "1").status == .open)
        #expect(scene.locked("USDT") == "90.18")
        _ = scene.venue.cancel(OrderTicket(1), at: Sample.now)
        scene.ticket = 0
        #expect(try scene.limit(.buy, "90", "1").status == .rejected)
    }

    @Test func `without a book limits and stops wait, and what cannot wait ends`() throws {
        var scene = try Scene()
        #expect(try scene.place(.buy, .market, "1").status == .rejected)
        #expect(try scene.limit(.buy, "100", "1", .immediateOrCancel).status == .expired)
        #expect(try scene.limit(.buy, "100", "1").status == .open)
        #expect(try scene.place(.sell, .stopLoss(trigger: try Sample.price("95")), "1").status == .open)
        try scene.usualBook()
        #expect(scene.venue.workingTickets == [OrderTicket(4)])
        scene.venue.lostMarket(scene.pair)
        #expect(try scene.place(.buy, .market, "1").status == .rejected)
    }

    @Test func `a market order finds nobody on an empty side`() throws {
        var scene = try Scene()
        _ = try scene.book([("99", "1")], [("100", "0"), ("0", "1")])
        let update = try scene.place(.buy, .market, "1")
        #expect(update.status == .expired)
        #expect(update.reason == "nobody sells BTC")
    }

    @Test func `best bid and ask alone fill orders, too`() throws {
        var scene = try Scene()
        let bid = BookLevel(try Sample.price("99"), try Sample.quantity("1"))
        let ask = BookLevel(try Sample.price("100"), try Sample.quantity("1"))
        #expect(scene.venue.quote(scene.pair, bid: bid, ask: ask, at: Sample.now).isEmpty)
        #expect(try scene.place(.buy, .market, "3").fill?.price == (try Sample.price("100")))
        #expect(try scene.limit(.sell, "100", "1").status == .open)
        #expect(scene.venue.quote(scene.pair, bid: ask, ask: ask, at: Sample.now).count == 1)
    }

    @Test func `only the upper twenty levels count`() throws {
        var scene = try Scene(usdt: "100000")
        let asks = (0..<30).map { (index: Int) in ("\(100 + index)", "0.1") }
        _ = try scene.book([("99", "1")], asks)
        // 0.1 x (100 + ... + 119) = 219, and 0.5 x 119 = 59.5: 278.5 / 2.5 = 111.4, capped at 105.
        #expect(try scene.place(.buy, .market, "2.5").fill?.price == (try Sample.price("105")))
        #expect(try scene.place(.buy, .market, "2.5", reference: "110").fill?.price == (try Sample.price("111.4")))
    }
}
