import Coordination
import SimulationSupport
import Testing

@Suite struct WorkerLossTests {
    @Test func `a silent worker is lost after its lease and its unit goes to another under a new token`() {
        var rig = CoordinatorRig()
        let worker = rig.join("a", session: 1)
        let id = rig.submit(job(1))[0]
        let first = rig.assignments(to: worker)[0]
        rig.send(.started(first.grant), from: worker)
        rig.pass(.seconds(9))
        #expect(rig.state(id) == .running)
        rig.pass(.seconds(2))
        let other = rig.join("b", session: 2)
        let second = rig.assignments(to: other)
        #expect(second.map(\.attempt) == [2])
        #expect(second.allSatisfy { $0.grant.token > first.grant.token })
        // The paused worker comes back with its result: it is noted and refused.
        rig.send(.finished(first.grant, .succeeded), from: worker)
        #expect(rig.messages(to: worker) == [.whoAreYou])
        let back = rig.join("a", session: 1, held: [held(first, .finished)])
        rig.send(.finished(first.grant, .succeeded), from: back)
        #expect(rig.recorded(by: back) == [RecordedReport(token: first.grant.token, accepted: false)])
        #expect(rig.store.lateReports == 1)
        rig.send(.finished(second[0].grant, .succeeded), from: other)
        #expect(rig.state(id) == .succeeded)
        #expect(rig.store.violations == [])
    }

