import Exchange
import Market
import Money
import Testing

@testable import Kraken

/// Whatever a venue sends is an answer or an error, never a trap.
struct FuzzTests {
    /// Tries to read an answer in every way that there is.
    private static func readers() throws -> [@Sendable (WebResponse) throws -> Void] {
        let instrument = try Sample.instrument
        let (market, trading) = (KrakenMarketData(), KrakenTrading())
        let ours = OrderReference.client(ClientOrderID("swx0001"))
        let calls =
            trading.orderLookups(ours, instrument) + [trading.order(.venue(VenueOrderID("OJJJJJ-KKKKK-LLLLLL")), instrument)]
        let placed = try trading.place(try Sample.intent(.buy, .market), instrument, at: Sample.now)
        var readers: [@Sendable (WebResponse) throws -> Void] = calls.map { call in { _ = try call.decode($0) } }
        readers += [
            { _ = try market.serverTime().decode($0) }, { _ = try market.systemStatus().decode($0) },
            { _ = try market.instruments(from: [$0, $0]) },
            { _ = try market.instruments(from: [Sample.result(Answers.assets), $0]) },
            { _ = try market.candles(instrument, .oneMinute, from: nil, limit: 5).decode($0) },
            { _ = try market.recentTrades(instrument, limit: 5).decode($0) },
            { _ = try market.book(instrument, depth: 5).decode($0) },
            { _ = try trading.balances().decode($0) }, { _ = try trading.accountRights()?.decode($0) },
            { _ = try placed.decode($0) },
            { _ = try trading.cancel(ours, instrument, age: nil).decode($0) }, { _ = try trading.cancelAll(nil)?.decode($0) },
            { try trading.deadManTimer(.seconds(1), nil)?.decode($0) }, { _ = try trading.openOrders(nil).decode($0) },
            { _ = try trading.closedOrders(from: nil).decode($0) },
            { _ = try trading.fillPage(nil, after: nil, from: nil, offset: .max).decode($0) },
            { _ = try trading.streamToken()?.decode($0) },
        ]
        return readers
    }

    private static let answers = [
        Answers.assets, Answers.pairs, Answers.time, Answers.status, Answers.candles, Answers.trades, Answers.depth,
        Answers.balances,
        Answers.placed, Answers.canceled, Answers.timer, Answers.open, Answers.closed, Answers.queried, Answers.history,
        Answers.token,
        Answers.rights,
    ]

    /// Values that stand where others are expected.
    private static let hostile = [
        "null", "-1", "0", "1e999", "1e-999", "99999999999999999999999999999999999999999", "-9223372036854775808",
        "9223372036854775807", "\"\"",
        "[]", "{}", "true", "\"\\u0000\"", "\"NaN\"", "0.000000000000000000000000000000000000000001", "[[[[[[]]]]]]", "\"🂡\"",
        "170141183460469231731687303715884105727",
    ]

    private static func mutated(_ text: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = text
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            guard !bytes.isEmpty else { break }
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 3: bytes.removeLast(bytes.count - place)
            default: replaceValue(in: &bytes, near: place, &random)
            }
        }
        return bytes
    }

    /// Puts a hostile value where a plain one begins behind `place`.
    private static func replaceValue(in bytes: inout [UInt8], near place: Int, _ random: inout SplitMix64) {
        let isStart = { (byte: UInt8) in byte == UInt8(ascii: ":") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: ",") }
        let isEnd = { (byte: UInt8) in byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") }
        guard let start = bytes[place...].firstIndex(where: isStart), let end = bytes[(start + 1)...].firstIndex(where: isEnd),
            let value = hostile.randomElement(using: &random)
        else { return }
        bytes.replaceSubrange((start + 1)..<end, with: Array(value.utf8))
    }

    @Test func `answers with random damage are read or refused`() throws {
        var random = SplitMix64(seed: Seed.announced("fuzz of answers"))
        let readers = try Self.readers()
        var counts = (read: 0, refused: 0)
        for text in Self.answers {
            let bytes = Array(Sample.result(text).body)
            for _ in 0..<300 {
                let response = WebResponse(status: 200, body: Self.mutated(bytes, &random))
                for reader in readers {
                    do {
                        try reader(response)
                        counts.read += 1
                    } catch {
                        #expect(error is VenueError)
                        counts.refused += 1
                    }
                }
            }
        }
        #expect(counts.read > 0 && counts.refused > 0)
        print("damaged answers of kraken: \(counts.read) read, \(counts.refused) refused")
    }

    @Test func `stream messages with random damage are read or refused`() throws {
        var random = SplitMix64(seed: Seed.announced("fuzz of streams"))
        var counts = (read: 0, refused: 0)
        for text in Messages.market + Messages.account {
            let bytes = Array(text.utf8)
            for _ in 0..<3000 {
                let message = Self.mutated(bytes, &random)
                do {
                    if case .events(let events) = try KrakenMarketData().decode(message) { Self.sum(events) }
                    counts.read += 1
                } catch { counts.refused += 1 }
                do {
                    _ = try KrakenTrading().decodeAccount(message)
                    counts.read += 1
                } catch { counts.refused += 1 }
            }
        }
        #expect(counts.read > 0 && counts.refused > 0)
        print("damaged messages of kraken: \(counts.read) read, \(counts.refused) refused")
    }

    private static func sum(_ events: [MarketEvent]) {
        for case .bookUpdate(let book) in events {
            _ = KrakenBook.checksum(bids: book.bids, asks: book.asks)
            _ = KrakenBook.checksum(bids: book.bids, asks: book.asks, priceDecimals: 18, quantityDecimals: 18)
        }
    }

    @Test func `every prefix of every sample is refused, and deep nesting is`() throws {
        for text in Messages.market + Messages.account {
            let bytes = Array(text.utf8)
            for length in 0..<bytes.count {
                #expect(throws: VenueError.self) { try KrakenMarketData().decode(Array(bytes[..<length])) }
            }
        }
        let deep = Array(#"{"channel":"book","data":"#.utf8) + [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(throws: VenueError.self) { try KrakenMarketData().decode(deep) }
        #expect(throws: VenueError.self) { try KrakenTrading().decodeAccount(deep) }
        #expect(throws: VenueError.self) { try KrakenTrading().balances().decode(WebResponse(status: 200, body: deep)) }
    }

    @Test func `random damage to an error text is classified`() {
        var random = SplitMix64(seed: Seed.announced("fuzz of errors"))
        for item in ErrorTests.cases {
            for _ in 0..<500 {
                let text = String(decoding: Self.mutated(Array(item.text.utf8), &random), as: UTF8.self)
                let error = KrakenErrors.error(text, changesState: true, now: Sample.now)
                #expect(error.message.count <= 500)
            }
        }
    }
}
