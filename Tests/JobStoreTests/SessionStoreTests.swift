import Coordination
import JobStore
import Testing

/// What every store keeps of workers, and what it says of reports.
@Suite struct `Every job store's sessions` {
    private func session(_ number: UInt128, _ name: String = "w", start: UInt64 = 0) -> WorkerSession {
        WorkerSession(worker: WorkerID(name), session: SessionID(number), workerClass: .dryRun, start: start)
    }

    @Test(arguments: StoreKind.allCases) func `are those that joined and did not leave, in their order`(_ kind: StoreKind) throws
    {
        try kind.run { store in
            _ = try store.open()
            let all = [session(9, "größe", start: .max), session(3), session(.max, start: 1 << 60)]
            try store.commit(all.map { .workerJoined($0) }, bytes: NoJobBytes())
            #expect(try store.open().workers == all)
            try store.commit([.workerLeft(SessionID(3)), .workerLeft(SessionID(4))], bytes: NoJobBytes())
            #expect(try store.open().workers == [all[0], all[2]])
        }
    }

    @Test(arguments: StoreKind.allCases) func `the last dead ones are kept`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            let limit = StoreSnapshot.deadSessionLimit
            let sessions = (0..<limit + 10).map { SessionID(UInt128($0)) }
            try store.commit(sessions.map { .workerDied($0) }, bytes: NoJobBytes())
            try store.commit([.workerDied(SessionID(UInt128(limit)))], bytes: NoJobBytes())
            #expect(try store.open().deadSessions == Array(sessions.suffix(limit)))
        }
    }

    @Test(arguments: StoreKind.allCases) func `nothing of a batch that fails is kept`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            try store.commit([.workerJoined(session(1))], bytes: NoJobBytes())
            #expect(throws: JobStoreError.self) {
                try store.commit(
                    [
                        .workerLeft(SessionID(1)), .workerJoined(session(2)), .workerDied(SessionID(3)),
                        .unitDispatched(Sample.dispatch(Sample.grant(77, token: 1))),
                    ], bytes: NoJobBytes())
            }
            let snapshot = try store.open()
            #expect(snapshot.workers == [session(1)] && snapshot.deadSessions == [])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a report is recorded under its own grant and its own outcome only`(_ kind: StoreKind) throws {
        try kind.run { store in
            _ = try store.open()
            try store.commit(
                [.jobInserted(Sample.record(1)), .jobInserted(Sample.record(2, units: 4))], bytes: SampleBytes())
            let whole = Sample.grant(1, token: 1)
            let units = (0..<4).map { Sample.grant(2, UInt64($0), token: UInt64($0) + 2) }
            try store.commit(([whole] + units).map { .unitDispatched(Sample.dispatch($0)) }, bytes: SampleBytes())
            for grant in [whole] + units {
                #expect(!store.isRecorded(grant, succeeded: true) && !store.isRecorded(grant, succeeded: false))
            }
            let failure = UnitFailure(code: .internalError, message: "disk")
            let lost = StateReason(.workerLost, "silent")
            try store.commit(
                [
                    Sample.finished(whole), .jobStateChanged(JobID(1), .succeeded, StateReason(.completed), wallMilliseconds: 5),
                    Sample.finished(units[0]), .unitFinished(units[1], .failed(failure), wallMilliseconds: 5),
                    .unitRequeued(
                        units[2], PendingUnit(unit: units[2].unit, attempts: 1), StateReason(.attemptFailed, "disk"),
                        wallMilliseconds: 5),
                    .unitRequeued(units[3], PendingUnit(unit: units[3].unit, attempts: 1), lost, wallMilliseconds: 5),
                ], bytes: SampleBytes())
            let all = [whole] + units
            #expect(all.map { store.isRecorded($0, succeeded: true) } == [true, true, false, false, false])
            #expect(all.map { store.isRecorded($0, succeeded: false) } == [false, false, true, true, false])
            var other = units[0]
            other.token.counter += 50
            #expect(!store.isRecorded(other, succeeded: true))
        }
    }
}
