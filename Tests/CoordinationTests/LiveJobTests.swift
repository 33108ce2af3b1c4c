import Coordination
import SimulationSupport
import Testing

/// The lease is 60 s, so that another worker may have a lost live job 66 s after the last sign of life at the earliest.
@Suite struct LiveJobTests {
    /// A fleet in which one live worker holds a job and another is free.
    struct Holding {
        var rig = CoordinatorRig()
        var holder: CoordinatorRig.Worker
        var other: CoordinatorRig.Worker
        var id: JobID
        var assignment: Assignment

        init() {
            holder = rig.join("holder", session: 1, .live)
            id = rig.submit(job(1, .live))[0]
            assignment = rig.assignments(to: holder)[0]
            rig.send(.started(assignment.grant), from: holder)
            other = rig.join("other", session: 2, .live)
        }

        /// Seconds pass while only the free worker is heard; returns what it was given.
        mutating func pass(_ seconds: Int) -> [Assignment] {
            var given: [Assignment] = []
            for _ in 0..<seconds {
                rig.pass(.seconds(1))
                given += rig.assignments(to: other)
                rig.beat(other, held: given.map { held($0) })
                given += rig.assignments(to: other)
            }
            return given
        }
    }

    @Test func `without a sign of life for a lease the job is lost and nobody gets it`() {
        var fleet = Holding()
        #expect(fleet.pass(59).isEmpty && fleet.rig.state(fleet.id) == .running)
        #expect(fleet.pass(2).isEmpty && fleet.rig.state(fleet.id) == .lost)
        #expect(fleet.pass(600).isEmpty && fleet.rig.state(fleet.id) == .lost)
    }

    @Test func `proof of death gives it to another, but not before the lease and its margin are over`() {
        var fleet = Holding()
        _ = fleet.pass(10)
        _ = fleet.rig.request(.workerDied(fleet.holder.session, DeathProof(supervisor: "up", signal: 9)))
        #expect(fleet.rig.state(fleet.id) == .queued)
        #expect(fleet.pass(55).isEmpty)
        let given = fleet.pass(2)
        #expect(given.map(\.attempt) == [2])
        #expect(given.allSatisfy { $0.grant.token > fleet.assignment.grant.token })
        #expect(fleet.rig.store.violations == [])
    }

    @Test func `heartbeats keep the job, and a holder that returns in time finds it`() {
        var fleet = Holding()
        _ = fleet.pass(40)
        fleet.rig.beat(fleet.holder, held: [held(fleet.assignment)])
        guard case .heartbeatAck(let ack) = fleet.rig.messages(to: fleet.holder).first else {
            Issue.record("no acknowledgement")
            return
        }
        #expect(ack.renewed == [fleet.assignment.grant.token])
        _ = fleet.pass(59)
        #expect(fleet.rig.state(fleet.id) == .running)
        _ = fleet.pass(10)
        #expect(fleet.rig.state(fleet.id) == .lost)
        fleet.rig.beat(fleet.holder, held: [held(fleet.assignment)])
        #expect(fleet.rig.state(fleet.id) == .running)
        #expect(fleet.rig.store.violations == [])
    }

    @Test func `a coordinator without live gives no live job to anybody, and lets the leases of those that run end`() {
        var settings = CoordinatorSettings()
        settings.liveEnabled = false
        var rig = CoordinatorRig { $0.liveEnabled = false }
        let worker = rig.join("a", session: 1, .live)
        let id = rig.submit(job(1, .live))[0]
        rig.pass(.seconds(5))
        #expect(rig.assignments(to: worker).isEmpty && rig.state(id) == .queued)
        var fleet = Holding()
        fleet.rig.coordinator = CoordinatorInstance(settings: settings, snapshot: fleet.rig.store.open(), at: fleet.rig.now)
        let again = fleet.rig.join(
            "holder", session: 1, .live, held: [HeldUnit(grant: fleet.assignment.grant, phase: .running)])
        guard case .welcome(let welcome) = fleet.rig.messages(to: again).first else {
            Issue.record("no welcome")
            return
        }
        #expect(welcome.renewed.isEmpty && welcome.revoked.isEmpty)
        _ = fleet.pass(61)
        #expect(fleet.rig.state(fleet.id) == .lost)
    }

