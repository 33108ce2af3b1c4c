// Jobs in memory: how they come in, change state and go.

extension CoordinatorInstance {
    /// Takes a job into memory and, when it has something to dispatch, into the queue.
    @discardableResult
    mutating func insert(_ entry: JobEntry) -> Int {
        var entry = entry
        entry.group = queues[entry.kind.index].join(entry.groupName, priority: entry.priority)
        let slot = jobs.insert(entry)
        stateCounts[entry.state.index] += 1
        if entry.kind == .backtest { addresses[entry.address] = entry.id }
        enqueueIfReady(slot, first: false)
        if let expiry = entry.expiresAtMilliseconds { setExpiryTimer(for: entry.id, at: expiry) }
        return slot
    }

    mutating func enqueueIfReady(_ slot: Int, first: Bool) {
        let state = jobs[slot].state
        guard jobs[slot].hasReadyUnit, state != .canceling, !state.isTerminal else { return }
        queues[jobs[slot].kind.index].enqueue(slot, in: &jobs, first: first)
    }

    /// Applies an event to a job. A change is written and published; a job that is finished leaves the memory.
    mutating func advance(_ slot: Int, _ event: JobState.Event, _ reason: StateReason) {
        let old = jobs[slot].state
        let state: JobState
        switch old.transition(on: event) {
        case .success(let next): state = next
        case .failure(let error): preconditionFailure("job \(jobs[slot].id): \(error)")
        }
        guard state != old else { return }
        stateCounts[old.index] -= 1
        stateCounts[state.index] += 1
        jobs[slot].state = state
        let id = jobs[slot].id
        persist(.jobStateChanged(id, state, reason, wallMilliseconds: now.wallMilliseconds))
        if state.isTerminal, jobs[slot].hasProgress { publishProgress(of: slot) }
        publish(.job(id, state, reason))
        if state.isTerminal { forget(slot) }
        if state == .queued, let expiry = jobs[slot].expiresAtMilliseconds { setExpiryTimer(for: id, at: expiry) }
    }

    private mutating func forget(_ slot: Int) {
        precondition(jobs[slot].out.isEmpty, "job \(jobs[slot].id) ends with \(jobs[slot].out.count) units out")
        let kind = jobs[slot].kind.index
        queues[kind].dequeue(slot, in: &jobs)
        queues[kind].leave(jobs[slot].group)
        let entry = jobs.remove(slot)
        stateCounts[entry.state.index] -= 1
        if addresses[entry.address] == entry.id { addresses[entry.address] = nil }
        uncommitted.noteFinished(entry)
    }

    /// Looks where a job stands after one of its units came back.
    mutating func settle(_ slot: Int, _ reason: StateReason) {
        let failed = jobs[slot].failedCount
        if jobs[slot].state == .canceling {
            if jobs[slot].out.isEmpty { advance(slot, .cancelConfirmed, StateReason(.cancelConfirmed)) }
        } else if jobs[slot].isComplete {
            if failed == 0 {
                advance(slot, .succeeded, StateReason(.completed))
            } else {
                advance(slot, .failed, failureReason(jobs[slot], reason))
            }
        } else if failed >= settings.maxFailedUnits {
            giveUp(slot, StateReason(.tooManyFailedUnits, "\(failed) units failed; the last: \(reason.message)"))
        } else if jobs[slot].out.isEmpty {
            // A sweep on one worker has nothing out after each unit: it runs on if the next goes out in the same batch.
            if jobs[slot].state == .running, jobs[slot].unitCount > 1, jobs[slot].hasReadyUnit {
                if !jobs[slot].isReturning { returning.append((jobs[slot].id, reason)) }
                jobs[slot].isReturning = true
            } else {
                advance(slot, .returned, reason)
            }
        }
    }

    /// At the end of a batch: what got nothing out again waits in the queue.
    mutating func endReturning() {
        for (id, reason) in returning {
            if let slot = jobs.slot(of: id) { endReturning(slot, reason) }
        }
        returning.removeAll(keepingCapacity: true)
    }

    /// For what needs to know now where the job stands.
    mutating func endReturning(_ slot: Int, _ reason: StateReason? = nil) {
        guard jobs[slot].isReturning else { return }
        jobs[slot].isReturning = false
        guard jobs[slot].state == .running, jobs[slot].out.isEmpty else { return }
        let known = reason ?? returning.last { $0.job == jobs[slot].id }?.reason
        advance(slot, .returned, known ?? StateReason(.completed))
    }

    private func failureReason(_ entry: JobEntry, _ last: StateReason) -> StateReason {
        guard entry.unitCount > 1 else { return last }
        return StateReason(.unitFailed, "\(entry.failedCount) of \(entry.unitCount) units failed; the last: \(last.message)")
    }

    /// Fails a job at once; its units that are out are taken back, and what their workers still report is refused.
    mutating func giveUp(_ slot: Int, _ reason: StateReason) {
        for token in jobs[slot].out.sorted() {
            guard let dispatch = close(token) else { continue }
            persist(.unitFinished(dispatch.grant, .canceled, wallMilliseconds: now.wallMilliseconds))
            send(.cancel(dispatch.grant), to: dispatch.worker)
        }
        advance(slot, .failed, reason)
    }

