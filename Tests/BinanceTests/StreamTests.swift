import Exchange
import Market
import Money
import Testing

@testable import Binance

/// Messages of streams, from samples of our own.
struct StreamTests {
    private func spot(_ sample: String) throws -> StreamInput {
        try BinanceSpotMarketData().decode(Samples.bytes(sample))
    }

    private func futures(_ sample: String) throws -> StreamInput {
        try BinanceUSDMMarketData().decode(Samples.bytes(sample))
    }

    private func level(_ price: String, _ quantity: String) throws -> BookLevel {
        BookLevel(try #require(Price(price)), try #require(Quantity(quantity)))
    }

    @Test func `trades say which side took`() throws {
        #expect(
            try spot("trade")
                == .events([
                    .trade(
                        MarketTrade(
                            symbol: "SOLUSDT", tradeID: 9001, price: try #require(Price("153.27")),
                            quantity: try #require(Quantity("4.5")), takerSide: .sell,
                            time: Timestamp(milliseconds: 1_760_000_000_100)))
                ]))
        guard case .events(let events) = try futures("aggTrade"), case .trade(let trade) = events.first else {
            Issue.record("no trade")
            return
        }
        #expect(trade.tradeID == 777 && trade.takerSide == .buy)
    }

    @Test func `candles say whether they are over`() throws {
        guard case .events(let events) = try spot("kline"), case .candle(let candle) = events.first else {
            Issue.record("no candle")
            return
        }
        #expect(candle.timeframe == .oneMinute && candle.isClosed == false && candle.symbol == "SOLUSDT")
        #expect(candle.candle.time.milliseconds == 1_759_999_980_000)
        #expect(candle.candle.volume == 1000.25 && candle.candle.close == 153.2)
    }

    @Test func `changes of a book carry the numbers that link them`() throws {
        let update = BookUpdate(
            symbol: "SOLUSDT", isSnapshot: false, firstID: 157, lastID: 160,
            bids: [try level("153.2", "10"), try level("153.1", "0")], asks: [try level("153.3", "2.5")])
        #expect(try spot("depth") == .events([.bookUpdate(update)]))
        guard case .events(let events) = try futures("futuresDepth"), case .bookUpdate(let linked) = events.first else {
            Issue.record("no book")
            return
        }
        #expect(linked.previousID == 156 && linked.asks.isEmpty)
    }

    @Test func `best bids and asks are known with and without a name`() throws {
        let quote = MarketQuote(symbol: "SOLUSDT", bid: try level("153.26", "31.2"), ask: try level("153.27", "40.6"))
        #expect(try spot("bookTicker") == .events([.quote(quote)]))
        guard case .events(let events) = try futures("futuresBookTicker"), case .quote = events.first else {
            Issue.record("no quote")
            return
        }
    }

    @Test func `what comes in a combined stream is read like the rest`() throws {
        guard case .events(let events) = try spot("combined"), case .trade(let trade) = events.first else {
            Issue.record("no trade")
            return
        }
        #expect(trade.tradeID == 9002)
    }

    @Test func `acknowledgements, errors, farewells and news are told apart`() throws {
        #expect(try spot("acknowledged") == .acknowledged(id: 7, error: nil))
        guard case .acknowledged(id: 8, error: let error?) = try spot("streamError") else {
            Issue.record("no error")
            return
        }
        #expect(error.code == "2" && error.handling == .permanent)
        #expect(try spot("serverShutdown") == .closingSoon)
        #expect(try spot("unknownEvent") == .ignored)
    }

    @Test func `members may come in any order`() throws {
        let shuffled = #"{"m":true,"T":1760000000100,"q":"4.5","t":9001,"s":"SOLUSDT","E":1,"p":"153.27","e":"trade"}"#
        #expect(try BinanceSpotMarketData().decode(Array(shuffled.utf8)) == spot("trade"))
    }

    @Test(arguments: [
        "", "{", "[1", #"{"e":"trade"}"#, #"{"e":"trade","s":"A","t":1,"p":"x","q":"1","T":1,"m":true}"#,
        #"{"e":"trade","s":"A","t":1,"p":"1e99","q":"1","T":1,"m":true}"#,
        #"{"e":"trade","s":"A","t":99999999999999999999,"p":"1","q":"1","T":1,"m":true}"#,
        #"{"e":"depthUpdate","s":"A","U":1,"u":2,"b":[["1"]],"a":[]}"#, #"{"e":"depthUpdate","s":"A","U":1,"u":2,"b":[]}"#,
        #"{"e":"kline","k":{}}"#, #"{"e":"kline"}"#, #"{"u":1,"s":"A","b":"1","B":"1","a":"1","A":null}"#,
        #"{"e":"trade","s":"A","t":1,"p":"1","q":"1","T":1,"m":true}x"#,
    ])
    func `a message that is not whole is an error, not a guess`(text: String) {
        let error = #expect(throws: VenueError.self) { try BinanceSpotMarketData().decode(Array(text.utf8)) }
        #expect(error?.kind == .malformedAnswer)
    }
}

struct UserStreamTests {
    private func spot(_ sample: String) throws -> AccountInput {
        try BinanceSpotTrading().decodeAccount(Samples.bytes(sample))
    }

