package import Configuration
package import Coordination
internal import Halt
internal import JobStore
internal import LiveGates
package import Logging
internal import Synchronization
internal import Transport

/// The coordinator as a process.
package enum CoordinatorProcess {
    /// Runs until a signal, the loss of its supervisor, or a failure. Throws what keeps it from running.
    ///
    /// - Parameter published: hears every event, on the fleet loop's thread: it must not wait.
    package static func run(
        home: Home, configuration: CoordinatorConfiguration, environment: [String: String], log: Logger, version: String,
        published: @escaping @Sendable (JobEvent) -> Void = { _ in }
    ) async throws {
        let lock = try FileLock(home.coordinatorLock, holder: "the coordinator")
        let node = Node(
            home: home, settings: configuration.settings, environment: environment, log: log, keyName: "coordinator",
            addresses: [configuration.jobs, configuration.control, configuration.events]
                + configuration.monitors.flatMap { [$0.guardEndpoint, $0.beacon] })
        let failure = Mutex<FleetError?>(nil)
        let mailbox = Mailbox<CoordinatorShell.Event>(capacity: 10_000, whenFull: .refuse)
        let guardMailbox = GuardMailboxBox()
        let fleet = try startFleetLoop(node, configuration, version, mailbox, guardMailbox, published: published) { error in
            failure.withLock { $0 = FleetError(.system, error.description) }
        }
        let guarding = try GuardLoop.start(
            node: node, process: "coordinator", start: try node.nextMemberSession("coordinator"), run: MemberRun(node.run()),
            role: .coordinator, memberClass: .coordinator, monitors: configuration.monitors, output: guardOutput(mailbox, log))
        guardMailbox.set(guarding.mailbox)
        Lifeline.watch(environment: environment) {
            log.notice("the supervisor is gone: ending")
            mailbox.post(.shutdown)
        }
        node.notifyReady()
        log.info("coordinator ready", metadata: ["home": "\(home.path)", "encrypted": "\(node.isEncrypted)"])
        try await RoleService.run(
            [
                RoleService(
                    name: "guard", wait: { try await guarding.finished() }, stop: { guarding.mailbox.post(.finish) }),
                RoleService(name: "fleet", wait: { try await fleet.finished() }, stop: { mailbox.post(.shutdown) }),
            ], log: log)
        withExtendedLifetime(lock) {}
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private static func guardOutput(_ mailbox: Mailbox<CoordinatorShell.Event>, _ log: Logger) -> GuardMemberShell.Output {
        GuardMemberShell.Output(
            setGate: { _ in },
            setHold: { hold, number, reason in mailbox.post(.hold(hold, number: number, reason: reason)) },
            replaced: { newest in
                log.error("another coordinator has taken over; ending", metadata: ["session": "\(newest.number)"])
                mailbox.post(.shutdown)
            },
            note: LimitedNotes { log.warning("\($0)") }.note)
    }

    /// The store's error as the fleet's: the machine, or what somebody did to the file, is at fault.
    private static func mapped<Value>(_ body: () throws(JobStoreError) -> Value) throws(FleetError) -> Value {
        do throws(JobStoreError) { return try body() } catch { throw FleetError(.system, error.description) }
    }

    private static func startFleetLoop(
        _ node: Node, _ configuration: CoordinatorConfiguration, _ version: String, _ mailbox: Mailbox<CoordinatorShell.Event>,
        _ guardMailbox: GuardMailboxBox, published: @escaping @Sendable (JobEvent) -> Void,
        failed: @escaping @Sendable (JobStoreError) -> Void
    ) throws -> SocketLoop<CoordinatorShell> {
        let store: any JobStore =
            configuration.durability == .volatile
            ? InMemoryJobStore()
            : try mapped { () throws(JobStoreError) in try SQLiteJobStore(path: configuration.storePath ?? node.home.storePath) }
        let snapshot = try mapped { () throws(JobStoreError) in try store.open() }
        if let contradiction = snapshot.contradiction {
            throw FleetError(
                .system,
                "the job store \(configuration.storePath ?? node.home.storePath) contradicts itself, which no coordinator leaves behind: \(contradiction). "
                    + "Put back a backup of the file, or move it away to start with an empty one; nothing was changed")
        }
        var settings = CoordinatorSettings()
        settings.heartbeatInterval = configuration.heartbeatInterval
        settings.workerLease = configuration.workerLease
        settings.liveLease = configuration.liveLease
        settings.backOff = configuration.backOff
        settings.maxBackOff = configuration.maxBackOff
        settings.maxFailedUnits = UInt64(configuration.maxFailedUnits)
        settings.maxQueuedJobs = configuration.maxQueuedJobs
        settings.maxJobsPerSubmission = configuration.maxJobsPerSubmission
        settings.maxWorkers = configuration.maxWorkers
        settings.liveEnabled = configuration.settings.liveEnabled
        settings.executable = ExecutableHash(bytes: try OwnExecutable.hash())
        let now = Moment(instant: Instant(nanoseconds: MonotonicClock.now()), wallMilliseconds: Node.wallClock())
        var instance = CoordinatorInstance(settings: settings, snapshot: snapshot, at: now)
        // Held until a monitor has said that nothing stands against it.
        var directives: [CoordinatorDirective] = []
        instance.setHold(true, reason: "no monitor has told the halt state yet", at: now, into: &directives)

        let transport = try node.transport(binds: true)
        let security = try node.serverSecurity()
        var jobs = EndpointOptions.server(try node.address(configuration.jobs, "jobs"), security: security)
        jobs.whenFull = .refuse
        let endpoints = CoordinatorShell.Endpoints(
            jobs: try Node.open(node.limited(jobs), on: transport),
            control: try Node.open(
                node.limited(.server(try node.address(configuration.control, "control"), security: security)), on: transport),
            events: try Node.open(
                node.limited(.publisher(try node.address(configuration.events, "events"), security: security)), on: transport))
        let log = node.log
        let output = CoordinatorShell.Output(
            note: LimitedNotes { log.warning("\($0)") }.note, audit: { log.notice("\($0)") },
            held: { guardMailbox.post(.workStopped($0)) }, published: published,
            failed: { error in
                log.critical("\(error)")
                failed(error)
            },
            wallClock: Node.wallClock,
            facts: QueryAnswerer.Facts(fleet: node.home.fleet, version: version, startedAt: MonotonicClock.now()),
            memberKeys: try node.keys.memberNames())
        var rules = PromotionRules()
        rules.minDryRun = configuration.minDryRun.wholeNanoseconds / 1_000_000
        rules.validity = configuration.promotionValidity.wholeNanoseconds / 1_000_000
        let started = now.instant.nanoseconds
        let portfolio = try configuration.portfolio.map { (section) throws(FleetError) in try LivePortfolio(section, now: started)
        }
        var live = LiveDesk(isEnabled: configuration.settings.liveEnabled, rules: rules, portfolio: portfolio)
        try mapped { () throws(JobStoreError) in try live.restore(from: store) }
        let shell = CoordinatorShell(
            instance: instance, directives: directives, store: store,
            cachedPayloadBytes: configuration.durability == .volatile ? 0 : 16 << 20, live: live, endpoints: endpoints,
            output: output)
        return try SocketLoop(name: "fleet", transport: transport, mailbox: mailbox, handler: shell)
    }
}
