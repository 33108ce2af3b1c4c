import Coordination
import FleetProtocol
import Halt

extension RandomValues {
    mutating func epoch() -> HaltEpoch { HaltEpoch(incarnation: number(), counter: number()) }
    mutating func haltRequest() -> HaltRequestID { HaltRequestID(high: number(), low: number()) }

    mutating func scope() -> HaltScope {
        [.fleet, .exchange(name()), .account(name()), .strategy(name()), .job(name())][below(5)]
    }

    mutating func haltState() -> MonitorHaltState {
        MonitorHaltState(
            monitor: MonitorID(name()), epoch: epoch(), rearmed: epoch(),
            entries: list {
                HaltEntry(
                    id: $0.number(), scope: $0.scope(), action: $0.any(HaltAction.self), reason: $0.text(),
                    operator: $0.name(), wallMilliseconds: $0.signed())
            })
    }

    mutating func stage() -> AckStage {
        switch below(6) {
        case 0: .received
        case 1: .blocked
        case 2: .notDurable(text())
        case 3: .durable
        case 4:
            .ordersCanceled(
                remaining: list { HaltOrder(account: $0.name(), pair: $0.name(), order: $0.name(), reason: $0.text()) })
        default:
            .flat(
                remaining: list { HaltResidual(account: $0.name(), asset: $0.name(), amount: $0.name(), reason: $0.text()) })
        }
    }

    mutating func memberHealth() -> MemberHealth {
        MemberHealth(
            member: MemberName(name()), session: MemberSession(number()),
            restriction: MemberRestriction(
                mode: any(MemberRestriction.Mode.self), causes: MemberRestriction.Causes(rawValue: UInt16(below(0x10000)))),
            seen: epoch(), jobsRunning: UInt32(below(1_000)), residentBytes: number(), processorMilliseconds: number())
    }

    mutating func member() -> MemberMessage {
        switch below(4) {
        case 0:
            .hello(
                MemberHello(
                    member: MemberName(name()), session: MemberSession(number()), role: any(MemberRole.self),
                    memberClass: any(MemberClass.self), processID: Int32(below(99_999)),
                    held: some { TestSignature.signed($0.haltState()) },
                    run: some { MemberRun(high: $0.number(), low: $0.number()) }))
        case 1:
            .grantRequest(
                GrantRequest(
                    member: MemberName(name()), session: MemberSession(number()),
                    nonce: HaltNonce(high: number(), low: number()), seen: epoch()))
        case 2:
            .ack(HaltAck(member: MemberName(name()), session: MemberSession(number()), epoch: epoch(), stage: stage()))
        default: .health(memberHealth())
        }
    }

    mutating func monitorMessage() -> MonitorMessage {
        switch below(4) {
        case 0: return .state(TestSignature.signed(haltState()))
        case 1:
            let state = haltState()
            return .grant(
                TestSignature.signed(
                    Halt.Grant(
                        monitor: state.monitor, member: MemberName(name()), session: MemberSession(number()),
                        nonce: HaltNonce(high: number(), low: number()), leaseMilliseconds: UInt32(below(5_000)),
                        state: TestSignature.signed(state))))
        case 2: return .showState(MonitorID(name()))
        default: return .sessionReplaced(newest: MemberSession(number()))
        }
    }

    mutating func operatorMessage() -> OperatorMessage {
        switch below(5) {
        case 0:
            .stop(
                StopRequest(
                    request: haltRequest(), scope: scope(), action: any(HaltAction.self), reason: text(), operator: name()))
        case 1:
            .rearm(
                RearmRequest(
                    request: haltRequest(), monitor: MonitorID(name()), epoch: epoch(),
                    selection: flag() ? .all : .entries(list { $0.number() }), reason: text(), operator: name()))
        case 2: .status(HaltStatusRequest(request: haltRequest()))
        case 3:
            .memberDied(
                MemberDeath(
                    request: haltRequest(), run: MemberRun(high: number(), low: number()), witnessed: flag(), reason: text(),
                    operator: name()))
        default: .progress(haltRequest())
        }
    }

    mutating func operatorReply() -> OperatorReply {
        switch below(4) {
        case 3: .done(haltRequest())
        case 0:
            .progress(
                HaltProgress(
                    request: haltRequest(), kind: any(HaltProgress.Kind.self), monitor: MonitorID(name()), epoch: epoch(),
                    durable: flag(), latchFailure: text(), complete: flag(), formerLeasesMilliseconds: UInt32(below(9_000)),
                    members: list {
                        MemberProgress(
                            member: MemberName($0.name()), session: MemberSession($0.number()),
                            memberClass: $0.any(MemberClass.self), stage: $0.some { $0.stage() }, lost: $0.flag(),
                            leaseMilliseconds: UInt32($0.below(9_000)))
                    }))
        case 1:
            .refused(
                HaltRefusal(
                    request: haltRequest(), code: any(HaltRefusal.Code.self), monitor: MonitorID(name()), current: epoch(),
                    message: text()))
        default:
            .status(
                HaltStatus(
                    request: haltRequest(), state: haltState(), durable: flag(), latchFailure: text(),
                    members: list {
                        MemberStatus(
                            member: MemberName($0.name()), session: MemberSession($0.number()), role: $0.any(MemberRole.self),
                            memberClass: $0.any(MemberClass.self), processID: Int32($0.below(9_999)),
                            silentMilliseconds: $0.number(), lost: $0.flag(), leaseMilliseconds: UInt32($0.below(9_000)),
                            seen: $0.epoch(), health: $0.some { $0.memberHealth() },
                            run: $0.some { MemberRun(high: $0.number(), low: $0.number()) })
                    }, leftOut: UInt32(below(99)), processID: Int32(below(9_999))))
        }
    }
}
