@testable import Halt

/// A monitor with members and operators, driven by hand; every reply and record is kept.
struct MonitorBench {
    var monitor: MonitorInstance
    var now = BootInstant(nanoseconds: 1_000_000_000_000)
    var directives: [MonitorDirective] = []
    var written: UInt64 = 0
    var requests: UInt64 = 0
    var replies: [OperatorReply] = []
    var records: [MonitorEvent] = []

    /// - Parameter settled: the start is on disk, and its members have had the time to say hello.
    init(settled: Bool = true) {
        monitor = MonitorInstance(
            monitor: MonitorID("m"), latch: .valid(.initial(monitor: MonitorID("m")), sequence: 0, whole: true), seed: 3,
            signer: { _ in [1] }, at: now, wallMilliseconds: 0)
        take(monitor.start(haltFile: nil, at: now, wallMilliseconds: 0))
        guard settled else { return }
        write()
        advance(3_000)
    }

    mutating func take(_ new: [MonitorDirective]) {
        directives = new
        for directive in new {
            switch directive {
            case .persistLatch(let sequence, _): written = sequence
            case .reply(let reply): replies.append(reply)
            case .record(let event): records.append(event)
            default: break
            }
        }
    }

    mutating func write(_ failure: String? = nil) {
        take(monitor.latchWritten(sequence: written, failure: failure, at: now))
    }

    mutating func advance(_ milliseconds: Int64) {
        now = now + .milliseconds(milliseconds)
        take(monitor.tick(at: now))
    }

    /// - Returns: the request's id.
    @discardableResult
    mutating func stop(
        _ action: HaltAction = .halt, scope: HaltScope = .fleet, reason: String = "drill"
    ) -> HaltRequestID {
        requests += 1
        let id = HaltRequestID(high: 0, low: requests)
        let request = StopRequest(request: id, scope: scope, action: action, reason: reason, operator: "me")
        take(monitor.receive(.stop(request), at: now, wallMilliseconds: 0))
        return id
    }

    @discardableResult
    mutating func rearm(_ selection: RearmRequest.Selection = .all) -> HaltRequestID {
        requests += 1
        let id = HaltRequestID(high: 0, low: requests)
        let request = RearmRequest(
            request: id, monitor: MonitorID("m"), epoch: monitor.state.epoch, selection: selection, reason: "over",
            operator: "me")
        take(monitor.receive(.rearm(request), at: now, wallMilliseconds: 0))
        return id
    }

    mutating func file(_ identity: UInt64?) {
        let file = identity.map { HaltFile(action: .halt, identity: $0) }
        take(monitor.haltFile(file, at: now, wallMilliseconds: 0))
    }

    /// - Parameter run: nil: as a program of an earlier version says hello.
    mutating func hello(
        _ name: String = "w", _ memberClass: MemberClass = .backtest, session: UInt64 = 1, run: UInt64? = nil
    ) {
        let hello = MemberHello(
            member: MemberName(name), session: MemberSession(session), role: .worker, memberClass: memberClass, processID: 1,
            held: nil, run: run.map { MemberRun(high: 7, low: $0) })
        take(monitor.receive(.hello(hello), at: now, wallMilliseconds: 0))
    }

    /// - Returns: the request's id.
    @discardableResult
    mutating func death(of run: UInt64, witnessed: Bool = true) -> HaltRequestID {
        requests += 1
        let id = HaltRequestID(high: 0, low: requests)
        let death = MemberDeath(
            request: id, run: MemberRun(high: 7, low: run), witnessed: witnessed, reason: "killed", operator: "up")
        take(monitor.receive(.memberDied(death), at: now, wallMilliseconds: 0))
        return id
    }

    mutating func askForLease(_ name: String = "w", session: UInt64 = 1) {
        let request = GrantRequest(
            member: MemberName(name), session: MemberSession(session), nonce: HaltNonce(high: 1, low: 2), seen: .zero)
        take(monitor.receive(.grantRequest(request), at: now, wallMilliseconds: 0))
    }

    mutating func acknowledge(_ stage: AckStage = .durable, _ name: String = "w", session: UInt64 = 1) {
        let ack = HaltAck(
            member: MemberName(name), session: MemberSession(session), epoch: monitor.state.epoch, stage: stage)
        take(monitor.receive(.ack(ack), at: now, wallMilliseconds: 0))
    }

    /// What a member says of itself.
    mutating func health(_ name: String = "w", ending: Bool, jobs: UInt32 = 0) {
        let restriction = MemberRestriction(mode: ending ? .reducing : .active, causes: ending ? .localStop : [])
        let health = MemberHealth(
            member: MemberName(name), session: MemberSession(1), restriction: restriction, seen: monitor.state.epoch,
            jobsRunning: jobs, residentBytes: 1, processorMilliseconds: 1)
        take(monitor.receive(.health(health), at: now, wallMilliseconds: 0))
    }

    /// The last report on a request; nil: none.
    func progress(_ id: HaltRequestID) -> HaltProgress? {
        replies.compactMap { if case .progress(let progress) = $0, progress.request == id { progress } else { nil } }.last
    }

    /// Whether the last report on a request calls it complete.
    func isComplete(_ id: HaltRequestID) -> Bool { progress(id)?.complete ?? false }

    func refusal(_ id: HaltRequestID) -> HaltRefusal.Code? {
        replies.compactMap { if case .refused(let one) = $0, one.request == id { one.code } else { nil } }.last
    }

    var removals: [UInt64] { directives.compactMap { if case .removeHaltFile(let identity) = $0 { identity } else { nil } } }

    var isStopped: Bool { monitor.state.entries.effectiveAction(for: .idle) != nil }
}
