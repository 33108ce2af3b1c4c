import Exchange
import Market
import Money
import Orders
import Testing

@testable import DryRun

/// Random lives of a venue with three pairs of three currencies.
struct RandomLife {
    var random: SplitMix64
    var venue: DryRunVenue
    let instruments: [TradedInstrument]
    var ticket: UInt64 = 0
    /// All answers, as a loop would hear them.
    var latest: [OrderTicket: OrderUpdate] = [:]
    var requests: [OrderTicket: OrderRequest] = [:]
    var fills: [OrderUpdate] = []

    init(seed: UInt64) throws {
        random = SplitMix64(seed: seed)
        instruments = try ["BTC/USDT", "ETH/USDT", "ETH/BTC"].map(Sample.instrument).map { instrument in
            var instrument = instrument
            instrument.minimumNotional = nil
            return instrument
        }
        let wallet = try DryRunWallet([
            "USDT": try Sample.amount("5000.000000000000000001"), "BTC": try Sample.amount("20"), "ETH": try Sample.amount("3.5"),
        ])
        let fee = random.chance(30) ? Amount(units: Int128(Int.random(in: -10...50, using: &random)), decimals: 4) : nil
        venue = DryRunVenue(wallet: wallet, rules: DryRunRules(fee: fee))
    }

    mutating func step() throws {
        let instrument = instruments[Int.random(in: 0..<3, using: &random)]
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5: try hear(venue.place(request(instrument), on: instrument, at: Sample.now))
        case 5:
            if let ticket = venue.workingTickets.randomElement(using: &random) { try hear(venue.cancel(ticket, at: Sample.now)) }
        case 6:
            venue = try DryRunVenue(restoring: venue.snapshot(), rules: venue.rules)
        default: try hear(book(instrument.pair))
        }
    }

    private mutating func hear(_ updates: [OrderUpdate]) throws {
        for update in updates {
            #expect(latest[update.ticket]?.status.isFinal != true, "order \(update.ticket) ended twice")
            latest[update.ticket] = update
            if update.fill != nil { fills.append(update) }
        }
    }

    private mutating func price() -> Price { Price(units: .random(in: 9000...11000, using: &random), decimals: 2) }

    private mutating func request(_ instrument: TradedInstrument) -> OrderRequest {
        ticket += 1
        let (a, b) = (price(), price())
        let side: OrderSide = random.chance(50) ? .buy : .sell
        let kind: OrderKind =
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: .market
            case 2, 3: .limit(a)
            case 4: .stopLoss(trigger: a)
            default: .stopLossLimit(trigger: side == .sell ? max(a, b) : min(a, b), price: side == .sell ? min(a, b) : max(a, b))
            }
        let force: TimeInForce = random.chance(80) ? .goodTilCanceled : .immediateOrCancel
        let request = OrderRequest(
            ticket: OrderTicket(ticket), trade: TradeNumber(ticket), pair: instrument.pair, side: side, kind: kind,
            quantity: Quantity(units: .random(in: 1...20_000, using: &random), decimals: 3), timeInForce: force, purpose: .entry,
            tag: random.chance(10) ? "ü %\n" : "tag")
        requests[request.ticket] = request
        return request
    }

    private mutating func book(_ pair: Pair) -> [OrderUpdate] {
        let bid = price()
        let ask = Price(units: bid.units + .random(in: 1...300, using: &random), decimals: 2)
        let levels = { (first: Price, sign: Int64, random: inout SplitMix64) in
            (0..<Int.random(in: 0...4, using: &random)).map { index in
                BookLevel(
                    Price(units: first.units + sign * Int64(index) * 7, decimals: 2),
                    Quantity(units: .random(in: 1...9000, using: &random), decimals: 3))
            }
        }
        let bids = levels(bid, -1, &random)
        return venue.book(pair, bids: bids, asks: levels(ask, 1, &random), at: Sample.now)
    }
}

