// What the coordinator tells the worker.

extension WorkerInstance {
    /// A message of the coordinator came in. Payloads of an assignment are with the shell.
    package mutating func receive(_ message: CoordinatorToWorker, at moment: Moment) -> [WorkerDirective] {
        begin(moment)
        guard !isOver else { return takeOutput() }
        lastHeard = now.instant
        switch message {
        case .welcome(let welcome): enter(welcome)
        case .whoAreYou: greetAgain()
        case .assign(let batch): take(batch)
        case .cancel(let grant): cancel(grant)
        case .recorded(let reports): for report in reports { forget(report.token) }
        case .superseded(let session): giveWay(to: session)
        case .rejected(let message): reject(message)
        case .drain: drain()
        case .farewell(let session): if case .leaving = ending, session == settings.session { leave(.drained) }
        case .heartbeatAck(let ack):
            guard ack.session == settings.session else { break }
            extendLeases(ack.renewed, from: ack.sequence)
            revoke(ack.revoked)
        case .recordsKept(let kept): noteKept(kept)
        case .storedRecords(let stored): take(stored)
        case .resetBreaker(let grant, let person, let reason):
            switch held[grant.token]?.stage {
            case .running: output.append(.resetBreaker(grant, by: person, reason: reason))
            case .waiting: held[grant.token]?.earlyReset = (person, reason)
            case .stopping, .finished, nil: break
            }
        }
        startWaiting()
        endIfDone()
        return takeOutput()
    }

    private mutating func enter(_ welcome: Welcome) {
        guard welcome.session == settings.session else { return }
        heartbeatInterval = max(.milliseconds(1), welcome.heartbeatInterval)
        liveLease = welcome.liveLease
        let wasWelcomed = isWelcomed
        link = .welcomed
        if !wasWelcomed { nextHeartbeat = now.instant.advanced(by: heartbeatInterval) }
        extendLeases(welcome.renewed, from: welcome.sequence)
        revoke(welcome.revoked)
        for token in held.keys.sorted() {
            held[token]?.records?.reconnect()
            held[token]?.wanted?.reconnect()
            askForRecords(token)
            askForStoredRecords(token)
            report(token)
        }
        // The coordinator was started anew before it had read the goodbye.
        if case .leaving = ending { send(.goodbye(settings.session)) }
    }

    /// The coordinator does not know this connection. It may say so several times before it has the hello.
    private mutating func greetAgain() {
        if case .greeting = link, let lastHello, now.instant.duration(since: lastHello) < settings.helloInterval { return }
        link = .disconnected
        greet()
    }

    // MARK: - Assignments

    private mutating func take(_ batch: AssignmentBatch) {
        guard batch.session == settings.session else { return }
        let basis = sendingInstant(of: batch.basis)
        for assignment in batch.assignments { take(assignment, basis: basis) }
    }

    private mutating func take(_ assignment: Assignment, basis: Instant?) {
        let grant = assignment.grant
        highestToken = max(highestToken ?? grant.token, grant.token)
        guard held[grant.token] == nil else { return }
        let leaseEnd = basis?.advanced(by: assignment.lease)
        if let reason = reasonToReturn(assignment, leaseEnd: leaseEnd) {
            ended(grant.token)
            output.append(.dropPayload(grant))
            send(.returned(grant, reason))
            return
        }
        var unit = Held(assignment: assignment)
        if assignment.kind == .live { unit.leaseEnd = leaseEnd }
        held[grant.token] = unit
        waiting.append(grant.token)
        if let leaseEnd = unit.leaseEnd { output.append(.leaseExtended(grant, until: leaseEnd)) }
    }

    private func reasonToReturn(_ assignment: Assignment, leaseEnd: Instant?) -> ReturnReason? {
        let grant = assignment.grant
        if ended.contains(grant.token) || endedFloor.map({ grant.token <= $0 }) == true { return .refused(.oldToken) }
        if held.values.contains(where: { $0.grant.unit == grant.unit && $0.grant.token > grant.token }) {
            return .refused(.oldToken)
        }
        if assignment.kind != settings.workerClass { return .refused(.wrongClass) }
        if isHalted { return .held }
        if ending != nil { return .draining }
        // What is finished and only waits for its acknowledgement takes no room.
        let busy = held.values.count { if case .finished = $0.stage { false } else { true } }
        if busy >= settings.capacity * 2 { return .refused(.noCapacity) }
        if assignment.kind == .live, leaseEnd.map({ $0 <= now.instant }) ?? true { return .refused(.leaseOver) }
        return nil
    }

    // MARK: - Cancel, revoke, forget

    /// Every cancel is answered, also of a grant that never came or is over: from now on it would be refused.
    private mutating func cancel(_ grant: Grant) {
        guard let unit = held[grant.token] else {
            ended(grant.token)
            return send(.finished(grant, .canceled))
        }
        switch unit.stage {
        case .waiting:
            output.append(.dropPayload(grant))
            keep(grant.token, .canceled)
        case .running: stop(grant.token, .canceled)
        case .stopping: held[grant.token]?.stage = .stopping(.canceled)
        case .finished: report(grant.token)
        }
    }

    private mutating func revoke(_ tokens: [FencingToken]) {
        for token in tokens {
            guard let unit = held[token] else { continue }
            switch unit.stage {
            case .waiting:
                output.append(.dropPayload(unit.grant))
                forget(token)
            case .running: stop(token, .revoked)
            case .stopping: held[token]?.stage = .stopping(.revoked)
            // It came to its end before this was known here: its report is refused, noted, and then forgotten.
            case .finished(.succeeded): break
            case .finished: forget(token)
            }
        }
    }

    /// The coordinator has dealt with the grant.
    mutating func forget(_ token: FencingToken) {
        guard let unit = held[token], !isBusy(unit) else { return }
        held[token] = nil
        ended(token)
        if case .finished(.succeeded) = unit.stage { output.append(.dropResult(token)) }
    }

    private func isBusy(_ unit: Held) -> Bool {
        switch unit.stage {
        case .running, .stopping: true
        case .waiting, .finished: false
        }
    }

    mutating func ended(_ token: FencingToken) {
        if let evicted = ended.insert(token) { endedFloor = max(endedFloor ?? evicted, evicted) }
    }

    // MARK: - Ending

    private mutating func giveWay(to session: SessionID) {
        if case .superseded = ending { return }
        ending = .superseded(by: session)
        stopEverything(.superseded)
    }

    private mutating func reject(_ message: String) {
        // Without a welcome nothing was begun in this life; with units at work it goes on asking.
        guard held.isEmpty, !isWelcomed else { return }
        ending = .exited
        output.append(.exit(.rejected(message)))
    }

    private mutating func drain() {
        guard ending == nil else { return }
        ending = .draining
        handBackWaiting(.draining) { _ in true }
    }
}
