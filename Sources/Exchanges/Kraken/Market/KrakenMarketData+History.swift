package import Exchange
package import Market
import Money

extension KrakenMarketData {
    /// Minutes of Kraken's candles and their names.
    static let intervals: [(minutes: Int64, name: String)] = [
        (1, "1m"), (5, "5m"), (15, "15m"), (30, "30m"), (60, "1h"), (240, "4h"), (1440, "1d"), (10_080, "1w"), (21_600, "15d"),
    ]

    package var timeframes: [Timeframe] { Self.intervals.compactMap { Timeframe($0.name) } }
    package var candleLimit: Int { 720 }
    /// Only the newest 720 candles, whatever is asked for.
    package var candlesReachBack: Bool { false }

    package func candles(
        _ instrument: TradedInstrument, _ timeframe: Timeframe, from: Timestamp?, limit: Int
    ) -> PublicCall<[Candle]> {
        var parameters = [RequestDraft.Parameter("pair", instrument.symbol), .init("interval", String(timeframe.minutes))]
        if let from {
            // The candle at `since` itself is left out, so that one candle earlier is asked for.
            let since = from.milliseconds.subtractingReportingOverflow(timeframe.milliseconds).partialValue / 1000
            parameters.append(.init("since", String(max(0, since))))
        }
        return Self.call(Self.get("OHLC", parameters)) { result throws(VenueError) in
            let candles = try Self.rows(result).mapped { Self.candle($0) }
            guard let from else { return candles.suffix(max(0, limit)) }
            return Array(candles.filter { $0.time >= from }.prefix(max(0, limit)))
        }
    }

    package func recentTrades(_ instrument: TradedInstrument, limit: Int) -> PublicCall<[MarketTrade]> {
        let count = min(max(limit, 1), 1000)
        let symbol = instrument.streamSymbol
        return Self.call(Self.get("Trades", [.init("pair", instrument.symbol), .init("count", String(count))])) {
            result throws(VenueError) in
            try Self.rows(result).mapped { Self.trade($0, symbol) }
        }
    }

    package func book(_ instrument: TradedInstrument, depth: Int) -> PublicCall<BookUpdate> {
        let count = min(max(depth, 1), 500)
        let symbol = instrument.streamSymbol
        return Self.call(Self.get("Depth", [.init("pair", instrument.symbol), .init("count", String(count))])) {
            result throws(VenueError) in
            guard let book = result.members?.first?.value else { throw KrakenAnswer.missing("result", changesState: false) }
            let bids = try Self.elements(book["bids"], "bids").mapped { Self.level($0) }
            let asks = try Self.elements(book["asks"], "asks").mapped { Self.level($0) }
            return BookUpdate(symbol: symbol, isSnapshot: true, bids: bids, asks: asks)
        }
    }

    // MARK: Rows

    /// The list in an answer that has one pair's list and `last`.
    private static func rows(_ result: JSONValue) throws(VenueError) -> Rows {
        try elements(result.members?.first { $0.name != "last" }?.value, "result")
    }

    private static func elements(_ value: JSONValue?, _ name: String) throws(VenueError) -> Rows {
        guard let elements = value?.elements else { throw KrakenAnswer.missing(name, changesState: false) }
        return Rows(elements: elements, name: name)
    }

    private struct Rows {
        let elements: [JSONValue]
        let name: String

        func mapped<Element>(_ read: (JSONValue) -> Element?) throws(VenueError) -> [Element] {
            var result: [Element] = []
            result.reserveCapacity(elements.count)
            for element in elements {
                guard let value = read(element) else { throw KrakenAnswer.missing(name, changesState: false) }
                result.append(value)
            }
            return result
        }
    }

    /// `[seconds, open, high, low, close, vwap, volume, count]`
    private static func candle(_ row: JSONValue) -> Candle? {
        guard let time = row[0]?.fixedPoint(KrakenTime.Seconds.self).flatMap({ KrakenTime.seconds($0) }),
            let open = row[1]?.double,
            let high = row[2]?.double, let low = row[3]?.double, let close = row[4]?.double, let volume = row[6]?.double
        else { return nil }
        return Candle(time: time, open: open, high: high, low: low, close: close, volume: volume)
    }

    /// `[price, volume, seconds, "b" or "s", "m" or "l", "", id]`
    private static func trade(_ row: JSONValue, _ symbol: String) -> MarketTrade? {
        guard let price = row[0]?.fixedPoint(FixedPointKind.Price.self),
            let quantity = row[1]?.fixedPoint(FixedPointKind.Quantity.self),
            let time = row[2]?.fixedPoint(KrakenTime.Seconds.self).flatMap({ KrakenTime.seconds($0) }), let id = row[6]?.integer
        else { return nil }
        let side: OrderSide
        switch row[3]?.text {
        case "b": side = .buy
        case "s": side = .sell
        default: return nil
        }
        return MarketTrade(symbol: symbol, tradeID: id, price: price, quantity: quantity, takerSide: side, time: time)
    }

    /// `[price, volume, seconds]`
    private static func level(_ row: JSONValue) -> BookLevel? {
        guard let price = row[0]?.fixedPoint(FixedPointKind.Price.self),
            let quantity = row[1]?.fixedPoint(FixedPointKind.Quantity.self)
        else { return nil }
        return BookLevel(price, quantity)
    }
}
