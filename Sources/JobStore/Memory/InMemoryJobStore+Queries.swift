package import Coordination

extension InMemoryJobStore {
    package func succeededJob(at address: JobAddress) -> JobID? { succeeded[address] }

    package func acceptedJobs(of submission: SubmissionID) -> [AcceptedJob]? { submissions[submission] }

    package func isRecorded(_ grant: Grant, succeeded: Bool) -> Bool {
        guard let row = rows[grant.unit.job] else { return false }
        if let unit = row.units[grant.unit.index], unit.dispatch.grant == grant {
            if unit.state == (succeeded ? .completed : .failed) { return true }
        }
        return !succeeded && row.attempts.contains { $0.dispatch.grant == grant && $0.ending.isReportedFailure }
    }

    package func storedJob(_ id: JobID) -> StoredJob? { rows[id]?.storedJob() }

    package func payload(of job: JobID) throws(JobStoreError) -> [UInt8]? { rows[job]?.payload }

    package func jobs(matching filter: JobFilter) throws(JobStoreError) -> [JobSummary] {
        let found = rows.all.filter { row in
            (filter.states.isEmpty || filter.states.contains(row.record.state))
                && (filter.kinds.isEmpty || filter.kinds.contains(row.record.job.kind))
                && (filter.group.map { $0 == row.record.job.group } ?? true)
                && (filter.before.map { row.record.id < $0 } ?? true)
        }
        return found.sorted { $0.record.id > $1.record.id }.prefix(max(0, filter.limit)).map { $0.summary() }
    }

    package func detail(of job: JobID, attemptLimit: Int) throws(JobStoreError) -> JobDetail? {
        guard let row = rows[job] else { return nil }
        let latest = row.units.values.filter { !$0.isPending }.map(\.attempt)
        let attempts = (row.attempts + latest).sorted { $0.dispatch.grant.token < $1.dispatch.grant.token }
        let pending = row.units.values.count { $0.isPending }
        return JobDetail(
            summary: row.summary(), dispatchedUnits: row.count(.out), pendingUnits: UInt64(pending), log: row.log,
            attempts: Array(attempts.suffix(max(0, attemptLimit))))
    }

    package func results(
        of job: JobID, from unit: UInt64, limit: Int, byteLimit: Int
    ) throws(JobStoreError) -> [UnitResult] {
        var found: [UnitResult] = []
        var total = 0
        for (index, row) in rows[job]?.units.sorted ?? [] where index >= unit {
            guard found.count < limit, total < byteLimit || found.isEmpty else { break }
            guard row.state == .completed, let result = row.result else { continue }
            found.append(UnitResult(unit: index, bytes: result))
            total += result.count
        }
        return found
    }

    package func records(
        of job: JobID, from first: UInt64, limit: Int, byteLimit: Int
    ) throws(JobStoreError) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var total = 0
        for record in (rows[job]?.records ?? []).dropFirst(Int(clamping: max(first, 1) - 1)) {
            guard found.count < limit, total < byteLimit || found.isEmpty else { break }
            found.append(record)
            total += record.count
        }
        return found
    }

    package func lateReports(of job: JobID?, limit: Int) throws(JobStoreError) -> [StoredLateReport] {
        Array(lateReports.filter { job == nil || $0.report.grant.unit.job == job }.prefix(max(0, limit)))
    }

    package func stateLog(of job: JobID) throws(JobStoreError) -> [StateLogEntry] { rows[job]?.log ?? [] }

    package func counts() throws(JobStoreError) -> [JobState: Int] {
        rows.all.reduce(into: [:]) { $0[$1.record.state, default: 0] += 1 }
    }
}

extension InMemoryJobStore.JobRow {
    func count(_ state: InMemoryJobStore.UnitRow.State) -> UInt64 { UInt64(units.values.count { $0.state == state }) }

    func summary() -> JobSummary {
        JobSummary(
            record: record, changedAtMilliseconds: changedAtMilliseconds, completedUnits: count(.completed),
            failedUnits: count(.failed))
    }
}

extension AttemptRecord.Ending {
    /// The worker itself reported that the attempt had failed.
    fileprivate var isReportedFailure: Bool {
        switch self {
        case .finished(.failed): true
        case .requeued(let reason): reason.code == .attemptFailed
        case .out, .finished: false
        }
    }
}
