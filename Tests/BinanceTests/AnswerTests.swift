import Exchange
import Market
import Money
import Testing

@testable import Binance

/// Answers over REST, from samples of our own.
struct AnswerTests {
    private func decode<Answer>(_ call: SignedCall<Answer>, _ sample: String) throws -> Answer {
        try call.decode(Samples.response(sample))
    }

    private func decode<Answer>(_ call: PublicCall<Answer>, _ sample: String) throws -> Answer {
        try call.decode(Samples.response(sample))
    }

    @Test func `market data of both systems is read`() throws {
        let (spot, futures) = (BinanceSpotMarketData(), BinanceUSDMMarketData())
        let btc = try Given.spot()
        #expect(try decode(spot.serverTime(), "time").milliseconds == 1_760_000_000_123)
        let candles = try decode(spot.candles(btc, .oneMinute, from: nil, limit: 2), "klines")
        #expect(candles.count == 2)
        #expect(
            candles.first
                == Candle(
                    time: Timestamp(milliseconds: 1_759_999_920_000), open: 150.1, high: 154, low: 149.5, close: 153.2,
                    volume: 1000.25))
        let trade = try #require(try decode(spot.recentTrades(btc, limit: 1), "trades").first)
        #expect(trade.tradeID == 28457 && trade.takerSide == .sell && trade.symbol == "BTCUSDT")
        let aggregate = try #require(try decode(futures.recentTrades(btc, limit: 1), "aggTrades").first)
        #expect(aggregate.tradeID == 777 && aggregate.takerSide == .buy && aggregate.quantity == Quantity("12"))
        let book = try decode(spot.book(btc, depth: 10), "book")
        #expect(book.isSnapshot && book.firstID == 160 && book.lastID == 160)
        #expect(book.asks.map(\.price.fullText) == ["153.30", "153.40"])
    }

    @Test func `funding rates keep their sign and digits`() throws {
        let btc = try Given.perpetual()
        let history = try decode(BinanceUSDMMarketData().fundingHistory(btc, from: nil, limit: 10), "funding")
        #expect(history.map(\.rate) == [Amount("-0.000125"), Amount("0.0001")])
        #expect(history.map(\.markPrice) == [Price("153.25"), nil])
        let next = try decode(BinanceUSDMMarketData().nextFunding(btc), "premium")
        #expect(next.rate == Amount("0.0001"))
        #expect(next.time.milliseconds == 1_760_025_600_000)
    }

    @Test func `an account is read, and what its key may do`() throws {
        let spot = BinanceSpotTrading()
        #expect(
            try decode(spot.balances(), "account") == [
                Balance(asset: "SOL", free: try #require(Amount("10.5")), locked: try #require(Amount("4.5"))),
                Balance(asset: "USDT", free: try #require(Amount("1000")), locked: .zero),
            ])
        let rights = try #require(spot.accountRights())
        #expect(try decode(rights, "restrictions") == AccountRights(canRead: true, canTrade: true, canWithdraw: true))
        let unknown = try rights.decode(WebResponse(status: 404, headers: [], body: []))
        #expect(unknown == AccountRights(canRead: nil, canTrade: nil, canWithdraw: nil))
        #expect(
            try decode(spot.accountPermissions(), "account") == AccountRights(canRead: true, canTrade: true, canWithdraw: false))
        let futures = BinanceUSDMTrading()
        #expect(try decode(try #require(futures.accountRights()), "accountConfig").canWithdraw == true)
        let wallet = try #require(try decode(futures.balances(), "futuresBalance").first)
        #expect(wallet.free == Amount("900.5") && wallet.locked == Amount("325.75"))
    }

    @Test func `an order's answer is read in all three lengths`() throws {
        let btc = try Given.spot()
        let order = OrderIntent(.buy, .market, quantity: btc.quantityStep, clientOrderID: Given.id)
        let call = try BinanceSpotTrading().place(order, btc, at: Given.now)
        let short = try decode(call, "orderAck")
        #expect(short.status == .pending && short.side == nil && short.quantity == nil)
        #expect(short.venueOrderID.text == "28" && short.clientOrderID?.text == "ours")
        let result = try decode(call, "orderResult")
        #expect(result.status == .filled && result.side == .sell && result.price == nil)
        #expect(result.filledCost == Amount("689.715") && result.fills.isEmpty)
        let full = try decode(call, "orderFull")
        #expect(full.fills.map(\.tradeID) == ["56", "57"])
        #expect(full.fills.map(\.fee) == [Amount("0.004"), Amount("0.0005")])
        #expect(full.fills.allSatisfy { $0.side == .buy && $0.feeAsset == "SOL" && $0.isMaker == false })
        #expect(full.updatedAt?.milliseconds == 1_760_000_000_100)
    }

    @Test func `a stop that waits is pending, and a cost that is not known is nil`() throws {
        let btc = try Given.spot()
        let report = try decode(BinanceSpotTrading().order(.client(Given.id), btc), "order")
        #expect(report.status == .pending)
        #expect(report.triggerPrice == Price("141") && report.price == Price("140"))
        #expect(report.filledCost == nil)
        #expect(report.createdAt?.milliseconds == 1_760_000_000_000)
        #expect(report.updatedAt?.milliseconds == 1_760_000_000_050)
    }

    @Test func `cancels tell the order, not the cancel, and how many`() throws {
        let btc = try Given.spot()
        let spot = BinanceSpotTrading()
        let canceled = try #require(try decode(spot.cancel(.client(Given.id), btc, age: nil), "canceled"))
        #expect(canceled.status == .canceled && canceled.clientOrderID?.text == "ours")
        let all = try #require(spot.cancelAll(btc))
        #expect(try decode(all, "canceledAll") == 3)
        let none = Array(#"{"code":-2011,"msg":"Unknown order sent."}"#.utf8)
        #expect(try all.decode(WebResponse(status: 400, headers: [], body: none)) == 0)
        let futures = BinanceUSDMTrading()
        #expect(try decode(try #require(futures.cancelAll(btc)), "done") == nil)
        #expect(try decode(futures.cancelConditional(.client(Given.id)), "algoCanceled") == nil)
    }

    @Test func `both orders of an OCO are reported`() throws {
        let oco = OCOIntent(
            side: .sell, quantity: try #require(Quantity("1")), limitPrice: try Given.price("160"),
            stopTrigger: try Given.price("140"), stopPrice: try Given.price("139"), listID: ClientOrderID("l"),
            limitID: ClientOrderID("limit"), stopID: ClientOrderID("stop"))
        let call = try #require(BinanceSpotTrading().place(oco, try Given.spot()))
        let reports = try decode(call, "oco")
        #expect(reports.map { $0.clientOrderID?.text } == ["stop", "limit"])
        #expect(reports.map(\.status) == [.pending, .open])
    }

    @Test func `fills come oldest first with their fees`() throws {
        let fills = try decode(BinanceSpotTrading().fills(try Given.spot(), after: nil, from: nil), "myTrades")
        #expect(fills.map(\.tradeID) == ["9", "57"])
        #expect(fills.map(\.fee) == [Amount("-0.004"), Amount("0.0005")])
        #expect(fills.map(\.isMaker) == [true, false])
        let futures = try decode(BinanceUSDMTrading().fills(try Given.perpetual(), after: nil, from: nil), "userTrades")
        #expect(futures.first?.side == .sell && futures.first?.venueOrderID?.text == "8886774")
    }

    @Test func `orders, conditional orders and positions of futures are read`() throws {
        let futures = BinanceUSDMTrading()
        let btc = try Given.perpetual()
        let order = try decode(futures.order(.client(Given.id), btc), "futuresOrder")
        #expect(order.status == .filled && order.filledCost == Amount("1533.1") && order.triggerPrice == nil)
        let stop = try decode(futures.conditionalOrder(.client(Given.id)), "algoOrder")
        #expect(stop.venueOrderID.text == "algo-2148719" && stop.status == .pending)
        #expect(stop.triggerPrice == Price("140") && stop.price == nil && stop.type == "STOP_MARKET")
        let position = try #require(try decode(futures.positions(btc), "positions").first)
        #expect(position.quantity == Quantity("-10") && position.unrealizedProfit == Amount("-1") && position.side == nil)
        #expect(try decode(futures.setLeverage(5, btc), "leverage") == 5)
        let token = try decode(try #require(futures.streamToken()), "listenKey")
        #expect(futures.accountStreamPath(token: token) == "/private/ws?listenKey=" + token)
        try decode(try #require(futures.deadManTimer(.seconds(100), btc)), "countdown")
    }

    @Test func `that the margin is so already is no error`() throws {
        let call = BinanceUSDMTrading().setIsolatedMargin(true, try Given.perpetual())
        let same = Array(#"{"code":-4046,"msg":"No need to change margin type."}"#.utf8)
        try call.decode(WebResponse(status: 400, headers: [], body: same))
        let other = Array(#"{"code":-4048,"msg":"Margin type cannot be changed if there exists position."}"#.utf8)
        #expect(throws: VenueError.self) { try call.decode(WebResponse(status: 400, headers: [], body: other)) }
    }

    @Test func `a listen key that would not fit a URL is refused`() throws {
        let call = try #require(BinanceUSDMTrading().streamToken())
        for key in ["", "a/b", "a?b", "a b"] {
            let body = (["listenKey": .string(key)] as JSONValue).bytes
            #expect(throws: VenueError.self) { try call.decode(WebResponse(status: 200, headers: [], body: body)) }
        }
    }
}
