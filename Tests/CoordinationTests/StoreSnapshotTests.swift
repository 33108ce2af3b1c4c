import Coordination
import SimulationSupport
import Testing

/// Stores that no coordinator leaves behind are named before anything is begun with them.
@Suite struct StoreSnapshotTests {
    private func snapshot(_ state: JobState, _ change: (inout StoredJob) -> Void = { _ in }) -> StoreSnapshot {
        let job = CoordinationTests.job(1, .dryRun)
        var stored = StoredJob(
            record: JobRecord(
                id: JobID(7), submission: SubmissionID(1), submissionIndex: 0, job: job, state: state, submittedAtMilliseconds: 0)
        )
        change(&stored)
        return StoreSnapshot(incarnation: 3, nextJobID: JobID(8), jobs: [stored])
    }

    private func out(_ unit: UInt64 = 0) -> UnitDispatch {
        let grant = Grant(unit: UnitID(job: JobID(7), index: unit), token: FencingToken(incarnation: 2, counter: 1))
        return UnitDispatch(
            grant: grant, attempt: 1, worker: WorkerID("w"), session: SessionID(1), dispatchedAtMilliseconds: 0)
    }

    @Test func `a unit is out only of jobs that are with a worker`() {
        for state in JobState.allCases {
            let problem = snapshot(state) { $0.dispatches = [out()] }.contradiction
            let isGood = [.dispatched, .running, .canceling, .lost].contains(state)
            #expect((problem == nil) == isGood, "\(state)")
            if let problem { #expect(problem.contains("job 7: it is \(state.rawValue), and its unit 0 is out with worker w")) }
            #expect(snapshot(state).contradiction == nil, "\(state)")
        }
    }

    @Test func `a unit has one state, and is one of the job's`() {
        let pending = PendingUnit(unit: UnitID(job: JobID(7), index: 0), attempts: 1, notBeforeMilliseconds: nil)
        #expect(snapshot(.queued) { $0.pendingUnits = [pending] }.contradiction == nil)
        #expect(
            snapshot(.running) { ($0.dispatches, $0.pendingUnits) = ([out()], [pending]) }.contradiction?.contains("two states")
                == true)
        #expect(snapshot(.running) { ($0.dispatches, $0.completedUnits) = ([out()], RangeSet(0..<1)) }.contradiction != nil)
        #expect(
            snapshot(.running) { ($0.failedUnits, $0.completedUnits) = (RangeSet(0..<1), RangeSet(0..<1)) }.contradiction != nil)
        #expect(snapshot(.running) { $0.dispatches = [out(9)] }.contradiction?.contains("unit 9") == true)
    }

    /// Every store that a coordinator does leave behind, in the simulation of job records and elsewhere, has none of that.
    @Test func `a store that a coordinator leaves behind in the middle of its work is none of these`() {
        var rig = CoordinatorRig()
        let worker = rig.join("w", .dryRun)
        rig.submit(CoordinationTests.job(1, .dryRun), CoordinationTests.job(2, .dryRun))
        let running = rig.store.open()
        #expect(running.contradiction == nil)
        _ = rig.request(.workerDied(worker.session, DeathProof(supervisor: "up", signal: 9)))
        let waiting = rig.store.open()
        #expect(waiting.contradiction == nil)
    }
}
