import Backtesting
import Exchange
import Market
import Money
import Orders
import Trading

/// Orders that wait too long: freqtrade's `unfilledtimeout`.
extension TradingInstance {
    mutating func checkTimeouts() {
        guard mayReduce else { return }
        for index in trades.indices {
            for order in trades[index].orders where order.isOpen && !order.isStop && order.canceling == nil && isDue(order) {
                giveUp(order, index)
            }
        }
    }

    private func isDue(_ order: LoopOrder) -> Bool {
        let limits = settings.rules.unfilledTimeout
        return order.placed.milliseconds <= now.milliseconds - (order.isEntry ? limits.entry : limits.exit)
    }

    /// Cancels the order, unless what is filled would leave a position that cannot be sold: then it stays, as in freqtrade.
    private mutating func giveUp(_ order: LoopOrder, _ index: Int) {
        let trade = trades[index]
        guard let rules = pairRules[trade.pair] else { return }
        if order.filled.isPositive {
            let rate = ExactDecimal(trade.rules.openRate)
            let filled = ExactDecimal(order.filled) * rate
            let left = order.isEntry ? filled : ExactDecimal(trade.rules.stake) - filled
            let least = rules.limits(at: rate, settings).minimum
            if left < least {
                return tell(
                    .keptOpen, trade.pair, trade.number,
                    "the order is past its time but stays: \(order.filled) filled would leave a position below the least of "
                        + "\(least.truncated(decimals: 8)) \(trade.pair.quote)")
            }
        }
        report(
            .timedOut, trade.pair, trade.number, "the \(order.purpose.rawValue) order of \(order.placed) was not filled in time")
        cancel(order.ticket, at: index, because: .timeout)
    }

    /// Repeats cancels of which nothing was heard.
    mutating func askAgain(_ index: Int) {
        guard gate != .halted else { return }
        for order in trades[index].orders where !order.isOver {
            if let reason = order.canceling { cancel(order.ticket, at: index, because: reason) }
        }
    }
}
