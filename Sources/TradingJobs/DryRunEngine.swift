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
    let journal: OrderJournal

    var executor: SimulatedExecutor
    var books: TradingBooks
    var candles: CandleBook
    var instance: DryRunInstance?
    var isStarted = false
    var isStopping = false
    /// Set once nothing more is to be decided.
    var end: End?
    /// Whether the session may return: the coordinator has all records, or was waited for long enough.
    var isOver = false

    var now = Timestamp(milliseconds: 0)
    var gate = GateMode.halted
    /// Names of the streams.
    var pairs: [String: Pair] = [:]
    var instruments: [Pair: TradedInstrument] = [:]
    var streams: [Pair: MarketStream] = [:]
    /// Books that changed and were not looked at yet.
    var changedBooks: Set<Pair> = []
    var liveBooks: Set<Pair> = []
    var liveCandles: Set<Pair> = []
    /// Candles that were heard before the start and are not in the journal.
    var unrecorded: [Pair: [Candle]] = [:]
    /// Pairs whose history is to be asked for.
    var wanted: [Pair] = []

    /// What the coordinator's store has; nil: it has not said.
    var kept: UInt64?
    var batch: [JournalRecord] = []
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
        self.journal = journal
        self.settings = settings
        self.links = links
        self.log = log
        candles = CandleBook(
            timeframe: plan.timeframe, grace: settings.candleGrace.wholeMilliseconds,
            settling: settings.candleSettling.wholeMilliseconds)
        books = try Self.books(in: journal)
        closedTrades = books.closedTrades.count
    }

    /// A page at a time: a journal may be larger than what it adds up to.
    private static func books(in journal: OrderJournal) throws(JobFault) -> TradingBooks {
        var books = TradingBooks()
        while Int64(books.recordCount) < journal.lastSequence {
            let entries: [OrderJournal.Entry]
            do { entries = try journal.entries(from: Int64(books.recordCount) + 1, limit: 1000) } catch { throw JobFault(error) }
            guard entries.first?.sequence == Int64(books.recordCount) + 1 else {
                throw JobFault(
                    OrderJournalError(.damaged, path: journal.path, detail: "record \(books.recordCount + 1) is missing"))
            }
            for entry in entries {
                do { try books.take(entry.bytes) } catch {
                    throw JobFault(OrderJournalError(.damaged, path: journal.path, detail: error.description))
                }
            }
        }
        return books
    }

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
        guard !batch.isEmpty else { return }
        let records = batch
        batch = []
        states = [:]
        do { try journal.append(records) } catch { throw JobFault(error) }
        for record in records {
            do { try books.take(record) } catch {
                throw JobFault(.internalError, "the dry-run wrote a record that does not fit: \(error)")
            }
        }
        links.written(UInt64(clamping: journal.lastSequence))
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
        batch += output.records
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
        batch = []
        end = .failed(fault)
        isOver = true
    }

    mutating func takeWake() -> Timestamp? {
        defer { nextWake = nil }
        return nextWake
    }

    mutating func takeWanted() -> [Pair] {
        defer { wanted = [] }
        return wanted
    }

    /// How it ended; `canceled` where it did not.
    var result: DryRunSession.End {
        switch end {
        case nil: .canceled
        case .stopped: .stopped(summary)
        case .failed(let fault): .failed(fault, summary)
        }
    }

    func close() {
        do throws(OrderJournalError) { try journal.close() } catch { log.error("\(error)") }
    }

    var summary: DryRunSummary {
        let usage = ProcessUsage.read()
        var result = DryRunSummary(
            metrics: executor.metrics,
            health: executor.health(memoryUsage: usage.residentBytes, cpuUsage: usage.cpuNanoseconds))
        result.records = UInt64(clamping: journal.lastSequence)
        result.profit = ProfitSummary(books)
        result.balances = instance?.venue.wallet.balances ?? []
        return result
    }
}

extension JobFault {
    /// A full disk, or a journal that another process has, may be gone at the next attempt; so it is tried again.
    init(_ error: OrderJournalError) { self.init(.internalError, error.description) }
}
