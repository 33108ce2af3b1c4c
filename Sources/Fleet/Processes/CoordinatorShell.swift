internal import Coordination
internal import FleetProtocol
internal import JobStore
internal import LiveGates
internal import Transport

/// Carries out what `CoordinatorInstance` decides. One turn is one batch: everything that has come in is handled, all changes are
/// committed in one transaction, and only then is anything sent.
struct CoordinatorShell: LoopHandler {
    /// What other threads tell it.
    enum Event: Sendable {
        case hold(Bool, number: UInt64, reason: String)
        /// SIGTERM, or the supervisor is gone: end, after what has come in until then. What is out stays out: the workers keep it,
        /// with their results, until the next coordinator has them.
        case shutdown
    }

    /// The sockets.
    struct Endpoints {
        var jobs: EndpointID
        var control: EndpointID
        var events: EndpointID
    }

    /// What it tells the rest of the process; called on the loop's thread.
    struct Output: Sendable {
        var note: @Sendable (String) -> Void
        var audit: @Sendable (String) -> Void
        /// The hold of this number is in force: nothing will be dispatched, and what was has been sent.
        var held: @Sendable (UInt64) -> Void
        /// What subscribers hear, whether or not there are any.
        var published: @Sendable (JobEvent) -> Void = { _ in }
        /// The store failed; nothing of the batch was sent, and the loop has ended.
        var failed: @Sendable (JobStoreError) -> Void
        var wallClock: @Sendable () -> Int64
        var facts: QueryAnswerer.Facts
        /// The names of the keys of members: who has a key of a longer name serves that name.
        var memberKeys: Set<String>
        /// A number for a confirmation of a live job, which nobody can guess.
        var makeToken: @Sendable () -> SubmissionID = { SubmissionID(UInt128.random(in: .min ... .max)) }
    }

    private var instance: CoordinatorInstance
    let store: any JobStore
    let endpoints: Endpoints
    let output: Output
    private var payloads: PayloadCache
    private var bytes = CollectedJobBytes()
    /// What the instance asked for in this turn; in the first one also what it asked for before.
    private var directives: [CoordinatorDirective]
    private var changes: [StoreChange] = []
    private var queries: [PendingQuery] = []
    private var unreachable: [Coordination.PeerID] = []
    /// The hold that this turn brought.
    private var newHold: UInt64?
    /// Where live jobs come in.
    private var live: LiveDesk
    /// The copy of the store that is being made.
    var backup: RunningBackup?
    /// Subscribers of the events; with none, events are not even encoded.
    private var subscribers = 0

    /// A question that is answered after the batch's commit.
    struct PendingQuery {
        var peer: TransportPeer
        var request: RequestID
        var query: ClientQuery
    }

    /// - Parameters:
    ///   - directives: of the inputs that the instance was given already.
    ///   - cachedPayloadBytes: how many bytes of payloads are kept beside the store; 0 for a store that is in memory itself.
    init(
        instance: CoordinatorInstance, directives: [CoordinatorDirective], store: any JobStore, cachedPayloadBytes: Int,
        live: LiveDesk = LiveDesk(isEnabled: false), endpoints: Endpoints, output: Output
    ) {
        self.instance = instance
        self.directives = directives
        self.store = store
        self.live = live
        payloads = PayloadCache(limit: cachedPayloadBytes)
        self.endpoints = endpoints
        self.output = output
    }

    mutating func turn(_ turn: inout Turn<Event>) -> Int64? {
        let moment = Moment(instant: Instant(nanoseconds: turn.now), wallMilliseconds: output.wallClock())
        for peer in unreachable { instance.peerUnreachable(peer, at: moment) }
        unreachable.removeAll(keepingCapacity: true)
        for change in turn.changes { count(change) }
        for message in turn.messages {
            if message.endpoint == endpoints.jobs {
                receiveFromWorker(message, turn, at: moment)
            } else {
                receiveFromClient(message, turn, at: moment)
            }
        }
        for event in turn.events { handle(event, at: moment, &turn) }
        instance.tick(at: moment, into: &directives)
        instance.endBatch(at: moment, into: &directives)
        let batch = instance.closeBatch()
        guard commit() else {
            backup = nil
            turn.finish()
            return nil
        }
        instance.committed(through: batch)
        carryOut(turn)
        if let number = newHold { output.held(number) }
        newHold = nil
        answerQueries(turn)
        if goOnWithBackup(turn) { return turn.now }
        return instance.nextDeadline?.nanoseconds
    }

