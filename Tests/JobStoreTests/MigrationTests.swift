import Coordination
import GRDB
import JobStore
import Testing

/// Files that an earlier version of this program wrote.
@Suite struct `A job store of layout version 1` {
    /// What was committed to the file of `FirstLayout`.
    static func history(_ store: some JobStore) throws {
        _ = try store.open()
        let records = (1...8).map { Sample.record($0, units: $0 == 4 ? 3 : 1) } + [Sample.record(9, address: 1)]
        let answer = [AcceptedJob(id: JobID(1), isExisting: false)]
        try store.commit(
            records.map { .jobInserted($0) } + [.submissionRecorded(SubmissionID(7), answer, wallMilliseconds: 5)],
            bytes: SampleBytes())
        try run(store, 1, token: 1)
        let third = Sample.grant(3, token: 2)
        try store.commit(.unitDispatched(Sample.dispatch(third)), Sample.state(3, .dispatched, .dispatched))
        let sweep = (0..<3).map { Sample.grant(4, UInt64($0), token: UInt64($0) + 3) }
        try store.commit(sweep.map { .unitDispatched(Sample.dispatch($0)) }, bytes: SampleBytes())
        try store.commit(
            Sample.state(4, .dispatched, .dispatched), Sample.finished(sweep[0]),
            Sample.finished(sweep[1], .failed(Sample.failure)))
        let fifth = Sample.grant(5, token: 6)
        try store.commit(.unitDispatched(Sample.dispatch(fifth)), Sample.state(5, .dispatched, .dispatched))
        let pending = PendingUnit(unit: fifth.unit, attempts: 1, notBeforeMilliseconds: 9_000)
        try store.commit(
            .unitRequeued(fifth, pending, StateReason(.workerDied, "signal 9"), wallMilliseconds: 3_500),
            Sample.state(5, .queued, .workerDied, at: 3_500))
        try run(store, 6, token: 7, .failed(Sample.failure), .failed)
        try run(store, 7, token: 8)
        try store.commit(.jobRetried(JobID(7), wallMilliseconds: 5_000))
        try store.commit(Sample.state(7, .succeeded, .completed, at: 6_000))
        try store.commit(Sample.state(8, .canceled, .canceledByClient))
        try run(store, 9, token: 10)
        let late = LateReport(grant: fifth, worker: Sample.worker, session: Sample.session, outcome: .succeeded)
        try store.commit(.lateReport(late, wallMilliseconds: 7_000))
    }

    private static func run(
        _ store: some JobStore, _ id: Int64, token: UInt64, _ outcome: UnitOutcome = .succeeded, _ end: JobState = .succeeded
    ) throws {
        let grant = Sample.grant(id, token: token)
        try store.commit(
            .unitDispatched(Sample.dispatch(grant)), Sample.state(id, .dispatched, .dispatched, at: 1_900))
        try store.commit(Sample.state(id, .running, .started, at: 2_500))
        try store.commit(Sample.finished(grant, outcome), Sample.state(id, end, .completed, at: 3_100))
    }

    @Test func `says the same after its migration and goes on from there`() throws {
        try withFolder { folder in
            let path = folder + "/jobs.sqlite"
            let queue = try DatabaseQueue(path: path)
            try queue.writeWithoutTransaction { try $0.execute(sql: FirstLayout.dump) }
            try queue.close()
            let oracle = InMemoryJobStore()
            try Self.history(oracle)
            for opening in 0..<2 {
                let store = try SQLiteJobStore(path: path)
                #expect(try store.open() == oracle.open())
                #expect(try store.contents(1...9) == oracle.contents(1...9), "opening \(opening)")
                #expect(store.acceptedJobs(of: SubmissionID(7)) == oracle.acceptedJobs(of: SubmissionID(7)))
                for number in UInt64(1)...9 {
                    let address = Sample.address(number)
                    #expect(store.succeededJob(at: address) == oracle.succeededJob(at: address))
                }
                try store.close()
            }
            let store = try SQLiteJobStore(path: path)
            #expect(try store.open() == oracle.open())
            let stores: [any JobStore] = [store, oracle]
            for store in stores {
                try store.commit(.jobRetried(JobID(1), wallMilliseconds: 8_000), .jobRetried(JobID(6), wallMilliseconds: 8_000))
                try Self.run(store, 2, token: 20)
                try Self.run(store, 6, token: 21)
                try store.commit(Sample.finished(Sample.grant(3, token: 2)), Sample.state(3, .succeeded))
                try store.commit(.jobInserted(Sample.record(10)))
                try Self.run(store, 10, token: 22)
            }
            #expect(try store.contents(1...10) == oracle.contents(1...10))
            #expect(try store.integrityProblems() == [])
            try store.close()
        }
    }
}