    @Test func `what a lost worker had not begun counts no attempt`() {
        var rig = CoordinatorRig()
        let worker = rig.join(capacity: 2)
        let ids = rig.submit(job(1, attempts: 1), job(2, attempts: 1))
        rig.send(.started(rig.assignments(to: worker)[0].grant), from: worker)
        _ = rig.request(.workerDied(worker.session, DeathProof(supervisor: "up", signal: 9)))
        #expect(rig.state(ids[0]) == .failed && rig.state(ids[1]) == .queued)
        #expect(
            rig.store.jobs[ids[0]]?.reason.message
                == "workerDied: the worker's process was ended by signal 9, seen by up")
    }

    @Test func `a worker that ended in order counts no attempt, though the proof came before what it gave back`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1, attempts: 1))[0]
        rig.send(.started(rig.assignments(to: worker)[0].grant), from: worker)
        _ = rig.request(.workerDied(worker.session, DeathProof(supervisor: "up", exitStatus: 0)))
        #expect(rig.state(id) == .queued)
        rig.pass(.seconds(2))
        let other = rig.join("b", session: 2)
        #expect(rig.assignments(to: other).map(\.attempt) == [1])
    }

    @Test func `a worker killed for its memory fails the unit without another try`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1))[0]
        rig.send(.started(rig.assignments(to: worker)[0].grant), from: worker)
        _ = rig.request(.workerDied(worker.session, DeathProof(supervisor: "up", signal: 9, outOfMemory: true)))
        #expect(rig.state(id) == .failed)
        #expect(rig.store.jobs[id]?.reason.message.contains("outOfMemory") == true)
    }

    @Test func `a session whose death was proved is not heard any more`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        #expect(rig.request(.workerDied(worker.session, DeathProof(supervisor: "up"))) == .done)
        #expect(rig.request(.workerDied(worker.session, DeathProof(supervisor: "up"))) == .done)
        _ = rig.join()
        #expect(rig.output.isEmpty)
        #expect(rig.coordinator.snapshot().workers.isEmpty)
    }

    @Test func `the newest session of a name wins and the older is told so`() {
        var rig = CoordinatorRig()
        let old = rig.join("a", session: 1, peer: 11)
        rig.submit(job(1))
        let first = rig.assignments(to: old)[0]
        rig.send(.started(first.grant), from: old)
        let new = rig.join("a", session: 2, peer: 12)
        #expect(rig.messages(to: old) == [.superseded(by: SessionID(2))])
        rig.beat(new)
        rig.pass(.seconds(1))
        #expect(rig.assignments(to: new).map(\.attempt) == [2])
        _ = rig.join("a", session: 1, peer: 13)
        #expect(rig.output == [.send(PeerID(13), .superseded(by: SessionID(2)))])
        #expect(rig.coordinator.snapshot().workers.map(\.session) == [SessionID(2)])
    }

    @Test func `a worker that says goodbye gives everything back without an attempt`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1, attempts: 1))[0]
        rig.send(.started(rig.assignments(to: worker)[0].grant), from: worker)
        rig.send(.goodbye(worker.session), from: worker)
        #expect(rig.messages(to: worker) == [.farewell(worker.session)])
        #expect(rig.state(id) == .queued)
        #expect(rig.coordinator.snapshot().workers.isEmpty)
        let next = rig.join("b", session: 2)
        #expect(rig.assignments(to: next).map(\.attempt) == [1])
    }

    @Test func `a worker of another class does not take over a name`() {
        var rig = CoordinatorRig()
        let first = rig.join("a", session: 1, peer: 11)
        _ = rig.join("a", session: 2, peer: 12, .live)
        guard case .send(PeerID(12), .rejected(let text))? = rig.output.first else {
            Issue.record("not rejected: \(rig.output)")
            return
        }
        #expect(text.contains("class backtest"))
        #expect(rig.coordinator.snapshot().workers.map(\.session) == [first.session])
    }

    @Test func `an unknown sender is asked who it is`() {
        var rig = CoordinatorRig()
        let worker = CoordinatorRig.Worker(name: "x", session: SessionID(8), peer: PeerID(8), workerClass: .backtest)
        rig.beat(worker)
        #expect(rig.output == [.send(PeerID(8), .whoAreYou)])
    }

    @Test func `an assignment that the worker never mentions is sent again under the same token`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        rig.submit(job(1))
        let first = rig.assignments(to: worker)
        rig.pass(.seconds(1))
        rig.beat(worker)
        #expect(rig.assignments(to: worker).isEmpty)
        rig.pass(.seconds(2))
        rig.beat(worker)
        #expect(rig.assignments(to: worker) == first)
        rig.beat(worker, held: [held(first[0])])
        #expect(rig.assignments(to: worker).isEmpty)
    }

    @Test func `a report that comes twice is answered as before and recorded once`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        rig.submit(job(1))
        let grant = rig.assignments(to: worker)[0].grant
        rig.send(.finished(grant, .succeeded), from: worker)
        rig.send(.finished(grant, .succeeded), from: worker)
        #expect(rig.recorded(by: worker) == [RecordedReport(token: grant.token, accepted: true)])
        #expect(rig.changes.isEmpty && rig.store.violations == [])
    }

    @Test func `a grant of somebody else is revoked, and its report refused`() {
        var rig = CoordinatorRig()
        let worker = rig.join("a", session: 1)
        rig.submit(job(1))
        let out = rig.assignments(to: worker)[0]
        let thief = rig.join("b", session: 2)
        rig.beat(thief, held: [held(out)])
        guard case .heartbeatAck(let ack) = rig.messages(to: thief).first else {
            Issue.record("no acknowledgement")
            return
        }
        #expect(ack.revoked == [out.grant.token] && ack.renewed.isEmpty)
        rig.send(.finished(out.grant, .succeeded), from: thief)
        #expect(rig.recorded(by: thief) == [RecordedReport(token: out.grant.token, accepted: false)])
        #expect(rig.state(JobID(1)) == .dispatched)
    }

    @Test func `a worker that refuses work for good gets no more of it`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        rig.submit(job(1), job(2))
        rig.send(.returned(rig.assignments(to: worker)[0].grant, .refused(.wrongExecutable)), from: worker)
        rig.beat(worker)
        rig.pass(.seconds(5))
        #expect(rig.assignments(to: worker).isEmpty)
        #expect(rig.state(JobID(1)) == .queued && rig.state(JobID(2)) == .queued)
    }

    @Test func `impossible hellos are rejected with a reason`() {
        var rig = CoordinatorRig { $0.maxWorkers = 1 }
        func rejection(_ worker: CoordinatorRig.Worker) -> String? {
            rig.messages(to: worker).lazy.compactMap { if case .rejected(let text) = $0 { text } else { nil } }.first
        }
        #expect(rejection(rig.join("", session: 1))?.contains("0 bytes") == true)
        #expect(rejection(rig.join("a", session: 2, capacity: 0))?.contains("set 1 to 1024") == true)
        let vast = FencingToken(incarnation: .max, counter: 0)
        #expect(rejection(rig.join("a", session: 3, highest: vast))?.contains("impossible token") == true)
        _ = rig.join("a", session: 4)
        #expect(rejection(rig.join("b", session: 5))?.contains("no more than 1") == true)
        #expect(rejection(rig.join("b", session: 4))?.contains("session of another worker") == true)
    }

    @Test func `a worker that cannot be reached gets nothing until it is heard of`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        rig.batch { instance, _, now in
            instance.peerUnreachable(worker.peer, at: now)
            return []
        }
        rig.submit(job(1))
        #expect(rig.assignments(to: worker).isEmpty)
        rig.beat(worker)
        #expect(rig.assignments(to: worker).count == 1)
    }
}
