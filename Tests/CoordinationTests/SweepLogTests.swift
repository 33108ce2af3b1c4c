import Coordination
import SimulationSupport
import Testing

/// The states that a sweep is in while its units come and go.
@Suite struct SweepLogTests {
    private func states(_ rig: CoordinatorRig) -> [JobState] {
        rig.changes.compactMap { if case .jobStateChanged(_, let state, _, _) = $0 { state } else { nil } }
    }

    /// Runs units to their end, one at a time, and returns what the job's log would say.
    private func run(_ rig: inout CoordinatorRig, _ worker: CoordinatorRig.Worker, _ count: Int) -> [JobState] {
        var log: [JobState] = []
        for _ in 0..<count {
            guard let next = rig.assignments(to: worker).first else { break }
            rig.send(.started(next.grant), from: worker)
            log += states(rig)
            rig.send(.finished(next.grant, .succeeded), from: worker)
            log += states(rig)
        }
        return log
    }

    @Test func `a sweep on one worker runs from its first unit to its last`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        rig.submit(job(1, combinations: 20))
        #expect(run(&rig, worker, 20) == [.running, .succeeded])
        #expect(rig.store.violations == [])
    }

    @Test func `a sweep of which nothing goes out again is queued`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1, combinations: 3))[0]
        let first = rig.assignments(to: worker)[0]
        rig.send(.started(first.grant), from: worker)
        rig.batch { instance, store, now in
            instance.setHold(true, reason: "drill", at: now)
                + instance.receive(.finished(first.grant, .succeeded), from: worker.peer, lookup: store, at: now)
        }
        #expect(rig.state(id) == .queued)
        rig.batch { instance, _, now in instance.setHold(false, reason: "", at: now) }
        #expect(rig.state(id) == .dispatched)
        #expect(rig.store.violations == [])
    }

    @Test func `a sweep is canceled in the batch in which its only unit ended`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1, combinations: 3))[0]
        let first = rig.assignments(to: worker)[0]
        rig.send(.started(first.grant), from: worker)
        rig.batch { instance, store, now in
            instance.receive(.finished(first.grant, .succeeded), from: worker.peer, lookup: store, at: now)
                + instance.receive(.cancel(id), id: RequestID(70), from: PeerID(1), lookup: store, at: now)
        }
        #expect(rig.output.contains(.reply(PeerID(1), RequestID(70), .job(id, .canceled))))
        #expect(rig.state(id) == .canceled)
        #expect(rig.assignments(to: worker).isEmpty)
        #expect(rig.store.violations == [])
    }

    @Test func `a sweep whose time is over expires when its only unit has ended`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1, combinations: 3, expires: rig.now.wallMilliseconds + 5_000))[0]
        let first = rig.assignments(to: worker)[0]
        rig.send(.started(first.grant), from: worker)
        rig.pass(.seconds(6))
        #expect(rig.state(id) == .running)
        rig.send(.finished(first.grant, .succeeded), from: worker)
        #expect(rig.state(id) == .expired)
        #expect(rig.store.violations == [])
    }
}
