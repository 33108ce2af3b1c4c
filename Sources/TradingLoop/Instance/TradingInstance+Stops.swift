import Backtesting
import Exchange
import Market
import Money
import Orders

/// Protective stops that rest at the venue.
extension TradingInstance {
    /// Whether a stop of the trade is at the venue, so that the loop need not watch it.
    func hasStopAtVenue(_ trade: LiveTrade) -> Bool {
        trade.workingStop.map { $0.isOpen && $0.canceling == nil } ?? false
    }

    /// Places the stop where a position has none and no other order that could sell it. Also after the venue canceled one.
    mutating func ensureStopAtVenue(_ number: TradeNumber) {
        guard settings.orderTypes.stoplossOnExchange, gate != .halted, let index = index(of: number),
            trades[index].hasFilledEntry, trades[index].plan == nil, !trades[index].hasWorking, now >= trades[index].retryAt,
            let rules = pairRules[trades[index].pair]
        else { return }
        let trade = trades[index]
        let isMarket = settings.orderTypes.stoploss == .market
        guard let trigger = rules.price(trade.rules.stop, .up),
            let limit = rules.price(trade.rules.stop * settings.orderTypes.stoplossOnExchangeLimitRatio, .up),
            let quantity = rules.orderable(trade.held, at: isMarket ? trigger : limit, isMarket: false)
        else {
            return tell(.stopFailed, trade.pair, number, "no stop order is possible for \(trade.held) at \(trade.rules.stop)")
        }
        place(
            LoopOrder(
                ticket: takeTicket(), purpose: .stopLoss, quantity: quantity, price: limit, trigger: trigger, isMarket: isMarket,
                placed: now, tag: "stoploss_on_exchange"),
            isMarket ? .stopLoss(trigger: trigger) : .stopLossLimit(trigger: trigger, price: limit), .goodTilCanceled, at: index)
        report(.stopPlaced, trade.pair, number, "protects \(quantity) at \(trigger)")
    }

    /// Cancels a stop that the trailing stop has left behind, not more often than the interval allows; `advance` then places the new one.
    mutating func moveStopAtVenue(_ number: TradeNumber) {
        guard settings.orderTypes.stoplossOnExchange, settings.rules.trailingStop, mayReduce, let index = index(of: number),
            let stop = trades[index].workingStop, stop.isOpen, let trigger = stop.trigger,
            let rules = pairRules[trades[index].pair],
            let wanted = rules.price(trades[index].rules.stop, .up), wanted > trigger,
            now.milliseconds - stop.placed.milliseconds >= settings.orderTypes.stoplossOnExchangeInterval
        else { return }
        cancel(stop.ticket, at: index, because: .stopMoved)
    }
}
