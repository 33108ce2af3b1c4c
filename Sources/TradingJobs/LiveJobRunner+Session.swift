internal import Connectors
internal import Coordination
internal import Execution
package import Fleet
internal import LiveGates
package import Logging
internal import Risk

extension LiveJobRunner {
    /// A runner with this program's own session, whose every request is asked about by `LivePermission`.
    package convenience init(_ worker: Worker, log: Logger) throws(FleetError) {
        try self.init(worker, log: log, makePermit: { ask in LivePermission.permit { AccountPermit(ask()) } }) {
            parts throws(JobFault) in
            try SessionOfJob(parts)
        }
    }
}

extension BudgetRule {
    /// - Parameter account: as the limits know it.
    init(_ budget: UnitBudget, account: String) {
        switch budget {
        case .none: self = .policyOnly
        case .allotted(let share):
            self = .allotted(
                share.map {
                    AccountBudget(
                        account: account, exposure: $0.exposure, openOrders: $0.openOrders, dailyLoss: $0.dailyLoss,
                        deadline: $0.deadline)
                })
        }
    }
}

extension AccountPermit {
    fileprivate init(_ permit: LivePermit) {
        self.init(
            now: permit.now, gate: permit.gate, leaseEnd: permit.leaseEnd, holder: permit.holder,
            missing: permit.missing?.description)
    }
}

/// `LiveSession` as its runner drives it.
private struct SessionOfJob: LiveJobSession {
    private let session: LiveSession

    init(_ parts: LiveParts) throws(JobFault) {
        var plan = try LivePlan(
            parts.configuration, registry: parts.registry, identity: parts.identity, account: parts.account)
        plan.job.usualFees = parts.usualFees
        let ask = parts.links.permit
        var links = LiveSession.Links(permit: { AccountPermit(ask()) })
        let (budget, name) = (parts.links.budget, plan.accountName)
        links.budget = { BudgetRule(budget(), account: name) }
        links.hasCoordinator = true
        links.written = parts.links.written
        links.records = parts.links.records
        links.progress = parts.links.progress
        links.exchangeRead = parts.links.exchangeRead
        links.alarm = parts.links.alarm
        session = LiveSession(
            plan, executor: parts.executor, market: parts.market, trading: parts.trading, journalPath: parts.journalPath,
            holder: parts.holder, links: links, log: parts.log)
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
