package import AlertChannels
package import Alerts
internal import Configuration
internal import Connectors
package import Coordination
internal import Dispatch
internal import Exchange
internal import Execution
package import Fleet
internal import FleetProtocol
internal import Halt
package import Logging
internal import Market
package import Strategies
internal import Synchronization
internal import TradingLoop
package import Venues

/// Runs dry-runs in a worker: checks that the job is the one that was submitted, opens its journal, and waits on the executor's thread while
/// the session is at work.
package final class TradingJobRunner: UnitRunner {
    private let worker: String
    private let home: Home
    private let registry: StrategyRegistry
    private let venues: VenueFolders
    private let version: String
    private let trading: TradingGuard
    private let log: Logger
    private let wallClock: @Sendable () -> Int64
    private let executable: [UInt8]
    private let alerts: AlertSender?
    private let recovery: RecoveryTable

    /// - Parameters:
    ///   - worker: the worker's name.
    ///   - home: in its folder `trading` are the journals, one for each job.
    ///   - version: of this program, for venues.
    ///   - trading: shared with the worker's guard.
    ///   - alerts: who hears of failures and stops; nil: only the log.
    ///   - recovery: what is done about failures.
    package init(
        worker: String, home: Home, registry: StrategyRegistry, venues: VenueFolders, version: String, trading: TradingGuard,
        alerts: AlertSender? = nil, recovery: RecoveryTable = RecoveryTable(), log: Logger,
        wallClock: @escaping @Sendable () -> Int64
    ) throws(FleetError) {
        self.worker = worker
        self.home = home
        self.registry = registry
        self.venues = venues
        self.version = version
        self.trading = trading
        self.log = log
        self.wallClock = wallClock
        self.alerts = alerts
        self.recovery = recovery
        executable = try OwnExecutable.hash()
    }

    package func run(_ assignment: Assignment, payload: [UInt8], control: UnitControl) -> (UnitOutcome, [UInt8]) {
        let job = assignment.grant.unit.job
        var result: (UnitOutcome, [UInt8])
        do throws(JobFault) {
            result = try run(try configuration(of: payload, address: assignment.address), assignment, control)
        } catch { result = control.shouldStop ? (.canceled, []) : (.failed(error.failure), []) }
        if case .failed(let failure) = result.0 { tell(failure, job, attempt: assignment.attempt) }
        return result
    }

    /// Restarts are the coordinator's, which waits longer from attempt to attempt; what the job itself has wrong is final.
    private func tell(_ failure: UnitFailure, _ job: JobID, attempt: Int) {
        let earlier = FailureClass(failure.code) == .configuration ? recovery.reloads : max(attempt - 1, 0)
        alerts?.failed(failure, job: job, table: recovery, earlier: earlier)
    }

    // MARK: - Opening

    private func configuration(of payload: [UInt8], address: JobAddress) throws(JobFault) -> EffectiveConfiguration {
        let specification = try JobSpecification.checked(
            payload, address: address, kinds: [ExecutionMode.dryRun.rawValue], runs: "dry-runs of the native engine",
            executable: executable)
        do throws(ConfigurationError) {
            return try EffectiveConfiguration.decode(canonical: specification.configuration, registry: registry)
        } catch { throw JobFault(.badConfiguration, error.description) }
    }

    /// The job's executor, which refuses whatever is no dry-run.
    private func executor(_ configuration: EffectiveConfiguration, _ log: Logger) throws(JobFault) -> SimulatedExecutor {
        do throws(ExecutionError) {
            return try SimulatedExecutor(configuration, mode: ExecutionMode.dryRun.rawValue, log: log, wallClock: wallClock)
        } catch { throw JobFault(.badConfiguration, error.description) }
    }

    private func connectors(_ exchange: String) throws(JobFault) -> ConnectorFactory {
        do throws(VenueSetupError) {
            let file = try venues.load(exchange)
            for warning in file.warnings { log.warning("\(warning)") }
            let now = wallClock
            let clock = SystemConnectorClock { Timestamp(milliseconds: now()) }
            return try ConnectorFactory(file, version: version, clock: clock)
        } catch { throw JobFault(.badConfiguration, "exchange.name is \(exchange): \(error)") }
    }

    /// The same, read again while the venue's file is at fault: somebody may be about to correct it. What the job itself says cannot change.
    private func reloadedConnectors(_ exchange: String, _ job: JobID, _ control: UnitControl) throws(JobFault) -> ConnectorFactory
    {
        var earlier = 0
        while true {
            do throws(JobFault) { return try connectors(exchange) } catch {
                guard case .reloadAndRebuild(let pause) = recovery.step(.configuration, earlier: earlier).action else {
                    throw error
                }
                alerts?.failed(error.failure, job: job, table: recovery, earlier: earlier)
                earlier += 1
                guard (try? control.wait(for: .milliseconds(pause))) == true else { throw error }
            }
        }
    }

    private func journalPath(_ job: JobID) throws(JobFault) -> String {
        let folder = home.path + "/trading"
        do throws(FleetError) { try Files.makeFolder(folder) } catch { throw JobFault(.internalError, error.message) }
        return folder + "/\(job).sqlite"
    }

    // MARK: - Running

    private func run(
        _ configuration: EffectiveConfiguration, _ assignment: Assignment, _ control: UnitControl
    ) throws(JobFault) -> (UnitOutcome, [UInt8]) {
        let job = assignment.grant.unit.job
        var log = log
        log[metadataKey: "job"] = "\(job)"
        let executor = try executor(configuration, log)
        var plan = try DryRunPlan(configuration, registry: registry)
        let connectors = try reloadedConnectors(plan.exchange, job, control)
        plan.usualFees = VenueFees(connectors.file.protocolName)
        let path = try journalPath(job)
        let restore = RecordRestore(
            path: path, holder: "worker \(worker)", count: assignment.recordCount,
            fetch: { await control.storedRecords(from: $0) }, log: log)
        let session = DryRunSession(
            plan, executor: executor, client: connectors.market(), journalPath: path, holder: "worker \(worker)",
            links: links(control), log: log)
        control.listen { session.signal($0) }
        let subject = HaltSubject(
            exchange: .named(plan.exchange), account: .absent, strategy: .named(plan.strategyName), job: .named("\(job)"))
        let watch = HaltWatch(alerts, trading, job: "\(job)")
        trading.begin(subject) { order in
            session.order(order)
            watch.take(order)
        }
        defer { trading.end() }
        return outcome(of: wait(for: session, after: restore, connectors), log)
    }

    private func links(_ control: UnitControl) -> DryRunSession.Links {
        var links = DryRunSession.Links()
        links.mode = { [trading] in
            switch trading.mode {
            case .active: .active
            case .reducing: .reducing
            case .halted: .halted
            }
        }
        links.hasCoordinator = true
        links.written = { control.recordsWritten(upTo: $0) }
        links.records = { control.records(from: $0, $1) }
        links.progress = { control.progress(done: $0, total: $1) }
        links.exchangeRead = { [trading] in trading.exchangeRead($0) }
        return links
    }

    /// The executor's thread has nothing else to do: it waits for the one task in which the session runs.
    private func wait(for session: DryRunSession, after restore: RecordRestore, _ connectors: ConnectorFactory)
        -> DryRunSession.End
    {
        let done = DispatchSemaphore(value: 0)
        let box = EndBox()
        Task.detached(executorPreference: connectors.executor) {
            let end: DryRunSession.End
            do throws(JobFault) {
                end = try await restore.run() == .stopped ? .canceled : await session.run()
            } catch { end = .failed(error, nil) }
            await connectors.shutdown()
            box.end.withLock { $0 = end }
            done.signal()
        }
        done.wait()
        return box.end.withLock { $0 }
    }

    private final class EndBox: Sendable {
        let end = Mutex<DryRunSession.End>(.canceled)
    }

    /// What was stopped goes on elsewhere or was canceled: its result is not asked for, so that the summary goes to the log.
    private func outcome(of end: DryRunSession.End, _ log: Logger) -> (UnitOutcome, [UInt8]) {
        switch end {
        case .stopped(let summary):
            log.info("the dry-run ends", metadata: ["summary": "\(String(decoding: summary.bytes, as: UTF8.self))"])
            return (.canceled, summary.bytes)
        case .failed(let fault, _): return (.failed(fault.failure), [])
        case .canceled: return (.canceled, [])
        }
    }
}
