import Indicators
import Market

/// Mean reversion: buys when an oversold price comes back into its Bollinger bands, sells when it has reached the average.
///
/// Entry: the close rises over the lower band while the RSI is below `oversold`. Exit: the close rises over the middle of
/// the bands, or the RSI over `recovered`.
public struct RsiReversion: Strategy {
    /// The name in configurations.
    public static let name = "RsiReversion"

    /// Periods and levels of the RSI, period and width of the bands.
    public static let parameters: [Parameter] = [
        .integer("rsi_period", default: 14, in: 5...30),
        .integer("oversold", default: 35, in: 15...45),
        .integer("band_period", default: 20, in: 10...50),
        .decimal("band_width", default: 2, in: 1...3.5, step: 0.25),
        .integer("recovered", default: 60, in: 50...85, space: .sell),
    ]

    /// Five-minute candles, a wide stop 6 % under the entry, and an ROI table over a day for trades that do not come back.
    public static let rules: StrategyRules = {
        var rules = StrategyRules(timeframe: "5m")
        // The longest bands need 50 candles; Wilder's averages of 30 candles have forgotten their seed after 150.
        rules.startupCandleCount = 150
        rules.minimalROI = [0: 0.05, 240: 0.02, 720: 0.005, 1440: 0]
        rules.stoploss = -0.06
        return rules
    }()

    private let rsiPeriod: Int
    private let oversold: Double
    private let bandPeriod: Int
    private let bandWidth: Double
    private let recovered: Double

    /// A strategy with these values; see `parameters`.
    public init(values: ParameterValues) {
        rsiPeriod = values.integer("rsi_period")
        oversold = Double(values.integer("oversold"))
        bandPeriod = values.integer("band_period")
        bandWidth = values.decimal("band_width")
        recovered = Double(values.integer("recovered"))
    }

    /// Entries with tag `oversold`, exits with tags `average` and `recovered`.
    public func signals(on frame: Frame) -> Signals {
        let (close, volume) = (frame.close, frame.volume)
        let rsi = frame.rsi(rsiPeriod)
        let bands = frame.bollinger(bandPeriod, deviations: bandWidth)
        let (lower, middle) = (bands.lower, bands.middle)
        var signals = Signals(count: frame.count)
        signals.enterLong(tag: "oversold") { row in
            close.crossesAbove(lower, at: row) && rsi[row] < oversold && volume[row] > 0
        }
        signals.exitLong(tag: "recovered") { row in rsi.crossesAbove(recovered, at: row) }
        signals.exitLong(tag: "average") { row in close.crossesAbove(middle, at: row) }
        return signals
    }
}
