import Testing

@testable import Halt

/// A member, one or two monitors' signed states, and a clock, driven by hand.
private struct Bench {
    var member: HaltMember
    var random = SimulationRandom(seed: 7)
    var now = BootInstant(nanoseconds: 1_000_000_000_000)
    var nonces: [MonitorID: [GrantRequest]] = [:]
    var directives: [HaltMemberDirective] = []
    static let a = MonitorID("a")
    static let b = MonitorID("b")

    init(_ memberClass: MemberClass, monitors: [MonitorID] = [Self.a], latch: LoadedLatch<MemberLatch> = .missing) {
        let identity = HaltMember.Identity(
            name: MemberName("w"), session: MemberSession(1), role: .worker, memberClass: memberClass, processID: 1)
        member = HaltMember(identity: identity, monitors: monitors, latch: latch)
        take(member.start(haltFile: nil, at: now))
    }

    mutating func take(_ new: [HaltMemberDirective]) {
        directives = new
        for case .send(let monitor, .grantRequest(let request)) in new { nonces[monitor, default: []].append(request) }
    }

    mutating func advance(_ milliseconds: Int64) {
        now = now + .milliseconds(milliseconds)
        take(member.tick(at: now, random: &random))
    }

    func state(_ monitor: MonitorID, _ counter: UInt64, _ entries: [HaltEntry] = [], rearmed: UInt64 = 0) -> SignedHaltState {
        SignedHaltState(
            MonitorHaltState(
                monitor: monitor, epoch: HaltEpoch(incarnation: 1, counter: counter),
                rearmed: HaltEpoch(incarnation: 1, counter: rearmed), entries: entries)
        ) { _ in [1] }
    }

    mutating func push(_ state: SignedHaltState) { take(member.receive(.state(state), from: state.state.monitor, at: now)) }

    /// Answers the last question to a monitor.
    mutating func answer(_ state: SignedHaltState, lease: UInt32 = 1_000) {
        guard let request = nonces[state.state.monitor]?.last else { return }
        let grant = Grant(
            monitor: state.state.monitor, member: request.member, session: request.session, nonce: request.nonce,
            leaseMilliseconds: lease, state: state)
        take(member.receive(.grant(SignedGrant(grant) { _ in [2] }), from: state.state.monitor, at: now))
    }

    var mode: MemberRestriction.Mode { member.restriction(at: now).mode }
}

private let stop = HaltEntry(id: 1, scope: .fleet, action: .halt, reason: "r", operator: "o", wallMilliseconds: 0)

@Suite struct HaltMemberTests {
    @Test func `a lease counts from when the nonce was sent and silence closes step by step`() {
        var bench = Bench(.live)
        bench.advance(0)
        let sent = bench.now
        bench.now = bench.now + .milliseconds(600)
        bench.answer(bench.state(Bench.a, 1))
        #expect(bench.member.gate.activeUntil == sent + .milliseconds(1_000))
        #expect(bench.mode == .active)
        bench.now = sent + .milliseconds(1_000)
        #expect(bench.mode == .reducing && bench.member.gate.mode(at: bench.now) == .reducing)
        bench.now = sent + .milliseconds(1_000) + bench.member.settings.haltAfter
        #expect(bench.mode == .halted && bench.member.gate.mode(at: bench.now) == .halted)
    }

    @Test func `what was read of the exchange stays true when less is ordered`() {
        var bench = Bench(.live, monitors: [Bench.a, Bench.b])
        var (cancel, flatten) = (stop, stop)
        (cancel.action, flatten.action) = (.cancel, .flatten)
        bench.advance(0)
        bench.push(bench.state(Bench.a, 2, [cancel]))
        bench.push(bench.state(Bench.b, 2, [flatten]))
        for case .persistLatch(let sequence, _) in bench.directives {
            bench.take(bench.member.latchWritten(sequence: sequence, failure: nil, at: bench.now))
        }
        bench.take(bench.member.exchangeRead(.flat(remaining: []), at: bench.now))
        bench.answer(bench.state(Bench.b, 3))
        #expect(bench.member.effectiveAction(for: .idle) == .cancel)
        #expect(bench.member.exchangeStage == .flat(remaining: []))
    }

    @Test func `a live worker needs a lease of every monitor`() {
        var bench = Bench(.live, monitors: [Bench.a, Bench.b])
        bench.advance(0)
        bench.answer(bench.state(Bench.a, 1))
        #expect(bench.mode == .halted)
        bench.answer(bench.state(Bench.b, 1))
        #expect(bench.mode == .active)
    }

