// Workers: hellos, signs of life, loss, death.

extension CoordinatorInstance {
    /// The largest figures a worker may give.
    private static let maxNameBytes = 128
    private static let maxCapacity = 1024
    private static let maxHeld = 4096
    private static let maxIncarnation: UInt64 = 1 << 62

    /// A message of a worker came in.
    package mutating func receive(
        _ message: WorkerToCoordinator, from peer: PeerID, lookup: some AddressLookup, at moment: Moment,
        into directives: inout [CoordinatorDirective]
    ) {
        begin(moment, &directives)
        defer { end(&directives) }
        if case .hello(let hello) = message {
            greet(hello, from: peer)
        } else if let worker = workers.slot(of: peer) {
            noteSignOfLife(of: worker)
            switch message {
            case .hello: break
            case .started(let grant): noteStart(of: grant, by: worker)
            case .progress(let grant, let progress): noteProgress(progress, of: grant, by: worker)
            case .finished(let grant, let outcome): finish(grant, outcome, by: worker, lookup)
            case .returned(let grant, let reason): takeBack(grant, reason, from: worker)
            case .heartbeat(let heartbeat): answer(heartbeat, of: worker)
            case .records(let batch): keep(batch, from: worker)
            case .fetchRecords(let grant, let first): noteWanted(grant, from: first, by: worker)
            case .goodbye(let session): sayGoodbye(session, to: worker)
            }
        } else {
            output.append(.send(peer, .whoAreYou))
        }
    }

    /// A send to this peer failed (there is no route to it). It gets no new work until it is heard of again; what it has
    /// is judged by its lease alone.
    package mutating func peerUnreachable(_ peer: PeerID, at moment: Moment) {
        if let worker = workers.slot(of: peer) { workers[worker].isUnreachable = true }
    }

    // MARK: - Hello

    private mutating func greet(_ hello: WorkerHello, from peer: PeerID) {
        if let problem = problem(with: hello) {
            output.append(.send(peer, .rejected(problem)))
            return
        }
        guard !deadSessions.contains(hello.session) else { return }
        for token in hello.held.map(\.grant.token) + [hello.highestToken].compactMap({ $0 }) { raiseTokens(above: token) }
        let known = workers.slot(of: hello.session)
        if supersededSessions.contains(hello.session) {
            if let known { workers.connect(known, to: peer) }
            let newest = workers.newestSession(of: hello.worker) ?? hello.session
            output.append(.send(peer, .superseded(by: newest)))
            return
        }
        if let known, hello.sequence <= workers[known].sequence { return }
        if known == nil, workers.isOlder(hello.start, than: hello.worker) { return refuseOlder(hello, from: peer) }
        let worker = known ?? register(hello)
        workers.connect(worker, to: peer)
        noteSignOfLife(of: worker)
        update(worker, from: hello)
        sendWelcome(hello, to: worker)
        resend(missingFrom: Set(hello.held.map(\.grant.token)), to: worker)
        workers.markHungry(worker)
    }

    private func problem(with hello: WorkerHello) -> String? {
        let nameBytes = hello.worker.name.utf8.count
        if nameBytes == 0 || nameBytes > Self.maxNameBytes {
            return "the worker's name has \(nameBytes) bytes; give it 1 to \(Self.maxNameBytes)"
        }
        if !(1...Self.maxCapacity).contains(hello.capacity) {
            return "worker \(hello.worker) asks for \(hello.capacity) units at once; set 1 to \(Self.maxCapacity)"
        }
        if hello.held.count > Self.maxHeld {
            return "worker \(hello.worker) holds \(hello.held.count) units; no more than \(Self.maxHeld) are allowed: restart it"
        }
        let tokens = hello.held.map(\.grant.token) + [hello.highestToken].compactMap { $0 }
        if let token = tokens.first(where: { $0.incarnation >= Self.maxIncarnation }) {
            return "worker \(hello.worker) shows the impossible token \(token): remove its saved state and restart it"
        }
        if let known = workers.slot(of: hello.session) {
            if workers[known].id != hello.worker || workers[known].workerClass != hello.workerClass {
                return "worker \(hello.worker) uses the session of another worker: restart it"
            }
        } else if let older = workers.newestSession(of: hello.worker), let slot = workers.slot(of: older),
            workers[slot].workerClass != hello.workerClass
        {
            // Else a key of one class could take over what a worker of another one has.
            return
                "worker \(hello.worker) is of class \(workers[slot].workerClass.rawValue) here, not \(hello.workerClass.rawValue): give it a name of its own"
        } else if workers.count >= settings.maxWorkers {
            return "there are \(workers.count) workers already; the coordinator is set to no more than \(settings.maxWorkers)"
        }
        return nil
    }

    /// A process that was frozen or cut off while a newer one took its name.
    private mutating func refuseOlder(_ hello: WorkerHello, from peer: PeerID) {
        supersededSessions.insert(hello.session)
        let newest = workers.newestSession(of: hello.worker) ?? hello.session
        output.append(.send(peer, .superseded(by: newest)))
    }

