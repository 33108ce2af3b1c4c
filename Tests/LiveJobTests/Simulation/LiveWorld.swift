import Exchange
import Halt
import LiveGates
import LiveJob
import Market
import Money
import Orders
import PaperExchange
import SyntheticMarket
import TradingJournal
import TradingLoop

/// Faults that a test plants to see that the checks find them.
enum LivePlant: CaseIterable {
    /// A placing without an answer is sent again.
    case resends
    /// Orders go out before their records are committed.
    case sendsBeforeCommit
    /// Fills are not in the journal.
    case forgetsFills
    /// After a restart, orders whose sending was not confirmed count as never sent.
    case forgetsIntended
    /// An order that was not found once counts as not placed.
    case givesUpAtOnce
    /// A fill counts as often as it is heard of.
    case countsFillsTwice
    /// The value does not hear of the gate, and nobody asks at the write.
    case ignoresGate
    /// What the stream missed is not read.
    case neverReconciles
    /// Cancels are told but not sent.
    case dropsCancels
    /// What is asked of the dead-man timer is confirmed and not sent.
    case fakesTimer
    /// After a journal was lost, nobody reads what the venue alone knows.
    case forgetsLost
}

/// A live job at a paper venue over a bad network, in a process that is killed at any step, from one seed.
struct LiveWorld {
    enum Event {
        case market
        case candle(Pair, Candle)
        case wake(epoch: Int)
        case write(OrderSending, epoch: Int)
        case request(Request, epoch: Int)
        case answer(Answer, epoch: Int)
        case connect(connection: Int)
        case stream([UInt8], connection: Int)
        case streamSilent(connection: Int)
        case loseStream
        case gate(GateMode)
        case hearGate(epoch: Int)
        case halt
        case foreign
        case restart
        case settle
        case final
    }

    enum Request {
        case place(OrderSending)
        case cancel(OrderTicket, OrderReference, Pair)
        case lookUp(OrderTicket, OrderReference, Pair)
        case identify(Pair, VenueOrderID)
        case readOrders(ReconciliationRequest)
        case readFills(ReconciliationRequest, [OrderReport])
        case readBalances(ReconciliationRequest, [OrderReport], [Fill])
        /// `order`: that in which they were sent. The venue takes no older one after a newer one, as their nonces rise.
        case deadMan(number: Int, Duration, order: Int)
    }

    enum Answer {
        case placed(OrderTicket, Result<OrderReport, VenueError>)
        case canceled(OrderTicket, Result<OrderReport?, VenueError>)
        case found(OrderTicket, LookUpAnswer)
        case identified(OrderReport)
        case read(ReconciliationSnapshot, Int)
        case unread(VenueError, Int)
        case deadMan(number: Int, VenueError?)
    }

    let seed: UInt64
    let plant: LivePlant?
    var setup: LiveSetup
    var random: SplitMix64
    var venue: SimExchange
    var now = SimExchange.start
    var queue = EventHeap<Event>()

    // The process.
    var instance: LiveInstance?
    var journal: [[UInt8]] = []
    /// Records that are not committed yet, and since when there are some.
    var waiting: [JournalRecord] = []
    var waitsSince: Timestamp?
    /// Open orders by hand in the reading that was last heard.
    var foreignInReading = 0
    var epoch = 0
    var connection = 0
    var session: SessionID?
    var acknowledgements = 0
    var lastDelivery = Timestamp(milliseconds: 0)
    var wakeAt: Timestamp?
    /// What the clock of the process is off.
    let skew: Int64

    // The gate of the account, and what the process was told of it.
    var gate = GateMode.active
    var fedGate = GateMode.halted
    /// Whether the shell asks the permit at the write; otherwise the value alone has to keep the gate, and hears of it at once.
    let asksPermit: Bool

