// Units at work, their reports, and what is due by the clock.

extension WorkerInstance {
    // MARK: - Starting and stopping

    /// Begins waiting units while there is room. A unit whose earlier grant still runs here waits for its end.
    mutating func startWaiting() {
        guard !isHalted, ending == nil else { return }
        var blocked: [FencingToken] = []
        while runningCount < settings.parallelism, let token = waiting.popFirst() {
            guard let unit = held[token], case .waiting = unit.stage else { continue }
            if isUnitBusy(unit.grant.unit) {
                blocked.append(token)
                continue
            }
            if let leaseEnd = unit.leaseEnd, leaseEnd <= now.instant {
                returnWaiting(token, .refused(.leaseOver))
                continue
            }
            held[token]?.stage = .running
            runningCount += 1
            output.append(.start(unit.assignment))
            if let reset = unit.earlyReset { output.append(.resetBreaker(unit.grant, by: reset.by, reason: reset.reason)) }
            held[token]?.earlyReset = nil
            if isWelcomed { send(.started(unit.grant)) }
        }
        for token in blocked { waiting.append(token) }
    }

    private func isUnitBusy(_ unit: UnitID) -> Bool {
        held.values.contains { other in
            guard other.grant.unit == unit else { return false }
            switch other.stage {
            case .running, .stopping: return true
            case .waiting, .finished: return false
            }
        }
    }

    mutating func stop(_ token: FencingToken, _ cause: StopCause) {
        guard let unit = held[token], case .running = unit.stage else { return }
        held[token]?.stage = .stopping(cause)
        output.append(.stop(unit.grant, cause))
    }

    mutating func handBackForHalt() {
        handBackWaiting(.held) { _ in true }
        for token in held.keys.sorted() where held[token]?.assignment.kind == .backtest { stop(token, .held) }
    }

    mutating func stopEverything(_ cause: StopCause) {
        handBackWaiting(.draining) { _ in true }
        for token in held.keys.sorted() { stop(token, cause) }
    }

    mutating func handBackWaiting(_ reason: ReturnReason, where isMeant: (Held) -> Bool) {
        for token in held.keys.sorted() {
            guard let unit = held[token], case .waiting = unit.stage, isMeant(unit) else { continue }
            returnWaiting(token, reason)
        }
    }

    private mutating func returnWaiting(_ token: FencingToken, _ reason: ReturnReason) {
        guard let unit = held.removeValue(forKey: token) else { return }
        ended(token)
        output.append(.dropPayload(unit.grant))
        send(.returned(unit.grant, reason))
    }

    // MARK: - Ends of units

    /// A unit ended. What was stopped goes back or is forgotten, unless it had come to its end before.
    mutating func conclude(_ token: FencingToken, _ outcome: UnitOutcome) {
        guard let unit = held[token] else { return }
        switch unit.stage {
        case .waiting, .finished: return
        case .running:
            runningCount -= 1
            output.append(.dropPayload(unit.grant))
            keep(token, outcome)
        case .stopping(let cause):
            runningCount -= 1
            output.append(.dropPayload(unit.grant))
            concludeStopped(token, outcome, cause)
        }
    }

    private mutating func concludeStopped(_ token: FencingToken, _ outcome: UnitOutcome, _ cause: StopCause) {
        guard let unit = held[token] else { return }
        switch cause {
        case .canceled: keep(token, .canceled)
        case .revoked:
            // It came to its end all the same: the coordinator refuses the report, and notes that the unit ran twice.
            if outcome == .succeeded { return keep(token, outcome) }
            held[token] = nil
            ended(token)
        case .held, .shutdown, .superseded:
            if outcome == .succeeded { return keep(token, outcome) }
            held[token] = nil
            ended(token)
            send(.returned(unit.grant, cause == .held ? .held : .draining))
        }
    }

    /// Keeps an outcome until it is acknowledged, and reports it.
    mutating func keep(_ token: FencingToken, _ outcome: UnitOutcome) {
        held[token]?.stage = .finished(outcome)
        held[token]?.leaseEnd = nil
        if outcome == .succeeded { output.append(.keepResult(token)) }
        report(token)
    }

    /// Sends the report of a finished unit, if there is somebody to send it to.
    mutating func report(_ token: FencingToken) {
        guard isWelcomed, let unit = held[token], case .finished(let outcome) = unit.stage else { return }
        held[token]?.lastSent = now.instant
        send(.finished(unit.grant, outcome))
    }

    // MARK: - Records

    /// Has the shell send the next records of a job, unless some are under way.
    mutating func askForRecords(_ token: FencingToken) {
        guard isWelcomed, let unit = held[token],
            let first = held[token]?.records?.next(at: now.instant, patience: heartbeatInterval * 3)
        else { return }
        output.append(.sendRecords(unit.grant, from: first))
    }