    private func futures(_ sample: String) throws -> AccountInput {
        try BinanceUSDMTrading().decodeAccount(Samples.bytes(sample))
    }

    private func order(_ input: AccountInput) throws -> (report: OrderReport, fill: Fill?) {
        guard case .events(let events) = input, case .order(let report, let fill) = try #require(events.first) else {
            throw Missing()
        }
        return (report, fill)
    }

    private struct Missing: Error {}

    @Test func `a new order has no fill`() throws {
        let (report, fill) = try order(try spot("executionNew"))
        #expect(report.status == .open && fill == nil && report.reason == nil)
        #expect(report.clientOrderID?.text == "0123456789abcdef0123456789abcdef")
        #expect(report.quantity == Quantity("4.5") && report.filled?.isZero == true && report.triggerPrice == nil)
    }

    @Test func `an execution tells its own part and the order's sum`() throws {
        let (report, fill) = try order(try spot("executionTrade"))
        #expect(report.status == .partiallyFilled && report.filled == Quantity("2.5") && report.filledCost == Amount("383.19"))
        #expect(
            fill
                == Fill(
                    tradeID: "55", venueOrderID: VenueOrderID("4293153"), clientOrderID: ClientOrderID("ours"), symbol: "SOLUSDT",
                    side: .sell, price: try #require(Price("153.28")), quantity: try #require(Quantity("1.5")),
                    fee: try #require(Amount("0.00012")), feeAsset: "BNB", isMaker: true,
                    time: Timestamp(milliseconds: 1_760_000_000_100)))
    }

    @Test func `a canceled order is named by its own id`() throws {
        let (report, fill) = try order(try spot("executionCanceled"))
        #expect(report.status == .canceled && report.clientOrderID?.text == "ours" && fill == nil)
        #expect(report.triggerPrice == Price("141"))
    }

    @Test func `balances are totals, transfers and lists are left to them`() throws {
        #expect(
            try spot("accountPosition")
                == .events([
                    .balances([
                        Balance(asset: "SOL", free: try #require(Amount("10.5")), locked: try #require(Amount("4.5"))),
                        Balance(asset: "USDT", free: try #require(Amount("1000.00000001")), locked: .zero),
                    ])
                ]))
        #expect(try spot("balanceUpdate") == .ignored)
        #expect(try spot("listStatus") == .ignored)
    }

    @Test func `ends, acknowledgements and refusals of the subscription are told apart`() throws {
        #expect(try spot("terminated") == .events([.ended(reason: "the venue ended the user stream")]))
        #expect(try futures("listenKeyExpired") == .events([.ended(reason: "the listen key has run out")]))
        #expect(try spot("subscribed") == .acknowledged(id: 3, error: nil))
        guard case .acknowledged(id: 3, error: let refused?) = try spot("subscribeRefused"),
            case .acknowledged(id: 3, error: let banned?) = try spot("subscribeBanned")
        else {
            Issue.record("no error")
            return
        }
        #expect(refused.kind == .authentication && refused.handling == .fatal)
        #expect(banned.kind == .banned && banned.handling == .retryable(after: .seconds(90)))
        #expect(try spot("serverShutdown") == .closingSoon)
        #expect(try spot("unknownEvent") == .ignored)
    }

    @Test func `futures tell orders, conditional orders, balances and positions`() throws {
        let (report, fill) = try order(try futures("orderUpdate"))
        #expect(report.status == .filled && report.venueOrderID.text == "8886774")
        #expect(fill?.fee == Amount("0.61") && fill?.feeAsset == "USDT" && fill?.isMaker == false)
        let (stop, none) = try order(try futures("algoUpdate"))
        #expect(stop.status == .rejected && stop.reason == "Reduce Only reject" && none == nil)
        #expect(stop.venueOrderID.text == "algo-2148719" && stop.triggerPrice == Price("140"))
        #expect(
            try futures("accountUpdate")
                == .events([
                    .balances([
                        Balance(asset: "USDT", free: try #require(Amount("1000")), locked: try #require(Amount("226.25")))
                    ])
                ]))
        let position = try #require(try BinanceUSDMTrading().positions(in: Samples.bytes("accountUpdate")).first)
        #expect(position.quantity == Quantity("-10") && position.side == .short && position.unrealizedProfit == Amount("-1.25"))
        #expect(try BinanceUSDMTrading().positions(in: Samples.bytes("orderUpdate")).isEmpty)
    }

    @Test func `the subscription is signed over key, window and time`() throws {
        let messages = try BinanceSpotTrading().subscribeToAccount(
            token: nil, credentials: Given.credentials, at: Given.moment, id: 5)
        let message = try JSONValue(parsing: Array(try #require(messages.first).utf8))
        let signed = "apiKey=theKey&recvWindow=5000&timestamp=1760000000000"
        #expect(message["params"]?["signature"]?.text == (try BinanceSigner(secret: "theSecret").signature(of: signed)))
        #expect(message["id"]?.text == "5")
        #expect(
            try BinanceUSDMTrading().subscribeToAccount(
                token: "t", credentials: Given.credentials, at: Given.moment, id: 1
            ).isEmpty)
    }
}
