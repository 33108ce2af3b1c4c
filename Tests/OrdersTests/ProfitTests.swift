import Exchange
import Market
import Money
import Orders
import Testing

@Suite struct `Positions and profit` {
    private func fill(
        _ side: OrderSide, _ quantity: String, _ price: String, fee: String = "0", in asset: String = "USDT", id: String = "T"
    ) -> Fill {
        Fill(
            tradeID: id, venueOrderID: nil, clientOrderID: nil, symbol: "BTCUSDT", side: side, price: Price(price) ?? .zero,
            quantity: Quantity(quantity) ?? .zero, fee: Amount(fee) ?? .zero, feeAsset: asset, isMaker: nil, time: Sample.time(0))
    }

    private func position(_ fills: [Fill]) throws -> Position {
        var position = Position()
        for fill in fills { try position.apply(fill, base: "BTC", quote: "USDT") }
        return position
    }

    @Test func `by average cost: an exit takes its share of several entries`() throws {
        // (1 x 100 + 3 x 120) / 4 = 115; sold 2 at 130: 2 x 15 = 30.
        var position = try position([fill(.buy, "1", "100"), fill(.buy, "3", "120"), fill(.sell, "2", "130")])
        #expect(position.realised == Amount("30") && position.held == Amount("2") && position.cost == Amount("230"))
        #expect(position.unrealised(at: Price(units: 125, decimals: 0)) == Amount("20"))
        #expect(position.averageCost == 115)
        try position.apply(fill(.sell, "2", "110"), base: "BTC", quote: "USDT")
        #expect(position.isFlat && position.cost.isZero && position.realised == Amount("20") && position.cash == Amount("20"))
    }

    @Test func `fees in quote lessen the profit, in base what is held, in others stand apart`() throws {
        let position = try position([
            fill(.buy, "2", "100", fee: "0.2"), fill(.buy, "1", "100", fee: "0.001", in: "BTC"),
            fill(.buy, "1", "100", fee: "0.5", in: "BNB"), fill(.sell, "1", "100", fee: "-0.1"),
        ])
        #expect(position.held == Amount("2.999"))
        #expect(position.otherFees == [FeeTotal(asset: "BNB", amount: try #require(Amount("0.5")))])
        #expect(position.cash == Amount("-300.1"))
    }

    @Test func `of a short position, and over zero to the other side`() throws {
        let short = try position([fill(.sell, "2", "100"), fill(.buy, "1", "90")])
        #expect(short.realised == Amount("10") && short.held == Amount("-1") && short.cost == Amount("-100"))
        #expect(short.unrealised(at: Price(units: 80, decimals: 0)) == Amount("20"))
        let turned = try position([fill(.buy, "1", "100"), fill(.sell, "3", "110")])
        #expect(turned.realised == Amount("10") && turned.held == Amount("-2") && turned.cost == Amount("-220"))
    }

    @Test func `add up to the money that flowed, to the last digit, whatever is bought and sold`() throws {
        for seed in UInt64(1)...400 {
            var random = SplitMix64(seed: seed)
            var position = Position()
            var cash = Amount.zero, held = Amount.zero
            for step in 0..<60 {
                let side: OrderSide = random.chance(50) ? .buy : .sell
                let asset = ["USDT", "BTC", "BNB"][random.below(3)]
                var fill = fill(side, "1", "1", in: asset, id: "T\(step)")
                fill.price = Price(units: 1 + Int64(random.below(9_999_999)), decimals: random.below(9))
                fill.quantity = Quantity(units: 1 + Int64(random.below(999_999)), decimals: random.below(9))
                fill.fee = Amount(units: Int128(random.below(2000) - 200), decimals: 8)
                try position.apply(fill, base: "BTC", quote: "USDT")
                // The same sums, made apart.
                let value = Amount(fill.price, times: fill.quantity), quantity = Amount(fill.quantity)
                cash = try #require(side == .sell ? cash.adding(value) : cash.subtracting(value))
                held = try #require(side == .buy ? held.adding(quantity) : held.subtracting(quantity))
                if asset == "USDT" { cash = try #require(cash.subtracting(fill.fee)) }
                if asset == "BTC" { held = try #require(held.subtracting(fill.fee)) }
                #expect(position.cash == cash && position.held == held, "seed \(seed), step \(step)")
                #expect(position.realised.subtracting(position.cost) == cash, "seed \(seed), step \(step)")
                #expect(!held.isZero || position.cost.isZero, "seed \(seed), step \(step)")
            }
        }
    }

    @Test func `are as they were after a fill that cannot be added`() throws {
        var position = try position([fill(.buy, "1", "100")])
        let before = position
        var wrong = fill(.buy, "1", "1")
        wrong.fee = Amount(units: .max, decimals: 0)
        #expect(throws: Position.ArithmeticError.self) { try position.apply(wrong, base: "BTC", quote: "USDT") }
        #expect(throws: Position.ArithmeticError.self) { try position.apply(fill(.buy, "0", "1"), base: "BTC", quote: "USDT") }
        #expect(position == before)
    }
}
