import Coordination
import SimulationSupport
import Testing

@Suite struct RetryTests {
    static let trouble = UnitOutcome.failed(UnitFailure(code: .internalError, message: "disk"))

    @Test func `a failed attempt is tried again after a wait that doubles, up to the limit`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1, attempts: 3))[0]
        var assignments = rig.assignments(to: worker)
        for (attempt, wait) in [(1, 1), (2, 2)] {
            #expect(assignments.map(\.attempt) == [attempt])
            rig.send(.finished(assignments[0].grant, Self.trouble), from: worker)
            #expect(rig.state(id) == .queued)
            rig.beat(worker)
            rig.pass(.seconds(wait) - .milliseconds(1))
            #expect(rig.assignments(to: worker).isEmpty)
            rig.pass(.milliseconds(2))
            assignments = rig.assignments(to: worker)
        }
        #expect(assignments.map(\.attempt) == [3])
        rig.send(.finished(assignments[0].grant, Self.trouble), from: worker)
        #expect(rig.state(id) == .failed)
        #expect(rig.store.jobs[id]?.reason == StateReason(.attemptsUsedUp, "internalError: disk"))
        #expect(rig.store.violations == [])
    }

    @Test func `the wait has a limit and survives a restart`() {
        var settings = CoordinatorSettings()
        settings.maxBackOff = .seconds(5)
        var rig = CoordinatorRig { $0 = settings }
        var worker = rig.join()
        rig.submit(job(1, attempts: 9))
        for _ in 1...4 {
            rig.send(.finished(rig.assignments(to: worker)[0].grant, Self.trouble), from: worker)
            rig.beat(worker)
            rig.pass(.seconds(5))
        }
        rig.send(.finished(rig.assignments(to: worker)[0].grant, Self.trouble), from: worker)
        rig.restart()
        worker = rig.join()
        #expect(rig.assignments(to: worker).isEmpty)
        rig.pass(.seconds(5))
        #expect(rig.assignments(to: worker).map(\.attempt) == [6])
    }

    @Test(arguments: FailureCode.allCases)
    func `what a failure does follows from its code`(code: FailureCode) {
        var rig = CoordinatorRig()
        let worker = rig.join(capacity: 2)
        let id = rig.submit(job(1, combinations: 3))[0]
        let out = rig.assignments(to: worker)
        rig.send(.finished(out[0].grant, .failed(UnitFailure(code: code, message: "m"))), from: worker)
        switch code.remedy {
        case .tryAgain: #expect(rig.store.jobs[id]?.failed == [])
        case .giveUpUnit:
            #expect(rig.store.jobs[id]?.failed == [0])
            #expect(rig.state(id) == .dispatched)
        case .giveUpJob:
            #expect(rig.state(id) == .failed)
            #expect(rig.messages(to: worker).contains(.cancel(out[1].grant)))
            rig.send(.finished(out[1].grant, .succeeded), from: worker)
            #expect(rig.recorded(by: worker) == [RecordedReport(token: out[1].grant.token, accepted: false)])
        }
        #expect(rig.store.violations == [])
    }

    @Test func `a sweep with failed units goes on and ends as failed; with too many it is given up`() {
        let failure = UnitOutcome.failed(UnitFailure(code: .strategyError, message: "division by zero"))
        var rig = CoordinatorRig { $0.maxFailedUnits = 3 }
        let worker = rig.join(capacity: 1)
        let id = rig.submit(job(1, combinations: 3))[0]
        for outcome in [failure, .succeeded, .succeeded] {
            rig.send(.finished(rig.assignments(to: worker)[0].grant, outcome), from: worker)
        }
        #expect(rig.store.jobs[id]?.reason.code == .unitFailed)
        #expect(rig.store.jobs[id]?.reason.message.contains("1 of 3 units failed") == true)
        let bad = rig.submit(job(2, combinations: 50))[0]
        for _ in 0..<3 { rig.send(.finished(rig.assignments(to: worker)[0].grant, failure), from: worker) }
        #expect(rig.state(bad) == .failed)
        #expect(rig.store.jobs[bad]?.reason.code == .tooManyFailedUnits)
    }

    @Test func `a retry runs what has no result, with new attempts`() {
        var rig = CoordinatorRig()
        let worker = rig.join(capacity: 1)
        let id = rig.submit(job(1, combinations: 3, attempts: 1))[0]
        for outcome in [.succeeded, Self.trouble, .succeeded] {
            rig.send(.finished(rig.assignments(to: worker)[0].grant, outcome), from: worker)
        }
        #expect(rig.state(id) == .failed)
        #expect(rig.request(.retry(id)) == .job(id, .queued))
        let again = rig.assignments(to: worker)
        #expect(again.map(\.grant.unit.index) == [1] && again.map(\.attempt) == [1])
        rig.send(.finished(again[0].grant, .succeeded), from: worker)
        #expect(rig.state(id) == .succeeded)
        #expect(rig.store.violations == [])
    }

    @Test func `a retry works in the batch in which the job failed and after a restart`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1, attempts: 1))[0]
        let grant = rig.assignments(to: worker)[0].grant
        rig.batch { instance, store, now in
            instance.receive(.finished(grant, Self.trouble), from: worker.peer, lookup: store, at: now)
                + instance.receive(.retry(id), id: RequestID(5), from: PeerID(1), lookup: store, at: now)
        }
        #expect(rig.output.contains(.reply(PeerID(1), RequestID(5), .job(id, .queued))))
        let again = rig.assignments(to: worker)[0]
        rig.send(.finished(again.grant, Self.trouble), from: worker)
        rig.restart()
        #expect(rig.request(.retry(id)) == .job(id, .queued))
        #expect(rig.store.violations == [])
    }

    @Test func `a retry is refused for live jobs, for jobs that need none and for unknown ones`() {
        var rig = CoordinatorRig()
        func code(_ reply: Reply?) -> Refusal.Code? { if case .refused(let refusal) = reply { refusal.code } else { nil } }
        let ids = rig.submit(job(1, .live), job(2))
        #expect(rig.request(.cancel(ids[0])) == .job(ids[0], .canceled))
        #expect(code(rig.request(.retry(ids[0]))) == .liveNotRetried)
        #expect(code(rig.request(.retry(ids[1]))) == .wrongState)
        #expect(code(rig.request(.retry(JobID(99)))) == .unknownJob)
        let worker = rig.join()
        rig.send(.finished(rig.assignments(to: worker)[0].grant, .succeeded), from: worker)
        #expect(code(rig.request(.retry(ids[1]))) == .wrongState)
    }
}

