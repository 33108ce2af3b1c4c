import Configuration
import Coordination
import FleetProtocol
import JobStore
import LiveGates
import Money
import Risk
import Testing
import Transport

@testable import Fleet

extension LivePortfolio {
    /// 900 of exposure, 10 orders and 90 of daily loss, for accounts with these weights.
    static func of(_ currency: String, _ weights: [String: UInt32], now: Int64 = 0) -> LivePortfolio {
        LivePortfolio(
            currency: currency,
            limits: FleetLimits(
                exposure: Amount(units: 900, decimals: 0), openOrders: 10, dailyLoss: Amount(units: 90, decimals: 0)),
            claims: weights.map { BudgetClaim(account: $0.key, weight: $0.value) }, now: now)
    }
}

private let second: Int64 = 1_000_000_000

private func token(_ number: UInt64) -> FencingToken { FencingToken(incarnation: 1, counter: number) }

private func share(_ exposure: Int128, _ orders: Int, _ loss: Int128) -> BudgetShare {
    BudgetShare(
        exposure: Amount(units: exposure, decimals: 0), openOrders: orders, dailyLoss: Amount(units: loss, decimals: 0),
        validity: .seconds(60))
}

/// The limits of all accounts together: at the coordinator's desk, and at the worker that is told of them.
@Suite struct LiveBudgetTests {
    @Test func `a named account whose stakes are in the currency is accepted with a portfolio, too`() throws {
        var rig = try LiveDeskRig()
        rig.portfolio = .of("USDT", ["main": 1])
        #expect(try rig.refusal() == nil)
        rig.portfolio = .of("USDT", ["side": 1])
        #expect(try rig.refusal()?.contains("names account main") == true)
    }

    @Test func `the parts go with the grants of the accounts' jobs, after what was allotted before the start has ended`() {
        var desk = LiveDesk(isEnabled: true, portfolio: .of("USDT", ["main": 2, "side": 1], now: 5 * second))
        desk.own("main", JobID(9))
        desk.own("side", JobID(10))
        desk.own("other", JobID(11))
        let grants = [(token(1), JobID(9)), (token(2), JobID(10)), (token(3), JobID(11)), (token(4), JobID(12))]
        let early = desk.budgets(for: grants, now: 71 * second - 1)
        #expect(early == [:])
        let all = desk.budgets(for: grants, now: 71 * second)
        #expect(all == [token(1): share(600, 6, 60), token(2): share(300, 3, 30)])
        let none = desk.budgets(for: [], now: 72 * second)
        #expect(none == [:], "an absent sheet would mean that there are no limits of all accounts together")
        // A job that is over frees its account for another one, which has the same part and not a second one.
        desk.release(JobID(9))
        desk.own("main", JobID(13))
        let next = desk.budgets(for: [(token(1), JobID(9)), (token(5), JobID(13))], now: 72 * second)
        #expect(next == [token(5): share(600, 6, 60)])
        var plain = LiveDesk(isEnabled: true)
        plain.own("main", JobID(9))
        let without = plain.budgets(for: grants, now: 100 * second)
        #expect(without == nil)
    }

    @Test func `people see every account's part, what it was allotted last, and for how long`() throws {
        var desk = LiveDesk(isEnabled: true, portfolio: .of("USDT", ["main": 2, "side": 1], now: 5 * second))
        desk.own("main", JobID(9))
        let early = try #require(desk.portfolioAnswer(now: 6 * second))
        #expect(early.opensIn == .seconds(65) && early.accounts.map(\.name) == ["main", "side"])
        #expect(early.accounts.allSatisfy { $0.allotted == nil && $0.left == .zero })
        #expect(early.accounts.map { $0.part.openOrders } == [6, 3] && early.accounts.map(\.weight) == [2, 1])
        #expect(early.accounts.map(\.job) == [JobID(9), nil])
        _ = desk.budgets(for: [(token(1), JobID(9))], now: 71 * second)
        let later = try #require(desk.portfolioAnswer(now: 75 * second))
        #expect(later.opensIn == .zero && later.accounts[0].allotted == later.accounts[0].part)
        #expect(later.accounts[0].left == .seconds(62) && later.accounts[1].allotted == nil)
        let over = try #require(desk.portfolioAnswer(now: 137 * second))
        #expect(over.accounts[0].allotted == nil)
        #expect(LiveDesk(isEnabled: true).portfolioAnswer(now: 0) == nil)
    }

    /// A store with a queued live job on account main.
    private func store() throws -> InMemoryJobStore {
        let rig = try LiveDeskRig()
        let (job, payload) = try rig.built()
        var bytes = CollectedJobBytes()
        bytes.payloads[SubmissionID(5)] = [payload]
        let record = JobRecord(
            id: JobID(7), submission: SubmissionID(5), submissionIndex: 0, job: job, state: .queued, submittedAtMilliseconds: 0)
        // The rig's dry-run is out with nobody: it is over here.
        let over = StoreChange.jobStateChanged(JobID(2), .canceled, StateReason(.canceledByClient), wallMilliseconds: 0)
        try rig.store.commit([.jobInserted(record), over], bytes: bytes)
        return rig.store
    }

    @Test func `a job that came in before the limits did has no part of them in another currency`() throws {
        let store = try store()
        for (currency, expected) in [("USDT", [token(1): share(900, 10, 90)]), ("EUR", [:])] {
            var desk = LiveDesk(isEnabled: true, portfolio: .of(currency, ["main": 1]))
            try desk.restore(from: store)
            #expect(desk.owners == ["main": JobID(7)])
            let found = desk.budgets(for: [(token(1), JobID(7))], now: 70 * second)
            #expect(found == expected)
        }
    }

