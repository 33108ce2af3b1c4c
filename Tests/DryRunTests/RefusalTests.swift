import Exchange
import Market
import Money
import Orders
import Testing

@testable import DryRun

@Suite struct RefusalTests {
    /// Places one order on the usual book and answers why it was refused.
    private static func refusal(
        _ side: OrderSide, _ kind: OrderKind, _ quantity: String, change: (inout TradedInstrument) throws -> Void = { _ in }
    ) throws -> String? {
        var scene = try Scene()
        try scene.usualBook()
        try change(&scene.instrument)
        let before = scene.venue.wallet
        let update = try scene.place(side, kind, quantity)
        #expect(update.status == .rejected)
        #expect(scene.venue.wallet == before)
        #expect(scene.venue.workingTickets.isEmpty)
        return update.reason
    }

    private static func limit(_ price: String) throws -> OrderKind { .limit(try Sample.price(price)) }

    @Test func `an order that breaks a rule of the instrument is rejected with the rule's number`() throws {
        let market = OrderKind.market
        let cases: [(String?, String)] = [
            (try Self.refusal(.buy, market, "0"), "is not above 0"),
            (try Self.refusal(.buy, market, "-1"), "is not above 0"),
            (try Self.refusal(.buy, market, "1.0005"), "step 0.001"),
            (try Self.refusal(.buy, market, "9000.001"), "largest of BTC/USDT, 9000"),
            (
                try Self.refusal(.buy, market, "0.001") { $0.minimumQuantity = try Sample.quantity("0.01") },
                "smallest of BTC/USDT, 0.01"
            ),
            (
                try Self.refusal(.buy, market, "1") { $0.marketMinimumQuantity = try Sample.quantity("2") },
                "smallest of BTC/USDT, 2"
            ),
            (try Self.refusal(.buy, market, "1.001") { $0.marketQuantityStep = try Sample.quantity("0.01") }, "step 0.01"),
            (try Self.refusal(.buy, market, "0.04"), "value of 4 is below the smallest of BTC/USDT, 5"),
            (try Self.refusal(.buy, try Self.limit("90"), "0.05"), "value of 4.5 is below"),
            (
                try Self.refusal(.buy, try Self.limit("90"), "1") { $0.maximumNotional = try Sample.amount("80") },
                "value of 90 is above"
            ),
            (try Self.refusal(.buy, try Self.limit("90.001"), "1"), "tick 0.01"),
            (try Self.refusal(.buy, try Self.limit("0"), "1"), "price 0 is not above 0"),
            (try Self.refusal(.buy, try Self.limit("90.01"), "1") { $0.priceDecimals = 1 }, "more than the 1 decimals"),
            (
                try Self.refusal(.buy, try Self.limit("90"), "1") { $0.minimumPrice = try Sample.price("95") },
                "smallest of BTC/USDT, 95"
            ),
            (
                try Self.refusal(.buy, try Self.limit("90"), "1") { $0.maximumPrice = try Sample.price("80") },
                "largest of BTC/USDT, 80"
            ),
            (try Self.refusal(.buy, market, "1") { $0.isTrading = false }, "not traded now"),
            (try Self.refusal(.buy, market, "1") { $0.contractSize = try Sample.quantity("1") }, "is a contract"),
            (try Self.refusal(.buy, market, "1") { $0.pair = try Sample.pair("BTC/BTC") }, "one currency on both sides"),
            (try Self.refusal(.buy, market, "1") { $0.takerFee = nil }, "set `fee`"),
            (try Self.refusal(.buy, market, "1") { $0.takerFee = try Sample.amount("0.7") }, "set `fee`"),
            (try Self.refusal(.buy, market, "1") { $0.priceTick = .zero }, "no price tick"),
            (try Self.refusal(.buy, .marketByCost(try Sample.amount("10")), "1"), "by quantity, not by cost"),
            (try Self.refusal(.sell, .takeProfit(trigger: try Sample.price("120")), "1"), "take-profit"),
            (
                try Self.refusal(.sell, .stopLossLimit(trigger: try Sample.price("90"), price: try Sample.price("91")), "1"),
                "cannot have the better limit 91"
            ),
        ]
        for (reason, part) in cases { #expect(reason?.contains(part) == true, "\(reason ?? "none") has no \(part)") }
    }

    @Test func `an order for another instrument is rejected`() throws {
        var scene = try Scene()
        let request = try scene.request(.buy, .market, "1", ticket: 1)
        let updates = scene.venue.place(request, on: try Sample.instrument("ETH/USDT"), at: Sample.now)
        #expect(updates.map(\.reason) == ["the order is for BTC/USDT, the instrument is ETH/USDT"])
    }

    @Test func `an order for which the money does not suffice is rejected, its fee included`() throws {
        #expect(
            try Self.refusal(.buy, .market, "9.985") == "insufficient funds: 1009.501473 USDT are needed, 1000 are free")
        #expect(
            try Self.refusal(.buy, try Self.limit("90"), "11.1") == "insufficient funds: 1000.998 USDT are needed, 1000 are free")
        #expect(try Self.refusal(.sell, .market, "10.001") == "insufficient funds: 10.001 BTC are needed, 10 are free")
    }

    @Test func `what waiting orders have set aside is not there for others`() throws {
        var scene = try Scene()
        try scene.usualBook()
        #expect(try scene.limit(.buy, "90", "6").status == .open)
        #expect(try scene.limit(.buy, "90", "6").status == .rejected)
        #expect(try scene.place(.sell, .stopLoss(trigger: try Sample.price("80")), "6").status == .open)
        #expect(try scene.place(.sell, .market, "6").status == .rejected)
        _ = scene.venue.cancel(OrderTicket(3), at: Sample.now)
        #expect(try scene.place(.sell, .market, "6").status == .filled)
    }

    @Test func `the configured fee holds for makers and takers`() throws {
        var scene = try Scene(fee: "0.01")
        scene.instrument.makerFee = nil
        scene.instrument.takerFee = nil
        try scene.usualBook()
        #expect(try scene.place(.buy, .market, "1").fees.first?.amount == (try Sample.amount("1")))
    }

    @Test func `the smallest value may not hold for market orders`() throws {
        var scene = try Scene()
        scene.instrument.minimumNotionalAppliesToMarket = false
        try scene.usualBook()
        #expect(try scene.place(.buy, .market, "0.001").status == .filled)
        #expect(try scene.limit(.buy, "90", "0.001").status == .rejected)
    }

    @Test func `a wallet that cannot be is refused`() throws {
        #expect(throws: DryRunWalletError.emptyCurrency) { try DryRunWallet(["": .zero]) }
        let debt = try Sample.amount("-1")
        #expect(throws: DryRunWalletError.badAmount(asset: "USDT", amount: debt)) { try DryRunWallet(["USDT": debt]) }
        let much = try Sample.amount("100000000000001")
        #expect(throws: DryRunWalletError.badAmount(asset: "USDT", amount: much)) { try DryRunWallet(["USDT": much]) }
        #expect("\(DryRunWalletError.badAmount(asset: "USDT", amount: debt))".contains("dry_run_wallet.USDT: -1"))
    }

    @Test func `a wallet at its limit loses nothing when a sale would overflow it`() throws {
        var scene = try Scene(usdt: "99999999999999", btc: "10")
        try scene.usualBook()
        #expect(try scene.place(.sell, .market, "1").status == .rejected)
        #expect(try scene.limit(.sell, "100", "1").status == .open)
        let update = try #require(try scene.book([("100", "1")], [("101", "1")]).first)
        #expect(update.status == .expired)
        #expect(scene.free("BTC") == "10")
        #expect(scene.free("USDT") == "99999999999999")
    }
}
