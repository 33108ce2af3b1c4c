package import Halt
import SwiftProtobuf

/// Checks that bytes were signed by the monitor whose name they bear.
package protocol HaltSignatureCheck {
    /// Whether `monitor` signed exactly these bytes.
    func isValid(_ bytes: [UInt8], signature: [UInt8], of monitor: String) -> Bool
}

/// Messages of the emergency stop, on the `guard` and `beacon` sockets.
///
/// Halt states and grants travel as the bytes that were signed. Readers check the signature before they hand out what the bytes
/// say, so that no value of these types exists that its monitor did not sign.
package enum GuardWire {
    /// The first frame of every beacon.
    package static let beaconTopic: [UInt8] = Array("halt".utf8)

    /// What arrives at a monitor.
    package enum Inbound: Hashable, Sendable {
        case member(MemberMessage)
        case `operator`(OperatorMessage)
    }

    package static func bytes(_ message: MemberMessage) -> [UInt8] { Opening.bytes(GuardCodec.body(message)) }
    package static func bytes(_ message: MonitorMessage) -> [UInt8] { Opening.bytes(GuardCodec.body(message)) }
    package static func bytes(_ message: OperatorMessage) -> [UInt8] { Opening.bytes(OperatorCodec.body(message)) }
    package static func bytes(_ reply: OperatorReply) -> [UInt8] { Opening.bytes(OperatorCodec.body(reply)) }

    /// The bytes of a beacon; `beaconTopic` goes before them in a frame of its own.
    package static func bytes(_ beacon: HaltBeacon) -> [UInt8] {
        Opening.bytes(
            .beacon(
                .with {
                    $0.sequence = beacon.sequence
                    $0.state = WireSigned(beacon.state.bytes, beacon.state.signature)
                }))
    }

    /// Reads what a member or an operator sent to a monitor. A state that a member shows must be signed by the monitor which it
    /// names: otherwise any member could raise a monitor's counters.
    package static func inbound(_ bytes: [UInt8]?, _ check: some HaltSignatureCheck) throws(ProtocolError) -> Inbound {
        let envelope = try open(bytes)
        if let message = try GuardCodec.member(envelope, check) { return .member(message) }
        if let message = try OperatorCodec.operatorMessage(envelope) { return .operator(message) }
        throw envelope.unexpected("at a monitor")
    }

    /// The request that an operator's message names although `inbound` refuses it, so that it can be answered; nil: it is none of an operator's
    /// that this version knows.
    package static func operatorRequest(in bytes: [UInt8]?) -> HaltRequestID? {
        do throws(ProtocolError) { return OperatorCodec.request(try open(bytes)) } catch { return nil }
    }

    /// Reads what a monitor sent to a member.
    package static func monitorMessage(
        _ bytes: [UInt8]?, _ check: some HaltSignatureCheck
    ) throws(ProtocolError) -> MonitorMessage {
        try GuardCodec.monitorMessage(try open(bytes), check)
    }

    /// Reads a beacon.
    package static func beacon(_ bytes: [UInt8]?, _ check: some HaltSignatureCheck) throws(ProtocolError) -> HaltBeacon {
        let envelope = try open(bytes)
        guard case .beacon(let wire) = envelope.body else { throw envelope.unexpected("among the beacons") }
        return HaltBeacon(sequence: wire.sequence, state: try wire.state.state(check))
    }

    /// Reads what a monitor answered an operator.
    package static func operatorReply(_ bytes: [UInt8]?) throws(ProtocolError) -> OperatorReply {
        let envelope = try open(bytes)
        guard let reply = try OperatorCodec.reply(envelope) else { throw envelope.unexpected("from a monitor") }
        return reply
    }

    private static func open(_ bytes: [UInt8]?) throws(ProtocolError) -> WireEnvelope {
        try Opening.open(bytes, limit: ProtocolLimits.guardFrameBytes)
    }
}
