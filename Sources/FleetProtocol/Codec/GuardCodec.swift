import Foundation
import Halt
import SwiftProtobuf

/// Messages between monitors and members.
enum GuardCodec {
    static func body(_ message: MemberMessage) -> WireEnvelope.OneOf_Body {
        switch message {
        case .hello(let hello): .memberHello(WireMemberHello(hello))
        case .grantRequest(let request):
            .grantRequest(
                .with {
                    $0.member = request.member.name
                    $0.session = request.session.number
                    $0.nonce = WireId128(high: request.nonce.high, low: request.nonce.low)
                    $0.seen = WireEpoch(request.seen)
                })
        case .ack(let ack):
            .haltAck(
                .with {
                    $0.member = ack.member.name
                    $0.session = ack.session.number
                    $0.epoch = WireEpoch(ack.epoch)
                    $0.stage = WireAckStage(ack.stage)
                })
        case .health(let health): .memberHealth(WireMemberHealth(health))
        }
    }

    static func body(_ message: MonitorMessage) -> WireEnvelope.OneOf_Body {
        switch message {
        case .state(let signed): .haltState(WireSigned(signed.bytes, signed.signature))
        case .grant(let signed): .haltGrant(WireSigned(signed.bytes, signed.signature))
        case .showState(let monitor): .showState(.with { $0.monitor = monitor.name })
        case .sessionReplaced(let newest): .sessionReplaced(.with { $0.newest = newest.number })
        }
    }

    /// nil: the message is none of a member.
    static func member(_ envelope: WireEnvelope, _ check: some HaltSignatureCheck) throws(ProtocolError) -> MemberMessage? {
        switch envelope.body {
        case .memberHello(let wire): return .hello(try wire.read(check))
        case .grantRequest(let wire):
            guard wire.hasNonce else { throw .missing("a nonce") }
            return .grantRequest(
                GrantRequest(
                    member: try GuardValues.member(wire.member), session: MemberSession(wire.session),
                    nonce: HaltNonce(high: wire.nonce.high, low: wire.nonce.low), seen: wire.seen.epoch))
        case .haltAck(let wire):
            return .ack(
                HaltAck(
                    member: try GuardValues.member(wire.member), session: MemberSession(wire.session),
                    epoch: wire.epoch.epoch, stage: try wire.stage.read()))
        case .memberHealth(let wire): return .health(try wire.read())
        default: return nil
        }
    }

    static func monitorMessage(
        _ envelope: WireEnvelope, _ check: some HaltSignatureCheck
    ) throws(ProtocolError) -> MonitorMessage {
        switch envelope.body {
        case .haltState(let wire): return .state(try wire.state(check))
        case .haltGrant(let wire): return .grant(try wire.grant(check))
        case .showState(let wire): return .showState(try GuardValues.monitor(wire.monitor))
        case .sessionReplaced(let wire): return .sessionReplaced(newest: MemberSession(wire.newest))
        default: throw envelope.unexpected("from a monitor")
        }
    }
}

/// Names and numbers of the halt, with its own limits.
enum GuardValues {
    static func member(_ text: String) throws(ProtocolError) -> MemberName { MemberName(try name(text, "a member's name")) }

    static func monitor(_ text: String) throws(ProtocolError) -> MonitorID { MonitorID(try name(text, "a monitor's name")) }

    static func name(_ text: String, _ what: String, allowEmpty: Bool = false) throws(ProtocolError) -> String {
        guard allowEmpty || !text.isEmpty else { throw .missing(what) }
        return try Values.text(text, what, limit: HaltLimits.nameBytes)
    }

    static func reason(_ text: String) throws(ProtocolError) -> String {
        try Values.text(text, "a reason", limit: HaltLimits.reasonBytes)
    }

    /// A value of an enumeration that the module Halt numbers itself.
    static func code<Code: RawRepresentable>(
        _ number: UInt32, _ what: String
    ) throws(ProtocolError) -> Code where Code.RawValue == UInt8 {
        guard let raw = UInt8(exactly: number), let code = Code(rawValue: raw) else {
            throw .invalid(what: what, value: "\(number)")
        }
        return code
    }
}

extension WireEpoch {
    init(_ epoch: HaltEpoch) {
        self.init()
        incarnation = epoch.incarnation
        counter = epoch.counter
    }
    var epoch: HaltEpoch { HaltEpoch(incarnation: incarnation, counter: counter) }
}

extension WireSigned {
    init(_ bytes: [UInt8], _ signature: [UInt8]) {
        self.init()
        self.bytes = Data(bytes)
        self.signature = Data(signature)
    }

    func state(_ check: some HaltSignatureCheck) throws(ProtocolError) -> SignedHaltState {
        let (bytes, signature) = try parts(limit: HaltLimits.stateBytes)
        // What the bytes say is read first because it names the monitor; it is handed out only when that one signed it.
        let signed: SignedHaltState
        do { signed = try SignedHaltState(verified: bytes, signature: signature) } catch {
            throw .malformed(error.description)
        }
        try Self.verify(bytes, signature, signed.state.monitor, check)
        return signed
    }

    func grant(_ check: some HaltSignatureCheck) throws(ProtocolError) -> SignedGrant {
        let (bytes, signature) = try parts(limit: HaltLimits.grantBytes)
        let signed: SignedGrant
        do { signed = try SignedGrant(verified: bytes, signature: signature) } catch { throw .malformed(error.description) }
        try Self.verify(bytes, signature, signed.grant.monitor, check)
        // The state in the grant may be shown to others later, so its own signature must be good too.
        let state = signed.grant.state
        try Self.verify(state.bytes, state.signature, state.state.monitor, check)
        return signed
    }

