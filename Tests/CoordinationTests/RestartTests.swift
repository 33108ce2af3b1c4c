import Coordination
import SimulationSupport
import Testing

@Suite struct RestartTests {
    @Test func `a worker that comes back after a restart keeps its unit and its result counts`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1))[0]
        let out = rig.assignments(to: worker)[0]
        rig.send(.started(out.grant), from: worker)
        rig.restart()
        rig.beat(worker, held: [held(out)])
        #expect(rig.messages(to: worker) == [.whoAreYou])
        let back = rig.join(held: [held(out)])
        guard case .welcome(let welcome) = rig.messages(to: back).first else {
            Issue.record("no welcome")
            return
        }
        #expect(welcome.renewed == [out.grant.token])
        rig.send(.finished(out.grant, .succeeded), from: back)
        #expect(rig.state(id) == .succeeded)
        #expect(rig.store.violations == [])
    }

    @Test func `a unit whose worker does not come back within a lease goes out again`() {
        var rig = CoordinatorRig()
        let worker = rig.join("a", session: 1)
        rig.submit(job(1))
        rig.send(.started(rig.assignments(to: worker)[0].grant), from: worker)
        rig.restart()
        let other = rig.join("b", session: 2)
        #expect(rig.assignments(to: other).isEmpty)
        for _ in 0..<12 {
            rig.pass(.seconds(1))
            if !rig.assignments(to: other).isEmpty { break }
            rig.beat(other)
        }
        #expect(rig.assignments(to: other).map(\.attempt) == [2])
        #expect(rig.store.violations == [])
    }

    @Test func `a sweep goes on where it was: nothing recorded is repeated, nothing is left out`() {
        var rig = CoordinatorRig()
        let id = rig.submit(job(1, combinations: 12))[0]
        var worker = rig.join(capacity: 4)
        var out = rig.assignments(to: worker)
        var done: [UInt64] = []
        for step in 0..<12 where rig.state(id) != .succeeded {
            if step % 3 == 2 {
                rig.restart()
                worker = rig.join(capacity: 4, held: out.map { held($0) })
                out += rig.assignments(to: worker)
            }
            let next = out.remove(at: out.count / 2)
            rig.send(.finished(next.grant, .succeeded), from: worker)
            done.append(next.grant.unit.index)
            out += rig.assignments(to: worker)
        }
        #expect(done.sorted() == Array(0..<12))
        #expect(rig.state(id) == .succeeded)
        #expect(rig.store.violations == [])
    }

    @Test func `queued jobs keep their order, priority and groups over a restart`() {
        var rig = CoordinatorRig()
        rig.submit(job(1), job(2), job(3, priority: 5))
        rig.restart()
        let worker = rig.join(capacity: 3)
        #expect(rig.assignments(to: worker).map(\.grant.unit.job.rawValue) == [3, 1, 2])
        #expect(rig.submit(job(4)) == [JobID(4)])
    }

    @Test func `after a restored backup tokens go above those that workers show, and stay there`() {
        var rig = CoordinatorRig()
        let shown = FencingToken(incarnation: 40, counter: 7)
        rig.submit(job(1), job(2))
        let worker = rig.join(highest: shown)
        #expect(rig.changes.contains(.incarnationRaised(41)))
        #expect(rig.assignments(to: worker).allSatisfy { $0.grant.token > shown })
        rig.restart()
        #expect(rig.coordinator.incarnation > 41)
        let other = rig.join("b", session: 2)
        #expect(rig.assignments(to: other).allSatisfy { $0.grant.token.incarnation > 41 })
        #expect(rig.store.violations == [])
    }

    @Test(arguments: [1, 3, 40] as [UInt64])
    func `a live job of a store restored from an old backup gets a token above those spent on its accounts`(incarnation: UInt64) {
        var rig = CoordinatorRig()
        // What the worker's home has kept, though no process of then is alive.
        let spent = FencingToken(incarnation: incarnation, counter: 500)
        rig.submit(job(1, .live))
        let worker = rig.join("live-worker-1", session: 1, .live, highest: spent)
        let given = rig.assignments(to: worker)
        #expect(given.count == 1 && given.allSatisfy { $0.grant.token > spent })
        #expect(rig.store.violations == [])
    }

    @Test func `a token that was given twice because of a restored backup is not mistaken for the other`() {
        var rig = CoordinatorRig()
        let worker = rig.join("a", session: 1)
        rig.submit(job(1))
        let out = rig.assignments(to: worker)[0]
        // Another worker holds the same token for another unit, from before the backup.
        let foreign = Grant(unit: UnitID(job: JobID(1), index: 5), token: out.grant.token)
        let other = rig.join("b", session: 2, held: [HeldUnit(grant: foreign, phase: .running)])
        guard case .welcome(let welcome) = rig.messages(to: other).first else {
            Issue.record("no welcome")
            return
        }
        #expect(welcome.revoked == [out.grant.token])
        rig.send(.finished(foreign, .succeeded), from: worker)
        #expect(rig.recorded(by: worker) == [RecordedReport(token: out.grant.token, accepted: false)])
        #expect(rig.state(JobID(1)) == .dispatched)
    }

    @Test func `a job that was being canceled when the coordinator stopped ends as canceled`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1))[0]
        let out = rig.assignments(to: worker)[0]
        _ = rig.request(.cancel(id))
        rig.restart()
        #expect(rig.state(id) == .canceling)
        let back = rig.join(held: [held(out)])
        #expect(rig.messages(to: back).contains(.cancel(out.grant)))
        rig.send(.finished(out.grant, .canceled), from: back)
        #expect(rig.state(id) == .canceled)
    }

    @Test func `a wall clock that jumps changes no wait by more than the longest back-off`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        rig.submit(job(1))
        rig.send(.finished(rig.assignments(to: worker)[0].grant, RetryTests.trouble), from: worker)
        rig.wallOffset -= 1_000_000_000
        rig.restart()
        var back = rig.join()
        for _ in 0..<61 where rig.assignments(to: back).isEmpty {
            rig.pass(.seconds(1))
            if rig.assignments(to: back).isEmpty { rig.beat(back) }
        }
        #expect(rig.assignments(to: back).count == 1)
        back = worker
    }
}
