import Foundation
import Halt
import SwiftProtobuf

/// Messages between operators and monitors.
enum OperatorCodec {
    static func body(_ message: OperatorMessage) -> WireEnvelope.OneOf_Body {
        switch message {
        case .stop(let request): .stop(WireStopRequest(request))
        case .rearm(let request): .rearm(WireRearmRequest(request))
        case .status(let request): .haltStatusRequest(.with { $0.request = WireId128(request.request) })
        case .progress(let request): .haltProgressRequest(.with { $0.request = WireId128(request) })
        case .memberDied(let death): .memberDeath(WireMemberDeath(death))
        }
    }

    static func body(_ reply: OperatorReply) -> WireEnvelope.OneOf_Body {
        switch reply {
        case .progress(let progress): .haltProgress(WireHaltProgress(progress))
        case .refused(let refusal):
            .haltRefusal(
                .with {
                    $0.request = WireId128(refusal.request)
                    $0.code = UInt32(refusal.code.rawValue)
                    $0.monitor = refusal.monitor.name
                    $0.current = WireEpoch(refusal.current)
                    $0.message = Values.cut(refusal.message)
                })
        case .status(let status): .haltStatus(WireHaltStatus(status))
        case .done(let request): .haltDone(.with { $0.request = WireId128(request) })
        }
    }

    /// nil: the message is none of an operator.
    static func operatorMessage(_ envelope: WireEnvelope) throws(ProtocolError) -> OperatorMessage? {
        switch envelope.body {
        case .stop(let wire): return .stop(try wire.read())
        case .rearm(let wire): return .rearm(try wire.read())
        case .haltStatusRequest(let wire): return .status(HaltStatusRequest(request: wire.request.haltRequest))
        case .haltProgressRequest(let wire): return .progress(wire.request.haltRequest)
        case .memberDeath(let wire): return .memberDied(try wire.read())
        default: return nil
        }
    }

    /// The request that an operator's message names, whatever else is wrong with it; nil: it is none of an operator.
    static func request(_ envelope: WireEnvelope) -> HaltRequestID? {
        switch envelope.body {
        case .stop(let wire): wire.request.haltRequest
        case .rearm(let wire): wire.request.haltRequest
        case .haltStatusRequest(let wire): wire.request.haltRequest
        case .haltProgressRequest(let wire): wire.request.haltRequest
        case .memberDeath(let wire): wire.request.haltRequest
        default: nil
        }
    }

    /// nil: the message is none for an operator.
    static func reply(_ envelope: WireEnvelope) throws(ProtocolError) -> OperatorReply? {
        switch envelope.body {
        case .haltProgress(let wire): return .progress(try wire.read())
        case .haltRefusal(let wire):
            return .refused(
                HaltRefusal(
                    request: wire.request.haltRequest, code: try GuardValues.code(wire.code, "a refusal"),
                    monitor: try GuardValues.monitor(wire.monitor), current: wire.current.epoch,
                    message: try Values.text(wire.message, "a refusal")))
        case .haltStatus(let wire): return .status(try wire.read())
        case .haltDone(let wire): return .done(wire.request.haltRequest)
        default: return nil
        }
    }
}

extension WireId128 {
    init(_ request: HaltRequestID) { self.init(high: request.high, low: request.low) }
    var haltRequest: HaltRequestID { HaltRequestID(high: high, low: low) }
    init(_ run: MemberRun) { self.init(high: run.high, low: run.low) }
    var memberRun: MemberRun { MemberRun(high: high, low: low) }
}

extension WireHaltScope {
    init(_ scope: HaltScope) {
        self.init()
        switch scope {
        case .fleet: breadth = .fleet
        case .exchange(let name): (breadth, self.name) = (.exchange, name)
        case .account(let name): (breadth, self.name) = (.account, name)
        case .strategy(let name): (breadth, self.name) = (.strategy, name)
        case .job(let name): (breadth, self.name) = (.job, name)
        }
    }

    func read() throws(ProtocolError) -> HaltScope {
        let name = try Values.text(name, "the name in a scope", limit: HaltLimits.scopeBytes)
        if breadth == .fleet { return .fleet }
        guard !name.isEmpty else { throw .missing("the name in a scope") }
        switch breadth {
        case .exchange: return .exchange(name)
        case .account: return .account(name)
        case .strategy: return .strategy(name)
        case .job: return .job(name)
        case .fleet, .unspecified, .UNRECOGNIZED: throw .invalid(what: "a scope", value: "\(breadth.rawValue)")
        }
    }
}

extension WireStopRequest {
    init(_ stop: StopRequest) {
        self.init()
        request = WireId128(stop.request)
        scope = WireHaltScope(stop.scope)
        action = UInt32(stop.action.rawValue)
        reason = stop.reason.prefix(utf8: HaltLimits.reasonBytes)
        `operator` = stop.operator.prefix(utf8: HaltLimits.nameBytes)
    }

    /// A stop is not refused for a long text: it is cut.
    func read() throws(ProtocolError) -> StopRequest {
        StopRequest(
            request: request.haltRequest, scope: try scope.read(), action: try GuardValues.code(action, "an action"),
            reason: reason.prefix(utf8: HaltLimits.reasonBytes), operator: `operator`.prefix(utf8: HaltLimits.nameBytes))
    }
}

