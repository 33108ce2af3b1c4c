import Coordination
import SimulationSupport
import Testing

@Suite struct SubmissionTests {
    @Test func `a submission is in the store before it is answered, and gets the same answer again`() {
        var rig = CoordinatorRig()
        let submission = ClientRequest.submit(SubmissionID(7), [job(1), job(2)])
        let first = rig.request(submission)
        #expect(
            first
                == .accepted([AcceptedJob(id: JobID(1), isExisting: false), AcceptedJob(id: JobID(2), isExisting: false)]))
        let persisted = rig.output.lastIndex { if case .persist = $0 { true } else { false } }
        let replied = rig.output.firstIndex { if case .reply = $0 { true } else { false } }
        #expect(persisted != nil && replied != nil)
        #expect(rig.request(submission) == first)
        rig.restart()
        #expect(rig.request(submission) == first)
        #expect(rig.store.jobs.count == 2)
    }

    @Test func `the same submission twice in one batch is one submission`() {
        var rig = CoordinatorRig()
        let request = ClientRequest.submit(SubmissionID(7), [job(1)])
        rig.batch { instance, store, now in
            instance.receive(request, id: RequestID(1), from: PeerID(1), lookup: store, at: now)
                + instance.receive(request, id: RequestID(2), from: PeerID(1), lookup: store, at: now)
        }
        let replies = rig.output.compactMap { if case .reply(_, _, let reply) = $0 { reply } else { nil } }
        #expect(replies.count == 2 && replies[0] == replies[1])
        #expect(rig.store.jobs.count == 1)
        #expect(rig.store.violations == [])
    }

    @Test func `a backtest that succeeded is answered from the store unless a fresh run is asked for`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1))[0]
        let assignment = rig.assignments(to: worker)[0]
        rig.send(.finished(assignment.grant, .succeeded), from: worker)
        #expect(rig.state(id) == .succeeded)
        #expect(
            rig.request(.submit(SubmissionID(50), [job(1)])) == .accepted([AcceptedJob(id: id, isExisting: true)]))
        #expect(rig.submit(job(1, fresh: true)) == [JobID(2)])
    }

    @Test func `the end of a job answers a submission before it is committed`() {
        var rig = CoordinatorRig()
        let worker = rig.join()
        let id = rig.submit(job(1))[0]
        let assignment = rig.assignments(to: worker)[0]
        rig.batch { instance, store, now in
            instance.receive(.finished(assignment.grant, .succeeded), from: worker.peer, lookup: store, at: now)
                + instance.receive(
                    .submit(SubmissionID(60), [job(1)]), id: RequestID(9), from: PeerID(1), lookup: store, at: now)
        }
        #expect(rig.output.contains(.reply(PeerID(1), RequestID(9), .accepted([AcceptedJob(id: id, isExisting: true)]))))
    }

    @Test func `a backtest that waits or runs is attached to, one that is being canceled is not`() {
        var rig = CoordinatorRig()
        let id = rig.submit(job(1))[0]
        #expect(rig.submit(job(1)) == [id])
        let worker = rig.join()
        #expect(rig.submit(job(1)) == [id])
        #expect(rig.request(.cancel(id)) == .job(id, .canceling))
        #expect(rig.submit(job(1)) == [JobID(2)])
        #expect(rig.messages(to: worker).isEmpty)
    }

    @Test(arguments: [JobKind.dryRun, .live])
    func `dry-run and live jobs are never answered from the store`(kind: JobKind) {
        var rig = CoordinatorRig()
        #expect(rig.submit(job(1, kind)) == [JobID(1)])
        #expect(rig.submit(job(1, kind)) == [JobID(2)])
    }

    @Test func `values out of range are refused with the job and the value, and nothing of the submission is taken`() {
        let bad: [(NewJob, String)] = [
            (job(1, combinations: 0), "covers no combination"), (job(1, slice: 0), "slice size is 0"),
            (job(1, attempts: 0), "maxAttempts is 0"), (job(1, attempts: 101), "maxAttempts is 101"),
            (job(1, priority: 101), "priority is 101"), (job(1, group: String(repeating: "x", count: 257)), "257 bytes"),
            (job(1, .live, combinations: 2), "only a backtest may be a sweep"), (job(1, memory: .max), "memory estimate"),
        ]
        for (bad, text) in bad {
            var rig = CoordinatorRig()
            guard case .refused(let refusal) = rig.request(.submit(SubmissionID(1), [job(9), bad])) else {
                Issue.record("\(text) was accepted")
                continue
            }
            #expect(refusal.code == .invalidRequest)
            #expect(refusal.message.contains("job 1 ") && refusal.message.contains(text))
            #expect(rig.store.jobs.isEmpty && rig.changes.isEmpty)
        }
    }

    @Test func `a full queue and an empty or vast submission are refused`() {
        var rig = CoordinatorRig {
            $0.maxQueuedJobs = 2
            $0.maxJobsPerSubmission = 2
        }
        func code(_ reply: Reply?) -> Refusal.Code? { if case .refused(let refusal) = reply { refusal.code } else { nil } }
        #expect(code(rig.request(.submit(SubmissionID(1), []))) == .invalidRequest)
        #expect(code(rig.request(.submit(SubmissionID(2), [job(1), job(2), job(3)]))) == .invalidRequest)
        rig.submit(job(1), job(2))
        #expect(code(rig.request(.submit(SubmissionID(3), [job(3)]))) == .tooManyJobs)
    }

    @Test func `a job that is still queued at the end of its time expires, also over a restart`() {
        var rig = CoordinatorRig()
        let end = rig.now.wallMilliseconds + 5_000
        let ids = rig.submit(job(1, expires: end), job(2, expires: end + 60_000))
        rig.pass(.seconds(2))
        rig.restart()
        #expect(rig.state(ids[0]) == .queued)
        rig.pass(.seconds(4))
        #expect(ids.map { rig.state($0) } == [.expired, .queued])
        rig.wallOffset += 100_000
        let worker = rig.join()
        #expect(rig.assignments(to: worker).isEmpty)
        #expect(rig.state(ids[1]) == .expired)
        #expect(rig.store.violations == [])
    }
}
