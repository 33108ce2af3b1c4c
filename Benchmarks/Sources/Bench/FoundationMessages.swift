import Exchange
import Foundation
import Market
import Money

/// What one writes with Foundation in place of our decoders: structures that `JSONDecoder` fills, and from them the same events.
///
/// It is told the kind of each message and only checks it, where ours find it out; members that ours do not use it does not name. Bare numbers (Kraken) come as
/// `Decimal`, because it does not hand out their digits; so the zeros at their end, which Kraken's checksum needs, are lost.
enum FoundationMessages {
    static func events(_ kind: MarketMessages.Kind, _ message: Data, _ decoder: JSONDecoder) throws -> [MarketEvent] {
        switch kind {
        case .binanceTrade: [.trade(try decoder.decode(BinanceTrade.self, from: message).trade())]
        case .binanceDepth: [.bookUpdate(try decoder.decode(BinanceDepth.self, from: message).update())]
        case .krakenTrade: try tradeEvents(try decoder.decode(KrakenMessage<KrakenTrade>.self, from: message))
        case .krakenBook: try bookEvents(try decoder.decode(KrakenMessage<KrakenBook>.self, from: message))
        }
    }

    private static func tradeEvents(_ message: KrakenMessage<KrakenTrade>) throws -> [MarketEvent] {
        try check(message.channel, "trade")
        return try message.data.map { .trade(try $0.trade()) }
    }

    private static func bookEvents(_ message: KrakenMessage<KrakenBook>) throws -> [MarketEvent] {
        try check(message.channel, "book")
        return try message.data.map { .bookUpdate(try $0.update(isSnapshot: message.type == "snapshot")) }
    }

    fileprivate static func check(_ kind: String, _ wanted: String) throws {
        guard kind == wanted else { throw BenchError("a message of kind '\(kind)'") }
    }

    fileprivate static func number<Kind>(_ text: String) throws -> FixedPoint<Kind> {
        guard let value = FixedPoint<Kind>(text) else { throw BenchError("'\(text)' is no number") }
        return value
    }

    fileprivate static func number<Kind>(_ value: Decimal) throws -> FixedPoint<Kind> { try number(value.description) }

    fileprivate static func level(_ price: String, _ quantity: String) throws -> BookLevel {
        BookLevel(try number(price), try number(quantity))
    }
}

// MARK: - Binance

private struct BinanceTrade: Decodable {
    var e: String
    var s: String
    var t: Int64
    var p: String
    var q: String
    var T: Int64
    var m: Bool

    func trade() throws -> MarketTrade {
        try FoundationMessages.check(e, "trade")
        return MarketTrade(
            symbol: s, tradeID: t, price: try FoundationMessages.number(p), quantity: try FoundationMessages.number(q),
            takerSide: m ? .sell : .buy, time: Timestamp(milliseconds: T))
    }
}

private struct BinanceDepth: Decodable {
    var e: String
    var s: String
    var U: Int64
    var u: Int64
    var b: [[String]]
    var a: [[String]]

    func update() throws -> BookUpdate {
        try FoundationMessages.check(e, "depthUpdate")
        return BookUpdate(symbol: s, isSnapshot: false, firstID: U, lastID: u, bids: try levels(b), asks: try levels(a))
    }

    private func levels(_ side: [[String]]) throws -> [BookLevel] {
        try side.map { level in
            guard level.count >= 2 else { throw BenchError("a level of \(level.count) numbers") }
            return try FoundationMessages.level(level[0], level[1])
        }
    }
}

// MARK: - Kraken

private struct KrakenMessage<Element: Decodable>: Decodable {
    var channel: String
    var type: String
    var data: [Element]
}

private struct KrakenTrade: Decodable {
    var symbol: String
    var side: String
    var price: Decimal
    var qty: Decimal
    var trade_id: Int64
    var timestamp: String

    func trade() throws -> MarketTrade {
        guard let time = Self.time(timestamp), side == "buy" || side == "sell" else {
            throw BenchError("a trade of '\(side)' at '\(timestamp)'")
        }
        return MarketTrade(
            symbol: symbol, tradeID: trade_id, price: try FoundationMessages.number(price),
            quantity: try FoundationMessages.number(qty), takerSide: side == "buy" ? .buy : .sell, time: time)
    }

    /// A time in UTC with six decimals, cut to milliseconds.
    private static func time(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        func number(_ start: Int, _ width: Int) -> Int64 {
            bytes[start..<start + width].reduce(0) { $0 * 10 + Int64($1) - 48 }
        }
        guard bytes.count == 27, let midnight = Timestamp(year: number(0, 4), month: number(5, 2), day: number(8, 2)) else {
            return nil
        }
        return midnight.advanced(
            byMilliseconds: ((number(11, 2) * 60 + number(14, 2)) * 60 + number(17, 2)) * 1000 + number(20, 3))
    }
}

private struct KrakenBook: Decodable {
    struct Level: Decodable {
        var price: Decimal
        var qty: Decimal
    }
    var symbol: String
    var bids: [Level]
    var asks: [Level]
    var checksum: UInt32

    func update(isSnapshot: Bool) throws -> BookUpdate {
        BookUpdate(symbol: symbol, isSnapshot: isSnapshot, bids: try levels(bids), asks: try levels(asks), checksum: checksum)
    }

    private func levels(_ side: [Level]) throws -> [BookLevel] {
        try side.map { BookLevel(try FoundationMessages.number($0.price), try FoundationMessages.number($0.qty)) }
    }
}
