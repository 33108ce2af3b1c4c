internal import AlertChannels
internal import Alerts
internal import Configuration
internal import Connectors
internal import Coordination
internal import Exchange
internal import Execution
internal import Fleet
internal import Halt
internal import LiveGates
internal import Logging
internal import Market
internal import Orders
internal import Venues

/// Clients and session of a live job whose gates up to the account's lock are passed.
extension LiveStart {
    // MARK: - Clients

    private func connectors(_ exchange: String) throws(Ending) -> ConnectorFactory {
        do throws(VenueSetupError) {
            let file = try worker.venues.load(exchange)
            for warning in file.warnings { log.warning("\(warning)") }
            let now = worker.wallClock
            return try ConnectorFactory(
                file, version: worker.version, clock: SystemConnectorClock { Timestamp(milliseconds: now()) })
        } catch { throw Self.failed(.badConfiguration, "exchange.name is \(exchange): \(error)") }
    }

    private func trading(
        _ connectors: ConnectorFactory, _ market: MarketDataClient, _ ready: Ready, _ holding: LiveHolding,
        _ makePermit: LiveJobRunner.MakePermit
    ) throws(Ending) -> TradingClient {
        do {
            var nonces = NonceKeeper(stored: 0) { _ in }
            if connectors.needsNonces {
                nonces = NonceKeeper(try NonceFile(folder: worker.home.path + "/nonces", credentials: ready.credentials))
            }
            let asked = makePermit { holding.permit }
            return try connectors.trading(
                market, credentials: ready.credentials, nonces: nonces,
                report: { [log] in log.notice("\($0)") },
                permit: { changesState, isCancel in
                    Self.refusal(holding, changesState: changesState, isCancel: isCancel) ?? asked(changesState, isCancel)
                })
        } catch let error as VenueSetupError {
            throw Self.failed(.badConfiguration, error.description)
        } catch { throw Self.failed(.badConfiguration, "\(error)") }
    }

    /// The last look at the write, for whatever the session may have made of it: nothing but cancels goes while the gate is halted, or once somebody
    /// else holds the account.
    private static func refusal(_ holding: LiveHolding, changesState: Bool, isCancel: Bool) -> VenueError? {
        guard changesState, !isCancel else { return nil }
        let permit = holding.permit
        let refusal = OrderPermit.decide(
            .reduces, gate: permit.gate, now: permit.now, leaseEnd: permit.leaseEnd, holder: permit.holder, end: .notAtThisVenue)
        return refusal.map { VenueError(.rejected, .permanent, code: $0.rawValue, message: $0.description) }
    }

    // MARK: - Running

    func run(_ ready: inout Ready, _ makePermit: LiveJobRunner.MakePermit, _ makeSession: LiveJobRunner.MakeSession)
        async throws(Ending) -> LiveJobEnd
    {
        let subject = HaltSubject(
            exchange: .named(ready.configuration.exchange.name), account: .named(ready.account.text),
            strategy: .named(ready.configuration.strategy), job: .named("\(assignment.grant.unit.job)"))
        let mailbox = SessionMailbox()
        control.listen { mailbox.signal($0) }
        let watch = HaltWatch(worker.alerts, worker.trading, job: "\(assignment.grant.unit.job)")
        let changes = ChangeStream(control)
        defer { changes.end() }
        // From here on a stop that names the job, its strategy or account counts for the gate.
        worker.trading.begin(subject) { order in
            mailbox.order(order)
            watch.take(order)
            changes.tell()
        }
        defer { worker.trading.end() }
        ready.facts.ownership = .own
        let holding = LiveHolding(
            facts: ready.facts, subject: ready.subject, admission: ready.admission, trading: worker.trading, control: control,
            wallClock: worker.wallClock)
        try await restoreRecords(ready)
        if !goesOn {
            try await waitForGate(changes)
            try await waitForBudget(ready, holding, changes)
        }
        // Nothing is asked of the venue before this is there.
        let executor = try executor(ready, holding)
        let connectors = try connectors(ready.configuration.exchange.name)
        let end: LiveJobEnd
        do throws(Ending) {
            end = try await run(ready, executor, holding, connectors, mailbox, makePermit, makeSession)
        } catch {
            await connectors.shutdown()
            throw error
        }
        await connectors.shutdown()
        return end
    }

