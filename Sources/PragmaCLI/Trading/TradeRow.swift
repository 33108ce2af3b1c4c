internal import Coordination
internal import Market
internal import Money
internal import Orders
internal import TradingJournal
internal import TradingLoop

/// A trade that is over, with documented keys.
struct TradeRow: Encodable {
    var job: Int64
    var name: String
    var exchange: String
    var strategy: String
    var trade: UInt64
    var pair: String
    var opened: String
    var closed: String
    var open_rate: JSONNumber
    var close_rate: JSONNumber
    var stake: JSONNumber
    var stake_currency: String
    /// Received less paid less fees in stake currency, exactly.
    var profit: String
    /// freqtrade's figure.
    var profit_ratio: JSONNumber
    var dust: String
    var enter_tag: String
    var exit_reason: String
    var fees: [FeeJSON]
    var orders: Int

    init(_ trade: TradeReport, of job: TradingJob) {
        self.job = job.id.rawValue
        name = job.group
        exchange = job.exchange
        strategy = job.strategy
        self.trade = trade.number.number
        pair = trade.pair.description
        opened = trade.openTime.iso8601
        closed = (trade.closeTime ?? trade.openTime).iso8601
        open_rate = JSONNumber(trade.openRate)
        close_rate = JSONNumber(trade.closeRate)
        stake = JSONNumber(trade.stake)
        stake_currency = job.stakeCurrency
        profit = trade.cashFlow.description
        profit_ratio = JSONNumber(trade.profitRatio)
        dust = trade.dust.description
        enter_tag = trade.enterTag
        exit_reason = trade.exitReason
        fees = trade.fees.map { FeeJSON(asset: $0.asset, amount: $0.amount.description) }
        orders = trade.orderCount
    }

    static func rows(_ books: TradingBooks, of job: TradingJob) -> [TradeRow] {
        books.closedTrades.map { TradeRow($0, of: job) }
    }

    static func isOlder(_ a: TradeRow, _ b: TradeRow) -> Bool { (a.closed, a.job, a.trade) < (b.closed, b.job, b.trade) }

    static func table(_ rows: [TradeRow]) -> String? {
        guard !rows.isEmpty else { return nil }
        var table = TextTable([
            .left("closed"), .right("job"), .left("exchange"), .left("strategy"), .left("pair"), .right("trade"),
            .right("open rate"),
            .right("close rate"), .right("stake"), .right("profit"), .right("%"), .left(""), .left("exit"), .left("opened"),
        ])
        for row in rows {
            table.add([
                Format.shortTime(row.closed), String(row.job), row.exchange, row.strategy, row.pair, String(row.trade),
                Format.figure(row.open_rate.value), Format.figure(row.close_rate.value), Format.figure(row.stake.value),
                row.profit,
                Format.value(row.profit_ratio.value * 100, 2), row.stake_currency, row.exit_reason, Format.shortTime(row.opened),
            ])
        }
        return table.text
    }
}
