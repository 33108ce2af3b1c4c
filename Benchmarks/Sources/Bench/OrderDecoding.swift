import Binance
import Exchange
import Foundation
import Kraken

/// What venues tell an account about its orders, from the bytes to reports with prices and quantities in fixed point, by the connectors' own decoders; beside
/// Foundation's `JSONDecoder` on the same bytes, in turn with ours. One thread, processor time.
enum OrderDecoding {
    private static let count = 20_000
    private static let binance = BinanceSpotTrading()
    private static let kraken = KrakenTrading()

    static func rows(_ options: Options) throws -> [Row] {
        var messages = OrderMessages(seed: 1)
        return try OrderMessages.Kind.allCases.flatMap { try rows($0, messages.messages($0, count: count), options) }
    }

    private static func rows(_ kind: OrderMessages.Kind, _ messages: [[UInt8]], _ options: Options) throws -> [Row] {
        let data = messages.map { Data($0) }
        let decoder = JSONDecoder()
        var ours: [Double] = []
        var texts: [Double] = []
        for _ in 0..<options.rounds {
            ours.append(try rate { try messages.reduce(0) { $0 + (try fills(kind, $1)) } })
            texts.append(try rate { try data.reduce(0) { $0 + (try Self.texts(kind, $1, decoder)) } })
        }
        var row = Row("order messages decoded, \(kind.rawValue)", ours.median, "messages/CPU s")
        let bytes = messages.reduce(0) { $0 + $1.count } / messages.count
        let ratio = zip(ours, texts).map { $0 / $1 }.median
        row.note = "\(bytes) bytes on average; \(Text.ratio(ratio))x JSONDecoder, which does less"
        return [row, Row("\(row.what), numbers left as they are", peer: "JSONDecoder", texts.median, beside: row)]
    }

    /// Messages a CPU second. `work` goes over all of them and answers how many executions it found: every fourth is one.
    private static func rate(_ work: () throws -> Int) throws -> Double {
        let start = clock()
        guard try work() == count / 4 else { throw BenchError("executions were not found in order messages") }
        return Double(count) / (Double(clock() - start) / Double(CLOCKS_PER_SEC))
    }

    private static func fills(_ kind: OrderMessages.Kind, _ message: [UInt8]) throws -> Int {
        let input = kind == .binance ? try binance.decodeAccount(message) : try kraken.decodeAccount(message)
        guard case .events(let events) = input, case .order(let report, let fill)? = events.first, report.quantity != nil else {
            throw BenchError("an order message was read as \(input): \(String(decoding: message, as: UTF8.self))")
        }
        return fill == nil ? 0 : 1
    }

    // MARK: - JSONDecoder

    private static func texts(_ kind: OrderMessages.Kind, _ message: Data, _ decoder: JSONDecoder) throws -> Int {
        switch kind {
        case .binance: try decoder.decode(BinanceMessage.self, from: message).event.x == "TRADE" ? 1 : 0
        case .kraken: try decoder.decode(KrakenMessage.self, from: message).data.count { $0.exec_type == "trade" }
        }
    }

    /// The members that ours reads, too.
    private struct BinanceMessage: Decodable {
        struct Event: Decodable {
            var e, s, c, C, S, o, x, X, r, q, p, P, z, Z, l, L, n: String
            var N: String?
            var i, t, T, O: Int64
            var w, m: Bool
        }
        var event: Event
    }

    private struct KrakenMessage: Decodable {
        struct Fee: Decodable {
            var asset: String
            var qty: Double
        }
        struct Execution: Decodable {
            var order_id, cl_ord_id, symbol, exec_type, side, order_type, order_status, timestamp: String
            var order_qty, cum_cost, cum_qty, limit_price: Double
            var exec_id, liquidity_ind, reason: String?
            var last_qty, last_price: Double?
            var fees: [Fee]?
        }
        var channel: String
        var data: [Execution]
    }
}
