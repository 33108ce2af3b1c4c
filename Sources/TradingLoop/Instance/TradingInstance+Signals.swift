import Backtesting
import Market
import Strategies

extension TradingInstance {
    /// Runs the strategy over the newest candles of the pair, the same code as in backtests, and keeps what it says about the newest.
    mutating func analyze(_ pair: Pair) {
        guard let window = markets[pair]?.window, let last = window.last else { return }
        let candles = window.candles
        let signals = strategy.signals(on: Frame(candles))
        guard signals.flags.count == candles.count else { return }
        let row = candles.count - 1
        func tag(_ tags: [UInt16]) -> String {
            guard tags.indices.contains(row), signals.tagNames.indices.contains(Int(tags[row])) else { return "" }
            return clipped(signals.tagNames[Int(tags[row])])
        }
        // Candles that only warm indicators up give no signals.
        let flags = row >= settings.rules.startupCandleCount ? signals.flags[row] : []
        let signal = PairSignal(
            candle: last.time, flags: flags, enterTag: tag(signals.enterTags), exitTag: tag(signals.exitTags))
        markets[pair]?.signal = signal
    }

    /// The signal of the newest candle, unless that is too old: two timeframes and `outdated_offset`, as in freqtrade.
    func currentSignal(_ pair: Pair) -> PairSignal? {
        guard let signal = markets[pair]?.signal else { return nil }
        let limit = settings.rules.timeframe.milliseconds * 2 + settings.outdatedOffset
        return signal.candle.milliseconds < now.milliseconds - limit ? nil : signal
    }

    /// When the candle of a signal is over.
    func end(of signal: PairSignal) -> Timestamp {
        signal.candle.advanced(byMilliseconds: settings.rules.timeframe.milliseconds)
    }

    /// Tags stand in journals and orders: at most 255 bytes.
    private func clipped(_ tag: String) -> String {
        guard tag.utf8.count > 255 else { return tag }
        var text = ""
        for character in tag where text.utf8.count + character.utf8.count <= 255 { text.append(character) }
        return text
    }
}
