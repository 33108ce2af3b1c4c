import Exchange
import Market
import Money
import Testing

@testable import Binance

/// Orders that the corpus does not have.
struct OrderIntentTests {
    private func text(_ draft: RequestDraft) -> String { BinanceEncoding.form(draft.parameters) }

    private func intent(_ side: OrderSide, _ kind: OrderKind, id: String = "a") throws -> OrderIntent {
        OrderIntent(side, kind, quantity: try #require(Quantity("0.50")), clientOrderID: ClientOrderID(id))
    }

    @Test func `stops and take-profits at the market have a trigger and no price`() throws {
        let btc = try Given.spot()
        let stop = try BinanceSpotTrading().place(
            intent(.sell, .stopLoss(trigger: Given.price("90.10"))), btc, at: Given.now)
        #expect(
            text(stop.draft)
                == "symbol=BTCUSDT&side=SELL&newClientOrderId=a&newOrderRespType=FULL&type=STOP_LOSS&quantity=0.5&stopPrice=90.1")
        let profit = try BinanceSpotTrading().place(
            intent(.buy, .takeProfit(trigger: Given.price("80"))), btc, at: Given.now)
        #expect(text(profit.draft).contains("&type=TAKE_PROFIT&"))
        #expect(stop.changesState)
    }

    @Test func `conditional orders of futures keep apart by kind`() throws {
        let btc = try Given.perpetual()
        let kinds: [(OrderKind, String)] = [
            (.stopLoss(trigger: try Given.price("1")), "STOP_MARKET"),
            (.stopLossLimit(trigger: try Given.price("1"), price: try Given.price("2")), "STOP"),
            (.takeProfit(trigger: try Given.price("1")), "TAKE_PROFIT_MARKET"),
            (.takeProfitLimit(trigger: try Given.price("1"), price: try Given.price("2")), "TAKE_PROFIT"),
        ]
        for (kind, type) in kinds {
            let draft = try BinanceUSDMTrading().place(intent(.sell, kind), btc, at: Given.now).draft
            #expect(draft.path == "/fapi/v1/algoOrder")
            #expect(draft.parameters.contains(.init("type", type)))
        }
        let postOnly = try BinanceUSDMTrading().place(intent(.buy, .postOnly(Given.price("5"))), btc, at: Given.now).draft
        #expect(postOnly.path == "/fapi/v1/order")
        #expect(postOnly.parameters.contains(.init("timeInForce", "GTX")))
    }