    // MARK: - Peers

    /// Connections of both endpoints in one space: the lowest bit says which endpoint.
    private func peer(_ message: Message) -> Coordination.PeerID {
        Coordination.PeerID(message.peer.raw << 1 | (message.endpoint == endpoints.control ? 1 : 0))
    }

    private func route(_ peer: Coordination.PeerID) -> (EndpointID, TransportPeer) {
        (peer.rawValue & 1 == 1 ? endpoints.control : endpoints.jobs, TransportPeer(raw: peer.rawValue >> 1))
    }

    private mutating func count(_ change: LinkChange) {
        guard change.endpoint == endpoints.events else { return }
        switch change.kind {
        case .subscribed: subscribers += 1
        case .unsubscribed: subscribers = max(0, subscribers - 1)
        default: break
        }
    }

    // MARK: - Inputs

    private mutating func receiveFromWorker(
        _ message: Message, _ turn: borrowing Turn<Event>, at moment: Moment
    ) {
        do {
            let received = try JobsWire.workerMessage(message.frames.first)
            if case .hello(let hello) = received.message, !Rights.mayRegister(hello, message.user, among: output.memberKeys) {
                let text =
                    "the key of '\(message.user?.name ?? "?")' may not register worker \(hello.worker) of class \(hello.workerClass.rawValue)"
                output.note(text)
                turn.send(Frames(JobsWire.bytes(.rejected(text), payloads: [:])), on: endpoints.jobs, to: message.peer)
                return
            }
            let before = directives.count
            instance.receive(
                received.message, from: peer(message), lookup: StoreLookup(store), at: moment, into: &directives)
            // Only bytes of what was accepted are kept: whoever else sends a result under this token changes nothing.
            if case .finished(let grant, .succeeded) = received.message, isRecorded(grant, since: before) {
                bytes.results[grant.token] = received.result ?? []
            }
        } catch {
            refuse(message, error, turn)
        }
    }

    private mutating func receiveFromClient(
        _ message: Message, _ turn: borrowing Turn<Event>, at moment: Moment
    ) {
        do {
            let received = try ControlWire.inbound(message.frames.first)
            switch received.content {
            case .query(.backup(let path)):
                begin(backupTo: path, for: received.request, of: message, turn)
            case .query(let query):
                queries.append(PendingQuery(peer: message.peer, request: received.request, query: query))
            case .request(let request, let submitted):
                guard Rights.allows(request, message.user) else {
                    let refusal = Refusal(
                        .invalidRequest, "the key of '\(message.user?.name ?? "?")' may only look; use an operator's key")
                    turn.send(
                        Frames(ControlWire.bytes(Reply.refused(refusal), to: received.request)), on: endpoints.control,
                        to: message.peer)
                    return
                }
                try take(request, submitted, as: received.request, message, turn, at: moment)
            }
        } catch {
            refuse(message, error, turn)
        }
    }

    private mutating func take(
        _ request: ClientRequest, _ submitted: [[UInt8]], as id: RequestID, _ message: Message, _ turn: borrowing Turn<Event>,
        at moment: Moment
    ) throws {
        var submitted = submitted
        var account: String?
        do throws(Refusal) {
            switch request {
            case .confirmLive(let by):
                let confirmation = try live.confirm(now: moment.instant.nanoseconds, token: output.makeToken())
                output.audit("live: \(by) asks for a confirmation")
                return reply(.confirmation(confirmation), id, message, turn)
            case .submit(let submission, let jobs):
                account = try admit(submission, jobs, &submitted, at: moment)
            case .resetBreaker(let job, let by, let reason):
                output.audit("live: \(by) resets the circuit breaker of job \(job): \(reason)")
            default: break
            }
        } catch {
            if case .submit = request { output.audit("live: a submission was refused: \(error.message)") }
            return reply(.refused(error), id, message, turn)
        }
        let before = directives.count
        instance.receive(
            request, id: id, from: peer(message), lookup: StoreLookup(store), at: moment, into: &directives)
        if case .submit(let submission, _) = request, let job = inserted(submission, since: before) {
            bytes.payloads[submission] = submitted
            if let account { live.own(account, job) }
        }
    }

