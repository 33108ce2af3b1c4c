// Who gets what: units to workers that have room.

extension CoordinatorInstance {
    /// Grants units until no worker has room or no unit is ready. Workers of a class get one unit each in turn.
    mutating func dispatchReady() {
        guard holdReason == nil, !isDraining else { return }
        for kind in JobKind.allCases where kind != .live || settings.liveEnabled {
            // A worker for which the first jobs were too large may take what stands behind them when others have those.
            while dispatchReady(kind) {}
        }
    }

    /// Grants units of one kind until nothing more fits. True: something was granted after a worker had been passed over.
    private mutating func dispatchReady(_ kind: JobKind) -> Bool {
        var passedOver: [Int] = []
        var isWorthRepeating = false
        while !queues[kind.index].isEmpty, let worker = workers.nextHungry(of: kind) {
            guard let slot = queues[kind.index].next(in: jobs, memory: workers[worker].freeMemory) else {
                passedOver.append(worker)
                continue
            }
            // A job whose time is over leaves the queue here; the worker keeps its turn.
            guard checkExpiryBeforeGrant(slot) || grant(unitOf: slot, to: worker) else {
                passedOver.append(worker)
                continue
            }
            isWorthRepeating = !passedOver.isEmpty
            workers.markHungry(worker)
        }
        for worker in passedOver { workers.markHungry(worker) }
        return isWorthRepeating
    }

    private mutating func checkExpiryBeforeGrant(_ slot: Int) -> Bool {
        guard let expiry = jobs[slot].expiresAtMilliseconds, expiry <= now.wallMilliseconds else { return false }
        return checkExpiry(of: jobs[slot].id)
    }

    /// Grants the next unit of a job; false: all that it has wait for other workers.
    private mutating func grant(unitOf slot: Int, to worker: Int) -> Bool {
        let taken = jobs[slot].hasNoReservation ? jobs[slot].takeUnit() : takeUnreserved(of: slot, for: worker)
        guard let index = taken else {
            precondition(!jobs[slot].hasNoReservation, "job \(jobs[slot].id) is in the queue without a unit to dispatch")
            return false
        }
        let kind = jobs[slot].kind
        if !jobs[slot].hasReadyUnit { queues[kind.index].dequeue(slot, in: &jobs) }
        queues[kind.index].markServed(jobs[slot].group)
        let grant = Grant(unit: UnitID(job: jobs[slot].id, index: index), token: makeToken())
        let attempt = jobs[slot].attempts(of: index) + 1
        persist(
            .unitDispatched(
                UnitDispatch(
                    grant: grant, attempt: attempt, worker: workers[worker].id, session: workers[worker].session,
                    dispatchedAtMilliseconds: now.wallMilliseconds)))
        open(
            OpenDispatch(
                grant: grant, attempt: attempt, job: slot, worker: worker, sentAt: now.instant, renewedAt: now.instant))
        assign(grant, attempt: attempt, of: slot, to: worker)
        advance(slot, .dispatched, StateReason(.dispatched))
        return true
    }

    /// A unit whose candles are missing on this worker goes to another one, as long as there is one that may have it.
    private mutating func takeUnreserved(of slot: Int, for worker: Int) -> UInt64? {
        let (id, kind, instant) = (workers[worker].id, workers[worker].workerClass, now.instant)
        let workers = workers
        return jobs[slot].takeUnit { reserved in
            reserved.tried.contains(id) && reserved.until > instant
                && workers.slots.contains { other in
                    workers[other].workerClass == kind && workers[other].isUsable && !reserved.tried.contains(workers[other].id)
                }
        }
    }

    /// Puts an assignment among those that go out at the end of the batch.
    mutating func assign(_ grant: Grant, attempt: Int, of slot: Int, to worker: Int) {
        let kind = jobs[slot].kind
        let memory = jobs[slot].memoryEstimate
        workers[worker].assignments.append(
            Assignment(
                grant: grant, attempt: attempt, kind: kind, address: jobs[slot].address,
                combinations: jobs[slot].combinations(ofUnit: grant.unit.index), memoryEstimate: memory == 0 ? nil : memory,
                lease: kind == .live ? settings.liveLease : settings.workerLease, recordCount: jobs[slot].recordCount))
        addToOutbox(worker)
    }

    /// Sends again what a worker should have and does not mention: the assignment, or its report of having given it
    /// back, was lost on the way. Of a canceled job it is the cancel that is sent, which a worker always answers.
    mutating func resend(missingFrom mentioned: Set<FencingToken>, to worker: Int) {
        for token in workers[worker].held.subtracting(mentioned).sorted() {
            guard let dispatch = dispatches[token],
                now.instant.duration(since: dispatch.sentAt) >= settings.resendInterval
            else { continue }
            dispatches[token]?.sentAt = now.instant
            if jobs[dispatch.job].state == .canceling {
                send(.cancel(dispatch.grant), to: worker)
                continue
            }
            guard holdReason == nil else {
                takeBackLost(token)
                continue
            }
            // The message that goes out now carries a lease of its own.
            dispatches[token]?.renewedAt = now.instant
            assign(dispatch.grant, attempt: dispatch.attempt, of: dispatch.job, to: worker)
        }
    }

    /// Under a hold nothing goes out, not for the second time either: what was lost on the way waits in the queue again. Should
    /// the assignment still arrive, the worker's next heartbeat takes it from it. A live job stays with its holder.
    private mutating func takeBackLost(_ token: FencingToken) {
        guard let dispatch = dispatches[token], jobs[dispatch.job].kind != .live, close(token) != nil else { return }
        handBack(dispatch, notBefore: nil, StateReason(.held, "its assignment was lost on the way, and a halt holds the fleet"))
    }
}
