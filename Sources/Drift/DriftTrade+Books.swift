import Exchange
import Market
import Money
import Orders
import TradingJournal
import TradingLoop

/// The job's side: what the fills before the end of the comparison say.
extension DriftTrade {
    /// Fills of one trade, added up.
    private struct Flow {
        var bought = 0.0
        var paid = 0.0
        var sold = 0.0
        var received = 0.0
        var entryFee = 0.0
        var exitFee = 0.0
        /// Quote currency less fees, exactly as the books have it where every fill counts.
        var lastFill: Timestamp?
        /// Fees in currencies that are neither of the pair's.
        var otherFees: Set<String> = []

        mutating func take(_ fill: Fill, isBuy: Bool, of pair: Pair) {
            let (quantity, price) = (fill.quantity.approximation, fill.price.approximation)
            var fee = fill.fee.approximation
            if fill.feeAsset == pair.base {
                fee *= price
            } else if fill.feeAsset != pair.quote {
                if !fill.fee.isZero { otherFees.insert(fill.feeAsset) }
                fee = 0
            }
            if isBuy {
                bought += quantity
                paid += quantity * price
                entryFee += fee
            } else {
                sold += quantity
                received += quantity * price
                exitFee += fee
            }
            lastFill = max(lastFill ?? fill.time, fill.time)
        }
    }

    /// The trades of a job that were opened, and bought something, before the end of their pair's candles, in the order of their numbers.
    ///
    /// - Parameters:
    ///   - ends: where the replay of each pair ends.
    ///   - lastCloses: what open trades are valued at.
    static func trades(
        in books: TradingBooks, ends: [Pair: Timestamp], lastCloses: [Pair: Double]
    ) -> (trades: [DriftTrade], otherFees: Set<String>) {
        var flows: [TradeNumber: Flow] = [:]
        for order in books.orders.orders.values.sorted(by: { $0.ticket < $1.ticket }) where !order.isAdopted {
            let pair = order.request.pair
            guard let end = ends[pair] else { continue }
            for fill in order.fills where fill.time < end {
                flows[order.request.trade, default: Flow()].take(fill, isBuy: order.request.side == .buy, of: pair)
            }
        }
        var result: [DriftTrade] = []
        var otherFees: Set<String> = []
        for report in books.trades.values.sorted(by: { $0.number < $1.number }) {
            guard let end = ends[report.pair], let close = lastCloses[report.pair], report.openTime < end,
                let flow = flows[report.number], flow.bought > 0
            else { continue }
            otherFees.formUnion(flow.otherFees)
            result.append(DriftTrade(report, flow, end: end, lastClose: close))
        }
        return (result, otherFees)
    }

    private init(_ report: TradeReport, _ flow: Flow, end: Timestamp, lastClose: Double) {
        let closed = report.state == .closed ? report.closeTime.flatMap { $0 < end ? $0 : nil } : nil
        let left = closed == nil ? max(flow.bought - flow.sold, 0) : 0
        let saleFee = flow.paid > 0 ? left * lastClose * flow.entryFee / flow.paid : 0
        let exitAmount = flow.sold + left
        self.init(
            number: report.number.number, pair: report.pair, enterTag: report.enterTag, openTime: report.openTime,
            closeTime: closed, openRate: flow.paid / flow.bought,
            closeRate: exitAmount > 0 ? (flow.received + left * lastClose) / exitAmount : lastClose, amount: flow.bought,
            entryFee: flow.entryFee, exitFee: flow.exitFee + saleFee, exitReason: closed == nil ? "" : report.exitReason,
            profit: closed == nil
                ? flow.received + left * lastClose - flow.paid - flow.entryFee - flow.exitFee - saleFee
                : report.cashFlow.approximation)
    }
}