@Suite struct CancelTests {
    @Test func `a queued job is canceled at once`() {
        var rig = CoordinatorRig()
        let id = rig.submit(job(1))[0]
        #expect(rig.request(.cancel(id)) == .job(id, .canceled))
        #expect(rig.state(id) == .canceled)
        #expect(rig.request(.cancel(id)) == .job(id, .canceled))
        let worker = rig.join()
        #expect(rig.assignments(to: worker).isEmpty)
    }

    @Test func `a running job is canceled when its worker confirms, and its result is refused`() {
        var rig = CoordinatorRig()
        let worker = rig.join(capacity: 2)
        let id = rig.submit(job(1, combinations: 2))[0]
        let out = rig.assignments(to: worker)
        #expect(rig.request(.cancel(id)) == .job(id, .canceling))
        #expect(rig.messages(to: worker) == out.map { .cancel($0.grant) })
        rig.send(.finished(out[0].grant, .canceled), from: worker)
        #expect(rig.state(id) == .canceling)
        rig.send(.finished(out[1].grant, .succeeded), from: worker)
        #expect(rig.recorded(by: worker) == [RecordedReport(token: out[1].grant.token, accepted: false)])
        #expect(rig.state(id) == .canceled)
        #expect(rig.store.violations == [])
    }

    @Test func `a cancel that got lost is sent again, also when the assignment was lost too`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1))[0]
        let out = rig.assignments(to: worker)[0]
        _ = rig.request(.cancel(id))
        rig.beat(worker, held: [held(out)])
        #expect(rig.messages(to: worker).contains(.cancel(out.grant)))
        rig.pass(.seconds(3))
        rig.beat(worker)
        #expect(rig.messages(to: worker).contains(.cancel(out.grant)))
    }

    @Test func `a canceled job ends with the lease of a worker that is gone`() {
        var rig = CoordinatorRig()
        _ = rig.join()
        let id = rig.submit(job(1))[0]
        _ = rig.request(.cancel(id))
        rig.pass(.seconds(11))
        #expect(rig.state(id) == .canceled)
    }
}
