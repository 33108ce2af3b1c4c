import Coordination
import SimulationSupport
import Testing

@Suite struct DispatchTests {
    @Test func `a worker gets as many units as it asked for, and one more for each that ends`() {
        var rig = CoordinatorRig()
        rig.submit(job(1), job(2), job(3), job(4))
        let worker = rig.join(capacity: 2)
        let first = rig.assignments(to: worker)
        #expect(first.map(\.grant.unit.job.rawValue) == [1, 2])
        rig.send(.started(first[0].grant), from: worker)
        #expect(rig.state(JobID(1)) == .running && rig.state(JobID(2)) == .dispatched)
        rig.send(.finished(first[0].grant, .succeeded), from: worker)
        #expect(rig.recorded(by: worker) == [RecordedReport(token: first[0].grant.token, accepted: true)])
        #expect(rig.assignments(to: worker).map(\.grant.unit.job.rawValue) == [3])
        #expect(rig.store.violations == [])
    }

    @Test func `a sweep goes out in slices and ends when the last one is recorded`() {
        var rig = CoordinatorRig()
        let id = rig.submit(job(1, combinations: 10, slice: 4))[0]
        let worker = rig.join(capacity: 8)
        let slices = rig.assignments(to: worker)
        #expect(slices.map(\.combinations) == [0..<4, 4..<8, 8..<10])
        for slice in slices.reversed() {
            #expect(rig.state(id) != .succeeded)
            rig.send(.finished(slice.grant, .succeeded), from: worker)
        }
        #expect(rig.state(id) == .succeeded)
        #expect(rig.coordinator.progress(of: id) == nil)
    }

    @Test func `ten million units cost no more memory than one`() {
        var rig = CoordinatorRig()
        let id = rig.submit(job(1, combinations: 10_000_000))[0]
        let worker = rig.join(capacity: 3)
        #expect(rig.assignments(to: worker).count == 3)
        #expect(rig.coordinator.progress(of: id)?.unitCount == 10_000_000)
        #expect(rig.store.jobs[id]?.out.count == 3)
        let stored = rig.store.storedJob(id)
        #expect(stored?.pendingUnits.isEmpty == true && stored?.dispatches.count == 3)
    }

    @Test func `higher priority goes first`() {
        var rig = CoordinatorRig()
        rig.submit(job(1, priority: -5), job(2, priority: 0), job(3, priority: 7))
        let worker = rig.join(capacity: 3)
        #expect(rig.assignments(to: worker).map(\.grant.unit.job.rawValue) == [3, 2, 1])
    }

    @Test func `groups of a priority get workers in turn, by what they have out`() {
        var rig = CoordinatorRig()
        rig.submit(job(1, group: "a", combinations: 100), job(2, group: "b", combinations: 100))
        let worker = rig.join(capacity: 6)
        let jobs = rig.assignments(to: worker).map(\.grant.unit.job.rawValue)
        #expect(jobs == [1, 2, 1, 2, 1, 2])
        rig.submit(job(3, group: "c"), job(4, group: "c"))
        let second = rig.join("w2", session: 2, capacity: 4)
        #expect(rig.assignments(to: second).prefix(2).map(\.grant.unit.job.rawValue) == [3, 4])
    }

    @Test func `workers of a class take turns`() {
        var rig = CoordinatorRig()
        let workers = [rig.join("a", session: 1, capacity: 4), rig.join("b", session: 2, capacity: 4)]
        rig.submit(job(1, combinations: 4))
        #expect(workers.map { rig.assignments(to: $0).count } == [2, 2])
    }

    @Test func `a job goes to a worker of its class only`() {
        var rig = CoordinatorRig()
        let workers = JobKind.allCases.enumerated().map { index, kind in
            rig.join("\(kind)", session: UInt128(index + 1), kind, capacity: 4)
        }
        rig.submit(job(1, .dryRun), job(2, .live), job(3))
        #expect(workers.map { rig.assignments(to: $0).map(\.kind) } == [[.backtest], [.dryRun], [.live]])
    }

    @Test func `a worker gets what fits into its memory, and a large job is not passed by in its own group`() {
        var rig = CoordinatorRig()
        rig.submit(job(1, group: "a", memory: 60), job(2, group: "a", memory: 10), job(3, group: "b", memory: 30))
        let small = rig.join("small", session: 1, capacity: 4, memory: 50)
        #expect(rig.assignments(to: small).map(\.grant.unit.job.rawValue) == [3])
        let large = rig.join("large", session: 2, capacity: 4, memory: 65)
        #expect(rig.assignments(to: large).map(\.grant.unit.job.rawValue) == [1])
        #expect(rig.assignments(to: small).map(\.grant.unit.job.rawValue) == [2])
    }

