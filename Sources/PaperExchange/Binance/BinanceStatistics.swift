import Exchange
import Market
import Matching
import Money

/// What happened to an instrument in the last minutes, summed over its candles.
struct BinanceStatistics: Sendable {
    /// Average prices are counted in so many parts of a tick.
    static let parts: Int128 = 100_000_000

    private let open: Int64
    private let high: Int64
    private let low: Int64
    private let close: Int64
    private let volume: Int64
    private let quoteVolume: Int128
    private let trades: Int64
    private let openTime: Int64
    /// The average price by volume in parts of a tick; nil without volume.
    let weightedParts: Int128?

    /// Nil where no candle is that young.
    init?(minutes: Int64, _ instrument: PaperInstrument, _ venue: PaperVenue) {
        let history = venue.history(instrument.id)
        let count = max(1, minutes / history.base.minutes)
        let start = venue.now - venue.now % history.base.milliseconds - (count - 1) * history.base.milliseconds
        let candles = history.candles.suffix(Int(min(count, 100_000))).drop { $0.time < start }
        guard var sum = candles.first else { return nil }
        open = sum.open
        for candle in candles.dropFirst() { sum.append(candle) }
        (high, low, close, volume) = (sum.high, sum.low, sum.close, sum.volume)
        (quoteVolume, trades, openTime) = (sum.quoteVolume, sum.trades, start)
        let lots = Int128(sum.volume) * Int128(instrument.rules.tickValue)
        let scaled = sum.quoteVolume.multipliedReportingOverflow(by: Self.parts)
        weightedParts = lots > 0 && !scaled.overflow ? scaled.partialValue / lots : nil
    }

    /// Of an instrument in which nothing happened: the last price, if any.
    static func empty(_ instrument: PaperInstrument, _ venue: PaperVenue) -> BinanceStatistics {
        BinanceStatistics(still: venue.history(instrument.id).candles.last?.close ?? 0, at: venue.now)
    }

    private init(still price: Int64, at time: Int64) {
        (open, high, low, close) = (price, price, price, price)
        (volume, quoteVolume, trades, openTime, weightedParts) = (0, 0, 0, time, nil)
    }

    /// A price in parts of a tick with 8 digits behind the point.
    static func price(_ parts: Int128, _ instrument: PaperInstrument) -> String {
        let units = parts.multipliedReportingOverflow(by: Int128(instrument.tick.units))
        let decimals = Int(instrument.tick.decimals) + 8
        guard !units.overflow else { return "0.00000000" }
        return DecimalText.text(FixedPointRounding.down.quotient(units.partialValue, PowersOfTen.wide[decimals - 8]), decimals: 8)
    }

    private func change(_ instrument: PaperInstrument) -> String { instrument.binancePrice(close - open) }

    private var changePercent: String {
        guard open > 0 else { return "0.000" }
        return DecimalText.text(Int128(close - open) * 100_000 / Int128(open), decimals: 3)
    }
}

extension BinanceStatistics {
    /// The answer of `ticker/24hr` and, with `isWindow`, of `ticker`.
    func ticker(_ instrument: PaperInstrument, _ venue: PaperVenue, isMini: Bool, isWindow: Bool) -> JSONValue {
        let price = instrument.binancePrice
        var members: [JSONValue.Member] = [.init("symbol", .string(instrument.binanceSymbol))]
        if !isMini {
            members += [
                .init("priceChange", .string(change(instrument))), .init("priceChangePercent", .string(changePercent)),
                .init("weightedAvgPrice", .string(Self.price(weightedParts ?? 0, instrument))),
            ]
        }
        if !isMini, !isWindow { members += book(instrument, venue) }
        members += [
            .init("openPrice", .string(price(open))), .init("highPrice", .string(price(high))),
            .init("lowPrice", .string(price(low))), .init("lastPrice", .string(price(close))),
            .init("volume", .string(instrument.binanceQuantity(volume))),
            .init("quoteVolume", .string(venue.binanceCost(quoteVolume, instrument))), .init("openTime", .integer(openTime)),
            .init("closeTime", .integer(venue.clock)),
        ]
        let last = venue.engine.lastTrade(instrument.id)?.number ?? 0
        members += [
            .init("firstId", .integer(max(0, last - trades + 1))), .init("lastId", .integer(last)),
            .init("count", .integer(trades)),
        ]
        return .object(members)
    }

    private func book(_ instrument: PaperInstrument, _ venue: PaperVenue) -> [JSONValue.Member] {
        let bid = venue.engine.bestBid(instrument.id)
        let ask = venue.engine.bestAsk(instrument.id)
        let last = venue.engine.lastTrade(instrument.id)?.quantity ?? 0
        return [
            .init("prevClosePrice", .string(instrument.binancePrice(open))),
            .init("lastQty", .string(instrument.binanceQuantity(last))),
            .init("bidPrice", .string(instrument.binancePrice(bid?.price ?? 0))),
            .init("bidQty", .string(instrument.binanceQuantity(bid?.quantity ?? 0))),
            .init("askPrice", .string(instrument.binancePrice(ask?.price ?? 0))),
            .init("askQty", .string(instrument.binanceQuantity(ask?.quantity ?? 0))),
        ]
    }

    /// The event of `@miniTicker`.
    func miniEvent(_ instrument: PaperInstrument, _ venue: PaperVenue) -> JSONValue {
        .object(
            [
                .init("e", "24hrMiniTicker"), .init("E", .integer(venue.clock)), .init("s", .string(instrument.binanceSymbol)),
                .init("c", .string(instrument.binancePrice(close))),
            ] + range(instrument, venue))
    }

    /// The event of `@ticker` and of `@ticker_1h` and its like, which have no book.
    func event(_ name: String, _ instrument: PaperInstrument, _ venue: PaperVenue) -> JSONValue {
        let last = venue.engine.lastTrade(instrument.id)
        var members: [JSONValue.Member] = [
            .init("e", .string(name)), .init("E", .integer(venue.clock)), .init("s", .string(instrument.binanceSymbol)),
            .init("p", .string(change(instrument))), .init("P", .string(changePercent)),
            .init("w", .string(Self.price(weightedParts ?? 0, instrument))), .init("c", .string(instrument.binancePrice(close))),
        ]
        if name == "24hrTicker" {
            let bid = venue.engine.bestBid(instrument.id)
            let ask = venue.engine.bestAsk(instrument.id)
            members += [
                .init("x", .string(instrument.binancePrice(open))),
                .init("Q", .string(instrument.binanceQuantity(last?.quantity ?? 0))),
                .init("b", .string(instrument.binancePrice(bid?.price ?? 0))),
                .init("B", .string(instrument.binanceQuantity(bid?.quantity ?? 0))),
                .init("a", .string(instrument.binancePrice(ask?.price ?? 0))),
                .init("A", .string(instrument.binanceQuantity(ask?.quantity ?? 0))),
            ]
        }
        let id = last?.number ?? 0
        members += range(instrument, venue)
        members += [
            .init("O", .integer(openTime)), .init("C", .integer(venue.clock)), .init("F", .integer(max(0, id - trades + 1))),
            .init("L", .integer(id)), .init("n", .integer(trades)),
        ]
        return .object(members)
    }

    private func range(_ instrument: PaperInstrument, _ venue: PaperVenue) -> [JSONValue.Member] {
        [
            .init("o", .string(instrument.binancePrice(open))), .init("h", .string(instrument.binancePrice(high))),
            .init("l", .string(instrument.binancePrice(low))), .init("v", .string(instrument.binanceQuantity(volume))),
            .init("q", .string(venue.binanceCost(quoteVolume, instrument))),
        ]
    }
}