@Suite struct PropertyTests {
    @Test func `money is neither made nor lost, nothing is below zero, and what is locked is what waits`() throws {
        let first = Seed.announced("lives of the simulated venue")
        var fills = 0
        var ends: [OrderStatus: Int] = [:]
        for seed in first..<(first + 60) {
            var life = try RandomLife(seed: seed)
            for _ in 0..<200 {
                try life.step()
                try Self.checkMoney(life, seed)
            }
            #expect(Set(life.latest.keys) == Set(life.requests.keys), "an order without an answer, seed \(seed)")
            #expect(life.venue.workingTickets == life.latest.filter { !$0.value.status.isFinal }.keys.sorted(), "seed \(seed)")
            fills += life.fills.count
            for update in life.latest.values { ends[update.status, default: 0] += 1 }
        }
        print("simulated venue: 60 lives, \(fills) fills, \(ends.map { "\($0.key.rawValue) \($0.value)" }.sorted())")
        #expect(fills > 1000)
        for status in [OrderStatus.filled, .open, .canceled, .expired, .rejected] { #expect(ends[status, default: 0] > 50) }
    }

    /// The wallet recomputed from its start and what the fills say.
    private static func checkMoney(_ life: RandomLife, _ seed: UInt64) throws {
        var expected = life.venue.wallet.start
        func add(_ asset: String, _ amount: Amount?) throws {
            let before = expected[asset] ?? .zero
            let change = try #require(amount)
            let sum = try #require(before.adding(change))
            expected[asset] = sum
        }
        for update in life.fills {
            let fill = try #require(update.fill)
            let request = try #require(life.requests[update.ticket])
            let cost = Amount(fill.price, times: fill.quantity)
            try #require(update.cost == cost && update.filled == request.quantity && fill.quantity == request.quantity)
            try #require(update.fees == [FeeTotal(asset: request.pair.quote, amount: fill.fee)])
            let isBuy = request.side == .buy
            try add(request.pair.base, isBuy ? Amount(fill.quantity) : Amount.zero.subtracting(Amount(fill.quantity)))
            try add(request.pair.quote, isBuy ? Amount.zero.subtracting(cost) : cost)
            try add(request.pair.quote, Amount.zero.subtracting(fill.fee))
        }
        var locked: [String: Amount] = [:]
        for ticket in life.venue.workingTickets {
            let order = try #require(life.venue.orders[ticket])
            let before = locked[order.paysWith] ?? .zero
            let reserve = try #require(order.reserve)
            let sum = try #require(before.adding(reserve))
            locked[order.paysWith] = sum
        }
        for balance in life.venue.wallet.balances {
            try #require(!balance.free.isNegative && !balance.locked.isNegative, "below zero, seed \(seed)")
            try #require(balance.free.adding(balance.locked) == expected[balance.asset], "\(balance), seed \(seed)")
            try #require(balance.locked == locked[balance.asset, default: .zero], "\(balance), seed \(seed)")
        }
    }

    @Test func `no fill is worse than the order's own price`() throws {
        let first = Seed.announced("prices of the simulated venue")
        var checked = 0
        for seed in first..<(first + 40) {
            var life = try RandomLife(seed: seed)
            for _ in 0..<200 { try life.step() }
            for update in life.fills {
                let request = try #require(life.requests[update.ticket])
                let price = try #require(update.fill?.price)
                #expect(price.isMultiple(of: Price(units: 1, decimals: 2)))
                let worst: Price?
                switch request.kind {
                case .limit(let limit), .stopLossLimit(_, let limit), .stopLoss(let limit): worst = limit
                default: worst = nil
                }
                guard let worst else { continue }
                checked += 1
                #expect(request.side == .buy ? price <= worst : price >= worst, "\(request) at \(price), seed \(seed)")
            }
        }
        #expect(checked > 500)
    }

    @Test func `a market order's average lies between the best price and five percent`() throws {
        var random = SplitMix64(seed: Seed.announced("averages"))
        let tick = Price(units: 1, decimals: 2)
        for _ in 0..<5000 {
            let best = Int64.random(in: 1000...100_000, using: &random)
            let levels = (0..<Int64.random(in: 1...20, using: &random)).map { index in
                BookLevel(
                    Price(units: best + index * .random(in: 1...900, using: &random), decimals: 2),
                    Quantity(units: .random(in: 1...1000, using: &random), decimals: 3))
            }.sorted { $0.price < $1.price }
            let quantity = Quantity(units: .random(in: 1...20_000, using: &random), decimals: 3)
            let reference = levels[0].price
            let worst = try #require(DryRunPricing.worst(.buy, reference: reference, tick: tick))
            let price = try #require(DryRunPricing.average(.buy, quantity, from: levels, worst: worst, tick: tick))
            #expect(price >= reference && price <= worst)
            let more = try #require(quantity.adding(Quantity(units: 500, decimals: 3)))
            #expect(try #require(DryRunPricing.average(.buy, more, from: levels, worst: worst, tick: tick)) >= price)
        }
    }
}
