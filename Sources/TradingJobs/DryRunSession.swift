package import Connectors
internal import Exchange
package import Execution
package import Fleet
package import Halt
package import Logging
internal import Market
internal import OrderJournal
internal import Synchronization
package import TradingLoop

/// A dry-run on a venue's market: owns the loop, the simulated venue and the journal for as long as `run` runs.
///
/// Every batch of inputs is committed to the journal before the next is taken. A session whose task is canceled ends like a process that
/// died: the next one goes on from the journal.
package final class DryRunSession: Sendable {
    package typealias Settings = JobSettings

    /// What the session tells, and asks, its surroundings. All of them return at once.
    package struct Links: Sendable {
        /// What the order gate lets through now.
        package var mode: @Sendable () -> GateMode = { .active }
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

        package init() {}
    }

    /// How a session came to its end.
    package enum End: Sendable {
        case stopped(DryRunSummary)
        case failed(JobFault, DryRunSummary?)
        /// Its task was canceled.
        case canceled
    }

    private enum Input: Sendable {
        case market(MarketFeed.Event)
        /// The timer that was set to this uptime; nil: the first one.
        case tick(Duration?)
        /// Something is in `orders`.
        case orders

        func isTick(of timer: Duration?) -> Bool { if case .tick(let end) = self { end == timer } else { false } }
    }

    /// Inputs that are committed together at most.
    private static let batchSize = 64

    private enum Order: Sendable {
        case signal(UnitSignal)
        case guarding(TradingGuard.Order)
    }

    private let plan: DryRunPlan
    private let executor: SimulatedExecutor
    private let client: MarketDataClient
    private let journalPath: String
    private let holder: String
    private let settings: Settings
    private let links: Links
    private let log: Logger
    private let inputs: EventChannel<Input>
    private let orders = Mutex<[Order]>([])

    /// - Parameters:
    ///   - journalPath: the job's journal; its folder is there.
    ///   - holder: who says to have it when another session wants it.
    package init(
        _ plan: DryRunPlan, executor: SimulatedExecutor, client: MarketDataClient, journalPath: String, holder: String,
        settings: Settings = Settings(), links: Links = Links(), log: Logger
    ) {
        var plan = plan
        // The strategy always sees as many candles as a start brings: at the start, after months and after a restart.
        plan.job.settings.candleLimit = plan.job.historyCount(candleLimit: client.venue.candleLimit)
        self.plan = plan
        self.executor = executor
        self.client = client
        self.journalPath = journalPath
        self.holder = holder
        self.settings = settings.paced(client.clock.pace)
        self.links = links
        self.log = log
        inputs = EventChannel(capacity: settings.inputs)
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
            var engine: DryRunEngine
            do throws(JobFault) { engine = try makeEngine() } catch { return .failed(error, nil) }
            let wanted = EventChannel<Pair>(capacity: max(plan.pairs.count, 1))
            let feed = MarketFeed(
                client: client, plan: plan.job, settings: settings, wanted: wanted,
                send: { [inputs] in _ = await inputs.send(.market($0)) })
            group.addTask { await feed.run() }
            links.written(engine.records.count)
            var armed: Duration?
            await turn(&engine, [.tick(nil)], wanted)
            while !engine.isOver, !Task.isCancelled {
                arm(&engine, &armed, &group)
                guard let batch = await nextBatch() else { break }
                if batch.contains(where: { $0.isTick(of: armed) }) { armed = nil }
                await turn(&engine, batch, wanted)
            }
            let end = engine.result
            engine.close()
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

    private func turn(_ engine: inout DryRunEngine, _ batch: [Input], _ wanted: EventChannel<Pair>) async {
        engine.begin(client.gate.venueNow())
        for input in batch {
            switch input {
            case .market(let event): engine.take(event)
            case .tick: engine.tick()
            case .orders: break
            }
        }
        for order in takeOrders() {
            switch order {
            case .signal(let signal): engine.take(signal)
            // The gate was read when the batch began.
            case .guarding(.gate): break
            case .guarding(.cancelOrders(let action)): engine.ordered = action
            }
        }
        engine.settle()
        // Each pair is asked for once at a time, so that there is room.
        for pair in engine.market.takeWanted() { _ = wanted.push(pair) }
    }

    private func takeOrders() -> [Order] {
        orders.withLock { orders in
            defer { orders = [] }
            return orders
        }
    }

    /// A timer for the next tick, unless one ends no later.
    private func arm(_ engine: inout DryRunEngine, _ armed: inout Duration?, _ group: inout DiscardingTaskGroup) {
        guard let wake = engine.takeWake() else { return }
        let wait = Duration.milliseconds(max(wake.milliseconds - engine.now.milliseconds, 0))
        let deadline = client.clock.now().uptime + wait
        guard armed.map({ deadline < $0 }) ?? true else { return }
        armed = deadline
        group.addTask { [clock = client.clock, inputs] in
            await clock.sleep(until: deadline)
            _ = await inputs.send(.tick(deadline))
        }
    }

    private func makeEngine() throws(JobFault) -> DryRunEngine {
        var executor = executor
        executor.begin()
        let journal: OrderJournal
        do throws(OrderJournalError) {
            journal = try OrderJournal(path: journalPath, holder: holder)
        } catch { throw JobFault(error) }
        return try DryRunEngine(plan: plan, executor: executor, journal: journal, settings: settings, links: links, log: log)
    }
}