    @Test func `a buying OCO has its stop above and its limit below`() throws {
        let oco = OCOIntent(
            side: .buy, quantity: try #require(Quantity("1")), limitPrice: try Given.price("90"),
            stopTrigger: try Given.price("110"), stopPrice: nil, listID: ClientOrderID("l"), limitID: ClientOrderID("x"),
            stopID: ClientOrderID("y"))
        let call = try #require(BinanceSpotTrading().place(oco, try Given.spot()))
        #expect(
            text(call.draft)
                == "symbol=BTCUSDT&side=BUY&quantity=1&listClientOrderId=l&aboveType=STOP_LOSS&aboveClientOrderId=y&aboveStopPrice=110&belowType=LIMIT_MAKER&belowClientOrderId=x&belowPrice=90&newOrderRespType=FULL"
        )
        #expect(call.charges.contains(BudgetCharge("orders-10s", 2)))
        #expect(BinanceUSDMTrading().place(oco, try Given.perpetual()) == nil)
    }

    @Test func `a deadline becomes a time stamp and a window that end with it`() throws {
        let btc = try Given.spot()
        var order = try intent(.buy, .market)
        order.deadline = Given.now.advanced(byMilliseconds: 1200)
        let venue = BinanceSpotTrading()
        let draft = try venue.place(order, btc, at: Given.now).draft
        // Signed later, it still ends with the deadline.
        let late = SigningMoment(now: Given.now.advanced(byMilliseconds: 900), nonce: 0)
        let body = String(decoding: try venue.sign(draft, with: Given.credentials, at: late).body, as: UTF8.self)
        #expect(body.hasPrefix("timestamp=1750000000123&symbol="))
        #expect(body.contains("&recvWindow=1200&signature="))
        order.deadline = Given.now.advanced(byMilliseconds: 1_000_000)
        #expect(try venue.place(order, btc, at: Given.now).draft.parameters.contains(.init("recvWindow", "5000")))
        order.deadline = Given.now
        #expect(throws: VenueError.self) { try venue.place(order, btc, at: Given.now) }
        order.deadline = Timestamp(milliseconds: .min)
        #expect(throws: VenueError.self) { try venue.place(order, btc, at: Given.now) }
    }

    @Test(arguments: ["", "a b", "0123456789012345678901234567890123456", "ä", "a&b"])
    func `a client id that the venue would not take is not sent`(id: String) throws {
        let order = try intent(.buy, .market, id: id)
        let error = #expect(throws: VenueError.self) {
            try BinanceSpotTrading().place(order, try Given.spot(), at: Given.now)
        }
        #expect(error?.kind == .invalidOrder)
        #expect(error?.handling == .permanent)
    }

    @Test func `what the venue has no words for is denied`() throws {
        let btc = try Given.perpetual()
        let futures = BinanceUSDMTrading()
        var reduce = try intent(.sell, .market)
        reduce.reduceOnly = true
        #expect(throws: VenueError.self) { try BinanceSpotTrading().place(reduce, btc, at: Given.now) }
        #expect(throws: VenueError.self) { try futures.place(reduce, btc, at: Given.now, options: .init(positionSide: .long)) }
        #expect(throws: VenueError.self) {
            try futures.place(intent(.buy, .marketByCost(Amount("5") ?? .zero)), btc, at: Given.now)
        }
        #expect(throws: VenueError.self) {
            try futures.place(intent(.buy, .market), btc, at: Given.now, options: .init(closesPosition: true))
        }
        #expect(throws: VenueError.self) {
            try futures.validate(intent(.buy, .stopLoss(trigger: Given.price("1"))), btc, at: Given.now)
        }
        #expect(throws: VenueError.self) { try futures.place(intent(.buy, .limit(.zero)), btc, at: Given.now) }
        let nothing = OrderIntent(.buy, .market, quantity: .zero, clientOrderID: ClientOrderID("a"))
        #expect(throws: VenueError.self) { try futures.place(nothing, btc, at: Given.now) }
    }

    @Test func `fills are asked for after the last trade, else from a time`() throws {
        let btc = try Given.spot()
        let venue = BinanceSpotTrading()
        #expect(text(venue.fills(btc, after: "41", from: Given.now).draft) == "symbol=BTCUSDT&fromId=42&limit=1000")
        #expect(
            text(venue.fills(btc, after: "9223372036854775807", from: Given.now).draft)
                == "symbol=BTCUSDT&startTime=1750000000123&limit=1000")
        #expect(text(venue.fills(btc, after: nil, from: nil).draft) == "symbol=BTCUSDT&limit=1000")
    }

    @Test func `a conditional order is found and canceled where it is`() throws {
        let venue = BinanceUSDMTrading()
        let btc = try Given.perpetual()
        let id = OrderReference.venue(VenueOrderID("algo-2148719"))
        #expect(
            venue.cancel(id, btc, age: nil).draft == RequestDraft(.delete, "/fapi/v1/algoOrder", [.init("algoId", "2148719")]))
        #expect(venue.order(id, btc).draft == RequestDraft(.get, "/fapi/v1/algoOrder", [.init("algoId", "2148719")]))
        #expect(
            venue.cancelConditional(.client(Given.id)).draft.parameters == [.init("clientAlgoId", "swx0001")])
        #expect(venue.cancelAllConditional(btc).draft.path == "/fapi/v1/algoOpenOrders")
    }

    @Test func `what a venue does not have is nil`() throws {
        let btc = try Given.spot()
        #expect(BinanceSpotTrading().deadManTimer(.seconds(60), btc) == nil)
        #expect(BinanceSpotTrading().streamToken() == nil)
        #expect(BinanceSpotTrading().cancelAll(nil) == nil)
        #expect(BinanceUSDMTrading().deadManTimer(.seconds(60), nil) == nil)
        let timer = try #require(BinanceUSDMTrading().deadManTimer(.milliseconds(1500), btc)).draft
        #expect(timer.parameters.last == .init("countdownTime", "1500"))
        let long = try #require(BinanceUSDMTrading().deadManTimer(.seconds(Int64.max), btc)).draft
        #expect(long.parameters.last == .init("countdownTime", "86400000"))
    }
}
