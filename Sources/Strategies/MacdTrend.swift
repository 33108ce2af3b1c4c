import Indicators
import Market

/// Trend following: buys when the MACD line rises over its signal in a market that the ADX calls trending upwards.
///
/// Entry: the MACD line crosses its signal from below, the ADX is above `adx_minimum`, and +DI is above -DI. Exit: the line
/// crosses back. A stop that trails by 2 % takes over once a trade is 4 % ahead.
public struct MacdTrend: Strategy {
    /// The name in configurations.
    public static let name = "MacdTrend"

    /// Periods of the MACD and the ADX, and the strength a trend must have.
    public static let parameters: [Parameter] = [
        .integer("fast", default: 12, in: 6...20),
        .integer("slow", default: 26, in: 21...52),
        .integer("signal", default: 9, in: 4...18),
        .integer("adx_period", default: 14, in: 7...28),
        .integer("adx_minimum", default: 20, in: 10...45),
    ]

    /// Hourly candles, a stop 5 % under the entry that trails once the trade is ahead.
    public static let rules: StrategyRules = {
        var rules = StrategyRules(timeframe: "1h")
        // The slowest MACD begins after 69 candles, the slowest ADX after 56; the rest is for their seeds to fade.
        rules.startupCandleCount = 140
        rules.minimalROI = [0: 0.12, 1440: 0.06, 4320: 0.02, 10080: 0]
        rules.stoploss = -0.05
        rules.trailingStop = true
        rules.trailingStopPositive = 0.02
        rules.trailingStopPositiveOffset = 0.04
        rules.trailingOnlyOffsetIsReached = true
        return rules
    }()

    private let fast: Int
    private let slow: Int
    private let signal: Int
    private let adxPeriod: Int
    private let adxMinimum: Double

    /// A strategy with these values; see `parameters`.
    public init(values: ParameterValues) {
        fast = values.integer("fast")
        slow = values.integer("slow")
        signal = values.integer("signal")
        adxPeriod = values.integer("adx_period")
        adxMinimum = Double(values.integer("adx_minimum"))
    }

    /// Entries with tag `macd_up`, exits with tag `macd_down`.
    public func signals(on frame: Frame) -> Signals {
        let macd = frame.macd(fast, slow, signal)
        let (line, average) = (macd.line, macd.signal)
        let adx = frame.adx(adxPeriod)
        let rising = frame.plusDI(adxPeriod)
        let falling = frame.minusDI(adxPeriod)
        let volume = frame.volume
        var signals = Signals(count: frame.count)
        signals.enterLong(tag: "macd_up") { row in
            line.crossesAbove(average, at: row) && adx[row] > adxMinimum && rising[row] > falling[row] && volume[row] > 0
        }
        signals.exitLong(tag: "macd_down") { row in line.crossesBelow(average, at: row) }
        return signals
    }
}
