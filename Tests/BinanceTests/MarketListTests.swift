import Exchange
import Market
import Money
import Testing

@testable import Binance

struct MarketListTests {
    @Test func `each market of the corpus has the rules that ccxt reads from it`() throws {
        guard let markets = try Corpus.json("markets.json") else { return }
        var count = 0
        for exchange in ["binance", "binanceusdm"] {
            let raw = try #require(try Corpus.json("raw/\(exchange)_exchangeInfo.json"))
            let response = WebResponse(status: 200, headers: [], body: raw.bytes)
            let list =
                exchange == "binance"
                ? try BinanceSpotMarketData().instruments(from: [response])
                : try BinanceUSDMMarketData().instruments(from: [response])
            let expected = (markets[exchange]?.members ?? []).filter { !$0.name.hasPrefix("_") }
            #expect(list.count == expected.count)
            for (name, market) in expected.map({ ($0.name, $0.value) }) {
                let ours = try #require(list.first { $0.pair.description == name })
                compare(ours, market)
                try compareRounding(ours, try #require(markets[exchange]?["_rounding"]?[name]))
                count += 1
            }
        }
        print("markets: \(count)")
        #expect(count == 4)
    }

    private func compare(_ ours: TradedInstrument, _ market: JSONValue) {
        let limits = market["limits"]
        #expect(ours.symbol == market["id"]?.text)
        #expect(ours.priceTick.approximation == market["precision"]?["price"]?.double)
        #expect(ours.quantityStep.approximation == market["precision"]?["amount"]?.double)
        #expect(ours.minimumQuantity?.approximation == limits?["amount"]?["min"]?.double)
        #expect(ours.maximumQuantity?.approximation == limits?["amount"]?["max"]?.double)
        #expect(ours.minimumPrice?.approximation == limits?["price"]?["min"]?.double)
        #expect(ours.maximumPrice?.approximation == limits?["price"]?["max"]?.double)
        #expect(ours.minimumNotional?.approximation == limits?["cost"]?["min"]?.double)
        #expect(ours.maximumNotional?.approximation == limits?["cost"]?["max"]?.double)
        // ccxt keeps a smallest market order of zero, which is no rule.
        #expect((ours.marketMinimumQuantity?.approximation ?? 0) == limits?["market"]?["min"]?.double)
        #expect(ours.marketMaximumQuantity?.approximation == limits?["market"]?["max"]?.double)
        #expect(ours.contractSize?.approximation == market["contractSize"]?.double)
        #expect(ours.isTrading == market["active"]?.bool)
        // ccxt's fees are constants of its own, not of the list.
        #expect(ours.makerFee == nil)
    }

    /// `{"amount 1.23456789123": "1.23456", "price 50123.456789": "50123.46"}`
    private func compareRounding(_ ours: TradedInstrument, _ rounding: JSONValue) throws {
        for (name, expected) in (rounding.members ?? []).map({ ($0.name, $0.value) }) {
            let parts = name.split(separator: " ")
            if parts[0] == "amount" {
                #expect(try Given.quantity(String(parts[1]), ours).description == expected.text)
            } else {
                #expect(try Given.price(String(parts[1]), ours).description == expected.text)
            }
        }
    }

    @Test func `a list of our own is read with its filters, and odd listings are left out`() throws {
        let list = try BinanceSpotMarketData().instruments(from: [Samples.response("exchangeInfo")])
        #expect(list.map(\.symbol) == ["SOLUSDT", "OLDUSDT"])
        let sol = try #require(list.first)
        #expect(sol.pair.description == "SOL/USDT")
        #expect(sol.isTrading)
        #expect(sol.priceTick.fullText == "0.01000000")
        #expect(sol.priceDecimals == 2)
        #expect(sol.marketQuantityStep == nil)
        #expect(sol.marketMaximumQuantity == Quantity("500.5"))
        #expect(!sol.minimumNotionalAppliesToMarket)
        #expect(sol.minimumNotional == Amount("5"))
        let old = try #require(list.last)
        #expect(!old.isTrading)
        #expect(old.minimumPrice == nil)
        #expect(old.minimumNotional == Amount("10"))
    }

    @Test func `of futures only perpetuals are instruments`() throws {
        let list = try BinanceUSDMMarketData().instruments(from: [Samples.response("futuresInfo")])
        #expect(list.map(\.pair.description) == ["SOL/USDT:USDT"])
        #expect(list.first?.priceTick == Price("0.01"))
        #expect(list.first?.minimumNotional == Amount("5"))
        #expect(list.first?.contractSize == Quantity("1"))
    }

    @Test func `a list without one readable symbol is an error`() {
        let bad = WebResponse(status: 200, headers: [], body: Array(#"{"symbols":[{"symbol":"X"}]}"#.utf8))
        #expect(throws: VenueError.self) { try BinanceSpotMarketData().instruments(from: [bad]) }
        let none = WebResponse(status: 200, headers: [], body: Array("{}".utf8))
        #expect(throws: VenueError.self) { try BinanceSpotMarketData().instruments(from: [none]) }
    }

    @Test func `budgets come from the list and usage from the headers`() {
        let limits = BinanceSpotMarketData().budgetLimits(inMarketList: Samples.response("exchangeInfo"))
        #expect(
            limits == [
                BudgetLimit("weight-1m", units: 1200, .window(.seconds(60))),
                BudgetLimit("orders-10s", units: 50, .window(.seconds(10))),
                BudgetLimit("orders-1d", units: 160_000, .window(.seconds(86_400))),
            ])
        let response = WebResponse(
            status: 200,
            headers: [
                WebHeader("X-MBX-USED-WEIGHT-1M", "37"), WebHeader("x-mbx-order-count-10s", "4"),
                WebHeader("x-mbx-used-weight", "37"), WebHeader("X-MBX-ORDER-COUNT-1D", "-1"),
                WebHeader("X-SAPI-USED-IP-WEIGHT-1M", "2"), WebHeader("Date", "5"),
            ], body: [])
        #expect(
            BinanceSpotMarketData().usage(in: response) == [
                BudgetUsage("weight-1m", units: 37), BudgetUsage("orders-10s", units: 4),
                BudgetUsage("wallet-weight-1m", units: 2),
            ])
    }

    @Test func `each charge names a budget that the venue has`() throws {
        let btc = try Given.spot()
        let perpetual = try Given.perpetual()
        let order = OrderIntent(.buy, .market, quantity: btc.quantityStep, clientOrderID: Given.id)
        let spot = BinanceSpotTrading()
        let futures = BinanceUSDMTrading()
        let spotNames = Set(BinanceSpotMarketData().budgetLimits.map(\.name))
        let futuresNames = Set(BinanceUSDMMarketData().budgetLimits.map(\.name))
        let placed = try spot.place(order, btc, at: Given.now).charges
        #expect(placed.map(\.budget) == ["weight-1m", "raw-5m", "orders-10s", "orders-1d"])
        #expect(placed.allSatisfy { $0.milliunits == 1000 })
        let rights = try #require(spot.accountRights()).charges
        #expect(Set((placed + rights + spot.balances().charges).map(\.budget)).isSubset(of: spotNames))
        let future = try futures.place(order, perpetual, at: Given.now).charges
        let funding = BinanceUSDMMarketData().fundingHistory(perpetual, from: nil, limit: 1).charges
        #expect(Set((future + funding + futures.balances().charges).map(\.budget)).isSubset(of: futuresNames))
        #expect(future.map(\.budget) == ["weight-1m", "orders-10s", "orders-1m"])
        #expect(BinanceSpotMarketData().book(btc, depth: 5000).charges.first?.milliunits == 250_000)
        #expect(BinanceUSDMMarketData().book(perpetual, depth: 60).request.query == "symbol=BTCUSDT&limit=100")
        #expect(spot.openOrders(nil).charges.first?.milliunits == 80_000)
        #expect(spot.cancel(.client(Given.id), btc, age: nil).isCancel)
    }
}
