internal import AlertChannels
internal import Alerts
internal import Configuration
internal import Coordination
internal import Fleet
internal import Halt
internal import LiveGates
internal import Logging
internal import Venues

/// Tells a start that waits that something may have changed: the order gate, the budget, or that the job is to end.
struct ChangeStream: Sendable {
    private let control: UnitControl
    private let stream: AsyncStream<Void>
    private let source: AsyncStream<Void>.Continuation

    init(_ control: UnitControl) {
        self.control = control
        (stream, source) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        control.onChange { [source] in source.yield() }
    }

    /// Never waits.
    func tell() { source.yield() }

    func end() {
        control.onChange(nil)
        source.finish()
    }

    /// Asks `isThere` now, after each change and after `patience`.
    ///
    /// - Returns: false where it was not there in time.
    func wait(
        atMost patience: Duration, for isThere: @Sendable () throws(LiveStart.Ending) -> Bool
    ) async throws(LiveStart.Ending) -> Bool {
        if try isThere() { return true }
        let clock = ContinuousClock()
        let end = clock.now + patience
        let alarm = Task { [source] in
            try? await Task.sleep(until: end, clock: clock)
            source.yield()
        }
        defer { alarm.cancel() }
        for await _ in stream {
            if try isThere() { return true }
            if clock.now >= end { return false }
        }
        return false
    }
}

/// What a live job waits for before it asks anything of the venue.
extension LiveStart {
    // MARK: - Records

    /// What the coordinator has of the job and the journal has not comes back before anything else: orders may be at the venue.
    func restoreRecords(_ ready: Ready) async throws(Ending) {
        try makeJournalFolder()
        let restore = RecordRestore(
            path: journalPath, holder: "worker \(worker.name)", count: assignment.recordCount,
            fetch: { [control] in await control.storedRecords(from: $0) }, log: log)
        let end: RecordRestore.End
        do throws(JobFault) { end = try await restore.run() } catch { throw Ending.failed(error) }
        switch end {
        case .stopped: throw Ending.canceled
        case .done(restored: 0): break
        case .done(let restored):
            worker.alerts?.send(
                .warning, .account, job: "\(assignment.grant.unit.job)", account: ready.account.text,
                venue: ready.configuration.exchange.name,
                "the journal of the job was lost: \(restored) records came back from the coordinator, and what it had not got is read at the venue",
                action: "orders that are found there are told of one by one; compare 'pragma positions' with the account")
        }
    }

    func makeJournalFolder() throws(Ending) {
        do throws(FleetError) { try Files.makeFolder(journalFolder) } catch { throw Self.failed(.internalError, error.message) }
    }

    // MARK: - Gate and budget

    /// Only leases of all monitors open the gate; the first come a moment after the worker's start.
    func waitForGate(_ changes: ChangeStream) async throws(Ending) {
        let isOpen = try await changes.wait(atMost: worker.gatePatience) { () throws(Ending) in
            if control.shouldStop { throw Ending.canceled }
            return worker.trading.mode == .active
        }
        guard !isOpen else { return }
        var facts = LiveFacts()
        facts.orderGate = worker.trading.mode
        let missing = LiveCheck.missing(.orderGate, in: facts, at: .worker)
        throw Self.failed(.internalError, missing?.description ?? "the order gate is closed")
    }

    /// A coordinator that was just started allots nothing for a minute.
    func waitForBudget(_ ready: Ready, _ holding: LiveHolding, _ changes: ChangeStream) async throws(Ending) {
        // It stands before the budget in the list, and no waiting brings it.
        if let missing = LiveCheck.missing(.promotion, in: holding.newestFacts, at: .worker) { throw Self.refused(missing) }
        if budgetFact != .allotted { log.notice("waiting for the account's part of the fleet's limits") }
        let isThere = try await changes.wait(atMost: worker.budgetPatience) { () throws(Ending) in
            if control.shouldStop { throw Ending.canceled }
            return budgetFact == .allotted
        }
        guard !isThere else { return }
        var facts = LiveFacts()
        (facts.budget, facts.account) = (budgetFact, ready.account.text)
        let missing = LiveCheck.missing(.budget, in: facts, at: .worker)
        throw Self.failed(.internalError, missing?.description ?? "the account has no part of the fleet's limits")
    }

    private var budgetFact: LiveFacts.Budget { LiveFacts.Budget(control.budget, at: worker.trading.now) }
}
