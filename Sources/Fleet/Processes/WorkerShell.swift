internal import Coordination
internal import FleetProtocol
internal import Transport

/// Carries out what `WorkerInstance` decides: one connection to the coordinator, one executor.
struct WorkerShell: LoopHandler {
    /// What other threads tell it.
    enum Event: Sendable {
        case progress(FencingToken, UnitProgress)
        case finished(FencingToken, UnitOutcome, [UInt8])
        /// The journal of a running job has so many records now.
        case recordsWritten(FencingToken, upTo: UInt64)
        /// The records that `UnitControl.sendRecords` asked for.
        case records(FencingToken, first: UInt64, [[UInt8]])
        /// A running job's journal lacks what the store has from this number on.
        case recordsWanted(FencingToken, from: UInt64)
        case hold(Bool, number: UInt64, reason: String)
        /// SIGTERM, or the supervisor is gone.
        case shutdown
    }

    /// What it tells the rest of the process; called on the fleet loop's thread.
    struct Output: Sendable {
        /// How many units run now.
        var running: @Sendable (Int) -> Void
        /// The hold of this number is carried out: nothing runs any more.
        var heldWorkStopped: @Sendable (UInt64) -> Void
        /// The worker is welcomed by its coordinator for the first time.
        var ready: @Sendable () -> Void
        var exited: @Sendable (ExitReason) -> Void
        var note: @Sendable (String) -> Void
        var wallClock: @Sendable () -> Int64
    }

    private var instance: WorkerInstance
    private let jobs: EndpointID
    private let executor: ExecutorThread
    private let mailbox: Mailbox<Event>
    private let output: Output
    private let resultLimit: ResultLimit
    private var payloads: [FencingToken: [UInt8]] = [:]
    private var running: [FencingToken: UnitControl] = [:]
    /// The ends of live jobs' leases, by the boot clock.
    private var leases: [FencingToken: Int64] = [:]
    /// Live jobs' parts of the fleet's limits, with the sequence of what they answered.
    private var budgets: [FencingToken: (budget: UnitBudget, sequence: UInt64)] = [:]
    private var results: [FencingToken: [UInt8]] = [:]
    private var completed: UInt64 = 0
    private var failed: UInt64 = 0
    private var isReady = false
    /// What runs, or the hold, has changed in this turn.
    private var tells = false
    /// The number of the hold in force; nil: released.
    private var hold: UInt64?
    private var usageDue: Int64 = 0

    init(
        instance: WorkerInstance, jobs: EndpointID, executor: ExecutorThread, mailbox: Mailbox<Event>, resultLimit: ResultLimit,
        output: Output
    ) {
        self.instance = instance
        self.resultLimit = resultLimit
        self.jobs = jobs
        self.executor = executor
        self.mailbox = mailbox
        self.output = output
    }

    mutating func turn(_ turn: inout Turn<Event>) -> Int64? {
        let moment = Moment(instant: Instant(nanoseconds: turn.now), wallMilliseconds: output.wallClock())
        noteUsage(turn.now)
        var directives: [WorkerDirective] = []
        for change in turn.changes { directives += take(change, at: moment) }
        for message in turn.messages { directives += receive(message, at: moment) }
        for event in turn.events { directives += handle(event, at: moment) }
        directives += instance.tick(at: moment)
        carryOut(directives, turn: &turn)
        if tells { tellRunning() }
        if !isReady, instance.isWelcomed {
            isReady = true
            output.ready()
        }
        return instance.nextDeadline?.nanoseconds
    }

    // MARK: - Inputs

    private mutating func take(_ change: LinkChange, at moment: Moment) -> [WorkerDirective] {
        switch change.kind {
        case .connected: return instance.connected(at: moment)
        case .refused(let status):
            output.note(
                "the coordinator does not accept this worker's key (\(status)): enter its public key there, or use the right key file"
            )
        case .handshakeFailed:
            output.note(
                "the coordinator's endpoint speaks without encryption or has another key: compare the key files of both sides")
        default: break
        }
        return []
    }

    private mutating func receive(_ message: Message, at moment: Moment) -> [WorkerDirective] {
        do {
            let received = try JobsWire.coordinatorMessage(message.frames.first)
            if case .assign(let batch) = received.message { keepPayloads(of: batch, received.payloads) }
            keepBudgets(received)
            return instance.receive(received.message, at: moment)
        } catch {
            output.note("a message of the coordinator was refused: \(error)")
            return []
        }
    }

    /// Keeps what new assignments need. The instance takes none of another session, and of one that it has already, waiting or
    /// finished, the payload is here or was used: nothing would ever drop it.
    private mutating func keepPayloads(of batch: AssignmentBatch, _ received: [JobID: [UInt8]]) {
        guard batch.session == instance.settings.session else { return }
        let held = Set(instance.heldUnits.map(\.grant.token))
        for assignment in batch.assignments where !held.contains(assignment.grant.token) {
            payloads[assignment.grant.token] = received[assignment.grant.unit.job]
        }
    }