    @Test func `the coordinator tells the part with the assignment and with every renewal of the lease`() throws {
        let store = try store()
        var desk = LiveDesk(isEnabled: true, portfolio: .of("USDT", ["main": 1, "side": 2]))
        try desk.restore(from: store)
        let rig = try CoordinatorShellRig(store, live: desk)
        let worker = try rig.worker("live-worker-1", session: 11, workerClass: .live)
        func heard() throws -> [JobsWire.FromCoordinator] { try worker.received().map { try JobsWire.coordinatorMessage($0) } }
        var grant: Coordination.Grant?
        for message in try heard() {
            guard case .assign(let batch) = message.message else { continue }
            grant = batch.assignments.first?.grant
            // There are limits, and so soon after the start nobody has a part of them.
            #expect(message.budgets == [:] && message.payloads.count == 1)
        }
        let held = try #require(grant)
        func beat(_ sequence: UInt64, at now: Int64) throws -> BudgetSheet? {
            let beat = WorkerHeartbeat(
                session: SessionID(11), sequence: sequence, held: [HeldUnit(grant: held, phase: .running)], health: WorkerHealth()
            )
            worker.send(JobsWire.bytes(.heartbeat(beat)))
            try rig.run(at: now)
            let acks = try heard().filter { if case .heartbeatAck = $0.message { true } else { false } }
            #expect(acks.count == 1)
            return acks.first?.budgets
        }
        #expect(try beat(2, at: 30 * second) == [:])
        #expect(try beat(3, at: 67 * second) == [held.token: share(300, 3, 30)])
        #expect(try beat(4, at: 68 * second) == [held.token: share(300, 3, 30)])
        // The same process's other workers hear nothing of it.
        let other = try rig.worker("worker-1", session: 12)
        for bytes in try other.received() { #expect(try JobsWire.coordinatorMessage(bytes).budgets == nil) }
    }

    @Test func `without limits of all accounts together nothing is told of any`() throws {
        let store = try store()
        var desk = LiveDesk(isEnabled: true)
        try desk.restore(from: store)
        let rig = try CoordinatorShellRig(store, live: desk)
        let worker = try rig.worker("live-worker-1", session: 11, workerClass: .live)
        let messages = try worker.received().map { try JobsWire.coordinatorMessage($0) }
        #expect(messages.contains { if case .assign = $0.message { true } else { false } })
        #expect(messages.allSatisfy { $0.budgets == nil })
    }

    // MARK: - The worker

    private func allotted(_ share: BudgetShare, until deadline: Int64) -> UnitBudget {
        .allotted(
            UnitBudget.Share(
                exposure: share.exposure, openOrders: share.openOrders, dailyLoss: share.dailyLoss, deadline: deadline))
    }

    @Test func `a worker counts a part from when it asked, keeps it to its end, and heeds a smaller one at once`() throws {
        let rig = try WorkerRig(workerClass: .live)
        let (grant, big, small) = (rig.grant(1), share(600, 6, 60), share(100, 1, 10))
        func ack(_ sequence: UInt64, _ budgets: BudgetSheet?, at now: Int64) throws {
            try rig.send(
                .heartbeatAck(HeartbeatAck(session: SessionID(5), sequence: sequence, renewed: [grant.token], revoked: [])),
                budgets: budgets, at: now)
        }
        var budget: UnitBudget? { rig.loop.handler.budget(of: grant.token) }
        #expect(budget == nil)
        try rig.assign([1], kind: .live, budgets: [:])
        #expect(budget == .allotted(nil))
        // The heartbeat goes out a second after the welcome, at 1 ns; its answer takes half a second.
        try rig.loop.runUntilQuiet(now: second + 1)
        try ack(2, [grant.token: big], at: second + second / 2)
        #expect(budget == allotted(big, until: second + 1 + 60 * second))
        try rig.loop.runUntilQuiet(now: 2 * second + 1)
        try rig.loop.runUntilQuiet(now: 3 * second + 1)
        // A coordinator that was just started: what the one before it allotted counts.
        try ack(4, [:], at: 4 * second)
        #expect(budget == allotted(big, until: second + 1 + 60 * second))
        // What comes late changes nothing.
        try ack(3, [grant.token: small], at: 4 * second)
        #expect(budget == allotted(big, until: second + 1 + 60 * second))
        try rig.loop.runUntilQuiet(now: 4 * second + 1)
        try ack(5, [grant.token: small], at: 5 * second)
        #expect(budget == allotted(small, until: 4 * second + 1 + 60 * second))
        // No limits of all accounts together any more.
        try rig.loop.runUntilQuiet(now: 5 * second + 1)
        try ack(6, nil, at: 6 * second)
        #expect(budget == UnitBudget.none)
    }

    @Test func `a running job is told its part from the beginning`() throws {
        let control = UnitControl(report: { _ in })
        #expect(control.budget == .none)
        let budget = UnitBudget.none.after([token(1): share(1, 1, 1)], share(1, 1, 1), asked: 7)
        control.setBudget(budget)
        #expect(control.budget == allotted(share(1, 1, 1), until: 60 * second + 7))
        #expect(UnitBudget.none.after([:], share(1, 1, 1), asked: .max) == allotted(share(1, 1, 1), until: .max))
    }
}
