package import Exchange
package import Market
package import Money

/// Positions and profit of a job, from fills alone: by pair (what the account holds through this job) and by trade (what freqtrade calls one).
package struct ProfitBook: Hashable, Sendable {
    package private(set) var pairs: [Pair: Position] = [:]
    package private(set) var trades: [TradeNumber: Position] = [:]

    package init() {}

    /// All fills of these orders, in the order of their times.
    package init(_ orders: some Sequence<OrderState>) throws(Position.ArithmeticError) {
        let fills = orders.flatMap { order in order.fills.map { (order.request, $0) } }
        for (request, fill) in fills.sorted(by: { ($0.1.time, $0.0.ticket) < ($1.1.time, $1.0.ticket) }) {
            try apply(fill, of: request)
        }
    }

    /// Adds a fill once: the caller sees to it that no fill comes twice (`OrderUpdate.fill` never does).
    package mutating func apply(_ fill: Fill, of order: OrderRequest) throws(Position.ArithmeticError) {
        var pair = pairs[order.pair] ?? Position()
        var trade = trades[order.trade] ?? Position()
        try pair.apply(fill, base: order.pair.base, quote: order.pair.quote)
        try trade.apply(fill, base: order.pair.base, quote: order.pair.quote)
        pairs[order.pair] = pair
        trades[order.trade] = trade
    }

    /// Realised profit by quote currency; nil where a sum does not fit.
    package var realised: [String: Amount]? {
        var sums: [String: Amount] = [:]
        for (pair, position) in pairs {
            guard let sum = (sums[pair.quote] ?? .zero).adding(position.realised) else { return nil }
            sums[pair.quote] = sum
        }
        return sums
    }
}
