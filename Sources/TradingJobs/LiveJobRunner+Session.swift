internal import Connectors
internal import Coordination
package import Execution
package import Fleet
internal import LiveGates
package import Logging

extension LiveJobRunner {
    /// A runner with this program's own session.
    package convenience init(_ worker: Worker, log: Logger) throws(FleetError) {
        try self.init(worker, log: log) { ask in
            LivePermission.permit { AccountPermit(ask()) }
        } makeSession: { parts throws(JobFault) -> any LiveJobSession in try LiveRun(parts) }
    }
}

extension AccountPermit {
    init(_ permit: LivePermit) {
        self.init(
            now: permit.now, gate: permit.gate, leaseEnd: permit.leaseEnd, holder: permit.holder,
            missing: permit.missing?.description)
    }
}

/// A session with the parts that the runner gathered.
struct LiveRun: LiveJobSession {
    private let session: LiveSession

    init(_ parts: LiveParts) throws(JobFault) {
        var plan = try LivePlan(
            parts.configuration, registry: parts.registry, identity: parts.identity, account: parts.account)
        plan.job.usualFees = parts.usualFees
        let own = parts.links
        var links = LiveSession.Links { AccountPermit(own.permit()) }
        links.hasCoordinator = true
        links.written = own.written
        links.records = own.records
        links.progress = own.progress
        links.exchangeRead = own.exchangeRead
        links.alarm = own.alarm
        session = LiveSession(
            plan, executor: parts.executor, market: parts.market,
            trading: parts.trading, journalPath: parts.journalPath, holder: parts.holder, links: links, log: parts.log)
    }

    func signal(_ signal: UnitSignal) { session.signal(signal) }
    func order(_ order: TradingGuard.Order) { session.order(order) }

    func run() async -> LiveJobEnd {
        switch await session.run() {
        case .stopped(let summary): .stopped(summary: summary.bytes)
        case .failed(let fault, _): .failed(fault)
        case .canceled: .canceled
        }
    }
}

extension LiveExecutor: TradingExecutor {}
