import Configuration
import Connectors
import Coordination
import Exchange
import Execution
import Fleet
import Foundation
import Halt
import LiveGates
import LiveJob
import Market
import Money
import Orders
import Risk
import Synchronization
import Testing
import TradingJournal
import TradingLoop
import Venues

@testable import TradingJobs

/// Live sessions of one job, one after the other, on a paper venue.
final class LiveRig: Sendable {
    let venue: PaperVenue
    let folder: TemporaryFolder
    let keeper = Keeper()
    let log = RecordingLog()
    /// What the permit says; active: with a lease of a second from now on.
    let gate = Mutex(GateMode.active)
    /// A lease that nobody renews any more, and from when on.
    let heldLease = Mutex<BootInstant?>(nil)
    /// The account's part of the fleet's limits.
    let budget = Mutex(BudgetRule.policyOnly)
    let acknowledged = Mutex<[AckStage]>([])
    let alarms = Mutex<[String]>([])
    let progress = EventChannel<UInt64>(capacity: 10_000)
    let strategy: String
    let more: String
    /// Of the job's holder: rises with each grant.
    let token = Mutex<UInt32>(1)
    /// The venue's dead-man timer.
    let deadMan: DeadManSettings?

    init(_ venue: PaperVenue, strategy: String = "Flicker", _ more: String = Sample.market, deadMan: DeadManSettings? = nil)
        throws
    {
        self.venue = venue
        self.strategy = strategy
        self.more = more
        self.deadMan = deadMan
        folder = try TemporaryFolder()
    }

    var journalPath: String { folder.path + "/job.sqlite" }

    static func boot() -> BootInstant {
        BootInstant(nanoseconds: Int64(clamping: DispatchTime.now().uptimeNanoseconds))
    }

    private var permit: AccountPermit {
        let now = Self.boot()
        let mode = gate.withLock { $0 }
        let lease = heldLease.withLock { $0 } ?? now + BootDuration.milliseconds(1000)
        let gate = OrderGate(
            activeUntil: mode == .active ? lease : .never, reducingUntil: mode == .halted ? .never : .distantFuture)
        return AccountPermit(now: now, gate: gate, leaseEnd: lease)
    }

    func session(_ connectors: ConnectorFactory) throws -> LiveSession {
        let token = token.withLock { $0 }
        let configuration = try Sample.configuration(
            exchange: venue.name, pair: venue.pair.description, strategy: strategy,
            more
                + ", \"risk\": {\"max_position_risk\": 0.5, \"max_consecutive_losses\": 1000, \"max_drawdown\": 0.9, \"max_daily_loss\": 0.9, "
                + "\"max_volatility_ratio\": 1000}")
        var plan = try LivePlan(
            configuration, registry: try Sample.registry(), identity: OrderIdentity(owner: 7, job: 1, token: token),
            account: "main")
        plan.policy.maxOrdersPerMinute = 1000
        plan.live.deadMan = deadMan
        plan.job.usualFees = VenueFees(connectors.file.protocolName)
        let market = connectors.market()
        let trading = try connectors.trading(
            market, credentials: Credentials(key: PaperVenue.key, secret: PaperVenue.secret),
            permit: LivePermission.permit { [self] in permit })
        var settings = LiveSession.Settings()
        settings.job.firstPause = .milliseconds(100)
        settings.job.longestPause = .milliseconds(200)
        var links = LiveSession.Links { [self] in permit }
        links.budget = { [self] in budget.withLock { $0 } }
        links.hasCoordinator = true
        links.written = { [keeper] in keeper.written($0) }
        links.records = { [keeper] in keeper.records($0, $1) }
        links.progress = { [progress] closed, _ in _ = progress.push(closed) }
        links.exchangeRead = { [self] stage in acknowledged.withLock { $0.append(stage) } }
        links.alarm = { [self] text in alarms.withLock { $0.append(text) } }
        let executor = try SimulatedExecutor(configuration, mode: "dry-run", log: log.logger, wallClock: { 0 })
        return LiveSession(
            plan, executor: executor, market: market, trading: trading, journalPath: journalPath, holder: "test",
            settings: settings, links: links, log: log.logger)
    }

    /// Runs a session beside `body` and answers how it ended; `body` has to see to that.
    func run(_ body: @escaping @Sendable (LiveSession) async throws -> Void) async throws -> LiveSession.End {
        let connectors = try venue.connectors()
        let session = try session(connectors)
        keeper.connect { session.signal($0) }
        let end = try await withThrowingTaskGroup(of: LiveSession.End?.self) { group in
            group.addTask { await session.run() }
            group.addTask {
                try await body(session)
                return nil
            }
            while let end = try await group.next() {
                guard let end else { continue }
                group.cancelAll()
                return end
            }
            throw CancellationError()
        }
        await connectors.shutdown()
        return end
    }

    /// Runs a session as a process that dies: its task is canceled when `body` returns.
    func runUntilDeath(_ body: @escaping @Sendable (LiveSession) async throws -> Void) async throws {
        let connectors = try venue.connectors()
        let session = try session(connectors)
        keeper.connect { session.signal($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = await session.run() }
            try await body(session)
            group.cancelAll()
        }
        await connectors.shutdown()
    }

    /// Waits until so many trades are closed.
    func closed(_ count: UInt64) async throws { while try await turn() < count {} }

    /// Waits until progress is told again: how many trades are closed.
    @discardableResult func turn() async throws -> UInt64 {
        let closed = await progress.next()
        return try #require(closed, "the session ended")
    }

    func journal() throws -> [[UInt8]] { try OrderJournalReader.records(journalPath) }

    /// The venue's money and orders are those of the journal, to the last digit.
    func expectVenueAgrees() async throws {
        let books = try TradingBooks(journal())
        let account = try await venue.account()
        let profit = try ProfitBook(books.orders.orders.values)
        var expected = [venue.pair.quote: Amount("1000") ?? .zero, venue.pair.base: Amount.zero]
        for (pair, position) in profit.pairs {
            expected[pair.quote] = expected[pair.quote]?.adding(position.cash)
            expected[pair.base] = expected[pair.base]?.adding(position.held)
        }
        for (asset, amount) in expected { #expect(account.totals[asset] == amount, "\(asset)") }
        let fills = books.orders.orders.values.reduce(0) { $0 + $1.fills.count }
        #expect(account.fills == Int64(fills))
        let working = books.orders.orders.values.filter { !$0.status.isFinal }.map(\.clientOrderID.text)
        #expect(account.open.sorted() == working.sorted())
    }
}

extension TradingBooks {
    init(_ records: [[UInt8]]) throws {
        self.init(keepsCandles: true)
        for record in records { try take(record) }
    }
}
