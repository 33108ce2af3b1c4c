internal import ArgumentParser
internal import Coordination
internal import Fleet

/// Which jobs the commands around orders, trades and profit look at.
struct TradingScopeOptions: ParsableArguments {
    @Option(name: .long, help: "Only this job.") var job: Int64?
    @Option(name: .long, help: ArgumentHelp("Only jobs on this exchange.", valueName: "name")) var exchange: String?
    @Option(name: .long, help: ArgumentHelp("Only jobs with this strategy.", valueName: "name")) var strategy: String?

    func validate() throws {
        if let job, job < 1 { throw ValidationError("a job's number is 1 or more") }
    }

    var scope: FleetBooks.Scope {
        FleetBooks.Scope(job: job.map { JobID($0) }, exchange: exchange, strategy: strategy)
    }

    func books(_ global: GlobalOptions) throws(FleetError) -> FleetBooks {
        let client = try ControlClient(FleetSetup.client(global))
        return FleetBooks(ask: { query throws(FleetError) in try client.query(query) }, scope: scope)
    }

    /// Tells which jobs are not in what was printed; a command that shows not everything has not done well.
    static func tell(_ problems: [JobProblem]) throws(FleetError) {
        guard !problems.isEmpty else { return }
        for problem in problems { Terminal.note("pragma: job \(problem.job): \(problem.problem)") }
        throw FleetError(.negative, "\(Format.count(problems.count, "job")) could not be read: see above")
    }
}

/// How many rows are shown.
struct RowLimitOptions: ParsableArguments {
    @Option(name: .long, help: "At most this many of each kind, the newest ones.") var limit = 100

    func validate() throws {
        if !(1...100_000).contains(limit) { throw ValidationError("--limit must be 1 to 100000") }
    }

    /// A line that says what is missing; nil: nothing is.
    func note<Row>(_ rows: ByKind<Newest<Row>>) -> String? {
        let missing = rows.dryRun.total + rows.live.total - rows.dryRun.values.count - rows.live.values.count
        return missing > 0 ? "\(missing) older ones are not shown: --limit shows more" : nil
    }
}

/// `pragma positions`.
struct PositionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "positions", abstract: "Shows the open trades of dry-run and live jobs.",
        discussion: """
            What is unrealised counts with the close of the newest candle that the job has decided on; it is an estimate. Open trades \
            of ended dry-runs are shown with --all or --job only.

            Exit code 1: the records of a job could not be read; the others are shown.

            Example: pragma positions --exchange paper-binance

            JSON keys: dry_run and live (lists of job, job_state, name, exchange, strategy, trade, pair, state, opened, enter_tag, held, \
            open_rate, stop, stake, stake_currency, last_close, last_close_time, unrealized, unrealized_ratio), problems (job, problem).
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: TradingScopeOptions
    @Flag(name: .long, help: "Those of ended dry-runs, too.") var all = false

    func run() throws {
        var rows = ByKind<[PositionRow]>([])
        let isWide = all || options.job != nil
        let problems = try options.books(global).each(where: { PositionRow.concerns($0, all: isWide) }) { job, books in
            rows.change(job.kind) { $0 += PositionRow.rows(books, of: job) }
        }
        for kind in TradingJob.Kind.allCases { rows[kind] = PositionRow.sorted(rows[kind]) }
        if output.json {
            Terminal.json(TradingAnswer(rows, problems: problems))
        } else {
            Terminal.line(TradingSections.text { PositionRow.table(rows[$0]) })
        }
        try TradingScopeOptions.tell(problems)
    }
}

/// `pragma orders`.
struct OrdersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orders", abstract: "Shows the orders of dry-run and live jobs, the newest last.",
        discussion: """
            Exit code 1: the records of a job could not be read; the others are shown.

            Example: pragma orders --job 12 --open

            JSON keys: dry_run and live (lists of job, name, exchange, strategy, trade, order, client_order_id, venue_order_id, pair, \
            side, purpose, type, status, working, quantity, filled, price, trigger, average, cost, fees (asset, amount), tag, reason, \
            created, updated), problems (job, problem).
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: TradingScopeOptions
    @OptionGroup var limit: RowLimitOptions
    @Flag(name: .long, help: "Only orders that may still be filled.") var open = false

    func run() throws {
        var rows = ByKind(Newest<OrderRow>(limit.limit, isOlder: OrderRow.isOlder))
        let problems = try options.books(global).each { job, books in
            rows.change(job.kind) { newest in
                for row in OrderRow.rows(books, of: job, open: open) { newest.add(row) }
            }
        }
        var shown = ByKind<[OrderRow]>([])
        for kind in TradingJob.Kind.allCases { shown[kind] = rows[kind].values }
        if output.json {
            Terminal.json(TradingAnswer(shown, problems: problems))
        } else {
            Terminal.line(TradingSections.text { OrderRow.table(shown[$0]) })
            if let note = limit.note(rows) { Terminal.line(note) }
        }
        try TradingScopeOptions.tell(problems)
    }
}

/// `pragma trades`.
struct TradesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trades", abstract: "Shows the closed trades of dry-run and live jobs, the newest last.",
        discussion: """
            The profit is what the fills brought less what they cost less fees in stake currency; fees in other currencies are listed \
            beside it. The ratio is freqtrade's.

            Exit code 1: the records of a job could not be read; the others are shown.

            Example: pragma trades --strategy EmaCross --limit 20

            JSON keys: dry_run and live (lists of job, name, exchange, strategy, trade, pair, opened, closed, open_rate, close_rate, \
            stake, stake_currency, profit, profit_ratio, dust, enter_tag, exit_reason, fees (asset, amount), orders), problems (job, \
            problem).
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: TradingScopeOptions
    @OptionGroup var limit: RowLimitOptions

    func run() throws {
        var rows = ByKind(Newest<TradeRow>(limit.limit, isOlder: TradeRow.isOlder))
        let problems = try options.books(global).each { job, books in
            rows.change(job.kind) { newest in
                for row in TradeRow.rows(books, of: job) { newest.add(row) }
            }
        }
        var shown = ByKind<[TradeRow]>([])
        for kind in TradingJob.Kind.allCases { shown[kind] = rows[kind].values }
        if output.json {
            Terminal.json(TradingAnswer(shown, problems: problems))
        } else {
            Terminal.line(TradingSections.text { TradeRow.table(shown[$0]) })
            if let note = limit.note(rows) { Terminal.line(note) }
        }
        try TradingScopeOptions.tell(problems)
    }
}

/// `pragma pnl`.
struct PnlCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pnl", abstract: "Shows profit and loss of dry-run and live jobs by exchange and strategy.",
        discussion: """
            Of all jobs, ended ones included, with a total for each stake currency. Realised is of closed trades, from their fills; \
            unrealised is an estimate with the last close.

            Exit code 1: the records of a job could not be read; the sums are without it.

            Example: pragma pnl

            JSON keys: dry_run and live (rows and totals: exchange, strategy, stake_currency, jobs, open_trades, closed_trades, \
            winning_trades, realized, unrealized, unvalued), problems (job, problem).
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var options: TradingScopeOptions

    func run() throws {
        var tables = ByKind(ProfitTable())
        let problems = try options.books(global).each { job, books in
            tables.change(job.kind) { $0.add(books, of: job) }
        }
        if output.json {
            Terminal.json(ProfitAnswer(tables, problems: problems))
        } else {
            Terminal.line(TradingSections.text { tables[$0].text })
        }
        try TradingScopeOptions.tell(problems)
    }
}
