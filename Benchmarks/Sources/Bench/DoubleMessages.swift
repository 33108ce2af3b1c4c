import Foundation

/// The least that is of any use with Foundation: `JSONDecoder` into structures whose numbers are doubles, times left as text. Less than what our
/// decoders do, and prices are no longer the venue's digits.
enum DoubleMessages {
    /// How many trades or levels are in it.
    static func numbers(_ kind: MarketMessages.Kind, _ message: Data, _ decoder: JSONDecoder) throws -> Int {
        switch kind {
        case .binanceTrade: try decoder.decode(BinanceTrade.self, from: message).p.value > 0 ? 1 : 0
        case .binanceDepth: try decoder.decode(BinanceDepth.self, from: message).count
        case .krakenTrade: try decoder.decode(Message<KrakenTrade>.self, from: message).data.count
        case .krakenBook: try decoder.decode(Message<KrakenBook>.self, from: message).data.reduce(0) { $0 + $1.count }
        }
    }

    private struct TextNumber: Decodable {
        var value: Double
        init(from decoder: any Decoder) throws {
            let text = try decoder.singleValueContainer().decode(String.self)
            guard let value = Double(text) else { throw BenchError("'\(text)' is no number") }
            self.value = value
        }
    }

    private struct BinanceTrade: Decodable {
        var s: String
        var t: Int64
        var p: TextNumber
        var q: TextNumber
        var T: Int64
        var m: Bool
    }

    private struct BinanceDepth: Decodable {
        var s: String
        var U: Int64
        var u: Int64
        var b: [[TextNumber]]
        var a: [[TextNumber]]
        var count: Int { b.count + a.count }
    }

    private struct Message<Element: Decodable>: Decodable {
        var type: String
        var data: [Element]
    }

    private struct KrakenTrade: Decodable {
        var symbol: String
        var side: String
        var price: Double
        var qty: Double
        var trade_id: Int64
        var timestamp: String
    }

    private struct KrakenBook: Decodable {
        struct Level: Decodable {
            var price: Double
            var qty: Double
        }
        var symbol: String
        var bids: [Level]
        var asks: [Level]
        var checksum: UInt32
        var count: Int { bids.count + asks.count }
    }
}
