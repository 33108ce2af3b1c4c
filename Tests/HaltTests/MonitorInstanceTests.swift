import Testing

@testable import Halt

/// A monitor with its latch, driven by hand.
private struct Bench {
    var monitor: MonitorInstance
    var now = BootInstant(nanoseconds: 1_000_000_000_000)
    var directives: [MonitorDirective] = []
    var written: UInt64 = 0
    var requests: UInt64 = 0

    init(_ latch: LoadedLatch<MonitorLatch>? = nil) {
        let initial = LoadedLatch.valid(MonitorLatch.initial(monitor: MonitorID("m")), sequence: 0, whole: true)
        monitor = MonitorInstance(
            monitor: MonitorID("m"), latch: latch ?? initial, seed: 3, signer: { _ in [1] }, at: now, wallMilliseconds: 0)
        take(monitor.start(haltFile: nil, at: now, wallMilliseconds: 0))
    }

    mutating func take(_ new: [MonitorDirective]) {
        directives = new
        for case .persistLatch(let sequence, _) in new { written = sequence }
    }

    mutating func write(_ failure: String? = nil) {
        take(monitor.latchWritten(sequence: written, failure: failure, at: now))
    }

    mutating func stop(_ scope: HaltScope = .fleet) {
        requests += 1
        let request = StopRequest(
            request: HaltRequestID(high: 0, low: requests), scope: scope, action: .halt, reason: "", operator: "me")
        take(monitor.receive(.stop(request), at: now, wallMilliseconds: 0))
    }

    mutating func rearm(_ epoch: HaltEpoch? = nil, monitor name: String = "m", reason: String = "r") {
        requests += 1
        let request = RearmRequest(
            request: HaltRequestID(high: 0, low: requests), monitor: MonitorID(name), epoch: epoch ?? monitor.state.epoch,
            selection: .all, reason: reason, operator: "me")
        take(monitor.receive(.rearm(request), at: now, wallMilliseconds: 0))
    }

    mutating func hello(_ name: String = "w", session: UInt64 = 1, held: SignedHaltState? = nil) {
        let hello = MemberHello(
            member: MemberName(name), session: MemberSession(session), role: .worker, memberClass: .live, processID: 1, held: held
        )
        take(monitor.receive(.hello(hello), at: now, wallMilliseconds: 0))
    }

    mutating func ask(_ name: String = "w", seen: HaltEpoch = .zero) {
        let request = GrantRequest(
            member: MemberName(name), session: MemberSession(1), nonce: HaltNonce(high: 1, low: 2), seen: seen)
        take(monitor.receive(.grantRequest(request), at: now, wallMilliseconds: 0))
    }

    mutating func advance(_ milliseconds: Int64) {
        now = now + .milliseconds(milliseconds)
        take(monitor.tick(at: now))
    }

    var refusals: [HaltRefusal.Code] {
        directives.compactMap { if case .reply(.refused(let refusal)) = $0 { refusal.code } else { nil } }
    }
    var sent: [MonitorMessage] { directives.compactMap { if case .send(_, _, let message) = $0 { message } else { nil } } }
    var grants: Int { sent.count { if case .grant = $0 { true } else { false } } }
    var durable: [Bool] {
        directives.compactMap { if case .reply(.progress(let progress)) = $0 { progress.durable } else { nil } }
    }
}

@Suite struct MonitorInstanceTests {
    @Test func `no lease is given before the start is on disk`() {
        var bench = Bench()
        bench.hello()
        bench.ask()
        #expect(bench.grants == 0)
        bench.write()
        bench.ask()
        #expect(bench.grants == 1)
    }

    @Test func `a stop is sent before it is written and is done only when it is written`() {
        var bench = Bench()
        bench.write()
        bench.hello()
        bench.stop()
        let sent = bench.directives.firstIndex { if case .send(_, _, .state) = $0 { true } else { false } }
        let write = bench.directives.firstIndex { if case .persistLatch = $0 { true } else { false } }
        #expect((sent ?? .max) < (write ?? -1))
        #expect(bench.durable == [false])
        bench.now = bench.now + .milliseconds(60)
        bench.write()
        #expect(bench.durable == [true])
    }

    @Test func `a re-arm that cannot be written does not ask to be called again at once`() {
        var bench = Bench()
        bench.write()
        bench.stop()
        bench.write()
        bench.rearm()
        bench.write()
        bench.write("no space is left")
        bench.advance(100)
        #expect(bench.monitor.nextTick > bench.now)
        #expect(bench.refusals.isEmpty)
    }

