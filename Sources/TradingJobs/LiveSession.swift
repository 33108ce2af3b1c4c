package import Connectors
internal import Exchange
package import Fleet
package import Halt
internal import LiveJob
package import Logging
internal import Market
internal import OrderJournal
internal import Orders
package import Risk
internal import Synchronization
internal import TradingLoop

/// A live job at a venue: owns the loop, its orders, the journal and the account's stream for as long as `run` runs.
///
/// Every batch of inputs is committed to the journal before anything of it is sent (`LiveEngine.settle`). A session whose task is
/// canceled ends like a process that died: the next one goes on from the journal and reads the venue before anything new.
package final class LiveSession: Sendable {
    package struct Settings: Sendable {
        package var job = JobSettings()
        package var stream = AccountStream.Settings()

        package init() {}
    }

    /// What the session tells, and asks, its surroundings. All of them return at once.
    package struct Links: Sendable {
        /// The gate and the leases at this instant; asked with every batch of inputs, and again before every order (`LivePermission.permit`).
        package var permit: @Sendable () -> AccountPermit
        /// The account's share of the fleet's limits.
        package var budget: @Sendable () -> BudgetRule = { .policyOnly }
        /// Whether there is somebody who keeps the records; nothing begins before it has said how many it has.
        package var hasCoordinator = false
        /// The journal has so many records now.
        package var written: @Sendable (UInt64) -> Void = { _ in }
        /// The answer to `UnitSignal.sendRecords`.
        package var records: @Sendable (UInt64, [[UInt8]]) -> Void = { _, _ in }
        /// Closed trades, and all trades.
        package var progress: @Sendable (UInt64, UInt64) -> Void = { _, _ in }
        /// The answer to `TradingGuard.Order.cancelOrders`.
        package var exchangeRead: @Sendable (AckStage) -> Void = { _ in }
        /// Somebody has to look.
        package var alarm: @Sendable (String) -> Void = { _ in }

        package init(permit: @escaping @Sendable () -> AccountPermit) { self.permit = permit }
    }

    /// How a session came to its end.
    package enum End: Sendable {
        case stopped(LiveSummary)
        case failed(JobFault, LiveSummary?)
        /// Its task was canceled.
        case canceled
    }

    enum Input: Sendable {
        case market(MarketFeed.Event)
        case account(AccountUpdate)
        case answer(LiveAnswer)
        /// The timer that was set to this uptime; nil: the first one.
        case tick(Duration?)
        /// Something is in `orders`.
        case orders

        func isTick(of timer: Duration?) -> Bool { if case .tick(let end) = self { end == timer } else { false } }
    }

    private enum Order: Sendable {
        case signal(UnitSignal)
        case guarding(TradingGuard.Order)
    }

    /// Inputs that are committed together at most.
    private static let batchSize = 64

    private let plan: LivePlan
    private let executor: any TradingExecutor
    private let market: MarketDataClient
    private let trading: TradingClient
    private let journalPath: String
    private let holder: String
    private let settings: Settings
    private let links: Links
    private let log: Logger
    private let inputs: EventChannel<Input>
    private let orders = Mutex<[Order]>([])

    /// - Parameters:
    ///   - trading: made with `LivePermission.permit`, of the same links.
    ///   - journalPath: the job's journal; its folder is there.
    ///   - holder: who says to have it when another session wants it.
    package init(
        _ plan: LivePlan, executor: any TradingExecutor, market: MarketDataClient, trading: TradingClient, journalPath: String,
        holder: String, settings: Settings = Settings(), links: Links, log: Logger
    ) {
        var (plan, settings) = (plan, settings)
        plan.live.orders.backendTimeout = trading.venue.backendTimeout
        if !trading.hasAccountTimer { plan.live.deadMan = nil }
        plan.live.pace(market.clock.pace)
        plan.policy.pace(market.clock.pace)
        // The strategy always sees as many candles as a start brings: at the start, after months and after a restart.
        plan.job.settings.candleLimit = plan.job.historyCount(candleLimit: market.venue.candleLimit)
        settings.job = settings.job.paced(market.clock.pace)
        self.plan = plan
        self.executor = executor
        self.market = market
        self.trading = trading
        self.journalPath = journalPath
        self.holder = holder
        self.settings = settings
        self.links = links
        self.log = log
        inputs = EventChannel(capacity: settings.job.inputs)
    }

    // MARK: - From other threads

    /// What the worker asks for; returns at once.
    package func signal(_ signal: UnitSignal) { post(.signal(signal)) }

    /// What the worker's guard tells; returns at once.
    package func order(_ order: TradingGuard.Order) { post(.guarding(order)) }

    private func post(_ order: Order) {
        orders.withLock { $0.append(order) }
        // Where the channel is full, orders are taken with what is in it.
        _ = inputs.push(.orders)
    }

    // MARK: - Running

    /// Runs until it was asked to stop, or cannot go on.
    package func run() async -> End {
        await withDiscardingTaskGroup(returning: End.self) { group in
            var engine: LiveEngine
            do throws(JobFault) { engine = try makeEngine() } catch { return .failed(error, nil) }
            let wanted = EventChannel<Pair>(capacity: max(plan.job.pairs.count, 1))
            let feed = MarketFeed(
                client: market, plan: plan.job, settings: settings.job, wanted: wanted,
                send: { [inputs] in _ = await inputs.send(.market($0)) })
            group.addTask { await feed.run() }
            links.written(engine.records.count)
            var armed: Duration?
            await turn(&engine, [.tick(nil)], wanted, &group)
            while !engine.isOver, !Task.isCancelled {
                arm(&engine, &armed, &group)
                guard let batch = await nextBatch() else { break }
                if batch.contains(where: { $0.isTick(of: armed) }) { armed = nil }
                await turn(&engine, batch, wanted, &group)
            }
            let end = engine.result
            engine.records.close(log)
            inputs.finish()
            wanted.finish()
            group.cancelAll()
            return end
        }
    }

    /// The inputs that are there, at least one; nil where the task was canceled.
    private func nextBatch() async -> [Input]? {
        guard let first = await inputs.next() else { return nil }
        var batch = [first]
        while batch.count < Self.batchSize, inputs.count > 0, let next = await inputs.next() { batch.append(next) }
        return batch
    }

    private func turn(
        _ engine: inout LiveEngine, _ batch: [Input], _ wanted: EventChannel<Pair>, _ group: inout DiscardingTaskGroup
    ) async {
        defer { engine.tell() }
        engine.begin(market.gate.venueNow(), pace: market.clock.pace)
        for input in batch {
            switch input {
            case .market(let event): engine.take(event)
            case .account(let update): engine.take(update)
            case .answer(let answer): engine.take(answer)
            case .tick: engine.tick()
            case .orders: break
            }
        }
        for order in takeOrders() {
            switch order {
            case .signal(let signal): engine.take(signal)
            // The gate was read when the batch began.
            case .guarding(.gate): break
            case .guarding(.cancelOrders(let action)): engine.cancelOrders(action)
            }
        }
        // From here on it is on disk, and may be sent.
        guard engine.settle() else { return }
        let desk = VenueDesk(
            trading: trading, instruments: engine.market.instruments, pace: market.clock.pace, permit: links.permit,
            send: { [inputs] in _ = await inputs.send(.answer($0)) })
        for directive in engine.takeDirectives() {
            desk.expect(directive)
            group.addTask { await desk.carryOut(directive) }
        }
        if let instruments = engine.takeStreamStart() { listen(instruments, from: engine.now, &group) }
        // Each pair is asked for once at a time, so that there is room.
        for pair in engine.market.takeWanted() { _ = wanted.push(pair) }
        await desk.handover.wait()
    }

    /// The account's own stream. What happened before is read by the job itself.
    private func listen(_ instruments: [TradedInstrument], from time: Timestamp, _ group: inout DiscardingTaskGroup) {
        let stream = AccountStream(
            trading, instruments: instruments, since: AccountStream.Cursor(from: time), settings: settings.stream)
        group.addTask { await stream.run() }
        group.addTask { [inputs] in
            while let update = await stream.updates.next() { _ = await inputs.send(.account(update)) }
        }
    }

    private func takeOrders() -> [Order] {
        orders.withLock { orders in
            defer { orders = [] }
            return orders
        }
    }

    /// A timer for the next tick, unless one ends no later.
    private func arm(_ engine: inout LiveEngine, _ armed: inout Duration?, _ group: inout DiscardingTaskGroup) {
        guard let wake = engine.takeWake() else { return }
        let wait = Duration.milliseconds(max(wake.milliseconds - engine.now.milliseconds, 0))
        let deadline = market.clock.now().uptime + wait
        guard armed.map({ deadline < $0 }) ?? true else { return }
        armed = deadline
        group.addTask { [clock = market.clock, inputs] in
            await clock.sleep(until: deadline)
            _ = await inputs.send(.tick(deadline))
        }
    }

    private func makeEngine() throws(JobFault) -> LiveEngine {
        var executor = executor
        executor.begin()
        let journal: OrderJournal
        do throws(OrderJournalError) {
            journal = try OrderJournal(path: journalPath, holder: holder)
        } catch { throw JobFault(error) }
        return try LiveEngine(
            plan: plan, executor: executor, journal: journal, settings: settings.job, links: links, log: log)
    }
}

extension LiveInstance.Settings {
    /// With the machine's times in those of a clock of this pace.
    mutating func pace(_ pace: Double) {
        guard pace != 1 else { return }
        for path in [
            \Self.entryLifetime, \.exitLifetime, \.cancelPatience, \.stopPatience, \.orders.backendTimeout, \.orders.clockMargin,
            \.orders.firstWait, \.orders.longestWait, \.orders.cancelConfirmation, \.orders.answerTimeout, \.orders.fillGrace,
            \.orders.reconcileEvery, \.orders.reconcileRetry, \.orders.longestReconcileRetry,
        ] as [WritableKeyPath<Self, Duration>] {
            self[keyPath: path] = self[keyPath: path] * pace
        }
        deadMan = deadMan?.paced(pace)
    }
}

extension RiskPolicy {
    /// The same: the account is read as often as the machine asks, however fast the venue's time goes.
    mutating func pace(_ pace: Double) {
        guard pace != 1 else { return }
        maxEquityAge = Int64(exactly: (Double(maxEquityAge) * pace).rounded()) ?? .max
    }
}
