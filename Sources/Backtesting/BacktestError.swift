package import Market

/// Why a backtest did not run, or did not run to its end.
package enum BacktestError: Error, Hashable, Sendable {
    /// A setting that no backtest can run with.
    case setting(key: String, value: String, remedy: String)
    /// No pair was given, or none has rows beyond its startup candles.
    case noCandles
    /// The same pair was given twice.
    case duplicatePair(Pair)
    /// A row that cannot be traded on.
    case candle(pair: Pair, row: Int, problem: String)
    /// Not one row of signals a candle.
    case signalCount(pair: Pair, signals: Int, candles: Int)
    /// A tag number without a name.
    case tag(pair: Pair, number: Int)
    /// No fee was set and the first pair names none.
    case noFee(Pair)
    /// The caller asked to stop.
    case stopped
}

extension BacktestError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .setting(let key, let value, let remedy): "setting \(key) is \(value): \(remedy)"
        case .noCandles: "no pair has candles left after its startup candles: load a longer time range"
        case .duplicatePair(let pair): "pair \(pair) is given twice: remove one"
        case .candle(let pair, let row, let problem): "candle \(row) of \(pair) \(problem)"
        case .signalCount(let pair, let signals, let candles):
            "\(pair) has \(signals) rows of signals for \(candles) candles: a strategy returns one a candle"
        case .tag(let pair, let number): "the signals of \(pair) use tag number \(number), which has no name"
        case .noFee(let pair): "no fee: set `fee`, or give \(pair) a taker or maker fee in instruments.json"
        case .stopped: "the backtest was asked to stop"
        }
    }
}
