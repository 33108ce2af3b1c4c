package import Configuration
internal import Coordination
internal import Halt
package import Logging
internal import Synchronization
internal import Transport

/// A worker as a process.
package enum WorkerProcess {
    /// Runs until a signal, the loss of its supervisor, a drain, or a failure. Throws what keeps it from running.
    ///
    /// - Parameter trading: what a runner of dry-runs or live jobs shares with the worker's guard.
    package static func run(
        home: Home, name: String, configuration: WorkerConfiguration, environment: [String: String], log: Logger,
        runner: any UnitRunner, trading: TradingGuard = TradingGuard()
    ) async throws {
        try check(configuration, name)
        let lock = try FileLock(home.latchPath(name) + ".lock", holder: "worker \(name)")
        let node = Node(
            home: home, settings: configuration.settings, environment: environment, log: log,
            keyName: keyName(of: configuration.workerClass),
            addresses: [configuration.jobs] + configuration.monitors.flatMap { [$0.guardEndpoint, $0.beacon] })
        let mailbox = Mailbox<WorkerShell.Event>(capacity: 100_000, whenFull: .dropNewest)
        let exit = Mutex<ExitReason?>(nil)
        let guardMailbox = GuardMailboxBox()

        let session = node.run()
        let start = try node.nextMemberSession(name)
        let fleet = try startFleetLoop(
            node, name, configuration, session, start, runner: runner, mailbox: mailbox, guardMailbox: guardMailbox,
            exited: { reason in exit.withLock { $0 = reason } })
        var guardSettings = HaltMember.Settings()
        guardSettings.haltAfter = BootDuration(nanoseconds: configuration.haltAfter.wholeNanoseconds)
        let isTrading = configuration.workerClass != .backtest
        let guarding = try GuardLoop.start(
            node: node, process: name, start: start, run: MemberRun(session), role: .worker,
            memberClass: memberClass(configuration.workerClass), monitors: configuration.monitors, settings: guardSettings,
            output: GuardMemberShell.Output(
                setGate: { gate in
                    trading.set(gate)
                    // Jobs that run go on with what the gate lets through; nothing new begins before it is open.
                    let isOpen = gate.activeUntil != .never
                    mailbox.post(.hold(!isOpen, number: noHold, reason: isOpen ? "" : "the halt's order gate is closed"))
                },
                cancelOrders: { trading.cancelOrders($0) },
                setHold: { hold, number, reason in mailbox.post(.hold(hold, number: number, reason: reason)) },
                replaced: { newest in
                    log.error("another process has taken this worker's name; ending", metadata: ["session": "\(newest.number)"])
                    mailbox.post(.shutdown)
                },
                note: LimitedNotes { log.warning("\($0)") }.note))
        guardMailbox.set(guarding.mailbox)
        if isTrading { connect(trading, to: guarding) }
        Lifeline.watch(environment: environment) {
            log.notice("the supervisor is gone: ending")
            mailbox.post(.shutdown)
        }
        log.info("worker started", metadata: ["worker": "\(name)", "home": "\(home.path)", "encrypted": "\(node.isEncrypted)"])
        try await RoleService.run(
            [
                RoleService(
                    name: "guard", wait: { try await guarding.finished() }, stop: { guarding.mailbox.post(.finish) }),
                RoleService(name: "fleet", wait: { try await fleet.finished() }, stop: { mailbox.post(.shutdown) }),
            ], log: log)
        withExtendedLifetime(lock) {}
        switch exit.withLock({ $0 }) {
        case .superseded?:
            throw FleetError(.refused, "another worker has taken the name \(name): give each worker a name of its own")
        case .rejected(let why)?: throw FleetError(.refused, "the coordinator does not take this worker: \(why)")
        default: break
        }
    }

    /// The number of holds that no monitor waits for.
    private static let noHold = UInt64.max

    /// What its role file has said, said where it counts.
    private static func check(_ configuration: WorkerConfiguration, _ name: String) throws(FleetError) {
        guard configuration.workerClass == .live, !configuration.settings.liveEnabled else { return }
        throw FleetError(
            .refused, "worker \(name) is of class live, and its role file does not say live: {enabled: true}: write it there")
    }

    private static func jobKind(_ workerClass: ExecutionMode) -> JobKind {
        switch workerClass {
        case .backtest: .backtest
        case .dryRun: .dryRun
        case .live: .live
        }
    }

    private static func memberClass(_ workerClass: ExecutionMode) -> MemberClass {
        switch workerClass {
        case .backtest: .backtest
        case .dryRun: .dryRun
        case .live: .live
        }
    }

    private static func connect(_ trading: TradingGuard, to guarding: GuardLoop) {
        trading.connect { report in
            switch report {
            case .subject(let subject): guarding.mailbox.post(.subject(subject))
            case .exchangeRead(let stage): guarding.mailbox.post(.exchangeRead(stage))
            }
        }
    }

    /// The key that workers of a class share; a worker's own name begins with it.
    static func keyName(of workerClass: ExecutionMode) -> String {
        switch workerClass {
        case .backtest: "worker"
        case .dryRun: "dry-worker"
        case .live: "live-worker"
        }
    }

    private static func startFleetLoop(
        _ node: Node, _ name: String, _ configuration: WorkerConfiguration, _ session: SessionID, _ start: MemberSession,
        runner: any UnitRunner,
        mailbox: Mailbox<WorkerShell.Event>, guardMailbox: GuardMailboxBox, exited: @escaping @Sendable (ExitReason) -> Void
    ) throws -> SocketLoop<WorkerShell> {
        let executor = try ExecutorThread(runner: runner) { token, outcome, result in
            mailbox.post(.finished(token, outcome, result))
        }
        var settings = WorkerSettings(
            worker: WorkerID(name), session: session, workerClass: jobKind(configuration.workerClass),
            executable: ExecutableHash(bytes: try OwnExecutable.hash()) ?? ExecutableHash(Digest256(words: (0, 0, 0, 0))),
            // Jobs that trade have no end: a second one would wait behind the first for good.
            capacity: configuration.workerClass == .backtest ? configuration.capacity : 1, parallelism: 1, memoryBytes: 0)
        settings.start = start.number
        settings.shutdownGrace = configuration.shutdownGrace
        if configuration.workerClass == .live { settings.highestToken = try HighestTokens(home: node.home).highest() }
        let now = Moment(instant: Instant(nanoseconds: MonotonicClock.now()), wallMilliseconds: Node.wallClock())
        var instance = WorkerInstance(settings: settings, at: now)
        // Held until a monitor has said that nothing stands against it.
        _ = instance.setHold(true, reason: "no monitor has told the halt state yet", at: now)

        let transport = try node.transport(binds: false)
        let options = EndpointOptions.client(
            try node.address(configuration.jobs, "jobs"), security: try node.clientSecurity(to: "coordinator"))
        let jobs = try Node.open(node.limited(options), on: transport)
        let log = node.log
        let shell = WorkerShell(
            instance: instance, jobs: jobs, executor: executor, mailbox: mailbox,
            resultLimit: ResultLimit(maxMessage: Int(clamping: configuration.settings.maxMessageBytes)),
            output: WorkerShell.Output(
                running: { guardMailbox.post(.jobsRunning(UInt32(clamping: $0))) },
                heldWorkStopped: { guardMailbox.post(.workStopped($0)) },
                ready: {
                    node.notifyReady()
                    log.info("worker ready", metadata: ["worker": "\(name)"])
                },
                exited: exited, note: LimitedNotes { log.warning("\($0)") }.note, wallClock: Node.wallClock))
        return try SocketLoop(name: "fleet", transport: transport, mailbox: mailbox, handler: shell)
    }
}

/// The guard loop's mailbox, which is there only after the fleet loop has started.
final class GuardMailboxBox: Sendable {
    private struct State {
        var mailbox: Mailbox<GuardMemberShell.Event>?
        var early: [GuardMemberShell.Event] = []
    }

    private let state = Mutex(State())

    func set(_ mailbox: Mailbox<GuardMemberShell.Event>) {
        state.withLock { state in
            state.mailbox = mailbox
            for event in state.early { mailbox.post(event) }
            state.early = []
        }
    }

    func post(_ event: GuardMemberShell.Event) {
        state.withLock { state in
            if let mailbox = state.mailbox { mailbox.post(event) } else { state.early.append(event) }
        }
    }
}
