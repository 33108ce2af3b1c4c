internal import Coordination
internal import Exchange
internal import Market
internal import Money
internal import Orders
internal import TradingJournal
internal import TradingLoop

/// An order with documented keys. Quantities, prices, cost and fees are exact texts.
struct OrderRow: Encodable {
    var job: Int64
    var name: String
    var exchange: String
    var strategy: String
    var trade: UInt64
    /// Its number within the job.
    var order: UInt64
    var client_order_id: String
    var venue_order_id: String?
    var pair: String
    var side: String
    var purpose: String
    /// `limit`, `market`, `stop_loss` and so on.
    var type: String
    var status: String
    /// Whether it may still be filled.
    var working: Bool
    var quantity: String
    var filled: String
    var price: String?
    var trigger: String?
    /// The average price of what was filled.
    var average: JSONNumber
    var cost: String
    var fees: [FeeJSON]
    var tag: String
    /// Why it was refused or ended.
    var reason: String?
    var created: String
    var updated: String

    init(_ order: OrderState, of job: TradingJob) {
        self.job = job.id.rawValue
        name = job.group
        exchange = job.exchange
        strategy = job.strategy
        let request = order.request
        trade = request.trade.number
        self.order = order.ticket.number
        client_order_id = order.clientOrderID.text
        venue_order_id = order.venueOrderID?.text
        pair = request.pair.description
        side = request.side.rawValue
        purpose = request.purpose.rawValue
        type = request.kind.name
        status = order.status.rawValue
        working = !order.status.isFinal
        quantity = request.quantity.description
        filled = order.filled.description
        price = request.kind.price?.description
        trigger = request.kind.trigger?.description
        average = JSONNumber(order.filled.isPositive ? order.cost.approximation / order.filled.approximation : .nan)
        cost = order.cost.description
        fees = order.fees.map { FeeJSON(asset: $0.asset, amount: $0.amount.description) }
        tag = request.tag
        reason = order.reason
        created = order.intendedAt.iso8601
        updated = order.updatedAt.iso8601
    }

    /// The orders of a job; only those that may still be filled with `open`.
    static func rows(_ books: TradingBooks, of job: TradingJob, open: Bool) -> [OrderRow] {
        books.orders.orders.values.filter { !open || !$0.status.isFinal }.map { OrderRow($0, of: job) }
    }

    /// By the time of the decision, then by job and number, which no two orders share.
    static func isOlder(_ a: OrderRow, _ b: OrderRow) -> Bool { (a.created, a.job, a.order) < (b.created, b.job, b.order) }

    static func table(_ rows: [OrderRow]) -> String? {
        guard !rows.isEmpty else { return nil }
        var table = TextTable([
            .left("created"), .right("job"), .left("exchange"), .left("strategy"), .left("pair"), .right("order"),
            .left("purpose"),
            .left("side"), .left("type"), .left("status"), .right("quantity"), .right("filled"), .right("price"),
            .right("average"), .left("fees"), .left(""),
        ])
        for row in rows {
            table.add([
                Format.shortTime(row.created), String(row.job), row.exchange, row.strategy, row.pair, String(row.order),
                row.purpose,
                row.side, row.type, row.status, row.quantity, row.filled, row.price ?? row.trigger ?? "-",
                Format.figure(row.average.value), row.fees.map { "\($0.amount) \($0.asset)" }.joined(separator: ", "),
                row.reason ?? "",
            ])
        }
        return table.text
    }
}

extension OrderKind {
    /// The type as programs read it.
    var name: String {
        switch self {
        case .limit: "limit"
        case .postOnly: "post_only"
        case .market: "market"
        case .marketByCost: "market_by_cost"
        case .stopLoss: "stop_loss"
        case .stopLossLimit: "stop_loss_limit"
        case .takeProfit: "take_profit"
        case .takeProfitLimit: "take_profit_limit"
        }
    }

    /// The limit.
    var price: Price? {
        switch self {
        case .limit(let price), .postOnly(let price), .stopLossLimit(_, let price), .takeProfitLimit(_, let price): price
        case .market, .marketByCost, .stopLoss, .takeProfit: nil
        }
    }

    var trigger: Price? {
        switch self {
        case .stopLoss(let trigger), .takeProfit(let trigger), .stopLossLimit(let trigger, _), .takeProfitLimit(let trigger, _):
            trigger
        case .limit, .postOnly, .market, .marketByCost: nil
        }
    }
}
