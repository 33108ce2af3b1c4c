import Coordination
import JobStore
import Testing

/// What every job store must do.
@Suite struct `Every job store` {
    @Test(arguments: StoreKind.allCases) func `raises its incarnation at every opening`(_ kind: StoreKind) throws {
        try kind.run { store in
            #expect(try store.open() == StoreSnapshot(incarnation: 1, nextJobID: JobID(1), jobs: []))
            #expect(try store.open().incarnation == 2)
            try store.commit(.incarnationRaised(41))
            try store.commit(.incarnationRaised(5))
            #expect(try store.open().incarnation == 42)
        }
    }

    @Test(arguments: StoreKind.allCases) func `gives back a new job as it came`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            let records = (1...6).map { Sample.record($0, kind: JobKind.allCases[Int($0) % 3], group: "größe \($0)") }
            try store.commit(records.map { .jobInserted($0) }, bytes: SampleBytes())
            let snapshot = try store.open()
            #expect(snapshot.nextJobID == JobID(7))
            #expect(snapshot.jobs == records.map { StoredJob(record: $0) })
            #expect(try store.payload(of: JobID(3)) == Array("payload 3".utf8))
            #expect(try store.payload(of: JobID(9)) == nil)
            #expect(store.storedJob(JobID(4)) == StoredJob(record: records[3]))
            #expect(store.storedJob(JobID(9)) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases) func `stores payloads and results of no bytes`(_ kind: StoreKind) throws {
        struct Empty: JobBytes {
            func payload(of record: JobRecord) -> [UInt8]? { [] }
            func result(of grant: Grant) -> [UInt8]? { [] }
        }
        try kind.run { store in
            _ = try store.open()
            let grant = Sample.grant(1, token: 1)
            try store.commit(
                [.jobInserted(Sample.record(1)), .unitDispatched(Sample.dispatch(grant)), Sample.finished(grant)], bytes: Empty())
            #expect(try store.payload(of: JobID(1)) == [])
            #expect(try store.results(of: JobID(1), from: 0, limit: 9, byteLimit: 9) == [UnitResult(unit: 0, bytes: [])])
        }
    }

    @Test(arguments: StoreKind.allCases) func `answers a submission again with what it was answered`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            let jobs = [5, 6, 7, 3, 4, 9, 9, 8].map { AcceptedJob(id: JobID($0), isExisting: $0 < 5) }
            try store.commit(.submissionRecorded(SubmissionID(.max), jobs, wallMilliseconds: 1))
            try store.commit(.submissionRecorded(SubmissionID(3), [], wallMilliseconds: 1))
            #expect(store.acceptedJobs(of: SubmissionID(.max)) == jobs)
            #expect(store.acceptedJobs(of: SubmissionID(3)) == [])
            #expect(store.acceptedJobs(of: SubmissionID(4)) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases) func `follows a job from its arrival to its result`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            let grant = Sample.grant(1, token: 5)
            try store.commit(.jobInserted(Sample.record(1)))
            try store.commit(.unitDispatched(Sample.dispatch(grant)), Sample.state(1, .dispatched, .dispatched, at: 11))
            #expect(try store.open().jobs.map(\.dispatches) == [[Sample.dispatch(grant)]])
            #expect(try store.counts() == [.dispatched: 1])
            try store.commit(Sample.state(1, .running, .started, at: 12))
            #expect(store.succeededJob(at: Sample.address(1)) == nil)
            try store.commit(Sample.finished(grant), Sample.state(1, .succeeded, at: 13))
            #expect(store.succeededJob(at: Sample.address(1)) == JobID(1))
            #expect(try store.open().jobs == [])
            #expect(try store.counts() == [.succeeded: 1])
            #expect(store.storedJob(JobID(1))?.completedUnits == RangeSet(0..<1))
            let results = try store.results(of: JobID(1), from: 0, limit: 10, byteLimit: .max)
            #expect(results == [UnitResult(unit: 0, bytes: Array("result 1/0 1.5".utf8))])
            #expect(try store.stateLog(of: JobID(1)).map(\.state) == [.queued, .dispatched, .running, .succeeded])
            #expect(try store.stateLog(of: JobID(1)).map(\.wallMilliseconds) == [1_001, 11, 12, 13])
            let detail = try #require(try store.detail(of: JobID(1), attemptLimit: 10))
            #expect(detail.summary.completedUnits == 1 && detail.dispatchedUnits == 0)
            let attempt = AttemptRecord(
                dispatch: Sample.dispatch(grant), ending: .finished(.succeeded), endedAtMilliseconds: 3_000)
            #expect(detail.attempts == [attempt])
        }
    }

    @Test(arguments: StoreKind.allCases) func `finds the newest success of an address`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            for id in [Int64(1), 2, 3] {
                try store.commit(.jobInserted(Sample.record(id, address: 77)))
            }
            try store.commit(Sample.state(2, .succeeded))
            try store.commit(Sample.state(1, .succeeded), Sample.state(3, .failed))
            #expect(store.succeededJob(at: Sample.address(77)) == JobID(2))
            #expect(store.succeededJob(at: Sample.address(78)) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases) func `keeps every attempt of a unit`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            let first = Sample.grant(1, 1, token: 1)
            let second = Sample.grant(1, 1, token: 2)
            try store.commit(.jobInserted(Sample.record(1, units: 3)), .unitDispatched(Sample.dispatch(first)))
            let pending = PendingUnit(unit: first.unit, attempts: 1, notBeforeMilliseconds: 8_000)
            let reason = StateReason(.workerDied, "signal 9")
            try store.commit(.unitRequeued(first, pending, reason, wallMilliseconds: 2_500))
            #expect(try store.open().jobs.map(\.pendingUnits) == [[pending]])
            try store.commit(.unitDispatched(Sample.dispatch(second, attempt: 2)))
            #expect(try store.open().jobs.map(\.pendingUnits) == [[]])
            try store.commit(Sample.finished(second, .failed(Sample.failure)))
            let job = try #require(store.storedJob(JobID(1)))
            #expect(job.failedUnits == RangeSet(1..<2) && job.completedUnits == RangeSet())
            let attempts = try #require(try store.detail(of: JobID(1), attemptLimit: 10)).attempts
            #expect(attempts.map(\.ending) == [.requeued(reason), .finished(.failed(Sample.failure))])
            #expect(attempts.map(\.endedAtMilliseconds) == [2_500, 3_000])
            #expect(attempts.map(\.dispatch.attempt) == [1, 2])
            #expect(try store.detail(of: JobID(1), attemptLimit: 1)?.attempts == [attempts[1]])
        }
    }

    @Test(arguments: StoreKind.allCases) func `forgets attempts but no result at a retry`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            let grants = (0..<4).map { Sample.grant(1, UInt64($0), token: UInt64($0) + 1) }
            try store.commit(.jobInserted(Sample.record(1, units: 5)))
            try store.commit(grants.map { .unitDispatched(Sample.dispatch($0)) }, bytes: SampleBytes())
            let pending = PendingUnit(unit: grants[3].unit, attempts: 2)
            try store.commit(
                Sample.finished(grants[0]), Sample.finished(grants[1], .failed(Sample.failure)),
                Sample.finished(grants[2], .canceled), .unitRequeued(grants[3], pending, StateReason(.held), wallMilliseconds: 1),
                Sample.state(1, .failed, .unitFailed))
            #expect(try store.counts() == [.failed: 1])
            #expect(try store.jobs(matching: JobFilter()).map(\.failedUnits) == [1])
            try store.commit(.jobRetried(JobID(1), wallMilliseconds: 9_000))
            let job = try #require(try store.open().jobs.first)
            #expect(job.record.state == .queued)
            #expect(job.completedUnits == RangeSet(0..<1))
            #expect(job.failedUnits.isEmpty && job.pendingUnits.isEmpty && job.dispatches.isEmpty)
            #expect(try store.counts() == [.queued: 1])
            #expect(try store.detail(of: JobID(1), attemptLimit: 10)?.attempts.count == 4)
            #expect(try store.stateLog(of: JobID(1)).last?.reason == StateReason(.retried))
            try store.commit(.unitDispatched(Sample.dispatch(Sample.grant(1, 1, token: 9))))
        }
    }

    @Test(arguments: StoreKind.allCases) func `notes late reports and nothing else of them`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            try store.commit(.jobInserted(Sample.record(1)))
            let before = store.storedJob(JobID(1))
            let outcomes: [UnitOutcome] = [.succeeded, .failed(Sample.failure), .canceled]
            let reports = outcomes.enumerated().map { place, outcome in
                LateReport(
                    grant: Sample.grant(Int64(place % 2 + 1), token: UInt64.max), worker: WorkerID("w\(place)"),
                    session: Sample.session, outcome: outcome)
            }
            for report in reports { try store.commit(.lateReport(report, wallMilliseconds: 6)) }
            #expect(try store.lateReports(of: nil, limit: 10).map(\.report) == reports)
            #expect(try store.lateReports(of: nil, limit: 1).map(\.report) == [reports[0]])
            #expect(try store.lateReports(of: JobID(2), limit: 10).map(\.report) == [reports[1]])
            #expect(store.storedJob(JobID(1)) == before)
        }
    }
}
