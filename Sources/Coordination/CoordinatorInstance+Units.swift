// Units that are out with workers: how they go out and how they come back.

extension CoordinatorInstance {
    /// Enters a dispatch in all tables.
    mutating func open(_ dispatch: OpenDispatch) {
        let token = dispatch.grant.token
        dispatches[token] = dispatch
        jobs[dispatch.job].out.insert(token)
        workers[dispatch.worker].held.insert(token)
        workers[dispatch.worker].memoryInUse += jobs[dispatch.job].memoryEstimate
        queues[jobs[dispatch.job].kind.index].changeInFlight(of: jobs[dispatch.job].group, by: 1)
        if jobs[dispatch.job].kind == .live {
            timers.set(.liveLease(token), at: dispatch.renewedAt.advanced(by: settings.liveLease))
        }
    }

    /// Takes a dispatch out of all tables. Its token is not current from here on.
    mutating func close(_ token: FencingToken) -> OpenDispatch? {
        guard let dispatch = dispatches.removeValue(forKey: token) else { return nil }
        return close(dispatch)
    }

    /// Takes a dispatch out of all tables if it is current and that worker's.
    mutating func close(_ grant: Grant, of worker: Int) -> OpenDispatch? {
        guard let place = dispatches.index(forKey: grant.token) else { return nil }
        let dispatch = dispatches.values[place]
        guard dispatch.worker == worker, dispatch.grant.unit == grant.unit else { return nil }
        dispatches.remove(at: place)
        return close(dispatch)
    }

    private mutating func close(_ dispatch: OpenDispatch) -> OpenDispatch {
        let token = dispatch.grant.token
        jobs[dispatch.job].out.remove(token)
        workers[dispatch.worker].held.remove(token)
        workers[dispatch.worker].memoryInUse -= jobs[dispatch.job].memoryEstimate
        queues[jobs[dispatch.job].kind.index].changeInFlight(of: jobs[dispatch.job].group, by: -1)
        workers.markHungry(dispatch.worker)
        return dispatch
    }

    /// The unit has its result.
    mutating func complete(_ dispatch: OpenDispatch) {
        persist(.unitFinished(dispatch.grant, .succeeded, wallMilliseconds: now.wallMilliseconds))
        jobs[dispatch.job].complete(dispatch.grant.unit.index)
        noteProgress(dispatch.job)
        settle(dispatch.job, StateReason(.completed))
    }

    /// An attempt failed: the unit is tried again after a while, or fails for good, or takes its job with it.
    mutating func fail(_ dispatch: OpenDispatch, _ failure: UnitFailure, notBefore: Instant? = nil) {
        if jobs[dispatch.job].state == .canceling { return confirmCancel(of: dispatch) }
        let remedy = failure.code.remedy
        if remedy == .tryAgain, dispatch.attempt < jobs[dispatch.job].maxAttempts {
            let ready = now.instant.advanced(by: settings.backOff(afterAttempts: dispatch.attempt))
            let reason = StateReason(failure.code.stateReason, failure.message)
            if failure.code == .dataMissing { reserveForOthers(dispatch, from: max(ready, notBefore ?? ready)) }
            requeue(dispatch, attempts: dispatch.attempt, notBefore: max(ready, notBefore ?? ready), reason)
            return settle(dispatch.job, reason)
        }
        persist(.unitFinished(dispatch.grant, .failed(failure), wallMilliseconds: now.wallMilliseconds))
        jobs[dispatch.job].fail(dispatch.grant.unit.index)
        noteProgress(dispatch.job)
        let code: StateReason.Code = remedy == .tryAgain ? .attemptsUsedUp : .unitFailed
        let reason = StateReason(code, "\(failure.code.rawValue): \(failure.message)")
        if remedy == .giveUpJob { giveUp(dispatch.job, reason) } else { settle(dispatch.job, reason) }
    }

    /// What is missing on one worker may be there on another: for a while the unit waits for one. Then anybody may have it.
    private mutating func reserveForOthers(_ dispatch: OpenDispatch, from ready: Instant) {
        let end = ready.advanced(by: settings.reservationTime)
        jobs[dispatch.job].reserve(
            dispatch.grant.unit.index, forOthersThan: workers[dispatch.worker].id, until: end)
        // Whoever has room by then is looked for again.
        timers.set(.reservationEnd, at: end)
    }

    /// The unit came back unfinished and nobody is to blame: the attempt does not count.
    mutating func handBack(_ dispatch: OpenDispatch, notBefore: Instant?, _ reason: StateReason) {
        if jobs[dispatch.job].state == .canceling { return confirmCancel(of: dispatch) }
        requeue(dispatch, attempts: dispatch.attempt - 1, notBefore: notBefore, reason)
        settle(dispatch.job, reason)
    }

    /// A unit of a canceled job is out no longer.
    mutating func confirmCancel(of dispatch: OpenDispatch) {
        persist(.unitFinished(dispatch.grant, .canceled, wallMilliseconds: now.wallMilliseconds))
        settle(dispatch.job, StateReason(.cancelConfirmed))
    }

    private mutating func requeue(
        _ dispatch: OpenDispatch, attempts: Int, notBefore: Instant?, _ reason: StateReason
    ) {
        let unit = dispatch.grant.unit
        let wait = notBefore.map { $0.duration(since: now.instant) } ?? .zero
        let wall = wait > .zero ? now.wallMilliseconds &+ wait.wholeNanoseconds / 1_000_000 : nil
        persist(
            .unitRequeued(
                dispatch.grant, PendingUnit(unit: unit, attempts: attempts, notBeforeMilliseconds: wall), reason,
                wallMilliseconds: now.wallMilliseconds))
        jobs[dispatch.job].setAttempts(attempts, of: unit.index)
        makeReady(unit.index, of: dispatch.job, at: now.instant.advanced(by: wait))
    }

    /// Lets a unit wait until an instant, which may be now.
    mutating func makeReady(_ unit: UInt64, of slot: Int, at instant: Instant) {
        if instant > now.instant {
            jobs[slot].delay(unit)
            timers.set(.unitReady(jobs[slot].id, unit), at: instant)
        } else {
            jobs[slot].ready.append(unit)
            enqueueIfReady(slot, first: true)
        }
    }

    mutating func endBackOff(of unit: UInt64, in id: JobID) {
        guard let slot = jobs.slot(of: id), jobs[slot].endDelay(of: unit) else { return }
        jobs[slot].ready.append(unit)
        enqueueIfReady(slot, first: true)
    }

    // MARK: - Tokens

    /// The next token: above every one that this store gave before.
    mutating func makeToken() -> FencingToken {
        tokenCounter += 1
        return FencingToken(incarnation: incarnation, counter: tokenCounter)
    }

    /// A store that was restored from a backup does not know the tokens given since: go above what a worker shows.
    mutating func raiseTokens(above shown: FencingToken) {
        guard shown > FencingToken(incarnation: incarnation, counter: tokenCounter) else { return }
        incarnation = shown.incarnation + 1
        tokenCounter = 0
        eventSequence = 0
        persist(.incarnationRaised(incarnation))
    }
}

extension FailureCode {
    var stateReason: StateReason.Code {
        switch self {
        case .workerDied: .workerDied
        case .workerLost: .workerLost
        default: .attemptFailed
        }
    }
}