    mutating func noteKept(_ kept: RecordsKept) {
        guard let unit = held[kept.token], unit.records != nil else { return }
        held[kept.token]?.records?.answer(kept.upTo)
        output.append(.recordsKept(unit.grant, upTo: kept.upTo))
        // A store that has more than the journal wants nothing: the job is told, and decides.
        if kept.upTo < unit.records?.written ?? 0 { askForRecords(kept.token) }
    }

    /// Asks the store for what a job's journal lacks, unless an answer may still come.
    mutating func askForStoredRecords(_ token: FencingToken) {
        guard isWelcomed, let unit = held[token], let wanted = unit.wanted,
            held[token]?.wanted?.isDue(at: now.instant, patience: heartbeatInterval * 3) == true
        else { return }
        send(.fetchRecords(unit.grant, from: wanted.first))
    }

    /// An answer to a question that is not the newest one is as good as none.
    mutating func take(_ stored: StoredRecords) {
        guard let unit = held[stored.token], unit.wanted?.first == stored.first else { return }
        held[stored.token]?.wanted = nil
        output.append(.storedRecords(unit.grant, from: stored.first, stored.records))
    }

    // MARK: - Leases

    /// Leases run from the sending of what the coordinator acknowledged: however late the acknowledgement comes, the
    /// coordinator's own count, which begins at the receipt, ends later.
    mutating func extendLeases(_ tokens: [FencingToken], from sequence: UInt64) {
        guard let instant = sendingInstant(of: sequence) else { return }
        let end = instant.advanced(by: liveLease)
        for token in tokens {
            guard let unit = held[token], let old = unit.leaseEnd, end > old else { continue }
            held[token]?.leaseEnd = end
            guard end > now.instant else { continue }
            held[token]?.isLeaseOver = false
            output.append(.leaseExtended(unit.grant, until: end))
        }
    }

    private mutating func endLeases() {
        for token in held.keys.sorted() {
            guard let unit = held[token], let end = unit.leaseEnd, end <= now.instant, !unit.isLeaseOver else { continue }
            held[token]?.isLeaseOver = true
            if case .waiting = unit.stage { continue }
            output.append(.leaseExpired(unit.grant))
        }
    }

    // MARK: - Time

    /// When `tick` must be called at the latest; nil: not before another input.
    package var nextDeadline: Instant? {
        if isOver { return nil }
        var deadlines: [Instant] = []
        switch link {
        case .disconnected: break
        case .greeting(let next, _): deadlines.append(next)
        case .welcomed: deadlines.append(min(nextHeartbeat, silenceEnd))
        }
        switch ending {
        case .stopping(let end), .leaving(let end): deadlines.append(end)
        case nil, .draining, .superseded, .exited: break
        }
        for unit in held.values {
            if let end = unit.leaseEnd, !unit.isLeaseOver { deadlines.append(end) }
        }
        return deadlines.min()
    }

    /// A coordinator that is silent for longer is asked again.
    private var silenceEnd: Instant { lastHeard.advanced(by: heartbeatInterval * 3) }

    /// Does what is due.
    package mutating func tick(at moment: Moment) -> [WorkerDirective] {
        begin(moment)
        guard !isOver else { return takeOutput() }
        endLeases()
        switch link {
        case .disconnected: break
        case .greeting(let next, _): if next <= now.instant { greet() }
        case .welcomed:
            if silenceEnd <= now.instant {
                greet()
            } else if nextHeartbeat <= now.instant {
                resendReports()
                beat()
            }
        }
        startWaiting()
        endIfDone()
        return takeOutput()
    }

    private mutating func resendReports() {
        for token in held.keys.sorted() {
            askForRecords(token)
            askForStoredRecords(token)
            guard let last = held[token]?.lastSent, now.instant.duration(since: last) >= heartbeatInterval * 3 else {
                continue
            }
            report(token)
        }
    }

    // MARK: - The end

    /// Ends when nothing is left: units stopped, results recorded or, in a shutdown, waited for long enough.
    mutating func endIfDone() {
        switch ending {
        case nil, .exited: return
        case .draining: if held.isEmpty { sayGoodbye(by: now.instant.advanced(by: settings.shutdownGrace)) }
        case .stopping(let end):
            // At the end also with a unit that does not let itself be stopped: the goodbye hands it back, and the process ends.
            if end <= now.instant || (runningCount == 0 && held.isEmpty) { sayGoodbye(by: end) }
        case .leaving(let end): if end <= now.instant { leave(.drained) }
        case .superseded(let session): if runningCount == 0 { leave(.superseded(by: session)) }
        }
    }

    /// What went back must have reached the coordinator's store before the process ends: a coordinator that is told to end
    /// right after its workers would else leave it unread in its sockets. With nobody there the worker does not wait.
    private mutating func sayGoodbye(by end: Instant) {
        send(.goodbye(settings.session))
        guard isWelcomed, end > now.instant else { return leave(.drained) }
        ending = .leaving(by: end)
    }

    mutating func leave(_ reason: ExitReason) {
        ending = .exited
        output.append(.exit(reason))
    }
}