    private mutating func register(_ hello: WorkerHello) -> Int {
        if let older = workers.newestSession(of: hello.worker), let slot = workers.slot(of: older) {
            supersede(slot, by: hello.session)
        }
        let worker = workers.insert(
            WorkerEntry(
                id: hello.worker, session: hello.session, workerClass: hello.workerClass, start: hello.start,
                lastHeard: now.instant))
        persist(
            .workerJoined(
                WorkerSession(
                    worker: hello.worker, session: hello.session, workerClass: hello.workerClass, start: hello.start)))
        timers.set(.worker(hello.session), at: now.instant.advanced(by: settings.workerLease))
        publish(.worker(hello.worker, .joined))
        if let executable = settings.executable, executable != hello.executable {
            publish(.worker(hello.worker, .executableMismatch))
        }
        return worker
    }

    private mutating func update(_ worker: Int, from hello: WorkerHello) {
        workers[worker].executableMatches = settings.executable.map { $0 == hello.executable } ?? true
        workers[worker].capacity = hello.capacity
        workers[worker].memoryBytes = hello.memoryBytes
        workers[worker].sequence = hello.sequence
        workers[worker].isHalted = hello.isHalted
    }

    private mutating func sendWelcome(_ hello: WorkerHello, to worker: Int) {
        let (renewed, revoked) = renew(hello.held, of: worker)
        send(
            .welcome(
                Welcome(
                    session: hello.session, incarnation: incarnation, heartbeatInterval: settings.heartbeatInterval,
                    workerLease: settings.workerLease, liveLease: settings.liveLease, sequence: hello.sequence,
                    renewed: renewed, revoked: revoked, executableMatches: workers[worker].executableMatches)),
            to: worker)
        if workers[worker].isDraining || isDraining { send(.drain, to: worker) }
    }

    /// A newer session of the same name is there: the older one's process is replaced, so that its backtests and dry-runs
    /// are tried again. A live job stays with it until its death is proved: a name is no proof.
    private mutating func supersede(_ worker: Int, by session: SessionID) {
        send(.superseded(by: session), to: worker)
        supersededSessions.insert(workers[worker].session)
        workers[worker].isSuperseded = true
        publish(.worker(workers[worker].id, .superseded))
        if workers[worker].workerClass != .live {
            failAll(of: worker, UnitFailure(code: .workerDied, message: "worker \(workers[worker].id) was started anew"))
        }
        if workers[worker].held.isEmpty { remove(worker) }
    }

    // MARK: - Signs of life

    private mutating func noteSignOfLife(of worker: Int) {
        workers[worker].lastHeard = now.instant
        workers[worker].isUnreachable = false
        if workers[worker].isSilent {
            workers[worker].isSilent = false
            publish(.worker(workers[worker].id, .returned))
        }
    }

    private mutating func answer(_ heartbeat: WorkerHeartbeat, of worker: Int) {
        guard heartbeat.session == workers[worker].session, heartbeat.sequence > workers[worker].sequence else { return }
        workers[worker].sequence = heartbeat.sequence
        workers[worker].isHalted = heartbeat.isHalted
        workers[worker].health = heartbeat.health
        let (renewed, revoked) = renew(heartbeat.held, of: worker)
        send(
            .heartbeatAck(
                HeartbeatAck(
                    session: heartbeat.session, sequence: heartbeat.sequence, renewed: renewed, revoked: revoked)),
            to: worker)
        resend(missingFrom: Set(heartbeat.held.map(\.grant.token)), to: worker)
        workers.markHungry(worker)
    }

    /// Compares what a worker says it holds with what it was granted.
    private mutating func renew(
        _ held: [HeldUnit], of worker: Int
    ) -> (renewed: [FencingToken], revoked: [FencingToken]) {
        var renewed: [FencingToken] = []
        var revoked: [FencingToken] = []
        for unit in held {
            if isCurrent(unit.grant, of: worker) {
                // Its holder keeps the job, and adds nothing any more once its lease has run out.
                if workers[worker].workerClass == .live, !settings.liveEnabled { continue }
                renewed.append(unit.grant.token)
                renew(unit)
            } else if unit.phase != .finished {
                // The report of a finished unit is on its way: it is answered, and noted if it is late.
                revoked.append(unit.grant.token)
            }
        }
        return (renewed, revoked)
    }

    private mutating func renew(_ unit: HeldUnit) {
        let token = unit.grant.token
        guard let dispatch = dispatches[token] else { return }
        dispatches[token]?.renewedAt = now.instant
        if dispatch.isLost {
            dispatches[token]?.isLost = false
            dispatches[token]?.isRunning = true
            timers.set(.liveLease(token), at: now.instant.advanced(by: settings.liveLease))
            advance(dispatch.job, .holderReturned, StateReason(.holderReturned))
        }
        if unit.phase != .waiting { markRunning(token) }
        if jobs[dispatch.job].state == .canceling, unit.phase != .finished {
            send(.cancel(unit.grant), to: dispatch.worker)
        }
    }

