// What workers report about units.

extension CoordinatorInstance {
    mutating func noteStart(of grant: Grant, by worker: Int) {
        guard isCurrent(grant, of: worker) else { return }
        markRunning(grant.token)
    }

    mutating func markRunning(_ token: FencingToken) {
        guard let dispatch = dispatches[token], !dispatch.isRunning else { return }
        dispatches[token]?.isRunning = true
        if !dispatch.isLost { advance(dispatch.job, .started, StateReason(.started)) }
    }

    mutating func noteProgress(_ progress: UnitProgress, of grant: Grant, by worker: Int) {
        guard isCurrent(grant, of: worker) else { return }
        markRunning(grant.token)
        publish(.unitProgress(grant.unit, progress))
    }

    /// A unit's final report. Every one is answered, so that the worker can forget the result.
    mutating func finish(_ grant: Grant, _ outcome: UnitOutcome, by worker: Int, _ lookup: some AddressLookup) {
        guard let dispatch = close(grant, of: worker) else {
            return refuse(grant, outcome, of: worker, lookup)
        }
        // A cancel that was acknowledged ends as canceled, whatever its worker still brings.
        let isWanted = jobs[dispatch.job].state != .canceling
        if isWanted { workers[worker].accepted.insert(grant.token) }
        acknowledge(grant.token, accepted: isWanted || outcome == .canceled, to: worker)
        guard isWanted else { return confirmCancel(of: dispatch) }
        switch outcome {
        case .succeeded: complete(dispatch)
        case .failed(let failure): fail(dispatch, failure)
        case .canceled:
            let message = "worker \(workers[worker].id) stopped it without being asked to"
            fail(dispatch, UnitFailure(code: .internalError, message: message))
        }
    }

    /// A report for a grant that is not current: a repetition of one that was accepted, or a late one.
    private mutating func refuse(_ grant: Grant, _ outcome: UnitOutcome, of worker: Int, _ lookup: some AddressLookup) {
        let wasGiven = grant.token <= FencingToken(incarnation: incarnation, counter: tokenCounter)
        // A coordinator that died between the commit and its answer knows of the report by its store alone.
        let isRepetition =
            workers[worker].accepted.contains(grant.token)
            || wasGiven && outcome != .canceled && lookup.isRecorded(grant, succeeded: outcome == .succeeded)
        acknowledge(grant.token, accepted: isRepetition, to: worker)
        guard !isRepetition, outcome != .canceled, wasGiven, grant.unit.job.rawValue < nextJobID else { return }
        persist(
            .lateReport(
                LateReport(
                    grant: grant, worker: workers[worker].id, session: workers[worker].session, outcome: outcome),
                wallMilliseconds: now.wallMilliseconds))
    }

    /// A unit came back unfinished.
    mutating func takeBack(_ grant: Grant, _ reason: ReturnReason, from worker: Int) {
        guard let dispatch = close(grant, of: worker) else { return }
        let name = workers[worker].id
        switch reason {
        case .held:
            workers[worker].isHalted = true
            handBack(dispatch, notBefore: nil, StateReason(.held, "a halt holds worker \(name)"))
        case .draining:
            workers[worker].isDraining = true
            handBack(dispatch, notBefore: nil, StateReason(.drained, "worker \(name) is shutting down"))
        case .refused(let refusal):
            note(refusal, of: worker)
            let again = now.instant.advanced(by: settings.backOff)
            handBack(dispatch, notBefore: again, StateReason(.refused, "worker \(name): \(refusal.rawValue)"))
        }
    }

    private mutating func note(_ refusal: AssignmentRefusal, of worker: Int) {
        switch refusal {
        case .wrongClass, .wrongExecutable: workers[worker].isExcluded = true
        case .noCapacity: workers[worker].capacity = max(1, workers[worker].held.count)
        case .oldToken, .leaseOver: break
        }
    }

    /// Keeps records of a job that the sender holds. Whatever it sent, the answer says how many there are: a batch after a gap, a doubled
    /// one and an empty one change nothing. One batch is committed with the answer, or neither is.
    mutating func keep(_ batch: RecordBatch, from worker: Int) {
        guard isCurrent(batch.grant, of: worker), let dispatch = dispatches[batch.grant.token],
            jobs[dispatch.job].kind != .backtest
        else { return }
        let count = jobs[dispatch.job].recordCount
        let (end, isTooFar) = batch.first.addingReportingOverflow(UInt64(batch.records.count))
        if batch.first >= 1, batch.first <= count + 1, !isTooFar, end > count + 1 {
            let new = Array(batch.records.dropFirst(Int(count + 1 - batch.first)))
            jobs[dispatch.job].recordCount = count + UInt64(new.count)
            persist(.recordsAdded(batch.grant.unit.job, first: count + 1, new))
        }
        send(.recordsKept(RecordsKept(token: batch.grant.token, upTo: jobs[dispatch.job].recordCount)), to: worker)
    }

    /// The holder of a dry-run or live job lacks records that the store has. Whoever does not hold it gets no answer.
    mutating func noteWanted(_ grant: Grant, from first: UInt64, by worker: Int) {
        guard first >= 1, isCurrent(grant, of: worker), let dispatch = dispatches[grant.token],
            jobs[dispatch.job].kind != .backtest
        else { return }
        workers[worker].wantedRecords[grant.token] = first
        addToOutbox(worker)
    }

    /// What was asked for in this batch, unless the grant has ended with it.
    mutating func sendWantedRecords(to worker: Int) {
        guard !workers[worker].wantedRecords.isEmpty else { return }
        let wanted = workers[worker].wantedRecords
        workers[worker].wantedRecords = [:]
        guard let peer = workers[worker].peer else { return }
        for (token, first) in wanted.sorted(by: { $0.key < $1.key }) {
            guard let dispatch = dispatches[token] else { continue }
            output.append(.sendRecords(peer, dispatch.grant, from: first))
        }
    }
}
