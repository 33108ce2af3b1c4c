public import Market

/// A trading strategy: declared parameters, rules in freqtrade's terms, and signals computed from columns of candles.
///
/// A strategy is a value made anew for each run from `ParameterValues`; it keeps no state between candles, performs no
/// I/O and reads no clock, so that the same inputs always give the same signals. What it says about candle n may depend on
/// candles 0...n only: a test runs every registered strategy on shortened data and compares.
///
/// ```swift
/// struct DonchianBreakout: Strategy {
///     static let name = "DonchianBreakout"
///
///     static let parameters: [Parameter] = [
///         .integer("entry_rows", default: 20, in: 10...60),
///         .integer("exit_rows", default: 10, in: 5...30, space: .sell),
///     ]
///
///     static let rules: StrategyRules = {
///         var rules = StrategyRules(timeframe: "1h")
///         rules.startupCandleCount = 60
///         rules.stoploss = -0.08
///         return rules
///     }()
///
///     private let entryRows: Int
///     private let exitRows: Int
///
///     init(values: ParameterValues) {
///         entryRows = values.integer("entry_rows")
///         exitRows = values.integer("exit_rows")
///     }
///
///     func signals(on frame: Frame) -> Signals {
///         let close = frame.close
///         let top = frame.maximum(.high, entryRows)
///         let bottom = frame.minimum(.low, exitRows)
///         var signals = Signals(count: frame.count)
///         // The range of the candles before this one: its own high is never below its close.
///         signals.enterLong(tag: "breakout") { row in row > 0 && close[row] > top[row - 1] }
///         signals.exitLong(tag: "breakdown") { row in row > 0 && close[row] < bottom[row - 1] }
///         return signals
///     }
/// }
/// ```
public protocol Strategy: Sendable {
    /// The name by which configurations and the command line refer to it; letters, digits and underscores.
    static var name: String { get }
    /// What can be set from outside, and swept over.
    static var parameters: [Parameter] { get }
    /// Timeframe, exits and sizing rules where the configuration says nothing (freqtrade: the class attributes).
    static var rules: StrategyRules { get }

    /// A strategy with the values given; every declared parameter has a valid value in `values`.
    ///
    /// Asking `values` for a name that is not declared, or for another kind, is a programming error and traps.
    init(values: ParameterValues)

    /// The rules for these parameter values: `Self.rules` unless parameters change them.
    var rules: StrategyRules { get }

    /// The signals on the candles of one pair: a row for each candle, startup candles included, not shifted.
    ///
    /// A signal on candle n is acted on at the open of candle n + 1.
    func signals(on frame: Frame) -> Signals
}

extension Strategy {
    /// The rules of the type, for strategies whose parameters do not change them.
    public var rules: StrategyRules { Self.rules }
}

/// The rules of a strategy that freqtrade keeps as class attributes; a configuration key of the same name overrides each.
public struct StrategyRules: Hashable, Sendable {
    /// The length of the candles the strategy reads.
    public var timeframe: Timeframe
    /// Candles needed before the first signal counts.
    public var startupCandleCount: Int = 0
    /// ROI table: minutes since entry -> profit ratio above which the trade is closed; -1 closes at any profit.
    public var minimalROI: [Int: Double] = [:]
    /// Stop-loss as a negative profit ratio, -0.05 for 5 %.
    public var stoploss: Double = -0.1
    /// Whether the stop follows the best price.
    public var trailingStop = false
    /// Distance of the trailing stop once `trailingStopPositiveOffset` is passed; nil: always `stoploss`.
    public var trailingStopPositive: Double?
    /// Profit ratio from which `trailingStopPositive` applies.
    public var trailingStopPositiveOffset: Double = 0
    /// Whether the stop does not move at all before the offset is reached.
    public var trailingOnlyOffsetIsReached = false
    /// Whether exit signals close trades.
    public var useExitSignal = true
    /// Whether an exit signal counts only at a profit greater than `exitProfitOffset`.
    public var exitProfitOnly = false
    /// See `exitProfitOnly`.
    public var exitProfitOffset: Double = 0
    /// Whether ROI waits while the entry signal stands.
    public var ignoreROIIfEntrySignal = false
    /// Whether short trades are allowed.
    public var canShort = false

    /// Rules with freqtrade's defaults for everything but the timeframe.
    public init(timeframe: Timeframe) { self.timeframe = timeframe }

    /// Rules with freqtrade's defaults for a timeframe written out, `"5m"` for example. Traps where it is none.
    public init(timeframe literal: StaticString) {
        guard let timeframe = Timeframe(literal.description) else { preconditionFailure("'\(literal)' is not a timeframe") }
        self.timeframe = timeframe
    }
}
