import Exchange
import Matching
import Money
import Testing

@testable import PaperExchange

struct BinanceMarketDataTests {
    @Test func `the rules that are told are those that the engine has`() throws {
        var bench = try BinanceBench()
        let info = try bench.get("/api/v3/exchangeInfo")
        let symbol = try #require(info["symbols"]?[0])
        #expect(symbol["symbol"]?.text == "BTCUSDT" && symbol["status"]?.text == "TRADING")
        #expect(symbol["orderTypes"]?.elements?.count == 7)
        func filter(_ name: String) -> JSONValue? {
            symbol["filters"]?.elements?.first { $0["filterType"]?.text == name }
        }
        #expect(filter("PRICE_FILTER")?["tickSize"]?.text == "0.01000000")
        #expect(filter("LOT_SIZE")?["stepSize"]?.text == "0.00001000")
        #expect(filter("LOT_SIZE")?["minQty"]?.text == "0.00001000")
        #expect(filter("NOTIONAL")?["minNotional"]?.text == "5.00000000")
        #expect(info["rateLimits"]?.elements?.count == 4)
        #expect(try bench.get("/api/v3/exchangeInfo", [("symbol", "BTCUSDT")])["symbols"]?.elements?.count == 1)
        #expect(try bench.get("/api/v3/exchangeInfo", [("symbols", "[\"BTCUSDT\"]")])["symbols"]?.elements?.count == 1)
        #expect(try bench.get("/api/v3/exchangeInfo", [("symbol", "NOPE")]).code == -1121)
    }

    @Test func `depth, trades and tickers agree with the engine`() throws {
        var bench = try BinanceBench()
        let depth = try bench.get("/api/v3/depth", [("symbol", "BTCUSDT"), ("limit", "5")])
        #expect(depth["bids"]?.elements?.count == 5 && depth["asks"]?.elements?.count == 5)
        #expect(depth["lastUpdateId"]?.integer == bench.core.venue.engine.bookVersion(InstrumentID(0)))
        let bid = try #require(bench.core.venue.engine.bestBid(InstrumentID(0)))
        #expect(depth["bids"]?[0]?[0]?.fixedPoint() == bench.instrument.price(bid.price))
        #expect(depth["bids"]?[0]?[1]?.fixedPoint() == bench.instrument.quantity(bid.quantity))
        let book = try bench.get("/api/v3/ticker/bookTicker", [("symbol", "BTCUSDT")])
        #expect(book["bidPrice"] == depth["bids"]?[0]?[0] && book["askQty"] == depth["asks"]?[0]?[1])
        let trades = try bench.get("/api/v3/trades", [("symbol", "BTCUSDT"), ("limit", "3")])
        let last = try #require(trades.elements?.last)
        let price = try bench.get("/api/v3/ticker/price", [("symbol", "BTCUSDT")])
        #expect(trades.elements?.count == 3 && price["price"] == last["price"])
        #expect(try bench.get("/api/v3/ticker/price").elements?.count == 1)
        let day = try bench.get("/api/v3/ticker/24hr", [("symbol", "BTCUSDT")])
        #expect(day["lastPrice"] == last["price"] && day["lastId"] == last["id"])
        let low = try #require(day["lowPrice"]?.double)
        let (high, average) = (try #require(day["highPrice"]?.double), try #require(day["weightedAvgPrice"]?.double))
        #expect(low <= average && average <= high)
        let aggregates = try bench.get("/api/v3/aggTrades", [("symbol", "BTCUSDT"), ("limit", "3")])
        #expect(aggregates[2]?["a"] == last["id"] && aggregates[2]?["p"] == last["price"])
        let window = try bench.get("/api/v3/ticker", [("symbol", "BTCUSDT"), ("windowSize", "1h")])
        #expect(window["lastPrice"] == last["price"])
        #expect(try #require(bench.get("/api/v3/avgPrice", [("symbol", "BTCUSDT")])["price"]?.double) > 0)
    }

    @Test(arguments: ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M"])
    func `candles of every interval lie on its grid and sum up the minutes`(interval: String) throws {
        var bench = try BinanceBench()
        let rows = try bench.get("/api/v3/klines", [("symbol", "BTCUSDT"), ("interval", interval), ("limit", "1000")])
        let candles = try #require(rows.elements)
        let kind = try #require(BinanceInterval(interval))
        #expect(!candles.isEmpty)
        for candle in candles {
            let open = try #require(candle[0]?.integer)
            #expect(kind.open(open) == open)
            #expect(candle[6]?.integer == kind.next(after: open) - 1)
            #expect(candle.elements?.count == 12)
        }
        // The last whole candle of the shorter intervals against its minutes, summed here.
        guard kind.next(after: 0) <= 3_600_000, candles.count > 1, let open = candles[candles.count - 2][0]?.integer else {
            return
        }
        let minutes = try #require(
            try bench.get(
                "/api/v3/klines",
                [
                    ("symbol", "BTCUSDT"), ("interval", "1m"), ("startTime", String(open)),
                    ("endTime", String(kind.next(after: open) - 1)),
                ]
            ).elements)
        let wanted = candles[candles.count - 2]
        #expect(Int64(minutes.count) * 60_000 == kind.next(after: open) - open)
        #expect(minutes.first?[1] == wanted[1] && minutes.last?[4] == wanted[4])
        let volume = minutes.compactMap { $0[5]?.amount }.reduce(Amount.zero) { $0.adding($1) ?? $0 }
        #expect(wanted[5]?.amount == volume)
        #expect(wanted[2]?.double == minutes.compactMap { $0[2]?.double }.max())
    }

    @Test func `time and ping are answered, the removed user streams are gone, and nothing else is there`() throws {
        var bench = try BinanceBench()
        #expect(try bench.get("/api/v3/time")["serverTime"]?.integer == bench.now)
        #expect(try bench.get("/api/v3/ping") == [:])
        #expect(bench.send(WebRequest(.post, "/api/v3/userDataStream")).status == 410)
        #expect(bench.send(WebRequest(.get, "/api/v3/nothing")).status == 404)
        #expect(bench.send(WebRequest(.get, "/")).status == 404)
    }

    @Test func `numbers have 8 digits behind the point, more only where they say something`() {
        #expect(BinanceText.number(5, decimals: 0) == "5.00000000")
        #expect(BinanceText.number(-12_345, decimals: 2) == "-123.45000000")
        #expect(BinanceText.number(1_000_000_000_000, decimals: 10) == "100.00000000")
        #expect(BinanceText.number(1_000_000_000_001, decimals: 10) == "100.0000000001")
    }
}
