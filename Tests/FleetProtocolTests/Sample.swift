import Coordination
import FleetProtocol
import Halt

/// Any message with everything that travels with it: what the round-trip, golden and fuzz tests go over.
enum Sample: Hashable {
    case worker(JobsWire.FromWorker)
    case coordinator(JobsWire.FromCoordinator)
    case inbound(ControlWire.Inbound)
    case outbound(ControlWire.Outbound)
    case event(JobEvent)
    case health(HealthRecord)
    case guardInbound(GuardWire.Inbound)
    case monitor(MonitorMessage)
    case operatorReply(OperatorReply)
    case beacon(HaltBeacon)
    case job(JobSpecification)

    var bytes: [UInt8] {
        switch self {
        case .worker(let sent): JobsWire.bytes(sent.message, result: sent.result)
        case .coordinator(let sent): JobsWire.bytes(sent.message, payloads: sent.payloads, budgets: sent.budgets)
        case .inbound(let sent):
            switch sent.content {
            case .request(let request, let payloads): ControlWire.bytes(request, payloads: payloads, request: sent.request)
            case .query(let query): ControlWire.bytes(query, request: sent.request)
            }
        case .outbound(let sent):
            switch sent.content {
            case .reply(let reply): ControlWire.bytes(reply, to: sent.request)
            case .answer(let answer): ControlWire.bytes(answer, to: sent.request)
            case .error(let text): ControlWire.errorBytes(text)
            }
        case .event(let event): ControlWire.bytes(event)
        case .health(let record): TelemetryWire.bytes(record)
        case .guardInbound(.member(let message)): GuardWire.bytes(message)
        case .guardInbound(.operator(let message)): GuardWire.bytes(message)
        case .monitor(let message): GuardWire.bytes(message)
        case .operatorReply(let reply): GuardWire.bytes(reply)
        case .beacon(let beacon): GuardWire.bytes(beacon)
        case .job(let job): job.encoded()
        }
    }

    /// Reads bytes with the decoder of this sample's direction.
    func decode(_ bytes: [UInt8]) throws(ProtocolError) -> Sample {
        switch self {
        case .worker: .worker(try JobsWire.workerMessage(bytes))
        case .coordinator: .coordinator(try JobsWire.coordinatorMessage(bytes))
        case .inbound: .inbound(try ControlWire.inbound(bytes))
        case .outbound: .outbound(try ControlWire.outbound(bytes))
        case .event: .event(try ControlWire.event(bytes))
        case .health: .health(try TelemetryWire.health(bytes))
        case .guardInbound: .guardInbound(try GuardWire.inbound(bytes, TestSignature()))
        case .monitor: .monitor(try GuardWire.monitorMessage(bytes, TestSignature()))
        case .operatorReply: .operatorReply(try GuardWire.operatorReply(bytes))
        case .beacon: .beacon(try GuardWire.beacon(bytes, TestSignature()))
        case .job: .job(try JobSpecification(decoding: bytes))
        }
    }
}

/// A signature that is none, but depends on the signer and on every byte.
struct TestSignature: HaltSignatureCheck {
    static func sign(_ bytes: [UInt8], as monitor: String) -> [UInt8] {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in Array(monitor.utf8) + [0] + bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return withUnsafeBytes(of: hash.littleEndian) { Array($0) }
    }

    func isValid(_ bytes: [UInt8], signature: [UInt8], of monitor: String) -> Bool {
        signature == Self.sign(bytes, as: monitor)
    }

    static func signed(_ state: MonitorHaltState) -> SignedHaltState {
        SignedHaltState(state) { sign($0, as: state.monitor.name) }
    }

    static func signed(_ grant: Halt.Grant) -> SignedGrant { SignedGrant(grant) { sign($0, as: grant.monitor.name) } }
}

/// A small deterministic generator; tests that fail print their seed.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