    @Test func `a worker with another executable gets nothing and is named`() {
        var rig = CoordinatorRig { $0.executable = CoordinatorRig.executable }
        rig.submit(job(1), job(2, .live))
        let other = ExecutableHash(Digest256(words: (1, 1, 1, 1)))
        let worker = rig.join("odd", session: 1, executable: other)
        let named = rig.output.contains {
            if case .publish(let event) = $0 { event.body == .worker(WorkerID("odd"), .executableMismatch) } else { false }
        }
        #expect(named && rig.assignments(to: worker).isEmpty)
        let live = rig.join("odd live", session: 2, .live, executable: other)
        #expect(rig.assignments(to: live).isEmpty)
        guard case .welcome(let welcome) = rig.messages(to: live).first else {
            Issue.record("no welcome")
            return
        }
        #expect(!welcome.executableMatches)
    }

    @Test func `a hold stops granting and nothing else; the end of it goes on`() {
        var rig = CoordinatorRig()
        let worker = rig.join(capacity: 1)
        let id = rig.submit(job(1), job(2))[0]
        let assignment = rig.assignments(to: worker)[0]
        rig.batch { instance, _, now in instance.setHold(true, reason: "drill", at: now) }
        rig.send(.finished(assignment.grant, .succeeded), from: worker)
        #expect(rig.state(id) == .succeeded)
        #expect(rig.assignments(to: worker).isEmpty)
        #expect(rig.coordinator.snapshot().holdReason == "drill")
        rig.batch { instance, _, now in instance.setHold(false, reason: "", at: now) }
        #expect(rig.assignments(to: worker).count == 1)
    }

    @Test func `under a hold a lost assignment is not sent again but waits in the queue, uncounted`() {
        var rig = CoordinatorRig()
        let worker = rig.join(capacity: 1)
        let id = rig.submit(job(1, attempts: 1))[0]
        let lost = rig.assignments(to: worker)[0]
        rig.batch { instance, _, now in instance.setHold(true, reason: "drill", at: now) }
        rig.pass(.seconds(4))
        rig.beat(worker)
        #expect(rig.state(id) == .queued && rig.assignments(to: worker).isEmpty)
        rig.batch { instance, _, now in instance.setHold(false, reason: "", at: now) }
        #expect(rig.assignments(to: worker).map(\.attempt) == [1])
        #expect(rig.assignments(to: worker).allSatisfy { $0.grant.token > lost.grant.token })
    }

    @Test func `units that a halted worker returns count no attempt and wait until it says it goes on`() {
        var rig = CoordinatorRig()
        let worker = rig.join(capacity: 1)
        let id = rig.submit(job(1, attempts: 1))[0]
        let assignment = rig.assignments(to: worker)[0]
        rig.send(.returned(assignment.grant, .held), from: worker)
        #expect(rig.state(id) == .queued && rig.assignments(to: worker).isEmpty)
        rig.beat(worker, isHalted: true)
        #expect(rig.assignments(to: worker).isEmpty)
        rig.beat(worker)
        let again = rig.assignments(to: worker)
        #expect(again.map(\.attempt) == [1])
        #expect(again.allSatisfy { $0.grant.token > assignment.grant.token })
    }

    @Test func `a draining coordinator grants nothing, tells its workers and takes no job`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        #expect(rig.request(.drain(nil)) == .done)
        #expect(rig.messages(to: worker) == [.drain])
        guard case .refused(let refusal) = rig.request(.submit(SubmissionID(5), [job(1)])) else {
            Issue.record("accepted")
            return
        }
        #expect(refusal.code == .draining)
    }

    @Test func `one worker can be drained by its name`() {
        var rig = CoordinatorRig()
        let worker = rig.join("a", session: 1)
        #expect(rig.request(.drain(WorkerID("a"))) == .done)
        #expect(rig.messages(to: worker) == [.drain])
        rig.submit(job(1))
        #expect(rig.assignments(to: worker).isEmpty)
        guard case .refused(let refusal) = rig.request(.drain(WorkerID("b"))) else {
            Issue.record("accepted")
            return
        }
        #expect(refusal.code == .unknownWorker)
    }
}
