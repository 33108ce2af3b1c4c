/// Why an exit order was made; raw values are freqtrade's names.
package enum ExitKind: String, Hashable, Sendable, CaseIterable, BitwiseCopyable {
    case exitSignal = "exit_signal"
    case stopLoss = "stop_loss"
    case trailingStopLoss = "trailing_stop_loss"
    case roi = "roi"
    case forceExit = "force_exit"
}

/// The label of an order while the loop runs: numbers only, so that copying one costs nothing.
enum OrderTag: Hashable, Sendable, BitwiseCopyable {
    /// An enter tag, by its number among the pair's tags.
    case enter(UInt16)
    /// An exit tag, by its number among the pair's tags.
    case exit(UInt16)
    /// A reason.
    case reason(ExitKind)
}

/// An order in the loop.
struct TradeOrder: Sendable, BitwiseCopyable {
    var isEntry: Bool
    var amount: Double
    var price: Double
    /// Amount x price x (1 + fee), for both sides.
    var cost: Double
    /// When it was placed, milliseconds.
    var placed: Int64
    /// When it filled, milliseconds; counts only for filled orders.
    var filled: Int64 = 0
    var tag: OrderTag
    /// The first fill of a trade has no funding fee yet; later ones have 0 on spot.
    var hasFundingFee = false
}
