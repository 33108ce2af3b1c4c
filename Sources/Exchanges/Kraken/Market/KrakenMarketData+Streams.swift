package import Exchange
import Market

extension KrakenMarketData {
    package var marketStreamPath: String { "/v2" }
    package var bookRule: BookRule { .checksum }

    package func bookChecksum(bids: [BookLevel], asks: [BookLevel], of instrument: TradedInstrument) -> UInt32? {
        KrakenBook.checksum(bids: bids, asks: asks, of: instrument)
    }
    /// A heartbeat comes about every second once something is subscribed.
    package var streamSilenceLimit: Duration { .seconds(5) }
    /// Kraken names no limit; a connection of this size stays well within what it sends in bursts.
    package var subscriptionsPerConnection: Int { 200 }

    /// The depths of books that Kraken offers.
    static let depths = [10, 25, 100, 500, 1000]

    /// One message for each subscription: Kraken acknowledges every symbol alone, so that a number of its own tells which.
    package func subscribe(_ subscriptions: [MarketSubscription], id: Int64) -> [String] {
        messages("subscribe", subscriptions, id)
    }

    package func unsubscribe(_ subscriptions: [MarketSubscription], id: Int64) -> [String] {
        messages("unsubscribe", subscriptions, id)
    }

    private func messages(_ method: String, _ subscriptions: [MarketSubscription], _ id: Int64) -> [String] {
        subscriptions.enumerated().map { index, subscription in
            KrakenStream.request(method, Self.parameters(subscription), id: id &+ Int64(index))
        }
    }

    private static func parameters(_ subscription: MarketSubscription) -> [JSONValue.Member] {
        switch subscription {
        case .trades(let instrument): channel("trade", instrument)
        case .candles(let instrument, let timeframe):
            channel("ohlc", instrument) + [.init("interval", .integer(timeframe.minutes))]
        case .book(let instrument, let depth):
            // Ten is what Kraken gives unasked.
            channel("book", instrument) + (depth <= 10 ? [] : [.init("depth", .integer(Int64(offered(depth))))])
        // Without this word only trades bring a new quote.
        case .quote(let instrument): channel("ticker", instrument) + [.init("event_trigger", "bbo")]
        }
    }

    private static func channel(_ name: String, _ instrument: TradedInstrument) -> [JSONValue.Member] {
        [.init("channel", .string(name)), .init("symbol", [.string(instrument.streamSymbol)])]
    }

    /// The smallest depth on offer that is at least `depth`.
    package static func offered(_ depth: Int) -> Int { depths.first { $0 >= depth } ?? 1000 }

    package func decode(_ message: [UInt8]) throws(VenueError) -> StreamInput {
        do throws(JSONError) { return try KrakenMarketDecoder.decode(message) } catch {
            throw .malformed(error, changesState: false)
        }
    }
}

/// What both streams share.
enum KrakenStream {
    static func request(_ method: String, _ parameters: [JSONValue.Member], id: Int64) -> String {
        let message: JSONValue = .object([
            .init("method", .string(method)), .init("params", .object(parameters)), .init("req_id", .integer(id)),
        ])
        return String(decoding: message.bytes, as: UTF8.self)
    }
}