    @Test func `a reset of the breaker goes to the holder of a live job, with name and reason, and to nobody else`() {
        var fleet = Holding()
        func code(_ reply: Reply?) -> Refusal.Code? { if case .refused(let refusal) = reply { refusal.code } else { nil } }
        func resets() -> [CoordinatorToWorker] {
            fleet.rig.messages(to: fleet.holder).filter { if case .resetBreaker = $0 { true } else { false } }
        }
        _ = resets()
        let state = fleet.rig.state(fleet.id)
        #expect(fleet.rig.request(.resetBreaker(fleet.id, by: "ann", reason: "seen")) == state.map { .job(fleet.id, $0) })
        #expect(resets() == [.resetBreaker(fleet.assignment.grant, by: "ann", reason: "seen")])
        #expect(code(fleet.rig.request(.resetBreaker(fleet.id, by: "", reason: "seen"))) == .invalidRequest)
        #expect(code(fleet.rig.request(.resetBreaker(fleet.id, by: "ann", reason: ""))) == .invalidRequest)
        #expect(code(fleet.rig.request(.resetBreaker(JobID(77), by: "ann", reason: "seen"))) == .unknownJob)
        let backtest = fleet.rig.submit(job(9, .backtest))[0]
        #expect(code(fleet.rig.request(.resetBreaker(backtest, by: "ann", reason: "seen"))) == .wrongState)
        #expect(resets().isEmpty)
        // Nobody trades a lost job as far as anybody knows.
        _ = fleet.pass(61)
        #expect(code(fleet.rig.request(.resetBreaker(fleet.id, by: "ann", reason: "seen"))) == .wrongState)
    }

    @Test func `a person can declare the holder dead, only of a lost job and with name and reason`() {
        var fleet = Holding()
        func code(_ reply: Reply?) -> Refusal.Code? { if case .refused(let refusal) = reply { refusal.code } else { nil } }
        #expect(code(fleet.rig.request(.declareDead(fleet.id, by: "ann", reason: "unplugged"))) == .wrongState)
        _ = fleet.pass(61)
        #expect(code(fleet.rig.request(.declareDead(fleet.id, by: "", reason: "unplugged"))) == .invalidRequest)
        #expect(code(fleet.rig.request(.declareDead(JobID(77), by: "ann", reason: "unplugged"))) == .unknownJob)
        #expect(fleet.rig.request(.declareDead(fleet.id, by: "ann", reason: "unplugged")) == .job(fleet.id, .queued))
        #expect(fleet.pass(4).isEmpty)
        #expect(fleet.pass(4).count == 1)
        // The holder was not dead: it learns that it is not the holder any more.
        fleet.rig.beat(fleet.holder, held: [held(fleet.assignment)])
        let back = fleet.rig.messages(to: fleet.holder)
        let revoked = back.contains {
            if case .heartbeatAck(let ack) = $0 { ack.revoked == [fleet.assignment.grant.token] } else { false }
        }
        #expect(revoked)
    }

    @Test func `after a restart a whole lease and its margin are waited for again`() {
        var fleet = Holding()
        _ = fleet.pass(50)
        _ = fleet.rig.request(.workerDied(fleet.holder.session, DeathProof(supervisor: "up")))
        fleet.rig.restart()
        fleet.other = fleet.rig.join("other", session: 2, .live)
        #expect(fleet.pass(65).isEmpty)
        #expect(fleet.pass(2).count == 1)
    }

    @Test func `a restart keeps a lost job lost, and its holder can still return`() {
        var fleet = Holding()
        _ = fleet.pass(61)
        fleet.rig.restart()
        #expect(fleet.rig.state(fleet.id) == .lost)
        _ = fleet.rig.join("holder", session: 1, .live, held: [held(fleet.assignment)])
        #expect(fleet.rig.state(fleet.id) == .running)
    }

    @Test func `a new process of the same name is no proof that the old one is dead`() {
        var fleet = Holding()
        let new = fleet.rig.join("holder", session: 9, .live)
        #expect(fleet.rig.assignments(to: new).isEmpty)
        #expect(fleet.pass(100).isEmpty && fleet.rig.state(fleet.id) == .lost)
    }

    @Test func `a holder that gives the job back frees it at once`() {
        var fleet = Holding()
        fleet.rig.send(.returned(fleet.assignment.grant, .draining), from: fleet.holder)
        #expect(fleet.rig.assignments(to: fleet.other).map(\.attempt) == [1])
    }

    @Test func `canceling a lost job waits for its holder or the proof of its death`() {
        var fleet = Holding()
        _ = fleet.pass(61)
        #expect(fleet.rig.request(.cancel(fleet.id)) == .job(fleet.id, .canceling))
        _ = fleet.pass(100)
        #expect(fleet.rig.state(fleet.id) == .canceling)
        _ = fleet.rig.request(.workerDied(fleet.holder.session, DeathProof(supervisor: "up")))
        #expect(fleet.rig.state(fleet.id) == .canceled)
        #expect(fleet.rig.store.violations == [])
    }

    @Test func `the lease of an assignment is counted from the last heartbeat that came before it`() {
        var rig = CoordinatorRig()
        let worker = rig.join("w", session: 1, .live)
        rig.beat(worker)
        rig.beat(worker)
        rig.submit(job(1, .live))
        let batches = rig.messages(to: worker).compactMap { if case .assign(let batch) = $0 { batch } else { nil } }
        #expect(batches.map(\.basis) == [3])
        #expect(batches.flatMap(\.assignments).map(\.lease) == [.seconds(60)])
    }
}
