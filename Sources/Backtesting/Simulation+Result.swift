import Market
import Strategies
import Trading

extension Simulation {
    /// The row of a trade that was just closed.
    func record(_ pair: Int, closeRate: Double, closeTime: Int64) -> ClosedTrade {
        let trade = trades[pair]
        return ClosedTrade(
            id: trade.id, pair: pairs[pair].frame.pair, openDate: Timestamp(milliseconds: trade.openTime),
            closeDate: Timestamp(milliseconds: closeTime), openRate: trade.openRate, closeRate: closeRate, amount: trade.amount,
            amountRequested: trade.amountRequested, stakeAmount: trade.stake, maxStakeAmount: trade.maxStake,
            leverage: trade.leverage, isShort: trade.isShort, feeOpen: fee, feeClose: fee, openTradeValue: trade.openValue,
            profitAbs: trade.profit, profitRatio: trade.profitRatio, exitReason: text(trade.exitTag, pair),
            enterTag: text(.enter(trade.enterTag), pair), initialStopLossAbs: trade.initialStop,
            initialStopLossRatio: trade.initialStopRatio ?? 0, stopLossAbs: trade.stop, stopLossRatio: trade.stopRatio,
            minRate: trade.lowest, maxRate: trade.highest, fundingFees: 0, pricePrecision: trade.priceRule.value,
            amountPrecision: trade.amountRule.value, orders: trade.orders.map { record($0, trade.isShort, pair) })
    }

    private func record(_ order: TradeOrder, _ isShort: Bool, _ pair: Int) -> ClosedTrade.Order {
        ClosedTrade.Order(
            isEntry: order.isEntry, isBuy: order.isEntry != isShort, amount: order.amount, price: order.price,
            cost: order.cost, type: order.isEntry ? settings.entryOrderType : settings.exitOrderType,
            placed: Timestamp(milliseconds: order.placed), filled: Timestamp(milliseconds: order.filled),
            tag: text(order.tag, pair), fundingFee: order.hasFundingFee ? 0 : nil)
    }

    private func text(_ tag: OrderTag, _ pair: Int) -> String {
        switch tag {
        case .reason(let kind): kind.rawValue
        case .enter(let number), .exit(let number):
            number == 0 && pairs[pair].signals.tagNames.isEmpty ? "" : pairs[pair].signals.tagNames[Int(number)]
        }
    }
}
