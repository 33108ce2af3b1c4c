import Coordination
import SimulationSupport
import Testing

/// Which of two processes of one name is the newer one, and who is dead: over restarts of the coordinator too.
@Suite struct SessionTests {
    private static let death = DeathProof(supervisor: "up", signal: 9)

    private func isSuperseded(_ rig: CoordinatorRig, _ worker: CoordinatorRig.Worker, by session: UInt128) -> Bool {
        rig.messages(to: worker) == [.superseded(by: SessionID(session))]
    }

    @Test func `an older process that is heard later does not take the name`() {
        var rig = CoordinatorRig()
        rig.submit(job(1))
        let newer = rig.join("w", session: 1, start: 20)
        #expect(rig.assignments(to: newer).count == 1)
        let older = rig.join("w", session: 2, start: 19)
        #expect(isSuperseded(rig, older, by: 1))
        rig.beat(newer)
        #expect(!rig.messages(to: newer).contains { if case .superseded = $0 { true } else { false } })
    }

    @Test func `a newer process takes the name whatever came first`() {
        var rig = CoordinatorRig()
        let older = rig.join("w", session: 1, start: 19)
        let newer = rig.join("w", session: 2, start: 20)
        #expect(rig.output.contains(.send(older.peer, .superseded(by: newer.session))))
        #expect(rig.messages(to: newer).contains { if case .welcome = $0 { true } else { false } })
    }

    @Test(arguments: [0, 5] as [UInt64]) func `without both numbers the later hello counts`(start: UInt64) {
        var rig = CoordinatorRig()
        let first = rig.join("w", session: 1, start: start)
        let second = rig.join("w", session: 2, start: start == 0 ? 5 : 0)
        #expect(rig.output.contains(.send(first.peer, .superseded(by: second.session))))
    }

    @Test(arguments: [false, true])
    func `a frozen older process takes no name from its successor after a restart`(isBusy: Bool) {
        var rig = CoordinatorRig()
        let frozen = rig.join("w", session: 1, start: 19)
        let successor = rig.join("w", session: 2, start: 20)
        if isBusy { rig.submit(job(1)) }
        let out = isBusy ? rig.assignments(to: successor) : []
        for assignment in out { rig.send(.started(assignment.grant), from: successor) }
        rig.restart()
        // Before its successor has said a word.
        let woken = rig.join("w", session: 1, start: 19)
        #expect(isSuperseded(rig, woken, by: 2))
        let back = rig.join("w", session: 2, held: out.map { held($0) }, start: 20)
        #expect(rig.messages(to: back).contains { if case .welcome = $0 { true } else { false } })
        for assignment in out { rig.send(.finished(assignment.grant, .succeeded), from: back) }
        if isBusy { #expect(rig.state(JobID(1)) == .succeeded) }
        // Also one that the coordinator had not heard of before.
        let another = rig.join("w", session: 3, start: 18)
        #expect(isSuperseded(rig, another, by: 2))
        #expect(rig.store.violations == [])
        _ = frozen
    }

    @Test func `who does not come back within a lease after a restart holds the name no longer`() {
        var rig = CoordinatorRig()
        _ = rig.join("w", session: 2, start: 20)
        rig.restart()
        rig.pass(.seconds(11))
        #expect(rig.store.workers == [])
        let other = rig.join("w", session: 3, start: 5)
        #expect(rig.messages(to: other).contains { if case .welcome = $0 { true } else { false } })
    }

    @Test func `the hello of a process whose death was proved before a restart makes no worker`() {
        var rig = CoordinatorRig()
        _ = rig.join("w", session: 1, start: 1)
        _ = rig.request(.workerDied(SessionID(1), Self.death))
        // Of one that was never heard.
        _ = rig.request(.workerDied(SessionID(9), Self.death))
        rig.restart()
        rig.submit(job(1))
        for session: UInt128 in [1, 9] {
            let late = rig.join("w", session: session, start: 1)
            #expect(rig.messages(to: late) == [])
        }
        #expect(rig.coordinator.snapshot().workers.isEmpty)
        #expect(rig.store.violations == [])
    }

    @Test func `who went is not expected after a restart`() {
        var rig = CoordinatorRig()
        let gone = rig.join("a", session: 1)
        rig.send(.goodbye(gone.session), from: gone)
        _ = rig.join("b", session: 2)
        _ = rig.request(.workerDied(SessionID(2), Self.death))
        _ = rig.join("c", session: 3)
        rig.restart()
        #expect(rig.coordinator.snapshot().workers.map(\.id) == [WorkerID("c")])
    }

    @Test func `a report that was recorded and not answered is confirmed after a restart`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        rig.submit(job(1, combinations: 3))
        let succeeded = rig.assignments(to: worker)[0]
        rig.send(.finished(succeeded.grant, .succeeded), from: worker)
        let failed = rig.assignments(to: worker)[0]
        rig.send(.finished(failed.grant, RetryTests.trouble), from: worker)
        // The commit was made and the answer lost with the process.
        rig.restart()
        let back = rig.join(held: [held(succeeded, .finished), held(failed, .finished)])
        rig.send(.finished(succeeded.grant, .succeeded), from: back)
        #expect(rig.recorded(by: back) == [RecordedReport(token: succeeded.grant.token, accepted: true)])
        rig.send(.finished(failed.grant, RetryTests.trouble), from: back)
        #expect(rig.recorded(by: back) == [RecordedReport(token: failed.grant.token, accepted: true)])
        #expect(rig.store.lateReports == 0)
        #expect(rig.store.violations == [])
    }
}
