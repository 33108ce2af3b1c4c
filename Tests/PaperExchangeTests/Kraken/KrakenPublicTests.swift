import Exchange
import Kraken
import Market
import Matching
import Money
import Testing

@testable import PaperExchange

/// `/0/public`, read by the connector where it can.
struct KrakenPublicTests {
    @Test func `time and status are read by the connector`() throws {
        let bench = try KrakenBench()
        #expect(try bench.call(bench.market.serverTime()) == Timestamp(milliseconds: 1_750_000_000_000))
        #expect(try bench.call(bench.market.systemStatus()) == .online)
        #expect(try bench.get("Time")["result"]?["rfc1123"]?.text == "Sun, 15 Jun 25 15:06:40 +0000")
    }

    @Test func `the market list has Kraken's names and the venue's rules`() throws {
        let bench = try KrakenBench()
        let instruments = try bench.instruments()
        #expect(instruments.map(\.symbol) == ["XXBTZUSD", "SOLUSDT"])
        let bitcoin = instruments[0]
        #expect(bitcoin.pair == Pair("BTC/USD"))
        #expect(bitcoin.streamSymbol == "BTC/USD")
        #expect(bitcoin.aliases == ["XBTUSD", "XBT/USD"])
        #expect(bitcoin.priceTick == Price("0.1"))
        #expect(bitcoin.quantityStep == Quantity("0.00000001"))
        #expect(bitcoin.minimumQuantity == Quantity("0.00005"))
        #expect(bitcoin.minimumNotional == Amount("0.5"))
        #expect(bitcoin.takerFee == Amount("0.004"))
        #expect(bitcoin.makerFee == Amount("0.0025"))
    }