    /// Takes the parts of the fleet's limits that come with leases. They are counted from when this worker asked, as leases are.
    private mutating func keepBudgets(_ received: JobsWire.FromCoordinator) {
        let (session, sequence, tokens): (SessionID, UInt64, [FencingToken])
        switch received.message {
        case .assign(let batch):
            (session, sequence) = (batch.session, batch.basis)
            tokens = batch.assignments.filter { $0.kind == .live }.map(\.grant.token)
        case .welcome(let welcome): (session, sequence, tokens) = (welcome.session, welcome.sequence, welcome.renewed)
        case .heartbeatAck(let ack): (session, sequence, tokens) = (ack.session, ack.sequence, ack.renewed)
        default: return
        }
        guard session == instance.settings.session, instance.settings.workerClass == .live,
            let asked = instance.sendingInstant(of: sequence)
        else { return }
        for token in tokens {
            let known = budgets[token]
            guard sequence >= known?.sequence ?? 0 else { continue }
            let budget = (known?.budget ?? .none).after(received.budgets, received.budgets?[token], asked: asked.nanoseconds)
            budgets[token] = (budget, sequence)
            running[token]?.setBudget(budget)
        }
    }

    /// What a live job was last told of the fleet's limits.
    func budget(of token: FencingToken) -> UnitBudget? { budgets[token]?.budget }

    /// How many payloads wait for the start of their unit.
    var payloadCount: Int { payloads.count }

    private mutating func handle(_ event: Event, at moment: Moment) -> [WorkerDirective] {
        switch event {
        case .progress(let token, let progress): return instance.unitProgress(token, progress, at: moment)
        case .finished(let token, let reported, let bytes):
            let (outcome, result) = resultLimit.checked(reported, bytes)
            running[token] = nil
            if outcome == .succeeded {
                results[token] = result
                completed += 1
            } else if case .failed = outcome {
                failed += 1
            }
            tells = true
            let directives = instance.unitFinished(token, outcome, at: moment)
            // A result that nobody wants any more (its grant was revoked) is not kept.
            if !directives.contains(.keepResult(token)) { results[token] = nil }
            return directives
        case .recordsWritten(let token, let count): return instance.recordsWritten(token, upTo: count, at: moment)
        case .records(let token, let first, let records):
            guard let grant = instance.heldUnits.first(where: { $0.grant.token == token })?.grant else { return [] }
            return [.send(.records(RecordBatch(grant: grant, first: first, records: records)))]
        case .recordsWanted(let token, let first): return instance.recordsWanted(token, from: first, at: moment)
        case .hold(let hold, let number, let reason):
            self.hold = hold ? number : nil
            tells = true
            return instance.setHold(hold, reason: reason, at: moment)
        case .shutdown: return instance.shutdown(at: moment)
        }
    }

    /// Said only after the turn's directives were carried out: what this turn began is counted.
    private mutating func tellRunning() {
        tells = false
        output.running(running.count)
        if let hold, running.isEmpty { output.heldWorkStopped(hold) }
    }

    private mutating func noteUsage(_ now: Int64) {
        guard now >= usageDue else { return }
        usageDue = now + 1_000_000_000
        let usage = ProcessUsage.read()
        instance.noteHealth(
            WorkerHealth(
                residentBytes: usage.residentBytes, cpuNanoseconds: usage.cpuNanoseconds, unitsCompleted: completed,
                errorCount: failed))
    }

    // MARK: - Directives

    private mutating func carryOut(_ directives: [WorkerDirective], turn: inout Turn<Event>) {
        for directive in directives {
            switch directive {
            case .send(let message): send(message, turn)
            case .start(let assignment): start(assignment)
            case .stop(let grant, let cause):
                if cause == .revoked || cause == .superseded { running[grant.token]?.noteReplaced() }
                running[grant.token]?.stop()
            case .dropPayload(let grant):
                payloads[grant.token] = nil
                leases[grant.token] = nil
                budgets[grant.token] = nil
            case .keepResult: break  // `results` has it since the unit ended
            case .dropResult(let token): results[token] = nil
            case .sendRecords(let grant, let first): running[grant.token]?.sendRecords(from: first)
            case .recordsKept(let grant, let count): running[grant.token]?.recordsKept(upTo: count)
            case .storedRecords(let grant, let first, let records):
                running[grant.token]?.storedRecords(from: first, records)
            case .resetBreaker(let grant, let person, let reason):
                running[grant.token]?.resetBreaker(by: person, reason: reason)
            case .leaseExtended(let grant, let end):
                leases[grant.token] = end.nanoseconds
                running[grant.token]?.extendLease(until: end.nanoseconds)
            // The job looks at the end of its lease before every order.
            case .leaseExpired(let grant): output.note("the lease of job \(grant.unit.job) has run out: it adds nothing any more")
            case .exit(let reason):
                executor.end()
                turn.finish()
                output.exited(reason)
            }
        }
    }

    private func send(_ message: WorkerToCoordinator, _ turn: borrowing Turn<Event>) {
        var result: [UInt8]?
        if case .finished(let grant, .succeeded) = message { result = results[grant.token] ?? [] }
        turn.send(Frames(JobsWire.bytes(message, result: result)), on: jobs)
    }

    private mutating func start(_ assignment: Assignment) {
        let token = assignment.grant.token
        let mailbox = mailbox
        let control = UnitControl(
            report: { mailbox.post(.progress(token, $0)) },
            records: { mailbox.post(.records(token, first: $0, $1)) },
            written: { mailbox.post(.recordsWritten(token, upTo: $0)) },
            wanted: { mailbox.post(.recordsWanted(token, from: $0)) })
        if let end = leases[token] { control.extendLease(until: end) }
        if let known = budgets[token] { control.setBudget(known.budget) }
        running[token] = control
        executor.start(
            ExecutorThread.Work(assignment: assignment, payload: payloads.removeValue(forKey: token) ?? [], control: control))
        output.running(running.count)
    }
}
