import Backtesting
package import Exchange
import LiveGates
package import Market
import Money
package import Orders
package import Risk
package import Strategies
import TradingJournal
package import TradingLoop

/// A live trading job on one account as one value: the trading loop, its orders at a real venue, and the account's risk in between.
///
/// Pure. A shell feeds market data, the account's events, answers and time in. Of each `Output` it commits the records in one transaction and
/// only then carries the directives out, in order. After a crash a new value goes on from the records that were committed, those of one
/// input all or none: no order is placed twice, none is forgotten. Times are the venue's; `RiskInstant.clock` is the clock of the budget's end.
package struct LiveInstance: Sendable {
    package let settings: Settings
    let trading: TradingSettings
    let identity: OrderIdentity
    let policy: RiskPolicy
    let instruments: [Pair: TradedInstrument]
    let whitelist: [Pair]

    private(set) package var loop: TradingInstance
    package internal(set) var orders: OrderManager
    package internal(set) var risk: RiskState
    /// The account's share of the fleet's limits.
    package var budget: BudgetRule
    /// When the trading lease ends, in the venue's time; nil: there is none to heed.
    package var leaseEnd: Timestamp?
    /// What the gate lets through.
    package internal(set) var gate: GateMode

    var isStarted = false
    /// The venue was read once in this life: before that nothing is placed.
    var hasRead = false
    /// The account's stream has told everything since it was last connected.
    var isStreamReady = false
    var now = RiskInstant(time: Timestamp(milliseconds: 0), clock: 0)
    var account = AccountView()
    var flows = FlowBook()
    /// The job's own closed trades, those before a restart included, and the newest volatility of each pair: what sizes are made of.
    var tradeRecord = TradeRecord()
    var volatilities: [Pair: Double] = [:]
    /// A person was told that Kelly's formula lets nothing be bought.
    var toldNoEdge = false
    var stopping: Timestamp?
    /// The next reading is that of the job's beginning.
    var recordsBalances = false
    var cancelReading: CancelReading?
    /// All orders were canceled by a stop, which was not lifted since.
    var isCanceling = false
    var deadMan = DeadManState()
    var loopWake: Timestamp?
    /// The request that counts as the newest reading, and whether fills came after it.
    var newestRequest = 0
    var fillsSinceRequest = 0
    /// What is to be recorded of risk.
    var riskNote = RiskNote()

    // What one input works with.
    var out = Output()
    var queue = StepQueue()

    /// A new live job, or one to be restored. Nothing happens before `start`.
    ///
    /// - Parameters:
    ///   - account: venue and name of the account, `paper-binance/main`.
    ///   - gate: as it is now; a worker that comes up is halted.
    package init(
        settings: Settings = Settings(), trading: TradingSettings, strategy: any Strategy, whitelist: [Pair],
        instruments: [TradedInstrument], identity: OrderIdentity, account: String, policy: RiskPolicy, budget: BudgetRule,
        gate: GateMode = .halted
    ) throws(TradingError) {
        // The loop learns of the gate once the venue was read.
        loop = try TradingInstance(
            settings: trading, strategy: strategy, whitelist: whitelist, instruments: instruments, gate: .halted)
        self.settings = settings
        self.trading = trading
        self.identity = identity
        self.policy = policy
        self.budget = budget
        self.gate = gate
        self.whitelist = whitelist
        self.instruments = Dictionary(instruments.map { ($0.pair, $0) }, uniquingKeysWith: { first, _ in first })
        orders = OrderManager(identity, settings: settings.orders, instruments: instruments, ledger: OrderLedger())
        risk = RiskState(account: account, currency: trading.rules.stakeCurrency)
    }

    // MARK: - Around every input

    mutating func begin(_ instant: RiskInstant) {
        // The venue's time as we know it may be corrected backward; orders must not become young again.
        now = RiskInstant(time: max(instant.time, now.time), clock: max(instant.clock, now.clock))
        out = Output()
    }

    /// Carries out to the end what the parts want of each other.
    mutating func end() -> Output {
        drain()
        readBack()
        drain()
        keepDeadMan()
        drain()
        finishIfDone()
        noteRisk()
        out.wakeAt = nextWake
        defer { out = Output() }
        return out
    }

    private var nextWake: Timestamp? {
        let times = [
            loopWake, isStarted ? orders.nextDeadline : nil, cancelReading?.nextStep, nextDeadManStep,
            out.isFinished ? nil : stopping.map { $0.later(settings.stopPatience) },
        ]
        return times.compactMap { $0 }.min()
    }

    /// The loop, for the parts of this value only.
    mutating func ask(_ body: (inout TradingInstance, Timestamp) -> [TradingDirective]) {
        let directives = body(&loop, now.time)
        queue.append(directives.map { .loop($0) })
    }

    mutating func manage(_ body: (inout OrderManager, Timestamp) -> [OrderDirective]) {
        let directives = body(&orders, now.time)
        queue.append(directives.map { .orders($0) })
    }

    mutating func startLoop(_ body: (inout TradingInstance) throws(TradingError) -> [TradingDirective]) throws(TradingError) {
        queue.append(try body(&loop).map { .loop($0) })
    }

    mutating func configureLoop(_ body: (inout TradingInstance) -> Void) { body(&loop) }
}

extension Timestamp {
    /// So much later, at most the end of time.
    func later(_ wait: Duration) -> Timestamp {
        let (sum, overflow) = milliseconds.addingReportingOverflow(wait.wholeMilliseconds)
        return Timestamp(milliseconds: overflow ? .max : sum)
    }
}

/// Directives of the parts, first in, first out: so the records stand in the order in which the state changed.
struct StepQueue: Sendable {
    enum Step: Sendable {
        case loop(TradingDirective)
        case orders(OrderDirective)
    }

    private var steps: [Step] = []
    private var place = 0

    mutating func append(_ new: [Step]) { steps += new }

    mutating func next() -> Step? {
        guard place < steps.count else {
            (steps, place) = ([], 0)
            return nil
        }
        place += 1
        return steps[place - 1]
    }
}
