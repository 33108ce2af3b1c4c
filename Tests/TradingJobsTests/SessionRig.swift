import Configuration
import Connectors
import Coordination
import Exchange
import Execution
import Fleet
import Market
import Orders
import Synchronization
import Testing
import TradingJournal
import TradingLoop
import Venues

@testable import TradingJobs

/// The store of a coordinator that keeps the records of one job.
final class Keeper: Sendable {
    struct State {
        var store: [[UInt8]] = []
        var written: UInt64 = 0
        var claim: UInt64 = 0
        var session: (@Sendable (UnitSignal) -> Void)?
    }

    let state = Mutex(State())
    /// Where set, no answer comes.
    let isAway = Atomic<Bool>(false)

    var store: [[UInt8]] { state.withLock { $0.store } }

    func books() throws -> TradingBooks {
        var books = TradingBooks(keepsCandles: true)
        for record in store { try books.take(record) }
        return books
    }

    /// The newest records never reached it.
    func lose(_ count: Int) { state.withLock { $0.store.removeLast(min(count, $0.store.count)) } }

    /// As the coordinator answers a worker that lacks records, a few at a time.
    func page(from first: UInt64) -> [[UInt8]] { Array(store.dropFirst(Int(clamping: first) - 1).prefix(50)) }

    /// Says to have so many records more than it was given.
    func claim(_ count: UInt64) { state.withLock { $0.claim = count } }

    func connect(_ session: DryRunSession) { connect { session.signal($0) } }
    func connect(_ session: @escaping @Sendable (UnitSignal) -> Void) { state.withLock { $0.session = session } }

    func written(_ count: UInt64) {
        state.withLock { $0.written = count }
        next()
    }

    func records(_ first: UInt64, _ records: [[UInt8]]) {
        state.withLock { state in
            let count = UInt64(state.store.count)
            guard first <= count + 1, first + UInt64(records.count) > count + 1 else { return }
            state.store += records.dropFirst(Int(count + 1 - first))
        }
        next()
    }

    private func next() {
        guard !isAway.load(ordering: .relaxed) else { return }
        let (session, kept, isComplete) = state.withLock { state in
            let count = UInt64(state.store.count)
            return (state.session, count + state.claim, count >= state.written)
        }
        session?(.recordsKept(upTo: kept))
        if !isComplete { session?(.sendRecords(from: kept + 1)) }
    }
}

/// Sessions of one job, one after the other, on a paper venue.
final class SessionRig: Sendable {
    let venue: PaperVenue
    let folder: TemporaryFolder
    let keeper = Keeper()
    let log = RecordingLog()
    let gate = Mutex(GateMode.active)
    let acknowledged = Mutex<[String]>([])
    /// How many trades were closed, each time that this was told.
    let progress = EventChannel<UInt64>(capacity: 10_000)
    let strategy: String
    let more: String

    init(_ venue: PaperVenue, strategy: String = "Flicker", _ more: String = Sample.market) throws {
        self.venue = venue
        self.strategy = strategy
        self.more = more
        folder = try TemporaryFolder()
    }

    var journalPath: String { folder.path + "/job.sqlite" }

    func session(_ connectors: ConnectorFactory, holder: String = "test") throws -> DryRunSession {
        let configuration = try Sample.configuration(
            exchange: venue.name, pair: venue.pair.description, strategy: strategy, more)
        var plan = try DryRunPlan(configuration, registry: try Sample.registry())
        plan.usualFees = VenueFees(connectors.file.protocolName)
        let executor = try SimulatedExecutor(configuration, mode: "dry-run", log: log.logger, wallClock: { 0 })
        var settings = DryRunSession.Settings()
        settings.firstPause = .milliseconds(100)
        settings.longestPause = .milliseconds(200)
        var links = DryRunSession.Links()
        links.hasCoordinator = true
        links.mode = { [self] in gate.withLock { $0 } }
        links.written = { [keeper] in keeper.written($0) }
        links.records = { [keeper] in keeper.records($0, $1) }
        links.progress = { [progress] closed, _ in _ = progress.push(closed) }
        links.exchangeRead = { [self] stage in acknowledged.withLock { $0.append("\(stage)") } }
        return DryRunSession(
            plan, executor: executor, client: connectors.market(), journalPath: journalPath, holder: holder, settings: settings,
            links: links, log: log.logger)
    }

    /// Runs a session beside `body` and answers how it ended; `body` has to see to that.
    func run(_ body: @escaping @Sendable (DryRunSession) async throws -> Void) async throws -> DryRunSession.End {
        let connectors = try venue.connectors()
        let session = try session(connectors)
        keeper.connect(session)
        let end = try await withThrowingTaskGroup(of: DryRunSession.End?.self) { group in
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
    func runUntilDeath(_ body: @escaping @Sendable (DryRunSession) async throws -> Void) async throws {
        let connectors = try venue.connectors()
        let session = try session(connectors)
        keeper.connect(session)
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
    func turn() async throws -> UInt64 {
        let closed = await progress.next()
        return try #require(closed, "the session ended")
    }

    /// The records of the journal, which nobody may hold.
    func journal() throws -> [[UInt8]] { try OrderJournalReader.records(journalPath) }
}