    // MARK: - Expiry

    private mutating func setExpiryTimer(for job: JobID, at wallMilliseconds: Int64) {
        let (left, overflow) = wallMilliseconds.subtractingReportingOverflow(now.wallMilliseconds)
        timers.set(.jobExpiry(job), at: now.instant.advanced(by: .milliseconds(overflow ? Int64.max : max(0, left))))
    }

    /// Ends a job that is still queued after its time. One that is out is looked at again when it comes back.
    @discardableResult
    mutating func checkExpiry(of id: JobID) -> Bool {
        guard let slot = jobs.slot(of: id) else { return false }
        endReturning(slot)
        guard jobs[slot].state == .queued, let expiry = jobs[slot].expiresAtMilliseconds else { return false }
        guard expiry <= now.wallMilliseconds else {
            setExpiryTimer(for: id, at: expiry)
            return false
        }
        advance(slot, .expired, StateReason(.expired, "it was still queued at the end of its time"))
        return true
    }

    // MARK: - Restart

    /// Takes in a job of the store. Its units that are out keep their grants for a lease, so that a restart of the
    /// coordinator neither loses nor repeats what workers are doing.
    mutating func restore(_ stored: StoredJob) {
        var entry = JobEntry(stored)
        if entry.state == .submitted { entry.state = .queued }
        let slot = insert(entry)
        for pending in stored.pendingUnits { restore(pending, in: slot) }
        for dispatch in stored.dispatches { restore(dispatch, in: slot) }
        if stored.record.state == .submitted {
            persist(
                .jobStateChanged(entry.id, .queued, StateReason(.accepted), wallMilliseconds: now.wallMilliseconds))
        }
        guard jobs[slot].out.isEmpty else { return }
        switch jobs[slot].state {
        case .dispatched, .running, .lost, .canceling: settle(slot, StateReason(.refused, "no grant of it was on record"))
        case .submitted, .queued, .succeeded, .failed, .canceled, .expired: break
        }
    }

    private mutating func restore(_ pending: PendingUnit, in slot: Int) {
        jobs[slot].setAttempts(pending.attempts, of: pending.unit.index)
        var wait = Duration.zero
        if jobs[slot].kind == .live {
            // Its last holder's lease may have been renewed until just before the restart: wait a whole one.
            wait = settings.regrantDelay
        } else if let wall = pending.notBeforeMilliseconds {
            let (left, overflow) = wall.subtractingReportingOverflow(now.wallMilliseconds)
            wait = min(settings.maxBackOff, .milliseconds(overflow ? 0 : max(0, left)))
        }
        makeReady(pending.unit.index, of: slot, at: now.instant.advanced(by: wait))
    }

    /// A session that was known: it has a lease to say hello again. Until then nobody older takes its name.
    mutating func restore(_ known: WorkerSession) {
        guard workers.slot(of: known.session) == nil, !deadSessions.contains(known.session) else { return }
        let before = workers.newestSession(of: known.worker)
        let worker = expect(known)
        guard let before, let older = workers.slot(of: before) else { return }
        let replaced = workers.newestSession(of: known.worker) == known.session ? older : worker
        workers[replaced].isSuperseded = true
        supersededSessions.insert(workers[replaced].session)
    }

    private mutating func expect(_ known: WorkerSession) -> Int {
        timers.set(.worker(known.session), at: now.instant.advanced(by: settings.workerLease))
        return workers.insert(
            WorkerEntry(
                id: known.worker, session: known.session, workerClass: known.workerClass, start: known.start,
                lastHeard: now.instant))
    }

    private mutating func restore(_ dispatch: UnitDispatch, in slot: Int) {
        let worker: Int
        if let known = workers.slot(of: dispatch.session) {
            worker = known
        } else {
            // Of a store from before sessions were kept.
            worker = expect(
                WorkerSession(worker: dispatch.worker, session: dispatch.session, workerClass: jobs[slot].kind, start: 0))
        }
        jobs[slot].setAttempts(dispatch.attempt - 1, of: dispatch.grant.unit.index)
        open(
            OpenDispatch(
                grant: dispatch.grant, attempt: dispatch.attempt, job: slot, worker: worker,
                isRunning: jobs[slot].state == .running, isLost: jobs[slot].state == .lost, sentAt: now.instant,
                renewedAt: now.instant))
        if dispatch.grant.token.incarnation >= incarnation { raiseTokens(above: dispatch.grant.token) }
    }
}

extension JobEntry {
    /// A job of the store, with the units that nobody has touched as its untouched ones.
    init(_ stored: StoredJob) {
        self.init(id: stored.record.id, job: stored.record.job, state: stored.record.state)
        restore(completed: stored.completedUnits, failed: stored.failedUnits)
        recordCount = stored.recordCount
        var touched = stored.completedUnits.union(stored.failedUnits)
        for pending in stored.pendingUnits { touched.insert(contentsOf: pending.unit.index..<pending.unit.index + 1) }
        for dispatch in stored.dispatches {
            touched.insert(contentsOf: dispatch.grant.unit.index..<dispatch.grant.unit.index + 1)
        }
        restrictUntouched(to: touched)
    }
}