    @Test func `a stop closes the gate before the latch is written and the acknowledgement comes last`() {
        var bench = Bench(.live)
        bench.advance(0)
        bench.answer(bench.state(Bench.a, 1))
        var cancel = stop
        cancel.action = .cancel
        // The latch of the first state is being written.
        let written = bench.member.latchWritten(sequence: 1, failure: nil, at: bench.now)
        #expect(written.contains { if case .send(_, .ack(let ack)) = $0 { ack.stage == .durable } else { false } })
        bench.push(bench.state(Bench.a, 2, [cancel]))
        let kinds = bench.directives.map { directive in
            switch directive {
            case .setGate(let gate): gate == .halted ? "gate" : "?"
            case .cancelOrders(.cancel): "cancel"
            case .persistLatch: "latch"
            case .send(_, .ack(let ack)): ack.stage == .blocked ? "ack" : "?"
            case .haltChanged: "changed"
            default: "?"
            }
        }
        #expect(kinds == ["changed", "gate", "cancel", "latch", "ack"])
    }

    @Test func `a latch that fails is acknowledged as blocked and not durable, and is tried again`() {
        var bench = Bench(.live)
        bench.push(bench.state(Bench.a, 2, [stop]))
        bench.take(bench.member.latchWritten(sequence: 1, failure: "disk full", at: bench.now))
        let stages = bench.directives.compactMap { if case .send(_, .ack(let ack)) = $0 { ack.stage } else { nil } }
        #expect(stages == [.notDurable("disk full")])
        bench.advance(500)
        #expect(bench.directives.contains { if case .persistLatch(2, _) = $0 { true } else { false } })
    }

    @Test func `an old state tightens and only an answer loosens`() {
        var bench = Bench(.backtest)
        bench.advance(0)
        bench.answer(bench.state(Bench.a, 5), lease: 0)
        #expect(!bench.member.holding)
        bench.push(bench.state(Bench.a, 3, [stop]))
        #expect(bench.member.holding)
        bench.push(bench.state(Bench.a, 6))
        #expect(bench.member.holding)
        bench.advance(200)
        bench.answer(bench.state(Bench.a, 4), lease: 0)
        #expect(bench.member.holding)
        bench.advance(200)
        bench.answer(bench.state(Bench.a, 6), lease: 0)
        #expect(!bench.member.holding)
    }

    @Test func `an answer that comes too late, twice or to another session opens nothing`() {
        var bench = Bench(.live)
        bench.advance(0)
        bench.now = bench.now + .milliseconds(1_000)
        bench.answer(bench.state(Bench.a, 1))
        #expect(bench.mode == .halted)
        bench.answer(bench.state(Bench.a, 1))
        #expect(bench.mode == .halted)
        bench.advance(0)
        let nonce = bench.nonces[Bench.a]?.last?.nonce ?? HaltNonce(high: 0, low: 0)
        let other = GrantRequest(member: MemberName("w"), session: MemberSession(2), nonce: nonce, seen: .zero)
        bench.nonces[Bench.a] = [other]
        bench.answer(bench.state(Bench.a, 1))
        #expect(bench.mode == .halted)
    }

    @Test func `a file that was seen stops until a re-arm came after it, whatever happens to the file`() {
        var bench = Bench(.backtest)
        bench.advance(0)
        bench.answer(bench.state(Bench.a, 5, rearmed: 5), lease: 0)
        bench.take(bench.member.haltFile(HaltFile(action: .halt, identity: 9), at: bench.now))
        #expect(bench.member.holding)
        bench.take(bench.member.haltFile(nil, at: bench.now))
        #expect(bench.member.holding)
        for counter: UInt64 in 5...7 {
            bench.advance(200)
            bench.answer(bench.state(Bench.a, counter, rearmed: 5), lease: 0)
            #expect(bench.member.holding)
        }
        bench.advance(200)
        bench.answer(bench.state(Bench.a, 8, rearmed: 7), lease: 0)
        #expect(!bench.member.holding)
    }

    @Test func `one epoch with two contents is reported and stays closed until a later answer`() {
        var bench = Bench(.backtest)
        bench.advance(0)
        bench.answer(bench.state(Bench.a, 5, [stop]), lease: 0)
        bench.push(bench.state(Bench.a, 5))
        #expect(bench.directives.contains(.conflict(Bench.a, HaltEpoch(incarnation: 1, counter: 5))))
        bench.advance(200)
        bench.answer(bench.state(Bench.a, 5), lease: 0)
        #expect(bench.member.holding)
        bench.advance(200)
        bench.answer(bench.state(Bench.a, 6), lease: 0)
        #expect(!bench.member.holding)
    }

    @Test func `a latch keeps what a monitor that left the configuration had stopped`() {
        var bench = Bench(.backtest)
        bench.push(bench.state(Bench.a, 2, [stop]))
        let latch = bench.member.latchContent
        var other = Bench(.backtest, monitors: [Bench.b], latch: .valid(latch, sequence: 1, whole: true))
        other.advance(0)
        other.answer(other.state(Bench.b, 1), lease: 0)
        #expect(other.member.holding && other.member.effectiveAction(for: .idle) == .halt)
    }

    @Test func `a process that is ending stays closed`() {
        var bench = Bench(.live)
        bench.advance(0)
        bench.answer(bench.state(Bench.a, 1))
        bench.take(bench.member.stopLocally(at: bench.now))
        bench.advance(200)
        bench.answer(bench.state(Bench.a, 2))
        #expect(bench.mode == .reducing && bench.member.gate.activeUntil == .never)
    }
}
