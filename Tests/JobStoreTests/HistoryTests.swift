import Coordination
import JobStore
import Testing

/// Histories of random changes, most of them possible and some not: the store in memory is the oracle of the durable one.
@Suite struct `A random history` {
    /// Makes changes that fit what the oracle has, and applies them to it one by one.
    private struct Author {
        var generator: SplitMix64
        let oracle = InMemoryJobStore()
        var lastJob: Int64 = 0
        var token: UInt64 = 0
        var time: Int64 = 10_000

        mutating func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

        /// A few changes that belong together.
        mutating func next() -> [StoreChange] {
            time += 1
            if lastJob == 0 || number(4) == 0 { return [insertion()] }
            let id = max(1, lastJob - Int64(number(12)))
            guard let job = oracle.storedJob(JobID(id)), number(25) > 0 else { return [nonsense(id)] }
            if let out = job.dispatches.first {
                guard job.record.job.kind != .backtest, number(3) > 0 else { return back(out.grant) }
                let records = (0...number(3)).map { _ in (0..<number(9)).map { _ in UInt8(number(256)) } }
                return [.recordsAdded(JobID(id), first: job.recordCount + 1, records)]
            }
            if job.record.state.isTerminal {
                guard number(6) == 0 else { return [insertion()] }
                return [.jobRetried(JobID(id), wallMilliseconds: time)]
            }
            if number(12) == 0 { return [Sample.state(id, [.canceled, .failed, .expired][number(3)], .expired, at: time)] }
            return dispatch(job)
        }

        private mutating func insertion() -> StoreChange {
            lastJob += 1
            let units: UInt64 = number(5) == 0 ? 3 : 1
            let kind = units == 1 ? JobKind.allCases[number(3)] : .backtest
            return .jobInserted(Sample.record(lastJob, address: UInt64(number(30)), units: units, kind: kind))
        }

        private mutating func dispatch(_ job: StoredJob) -> [StoreChange] {
            let id = job.record.id.rawValue
            let done = job.completedUnits.union(job.failedUnits)
            guard let unit = (0..<job.record.job.unitCount).first(where: { !done.contains($0) }) else {
                return [Sample.state(id, job.failedUnits.isEmpty ? .succeeded : .failed, at: time)]
            }
            token += 1
            let attempt = (job.pendingUnits.first { $0.unit.index == unit }?.attempts ?? 0) + 1
            let session = SessionID(UInt128(number(3)))
            let dispatch = StoreChange.unitDispatched(
                Sample.dispatch(Sample.grant(id, unit, token: token), attempt: attempt, session: session))
            return number(5) == 0 ? [dispatch] : [dispatch, Sample.state(id, .dispatched, .dispatched, at: time)]
        }

        private mutating func back(_ grant: Grant) -> [StoreChange] {
            let id = grant.unit.job
            let units = oracle.storedJob(id)?.record.job.unitCount ?? 1
            switch number(16) {
            case 0: return [Sample.finished(grant, .failed(Sample.failure))]
            case 1: return [Sample.finished(grant, .canceled), Sample.state(id.rawValue, .queued, .refused, at: time)]
            case 2:
                let unit = PendingUnit(unit: grant.unit, attempts: 1, notBeforeMilliseconds: number(2) == 0 ? nil : time)
                return [.unitRequeued(grant, unit, StateReason(.workerDied, "signal 9"), wallMilliseconds: time)]
            case 3: return [Sample.finished(grant)]
            case 4: return [.jobStateChanged(id, .canceling, StateReason(.held, "größe"), wallMilliseconds: time)]
            case 5, 6, 7: return [Sample.state(id.rawValue, .running, .started, at: time)]
            default: return [Sample.finished(grant)] + (units == 1 ? [Sample.state(id.rawValue, .succeeded, at: time)] : [])
            }
        }

        /// What no job allows, or hardly one.
        private mutating func nonsense(_ id: Int64) -> StoreChange {
            switch number(6) {
            case 4: .recordsAdded(JobID(id), first: (oracle.storedJob(JobID(id))?.recordCount ?? 0) + 2, [[1]])
            case 0: .jobInserted(Sample.record(id))
            case 1: Sample.finished(Sample.grant(id, token: token + 100))
            case 2: Sample.state(lastJob + 100, .queued)
            case 3: .unitDispatched(Sample.dispatch(Sample.grant(lastJob + 100, token: token + 100)))
            default: .unitDispatched(Sample.dispatch(Sample.grant(id, 7, token: token + 100)))
            }
        }
    }

    private struct Run {
        var refused = 0
        var openings = 0
        var changes = 0
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6], [7, 60, 8_192])
    func `reads the same from the file as from memory`(_ seed: UInt64, _ settleCount: Int) throws {
        try withFolder { folder in
            var author = Author(generator: SplitMix64(seed: seed))
            var run = Run()
            func open() throws -> SQLiteJobStore {
                let store = try SQLiteJobStore(path: folder + "/jobs.sqlite", durability: .volatile, settleCount: settleCount)
                #expect(try store.open() == author.oracle.open(), "seed \(seed)")
                run.openings += 1
                return store
            }
            var store = try open()
            var batch: [StoreChange] = []
            for step in 0..<700 {
                let changes = author.next()
                do {
                    try author.oracle.commit(changes, bytes: SampleBytes())
                    batch += changes
                    run.changes += changes.count
                } catch {
                    run.refused += 1
                    // What stands before the fault is taken back with it, and accepted afterwards.
                    #expect(throws: JobStoreError.self) { try store.commit(batch + changes, bytes: SampleBytes()) }
                }
                if author.number(3) > 0 { continue }
                try store.commit(batch, bytes: SampleBytes())
                batch = []
                if author.number(8) == 0 { try compare(store, author, "seed \(seed), step \(step)") }
                guard author.number(20) == 0 else { continue }
                try store.close()
                store = try open()
            }
            try store.commit(batch, bytes: SampleBytes())
            try compare(store, author, "seed \(seed), end")
            #expect(try store.integrityProblems() == [])
            try store.close()
            print("history \(seed), settled every \(settleCount): \(author.lastJob) jobs, \(run)")
            #expect(run.refused > 5 && run.openings > 3)
        }
    }

    private func compare(_ store: SQLiteJobStore, _ author: Author, _ place: String) throws {
        let ids = max(1, author.lastJob - 25)...max(1, author.lastJob)
        #expect(try store.contents(ids) == author.oracle.contents(ids), "\(place)")
        for id in ids {
            let all = try store.records(of: JobID(id), from: 1, limit: .max, byteLimit: .max)
            #expect(try all == author.oracle.records(of: JobID(id), from: 1, limit: .max, byteLimit: .max), "\(place)")
        }
        for number in UInt64(0)..<30 {
            let address = Sample.address(number)
            #expect(store.succeededJob(at: address) == author.oracle.succeededJob(at: address), "\(place)")
        }
    }
}
