internal import Coordination
internal import Drift
internal import Market

/// What `pragma drift` answers, with documented keys.
struct DriftAnswer: Encodable {
    struct Difference: Encodable {
        var cause: String
        var pair: String
        var time: String
        var job_trade: UInt64?
        var backtest_trade: UInt64?
        var job: String
        var backtest: String
        var reason: String
        var profit: JSONNumber
    }

    struct Cause: Encodable {
        var cause: String
        var count: Int
        var profit: JSONNumber
    }

    struct Trades: Encodable {
        var job: Int
        var backtest: Int
        var matched: Int
        var same: Int
    }

    struct Profit: Encodable {
        var job: JSONNumber
        var backtest: JSONNumber
        var difference: JSONNumber
    }

    var job: Int64
    var kind: String
    var exchange: String
    var strategy: String
    var stake_currency: String
    var from: String
    var to: String
    var trades: Trades
    var profit: Profit
    var causes: [Cause]
    var differences: [Difference]
    var notices: [String]

    init(_ report: DriftReport, of job: TradingJob, notices: [String]) {
        self.job = job.id.rawValue
        kind = job.kind.rawValue
        exchange = job.exchange
        strategy = job.strategy
        stake_currency = job.stakeCurrency
        from = report.from.iso8601
        to = report.to.iso8601
        trades = Trades(
            job: report.trades.job, backtest: report.trades.backtest, matched: report.trades.matched, same: report.trades.same)
        profit = Profit(
            job: JSONNumber(report.jobProfit), backtest: JSONNumber(report.backtestProfit),
            difference: JSONNumber(report.profitDifference))
        causes = report.sums.map { Cause(cause: $0.cause.rawValue, count: $0.count, profit: JSONNumber($0.profit)) }
        differences = report.differences.map { difference in
            Difference(
                cause: difference.cause.rawValue, pair: difference.pair.description, time: difference.time.iso8601,
                job_trade: difference.jobTrade, backtest_trade: difference.backtestTrade, job: difference.job,
                backtest: difference.backtest, reason: difference.reason, profit: JSONNumber(difference.profit))
        }
        self.notices = notices
    }

    /// Notices, differences, what each cause cost, the sum.
    func text(limit: Int) -> String {
        var parts = notices.map { "note: " + $0 }
        if let table = table(limit) { parts.append(table) }
        if differences.count > limit { parts.append("\(differences.count - limit) more are not shown: --limit shows more") }
        if let table = causeTable { parts.append(table) }
        let span = "\(Format.shortTime(from)) to \(Format.shortTime(to))"
        parts.append(
            "\(span): \(Format.count(trades.job, "trade")) of the job, \(trades.backtest) of the backtest, \(trades.matched) in both, "
                + "\(trades.same) of them the same; profit \(Format.figure(profit.job.value)) and "
                + "\(Format.figure(profit.backtest.value)) \(stake_currency), difference \(Format.figure(profit.difference.value))"
        )
        return parts.joined(separator: "\n\n")
    }

    private func table(_ limit: Int) -> String? {
        guard !differences.isEmpty else { return nil }
        var table = TextTable([
            .left("opened"), .left("pair"), .right("trade"), .right("backtest"), .left("cause"), .left("job has"),
            .left("backtest has"), .right("profit"), .left("why"),
        ])
        for row in differences.suffix(limit) {
            table.add([
                Format.shortTime(row.time), row.pair, row.job_trade.map { String($0) } ?? "-",
                row.backtest_trade.map { String($0) } ?? "-", row.cause, row.job, row.backtest, Format.figure(row.profit.value),
                row.reason,
            ])
        }
        return table.text
    }

    private var causeTable: String? {
        guard !causes.isEmpty else { return nil }
        var table = TextTable([.left("cause"), .right("count"), .right("profit"), .left("")])
        for cause in causes {
            table.add([cause.cause, String(cause.count), Format.figure(cause.profit.value), stake_currency])
        }
        return table.text
    }
}
