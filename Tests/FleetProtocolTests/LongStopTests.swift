import Coordination
import Halt
import SwiftProtobuf
import Testing

@testable import FleetProtocol

/// A stop that another program has written.
@Suite struct LongStopTests {
    private struct NoSignatures: HaltSignatureCheck {
        func isValid(_ bytes: [UInt8], signature: [UInt8], of monitor: String) -> Bool { false }
    }

    private func bytes(_ change: (inout WireStopRequest) -> Void) throws -> [UInt8] {
        let id = HaltRequestID(high: 3, low: 4)
        var stop = WireStopRequest(
            StopRequest(request: id, scope: .fleet, action: .halt, reason: "r", operator: "o"))
        change(&stop)
        return Opening.bytes(.stop(stop))
    }

    @Test func `is not refused for a long reason or name: they are cut`() throws {
        let long = try bytes {
            $0.reason = String(repeating: "é", count: 5000)
            $0.operator = String(repeating: "x", count: 5000)
        }
        guard case .operator(.stop(let stop)) = try GuardWire.inbound(long, NoSignatures()) else {
            Issue.record("it is no stop")
            return
        }
        #expect(stop.reason.utf8.count <= HaltLimits.reasonBytes && stop.reason.hasPrefix("éé"))
        #expect(stop.operator.utf8.count == HaltLimits.nameBytes)
    }

    @Test func `can be answered by its number where it cannot be read`() throws {
        let unreadable = try bytes { $0.action = 77 }
        #expect(throws: ProtocolError.self) { try GuardWire.inbound(unreadable, NoSignatures()) }
        #expect(GuardWire.operatorRequest(in: unreadable) == HaltRequestID(high: 3, low: 4))
        #expect(GuardWire.operatorRequest(in: [1, 2, 3]) == nil)
        #expect(GuardWire.operatorRequest(in: JobsWire.bytes(.goodbye(SessionID(1)))) == nil)
    }
}
