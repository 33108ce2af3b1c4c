internal import Connectors
internal import Coordination
internal import DryRun
internal import DryRunJob
internal import Exchange
internal import Execution
internal import Fleet
internal import Halt
internal import Logging
internal import Market
internal import OrderJournal
internal import Orders
internal import Strategies
internal import TradingJournal
internal import TradingLoop

/// A dry-run between its inputs: what was heard, what is to be committed, and whom to tell after that. Nothing in it waits.
///
/// `begin`, inputs, `settle`: everything that came of the inputs between the two is committed together, before anybody is told.
struct DryRunEngine {
    enum End {
        /// It was asked to end.
        case stopped
        case failed(JobFault)
    }

    let plan: DryRunPlan
    let settings: DryRunSession.Settings
    let links: DryRunSession.Links
    let log: Logger

    var executor: SimulatedExecutor
    var records: JobRecords
    var market: JobMarket
    var instance: DryRunInstance?
    var isStarted = false
    var isStopping = false
    /// Set once nothing more is to be decided.
    var end: End?
    /// Whether the session may return: the coordinator has all records, or was waited for long enough.
    var isOver = false

    var now = Timestamp(milliseconds: 0)
    var gate = GateMode.halted
    var ordered: HaltAction?
    var closedTrades = 0
    /// Of trades that changed with the batch.
    var states: [TradeNumber: TradeReport.State] = [:]
    /// What was last told of progress.
    private var progressed = (trades: 0, time: Timestamp(milliseconds: 0))
    var nextWake: Timestamp?
    var patienceEnd: Timestamp?
    var reportDue: Timestamp?

    /// Reads the journal.
    init(
        plan: DryRunPlan, executor: SimulatedExecutor, journal: OrderJournal, settings: DryRunSession.Settings,
        links: DryRunSession.Links, log: Logger
    ) throws(JobFault) {
        self.plan = plan
        self.executor = executor
        self.settings = settings
        self.links = links
        self.log = log
        market = JobMarket(plan.job, settings: settings, log: log)
        records = try JobRecords(journal)
        closedTrades = records.books.closedTrades.count
    }

    var books: TradingBooks { records.books }

    // MARK: - Around inputs

    mutating func begin(_ time: Timestamp) {
        // Before the venue has said its time, it is ours.
        now = instance == nil ? time : max(now, time)
        let mode = links.mode()
        guard mode != gate else { return }
        log.notice("the order gate changes", metadata: ["gate": "\(mode.rawValue)"])
        gate = mode
        if isStarted, end == nil { apply(instance?.gate(mode, now: now)) }
    }

    /// Commits what came of the inputs since `begin`, then tells.
    mutating func settle() {
        feedBooks()
        startIfReady()
        if end == nil, isStarted, let action = ordered { cancelOrders(action) }
        do throws(JobFault) { try commit() } catch { fail(error) }
        if let action = ordered, isStarted || end != nil {
            ordered = nil
            links.exchangeRead(leftovers(after: action))
        }
        finishIfKept()
    }

    private mutating func commit() throws(JobFault) {
        guard try records.commit() else { return }
        states = [:]
        links.written(records.count)
        reportProgress()
    }

    private mutating func reportProgress() {
        let isNews = closedTrades != progressed.trades
        guard isNews || now.milliseconds - progressed.time.milliseconds >= 1000 else { return }
        progressed = (closedTrades, now)
        links.progress(UInt64(clamping: closedTrades), UInt64(clamping: max(books.trades.count, closedTrades)))
    }

    /// Takes what the instance answered.
    mutating func apply(_ output: DryRunInstance.Output?) {
        guard let output else { return }
        records.batch += output.records
        if let wake = output.wakeAt { nextWake = min(nextWake ?? wake, wake) }
        for trade in output.trades { note(trade) }
        for decision in output.decisions {
            log.debug(
                "decision",
                metadata: [
                    "kind": "\(decision.kind.rawValue)", "pair": "\(decision.pair?.description ?? "")",
                    "text": "\(decision.text)",
                ])
        }
        if output.isFinished { end = end ?? .stopped }
    }

    private mutating func note(_ trade: TradeReport) {
        let before = states[trade.number] ?? books.trades[trade.number]?.state
        guard trade.state != before else { return }
        states[trade.number] = trade.state
        if trade.state == .closed {
            closedTrades += 1
            executor.note(closedTrades: 1)
        }
        log.info(
            "trade \(trade.state.rawValue)",
            metadata: [
                "trade": "\(trade.number)", "pair": "\(trade.pair)", "open_rate": "\(trade.openRate)",
                "close_rate": "\(trade.closeRate)", "profit": "\(trade.profit)", "exit_reason": "\(trade.exitReason)",
            ])
    }

    mutating func fail(_ fault: JobFault) {
        if case .failed? = end { return }
        executor.noteError(isFinal: true)
        log.error("\(fault)")
        records.batch = []
        end = .failed(fault)
        isOver = true
    }

    mutating func takeWake() -> Timestamp? {
        defer { nextWake = nil }
        return nextWake
    }

    /// How it ended; `canceled` where it did not.
    var result: DryRunSession.End {
        switch end {
        case nil: .canceled
        case .stopped: .stopped(summary)
        case .failed(let fault): .failed(fault, summary)
        }
    }

    func close() { records.close(log) }

    var summary: DryRunSummary {
        let usage = ProcessUsage.read()
        var result = DryRunSummary(
            metrics: executor.metrics,
            health: executor.health(memoryUsage: usage.residentBytes, cpuUsage: usage.cpuNanoseconds))
        result.records = records.count
        result.profit = ProfitSummary(books)
        result.balances = instance?.venue.wallet.balances ?? []
        return result
    }
}
