package import Market
package import Strategies
package import Trading

/// One pair as a backtest reads it: candles without gaps, startup rows included, and what the venue allows.
///
/// Making one checks every candle, so make it once and share it among the runs of a sweep.
package struct PairFrame: Sendable {
    /// Limits, steps and fees.
    package let instrument: Instrument
    /// All loaded rows, one a timeframe, none missing.
    package let candles: Candles
    /// The price ticks month by month.
    package let priceTicks: PriceTicks

    /// The pair.
    package var pair: Pair { instrument.pair }

    /// A frame over checked candles; `priceTicks` nil: read off the candles, as freqtrade does.
    package init(
        instrument: Instrument, candles: Candles, timeframe: Timeframe, priceTicks: PriceTicks? = nil
    ) throws(BacktestError) {
        for row in 0..<candles.count {
            guard row == 0 || candles.times[row] - candles.times[row - 1] == timeframe.milliseconds else {
                throw .candle(
                    pair: instrument.pair, row: row, problem: "does not follow the one before by \(timeframe): fill the gaps")
            }
            if let problem = Self.problem(candles, row) { throw .candle(pair: instrument.pair, row: row, problem: problem) }
        }
        for (name, step) in [("amount", instrument.amountPrecision), ("price", instrument.pricePrecision)] {
            guard step.map({ $0.isFinite && (instrument.precisionMode != .tickSize || $0 > 0) }) ?? true else {
                throw .setting(
                    key: "\(name) precision of \(instrument.pair)", value: "\(step ?? 0)", remedy: "use a step above 0")
            }
        }
        self.instrument = instrument
        self.candles = candles
        self.priceTicks = priceTicks ?? PriceTicks(candles: candles)
    }

    /// What keeps a row from being traded on; nil: nothing.
    private static func problem(_ candles: Candles, _ row: Int) -> String? {
        let (open, high, low, close) = (candles.open[row], candles.high[row], candles.low[row], candles.close[row])
        // One sum finds every NaN and infinity; four prices of at most a quarter of the largest number cannot overflow.
        guard (open / 4 + high / 4 + low / 4 + close / 4).isFinite else { return "has a price that is no finite number" }
        guard min(min(open, high), min(low, close)) >= 0 else { return "has a price below zero" }
        return high < low ? "has a high below its low" : nil
    }
}

/// A pair and the signals of one strategy on it.
package struct BacktestPair: Sendable {
    /// The candles.
    package var frame: PairFrame
    /// A row a candle, not shifted: a signal on row n is acted on at the open of row n + 1.
    package var signals: Signals

    package init(frame: PairFrame, signals: Signals) {
        self.frame = frame
        self.signals = signals
    }

    func validate() throws(BacktestError) {
        let count = frame.candles.count
        for rows in [
            signals.flags.count, signals.enterTags.isEmpty ? count : signals.enterTags.count,
            signals.exitTags.isEmpty ? count : signals.exitTags.count,
        ] where rows != count {
            throw .signalCount(pair: frame.pair, signals: rows, candles: count)
        }
        let largest = max(signals.enterTags.max() ?? 0, signals.exitTags.max() ?? 0)
        guard Int(largest) < max(signals.tagNames.count, 1) else { throw .tag(pair: frame.pair, number: Int(largest)) }
    }
}
