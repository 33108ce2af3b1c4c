package import AlertChannels
package import Alerts
package import Connectors
package import Coordination
internal import Dispatch
internal import Execution
package import Fleet
internal import FleetProtocol
internal import LiveGates
package import Logging
package import Strategies
internal import Synchronization
package import Venues

/// Runs live jobs in a worker: gathers what the list of live trading asks for, refuses where one thing is missing, and waits on the executor's
/// thread while the session is at work.
package final class LiveJobRunner: UnitRunner {
    /// Makes the session of a job whose every gate was passed.
    package typealias MakeSession = @Sendable (LiveParts) throws(JobFault) -> any LiveJobSession

    /// Makes the last question before a request's bytes are written, out of what answers it.
    package typealias MakePermit = @Sendable (_ ask: @escaping @Sendable () -> LivePermit) -> TradingClient.Permit

    /// What a worker brings along, all of it from its own machine.
    package struct Worker: Sendable {
        package var name: String
        package var home: Home
        package var registry: StrategyRegistry
        package var venues: VenueFolders
        /// The process's own.
        package var environment: [String: String]
        /// `live.enabled` of the role file.
        package var isLiveEnabled: Bool
        /// Of this program, for venues.
        package var version: String
        package var trading: TradingGuard
        package var wallClock: @Sendable () -> Int64
        /// How long a job waits for the order gate before it is given back.
        package var gatePatience: Duration = .seconds(30)
        /// Who hears of failures, stops and what a job says of its account; nil: only the log.
        package var alerts: AlertSender?
        package var recovery = RecoveryTable()
        /// How long it waits for its part of the fleet's limits: a coordinator that was just started allots nothing for 66 s.
        package var budgetPatience: Duration = .seconds(120)

        package init(
            name: String, home: Home, registry: StrategyRegistry, venues: VenueFolders, environment: [String: String],
            isLiveEnabled: Bool, version: String, trading: TradingGuard, wallClock: @escaping @Sendable () -> Int64
        ) {
            self.name = name
            self.home = home
            self.registry = registry
            self.venues = venues
            self.environment = environment
            self.isLiveEnabled = isLiveEnabled
            self.version = version
            self.trading = trading
            self.wallClock = wallClock
        }
    }

    private let worker: Worker
    private let makePermit: MakePermit
    private let makeSession: MakeSession
    private let log: Logger
    private let executable: [UInt8]

    /// - Parameter makePermit: asked beside the runner's own, which lets nothing but cancels out of a halted gate.
    package init(
        _ worker: Worker, log: Logger, makePermit: @escaping MakePermit = { _ in { _, _ in nil } },
        makeSession: @escaping MakeSession
    ) throws(FleetError) {
        self.worker = worker
        self.makePermit = makePermit
        self.makeSession = makeSession
        self.log = log
        executable = try OwnExecutable.hash()
    }

    package func run(_ assignment: Assignment, payload: [UInt8], control: UnitControl) -> (UnitOutcome, [UInt8]) {
        var log = log
        log[metadataKey: "job"] = "\(assignment.grant.unit.job)"
        do throws(JobFault) {
            let specification = try JobSpecification.checked(
                payload, address: assignment.address, kinds: [JobKind.liveKind], runs: "live jobs of the native engine",
                executable: executable)
            let start = LiveStart(worker, specification, assignment, control, log)
            let end = wait { [makePermit, makeSession] in await start.run(makePermit, makeSession) }
            return outcome(of: end, assignment, log)
        } catch {
            log.error("the live job does not start", metadata: ["cause": "\(error)"])
            tell(error.failure, assignment)
            return (.failed(error.failure), [])
        }
    }

    /// Whether it is begun again is the coordinator's to say; what the job itself has wrong is final.
    private func tell(_ failure: UnitFailure, _ assignment: Assignment) {
        let recovery = worker.recovery
        let earlier = FailureClass(failure.code) == .configuration ? recovery.reloads : max(assignment.attempt - 1, 0)
        worker.alerts?.failed(failure, job: assignment.grant.unit.job, table: recovery, earlier: earlier)
    }

    /// The executor's thread has nothing else to do: it waits for the one task in which the session runs.
    private func wait(for body: @escaping @Sendable () async -> LiveJobEnd) -> LiveJobEnd {
        let done = DispatchSemaphore(value: 0)
        let box = EndBox()
        Task.detached {
            let end = await body()
            box.end.withLock { $0 = end }
            done.signal()
        }
        done.wait()
        return box.end.withLock { $0 }
    }

    private final class EndBox: Sendable {
        let end = Mutex<LiveJobEnd>(.canceled)
    }

    private func outcome(of end: LiveJobEnd, _ assignment: Assignment, _ log: Logger) -> (UnitOutcome, [UInt8]) {
        switch end {
        case .stopped(let summary):
            log.notice("the live job ends", metadata: ["summary": "\(String(decoding: summary, as: UTF8.self))"])
            return (.canceled, summary)
        case .failed(let fault):
            log.error("the live job cannot go on", metadata: ["cause": "\(fault)"])
            tell(fault.failure, assignment)
            return (.failed(fault.failure), [])
        case .canceled: return (.canceled, [])
        }
    }
}

extension JobKind {
    /// A live job's kind in its specification.
    static let liveKind = "live"
}
