import Coordination
import Testing

@Suite struct WorkerInstanceTests {
    @Test func `units run one after another up to the parallelism, the rest wait`() {
        var rig = WorkerRig(capacity: 3, parallelism: 2)
        let units = [rig.assignment(job: 1), rig.assignment(job: 2), rig.assignment(job: 3)]
        rig.assign(units[0], units[1], units[2])
        #expect(rig.started == [units[0], units[1]])
        #expect(rig.sent == [.started(units[0].grant), .started(units[1].grant)])
        #expect(rig.worker.heldUnits.map(\.phase) == [.running, .running, .waiting])
        rig.finish(units[1])
        #expect(rig.started == [units[2]])
    }

    @Test func `a reset of the breaker reaches the unit that runs, one that waits once it begins, and none that is over`() {
        var rig = WorkerRig(.live)
        let (unit, other) = (rig.assignment(job: 1, .live), rig.assignment(job: 2, .live))
        rig.assign(unit, other)
        rig.receive(.resetBreaker(unit.grant, by: "ann", reason: "seen"))
        #expect(rig.output == [.resetBreaker(unit.grant, by: "ann", reason: "seen")])
        rig.receive(.resetBreaker(other.grant, by: "ann", reason: "first"))
        rig.receive(.resetBreaker(other.grant, by: "bob", reason: "second"))
        #expect(rig.output.isEmpty)
        rig.finish(unit)
        #expect(rig.started == [other])
        let resets = rig.output.filter { if case .resetBreaker = $0 { true } else { false } }
        #expect(resets == [.resetBreaker(other.grant, by: "bob", reason: "second")])
        rig.receive(.resetBreaker(unit.grant, by: "ann", reason: "seen"))
        #expect(rig.output.isEmpty)
    }

    @Test func `what a job asks the store for is asked again until it is answered, and only the newest answer counts`() {
        var rig = WorkerRig(.live)
        let unit = rig.assignment(job: 1, .live)
        rig.assign(unit)
        rig.call { $0.recordsWanted(unit.grant.token, from: 5, at: $1) }
        #expect(rig.sent == [.fetchRecords(unit.grant, from: 5)])
        rig.receive(.storedRecords(StoredRecords(token: unit.grant.token, first: 4, records: [[1]])))
        #expect(rig.output.isEmpty)
        rig.receive(.whoAreYou)
        rig.receive(
            .welcome(
                Welcome(
                    session: SessionID(1), incarnation: 2, heartbeatInterval: .seconds(1), workerLease: .seconds(10),
                    liveLease: .seconds(60), sequence: rig.lastSequence, renewed: [unit.grant.token])))
        #expect(rig.sent.contains(.fetchRecords(unit.grant, from: 5)), "the coordinator was started anew")
        rig.receive(.storedRecords(StoredRecords(token: unit.grant.token, first: 5, records: [[1], [2]])))
        #expect(rig.output == [.storedRecords(unit.grant, from: 5, [[1], [2]])])
        rig.receive(.storedRecords(StoredRecords(token: unit.grant.token, first: 5, records: [[1], [2]])))
        #expect(rig.output.isEmpty, "a doubled answer")
        rig.call { $0.recordsWanted(FencingToken(incarnation: 7, counter: 7), from: 1, at: $1) }
        #expect(rig.output.isEmpty, "of a grant that it does not have")
    }

    @Test func `a result is kept and sent again until it is recorded`() {
        var rig = WorkerRig()
        let unit = rig.assignment()
        rig.assign(unit)
        rig.finish(unit)
        #expect(rig.output.contains(.keepResult(unit.grant.token)))
        #expect(rig.sent == [.finished(unit.grant, .succeeded)])
        for _ in 0..<4 {
            rig.pass(.seconds(1))
            if rig.sent.contains(.finished(unit.grant, .succeeded)) { break }
            rig.receive(
                .heartbeatAck(
                    HeartbeatAck(session: SessionID(1), sequence: rig.lastSequence, renewed: [], revoked: [])))
        }
        #expect(rig.sent.contains(.finished(unit.grant, .succeeded)))
        rig.receive(.recorded([RecordedReport(token: unit.grant.token, accepted: true)]))
        #expect(rig.output == [.dropResult(unit.grant.token)])
        #expect(rig.worker.heldUnits.isEmpty)
        rig.receive(.recorded([RecordedReport(token: unit.grant.token, accepted: true)]))
        #expect(rig.output.isEmpty)
    }

