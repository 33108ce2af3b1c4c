package import Coordination

extension InMemoryJobStore {
    package func commit(_ changes: [StoreChange], bytes: some JobBytes) throws(JobStoreError) {
        undo.removeAll(keepingCapacity: true)
        do {
            for change in changes { try apply(change, bytes) }
        } catch {
            for step in undo.reversed() { takeBack(step) }
            undo.removeAll()
            throw error
        }
    }

    private func apply(_ change: StoreChange, _ bytes: some JobBytes) throws(JobStoreError) {
        switch change {
        case .jobInserted(let record): try insert(record, bytes)
        case .submissionRecorded(let id, let jobs, _):
            undo.append(.submission(id, submissions.updateValue(jobs, forKey: id)))
        case .jobStateChanged(let id, let state, let reason, let time): try setState(id, state, reason, time)
        case .jobRetried(let id, let time): try retry(id, time)
        case .unitDispatched(let dispatch): try dispatched(dispatch)
        case .unitFinished(let grant, let outcome, let time): try finished(grant, outcome, time, bytes)
        case .unitRequeued(let grant, let unit, let reason, let time): try requeued(grant, unit, reason, time)
        case .lateReport(let report, let time):
            lateReports.append(StoredLateReport(report: report, wallMilliseconds: time))
            undo.append(.lateReport)
        case .incarnationRaised(let value):
            undo.append(.incarnation(incarnation))
            incarnation = max(incarnation, value)
        }
    }

    private func takeBack(_ step: Undo) {
        switch step {
        case .insertion(let id):
            rows[id] = nil
            // Ids only ever grow, so the one before is the last of those that are left.
            lastID = rows.keys.max() ?? JobID(0)
        case .state(let id, let state, let changedAt):
            guard let row = rows[id] else { return }
            noteSuccess(row.record, from: row.record.state, to: state)
            rows[id]?.record.state = state
            rows[id]?.changedAtMilliseconds = changedAt
            rows[id]?.log.removeLast()
        case .unit(let unit, let row): rows[unit.job]?.units[unit.index] = row
        case .attempts(let id, let count):
            guard let now = rows[id]?.attempts.count else { return }
            rows[id]?.attempts.removeLast(now - count)
        case .submission(let id, let jobs): submissions[id] = jobs
        case .lateReport: lateReports.removeLast()
        case .incarnation(let value): incarnation = value
        }
    }

    func contradiction(_ detail: String) -> JobStoreError { JobStoreError(.contradiction, store: name, detail: detail) }

    private func insert(_ record: JobRecord, _ bytes: some JobBytes) throws(JobStoreError) {
        guard let payload = bytes.payload(of: record) else { throw contradiction(Contradiction.noPayload(record.id)) }
        guard record.job.combinationCount <= UInt64(Int64.max) else { throw contradiction(Contradiction.tooMany(record.id)) }
        guard rows[record.id] == nil else { throw contradiction(Contradiction.sameID(record.id)) }
        let first = StateLogEntry(
            state: record.state, reason: StateReason(.accepted), wallMilliseconds: record.submittedAtMilliseconds)
        rows[record.id] = JobRow(
            record: record, changedAtMilliseconds: record.submittedAtMilliseconds, payload: payload, log: [first])
        undo.append(.insertion(record.id))
        lastID = max(lastID, record.id)
    }

    private func setState(_ id: JobID, _ state: JobState, _ reason: StateReason, _ time: Int64) throws(JobStoreError) {
        guard let row = rows[id] else { throw contradiction(Contradiction.noJob(id)) }
        undo.append(.state(id, row.record.state, changedAt: row.changedAtMilliseconds))
        noteSuccess(row.record, from: row.record.state, to: state)
        rows[id]?.record.state = state
        rows[id]?.changedAtMilliseconds = time
        rows[id]?.log.append(StateLogEntry(state: state, reason: reason, wallMilliseconds: time))
    }

