/// The halt at a worker or the coordinator: what is held of each monitor, the leases, and what follows for the order gate or the held work.
///
/// Pure: every input returns what the shell has to do. The rules, of which everything else here is a consequence:
/// - a verified state always tightens, whichever path brought it and however old it is;
/// - only an answer to a nonce of this session loosens, and only with an epoch that is not below any seen of that monitor;
/// - after a start everything is held until every monitor of the set has answered a nonce;
/// - a live worker's gate is open only before the end of a lease from every monitor, counted from when it asked;
/// - a `HALT` file stops while it is there, and after it is gone until a re-arm that came after it.
package struct HaltMember: Sendable {
    /// Who this is.
    package struct Identity: Hashable, Sendable {
        package var name: MemberName
        package var session: MemberSession
        package var role: MemberRole
        package var memberClass: MemberClass
        package var processID: Int32
        /// The run of this process; nil: nobody could tell its death.
        package var run: MemberRun?

        package init(
            name: MemberName, session: MemberSession, role: MemberRole, memberClass: MemberClass, processID: Int32,
            run: MemberRun? = nil
        ) {
            self.name = name
            self.session = session
            self.role = role
            self.memberClass = memberClass
            self.processID = processID
            self.run = run
        }
    }

    package struct Settings: Hashable, Sendable {
        /// How often a live worker asks for a new lease.
        package var renewInterval = BootDuration.milliseconds(200)
        /// How often a member asks that needs a fresh state.
        package var retryInterval = BootDuration.milliseconds(200)
        /// The shortest time between two questions.
        package var minimumInterval = BootDuration.milliseconds(50)
        /// How often a member asks that needs nothing, in case it missed something.
        package var refreshInterval = BootDuration.milliseconds(5_000)
        /// For how long after a nonce was sent its answer counts.
        package var grantTimeout = BootDuration.milliseconds(1_000)
        /// The longest lease that is believed, whatever a monitor signs.
        package var longestLease = BootDuration.milliseconds(5_000)
        /// For how long after the end of the leases orders that reduce may still go.
        package var haltAfter = BootDuration.milliseconds(30_000)
        /// When a latch that could not be written is tried again.
        package var latchRetry = BootDuration.milliseconds(500)

        package init() {}
    }

    package let identity: Identity
    package let settings: Settings
    /// What this member works on; decides which entries concern it.
    package internal(set) var subject: HaltSubject
    var links: [HaltLink]
    var haltFile: HaltFileLatch?
    /// The file of `haltFile` is there now.
    var haltFilePresent = false
    var localStop = false
    var latch: MemberLatchWriter
    /// What was last told to the shell.
    package internal(set) var gate = OrderGate.halted
    package internal(set) var holding = true
    var workStopped = false
    /// Nothing stands in the way of opening but the age of some monitor's answer.
    var awaitsAnswers = false
    var orderedAction: HaltAction?
    /// How far the exchange was read since the action was ordered.
    var exchangeStage: AckStage?

    /// - Parameters:
    ///   - monitors: the configured set; a monitor of the latch that is no longer in it keeps what it stopped.
    ///   - latch: as `MemberLatch.load` found it. With or without one, all is held until every monitor has answered a nonce of this session; a valid one
    ///     adds what it holds, and the proof that it shows.
    package init(
        identity: Identity, monitors: [MonitorID], latch: LoadedLatch<MemberLatch>, subject: HaltSubject = .idle,
        settings: Settings = Settings()
    ) {
        self.identity = identity
        self.settings = settings
        self.subject = subject
        self.latch = MemberLatchWriter(sequence: latch.sequence)
        links = Set(monitors).sorted().map { HaltLink(monitor: $0, configured: true) }
        guard case .valid(let content, _, let whole) = latch else { return }
        adopt(content)
        if !whole { self.latch.touch() }
    }

    private mutating func adopt(_ content: MemberLatch) {
        haltFile = content.haltFile
        for held in content.held {
            if let index = links.firstIndex(where: { $0.monitor == held.monitor }) {
                links[index].adopt(held)
            } else if !held.entries.isEmpty || held.conflict {
                var link = HaltLink(monitor: held.monitor, configured: false)
                link.adopt(held)
                links.append(link)
            }
        }
    }

    /// What is held now, for the coordinator's and the shell's own questions.
    package var heldState: HaltState {
        var result = HaltState()
        for link in links {
            let epoch = link.seen
            result.monitors[link.monitor] = MonitorHaltState(
                monitor: link.monitor, epoch: epoch, rearmed: link.newest?.state.rearmed ?? .zero, entries: link.entries)
        }
        return result
    }

    /// The highest epoch seen of a monitor.
    package func seen(of monitor: MonitorID) -> HaltEpoch {
        links.first { $0.monitor == monitor }?.seen ?? .zero
    }

    // MARK: - Inputs

    /// The first input: tells the shell where the gate or hold stands, and says hello to every monitor on the next tick.
    ///
    /// - Parameter file: the `HALT` file as the shell finds it, read before anything else is done.
    package mutating func start(haltFile file: HaltFile?, at now: BootInstant) -> [HaltMemberDirective] {
        var directives: [HaltMemberDirective] = []
        if usesGate { directives.append(.setGate(gate)) } else { directives.append(.setHold(holding)) }
        for index in links.indices where links[index].configured { links[index].helloDue = true }
        return directives + haltFile(file, at: now)
    }

    /// The connection to a monitor was made (again): says hello and asks for the state before anything else is believed.
    package mutating func connected(to monitor: MonitorID, at now: BootInstant) {
        guard let index = links.firstIndex(where: { $0.monitor == monitor && $0.configured }) else { return }
        links[index].helloDue = true
        links[index].requestDue = now
    }

    /// The member works on something else now.
    package mutating func setSubject(_ subject: HaltSubject, at now: BootInstant) -> [HaltMemberDirective] {
        var directives: [HaltMemberDirective] = []
        self.subject = subject
        settle(now, &directives)
        return directives
    }

    /// The process is ending (SIGTERM, the supervisor died). Lasts as long as the process does, and is not latched.
    package mutating func stopLocally(at now: BootInstant) -> [HaltMemberDirective] {
        var directives: [HaltMemberDirective] = []
        localStop = true
        settle(now, &directives)
        return directives
    }

    /// What `setHold(true)` asked for is done: nothing runs any more.
    package mutating func workStopped(at now: BootInstant) -> [HaltMemberDirective] {
        var directives: [HaltMemberDirective] = []
        if holding { workStopped = true }
        settle(now, &directives)
        return directives
    }

    /// What the exchange shows after `cancelOrders`: `ordersCanceled` or `flat`.
    package mutating func exchangeRead(_ stage: AckStage, at now: BootInstant) -> [HaltMemberDirective] {
        var directives: [HaltMemberDirective] = []
        if orderedAction != nil, stage.rank >= AckStage.ordersCanceled(remaining: []).rank { exchangeStage = stage }
        settle(now, &directives)
        return directives
    }

    /// Whether the member has an order gate; all others hold work.
    var usesGate: Bool { identity.memberClass == .live || identity.memberClass == .dryRun }
}