    @Test func `a result that is ready while the coordinator is away is sent after the welcome`() {
        var rig = WorkerRig()
        let unit = rig.assignment()
        rig.assign(unit)
        rig.pass(.seconds(5))
        #expect(!rig.worker.isWelcomed)
        rig.finish(unit)
        #expect(rig.sent.isEmpty)
        rig.receive(.whoAreYou)
        let hello = rig.sent.compactMap { if case .hello(let hello) = $0 { hello } else { nil } }
        #expect(hello.map(\.held) == [[HeldUnit(grant: unit.grant, phase: .finished)]])
        rig.welcome()
        #expect(rig.sent == [.finished(unit.grant, .succeeded)])
    }

    @Test func `a silent coordinator is asked again after waits that grow to a limit`() {
        var rig = WorkerRig(isWelcomed: false)
        var hellos: [Int64] = []
        let start = rig.nanoseconds
        while rig.nanoseconds < start + 20_000_000_000 {
            rig.pass(.milliseconds(50))
            if !rig.sent.isEmpty { hellos.append((rig.nanoseconds - start) / 1_000_000) }
        }
        #expect(hellos == [250, 750, 1750, 3750, 7750, 11750, 15750, 19750])
    }

    @Test func `an assignment that comes twice runs once, also after its end`() {
        var rig = WorkerRig()
        let unit = rig.assignment()
        rig.assign(unit)
        rig.assign(unit)
        #expect(rig.output.isEmpty)
        rig.finish(unit)
        rig.receive(.recorded([RecordedReport(token: unit.grant.token, accepted: true)]))
        rig.assign(unit)
        #expect(rig.sent == [.returned(unit.grant, .refused(.oldToken))])
    }

    @Test func `a lower token for a unit that it has is refused; a higher one waits for the old one's end`() {
        var rig = WorkerRig(capacity: 4, parallelism: 4)
        let current = rig.assignment(token: 10)
        rig.assign(current)
        let older = rig.assignment(token: 9)
        rig.assign(older)
        #expect(rig.sent == [.returned(older.grant, .refused(.oldToken))])
        let newer = rig.assignment(token: 11)
        rig.assign(newer)
        #expect(rig.started.isEmpty)
        rig.receive(
            .heartbeatAck(
                HeartbeatAck(session: SessionID(1), sequence: 1, renewed: [], revoked: [current.grant.token])))
        #expect(rig.output == [.stop(current.grant, .revoked)])
        rig.finish(current, .canceled)
        #expect(rig.started == [newer])
        #expect(!rig.sent.contains(.finished(current.grant, .canceled)))
    }

    @Test func `what came to its end although it was revoked is reported until the coordinator has refused it`() {
        var rig = WorkerRig(capacity: 4, parallelism: 4)
        let early = rig.assignment(unit: 0)
        let late = rig.assignment(unit: 1)
        rig.assign(early, late)
        // As a frozen process wakes: it says hello, and one unit ends before the answer comes, the other one after it.
        rig.call { $0.connected(at: $1) }
        rig.finish(early, .succeeded)
        #expect(!rig.sent.contains(.finished(early.grant, .succeeded)))
        rig.welcome(revoked: [early.grant.token, late.grant.token])
        #expect(rig.sent == [.finished(early.grant, .succeeded)])
        rig.finish(late, .succeeded)
        #expect(rig.sent == [.finished(late.grant, .succeeded)])
        rig.receive(
            .recorded([early, late].map { RecordedReport(token: $0.grant.token, accepted: false) }))
        #expect(rig.worker.heldUnits.isEmpty)
        #expect(rig.output.contains(.dropResult(early.grant.token)) && rig.output.contains(.dropResult(late.grant.token)))
    }

    @Test func `units of another class, above the room, or for another session are not taken`() {
        var rig = WorkerRig(capacity: 1)
        let live = rig.assignment(.live)
        rig.assign(live)
        #expect(rig.sent == [.returned(live.grant, .refused(.wrongClass))])
        let units = [rig.assignment(job: 1), rig.assignment(job: 2), rig.assignment(job: 3)]
        rig.assign(units[0], units[1], units[2])
        #expect(rig.sent.contains(.returned(units[2].grant, .refused(.noCapacity))))
        let foreign = rig.assignment(job: 9)
        rig.receive(.assign(AssignmentBatch(session: SessionID(2), basis: 1, assignments: [foreign])))
        #expect(rig.output.isEmpty)
    }