    /// Checks a submission with a live job in it, and puts the coordinator's word into its payload; the account that the job is to hold.
    ///
    /// The same submission once more, since its answer was lost, is answered as it was, and starts nothing.
    private mutating func admit(
        _ submission: SubmissionID, _ jobs: [NewJob], _ submitted: inout [[UInt8]], at moment: Moment
    ) throws(Refusal) -> String? {
        guard LiveDesk.concerns(jobs, submitted), !instance.knows(submission, lookup: StoreLookup(store)) else { return nil }
        let (payload, account, admission) = try live.admit(
            submission, jobs, submitted, evidence: LiveEvidence(store: store), now: moment.instant.nanoseconds,
            wall: moment.wallMilliseconds)
        submitted = [payload]
        let override = admission.promotion.override.map { ", promotion overridden: \($0.reason)" } ?? ""
        output.audit("live: \(admission.by) starts \(admission.promotion.subject.strategy) on account \(account)\(override)")
        return account
    }

    private func reply(_ reply: Reply, _ id: RequestID, _ message: Message, _ turn: borrowing Turn<Event>) {
        turn.send(Frames(ControlWire.bytes(reply, to: id)), on: endpoints.control, to: message.peer)
    }

    private func isRecorded(_ grant: Grant, since place: Int) -> Bool {
        directives[place...].contains {
            if case .persist(.unitFinished(grant, .succeeded, _)) = $0 { true } else { false }
        }
    }

    /// The first job that came in with the submission; nil: none was new.
    private func inserted(_ submission: SubmissionID, since place: Int) -> JobID? {
        for case .persist(.jobInserted(let record)) in directives[place...] where record.submission == submission {
            return record.id
        }
        return nil
    }

    /// An undecodable message is answered with the reason, so that a peer of another version learns of it.
    private func refuse(_ message: Message, _ error: any Error, _ turn: borrowing Turn<Event>) {
        output.note("a message was refused: \(error)")
        turn.send(Frames(ControlWire.errorBytes("\(error)")), on: message.endpoint, to: message.peer)
    }

    private mutating func handle(_ event: Event, at moment: Moment, _ turn: inout Turn<Event>) {
        switch event {
        case .hold(let hold, let number, let reason):
            output.audit(hold ? "dispatch held: \(reason)" : "dispatch released")
            newHold = hold ? number : nil
            instance.setHold(hold, reason: reason, at: moment, into: &directives)
        case .shutdown:
            // A copy that is not whole is given up, before the store is closed.
            backup = nil
            turn.finish()
        }
    }

    // MARK: - Commit, then send

    /// A turn with more than this gives its memory back.
    private static let usualChanges = 8192

    private mutating func commit() -> Bool {
        for case .persist(let change) in directives {
            changes.append(change)
            if case .jobInserted(let record) = change, let payload = bytes.payload(of: record) {
                payloads.insert(payload, for: record.id)
            }
        }
        defer {
            let keepsRoom = changes.count <= Self.usualChanges
            changes.removeAll(keepingCapacity: keepsRoom)
            bytes.payloads.removeAll(keepingCapacity: keepsRoom)
            bytes.results.removeAll(keepingCapacity: keepsRoom)
        }
        // Without changes too: a lookup that failed in this turn was answered as if there were nothing, which must not go out.
        do throws(JobStoreError) {
            try store.commit(changes, bytes: bytes)
            return true
        } catch {
            output.failed(error)
            return false
        }
    }