    @Test(arguments: [
        ("BTC/USD", "XXBTZUSD", "XBTUSD", "XBT/USD"), ("ETH/BTC", "XETHXXBT", "ETHXBT", "ETH/XBT"),
        ("DOGE/USD", "XDGUSD", "XDGUSD", "XDG/USD"), ("DOGE/BTC", "XXDGXXBT", "XDGXBT", "XDG/XBT"),
        ("BTC/USDT", "XBTUSDT", "XBTUSDT", "XBT/USDT"), ("USDT/USD", "USDTZUSD", "USDTUSD", "USDT/USD"),
        ("ADA/EUR", "ADAEUR", "ADAEUR", "ADA/EUR"), ("ADA/ETH", "ADAETH", "ADAETH", "ADA/ETH"),
    ])
    func `pairs are spelled as at Kraken`(symbol: String, key: String, altname: String, wsname: String) throws {
        let pair = try #require(Pair(symbol))
        let settings = PaperVenueSettings.Instrument(
            pair: pair, tick: Price(units: 1, decimals: 2), lot: Quantity(units: 1, decimals: 5),
            minimumQuantity: Quantity(units: 1, decimals: 5), minimumNotional: Amount(units: 1, decimals: 0), makerFee: 0,
            takerFee: 0, feed: .recorded([]))
        let venue = try PaperVenue(
            PaperVenueSettings(name: "t", instruments: [settings], accounts: [], start: KrakenBench.start, seed: 1))
        let names = PaperKrakenNames(venue.instruments)
        #expect(names.pairs[0].key == key)
        #expect(names.pairs[0].altname == altname)
        #expect(names.pairs[0].wsname == wsname)
        for name in [symbol, key, altname, wsname, key.lowercased()] { #expect(names.pair(name)?.key == key, "\(name)") }
        #expect(names.stream(symbol)?.key == key)
        if wsname != symbol { #expect(names.stream(wsname) == nil) }
    }

    @Test func `candles end with the open one, at most 720 of them`() throws {
        let bench = try KrakenBench()
        let bitcoin = try bench.bitcoin()
        let minute = try bench.call(bench.market.candles(bitcoin, .oneMinute, from: nil, limit: 1000))
        #expect(minute.count == 720)
        #expect(minute.last?.time == Timeframe.oneMinute.floor(KrakenBench.start))
        let hour = try bench.call(bench.market.candles(bitcoin, .oneHour, from: nil, limit: 24))
        #expect(hour.count == 24)
        #expect(zip(hour, hour.dropFirst()).allSatisfy { $1.time.milliseconds - $0.time.milliseconds == 3_600_000 })
        let wanted = try #require(minute.dropLast(3).last).time
        let late = try bench.call(bench.market.candles(bitcoin, .oneMinute, from: wanted, limit: 1000))
        #expect(late == Array(minute.suffix(4)))
    }

    @Test func `the book, trades and tickers tell the same market`() throws {
        let bench = try KrakenBench()
        bench.pass(5000)
        let bitcoin = try bench.bitcoin()
        let book = try bench.call(bench.market.book(bitcoin, depth: 5))
        #expect(book.bids.count == 5 && book.asks.count == 5)
        let trades = try bench.call(bench.market.recentTrades(bitcoin, limit: 10))
        #expect(trades.count == 10)
        let last = try bench.lastPrice
        #expect(trades.last?.price == last)
        let ticker = try bench.get("Ticker", "pair=XBTUSD")["result"]?["XXBTZUSD"]
        #expect(ticker?["a"]?[0]?.fixedPoint(FixedPointKind.Price.self) == book.asks[0].price)
        #expect(ticker?["b"]?[0]?.fixedPoint(FixedPointKind.Price.self) == book.bids[0].price)
        #expect(ticker?["c"]?[0]?.fixedPoint(FixedPointKind.Price.self) == trades.last?.price)
        #expect(try bench.get("Ticker")["result"]?.members?.count == 2)
        #expect(try bench.get("Spread", "pair=XBTUSD")["result"]?["XXBTZUSD"]?.elements?.count == 1)
    }

    @Test func `trades after a last one follow without a gap`() throws {
        let bench = try KrakenBench()
        bench.pass(60_000)
        var seen: [Int64] = []
        var since = "0"
        for _ in 0..<100 {
            let result = try #require(try bench.get("Trades", "pair=XBTUSD&count=7&since=" + since)["result"])
            let page = try #require(result["XXBTZUSD"]?.elements)
            guard !page.isEmpty else { break }
            seen += page.compactMap { $0[6]?.integer }
            since = try #require(result["last"]?.text)
        }
        let all = bench.core.venue.engine.recentTrades(bench.core.venue.instruments[0].id).map(\.number)
        #expect(seen == all)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $1 == $0 + 1 })
        #expect(seen.count > 60)
    }

    @Test(arguments: [
        ("Depth", "pair=NONE", "EQuery:Unknown asset pair"), ("OHLC", "", "EGeneral:Invalid arguments:pair"),
        ("OHLC", "pair=XBTUSD&interval=7", "EGeneral:Invalid arguments:interval"),
        ("Assets", "asset=NONE", "EQuery:Unknown asset"),
        ("Nothing", "", "EGeneral:Unknown method"), ("Trades", "pair=XBTUSD&count=0", "EGeneral:Invalid arguments:count"),
        ("Trades", "pair=XBTUSD&since=x", "EGeneral:Invalid arguments:since"),
    ])
    func `what cannot be answered is refused in Kraken's words`(name: String, query: String, error: String) throws {
        let bench = try KrakenBench()
        #expect(try bench.get(name, query)["error"]?[0]?.text == error)
    }

    @Test func `a request without a user agent is refused`() throws {
        let bench = try KrakenBench()
        #expect(bench.send(WebRequest(.get, "/0/public/Time"))?.status == 403)
    }

    @Test func `an address that asks too often is refused until time has passed`() throws {
        let bench = try KrakenBench { $0.enforcesRateLimits = true }
        var refused = 0
        for _ in 0..<30 where try bench.get("Time")["error"]?[0]?.text == "EGeneral:Too many requests" { refused += 1 }
        #expect(refused == 10)
        bench.pass(1000)
        #expect(try bench.get("Time")["error"]?.elements == [])
    }
}