    private func run(
        _ ready: Ready, _ executor: LiveExecutor, _ holding: LiveHolding, _ connectors: ConnectorFactory,
        _ mailbox: SessionMailbox,
        _ makePermit: LiveJobRunner.MakePermit, _ makeSession: LiveJobRunner.MakeSession
    ) async throws(Ending) -> LiveJobEnd {
        let market = connectors.market()
        let client = try trading(connectors, market, ready, holding, makePermit)
        let identity = try identity(ready.account)
        try await checkOrders(client, market, identity, ready)
        try makeJournalFolder()
        let parts = LiveParts(
            configuration: ready.configuration, registry: worker.registry, account: ready.account.text, identity: identity,
            executor: executor, market: market, trading: client, usualFees: VenueFees(connectors.file.protocolName),
            journalPath: journalPath, holder: "worker \(worker.name)", links: links(holding, ready), log: log)
        let session: any LiveJobSession
        do throws(JobFault) { session = try makeSession(parts) } catch { throw Ending.failed(error) }
        mailbox.connect(session)
        return await withTaskExecutorPreference(connectors.executor) { await session.run() }
    }

    /// Whose the account's open orders are. A venue that is away is asked again.
    private func checkOrders(
        _ client: TradingClient, _ market: MarketDataClient, _ identity: OrderIdentity, _ ready: Ready
    ) async throws(Ending) {
        var pause = Duration.seconds(1)
        while true {
            if control.shouldStop { throw Ending.canceled }
            var ending: Ending?
            do throws(VenueError) {
                _ = try await market.synchronizeClock()
                let open = try await client.openOrders(nil).map { Self.owner(of: $0.clientOrderID, identity) }
                let refusal = AccountOwnership.refusal(
                    lock: .ours, openOrders: open, fleet: UInt64(identity.owner),
                    isExclusive: ready.configuration.account?.exclusive ?? false)
                guard let refusal else { return }
                var facts = ready.facts
                facts.ownership = .refused(refusal)
                ending = Self.refused(ownership: facts)
            } catch {
                log.warning("the account's open orders cannot be read, trying again", metadata: ["cause": "\(error)"])
                switch error.handling {
                case .permanent, .fatal: ending = Self.failed(.badConfiguration, "the account cannot be read: \(error)")
                case .retryable, .outcomeUnknown: break
                }
            }
            if let ending { throw ending }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(30))
        }
    }

    private static func owner(of id: ClientOrderID?, _ own: OrderIdentity) -> AccountOwnership.OrderOwner {
        switch own.owner(of: id) {
        case .thisJob, .newerHolder, .otherJob: .fleet(UInt64(own.owner))
        case .otherFleet(let code): .fleet(UInt64(code.identity.owner))
        case .stranger: .stranger
        }
    }

    /// What this holder's order ids begin with: fleet and account, job, and the fencing token, which rises with every holder.
    private func identity(_ account: AccountName) throws(Ending) -> OrderIdentity {
        let token = assignment.grant.token
        guard token.incarnation < 1 << 14, token.counter < 1 << 18, let job = UInt32(exactly: assignment.grant.unit.job.rawValue)
        else {
            throw Self.failed(
                .internalError,
                "the fencing token \(token) of job \(assignment.grant.unit.job) does not fit into client order ids: start the coordinator anew "
                    + "(at most 262143 grants in one run of it, and 16383 runs)")
        }
        let digest = SHA256Digest.of("\(worker.home.fleet)\u{0}\(account)".utf8)
        let owner = digest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return OrderIdentity(owner: owner, job: job, token: UInt32(token.incarnation << 18 | token.counter))
    }

    private func executor(_ ready: Ready, _ holding: LiveHolding) throws(Ending) -> LiveExecutor {
        do throws(LiveExecutor.Refusal) {
            return try LiveExecutor(
                ready.configuration, facts: { holding.newestFacts }, goesOn: goesOn, log: log, wallClock: worker.wallClock)
        } catch {
            // A gate that closed at this moment opens again; nothing else does by itself.
            if case .gate(let refusal) = error, refusal.gate == .orderGate || refusal.gate == .budget {
                throw Self.failed(.internalError, refusal.description)
            }
            throw Self.failed(.badConfiguration, error.description)
        }
    }

    private func links(_ holding: LiveHolding, _ ready: Ready) -> LiveLinks {
        var links = LiveLinks(permit: { holding.permit })
        let (control, trading, log) = (control, worker.trading, log)
        links.budget = { control.budget }
        links.written = { control.recordsWritten(upTo: $0) }
        links.records = { control.records(from: $0, $1) }
        links.progress = { control.progress(done: $0, total: $1) }
        links.exchangeRead = { trading.exchangeRead($0) }
        let (job, account, venue) = ("\(assignment.grant.unit.job)", ready.account.text, ready.configuration.exchange.name)
        links.alarm = { [alerts = worker.alerts] text in
            guard let alerts else { return log.critical("alarm: \(text)") }
            alerts.send(
                .error, .account, job: job, account: account, venue: venue, text,
                action: "see 'pragma orders --job \(job)' and the account at the venue")
        }
        return links
    }
}
