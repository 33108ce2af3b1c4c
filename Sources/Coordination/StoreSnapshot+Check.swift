extension StoreSnapshot {
    /// What no coordinator leaves behind, and none could go on from: in words, with the job's number; nil: there is nothing of that kind.
    package var contradiction: String? {
        for job in jobs { if let problem = job.contradiction { return "job \(job.record.id): \(problem)" } }
        return nil
    }
}

extension StoredJob {
    fileprivate var contradiction: String? {
        if let dispatch = dispatches.first, !record.state.mayHaveUnitsOut {
            return
                "it is \(record.state.rawValue), and its unit \(dispatch.grant.unit.index) is out with worker \(dispatch.worker)"
        }
        var seen = completedUnits.union(failedUnits)
        if !completedUnits.intersection(failedUnits).isEmpty { return "a unit of it is completed and failed" }
        for unit in dispatches.map(\.grant.unit.index) + pendingUnits.map(\.unit.index) {
            guard unit < record.job.unitCount else {
                return "it has \(record.job.unitCount) units, and one of them is unit \(unit)"
            }
            guard !seen.contains(unit) else { return "its unit \(unit) is in two states at once" }
            seen.insert(contentsOf: unit..<unit + 1)
        }
        return nil
    }
}

extension JobState {
    /// Whether units of such a job may be with workers.
    fileprivate var mayHaveUnitsOut: Bool {
        switch self {
        case .dispatched, .running, .canceling, .lost: true
        case .submitted, .queued, .succeeded, .failed, .canceled, .expired: false
        }
    }
}
