import Coordination
import JobStore
import Testing

extension `Every job store` {
    /// Batches that must be refused after the sample store was filled, with a word of the reason.
    static let contradictions: [(String, [StoreChange])] = [
        ("stored already", [.jobInserted(Sample.record(1))]),
        ("no job", [Sample.state(99, .queued)]),
        ("no job", [.jobRetried(JobID(99), wallMilliseconds: 1)]),
        ("does not wait", [.unitDispatched(Sample.dispatch(Sample.grant(1, token: 9)))]),
        ("does not wait", [.unitDispatched(Sample.dispatch(Sample.grant(99, token: 9)))]),
        ("does not wait", [.unitDispatched(Sample.dispatch(Sample.grant(3, token: 9)))]),
        ("not out", [Sample.finished(Sample.grant(1, token: 2))]),
        ("not out", [Sample.finished(Sample.grant(1, token: 1, incarnation: 2))]),
        ("not out", [Sample.finished(Sample.grant(2, token: 1), .canceled)]),
        ("not out", [Sample.finished(Sample.grant(1, token: 1)), Sample.finished(Sample.grant(1, token: 1))]),
        ("not out", [Sample.finished(Sample.grant(99, token: 1), .failed(Sample.failure))]),
        (
            "not out",
            [
                .unitRequeued(
                    Sample.grant(2, token: 1), PendingUnit(unit: UnitID(job: JobID(2), index: 0), attempts: 1),
                    StateReason(.held), wallMilliseconds: 1)
            ]
        ),
    ]

    @Test(arguments: StoreKind.allCases, `Every job store`.contradictions.indices)
    func `stores nothing of a batch that contradicts it`(_ kind: StoreKind, _ index: Int) throws {
        let (word, changes) = Self.contradictions[index]
        try kind.run { store in
            _ = try store.open()
            let grant = Sample.grant(1, token: 1)
            try store.commit(
                .jobInserted(Sample.record(1)), .jobInserted(Sample.record(2)), .jobInserted(Sample.record(3)),
                .unitDispatched(Sample.dispatch(grant)), Sample.state(3, .canceled))
            let before = try store.contents(1...5)
            let good: [StoreChange] = [
                .jobInserted(Sample.record(4)), .jobInserted(Sample.record(5, state: .succeeded)), Sample.state(2, .failed),
                Sample.state(3, .queued), Sample.state(3, .succeeded), .incarnationRaised(500),
                .submissionRecorded(SubmissionID(1), [], wallMilliseconds: 1),
                .unitDispatched(Sample.dispatch(Sample.grant(4, token: 3), session: SessionID(99))),
                .lateReport(
                    LateReport(grant: grant, worker: Sample.worker, session: SessionID(98), outcome: .canceled),
                    wallMilliseconds: 1), .jobRetried(JobID(2), wallMilliseconds: 3),
            ]
            let error = try #require(throws: JobStoreError.self) { try store.commit(good + changes, bytes: SampleBytes()) }
            #expect(error.code == .contradiction && error.description.contains(word), "\(error)")
            #expect(try store.contents(1...5) == before)
            #expect(store.acceptedJobs(of: SubmissionID(1)) == nil)
            #expect(store.succeededJob(at: Sample.address(3)) == nil)
            #expect(try store.open().incarnation == 2)
            try store.commit(good, bytes: SampleBytes())
            #expect(try store.counts() == [.queued: 3, .succeeded: 2])
        }
    }