    var violations: [String] = []
    var figures = LiveFigures()
    var journaled: Set<ClientOrderID> = []
    var haltedSince: Timestamp?
    var awaitsCanceled = false
    var isStopped = false
    var isFinished = false
    var deliveries = 0
    // What became of the journal: in some runs it is lost with the process, and comes back out of the coordinator's store.
    let losesJournal: Bool
    var lossRandom: SplitMix64
    var hasLost = false
    /// How many records there were after each commit.
    var commits = [0]
    /// Records that the store is known to have.
    var stored = 0
    /// Rises with each grant of the job.
    var token: UInt32 = 3
    /// Requests to the dead-man timer: sent, and the newest one that arrived.
    var timerRequests = (sent: 0, arrived: 0)

    static let tradingMinutes = 6
    let healsAt = SimExchange.start.advanced(byMilliseconds: 6 * 60_000)
    let endsAt = SimExchange.start.advanced(byMilliseconds: 12 * 60_000)

    init(seed: UInt64, plant: LivePlant? = nil) throws {
        self.seed = seed
        self.plant = plant
        var random = SplitMix64(seed: SplitMix64.mixed(seed))
        setup = LiveSetup(&random)
        venue = try SimExchange(random.chance(50) ? .binance : .kraken, seed: seed, minutes: 16)
        skew = Int64(random.below(300)) - 150
        asksPermit = random.chance(60) && plant != .ignoresGate
        self.random = random
        var losses = SplitMix64(seed: SplitMix64.mixed(seed ^ 0x1057))
        losesJournal = plant.map { $0 == .forgetsLost } ?? losses.chance(30)
        lossRandom = losses
        var timer = SplitMix64(seed: SplitMix64.mixed(seed ^ 0xDEAD))
        if venue.dialect == .kraken, timer.chance(75) {
            setup.deadMan = DeadManSettings(timer.chance(60) ? .entries : .all)
            if timer.chance(60) { setup.deadMan = setup.deadMan?.paced(0.25) }
        }
    }

    var isHealed: Bool { now >= healsAt }
    var instant: RiskInstantOfWorld { RiskInstantOfWorld(now.advanced(byMilliseconds: skew)) }

    mutating func loses(_ percent: Int) -> Bool { !isHealed && random.chance(percent) }

    mutating func after(_ milliseconds: Int, _ event: Event) {
        queue.push(event, at: now.advanced(byMilliseconds: Int64(max(milliseconds, 0))))
    }

    // MARK: - Running

    mutating func run() {
        schedule()
        while let (time, event) = queue.pop(), time < endsAt, !isOver {
            now = max(now, time)
            step(event)
            deliver()
        }
        check()
    }

    private mutating func schedule() {
        after(0, .restart)
        for step in 0..<(12 * 15) { after(step * 4000, .market) }
        for (pair, rows) in venue.candles.sorted(by: { $0.key < $1.key }) {
            for candle in rows where candle.time.milliseconds + 60_000 > SimExchange.start.milliseconds {
                let close = candle.time.milliseconds + 60_000 - SimExchange.start.milliseconds
                after(Int(close) + random.below(900), .candle(pair, candle))
            }
        }
        let span = Self.tradingMinutes * 60_000
        for _ in 0..<random.below(5) { after(random.below(span), .loseStream) }
        for _ in 0..<random.below(4) {
            let at = random.below(span)
            after(at, .gate([GateMode.reducing, .halted, .reducing][random.below(3)]))
            after(at + 2000 + random.below(40_000), .gate(.active))
        }
        if random.chance(35) {
            let at = random.below(span)
            after(at, .halt)
            after(at + 30_000 + random.below(30_000), .gate(.active))
        }
        // The timer cancels the orders of everybody.
        if random.chance(30), setup.deadMan == nil { after(random.below(span), .foreign) }
        plantFaults(span)
        queue.push(.settle, at: healsAt)
        queue.push(.final, at: healsAt.advanced(byMilliseconds: 50_000))
    }

