/// What happened beside the closed trades.
package struct BacktestCounters: Hashable, Sendable {
    /// Entry signals that found no free slot.
    package var rejectedSignals = 0
    /// Entry orders given up after their time.
    package var timedoutEntryOrders = 0
    /// Exit orders given up after their time.
    package var timedoutExitOrders = 0
    /// Trades dropped because a callback canceled their first entry.
    package var canceledTradeEntries = 0
    /// Entry orders canceled, replaced ones included.
    package var canceledEntryOrders = 0
    /// Entry orders replaced at another price.
    package var replacedEntryOrders = 0

    package init() {}
}