    @Test func `every cancel is answered, also of a grant that never came`() {
        var rig = WorkerRig()
        let units = [rig.assignment(job: 1), rig.assignment(job: 2), rig.assignment(job: 3)]
        rig.assign(units[0], units[1])
        rig.receive(.cancel(units[0].grant))
        #expect(rig.output == [.stop(units[0].grant, .canceled)])
        rig.receive(.cancel(units[1].grant))
        #expect(rig.sent == [.finished(units[1].grant, .canceled)])
        rig.finish(units[0], .succeeded)
        #expect(rig.sent == [.finished(units[0].grant, .canceled)])
        rig.receive(.cancel(units[2].grant))
        #expect(rig.sent == [.finished(units[2].grant, .canceled)])
        rig.assign(units[2])
        #expect(rig.started.isEmpty && rig.sent == [.returned(units[2].grant, .refused(.oldToken))])
    }

    @Test func `a halt stops backtests and gives them back; nothing new begins until it ends`() {
        var rig = WorkerRig()
        let units = [rig.assignment(job: 1), rig.assignment(job: 2), rig.assignment(job: 3)]
        rig.assign(units[0], units[1])
        rig.call { $0.setHold(true, reason: "stop", at: $1) }
        #expect(rig.output.contains(.stop(units[0].grant, .held)))
        #expect(rig.sent.contains(.returned(units[1].grant, .held)))
        rig.finish(units[0], .canceled)
        #expect(rig.sent == [.returned(units[0].grant, .held)])
        rig.assign(units[2])
        #expect(rig.started.isEmpty && rig.sent == [.returned(units[2].grant, .held)])
        rig.call { $0.setHold(false, reason: "", at: $1) }
        let beats = rig.sent.compactMap { if case .heartbeat(let beat) = $0 { beat.isHalted } else { nil } }
        #expect(beats == [false])
    }

    @Test func `a unit that came to its end before the halt reached it is reported, not given back`() {
        var rig = WorkerRig()
        let unit = rig.assignment()
        rig.assign(unit)
        rig.call { $0.setHold(true, reason: "stop", at: $1) }
        rig.finish(unit, .succeeded)
        #expect(rig.sent == [.finished(unit.grant, .succeeded)])
    }

    @Test(arguments: [JobKind.dryRun, .live])
    func `dry-run and live jobs run on under a halt`(kind: JobKind) {
        var rig = WorkerRig(kind)
        let unit = rig.assignment(kind)
        rig.assign(unit)
        #expect(rig.started == [unit])
        rig.call { $0.setHold(true, reason: "stop", at: $1) }
        #expect(!rig.output.contains { if case .stop = $0 { true } else { false } })
        #expect(rig.worker.heldUnits.map(\.phase) == [.running])
    }

    @Test func `a drain lets what runs end, then says goodbye`() {
        var rig = WorkerRig()
        let units = [rig.assignment(job: 1), rig.assignment(job: 2)]
        rig.assign(units[0], units[1])
        rig.receive(.drain)
        #expect(rig.sent == [.returned(units[1].grant, .draining)])
        rig.finish(units[0])
        #expect(rig.sent == [.finished(units[0].grant, .succeeded)])
        rig.receive(.recorded([RecordedReport(token: units[0].grant.token, accepted: true)]))
        #expect(rig.sent == [.goodbye(SessionID(1))])
        #expect(!rig.output.contains(.exit(.drained)))
        rig.receive(.farewell(SessionID(2)))
        #expect(rig.output.isEmpty)
        rig.receive(.farewell(SessionID(1)))
        #expect(rig.output == [.exit(.drained)])
        #expect(rig.worker.nextDeadline == nil)
    }

    @Test func `a unit that does not stop keeps no worker alive beyond its grace`() {
        var rig = WorkerRig()
        rig.assign(rig.assignment())
        rig.call { $0.shutdown(at: $1) }
        rig.pass(.seconds(5))
        #expect(rig.output.suffix(2) == [.send(.goodbye(SessionID(1))), .exit(.drained)])
        #expect(rig.worker.nextDeadline == nil)
    }

