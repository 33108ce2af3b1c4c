package import Money
import Orders
import TradingLoop

/// What a job, or several jobs of one stake currency, made. Money is from fills; dust counts as nothing.
package struct ProfitSummary: Hashable, Sendable {
    package var closedTrades = 0
    package var winningTrades = 0
    package var openTrades = 0
    /// Received less paid less fees of closed trades, in stake currency.
    package var realized = Amount.zero
    /// What open trades are worth at the last close, less what was paid for them; an estimate for display.
    package var unrealized = 0.0
    /// Open trades whose market is not known, so that `unrealized` leaves them out.
    package var unvalued = 0

    package init() {}

    package init(_ books: TradingBooks) {
        for trade in books.closedTrades {
            closedTrades += 1
            if !trade.cashFlow.isNegative, !trade.cashFlow.isZero { winningTrades += 1 }
            realized = realized.adding(trade.cashFlow) ?? realized
        }
        for trade in books.openTrades where !trade.held.isZero {
            openTrades += 1
            guard let close = books.lastCloses[trade.pair]?.close else {
                unvalued += 1
                continue
            }
            unrealized += trade.cashFlow.approximation + trade.held.approximation * close
        }
    }

    package mutating func add(_ other: ProfitSummary) {
        closedTrades += other.closedTrades
        winningTrades += other.winningTrades
        openTrades += other.openTrades
        realized = realized.adding(other.realized) ?? realized
        unrealized += other.unrealized
        unvalued += other.unvalued
    }
}
