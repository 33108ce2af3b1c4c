import Coordination

extension InMemoryJobStore {
    /// The row of a unit that was dispatched at least once. Its attempt number stands in `dispatch`.
    struct UnitRow {
        enum State: Hashable {
            case pending(PendingUnit)
            case out
            case completed
            case failed
        }
        var state: State
        /// The last dispatch.
        var dispatch: UnitDispatch
        var finishedAtMilliseconds: Int64?
        var failure: UnitFailure?
        var result: [UInt8]?

        var isPending: Bool { if case .pending = state { true } else { false } }
    }

    /// A job with all that is known of it. A reference, because a row changes often and is large.
    final class JobRow {
        var record: JobRecord
        var changedAtMilliseconds: Int64
        let payload: [UInt8]
        var units = UnitRows()
        var log: [StateLogEntry] = []
        /// Attempts whose unit's row says nothing of them any more.
        var attempts: [AttemptRecord] = []
        /// Of a dry-run or live job.
        var records: [[UInt8]] = []

        init(record: JobRecord, payload: [UInt8]) {
            self.record = record
            self.payload = payload
            changedAtMilliseconds = record.submittedAtMilliseconds
            // Most jobs are queued, dispatched, running and succeeded, and nothing else.
            log.reserveCapacity(4)
            log.append(
                StateLogEntry(
                    state: record.state, reason: StateReason(.accepted), wallMilliseconds: record.submittedAtMilliseconds))
        }
    }

    /// The rows of a job's units by their index. Most jobs have one unit, which needs no table.
    struct UnitRows {
        private var zeroth: UnitRow?
        private var others: [UInt64: UnitRow] = [:]

        subscript(index: UInt64) -> UnitRow? {
            _read {
                if index == 0 { yield zeroth } else { yield others[index] }
            }
            _modify {
                if index == 0 { yield &zeroth } else { yield &others[index] }
            }
        }

        /// In the order of their indices.
        var sorted: [(index: UInt64, row: UnitRow)] {
            var result: [(index: UInt64, row: UnitRow)] = []
            if let zeroth { result.append((0, zeroth)) }
            for (index, row) in others.sorted(by: { $0.key < $1.key }) { result.append((index, row)) }
            return result
        }

        var values: [UnitRow] { (zeroth.map { [$0] } ?? []) + others.values }
    }

    /// The rows of all jobs. Their ids are given without a gap, so that they are places in an array; any others are found too.
    struct JobRows {
        /// The jobs 1, 2, 3 and so on.
        private var dense: [JobRow] = []
        private var sparse: [JobID: JobRow] = [:]

        subscript(id: JobID) -> JobRow? {
            if id.rawValue >= 1, id.rawValue <= dense.count { return dense[Int(id.rawValue) - 1] }
            return sparse.isEmpty ? nil : sparse[id]
        }

        /// There must be no row of that id yet.
        mutating func insert(_ row: JobRow) {
            let id = row.record.id
            if id.rawValue == dense.count + 1 { dense.append(row) } else { sparse[id] = row }
        }

        /// Takes out a row that was inserted after all that are left.
        mutating func removeLast(_ id: JobID) {
            if id.rawValue == dense.count { dense.removeLast() } else { sparse[id] = nil }
        }

        var all: [JobRow] { sparse.isEmpty ? dense : dense + sparse.values }
    }

    /// The succeeded jobs by address.
    struct SuccessIndex {
        private var newest: [JobAddress: JobID] = [:]
        /// Those before the newest, oldest first: there are some only where a fresh run was asked for.
        private var older: [JobAddress: [JobID]] = [:]

        subscript(address: JobAddress) -> JobID? { newest[address] }

        mutating func insert(_ id: JobID, at address: JobAddress) {
            guard let present = newest.updateValue(id, forKey: address) else { return }
            if present > id { newest[address] = present }
            let other = min(present, id)
            let place = older[address]?.firstIndex { $0 > other } ?? older[address]?.count ?? 0
            older[address, default: []].insert(other, at: place)
        }

        mutating func remove(_ id: JobID, at address: JobAddress) {
            guard newest[address] == id else {
                older[address]?.removeAll { $0 == id }
                return
            }
            newest[address] = older[address]?.popLast()
        }
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

extension InMemoryJobStore.JobRow {
    func storedJob() -> StoredJob {
        var job = StoredJob(record: record, recordCount: UInt64(records.count))
        for (index, row) in units.sorted {
            switch row.state {
            case .completed: job.completedUnits.insert(contentsOf: index..<index + 1)
            case .failed: job.failedUnits.insert(contentsOf: index..<index + 1)
            case .pending(let unit): job.pendingUnits.append(unit)
            case .out: job.dispatches.append(row.dispatch)
            }
        }
        return job
    }
}