    @Test func `a goodbye that a coordinator did not live to read is said to the next one`() {
        var rig = WorkerRig()
        let unit = rig.assignment()
        rig.assign(unit)
        rig.call { $0.shutdown(at: $1) }
        rig.finish(unit, .canceled)
        #expect(rig.sent == [.returned(unit.grant, .draining), .goodbye(SessionID(1))])
        rig.receive(.whoAreYou)
        #expect(rig.sent.count == 1)
        rig.welcome()
        #expect(rig.sent == [.goodbye(SessionID(1))])
        rig.receive(.farewell(SessionID(1)))
        #expect(rig.output == [.exit(.drained)])
    }

    @Test func `a worker without a coordinator ends at once, and a goodbye is waited for only so long`() {
        var rig = WorkerRig()
        rig.call { $0.shutdown(at: $1) }
        #expect(rig.output == [.send(.goodbye(SessionID(1)))])
        rig.pass(.seconds(5))
        #expect(rig.output.last == .exit(.drained))

        var alone = WorkerRig(isWelcomed: false)
        alone.call { $0.shutdown(at: $1) }
        #expect(alone.output.last == .exit(.drained))
    }

    @Test func `a shutdown stops everything, gives it back and waits only so long for the answer`() {
        var rig = WorkerRig(capacity: 2, parallelism: 2)
        let units = [rig.assignment(job: 1), rig.assignment(job: 2)]
        rig.assign(units[0], units[1])
        rig.finish(units[0])
        rig.call { $0.shutdown(at: $1) }
        #expect(rig.output == [.stop(units[1].grant, .shutdown)])
        rig.finish(units[1], .canceled)
        #expect(rig.sent == [.returned(units[1].grant, .draining)])
        rig.pass(.seconds(5))
        #expect(rig.output.last == .exit(.drained))
    }

    @Test func `a superseded worker stops everything and ends`() {
        var rig = WorkerRig()
        let unit = rig.assignment()
        rig.assign(unit)
        rig.receive(.superseded(by: SessionID(2)))
        #expect(rig.output == [.stop(unit.grant, .superseded)])
        rig.finish(unit, .canceled)
        #expect(rig.output.last == .exit(.superseded(by: SessionID(2))))
    }

    @Test func `a rejected worker ends with the reason`() {
        var rig = WorkerRig(isWelcomed: false)
        rig.receive(.rejected("too many"))
        #expect(rig.output == [.exit(.rejected("too many"))])
    }

    // MARK: - Leases

    @Test func `a live lease runs from the sending of the heartbeat, however late its answer comes`() {
        var rig = WorkerRig(.live)
        let unit = rig.assignment(.live)
        rig.assign(unit, basis: 1)
        let start = Int64(5_000_000_000)
        #expect(rig.output.first == .leaseExtended(unit.grant, until: Instant(nanoseconds: start + 60_000_000_000)))
        rig.pass(.seconds(1))
        let sentAt = rig.nanoseconds
        let sequence = rig.lastSequence
        rig.pass(.milliseconds(900))
        rig.receive(
            .heartbeatAck(
                HeartbeatAck(
                    session: SessionID(1), sequence: sequence, renewed: [unit.grant.token], revoked: [])))
        #expect(rig.output == [.leaseExtended(unit.grant, until: Instant(nanoseconds: sentAt + 60_000_000_000))])
    }

    @Test func `a lease that ends is said once, the job goes on, and an answer extends it again`() {
        var rig = WorkerRig(.live)
        let unit = rig.assignment(.live)
        rig.assign(unit)
        rig.pass(.seconds(59))
        #expect(!rig.output.contains(.leaseExpired(unit.grant)))
        rig.pass(.seconds(2))
        #expect(rig.output.filter { $0 == .leaseExpired(unit.grant) }.count == 1)
        #expect(rig.worker.heldUnits.map(\.phase) == [.running])
        rig.welcome(renewed: [unit.grant.token])
        let extended = rig.output.contains { if case .leaseExtended = $0 { true } else { false } }
        #expect(extended)
        rig.pass(.seconds(61))
        #expect(rig.output.filter { $0 == .leaseExpired(unit.grant) }.count == 1)
    }

    @Test func `a live assignment that comes after its lease, or whose lease is not known, is given back`() {
        var rig = WorkerRig(.live)
        let late = rig.assignment(job: 1, .live)
        let basis = rig.lastSequence
        rig.pass(.seconds(60))
        rig.assign(late, basis: basis)
        #expect(rig.sent == [.returned(late.grant, .refused(.leaseOver))])
        let strange = rig.assignment(job: 2, .live)
        rig.assign(strange, basis: 9_999)
        #expect(rig.sent == [.returned(strange.grant, .refused(.leaseOver))])
    }
}
