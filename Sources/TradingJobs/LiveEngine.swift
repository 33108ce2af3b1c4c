internal import Connectors
internal import Coordination
internal import Exchange
internal import Execution
internal import Fleet
internal import Halt
internal import LiveGates
internal import LiveJob
internal import Logging
internal import Market
internal import OrderJournal
internal import Orders
internal import Risk
internal import TradingJournal
internal import TradingLoop

/// A live job between its inputs: what was heard, what is to be committed, and what is to be done after that. Nothing in it waits.
///
/// `begin`, inputs, `settle`: everything that came of the inputs between the two is committed together, before anything of it is sent. Where nothing
/// is to be sent, records wait a few milliseconds for others: what the venue said in that time it says again to a process that died in it, and a
/// commit for each answer would hold up the next candle's order.
struct LiveEngine {
    enum End {
        /// It was asked to end.
        case stopped
        case failed(JobFault)
    }

    let plan: LivePlan
    let settings: JobSettings
    let links: LiveSession.Links
    let log: Logger

    var executor: any TradingExecutor
    var records: JobRecords
    var market: JobMarket
    var instance: LiveInstance?
    var isStarted = false
    var isStopping = false
    var isStreamReady = false
    /// Whether market and account come in.
    var isConnected = false
    /// Set once nothing more is to be decided.
    var end: End?
    /// Whether the session may return: the coordinator has all records, or was waited for long enough.
    var isOver = false

    var now = Timestamp(milliseconds: 0)
    var permit: AccountPermit
    /// `now`, with the clock of the budget's end.
    var instant: RiskInstant
    var gate = GateMode.halted
    var ordered: HaltAction?
    /// A reset of the breaker that came before there was one; the newest counts.
    var earlyReset: (person: String, reason: String)?
    var closedTrades = 0
    /// Of trades that changed with the batch.
    var states: [TradeNumber: TradeReport.State] = [:]
    var nextWake: Timestamp?
    var patienceEnd: Timestamp?
    var reportDue: Timestamp?
    /// What was last told of progress.
    private var progressed = (trades: 0, time: Timestamp(milliseconds: 0))
    private var directives: [LiveDirective] = []
    /// When records are committed that wait for others; nil: there are none.
    private var commitDue: Timestamp?
    /// How long they wait, in milliseconds of the machine.
    private static let company = 10.0
    /// When the coordinator is told of records that it has not heard of; nil: there are none.
    private var toldAt: Timestamp?
    /// How long records gather before the coordinator is told: its part of a candle's end does not hold up the next pair's order.
    private static let gathering = 50.0
    private var pace = 1.0
    /// What the log is told of trades once orders are on their way: a log that is slow holds none of them up.
    private var lines: [(message: Logger.Message, metadata: Logger.Metadata)] = []
    var streamStart: [TradedInstrument]?

    /// Reads the journal.
    init(
        plan: LivePlan, executor: any TradingExecutor, journal: OrderJournal, settings: JobSettings, links: LiveSession.Links,
        log: Logger
    ) throws(JobFault) {
        self.plan = plan
        self.executor = executor
        self.settings = settings
        self.links = links
        self.log = log
        permit = links.permit()
        instant = RiskInstant(time: now, clock: permit.now.nanoseconds)
        market = JobMarket(plan.job, settings: settings, log: log)
        records = try JobRecords(journal)
        closedTrades = records.books.closedTrades.count
    }

    // MARK: - Around inputs

    /// `pace`: how many seconds of the venue pass in one of the machine.
    mutating func begin(_ time: Timestamp, pace: Double) {
        self.pace = pace
        // Before the venue has said its time, it is ours.
        now = instance == nil ? time : max(now, time)
        permit = links.permit()
        instant = RiskInstant(time: now, clock: permit.now.nanoseconds)
        let budget = links.budget()
        instance?.budget = budget
        let left = Double((permit.leaseEnd - permit.now).milliseconds) * pace
        let leaseEnd = now.advanced(byMilliseconds: Int64(min(max(left, 0), 1e12)))
        instance?.leaseEnd = leaseEnd
        feedGate()
        // The gate closes by itself when the lease ends: then somebody has to look.
        if gate == .active { wake(at: leaseEnd.advanced(byMilliseconds: 1)) }
    }

    private mutating func feedGate() {
        let mode = permit.mode
        guard mode != gate else { return }
        log.notice("the order gate changes", metadata: ["gate": "\(mode.rawValue)"])
        gate = mode
        if end == nil { apply(instance?.gate(mode, now: instant)) }
    }

    mutating func wake(at time: Timestamp) { nextWake = min(nextWake ?? time, time) }

    /// Commits what came of the inputs since `begin`. False: that failed, and nothing may be sent.
    mutating func settle() -> Bool {
        feedBooks()
        startIfReady()
        do throws(JobFault) { try commit() } catch { fail(error) }
        if case .failed? = end { directives = [] }
        finishIfKept()
        return end.map { if case .failed = $0 { false } else { true } } ?? true
    }