    /// The venue's own faults, while it is not healed.
    private mutating func plantFaults(_ span: Int) {
        let kinds: [(PaperFault.Kind, PaperFault.Target, Double)] = [
            (.timeoutAfterAccepting, .any, 0.05), (.backendTimeout, .placing, 0.1), (.cutBefore, .any, 0.05),
            (.cutAfter, .any, 0.05), (.rateLimited(retryAfter: 1), .any, 0.05), (.rejectOrders, .placing, 0.1),
            (.latency(milliseconds: 800), .any, 0.1), (.garbage, .any, 0.03), (.partialFills(0.3), .any, 1),
            (.loseStreamMessages, .any, 0.1), (.duplicateStreamMessages, .any, 0.1), (.reorderStreamMessages, .any, 0.1),
        ]
        for (kind, target, chance) in kinds where random.chance(45) {
            let fault = PaperFault(kind, target: target, probability: chance, until: healsAt.milliseconds)
            if !venue.core.venue.faults.add(fault) { violations.append("no fault") }
        }
        if random.chance(25) {
            let from = SimExchange.start.milliseconds + Int64(random.below(span))
            let outage = PaperFault(.outage, from: from, until: min(from + 20_000, healsAt.milliseconds))
            if !venue.core.venue.faults.add(outage) { violations.append("no fault") }
        }
    }

    private var isOver: Bool { isFinished && !awaitsCanceled && now > healsAt.advanced(byMilliseconds: 60_000) && isQuiet }

    private mutating func step(_ event: Event) {
        switch event {
        case .market: market()
        case .candle(let pair, let candle): input { $0.candle(pair, candle, now: $1) }
        case .wake(let epoch):
            guard epoch == self.epoch else { return }
            wakeAt = nil
            input { $0.tick(now: $1) }
        case .write(let sending, let epoch): if epoch == self.epoch { write(sending) }
        case .request(let request, let epoch): arrive(request, epoch)
        case .answer(let answer, let epoch): if epoch == self.epoch { hear(answer) }
        case .connect(let connection): if connection == self.connection { connect() }
        case .stream(let bytes, let connection): if connection == self.connection { hear(bytes) }
        case .streamSilent(let connection): if connection == self.connection, acknowledgements > 0 { loseStream() }
        case .loseStream: loseStream()
        case .gate(let mode): set(mode)
        case .hearGate(let epoch): if epoch == self.epoch { feedGate() }
        case .halt: halt()
        case .foreign: if venue.placeForeign() { figures.foreign += 1 }
        case .restart: restart()
        case .settle: settle()
        case .final: final()
        }
    }

    private mutating func market() {
        countTimeouts()
        venue.core.tick(now: now.milliseconds)
        checkTimer()
        for pair in venue.candles.keys.sorted() {
            guard let book = venue.book(pair) else { continue }
            input { $0.book(pair, bids: book.bids, asks: book.asks, now: $1) }
        }
    }

    // MARK: - The gate

    mutating func set(_ mode: GateMode) {
        guard !isHealed || mode == .active || mode == .halted else { return }
        if mode != .halted {
            if awaitsCanceled { figures.unansweredHalts += 1 }
            (haltedSince, awaitsCanceled) = (nil, false)
        }
        gate = mode
        if asksPermit { after(random.below(1500), .hearGate(epoch: epoch)) } else { feedGate() }
    }

    mutating func feedGate() {
        guard instance != nil else { return }
        let mode = plant == .ignoresGate ? .active : gate
        fedGate = mode
        input { $0.gate(mode, now: $1) }
    }

    private mutating func halt() {
        gate = .halted
        haltedSince = now
        feedGate()
        awaitsCanceled = true
        input { $0.cancelOrders(now: $1) }
    }

    /// From here on nothing goes wrong any more.
    private mutating func settle() {
        venue.core.venue.faults.removeAll()
        set(.active)
        if instance == nil { after(0, .restart) }
        if session == nil { after(0, .connect(connection: connection)) }
    }

    /// Half of the jobs are stopped, the others halted and then stopped.
    private mutating func final() {
        guard instance != nil else { return after(1000, .final) }
        if setup.endsHalted { halt() }
        isStopped = true
        input { $0.stop(now: $1) }
    }
}