    @Test(arguments: StoreKind.allCases) func `refuses jobs and results without their bytes`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            let grant = Sample.grant(1, token: 1)
            try store.commit(.jobInserted(Sample.record(1)), .unitDispatched(Sample.dispatch(grant)))
            for change in [StoreChange.jobInserted(Sample.record(2)), Sample.finished(grant)] {
                #expect(throws: JobStoreError.self) { try store.commit([change], bytes: NoJobBytes()) }
            }
            #expect(store.storedJob(JobID(2)) == nil)
            #expect(store.storedJob(JobID(1))?.dispatches.count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases) func `lists what the filter asks for, newest first`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            for id in Int64(1)...40 {
                let kinds: [JobKind] = [.backtest, .backtest, .dryRun]
                try store.commit(.jobInserted(Sample.record(id, kind: kinds[Int(id) % 3], group: "g\(id % 4)")))
                try store.commit(Sample.state(id, JobState.allCases[Int(id) % 10], at: 5_000 + id))
            }
            let all = try store.jobs(matching: JobFilter())
            #expect(all.map(\.record.id) == (1...40).reversed().map { JobID($0) })
            #expect(all.map(\.changedAtMilliseconds) == (5_001...5_040).reversed())
            let stateSets: [[JobState]] = [
                [], [.queued], [.running, .lost], [.failed, .expired], [.succeeded], [.queued, .canceled],
            ]
            for states in stateSets {
                for kinds in [[], [JobKind.dryRun], [.live], [.backtest, .live]] {
                    for group in [nil, "g1", "none"] {
                        let filter = JobFilter(states: states, kinds: kinds, group: group, before: JobID(35), limit: 3)
                        let expected = all.filter { summary in
                            (states.isEmpty || states.contains(summary.record.state))
                                && (kinds.isEmpty || kinds.contains(summary.record.job.kind))
                                && (group == nil || summary.record.job.group == group) && summary.record.id < JobID(35)
                        }
                        #expect(try store.jobs(matching: filter) == Array(expected.prefix(3)), "\(filter)")
                    }
                }
            }
        }
    }

    @Test(arguments: StoreKind.allCases) func `pages through the results of a sweep`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            try store.commit(.jobInserted(Sample.record(1, units: 50)))
            for unit in stride(from: UInt64(0), to: 50, by: 2) {
                let grant = Sample.grant(1, unit, token: unit + 1)
                try store.commit(.unitDispatched(Sample.dispatch(grant)), Sample.finished(grant))
            }
            #expect(
                try store.results(of: JobID(1), from: 0, limit: 100, byteLimit: .max).map(\.unit)
                    == Array(stride(from: 0, to: 50, by: 2)))
            #expect(try store.results(of: JobID(1), from: 7, limit: 3, byteLimit: .max).map(\.unit) == [8, 10, 12])
            #expect(try store.results(of: JobID(1), from: 7, limit: 3, byteLimit: 1).map(\.unit) == [8])
            #expect(try store.results(of: JobID(1), from: 49, limit: 3, byteLimit: 1).isEmpty)
            #expect(try store.results(of: JobID(2), from: 0, limit: 3, byteLimit: 1).isEmpty)
            #expect(try store.results(of: JobID(1), from: .max, limit: 3, byteLimit: 1).isEmpty)
            let job = try #require(try store.open().jobs.first)
            #expect(job.completedUnits == RangeSet(stride(from: UInt64(0), to: 50, by: 2).map { $0..<$0 + 1 }))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `counts the units of a sweep through failures, retries and refused batches`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            try store.commit(.jobInserted(Sample.record(1, units: 9)))
            func counts() throws -> [UInt64] {
                let lines = try store.jobs(matching: JobFilter())
                let detail = try #require(try store.detail(of: JobID(1), attemptLimit: 0))
                #expect(lines.map(\.completedUnits) == [detail.summary.completedUnits])
                #expect(lines.map(\.failedUnits) == [detail.summary.failedUnits])
                return [detail.summary.completedUnits, detail.summary.failedUnits]
            }
            let grants = (0..<6).map { Sample.grant(1, UInt64($0), token: UInt64($0) + 1) }
            try store.commit(grants.map { .unitDispatched(Sample.dispatch($0)) }, bytes: SampleBytes())
            try store.commit(Sample.finished(grants[0]), Sample.finished(grants[1], .failed(Sample.failure)))
            #expect(try counts() == [1, 1])
            #expect(throws: JobStoreError.self) {
                try store.commit(Sample.finished(grants[2]), Sample.finished(grants[2]))
            }
            #expect(try counts() == [1, 1])
            try store.commit(Sample.finished(grants[2]), Sample.finished(grants[3], .canceled))
            #expect(try counts() == [2, 1])
            try store.commit(Sample.finished(grants[4]), Sample.finished(grants[5]), Sample.state(1, .failed))
            #expect(try counts() == [4, 1])
            try store.commit(.jobRetried(JobID(1), wallMilliseconds: 1))
            #expect(try counts() == [4, 0])
            _ = try store.open()
            #expect(try counts() == [4, 0])
            let again = Sample.grant(1, 1, token: 20)
            try store.commit(.unitDispatched(Sample.dispatch(again)), Sample.finished(again), Sample.state(1, .canceled))
            #expect(try counts() == [5, 0])
        }
    }
}
