import Exchange

/// Names of market streams, and the messages that subscribe to them.
enum BinanceStreamNames {
    /// Subscriptions in one message: the venue takes few messages a second, and not endless ones.
    private static let perMessage = 200

    static func name(_ subscription: MarketSubscription, system: Binance.System) -> String {
        switch subscription {
        // Futures document only the aggregated trades.
        case .trades(let instrument): instrument.streamSymbol.lowercased() + (system == .spot ? "@trade" : "@aggTrade")
        case .candles(let instrument, let timeframe):
            instrument.streamSymbol.lowercased() + "@kline_" + BinanceTimeframes.name(timeframe)
        case .book(let instrument, _): instrument.streamSymbol.lowercased() + "@depth@100ms"
        case .quote(let instrument): instrument.streamSymbol.lowercased() + "@bookTicker"
        }
    }

    /// `{"method":"SUBSCRIBE","params":[...],"id":n}`, as many as are needed, with ids from `id` on.
    static func messages(_ method: String, _ names: [String], id: Int64) -> [String] {
        var messages: [String] = []
        var number = id
        for start in stride(from: 0, to: names.count, by: perMessage) {
            let part = names[start..<min(start + perMessage, names.count)]
            let message: JSONValue = [
                "method": .string(method), "params": .array(part.map { .string($0) }), "id": .integer(number),
            ]
            messages.append(String(decoding: message.bytes, as: UTF8.self))
            number &+= 1
        }
        return messages
    }
}
