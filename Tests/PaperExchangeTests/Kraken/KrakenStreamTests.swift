import Exchange
import Kraken
import Market
import Matching
import Money
import SyntheticMarket
import Testing

@testable import PaperExchange

/// Streams of version 2, read by the connector.
struct KrakenStreamTests {
    private static func events(_ bench: KrakenBench) throws -> [MarketEvent] {
        try bench.heard().flatMap { message -> [MarketEvent] in
            guard case .events(let events) = try bench.market.decode(message) else { return [] }
            return events
        }
    }

    private static func accountEvents(_ bench: KrakenBench) throws -> [AccountEvent] {
        try bench.heard().flatMap { message -> [AccountEvent] in
            guard case .events(let events) = try bench.trading.decodeAccount(message) else { return [] }
            return events
        }
    }

    private static func subscribed(_ bench: KrakenBench, _ subscription: MarketSubscription) throws -> SessionID {
        let session = try bench.open()
        for message in bench.market.subscribe([subscription], id: 1) { bench.say(message, session) }
        return session
    }

    @Test func `a stream greets, answers pings, and sends heartbeats once something is subscribed`() throws {
        let bench = try KrakenBench()
        let session = try bench.open()
        let greeting = try bench.heardValues()
        #expect(greeting.count == 1 && greeting[0]["data"]?[0]?["system"]?.text == "online")
        bench.pass(3000)
        #expect(bench.heard().isEmpty)
        bench.say(#"{"method":"ping","req_id":7}"#, session)
        let pong = try bench.heardValues()
        #expect(pong.count == 1 && pong[0]["method"]?.text == "pong" && pong[0]["req_id"]?.integer == 7)
        bench.say(#"{"method":"subscribe","params":{"channel":"instrument"}}"#, session)
        _ = bench.heard()
        bench.pass(5000)
        let beats = try bench.heard().filter { try bench.market.decode($0) == .heartbeat }
        #expect((4...5).contains(beats.count))
        #expect(bench.opened("/other") == nil)
    }

    @Test func `trades come as a snapshot and then one after the other`() throws {
        let bench = try KrakenBench()
        let bitcoin = try bench.bitcoin()
        _ = try Self.subscribed(bench, .trades(bitcoin))
        let snapshot = try Self.events(bench)
        bench.pass(10_000)
        let later = try Self.events(bench)
        let ids = (snapshot + later).compactMap { if case .trade(let trade) = $0 { trade.tradeID } else { nil } }
        #expect(later.count >= 10)
        let pair = bench.core.venue.instruments[0].id
        #expect(ids == bench.core.venue.engine.recentTrades(pair).map(\.number).suffix(ids.count))
    }

    @Test(arguments: [10, 25, 100])
    func `the book of a stream is the venue's after each message, by its checksum`(depth: Int) throws {
        let bench = try KrakenBench { $0.depthLevels = 40 }
        let bitcoin = try bench.bitcoin()
        _ = try Self.subscribed(bench, .book(bitcoin, depth: depth))
        var bids: [Price: Quantity] = [:]
        var asks: [Price: Quantity] = [:]
        var checked = 0
        for step in 0..<60 {
            // Somebody else's orders, too, so that not every change is of a whole ladder.
            if step % 3 == 0 { _ = try bench.place(.buy, .limit(try bench.price(-Int64(step % 7) - 1)), id: "b\(step)") }
            if step % 4 == 0 { _ = try bench.place(.buy, .market, "0.001", id: "m\(step)") }
            bench.pass(300)
            for case .bookUpdate(let update) in try Self.events(bench) {
                if update.isSnapshot { (bids, asks) = ([:], [:]) }
                for level in update.bids { bids[level.price] = level.quantity.isZero ? nil : level.quantity }
                for level in update.asks { asks[level.price] = level.quantity.isZero ? nil : level.quantity }
                let topBids = bids.sorted { $0.key > $1.key }.prefix(depth).map { BookLevel($0.key, $0.value) }
                let topAsks = asks.sorted { $0.key < $1.key }.prefix(depth).map { BookLevel($0.key, $0.value) }
                bids = Dictionary(uniqueKeysWithValues: topBids.map { ($0.price, $0.quantity) })
                asks = Dictionary(uniqueKeysWithValues: topAsks.map { ($0.price, $0.quantity) })
                #expect(KrakenBook.checksum(bids: topBids, asks: topAsks) == update.checksum)
                checked += 1
            }
        }
        #expect(checked > 20)
        let now = bench.core.venue.engine.depth(bench.core.venue.instruments[0].id, levels: depth)
        let instrument = bench.core.venue.instruments[0]
        #expect(bids.sorted { $0.key > $1.key }.map(\.key) == now.bids.map { instrument.price($0.price) })
        #expect(asks.sorted { $0.key < $1.key }.map(\.value) == now.asks.map { instrument.quantity($0.quantity) })
    }

    @Test func `a gap in the book shows in the checksum`() throws {
        let bench = try KrakenBench()
        _ = try Self.subscribed(bench, .book(try bench.bitcoin(), depth: 10))
        var bids: [Price: Quantity] = [:]
        var asks: [Price: Quantity] = [:]
        var differences = 0
        let instrument = bench.core.venue.instruments[0]
        // Several gaps: one that is followed by the same levels again leaves no trace.
        for step in 0..<60 {
            if step % 5 == 3 { #expect(bench.inject(.bookGap, count: 1)) }
            bench.pass(1000)
            var isSame = true
            for case .bookUpdate(let update) in try Self.events(bench) {
                for level in update.bids { bids[level.price] = level.quantity.isZero ? nil : level.quantity }
                for level in update.asks { asks[level.price] = level.quantity.isZero ? nil : level.quantity }
                let topBids = bids.sorted { $0.key > $1.key }.prefix(10).map { BookLevel($0.key, $0.value) }
                let topAsks = asks.sorted { $0.key < $1.key }.prefix(10).map { BookLevel($0.key, $0.value) }
                bids = Dictionary(uniqueKeysWithValues: topBids.map { ($0.price, $0.quantity) })
                asks = Dictionary(uniqueKeysWithValues: topAsks.map { ($0.price, $0.quantity) })
                isSame = KrakenBook.checksum(bids: topBids, asks: topAsks) == update.checksum
                if !isSame { differences += 1 }
                if step < 3 { #expect(isSame) }
            }
            // In a second whose last change was not left out the checksum tells exactly whether the book is the venue's.
            guard step % 5 != 3 else { continue }
            let venue = bench.core.venue.engine.depth(instrument.id, levels: 10)
            let sameBids = bids.sorted { $0.key > $1.key }.map { $0.value } == venue.bids.map { instrument.quantity($0.quantity) }
            let samePrices = bids.sorted { $0.key > $1.key }.map { $0.key } == venue.bids.map { instrument.price($0.price) }
            let sameAsks = asks.sorted { $0.key < $1.key }.map { $0.value } == venue.asks.map { instrument.quantity($0.quantity) }
            let sameOffers = asks.sorted { $0.key < $1.key }.map { $0.key } == venue.asks.map { instrument.price($0.price) }
            #expect(isSame == (sameBids && samePrices && sameAsks && sameOffers), "step \(step)")
        }
        #expect(differences > 0)
    }

    @Test func `candles and tickers of a stream are those of REST`() throws {
        let bench = try KrakenBench()
        let bitcoin = try bench.bitcoin()
        let session = try Self.subscribed(bench, .candles(bitcoin, .fiveMinutes))
        for message in bench.market.subscribe([.quote(bitcoin)], id: 9) { bench.say(message, session) }
        var candles: [Timestamp: Candle] = [:]
        var quote: MarketQuote?
        for _ in 0..<12 {
            bench.pass(60_000)
            for event in try Self.events(bench) {
                if case .candle(let candle) = event { candles[candle.candle.time] = candle.candle }
                if case .quote(let next) = event { quote = next }
            }
        }
        let expected = try bench.call(bench.market.candles(bitcoin, .fiveMinutes, from: nil, limit: 720))
        #expect(candles.count >= 720)
        #expect(expected.suffix(500).allSatisfy { candles[$0.time] == $0 })
        let book = try bench.call(bench.market.book(bitcoin, depth: 1))
        #expect(quote?.bid == book.bids.first && quote?.ask == book.asks.first)
    }

    @Test func `what cannot be subscribed is refused, what is can be ended`() throws {
        let bench = try KrakenBench()
        let session = try bench.open()
        _ = bench.heard()
        func error(_ text: String) throws -> String? {
            bench.say(text, session)
            return try bench.heardValues().first?["error"]?.text
        }
        #expect(
            try error(#"{"method":"subscribe","params":{"channel":"trade","symbol":["NO/NO"]},"req_id":1}"#)
                == "Currency pair not supported NO/NO")
        #expect(
            try error(#"{"method":"subscribe","params":{"channel":"trade","symbol":["XBT/USD"]}}"#)
                == "Currency pair not supported XBT/USD")
        #expect(
            try error(#"{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":7}}"#)
                == "Subscription depth not supported")
        #expect(try error(#"{"method":"subscribe","params":{"channel":"none"}}"#) == "Subscription name invalid")
        #expect(try error(#"{"method":"subscribe","params":{"channel":"executions","token":"x"}}"#) == "ESession:Invalid session")
        #expect(try error(#"{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"]}}"#) == nil)
        #expect(try error(#"{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"]}}"#) == "Already subscribed")
        #expect(try error(#"{"method":"unsubscribe","params":{"channel":"trade","symbol":["BTC/USD"]}}"#) == nil)
        bench.pass(3000)
        #expect(bench.heard().isEmpty)
        #expect(try error("nothing") == "Malformed request")
        #expect(try error("[]") == "Malformed request")
    }

    // MARK: Accounts

    private static func account(_ bench: KrakenBench) throws -> (SessionID, String) {
        let token = try bench.call(try #require(bench.trading.streamToken()))
        let session = try bench.open(bench.trading.accountStreamPath(token: token))
        for message in try bench.trading.subscribeToAccount(
            token: token, credentials: bench.credentials, at: bench.moment, id: 1)
        { bench.say(message, session) }
        return (session, token)
    }

    @Test func `an account's stream tells its open orders, its balances, and what becomes of them`() throws {
        let bench = try KrakenBench()
        let resting = try bench.place(.buy, .limit(try bench.price(-100)), id: "rest")
        _ = try Self.account(bench)
        let first = try Self.accountEvents(bench)
        let open = first.compactMap { if case .order(let report, fill: nil) = $0 { report } else { nil } }
        #expect(open.map(\.venueOrderID) == [resting.venueOrderID] && open.map(\.status) == [.open])
        let balances = first.compactMap { if case .balances(let list) = $0 { list } else { nil } }.flatMap { $0 }
        #expect(balances.first { $0.asset == "USD" }?.free == Amount("10000"))

        let bought = try bench.place(.buy, .market, id: "now")
        let events = try Self.accountEvents(bench)
        let fills = events.compactMap { if case .order(_, let fill) = $0 { fill } else { nil } }
        let asked = try bench.call(bench.trading.fills(nil, after: nil, from: nil))
        #expect(fills.map(\.tradeID) == asked.map(\.tradeID) && fills.map(\.fee) == asked.map(\.fee))
        #expect(fills.allSatisfy { $0.clientOrderID == ClientOrderID("now") && $0.feeAsset == "USD" })
        let reports = events.compactMap { if case .order(let report, _) = $0 { report } else { nil } }
        #expect(reports.map(\.status).first == .pending && reports.map(\.status).last == .filled)
        #expect(reports.allSatisfy { $0.venueOrderID == bought.venueOrderID })
        let after = events.compactMap { if case .balances(let list) = $0 { list } else { nil } }.flatMap { $0 }
        let plain = try bench.call(bench.trading.balances())
        let totals = try plain.map { try #require($0.free.adding($0.locked)) }
        for (balance, total) in zip(plain, totals) where balance.asset != "USDT" {
            #expect(after.last { $0.asset == balance.asset }?.free == total)
        }

        _ = try bench.call(bench.trading.cancel(.venue(resting.venueOrderID), try bench.bitcoin(), age: nil))
        let ended = try Self.accountEvents(bench).compactMap { if case .order(let report, _) = $0 { report } else { nil } }
        #expect(ended.map(\.status) == [.canceled] && ended.first?.reason == "User requested")
    }

    @Test func `a stop tells when its trigger is reached`() throws {
        let bench = try KrakenBench()
        _ = try Self.account(bench)
        let placed = try bench.place(.sell, .stopLoss(trigger: try bench.price(-1)))
        var kinds: [String] = []
        for _ in 0..<600 {
            let status = try bench.query(placed).status
            for value in try bench.heardValues() where value["channel"]?.text == "executions" {
                if let kind = value["data"]?[0]?["exec_type"]?.text { kinds.append(kind) }
            }
            if status == .filled { break }
            bench.pass(30_000)
        }
        let expected = ["pending_new", "new", "status", "trade", "filled"]
        #expect(kinds.filter { $0 != "trade" } == expected.filter { $0 != "trade" })
        #expect(kinds.contains("trade"))
    }

    @Test func `orders are placed, amended and canceled over a stream`() throws {
        let bench = try KrakenBench()
        let (session, token) = try Self.account(bench)
        _ = bench.heard()
        func ask(_ method: String, _ parameters: String) throws -> JSONValue {
            bench.say(#"{"method":"\#(method)","params":{\#(parameters),"token":"\#(token)"},"req_id":5}"#, session)
            let answers = try bench.heardValues().filter { $0["method"]?.text == method }
            return try #require(answers.first)
        }
        let price = try bench.price(-100).description
        let order = #""symbol":"BTC/USD","side":"buy","order_type":"limit","order_qty":0.01,"limit_price":\#(price)"#
        let added = try ask("add_order", order)
        #expect(added["success"]?.bool == true && added["req_id"]?.integer == 5)
        let id = try #require(added["result"]?["order_id"]?.text)
        let amended = try ask("amend_order", #""order_id":"\#(id)","order_qty":0.02"#)
        #expect(amended["result"]?["order_id"]?.text == id)
        #expect(try bench.call(bench.trading.openOrders(nil)).first?.quantity == Quantity("0.02"))
        #expect(try ask("cancel_order", #""order_id":["\#(id)"]"#)["result"]?["order_id"]?.text == id)
        #expect(try ask("cancel_order", #""order_id":["\#(id)"]"#)["error"]?.text == "EOrder:Unknown order")
        let stop = order.replacing("\"limit\"", with: "\"stop-loss-limit\"") + #","triggers":{"price":\#(price)}"#
        #expect(try ask("add_order", stop.replacing("\"buy\"", with: "\"sell\""))["success"]?.bool == true)
        #expect(try bench.call(bench.trading.openOrders(nil)).map(\.status) == [.pending])
        #expect(try ask("cancel_all", #""a":1"#)["result"]?["count"]?.integer == 1)
        let cash = #""symbol":"BTC/USD","side":"buy","order_type":"market","cash_order_qty":50"#
        #expect(try ask("add_order", cash)["success"]?.bool == true)
        #expect(try ask("cancel_all_orders_after", #""timeout":60"#)["success"]?.bool == true)
        #expect(try ask("add_order", order.replacing("0.01", with: "90"))["error"]?.text == "EOrder:Insufficient funds")
    }

    @Test func `a token ends after fifteen minutes unless it is used`() throws {
        let bench = try KrakenBench()
        let (session, used) = try Self.account(bench)
        let unused = try bench.call(try #require(bench.trading.streamToken()))
        bench.pass(901_000)
        let other = try bench.open()
        _ = bench.heard()
        for (token, works) in [(used, true), (unused, false)] {
            bench.say(#"{"method":"subscribe","params":{"channel":"balances","token":"\#(token)"},"req_id":1}"#, other)
            #expect(try bench.heardValues().first?["success"]?.bool == works)
        }
        bench.core.close(session)
        bench.core.close(other)
        let late = try bench.open()
        _ = bench.heard()
        bench.say(#"{"method":"subscribe","params":{"channel":"balances","token":"\#(used)"}}"#, late)
        #expect(try bench.heardValues().first?["success"]?.bool == false)
    }

    @Test func `hostile messages are answered and trap nothing`() throws {
        let bench = try KrakenBench()
        let (session, token) = try Self.account(bench)
        let seed: UInt64 = 20_260_102
        var random = SplitMix64(seed: seed)
        let samples = [
            #"{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":10},"req_id":1}"#,
            #"{"method":"unsubscribe","params":{"channel":"ohlc","symbol":["SOL/USDT"],"interval":5}}"#,
            #"{"method":"add_order","params":{"symbol":"BTC/USD","side":"sell","order_type":"stop-loss-limit","order_qty":0.01,"#
                + #""limit_price":1e18,"triggers":{"price":9223372036854775807},"expire_time":"9999-12-31T23:59:59Z","token":"\#(token)"}}"#,
            #"{"method":"cancel_all_orders_after","params":{"timeout":86400,"token":"\#(token)"}}"#,
            #"{"method":"amend_order","params":{"order_id":"OAAAAA-AAAAA-AAAAAA","order_qty":-1,"token":"\#(token)"}}"#,
        ]
        var answered = 0
        for _ in 0..<4000 {
            var bytes = Array(samples[Int(random.next() % UInt64(samples.count))].utf8)
            for _ in 0..<Int(random.next() % 4) {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int(random.next() % 9) + 1))
                default: bytes.insert(contentsOf: bytes[place...].prefix(7), at: place)
                }
                if bytes.isEmpty { bytes = [0x7B] }
            }
            bench.core.receive(bytes, from: session, now: bench.now)
            if !bench.heard().isEmpty { answered += 1 }
        }
        print("hostile messages to Kraken's streams: seed \(seed), \(answered) of 4000 answered")
        #expect(answered == 4000)
    }
}
