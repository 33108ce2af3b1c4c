import Exchange
import Market
import Money
import Testing

@testable import Kraken

struct AnswerTests {
    private let market = KrakenMarketData()
    private let trading = KrakenTrading(tier: .pro)

    @Test func `the market list has the pairs that everybody can trade, under the field's names`() throws {
        let list = try market.instruments(from: [Sample.result(Answers.assets), Sample.result(Answers.pairs)])
        #expect(list.map(\.pair.description) == ["BTC/USD", "DOGE/USD"])
        let bitcoin = try #require(list.first)
        #expect(bitcoin.symbol == "XXBTZUSD" && bitcoin.streamSymbol == "BTC/USD" && bitcoin.aliases == ["XBTUSD", "XBT/USD"])
        #expect(bitcoin.isTrading && bitcoin.priceTick.description == "0.1" && bitcoin.quantityStep.description == "0.00000001")
        #expect(bitcoin.minimumQuantity?.description == "0.0001" && bitcoin.minimumNotional?.description == "0.5")
        #expect(
            bitcoin.takerFee?.description == "0.0026" && bitcoin.makerFee?.description == "0.0016" && bitcoin.costDecimals == 5)
        // Without a tick the decimals decide.
        #expect(!list[1].isTrading && list[1].priceTick.description == "0.0000001")
    }

    @Test func `a pair without decimals is an error that names it`() {
        let pairs = Sample.result(#"{"XXBTZUSD":{"base":"XXBT","quote":"ZUSD","pair_decimals":99,"lot_decimals":8}}"#)
        let error = venueError { _ = try market.instruments(from: [Sample.result("{}"), pairs]) }
        #expect(error?.kind == .malformedAnswer && error?.message.contains("XXBTZUSD") == true)
    }

    @Test func `time and status`() throws {
        #expect(try market.serverTime().decode(Sample.result(Answers.time)) == Timestamp(milliseconds: 1_750_000_001_000))
        let status = try market.systemStatus().decode(Sample.result(Answers.status))
        #expect(status == .postOnly && status.error?.kind == .onMaintenance)
        #expect(KrakenSystemStatus("online").error == nil)
    }

    @Test func `candles begin where they were asked for`() throws {
        let instrument = try Sample.instrument
        let all = market.candles(instrument, .oneMinute, from: nil, limit: 2)
        #expect(all.request.query == "pair=XXBTZUSD&interval=1")
        let newest = try all.decode(Sample.result(Answers.candles))
        #expect(newest.map(\.time.milliseconds) == [1_749_999_900_000, 1_749_999_960_000])
        #expect(
            newest.first
                == Candle(
                    time: Timestamp(milliseconds: 1_749_999_900_000), open: 105005, high: 105020, low: 105005, close: 105019.9,
                    volume: 0.5))
        let later = market.candles(instrument, .oneMinute, from: Timestamp(milliseconds: 1_749_999_900_000), limit: 1)
        #expect(later.request.query == "pair=XXBTZUSD&interval=1&since=1749999840")
        #expect(try later.decode(Sample.result(Answers.candles)).map(\.time.milliseconds) == [1_749_999_900_000])
        _ = market.candles(instrument, .oneMinute, from: Timestamp(milliseconds: .min), limit: .min)
        #expect(market.timeframes.count == 9 && market.timeframes.map(\.minutes).max() == 21_600)
    }

    @Test func `trades and book of REST`() throws {
        let instrument = try Sample.instrument
        let trades = try market.recentTrades(instrument, limit: 5000).decode(Sample.result(Answers.trades))
        #expect(trades.map(\.tradeID) == [101, 102] && trades.map(\.takerSide) == [.buy, .sell])
        #expect(trades[0].time.milliseconds == 1_749_999_999_123 && trades[0].price.description == "105000.1")
        let book = try market.book(instrument, depth: 10).decode(Sample.result(Answers.depth))
        #expect(book.isSnapshot && book.symbol == "BTC/USD" && book.asks.count == 2 && book.bids.count == 1)
        #expect(book.bids[0] == BookLevel(try Sample.price("105000"), try Sample.quantity("2")))
    }

    @Test func `what is free is told without what orders hold, and holdings that earn stay apart`() throws {
        let balances = try trading.balances().decode(Sample.result(Answers.balances))
        let table = Dictionary(uniqueKeysWithValues: balances.map { ($0.asset, $0) })
        #expect(table["USD"]?.free.description == "750.25" && table["USD"]?.locked.description == "250.25")
        #expect(table["BTC"]?.free.description == "0.75" && table["BTC"]?.locked.description == "0.25")
        #expect(table["DOGE"]?.free.description == "9")
        #expect(table["DOT.S"]?.free.description == "12" && table["BTC.M"]?.free.description == "0.1")
        #expect(table["BTC.F"]?.free.description == "0.5")
        #expect(balances.count == 6)
    }

    @Test(arguments: [
        ("XXBT", "BTC"), ("XBT", "BTC"), ("ZUSD", "USD"), ("XDG", "DOGE"), ("XXDG", "DOGE"), ("XTZ", "XTZ"), ("ZEUS", "ZEUS"),
        ("XETH", "ETH"), ("XBT.M", "BTC.M"), ("ETH2.S", "ETH2.S"), ("USD.F", "USD.F"), ("", ""), (".", "."), (".F", ".F"),
    ])
    func `currencies have the field's names`(code: String, name: String) { #expect(KrakenAssets.name(code) == name) }

    @Test(arguments: [
        ("XXBTZUSD", "USD"), ("XBTUSDT", "USDT"), ("XBT/USD", "USD"), ("XETHXXBT", "BTC"), ("ADAEUR", "EUR"), ("XTZUSD", "USD"),
        ("ETHXBT", "BTC"), ("XTZZUSD", "USD"), ("ADAUSD", "USD"),
    ])
    func `the quote currency is read from a pair's name`(name: String, quote: String) {
        #expect(KrakenAssets.quote(ofPair: name) == quote)
    }

    @Test func `an order placed is pending under Kraken's id`() throws {
        let intent = try Sample.intent(.buy, .limit(try Sample.price("60000.04")), "0.0010000099")
        let call = try trading.place(intent, try Sample.instrument, at: Sample.now)
        #expect(call.changesState && !call.isCancel && call.charges == [BudgetCharge("trading:XXBTZUSD", 1)])
        let report = try call.decode(Sample.result(Answers.placed))
        #expect(
            report.venueOrderID.text == "OABCDE-FGHIJ-KLMNOP" && report.clientOrderID?.text == "swx0001"
                && report.status == .pending)
        #expect(report.quantity?.description == "0.001")
        // An answer that does not name the order leaves its outcome open.
        #expect(venueError { _ = try call.decode(Sample.result(Answers.validated)) }?.handling == .outcomeUnknown)
        let check = try trading.validate(intent, try Sample.instrument, at: Sample.now)
        #expect(!check.changesState && check.draft.parameters.last == .init("validate", "true"))
        try check.decode(Sample.result(Answers.validated))
    }

    @Test func `cancels, cancel all and the timer`() throws {
        let instrument = try Sample.instrument
        let cancel = trading.cancel(.client(ClientOrderID("swx0001")), instrument, age: .seconds(7))
        #expect(cancel.isCancel && cancel.changesState && cancel.charges == [BudgetCharge("trading:XXBTZUSD", 6)])
        #expect(try cancel.decode(Sample.result(Answers.canceled)) == nil)
        #expect(try trading.cancelAll(nil)?.decode(Sample.result(#"{"count":4}"#)) == 4)
        #expect(trading.cancelAll(instrument) == nil)
        let timer = try #require(trading.deadManTimer(.milliseconds(1500), nil))
        #expect(timer.draft.parameters == [.init("timeout", "2")] && timer.isCancel)
        try timer.decode(Sample.result(Answers.timer))
        #expect(trading.deadManTimer(.seconds(Int64.max), nil)?.draft.parameters == [.init("timeout", "86399")])
    }

    @Test func `open orders know a stop that waits from one that is in the book`() throws {
        let reports = try trading.openOrders(nil).decode(Sample.result(Answers.open))
        #expect(reports.map(\.status) == [.pending, .partiallyFilled])
        let stop = reports[0]
        #expect(stop.triggerPrice?.description == "59500" && stop.price?.description == "59000" && stop.side == .sell)
        #expect(stop.createdAt?.milliseconds == 1_749_999_990_123 && stop.clientOrderID?.text == "swx0001")
        #expect(reports[1].filledCost?.description == "1250" && reports[1].fee?.description == "3.25")
        #expect(try trading.openOrders(try Sample.instrument).decode(Sample.result(Answers.open)).count == 1)
    }

    @Test func `an order is looked up among the open and then the closed ones`() throws {
        let instrument = try Sample.instrument
        let reference = OrderReference.client(ClientOrderID("swx0001"))
        let calls = trading.orderLookups(reference, instrument)
        #expect(calls.map(\.draft.path) == ["/0/private/OpenOrders", "/0/private/ClosedOrders"])
        #expect(calls.map { $0.charges.map(\.milliunits) } == [[1000], [2000]])
        #expect(try calls[0].decode(Sample.result(Answers.open)).venueOrderID.text == "OAAAAA-BBBBB-CCCCCC")
        let ended = try calls[1].decode(Sample.result(Answers.closed))
        #expect(ended.status == .canceled && ended.reason == "User requested" && ended.filled?.description == "0.001")
        // Its volume was in quote currency.
        #expect(ended.quantity == nil)
        #expect(venueError { _ = try calls[0].decode(Sample.result(#"{"open":{}}"#)) }?.handling == .outcomeUnknown)
        let none = venueError { _ = try calls[1].decode(Sample.result(#"{"closed":{},"count":0}"#)) }
        #expect(none?.kind == .orderNotFound && none?.handling == .permanent)
        let id = OrderReference.venue(VenueOrderID("OJJJJJ-KKKKK-LLLLLL"))
        #expect(trading.orderLookups(id, instrument).count == 1)
        #expect(try trading.order(id, instrument).decode(Sample.result(Answers.queried)).status == .filled)
    }

    @Test func `fills come oldest first, and a page that is not the last says so`() throws {
        let instrument = try Sample.instrument
        let page = try trading.fillPage(instrument, after: "TOLD", from: nil, offset: 0).decode(Sample.result(Answers.history))
        #expect(page.fills.map(\.tradeID) == ["TAAAAA-AAAAA-111111", "TBBBBB-AAAAA-222222"] && page.nextOffset == 2)
        #expect(page.fills[0].fee.description == "0.1365" && page.fills[0].feeAsset == "USD" && page.fills[0].isMaker == true)
        #expect(try trading.fills(instrument, after: nil, from: nil).decode(Sample.result(Answers.history)).count == 2)
        let cut = venueError {
            _ = try trading.fills(instrument, after: "TOLD", from: nil).decode(Sample.result(Answers.history))
        }
        #expect(cut?.code == "more-fills")
        let next = trading.fillPage(nil, after: "TOLD", from: nil, offset: 50)
        #expect(next.draft.parameters == [.init("start", "TOLD"), .init("ofs", "50")])
        #expect(try next.decode(Sample.result(#"{"trades":{},"count":50}"#)).nextOffset == nil)
    }

    @Test func `token and rights`() throws {
        #expect(try trading.streamToken()?.decode(Sample.result(Answers.token)) == "made-up-token")
        let call = try #require(trading.accountRights())
        #expect(try call.decode(Sample.result(Answers.rights)) == AccountRights(canRead: true, canTrade: true, canWithdraw: true))
        #expect(
            try call.decode(Sample.result(#"{"permissions":["query-funds"]}"#))
                == AccountRights(canRead: false, canTrade: false, canWithdraw: false))
        #expect(
            try call.decode(Sample.answer(#"{"error":["EGeneral:Unknown method"]}"#))
                == AccountRights(canRead: nil, canTrade: nil, canWithdraw: nil))
    }
}
