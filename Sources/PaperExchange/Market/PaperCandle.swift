package import Market
import Matching

/// A candle of a paper venue in ticks, lots and quote units, so that what is written has exact digits.
package struct PaperCandle: Hashable, Sendable {
    /// When it opened, in milliseconds of the venue's time.
    package var time: Int64
    package var open: Int64
    package var high: Int64
    package var low: Int64
    package var close: Int64
    package var volume: Int64
    package var quoteVolume: Int128
    package var trades: Int64
    /// Part of the volume where a buyer took, in lots and in quote units.
    package var takerBuyVolume: Int64
    package var takerBuyQuoteVolume: Int128

    /// A candle of a recording; its quote volume is that of its middle price.
    init(_ candle: Candle, _ instrument: PaperInstrument) {
        time = candle.time.milliseconds
        open = instrument.nearestTicks(candle.open)
        close = instrument.nearestTicks(candle.close)
        high = max(instrument.nearestTicks(candle.high), open, close)
        low = min(instrument.nearestTicks(candle.low), open, close)
        volume = instrument.nearestLots(candle.volume)
        quoteVolume = instrument.rules.notional(price: (high + low) / 2, quantity: volume)
        trades = volume == 0 ? 0 : max(1, min(1000, volume / 1000))
        takerBuyVolume = volume / 2
        takerBuyQuoteVolume = quoteVolume / 2
    }

    /// A candle that begins with this trade.
    init(time: Int64, first trade: Trade) {
        self.time = time
        open = trade.price
        high = trade.price
        low = trade.price
        close = trade.price
        volume = 0
        quoteVolume = 0
        trades = 0
        takerBuyVolume = 0
        takerBuyQuoteVolume = 0
        add(trade)
    }

    mutating func add(_ trade: Trade) {
        high = max(high, trade.price)
        low = min(low, trade.price)
        close = trade.price
        volume = volume.addingReportingOverflow(trade.quantity).partialValue
        quoteVolume += trade.notional
        trades += 1
        if trade.takerSide == .buy {
            takerBuyVolume = takerBuyVolume.addingReportingOverflow(trade.quantity).partialValue
            takerBuyQuoteVolume += trade.notional
        }
    }

    mutating func append(_ next: PaperCandle) {
        high = max(high, next.high)
        low = min(low, next.low)
        close = next.close
        volume = volume.addingReportingOverflow(next.volume).partialValue
        quoteVolume += next.quoteVolume
        trades += next.trades
        takerBuyVolume = takerBuyVolume.addingReportingOverflow(next.takerBuyVolume).partialValue
        takerBuyQuoteVolume += next.takerBuyQuoteVolume
    }
}

/// The candles of one instrument in its base timeframe, the last one still open.
package struct PaperCandleHistory: Sendable {
    package let base: Timeframe
    package private(set) var candles: [PaperCandle] = []
    private let limit: Int

    /// At most `limit` candles are kept, the newest.
    init(base: Timeframe, limit: Int) {
        self.base = base
        self.limit = max(limit, 2)
    }

    mutating func append(_ candle: PaperCandle) {
        guard candle.time > candles.last?.time ?? .min else { return }
        candles.append(candle)
        // A quarter at a time, so that the cost of moving the rest is spread.
        if candles.count > limit + limit / 4 { candles.removeFirst(candles.count - limit) }
    }

    mutating func add(_ trade: Trade) {
        let time = base.floor(Timestamp(milliseconds: trade.time)).milliseconds
        if let last = candles.last, last.time >= time {
            candles[candles.count - 1].add(trade)
        } else {
            append(PaperCandle(time: time, first: trade))
        }
    }

    /// Candles of `timeframe` that open within the times (both included), oldest first: the first `limit` of them, or the last where
    /// there is no `from`. Empty for a timeframe that the base does not divide.
    package func candles(_ timeframe: Timeframe, from: Int64?, to: Int64?, limit: Int) -> [PaperCandle] {
        guard limit > 0, timeframe.minutes % base.minutes == 0 else { return [] }
        var result: [PaperCandle] = []
        var index =
            from.map { first in candles.partition { timeframe.floor(Timestamp(milliseconds: $0.time)).milliseconds >= first } }
            ?? startIndex(timeframe, limit, to)
        while index < candles.count {
            let candle = candles[index]
            let open = timeframe.floor(Timestamp(milliseconds: candle.time)).milliseconds
            if let to, open > to { break }
            if let last = result.last, last.time == open {
                result[result.count - 1].append(candle)
            } else {
                if from != nil, result.count == limit { break }
                result.append(candle)
                result[result.count - 1].time = open
            }
            index += 1
        }
        return result.count > limit ? Array(result.suffix(limit)) : result
    }

    /// Where to begin so that the last `limit` candles up to `to` are whole.
    private func startIndex(_ timeframe: Timeframe, _ limit: Int, _ to: Int64?) -> Int {
        guard let last = candles.last else { return 0 }
        let end = timeframe.floor(Timestamp(milliseconds: min(to ?? last.time, last.time))).milliseconds
        let (span, overflow) = timeframe.milliseconds.multipliedReportingOverflow(by: Int64(limit))
        let first = end.subtractingReportingOverflow(overflow ? .max : span)
        return first.overflow ? 0 : candles.partition { $0.time > first.partialValue }
    }
}

extension [PaperCandle] {
    /// The first index whose element meets a condition that holds from some element on.
    func partition(_ condition: (PaperCandle) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