    private func parts(limit: Int) throws(ProtocolError) -> (bytes: [UInt8], signature: [UInt8]) {
        (
            try Values.bytes(bytes, "a signed message", limit: limit),
            try Values.bytes(signature, "a signature", limit: HaltLimits.signatureBytes)
        )
    }

    private static func verify(
        _ bytes: [UInt8], _ signature: [UInt8], _ monitor: MonitorID, _ check: some HaltSignatureCheck
    ) throws(ProtocolError) {
        guard check.isValid(bytes, signature: signature, of: monitor.name) else { throw .wrongSignature(of: monitor.name) }
    }
}

extension WireMemberHello {
    init(_ hello: MemberHello) {
        self.init()
        member = hello.member.name
        session = hello.session.number
        role = UInt32(hello.role.rawValue)
        memberClass = UInt32(hello.memberClass.rawValue)
        processID = hello.processID
        if let state = hello.held { held = WireSigned(state.bytes, state.signature) }
        if let known = hello.run { run = WireId128(known) }
    }

    func read(_ check: some HaltSignatureCheck) throws(ProtocolError) -> MemberHello {
        MemberHello(
            member: try GuardValues.member(member), session: MemberSession(session),
            role: try GuardValues.code(role, "a member's role"),
            memberClass: try GuardValues.code(memberClass, "a member's class"), processID: processID,
            held: hasHeld ? try held.state(check) : nil, run: hasRun ? run.memberRun : nil)
    }
}

extension WireMemberHealth {
    init(_ health: MemberHealth) {
        self.init()
        member = health.member.name
        session = health.session.number
        mode = UInt32(health.restriction.mode.rawValue)
        causes = UInt32(health.restriction.causes.rawValue)
        seen = WireEpoch(health.seen)
        jobsRunning = health.jobsRunning
        residentBytes = health.residentBytes
        processorMilliseconds = health.processorMilliseconds
    }

    func read() throws(ProtocolError) -> MemberHealth {
        // Causes of a newer program are kept: they are shown as numbers.
        let causes = MemberRestriction.Causes(
            rawValue: UInt16(try Values.inRange(causes, 0...0xffff, "the causes of a restriction")))
        return MemberHealth(
            member: try GuardValues.member(member), session: MemberSession(session),
            restriction: MemberRestriction(mode: try GuardValues.code(mode, "a member's mode"), causes: causes),
            seen: seen.epoch, jobsRunning: jobsRunning, residentBytes: residentBytes,
            processorMilliseconds: processorMilliseconds)
    }
}

extension WireAckStage {
    init(_ stage: AckStage) {
        self.init()
        switch stage {
        case .received: self.stage = .received
        case .blocked: self.stage = .blocked
        case .notDurable(let text):
            self.stage = .notDurable
            failure = Values.cut(text)
        case .durable: self.stage = .durable
        case .ordersCanceled(let remaining):
            self.stage = .ordersCanceled
            orders = remaining.map(WireAckStage.Order.init)
        case .flat(let remaining):
            self.stage = .flat
            residuals = remaining.map(WireAckStage.Residual.init)
        }
    }

    func read() throws(ProtocolError) -> AckStage {
        switch stage {
        case .received: return .received
        case .blocked: return .blocked
        case .notDurable: return .notDurable(try Values.text(failure, "a failure"))
        case .durable: return .durable
        case .ordersCanceled:
            return .ordersCanceled(
                remaining: try Values.list(orders, "orders", limit: ProtocolLimits.remainders) { (wire) throws(ProtocolError) in
                    try wire.read()
                })
        case .flat:
            return .flat(
                remaining: try Values.list(residuals, "positions", limit: ProtocolLimits.remainders) {
                    (wire) throws(ProtocolError) in try wire.read()
                })
        case .unspecified, .UNRECOGNIZED: throw .invalid(what: "the stage of an acknowledgement", value: "\(stage.rawValue)")
        }
    }
}

extension WireAckStage.Order {
    init(_ order: HaltOrder) {
        self.init()
        account = Values.cutName(order.account)
        pair = Values.cutName(order.pair)
        self.order = Values.cutName(order.order)
        reason = Values.cut(order.reason)
    }
    func read() throws(ProtocolError) -> HaltOrder {
        HaltOrder(
            account: try Values.name(account, "an account", allowEmpty: true),
            pair: try Values.name(pair, "a pair", allowEmpty: true),
            order: try Values.name(order, "an order", allowEmpty: true), reason: try Values.text(reason, "a reason"))
    }
}

extension WireAckStage.Residual {
    init(_ residual: HaltResidual) {
        self.init()
        account = Values.cutName(residual.account)
        asset = Values.cutName(residual.asset)
        amount = Values.cutName(residual.amount)
        reason = Values.cut(residual.reason)
    }
    func read() throws(ProtocolError) -> HaltResidual {
        HaltResidual(
            account: try Values.name(account, "an account", allowEmpty: true),
            asset: try Values.name(asset, "an asset", allowEmpty: true),
            amount: try Values.name(amount, "an amount", allowEmpty: true), reason: try Values.text(reason, "a reason"))
    }
}