    private mutating func commit() throws(JobFault) {
        if mayWait {
            let due = commitDue ?? now.advanced(byMilliseconds: Int64(Self.company * pace))
            commitDue = due
            if now < due { return wake(at: due) }
        }
        commitDue = nil
        guard try records.commit() else { return }
        states = [:]
        toldAt = toldAt ?? now.advanced(byMilliseconds: Int64(Self.gathering * pace))
    }

    /// Nothing that anybody hears of hangs on them.
    private var mayWait: Bool {
        isStarted && !isStopping && end == nil && directives.isEmpty && streamStart == nil && !records.batch.isEmpty
    }

    private mutating func reportProgress() {
        let isNews = closedTrades != progressed.trades
        guard isNews || now.milliseconds - progressed.time.milliseconds >= 1000 else { return }
        progressed = (closedTrades, now)
        links.progress(UInt64(clamping: closedTrades), UInt64(clamping: max(records.books.trades.count, closedTrades)))
    }

    /// Takes what the instance answered.
    mutating func apply(_ output: LiveInstance.Output?) {
        guard let output else { return }
        records.batch += output.records
        if let time = output.wakeAt { wake(at: time) }
        for directive in output.directives {
            if case .canceled(let remaining) = directive { tellCanceled(remaining) } else { directives.append(directive) }
        }
        for trade in output.trades { note(trade) }
        for decision in output.decisions {
            log.debug(
                "decision",
                metadata: [
                    "kind": "\(decision.kind.rawValue)", "pair": "\(decision.pair?.description ?? "")",
                    "text": "\(decision.text)",
                ])
        }
        for order in output.foreignOrders {
            log.warning(
                "the account has an order that is not this job's; it is left alone",
                metadata: [
                    "order": "\(order.report.venueOrderID)", "symbol": "\(order.report.symbol)", "owner": "\(order.owner)",
                ])
            links.alarm(
                "the account has an order that is not this job's (\(order.report.venueOrderID) on \(order.report.symbol)); it is left alone"
            )
        }
        for alarm in output.alarms { tell(alarm: alarm) }
        if let refusal = output.refusal {
            tell(alarm: refusal)
            return fail(JobFault(.badConfiguration, refusal))
        }
        if output.isFinished { end = end ?? .stopped }
    }

    mutating func tell(alarm: String) {
        executor.noteError(isFinal: false)
        log.critical("\(alarm)")
        links.alarm(alarm)
    }

    private mutating func note(_ trade: TradeReport) {
        let before = states[trade.number] ?? records.books.trades[trade.number]?.state
        guard trade.state != before else { return }
        states[trade.number] = trade.state
        if trade.state == .closed {
            closedTrades += 1
            executor.note(closedTrades: 1)
        }
        lines.append(
            (
                "trade \(trade.state.rawValue)",
                [
                    "trade": "\(trade.number)", "pair": "\(trade.pair)", "open_rate": "\(trade.openRate)",
                    "close_rate": "\(trade.closeRate)", "profit": "\(trade.profit)", "exit_reason": "\(trade.exitReason)",
                ]
            ))
    }

    /// Tells the coordinator and the log of what was committed.
    mutating func tell() {
        if let time = toldAt {
            if now >= time || end != nil || isStopping {
                toldAt = nil
                links.written(records.count)
                reportProgress()
            } else {
                wake(at: time)
            }
        }
        // The log does not know of what is not in the journal.
        guard records.batch.isEmpty else { return }
        for line in lines { log.info(line.message, metadata: line.metadata) }
        lines = []
    }

    mutating func fail(_ fault: JobFault) {
        if case .failed? = end { return }
        executor.noteError(isFinal: true)
        log.error("\(fault)")
        records.batch = []
        directives = []
        // They tell of what is not in the journal, and has not happened.
        lines = []
        end = .failed(fault)
        isOver = true
    }

    mutating func takeWake() -> Timestamp? {
        defer { nextWake = nil }
        return nextWake
    }

    mutating func takeDirectives() -> [LiveDirective] {
        defer { directives = [] }
        return directives
    }

    /// Once: the instruments whose account stream is to be heard.
    mutating func takeStreamStart() -> [TradedInstrument]? {
        defer { streamStart = nil }
        return streamStart
    }

    /// How it ended; `canceled` where it did not.
    var result: LiveSession.End {
        switch end {
        case nil: .canceled
        case .stopped: .stopped(summary)
        case .failed(let fault): .failed(fault, summary)
        }
    }

    private var summary: LiveSummary {
        let usage = ProcessUsage.read()
        var result = LiveSummary(
            kind: "live", metrics: executor.metrics,
            health: executor.health(memoryUsage: usage.residentBytes, cpuUsage: usage.cpuNanoseconds))
        result.records = records.count
        result.profit = ProfitSummary(records.books)
        result.balances = instance?.orders.balances ?? []
        return result
    }
}

extension AccountPermit {
    /// What gate, leases and list let through, without a look at a single order.
    var mode: GateMode {
        if holder == .superseded { return .halted }
        switch gate.mode(at: now) {
        case .halted: return .halted
        case .reducing: return .reducing
        case .active: return holder == .current && now < leaseEnd && missing == nil ? .active : .reducing
        }
    }
}
