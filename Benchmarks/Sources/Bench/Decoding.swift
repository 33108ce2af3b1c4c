import Binance
import Exchange
import Foundation
import Kraken

/// Market data from its bytes to events with prices in fixed point, by the connectors' own decoders; beside Foundation's `JSONDecoder` on the
/// same bytes, in turn with ours. One thread, processor time.
enum Decoding {
    private static let count = 20_000
    /// Ours go over the messages so many times a round, that both take a while.
    private static let passes = 5
    private static let target = (rate: 100_000.0, ratio: 10.0)

    static func rows(_ options: Options) throws -> [Row] {
        var messages = MarketMessages(seed: 1)
        return try MarketMessages.Kind.allCases.flatMap { try rows($0, messages.messages($0, count: count), options) }
    }

    private static func rows(_ kind: MarketMessages.Kind, _ messages: [[UInt8]], _ options: Options) throws -> [Row] {
        let data = messages.map { Data($0) }
        let decoder = JSONDecoder()
        try check(kind, messages, data)
        var ours: [Double] = []
        var equal: [Double] = []
        var doubles: [Double] = []
        for _ in 0..<options.rounds {
            ours.append(try rate(passes) { try messages.reduce(0) { $0 + (try events(kind, $1).count) } })
            equal.append(try rate(1) { try data.reduce(0) { $0 + (try FoundationMessages.events(kind, $1, decoder).count) } })
            doubles.append(try rate(1) { try data.reduce(0) { $0 + (try DoubleMessages.numbers(kind, $1, decoder)) } })
        }
        // Of the two in one round: they met the same machine.
        let ratio = zip(ours, equal).map { $0 / $1 }.median
        var row = Row("messages decoded, \(kind.rawValue)", ours.median, "messages/CPU s")
        row.target = ">= 100,000, 10x JSONDecoder"
        row.met = ours.median >= target.rate && ratio >= target.ratio
        let bytes = messages.reduce(0) { $0 + $1.count } / messages.count
        row.note = "\(bytes) bytes on average; \(Text.ratio(ratio))x JSONDecoder with equal work"
        return [
            row, Row("\(row.what), equal work", peer: "JSONDecoder", equal.median, beside: row),
            Row("\(row.what), to doubles", peer: "JSONDecoder", doubles.median, beside: row),
        ]
    }

    /// Messages a CPU second. `work` goes over all of them and answers how much it found, so that nothing of it is left out.
    private static func rate(_ passes: Int, _ work: () throws -> Int) throws -> Double {
        let start = clock()
        for _ in 0..<passes { guard try work() >= count else { throw BenchError("messages without content") } }
        return Double(passes * count) / (Double(clock() - start) / Double(CLOCKS_PER_SEC))
    }

    private static let binance = BinanceSpotMarketData()
    private static let kraken = KrakenMarketData()

    private static func events(_ kind: MarketMessages.Kind, _ message: [UInt8]) throws -> [MarketEvent] {
        let input =
            switch kind {
            case .binanceTrade, .binanceDepth: try binance.decode(message)
            case .krakenTrade, .krakenBook: try kraken.decode(message)
            }
        guard case .events(let events) = input else { throw BenchError("a message of '\(kind.rawValue)' was read as \(input)") }
        return events
    }

    /// Both read the same from every message.
    private static func check(_ kind: MarketMessages.Kind, _ messages: [[UInt8]], _ data: [Data]) throws {
        let decoder = JSONDecoder()
        for (message, data) in zip(messages, data) {
            guard try events(kind, message) == FoundationMessages.events(kind, data, decoder) else {
                throw BenchError("ours and JSONDecoder differ about \(String(decoding: message, as: UTF8.self))")
            }
        }
    }
}
