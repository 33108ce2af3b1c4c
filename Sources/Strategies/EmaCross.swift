import Indicators
import Market

/// Buys when a fast moving average rises over a slow one; sells by the ROI table and the stop-loss only.
///
/// With default parameters it gives the signals of the freqtrade strategy of the same name, with which the engine is
/// compared trade for trade.
public struct EmaCross: Strategy {
    /// The name in configurations.
    public static let name = "EmaCross"

    /// The periods of the two averages.
    public static let parameters: [Parameter] = [
        .integer("fast", default: 12, in: 3...30),
        .integer("slow", default: 36, in: 20...60),
    ]

    /// Five-minute candles, an ROI table over a day, a stop 2.5 % under the entry.
    public static let rules: StrategyRules = {
        var rules = StrategyRules(timeframe: "5m")
        rules.startupCandleCount = 60
        rules.minimalROI = [0: 0.03, 60: 0.02, 180: 0.01, 720: 0, 1440: -1]
        rules.stoploss = -0.025
        rules.useExitSignal = false
        return rules
    }()

    private let fast: Int
    private let slow: Int

    /// A strategy with periods `fast` and `slow`.
    public init(values: ParameterValues) {
        fast = values.integer("fast")
        slow = values.integer("slow")
    }

    /// Entries where the fast average crosses the slow one on a candle with volume.
    public func signals(on frame: Frame) -> Signals {
        let fast = frame.ema(.close, fast)
        let slow = frame.ema(.close, slow)
        let volume = frame.volume
        var signals = Signals(count: frame.count)
        signals.enterLong(tag: "ema_cross") { row in fast.crossesAbove(slow, at: row) && volume[row] > 0 }
        return signals
    }
}