    private func noteSuccess(_ record: JobRecord, from old: JobState, to new: JobState) {
        let address = record.job.address
        if old == .succeeded, new != .succeeded { succeeded[address]?.removeAll { $0 == record.id } }
        guard new == .succeeded, old != .succeeded else { return }
        let place = succeeded[address, default: []].firstIndex { $0 > record.id }
        succeeded[address, default: []].insert(record.id, at: place ?? succeeded[address, default: []].count)
    }

    private func retry(_ id: JobID, _ time: Int64) throws(JobStoreError) {
        try setState(id, .queued, StateReason(.retried), time)
        guard let row = rows[id] else { return }
        for (index, unit) in row.units where unit.state != .completed && unit.state != .out {
            if unit.state == .failed { close(unit) }
            setUnit(UnitID(job: id, index: index), nil)
        }
    }

    private func setUnit(_ unit: UnitID, _ row: UnitRow?) {
        undo.append(.unit(unit, rows[unit.job]?.units[unit.index]))
        rows[unit.job]?.units[unit.index] = row
    }

    /// Keeps an attempt whose unit goes on without it.
    private func close(_ unit: UnitRow, _ ending: AttemptRecord.Ending? = nil, _ time: Int64? = nil) {
        let id = unit.dispatch.grant.unit.job
        undo.append(.attempts(id, count: rows[id]?.attempts.count ?? 0))
        var record = unit.attempt
        if let ending { record.ending = ending }
        if let time { record.endedAtMilliseconds = time }
        rows[id]?.attempts.append(record)
    }

    private func dispatched(_ dispatch: UnitDispatch) throws(JobStoreError) {
        let unit = dispatch.grant.unit
        guard let row = rows[unit.job], !row.record.state.isTerminal else { throw contradiction(Contradiction.notWaiting(unit)) }
        switch row.units[unit.index]?.state {
        case nil, .pending: setUnit(unit, UnitRow(state: .out, dispatch: dispatch))
        case .out, .completed, .failed: throw contradiction(Contradiction.notWaiting(unit))
        }
    }

    /// The row of a unit that is out under exactly this grant.
    private func out(_ grant: Grant) throws(JobStoreError) -> UnitRow {
        guard let row = rows[grant.unit.job]?.units[grant.unit.index], row.state == .out, row.dispatch.grant == grant else {
            throw contradiction(Contradiction.notOut(grant))
        }
        return row
    }

    private func finished(
        _ grant: Grant, _ outcome: UnitOutcome, _ time: Int64, _ bytes: some JobBytes
    ) throws(JobStoreError) {
        var row = try out(grant)
        row.finishedAtMilliseconds = time
        switch outcome {
        case .succeeded:
            guard let result = bytes.result(of: grant) else { throw contradiction(Contradiction.noResult(grant)) }
            row.state = .completed
            row.result = result
        case .failed(let failure):
            row.state = .failed
            row.failure = failure
        case .canceled:
            close(row, .finished(.canceled), time)
            return setUnit(grant.unit, nil)
        }
        setUnit(grant.unit, row)
    }

    private func requeued(
        _ grant: Grant, _ unit: PendingUnit, _ reason: StateReason, _ time: Int64
    ) throws(JobStoreError) {
        var row = try out(grant)
        close(row, .requeued(reason), time)
        row.state = .pending(unit)
        setUnit(grant.unit, row)
    }
}

extension InMemoryJobStore.UnitRow {
    /// The unit's last attempt; not for a pending unit, whose last attempt is among the closed ones.
    var attempt: AttemptRecord {
        let ending: AttemptRecord.Ending =
            switch state {
            case .out, .pending: .out
            case .completed: .finished(.succeeded)
            case .failed: .finished(.failed(failure ?? UnitFailure(code: .internalError, message: "")))
            }
        return AttemptRecord(dispatch: dispatch, ending: ending, endedAtMilliseconds: finishedAtMilliseconds)
    }
}
