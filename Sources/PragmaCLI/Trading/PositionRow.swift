internal import Coordination
internal import Market
internal import Money
internal import Orders
internal import TradingJournal
internal import TradingLoop

/// A trade that is not over, with documented keys. Amounts from fills are exact texts, rates and estimates numbers.
struct PositionRow: Encodable {
    var job: Int64
    var job_state: String
    var name: String
    var exchange: String
    var strategy: String
    var trade: UInt64
    var pair: String
    var state: String
    var opened: String
    var enter_tag: String
    var held: String
    var open_rate: JSONNumber
    var stop: JSONNumber
    var stake: JSONNumber
    var stake_currency: String
    /// The close of the newest candle that the job has decided on.
    var last_close: JSONNumber
    var last_close_time: String?
    /// What it is worth at that close less what was paid.
    var unrealized: JSONNumber
    var unrealized_ratio: JSONNumber

    init(_ trade: TradeReport, close: (time: Timestamp, close: Double)?, of job: TradingJob) {
        self.job = job.id.rawValue
        job_state = job.state.rawValue
        name = job.group
        exchange = job.exchange
        strategy = job.strategy
        self.trade = trade.number.number
        pair = trade.pair.description
        state = trade.state.rawValue
        opened = trade.openTime.iso8601
        enter_tag = trade.enterTag
        held = trade.held.description
        let isHeld = !trade.held.isZero
        open_rate = JSONNumber(isHeld ? trade.openRate : .nan)
        stop = JSONNumber(isHeld ? trade.stop : .nan)
        stake = JSONNumber(trade.stake)
        stake_currency = job.stakeCurrency
        last_close = JSONNumber(close?.close ?? .nan)
        last_close_time = close?.time.iso8601
        let worth = close.map { trade.cashFlow.approximation + trade.held.approximation * $0.close }
        let gain = isHeld ? worth ?? .nan : .nan
        unrealized = JSONNumber(gain)
        unrealized_ratio = JSONNumber(trade.stake > 0 ? gain / trade.stake : .nan)
    }

    static func rows(_ books: TradingBooks, of job: TradingJob) -> [PositionRow] {
        books.openTrades.map { PositionRow($0, close: books.lastCloses[$0.pair], of: job) }
    }

    /// Whether a job's open trades matter without being asked for: what an ended dry-run left is nobody's; what an ended live job left
    /// is somebody's money.
    static func concerns(_ job: TradingJob, all: Bool) -> Bool { all || job.kind == .live || !job.state.isTerminal }

    /// By job and trade.
    static func sorted(_ rows: [PositionRow]) -> [PositionRow] { rows.sorted { ($0.job, $0.trade) < ($1.job, $1.trade) } }

    static func table(_ rows: [PositionRow]) -> String? {
        guard !rows.isEmpty else { return nil }
        var table = TextTable([
            .right("job"), .left("exchange"), .left("strategy"), .left("pair"), .right("trade"), .left("state"), .right("held"),
            .right("open rate"), .right("stop"), .right("last close"), .right("unrealised"), .right("%"), .left(""),
            .left("since"),
        ])
        for row in rows {
            let isOver = JobState(rawValue: row.job_state)?.isTerminal ?? false
            table.add([
                String(row.job), row.exchange, row.strategy, row.pair, String(row.trade),
                row.state + (isOver ? " (job \(row.job_state))" : ""), row.held, Format.figure(row.open_rate.value),
                Format.figure(row.stop.value), Format.figure(row.last_close.value), Format.figure(row.unrealized.value),
                Format.value(row.unrealized_ratio.value * 100, 2), row.stake_currency, Format.shortTime(row.opened),
            ])
        }
        return table.text
    }
}
