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
        case .jobStateChanged(let id, let state, let reason, let time): setState(try row(id), state, reason, time)
        case .jobRetried(let id, let time): retry(try row(id), time)
        case .unitDispatched(let dispatch): try dispatched(dispatch)
        case .unitFinished(let grant, let outcome, let time): try finished(grant, outcome, time, bytes)
        case .unitRequeued(let grant, let unit, let reason, let time): try requeued(grant, unit, reason, time)
        case .recordsAdded(let job, let first, let records):
            let row = try row(job)
            let count = row.records.count
            guard first == UInt64(count) + 1 else {
                throw contradiction(Contradiction.recordGap(job, first: first, count: UInt64(count)))
            }
            undo.append(.records(row, count: count))
            row.records += records
        case .lateReport(let report, let time):
            lateReports.append(StoredLateReport(report: report, wallMilliseconds: time))
            undo.append(.lateReport)
        case .incarnationRaised(let value):
            undo.append(.incarnation(incarnation))
            incarnation = max(incarnation, value)
        case .workerJoined, .workerLeft, .workerDied: noteSession(change)
        }
    }

    private func takeBack(_ step: Undo) {
        switch step {
        case .insertion(let id, let last):
            rows.removeLast(id)
            lastID = last
        case .state(let row, let state, let changedAt):
            noteSuccess(row, from: row.record.state, to: state)
            row.record.state = state
            row.changedAtMilliseconds = changedAt
            row.log.removeLast()
        case .firstDispatch(let row, let unit): row.units[unit] = nil
        case .outcome(let row, let unit):
            row.units[unit]?.state = .out
            row.units[unit]?.finishedAtMilliseconds = nil
            row.units[unit]?.failure = nil
            row.units[unit]?.result = nil
        case .unit(let row, let unit, let before): row.units[unit] = before
        case .attempts(let row, let count): row.attempts.removeLast(row.attempts.count - count)
        case .submission(let id, let jobs): submissions[id] = jobs
        case .lateReport: lateReports.removeLast()
        case .records(let row, let count): row.records.removeLast(row.records.count - count)
        case .incarnation(let value): incarnation = value
        case .sessions(let known, let dead): (workers, deadSessions) = (known, dead)
        }
    }

    private func noteSession(_ change: StoreChange) {
        undo.append(.sessions(workers, dead: deadSessions))
        switch change {
        case .workerJoined(let worker):
            workers.removeAll { $0.session == worker.session }
            workers.append(worker)
        case .workerLeft(let session): workers.removeAll { $0.session == session }
        case .workerDied(let session) where !deadSessions.contains(session):
            deadSessions.append(session)
            if deadSessions.count > StoreSnapshot.deadSessionLimit { deadSessions.removeFirst() }
        default: break
        }
    }

    private func contradiction(_ detail: String) -> JobStoreError { JobStoreError(.contradiction, store: name, detail: detail) }

    private func row(_ id: JobID) throws(JobStoreError) -> JobRow {
        guard let row = rows[id] else { throw contradiction(Contradiction.noJob(id)) }
        return row
    }

    private func insert(_ record: JobRecord, _ bytes: some JobBytes) throws(JobStoreError) {
        guard let payload = bytes.payload(of: record) else { throw contradiction(Contradiction.noPayload(record.id)) }
        guard record.job.combinationCount <= UInt64(Int64.max) else { throw contradiction(Contradiction.tooMany(record.id)) }
        guard rows[record.id] == nil else { throw contradiction(Contradiction.sameID(record.id)) }
        rows.insert(JobRow(record: record, payload: payload))
        undo.append(.insertion(record.id, lastID: lastID))
        lastID = max(lastID, record.id)
    }

    private func setState(_ row: JobRow, _ state: JobState, _ reason: StateReason, _ time: Int64) {
        let old = row.record.state
        undo.append(.state(row, old, changedAt: row.changedAtMilliseconds))
        noteSuccess(row, from: old, to: state)
        row.record.state = state
        row.changedAtMilliseconds = time
        row.log.append(StateLogEntry(state: state, reason: reason, wallMilliseconds: time))
    }

    private func noteSuccess(_ row: JobRow, from old: JobState, to new: JobState) {
        guard old != new else { return }
        if old == .succeeded { succeeded.remove(row.record.id, at: row.record.job.address) }
        if new == .succeeded { succeeded.insert(row.record.id, at: row.record.job.address) }
    }

    private func retry(_ row: JobRow, _ time: Int64) {
        setState(row, .queued, StateReason(.retried), time)
        for (index, unit) in row.units.sorted where unit.state != .completed && unit.state != .out {
            if unit.state == .failed { close(unit, of: row) }
            setUnit(index, of: row, nil)
        }
    }

    private func setUnit(_ unit: UInt64, of row: JobRow, _ new: UnitRow?) {
        undo.append(.unit(row, unit, row.units[unit]))
        row.units[unit] = new
    }

    /// Keeps an attempt whose unit goes on without it.
    private func close(_ unit: UnitRow, of row: JobRow, _ ending: AttemptRecord.Ending? = nil, _ time: Int64? = nil) {
        undo.append(.attempts(row, count: row.attempts.count))
        var record = unit.attempt
        if let ending { record.ending = ending }
        if let time { record.endedAtMilliseconds = time }
        row.attempts.append(record)
    }

    private func dispatched(_ dispatch: UnitDispatch) throws(JobStoreError) {
        let unit = dispatch.grant.unit
        guard let row = rows[unit.job], !row.record.state.isTerminal else { throw contradiction(Contradiction.notWaiting(unit)) }
        switch row.units[unit.index]?.state {
        case nil:
            undo.append(.firstDispatch(row, unit.index))
            row.units[unit.index] = UnitRow(state: .out, dispatch: dispatch)
        case .pending: setUnit(unit.index, of: row, UnitRow(state: .out, dispatch: dispatch))
        case .out, .completed, .failed: throw contradiction(Contradiction.notWaiting(unit))
        }
    }

    /// The row of the job whose unit is out under exactly this grant.
    private func out(_ grant: Grant) throws(JobStoreError) -> JobRow {
        guard let row = rows[grant.unit.job], row.units[grant.unit.index]?.state == .out,
            row.units[grant.unit.index]?.dispatch.grant == grant
        else { throw contradiction(Contradiction.notOut(grant)) }
        return row
    }

    private func finished(
        _ grant: Grant, _ outcome: UnitOutcome, _ time: Int64, _ bytes: some JobBytes
    ) throws(JobStoreError) {
        let row = try out(grant)
        let unit = grant.unit.index
        switch outcome {
        case .succeeded:
            guard let result = bytes.result(of: grant) else { throw contradiction(Contradiction.noResult(grant)) }
            undo.append(.outcome(row, unit))
            row.units[unit]?.state = .completed
            row.units[unit]?.result = result
        case .failed(let failure):
            undo.append(.outcome(row, unit))
            row.units[unit]?.state = .failed
            row.units[unit]?.failure = failure
        case .canceled:
            if let last = row.units[unit] { close(last, of: row, .finished(.canceled), time) }
            return setUnit(unit, of: row, nil)
        }
        row.units[unit]?.finishedAtMilliseconds = time
    }

    private func requeued(
        _ grant: Grant, _ unit: PendingUnit, _ reason: StateReason, _ time: Int64
    ) throws(JobStoreError) {
        let row = try out(grant)
        guard var last = row.units[grant.unit.index] else { return }
        close(last, of: row, .requeued(reason), time)
        last.state = .pending(unit)
        setUnit(grant.unit.index, of: row, last)
    }
}