    func isCurrent(_ grant: Grant, of worker: Int) -> Bool {
        guard let dispatch = dispatches[grant.token] else { return false }
        return dispatch.worker == worker && dispatch.grant.unit == grant.unit
    }

    // MARK: - Going

    private mutating func sayGoodbye(_ session: SessionID, to worker: Int) {
        guard workers[worker].session == session else { return }
        publish(.worker(workers[worker].id, .left))
        workers[worker].isDraining = true
        guard workers[worker].workerClass != .live || workers[worker].held.isEmpty else { return }
        for token in workers[worker].held.sorted() {
            guard let dispatch = close(token) else { continue }
            handBack(dispatch, notBefore: nil, StateReason(.drained, "worker \(workers[worker].id) was shut down"))
        }
        send(.farewell(session), to: worker)
        remove(worker)
    }

    /// The timer of a session: nobody heard of it for a whole lease, or it was heard of meanwhile.
    mutating func checkWorker(_ session: SessionID) {
        guard let worker = workers.slot(of: session) else { return }
        let end = workers[worker].lastHeard.advanced(by: settings.workerLease)
        guard end <= now.instant else { return timers.set(.worker(session), at: end) }
        if workers[worker].workerClass == .live, !workers[worker].held.isEmpty {
            if !workers[worker].isSilent { publish(.worker(workers[worker].id, .lost)) }
            workers[worker].isSilent = true
            return timers.set(.worker(session), at: now.instant.advanced(by: settings.workerLease))
        }
        if !workers[worker].isSuperseded { publish(.worker(workers[worker].id, .lost)) }
        let message = "worker \(workers[worker].id) was silent for longer than \(settings.workerLease)"
        failAll(of: worker, UnitFailure(code: .workerLost, message: message))
        remove(worker)
    }

    /// The timer of a live job's lease.
    mutating func checkLiveLease(_ token: FencingToken) {
        guard let dispatch = dispatches[token], !dispatch.isLost else { return }
        let end = dispatch.renewedAt.advanced(by: settings.liveLease)
        guard end <= now.instant else { return timers.set(.liveLease(token), at: end) }
        dispatches[token]?.isLost = true
        let message = "worker \(workers[dispatch.worker].id) was silent for longer than \(settings.liveLease)"
        advance(dispatch.job, .leaseExpired, StateReason(.leaseExpired, message))
    }

    /// A supervisor saw the process of a session end.
    mutating func bury(_ session: SessionID, _ proof: DeathProof) {
        guard !deadSessions.contains(session) else { return }
        deadSessions.insert(session)
        persist(.workerDied(session))
        guard let worker = workers.slot(of: session) else { return }
        publish(.worker(workers[worker].id, .died))
        let failure = UnitFailure(code: proof.outOfMemory ? .outOfMemory : .workerDied, message: proof.explanation)
        failAll(of: worker, failure, endedInOrder: proof.exitStatus == 0)
        remove(worker)
    }

    /// Takes everything from a worker that is gone. What it had not begun does not count as an attempt, but waits a
    /// little, so that a fault in starting makes no busy loop. A live job also waits for the end of its lease.
    ///
    /// A process that ended in order (status 0) has given back what it had; the proof of its end may overtake that message, and
    /// then nothing of it counts either.
    private mutating func failAll(of worker: Int, _ failure: UnitFailure, endedInOrder: Bool = false) {
        for token in workers[worker].held.sorted() {
            guard let dispatch = close(token) else { continue }
            if endedInOrder, jobs[dispatch.job].kind != .live {
                handBack(dispatch, notBefore: now.instant.advanced(by: settings.backOff), StateReason(.drained, failure.message))
            } else {
                failLost(dispatch, failure)
            }
        }
    }

    mutating func failLost(_ dispatch: OpenDispatch, _ failure: UnitFailure) {
        let isLive = jobs[dispatch.job].kind == .live
        let free = isLive ? dispatch.renewedAt.advanced(by: settings.regrantDelay) : now.instant
        if dispatch.isRunning || isLive {
            fail(dispatch, failure, notBefore: free)
        } else {
            let reason = StateReason(failure.code.stateReason, failure.message)
            handBack(dispatch, notBefore: now.instant.advanced(by: settings.backOff), reason)
        }
    }

    private mutating func remove(_ worker: Int) {
        flush(worker)
        persist(.workerLeft(workers[worker].session))
        workers.remove(worker)
    }
}

extension DeathProof {
    /// One sentence for people.
    var explanation: String {
        let cause =
            if outOfMemory {
                "was killed for its memory"
            } else if let signal {
                "was ended by signal \(signal)"
            } else if let exitStatus {
                "exited with status \(exitStatus)"
            } else {
                "ended"
            }
        return "the worker's process \(cause), seen by \(supervisor)"
    }
}
