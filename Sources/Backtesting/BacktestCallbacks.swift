package import Market

/// What a callback is told about the trade or the order it is asked for.
package struct CallbackContext: Sendable {
    /// The pair.
    package var pair: Pair
    /// The opening time of the current candle.
    package var time: Timestamp
    /// The current candle's open.
    package var openPrice: Double
    /// Whether it is about a short trade.
    package var isShort: Bool
}

/// Decisions that a strategy may take itself while a backtest runs, freqtrade's callbacks. Every method has a default that leaves
/// things as they are; the loop is compiled for the type at hand, so that defaults cost nothing.
package protocol BacktestCallbacks: Sendable {
    /// `custom_entry_price`: the price of an entry order in place of the open.
    func entryPrice(_ context: CallbackContext, proposed: Double) -> Double
    /// `custom_exit_price`: the price of an exit by signal in place of the open.
    func exitPrice(_ context: CallbackContext, proposed: Double) -> Double
    /// `adjust_order_price`: a new price for an order that waits; nil cancels it; the same price leaves it alone.
    func adjustedPrice(_ context: CallbackContext, isEntry: Bool, current: Double) -> Double?
    /// `leverage`: at least 1.
    func leverage(_ context: CallbackContext) -> Double
    /// `use_custom_stoploss`.
    var usesCustomStoploss: Bool { get }
    /// `custom_stoploss`: the distance of the stop from `rate`, the best price of the candle; nil keeps the stop.
    func stoploss(_ context: CallbackContext, rate: Double, profit: Double) -> Double?
}

extension BacktestCallbacks {
    package func entryPrice(_ context: CallbackContext, proposed: Double) -> Double { proposed }
    package func exitPrice(_ context: CallbackContext, proposed: Double) -> Double { proposed }
    package func adjustedPrice(_ context: CallbackContext, isEntry: Bool, current: Double) -> Double? { current }
    package func leverage(_ context: CallbackContext) -> Double { 1 }
    package var usesCustomStoploss: Bool { false }
    package func stoploss(_ context: CallbackContext, rate: Double, profit: Double) -> Double? { nil }
}

/// A strategy without callbacks.
package struct NoCallbacks: BacktestCallbacks {
    package init() {}
}