    private mutating func carryOut(_ turn: borrowing Turn<Event>) {
        var directives: [CoordinatorDirective] = []
        swap(&directives, &self.directives)
        defer {
            directives.removeAll(keepingCapacity: directives.count <= 2 * Self.usualChanges)
            swap(&directives, &self.directives)
        }
        for directive in directives {
            switch directive {
            case .persist(.jobStateChanged(let job, let state, _, _)):
                guard state.isTerminal else { continue }
                payloads.remove(job)
                live.release(job)
            case .persist: break
            case .send(let peer, let message): send(message, to: peer, turn)
            case .sendRecords(let peer, let grant, let first):
                if let answer = storedRecords(of: grant, from: first) { send(answer, to: peer, turn) }
            case .reply(let peer, let request, let reply):
                let (endpoint, route) = route(peer)
                turn.send(Frames(ControlWire.bytes(reply, to: request)), on: endpoint, to: route)
            case .publish(let event):
                output.published(event)
                if subscribers > 0 {
                    turn.send(Frames(ControlWire.eventTopic, rest: [ControlWire.bytes(event)]), on: endpoints.events)
                }
            }
        }
    }

    private mutating func send(_ message: CoordinatorToWorker, to peer: Coordination.PeerID, _ turn: borrowing Turn<Event>) {
        var attached: [JobID: [UInt8]] = [:]
        if case .assign(let batch) = message {
            attached.reserveCapacity(batch.assignments.count)
            for assignment in batch.assignments where attached[assignment.grant.unit.job] == nil {
                // Without its payload a job would look like a forged one and fail for good. Not sent at all, it is sent again
                // when the worker does not mention it.
                guard let payload = payload(of: assignment.grant.unit.job) else { return }
                attached[assignment.grant.unit.job] = payload
            }
        }
        let (endpoint, route) = route(peer)
        let budgets = liveGrants(in: message).flatMap { live.budgets(for: $0, now: turn.now) }
        let result = turn.send(Frames(JobsWire.bytes(message, payloads: attached, budgets: budgets)), on: endpoint, to: route)
        if !result.isTaken { unreachable.append(peer) }
    }

    /// The live jobs whose leases the message brings or renews: their parts of the fleet's limits go with it. Nil: it brings and renews none. A grant
    /// that has ended meanwhile is left out, and has no part then.
    private func liveGrants(in message: CoordinatorToWorker) -> [(token: FencingToken, job: JobID)]? {
        guard live.portfolio != nil else { return nil }
        let tokens: [FencingToken]
        switch message {
        case .assign(let batch): tokens = batch.assignments.filter { $0.kind == .live }.map(\.grant.token)
        case .welcome(let welcome): tokens = welcome.renewed
        case .heartbeatAck(let ack): tokens = ack.renewed
        default: return nil
        }
        guard !tokens.isEmpty else { return nil }
        return tokens.compactMap { token in instance.liveJob(of: token).map { (token, $0) } }
    }

    private mutating func payload(of job: JobID) -> [UInt8]? {
        if let cached = payloads[job] { return cached }
        do throws(JobStoreError) {
            guard let stored = try store.payload(of: job) else {
                output.note("the job store has no payload of job \(job): it cannot be dispatched; cancel it and submit it again")
                return nil
            }
            payloads.insert(stored, for: job)
            return stored
        } catch {
            output.note("the payload of job \(job) cannot be read, it is tried again: \(error)")
            return nil
        }
    }

    private mutating func answerQueries(_ turn: borrowing Turn<Event>) {
        guard !queries.isEmpty else { return }
        let answerer = QueryAnswerer(store: store, instance: instance, facts: output.facts, live: live, now: turn.now)
        for query in queries {
            let answer = answerer.answer(query.query)
            turn.send(Frames(ControlWire.bytes(answer, to: query.request)), on: endpoints.control, to: query.peer)
        }
        queries = []
    }
}

/// The store as the instance may ask it.
private struct StoreLookup: AddressLookup {
    let store: any JobStore

    init(_ store: any JobStore) { self.store = store }

    func succeededJob(at address: JobAddress) -> JobID? { store.succeededJob(at: address) }
    func acceptedJobs(of submission: SubmissionID) -> [AcceptedJob]? { store.acceptedJobs(of: submission) }
    func isRecorded(_ grant: Grant, succeeded: Bool) -> Bool { store.isRecorded(grant, succeeded: succeeded) }
    func storedJob(_ id: JobID) -> StoredJob? { store.storedJob(id) }
}
