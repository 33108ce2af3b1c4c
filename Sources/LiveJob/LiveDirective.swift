package import Exchange
package import LiveGates
package import Market
package import Orders
package import TradingLoop

/// An order that is to be sent once, with all that the last question before its write needs (`OrderPermit`).
package struct OrderSending: Hashable, Sendable {
    package var ticket: OrderTicket
    package var pair: Pair
    package var intent: Exchange.OrderIntent
    /// What it does to risk.
    package var effect: LiveGates.OrderIntent
    /// After this moment of the venue's time it does not take the order any more.
    package var end: Timestamp
}

/// What the shell of a live job does, in order, once the records of the same output are committed.
package enum LiveDirective: Hashable, Sendable {
    /// Asks the permit, sends the order once, then calls `sendResult`; where the permit refuses, `denied`.
    case place(OrderSending)
    /// Sends a cancel once, then calls `cancelResult`. `placed`: since when the order may be at the venue.
    case cancel(OrderTicket, OrderReference, Pair, placed: Timestamp)
    /// After this wait asks the venue once, everywhere it keeps orders, then calls `lookUpResult`.
    case lookUp(OrderTicket, OrderReference, Pair, after: Duration)
    /// Asks for an order by the venue's id and hands its report to `accountEvent`; nothing where that fails.
    case identify(Pair, VenueOrderID)
    /// After this wait reads open orders, fills, and last of all balances; then calls `reconciled` or `reconciliationFailed`.
    case reconcile(ReconciliationRequest, after: Duration)
    /// Sets the venue's dead-man timer once to this time from now, zero: off; then calls `deadManResult`. Not by a holder whose account
    /// somebody else has by now.
    case deadMan(number: Int, Duration)
    /// The answer to `cancelOrders`: the venue was read after the cancels, and this is left. Told again where it becomes less.
    case canceled(remaining: [OrderLeft])
}

/// A working order that is left after all were canceled.
package struct OrderLeft: Hashable, Sendable {
    package var pair: String
    /// The venue's id where it is known, else ours.
    package var order: String
    package var reason: String
}

/// A live order of the account that is not this job's: shown, never touched.
package struct ForeignOrder: Hashable, Sendable {
    package var report: OrderReport
    package var owner: OrderOwner
}

extension LiveInstance {
    /// What came of one input.
    package struct Output: Sendable {
        /// To be committed together, before anything of the rest is done and before the next input.
        package var records: [JournalRecord] = []
        package var directives: [LiveDirective] = []
        /// Trades that changed, and why something was or was not done: for display.
        package var trades: [TradeReport] = []
        package var decisions: [Decision] = []
        package var foreignOrders: [ForeignOrder] = []
        /// For a person.
        package var alarms: [String] = []
        /// Nothing may be traded by this process any more, and why: the account has another owner.
        package var refusal: String?
        /// Orders that were handed out to be placed, orders that were denied, and fills that came: for figures.
        package var placed = 0
        package var denied = 0
        package var fills = 0
        /// `tick` is due then at the latest.
        package var wakeAt: Timestamp?
        /// After `stop`: nothing more is to come.
        package var isFinished = false
    }

    package struct Settings: Hashable, Sendable {
        package var orders = OrderManager.Settings()
        /// How long the venue may take an order that adds risk. Cut to a second beyond the trading lease.
        package var entryLifetime = Duration.milliseconds(1500)
        /// The same for one that reduces.
        package var exitLifetime = Duration.seconds(5)
        /// How long orders may take to be canceled until what is left is told.
        package var cancelPatience = Duration.seconds(5)
        /// How long the end waits for answers that are on their way.
        package var stopPatience = Duration.seconds(20)
        /// How often the state of risk is recorded where only the equity changed.
        package var riskInterval = Duration.seconds(60)
        /// The venue's dead-man timer; nil: it has none, or it is not to be used.
        package var deadMan: DeadManSettings?
        /// Candles whose returns make a pair's volatility.
        package var volatilityCandles = 20

        package init() {}
    }
}

/// Why a live job cannot go on from its journal.
package struct LiveStartError: Error, Hashable, CustomStringConvertible {
    package var problem: String
    package var description: String { problem }
}