extension WireRearmRequest {
    init(_ rearm: RearmRequest) {
        self.init()
        request = WireId128(rearm.request)
        monitor = rearm.monitor.name
        epoch = WireEpoch(rearm.epoch)
        switch rearm.selection {
        case .all: all = true
        case .entries(let ids): entries = ids
        }
        reason = rearm.reason.prefix(utf8: HaltLimits.reasonBytes)
        `operator` = rearm.operator.prefix(utf8: HaltLimits.nameBytes)
    }

    func read() throws(ProtocolError) -> RearmRequest {
        try Values.count(entries.count, "the number of entries", limit: ProtocolLimits.entries)
        guard !all || entries.isEmpty else { throw .invalid(what: "a re-arm", value: "all, and entries by name") }
        return RearmRequest(
            request: request.haltRequest, monitor: try GuardValues.monitor(monitor), epoch: epoch.epoch,
            selection: all ? .all : .entries(entries), reason: try GuardValues.reason(reason),
            operator: try GuardValues.name(`operator`, "an operator", allowEmpty: true))
    }
}

extension WireMemberDeath {
    init(_ death: MemberDeath) {
        self.init()
        request = WireId128(death.request)
        run = WireId128(death.run)
        witnessed = death.witnessed
        reason = death.reason.prefix(utf8: HaltLimits.reasonBytes)
        `operator` = death.operator.prefix(utf8: HaltLimits.nameBytes)
    }

    func read() throws(ProtocolError) -> MemberDeath {
        guard hasRun else { throw .missing("the run of who died") }
        return MemberDeath(
            request: request.haltRequest, run: run.memberRun, witnessed: witnessed, reason: try GuardValues.reason(reason),
            operator: try GuardValues.name(`operator`, "who tells a death"))
    }
}

extension WireHaltProgress {
    init(_ progress: HaltProgress) {
        self.init()
        request = WireId128(progress.request)
        kind = UInt32(progress.kind.rawValue)
        monitor = progress.monitor.name
        epoch = WireEpoch(progress.epoch)
        durable = progress.durable
        latchFailure = Values.cut(progress.latchFailure)
        complete = progress.complete
        formerLeasesMilliseconds = progress.formerLeasesMilliseconds
        members = progress.members.map(WireHaltProgress.Member.init)
    }

    func read() throws(ProtocolError) -> HaltProgress {
        let members = try Values.list(members, "members", limit: ProtocolLimits.members) { (wire) throws(ProtocolError) in
            try wire.read()
        }
        return HaltProgress(
            request: request.haltRequest, kind: try GuardValues.code(kind, "a request's kind"),
            monitor: try GuardValues.monitor(monitor), epoch: epoch.epoch, durable: durable,
            latchFailure: try Values.text(latchFailure, "a failure"), complete: complete,
            formerLeasesMilliseconds: formerLeasesMilliseconds, members: members)
    }
}

extension WireHaltProgress.Member {
    init(_ progress: MemberProgress) {
        self.init()
        member = progress.member.name
        session = progress.session.number
        memberClass = UInt32(progress.memberClass.rawValue)
        if let reached = progress.stage { stage = WireAckStage(reached) }
        lost = progress.lost
        leaseMilliseconds = progress.leaseMilliseconds
    }

    func read() throws(ProtocolError) -> MemberProgress {
        MemberProgress(
            member: try GuardValues.member(member), session: MemberSession(session),
            memberClass: try GuardValues.code(memberClass, "a member's class"), stage: hasStage ? try stage.read() : nil,
            lost: lost, leaseMilliseconds: leaseMilliseconds)
    }
}

extension WireHaltStatus {
    init(_ status: HaltStatus) {
        self.init()
        request = WireId128(status.request)
        state = Data(status.state.encoded())
        durable = status.durable
        latchFailure = Values.cut(status.latchFailure)
        members = status.members.map(WireHaltStatus.Member.init)
        leftOut = status.leftOut
        processID = status.processID
    }

    func read() throws(ProtocolError) -> HaltStatus {
        let bytes = try Values.bytes(state, "a halt state", limit: HaltLimits.stateBytes)
        let state: MonitorHaltState
        do { state = try MonitorHaltState(decoding: bytes) } catch { throw .malformed(error.description) }
        let members = try Values.list(members, "members", limit: ProtocolLimits.members) { (wire) throws(ProtocolError) in
            try wire.read()
        }
        return HaltStatus(
            request: request.haltRequest, state: state, durable: durable,
            latchFailure: try Values.text(latchFailure, "a failure"), members: members, leftOut: leftOut, processID: processID)
    }
}

extension WireHaltStatus.Member {
    init(_ status: MemberStatus) {
        self.init()
        member = status.member.name
        session = status.session.number
        role = UInt32(status.role.rawValue)
        memberClass = UInt32(status.memberClass.rawValue)
        processID = status.processID
        silentMilliseconds = status.silentMilliseconds
        lost = status.lost
        leaseMilliseconds = status.leaseMilliseconds
        seen = WireEpoch(status.seen)
        if let known = status.health { health = WireMemberHealth(known) }
        if let known = status.run { run = WireId128(known) }
    }

    func read() throws(ProtocolError) -> MemberStatus {
        MemberStatus(
            member: try GuardValues.member(member), session: MemberSession(session),
            role: try GuardValues.code(role, "a member's role"),
            memberClass: try GuardValues.code(memberClass, "a member's class"), processID: processID,
            silentMilliseconds: silentMilliseconds, lost: lost, leaseMilliseconds: leaseMilliseconds, seen: seen.epoch,
            health: hasHealth ? try health.read() : nil, run: hasRun ? run.memberRun : nil)
    }
}
