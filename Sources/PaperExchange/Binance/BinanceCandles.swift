import Exchange
import Market
import Matching

/// The intervals of Binance's candles. Months are summed from days; seconds (`1s`) are not offered.
enum BinanceInterval: Hashable, Sendable {
    case timeframe(Timeframe)
    case month

    private static let names = ["1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w"]
    static let all = (names + ["1M"]).compactMap { BinanceInterval($0) }

    init?(_ text: String) {
        if text == "1M" {
            self = .month
        } else if Self.names.contains(text), let timeframe = Timeframe(text) {
            self = .timeframe(timeframe)
        } else {
            return nil
        }
    }

    var name: String { if case .timeframe(let timeframe) = self { timeframe.description } else { "1M" } }

    /// When the candle opens that contains this time.
    func open(_ time: Int64) -> Int64 {
        switch self {
        case .timeframe(let timeframe): return timeframe.floor(Timestamp(milliseconds: time)).milliseconds
        case .month:
            let date = Timestamp(milliseconds: time).calendar
            return Timestamp(year: date.year, month: date.month, day: 1)?.milliseconds ?? time
        }
    }

    /// When the candle after the one that opened then opens.
    func next(after open: Int64) -> Int64 {
        switch self {
        case .timeframe(let timeframe): return open.addingReportingOverflow(timeframe.milliseconds).partialValue
        case .month:
            let date = Timestamp(milliseconds: open).calendar
            let (year, month) = date.month == 12 ? (date.year + 1, 1) : (date.year, date.month + 1)
            return Timestamp(year: year, month: month, day: 1)?.milliseconds ?? open
        }
    }

    /// Candles that open within the times; the first of them, or the last where there is no `from`.
    func candles(_ history: PaperCandleHistory, from: Int64?, to: Int64?, limit: Int) -> [PaperCandle] {
        guard case .month = self else {
            guard case .timeframe(let timeframe) = self else { return [] }
            return history.candles(timeframe, from: from, to: to, limit: limit)
        }
        var months: [PaperCandle] = []
        for day in history.candles(.oneDay, from: nil, to: nil, limit: 100_000) {
            let open = open(day.time)
            if months.last?.time == open {
                months[months.count - 1].append(day)
            } else {
                months.append(day)
                months[months.count - 1].time = open
            }
        }
        let wanted = months.filter { $0.time >= from ?? .min && $0.time <= to ?? .max }
        return Array(from == nil ? wanted.suffix(limit) : wanted.prefix(limit))
    }
}

extension BinanceDialect {
    func klines(_ parameters: BinanceParameters, _ venue: PaperVenue) throws(BinanceFailure) -> JSONValue {
        let instrument = try Self.instrument(parameters, venue)
        guard let interval = BinanceInterval(try parameters.required("interval")) else {
            throw BinanceFailure(-1120, "Invalid interval.")
        }
        if let zone = try parameters.text("timeZone"), zone != "0", zone != "00:00" { throw .invalid("timeZone") }
        let limit = try parameters.limit(500, most: 1000)
        let candles = interval.candles(
            venue.history(instrument.id), from: try parameters.integer("startTime"), to: try parameters.integer("endTime"),
            limit: limit)
        return .array(
            candles.map { candle in
                [
                    .integer(candle.time), .string(instrument.binancePrice(candle.open)),
                    .string(instrument.binancePrice(candle.high)), .string(instrument.binancePrice(candle.low)),
                    .string(instrument.binancePrice(candle.close)), .string(instrument.binanceQuantity(candle.volume)),
                    .integer(interval.next(after: candle.time) - 1),
                    .string(venue.binanceCost(candle.quoteVolume, instrument)), .integer(candle.trades),
                    .string(instrument.binanceQuantity(candle.takerBuyVolume)),
                    .string(venue.binanceCost(candle.takerBuyQuoteVolume, instrument)), "0",
                ]
            })
    }

    /// The event of `@kline_<interval>`.
    static func klineEvent(
        _ candle: PaperCandle, _ interval: BinanceInterval, isClosed: Bool, _ instrument: PaperInstrument, _ venue: PaperVenue
    ) -> JSONValue {
        let last = venue.engine.lastTrade(instrument.id)?.number ?? 0
        let kline: JSONValue = [
            "t": .integer(candle.time), "T": .integer(interval.next(after: candle.time) - 1),
            "s": .string(instrument.binanceSymbol), "i": .string(interval.name), "f": .integer(max(0, last - candle.trades + 1)),
            "L": .integer(last), "o": .string(instrument.binancePrice(candle.open)),
            "c": .string(instrument.binancePrice(candle.close)), "h": .string(instrument.binancePrice(candle.high)),
            "l": .string(instrument.binancePrice(candle.low)), "v": .string(instrument.binanceQuantity(candle.volume)),
            "n": .integer(candle.trades), "x": .bool(isClosed), "q": .string(venue.binanceCost(candle.quoteVolume, instrument)),
            "V": .string(instrument.binanceQuantity(candle.takerBuyVolume)),
            "Q": .string(venue.binanceCost(candle.takerBuyQuoteVolume, instrument)), "B": "0",
        ]
        return ["e": "kline", "E": .integer(venue.clock), "s": .string(instrument.binanceSymbol), "k": kline]
    }
}