    @Test func `a re-arm is told to nobody before it is written`() {
        var bench = Bench()
        bench.write()
        bench.hello()
        bench.stop()
        bench.write()
        bench.rearm()
        #expect(!bench.monitor.state.entries.isEmpty)
        bench.write()
        #expect(!bench.monitor.state.entries.isEmpty)
        bench.write()
        #expect(bench.monitor.state.entries.isEmpty)
    }

    @Test func `a re-arm names the monitor, its epoch and a reason`() {
        var bench = Bench()
        bench.write()
        bench.stop()
        bench.rearm(HaltEpoch(incarnation: bench.monitor.state.incarnation, counter: 1))
        #expect(bench.refusals == [.wrongEpoch])
        bench.rearm(monitor: "other")
        #expect(bench.refusals == [.wrongMonitor])
        bench.rearm(reason: "")
        #expect(bench.refusals == [.reasonMissing])
    }

    @Test func `a stop overtakes a re-arm, which is refused only when the stop is on disk`() {
        var bench = Bench()
        bench.write()
        bench.stop()
        bench.write()
        bench.rearm()
        bench.write()
        bench.stop(.job("j"))
        #expect(bench.refusals.isEmpty)
        bench.write()
        #expect(bench.refusals.isEmpty && bench.monitor.state.entries.count == 2)
        bench.write()
        #expect(bench.refusals == [.overtaken] && bench.monitor.state.entries.count == 2)
    }

    @Test func `a re-arm that cannot be written is refused after the old state is on disk again`() {
        var bench = Bench()
        bench.write()
        bench.stop()
        bench.write()
        bench.rearm()
        bench.write()
        bench.write("disk full")
        #expect(bench.refusals.isEmpty)
        bench.advance(500)
        bench.write()
        #expect(bench.refusals == [.notDurable])
        #expect(!bench.monitor.state.entries.isEmpty)
    }

    @Test(arguments: [LoadedLatch<MonitorLatch>.missing, .invalid("torn")]) func `without a valid latch the fleet is halted`(
        latch: LoadedLatch<MonitorLatch>
    ) {
        #expect(Bench(latch).monitor.state.entries.effectiveAction(for: .idle) == .halt)
    }

    @Test func `a state that the monitor does not know halts the fleet and is taken over`() {
        var bench = Bench()
        bench.write()
        let entry = HaltEntry(id: 4, scope: .job("j"), action: .flatten, reason: "r", operator: "o", wallMilliseconds: 0)
        let epoch = HaltEpoch(incarnation: bench.monitor.state.incarnation + 5, counter: 9)
        let lost = MonitorHaltState(monitor: MonitorID("m"), epoch: epoch, rearmed: .zero, entries: [entry])
        bench.hello()
        bench.ask(seen: epoch)
        #expect(bench.grants == 0 && bench.sent.contains(.showState(MonitorID("m"))))
        bench.hello(held: SignedHaltState(lost) { _ in [1] })
        #expect(bench.monitor.state.entries.implies([entry]) && bench.monitor.state.epoch > epoch)
        #expect(bench.monitor.state.entries.effectiveAction(for: .idle) == .halt)
    }

    @Test func `a state is sent again until it is acknowledged, and a silent live member is listed with its lease`() {
        var bench = Bench()
        bench.write()
        bench.hello()
        bench.ask()
        bench.stop()
        for _ in 0..<3 {
            bench.advance(25)
            #expect(bench.sent.contains { if case .state = $0 { true } else { false } })
        }
        let status = bench.monitor.status(for: HaltRequestID(high: 9, low: 9), at: bench.now)
        #expect(status.members.map(\.leaseMilliseconds) == [926])
        bench.advance(5_000)
        let later = bench.monitor.status(for: HaltRequestID(high: 9, low: 9), at: bench.now)
        #expect(later.members.map(\.lost) == [true] && later.members.map(\.leaseMilliseconds) == [0])
    }

    @Test func `thousands of stops stay within the size of a state and stop the fleet`() {
        var bench = Bench()
        bench.write()
        for number in 0..<3_000 { bench.stop(.job("job-number-\(number)")) }
        #expect(bench.monitor.signed.bytes.count <= HaltLimits.stateBytes)
        #expect(bench.monitor.state.entries.effectiveAction(for: .idle) == .halt)
    }
}
