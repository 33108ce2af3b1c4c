import Exchange
import Market
import Matching
import Money

/// What happened to an instrument in the last 24 hours, and today.
struct PaperKrakenDay {
    /// A stretch of time in ticks, lots and quote units.
    private struct Sum {
        var open: Int64
        var high: Int64
        var low: Int64
        var volume: Int64 = 0
        var quoteVolume: Int128 = 0
        var trades: Int64 = 0

        init(_ candles: ArraySlice<PaperCandle>, last: Int64) {
            open = candles.first?.open ?? last
            high = candles.first?.high ?? last
            low = candles.first?.low ?? last
            for candle in candles {
                high = max(high, candle.high)
                low = min(low, candle.low)
                volume = volume.addingReportingOverflow(candle.volume).partialValue
                quoteVolume += candle.quoteVolume
                trades += candle.trades
            }
        }
    }

    private let instrument: PaperInstrument
    private let today: Sum
    private let day: Sum
    private let last: Int64
    private let lastVolume: Int64
    private let bid: DepthLevel?
    private let ask: DepthLevel?
    private let time: Int64

    init(_ instrument: PaperInstrument, _ venue: PaperVenue) {
        self.instrument = instrument
        time = venue.clock
        let candles = venue.history(instrument.id).candles
        let trade = venue.engine.lastTrade(instrument.id)
        last = trade?.price ?? candles.last?.close ?? 0
        lastVolume = trade?.quantity ?? 0
        let midnight = Timeframe.oneDay.floor(Timestamp(milliseconds: venue.now)).milliseconds
        today = Sum(candles[candles.partition { $0.time >= midnight }...], last: last)
        day = Sum(candles[candles.partition { $0.time > venue.now - 86_400_000 }...], last: last)
        bid = venue.engine.bestBid(instrument.id)
        ask = venue.engine.bestAsk(instrument.id)
    }

    /// `Ticker`'s entry: today and the last 24 hours.
    var restTicker: JSONValue {
        let price = { (ticks: Int64) -> JSONValue in .string(instrument.priceText(ticks)) }
        let volume = { (lots: Int64) -> JSONValue in .string(instrument.volumeText(lots)) }
        let average = { (sum: Sum) -> JSONValue in .string(instrument.priceText(sum.quoteVolume, over: sum.volume)) }
        let side = { (level: DepthLevel?) -> JSONValue in
            [price(level?.price ?? 0), .string(String((level?.quantity ?? 0) > 0 ? 1 : 0)), volume(level?.quantity ?? 0)]
        }
        return [
            "a": side(ask), "b": side(bid), "c": [price(last), volume(lastVolume)],
            "v": [volume(today.volume), volume(day.volume)], "p": [average(today), average(day)],
            "t": [.integer(today.trades), .integer(day.trades)], "l": [price(today.low), price(day.low)],
            "h": [price(today.high), price(day.high)], "o": price(today.open),
        ]
    }

    /// The data of a stream's ticker.
    func streamTicker(_ symbol: String) -> JSONValue {
        let change = last - day.open
        // Percent with two decimals.
        let percent = day.open > 0 ? Int128(change) * 10_000 / Int128(day.open) : 0
        return [
            "symbol": .string(symbol), "bid": instrument.priceNumber(bid?.price ?? 0),
            "bid_qty": instrument.volumeNumber(bid?.quantity ?? 0), "ask": instrument.priceNumber(ask?.price ?? 0),
            "ask_qty": instrument.volumeNumber(ask?.quantity ?? 0), "last": instrument.priceNumber(last),
            "volume": instrument.volumeNumber(day.volume),
            "vwap": .number(instrument.priceText(day.quoteVolume, over: day.volume)), "low": instrument.priceNumber(day.low),
            "high": instrument.priceNumber(day.high), "change": instrument.priceNumber(change),
            "change_pct": .number(DecimalText.text(percent, decimals: 2)), "timestamp": .string(PaperKrakenTime.stream(time)),
        ]
    }
}
