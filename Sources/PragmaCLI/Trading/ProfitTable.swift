internal import Market
internal import Money
internal import Orders
internal import TradingJournal
internal import TradingLoop

/// Profit by exchange, strategy and stake currency, and its totals. Different currencies are never added.
struct ProfitTable {
    private struct Key: Hashable {
        var exchange: String
        var strategy: String
        var currency: String
    }

    private struct Entry {
        var jobs = 0
        var profit = ProfitSummary()
    }

    private var entries: [Key: Entry] = [:]

    mutating func add(_ books: TradingBooks, of job: TradingJob) {
        let key = Key(exchange: job.exchange, strategy: job.strategy, currency: job.stakeCurrency)
        entries[key, default: Entry()].jobs += 1
        entries[key, default: Entry()].profit.add(ProfitSummary(books))
    }

    /// A line with documented keys; a total has no exchange and no strategy. `realized` is exact.
    struct Row: Encodable {
        var exchange: String?
        var strategy: String?
        var stake_currency: String
        var jobs: Int
        var open_trades: Int
        var closed_trades: Int
        var winning_trades: Int
        var realized: String
        var unrealized: JSONNumber
        /// Open trades that `unrealized` leaves out, since no price is known for them.
        var unvalued: Int

        init(_ profit: ProfitSummary, jobs: Int, exchange: String?, strategy: String?, currency: String) {
            self.exchange = exchange
            self.strategy = strategy
            stake_currency = currency
            self.jobs = jobs
            open_trades = profit.openTrades
            closed_trades = profit.closedTrades
            winning_trades = profit.winningTrades
            realized = profit.realized.description
            unrealized = JSONNumber(profit.unrealized)
            unvalued = profit.unvalued
        }

        var cells: [String] {
            [
                exchange ?? "all", strategy ?? "", String(jobs), String(open_trades), String(closed_trades),
                String(winning_trades),
                realized, Format.figure(unrealized.value) + (unvalued > 0 ? " (without \(unvalued))" : ""), stake_currency,
            ]
        }
    }

    /// By exchange, strategy, currency.
    var rows: [Row] {
        entries.sorted {
            ($0.key.exchange, $0.key.strategy, $0.key.currency) < ($1.key.exchange, $1.key.strategy, $1.key.currency)
        }
        .map { key, entry in
            Row(entry.profit, jobs: entry.jobs, exchange: key.exchange, strategy: key.strategy, currency: key.currency)
        }
    }

    /// One for each currency.
    var totals: [Row] {
        var sums: [String: Entry] = [:]
        for (key, entry) in entries {
            sums[key.currency, default: Entry()].jobs += entry.jobs
            sums[key.currency, default: Entry()].profit.add(entry.profit)
        }
        return sums.sorted { $0.key < $1.key }.map { currency, sum in
            Row(sum.profit, jobs: sum.jobs, exchange: nil, strategy: nil, currency: currency)
        }
    }

    var text: String? {
        guard !entries.isEmpty else { return nil }
        var table = TextTable([
            .left("exchange"), .left("strategy"), .right("jobs"), .right("open"), .right("closed"), .right("won"),
            .right("realised"),
            .right("unrealised"), .left(""),
        ])
        for row in rows + totals { table.add(row.cells) }
        return table.text
    }
}

/// What `pragma pnl` answers.
struct ProfitAnswer: Encodable {
    struct Section: Encodable {
        var rows: [ProfitTable.Row]
        var totals: [ProfitTable.Row]
    }
    var dry_run: Section
    var live: Section
    var problems: [JobProblem]

    init(_ tables: ByKind<ProfitTable>, problems: [JobProblem]) {
        dry_run = Section(rows: tables.dryRun.rows, totals: tables.dryRun.totals)
        live = Section(rows: tables.live.rows, totals: tables.live.totals)
        self.problems = problems
    }
}
