import AlertChannels
import Alerts
import Configuration
import Coordination
import Exchange
import FleetProtocol
import Foundation
import Halt
import Logging
import Market
import Synchronization
import Testing
import TradingJournal
import Venues

@testable import Fleet
@testable import TradingJobs

@Suite(.serialized, .timeLimit(.minutes(5))) struct RunnerTests {
    private let folder: TemporaryFolder
    private let home: Home

    init() throws {
        folder = try TemporaryFolder()
        try Home.makeFolders(at: folder.path)
        home = try Home.describe(at: folder.path, fleet: "test", created: "now")
    }

    private func runner(
        _ log: RecordingLog, _ trading: TradingGuard = TradingGuard(), alerts: Logger? = nil
    ) throws -> TradingJobRunner {
        var recovery = RecoveryTable()
        recovery.firstPause = 0
        return try TradingJobRunner(
            worker: "dry-worker-1", home: home, registry: try Sample.registry(),
            venues: VenueFolders(flag: nil, environment: [:], home: folder.path), version: "test", trading: trading,
            alerts: alerts.map(Self.sender), recovery: recovery, log: log.logger,
            wallClock: { Int64(Date.now.timeIntervalSince1970 * 1000) })
    }

    private static func sender(_ log: Logger) -> AlertSender {
        AlertSender(AlertConfiguration(), source: "dry-worker-1", client: nil, log: log, wallClock: { 0 })
    }

    /// A job as it is submitted.
    private func job(
        kind: String = "dry-run", engine: String = "native", _ configuration: EffectiveConfiguration, records: UInt64 = 0
    ) throws -> (Assignment, [UInt8]) {
        let specification = JobSpecification(
            kind: kind, engine: engine, configuration: configuration.canonicalBytes, dataFolder: "", dataFiles: [],
            executable: try OwnExecutable.hash(), submission: [UInt8](repeating: 7, count: 16))
        let address = try #require(JobAddress(bytes: SHA256Digest.of(specification.addressedBytes())))
        let grant = Grant(unit: UnitID(job: JobID(5), index: 0), token: FencingToken(incarnation: 1, counter: 1))
        let assignment = Assignment(
            grant: grant, attempt: 1, kind: .dryRun, address: address, combinations: 0..<1, lease: .seconds(10),
            recordCount: records)
        return (assignment, specification.encoded())
    }

    private func failure(
        _ outcome: (UnitOutcome, [UInt8]), _ code: FailureCode, _ parts: String...
    ) {
        guard case .failed(let failure) = outcome.0 else {
            Issue.record("\(outcome.0)")
            return
        }
        #expect(failure.code == code, "\(failure)")
        for part in parts { #expect(failure.message.contains(part), "\(failure.message)") }
    }

    @Test func `what is no dry-run, or not what was submitted, is refused in words`() throws {
        let runner = try runner(RecordingLog())
        let control = UnitControl(report: { _ in })
        let (assignment, payload) = try job(try Sample.configuration())
        var changed = assignment
        changed.address = JobAddress(Digest256(words: (1, 2, 3, 4)))
        failure(runner.run(changed, payload: payload, control: control), .addressMismatch, "digest")
        failure(runner.run(assignment, payload: [1, 2, 3], control: control), .addressMismatch, "cannot be read")
        let backtest = try job(kind: "backtest", try Sample.configuration())
        failure(runner.run(backtest.0, payload: backtest.1, control: control), .badConfiguration, "dry-runs", "backtest/native")
        let foreign = try job(engine: "freqtrade", try Sample.configuration())
        failure(runner.run(foreign.0, payload: foreign.1, control: control), .badConfiguration, "dry-run/freqtrade")
        let nowhere = try job(try Sample.configuration(exchange: "paper-nowhere"))
        failure(runner.run(nowhere.0, payload: nowhere.1, control: control), .badConfiguration, "paper-nowhere.yaml", "venues")
    }

    @Test func `every failure is an alert by the recovery table, and a venue file is read again before the job is given up`()
        throws
    {
        let log = RecordingLog()
        let runner = try runner(RecordingLog(), alerts: log.logger)
        let control = UnitControl(report: { _ in })
        let nowhere = try job(try Sample.configuration(exchange: "paper-nowhere"))
        failure(runner.run(nowhere.0, payload: nowhere.1, control: control), .badConfiguration, "paper-nowhere.yaml")
        var changed = nowhere.0
        changed.address = JobAddress(Digest256(words: (1, 2, 3, 4)))
        failure(runner.run(changed, payload: nowhere.1, control: control), .addressMismatch, "digest")
        #expect(log.all.count == 3, "\(log.all)")
        #expect(
            log.all[0].hasPrefix("warning alert: exchange.name is paper-nowhere") && log.all[0].contains("kind=configuration"))
        #expect(log.all[1].hasPrefix("error alert: ") && log.all[1].contains("given up") && log.all[1].contains("job=5"))
        #expect(log.all[2].hasPrefix("critical alert: ") && log.all[2].contains("kind=safety_violation"))
    }

    @Test func `a stop that reaches a job is an alert; a gate that is as it was is none`() {
        let log = RecordingLog()
        let trading = TradingGuard()
        let watch = HaltWatch(Self.sender(log.logger), trading, job: "5")
        watch.take(.gate)
        #expect(log.all.isEmpty)
        trading.set(OrderGate(activeUntil: .distantFuture, reducingUntil: .distantFuture))
        watch.take(.gate)
        trading.set(OrderGate(activeUntil: .never, reducingUntil: .distantFuture))
        watch.take(.gate)
        watch.take(.gate)
        trading.set(.halted)
        watch.take(.gate)
        #expect(log.all.map { $0.prefix(14) } == ["warning alert:", "error alert: t"], "\(log.all)")
        watch.take(.cancelOrders(.flatten))
        #expect(log.all.count == 3 && log.all[2].hasPrefix("error alert: a stop with action 'flatten' reached the worker"))
    }

    @Test
    func
        `a dry-run trades in its worker, once its venue file is right, until it is told to stop, and leaves its journal in the home`()
        async throws
    {
        try await PaperVenue.run("binance") { venue in
            // The venue's file is put right only when its fault was told.
            let (folder, path) = (folder.path + "/venues", folder.path + "/venues/\(venue.name).yaml")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try "protocol: nonsense\n".write(toFile: path, atomically: true, encoding: .utf8)
            let told = Logger(label: "test") { _ in
                HookHandler { line in
                    guard line.contains("alert: exchange.name") else { return }
                    try? venue.text.write(toFile: path, atomically: true, encoding: .utf8)
                }
            }
            let trading = TradingGuard()
            let log = RecordingLog()
            let runner = try runner(log, trading, alerts: told)
            let subjects = Mutex<[HaltSubject]>([])
            trading.connect { report in
                if case .subject(let subject) = report { subjects.withLock { $0.append(subject) } }
            }
            trading.set(OrderGate(activeUntil: .distantFuture, reducingUntil: .distantFuture))
            let (assignment, payload) = try job(try Sample.configuration(exchange: venue.name, Sample.market))
            let worker = WorkerDouble()
            let outcome = await withCheckedContinuation { continuation in
                Thread { continuation.resume(returning: runner.run(assignment, payload: payload, control: worker.control)) }
                    .start()
            }
            #expect(outcome.0 == .canceled, "\(outcome.0), \(log.all.suffix(3))")
            let records = try OrderJournalReader.records(self.folder.path + "/trading/5.sqlite")
            #expect(records == worker.store && !records.isEmpty)
            var books = TradingBooks(keepsCandles: true)
            for record in records { try books.take(record) }
            #expect(books.closedTrades.count >= 2)
            // The records alone are enough to replay the job.
            #expect(!books.instruments.isEmpty && Set(books.instruments.keys) == Set(books.histories.keys))
            for (pair, history) in books.histories {
                let first = try #require(books.candles.first { $0.pair == pair }).candle.time
                let times = history.map(\.time)
                #expect(times.count > 1 && zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
                #expect(times.last.map { $0 < first } == true)
            }
            // On a machine that never saw the job it goes on from what the coordinator has.
            let former = worker.store
            try FileManager.default.removeItem(atPath: self.folder.path + "/trading")
            worker.stop(after: UInt64(books.closedTrades.count) + 1)
            let (again, sameBytes) = try job(
                try Sample.configuration(exchange: venue.name, Sample.market), records: UInt64(former.count))
            let second = await withCheckedContinuation { continuation in
                Thread { continuation.resume(returning: runner.run(again, payload: sameBytes, control: worker.control)) }.start()
            }
            #expect(second.0 == .canceled, "\(second.0), \(log.all.suffix(3))")
            let newer = try OrderJournalReader.records(self.folder.path + "/trading/5.sqlite")
            #expect(newer == worker.store && newer.starts(with: former) && newer.count > former.count)
            #expect(log.all.contains { $0.contains("the journal lacks records") && $0.contains("has=0 kept=\(former.count)") })
            #expect(subjects.withLock { $0.first?.strategy } == .named("Flicker"))
            #expect(subjects.withLock { $0.first?.job } == .named("5") && subjects.withLock { $0.last } == .idle)
        }
    }
}

/// The worker of a running job, with a coordinator that keeps everything; asks the job to stop after two trades.
private final class WorkerDouble: Sendable {
    private struct State {
        var store: [[UInt8]] = []
        var written: UInt64 = 0
        var control: UnitControl?
        /// After so many closed trades it is asked to stop.
        var wanted: UInt64 = 2
    }

    private let state = Mutex(State())

    var store: [[UInt8]] { state.withLock { $0.store } }

    func stop(after trades: UInt64) { state.withLock { $0.wanted = trades } }

    var control: UnitControl {
        let control = UnitControl(
            report: { [self] progress in
                if progress.done >= state.withLock({ $0.wanted }) { state.withLock { $0.control }?.stop() }
            },
            records: { [self] first, records in
                state.withLock { state in
                    guard first == UInt64(state.store.count) + 1 else { return }
                    state.store += records
                }
                ask()
            },
            written: { [self] count in
                state.withLock { $0.written = count }
                ask()
            },
            wanted: { [self] first in
                let (control, page) = state.withLock {
                    ($0.control, Array($0.store.dropFirst(Int(clamping: first) - 1).prefix(7)))
                }
                control?.storedRecords(from: first, page)
            })
        state.withLock { $0.control = control }
        return control
    }

    private func ask() {
        let (control, kept, written) = state.withLock { ($0.control, UInt64($0.store.count), $0.written) }
        control?.recordsKept(upTo: kept)
        if kept < written { control?.sendRecords(from: kept + 1) }
    }
}

/// Calls a closure with each line.
private struct HookHandler: LogHandler {
    let hook: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(_ hook: @escaping @Sendable (String) -> Void) { self.hook = hook }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { hook("\(event.message)") }
}
